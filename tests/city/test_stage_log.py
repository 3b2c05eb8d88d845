"""The log of the stages: a person declares, the rules propose, and nobody takes back what was written."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from city import database as city_database
from city import stage_log
from city.queries import Queries
from tests.builders import NOW, clock, config, table

REGION = "15.71"


def later(minutes):
    return NOW + timedelta(minutes=minutes)


def declare(engine, stage, minutes, reason="Hujan lebat", by="Kepala jaga"):
    with engine.begin() as connection:
        stage_log.declare(connection, REGION, stage, by=by, reason=reason, at=later(minutes))


def propose(engine, stage, minutes):
    with engine.begin() as connection:
        stage_log.propose(connection, REGION, stage, because=f"aturan {stage}", at=later(minutes))


def standing(engine):
    return Queries(engine, config(), clock()).standing(stage_log.standing)


def test_before_anything_was_said_there_is_no_stage(engine):
    assert standing(engine) == stage_log.Standing()


def test_what_is_declared_stands_until_another_is_since_it_was_first_declared(engine):
    for stage, minutes in ((2, 1), (3, 2), (3, 4)):
        declare(engine, stage, minutes, reason=f"sebab {minutes}")
    found = standing(engine)
    assert (found.stage, found.since, found.reason, found.proposed) == (3, later(2), "sebab 4", None)
    declare(engine, 2, 6)
    assert standing(engine).since == later(6), "the first time it was 2 is over"


def test_a_proposal_declares_nothing_and_a_declaration_proposes_nothing(engine):
    propose(engine, 3, 1)
    assert standing(engine) == stage_log.Standing(proposed=3, proposed_at=later(1), proposed_because="aturan 3")
    declare(engine, 2, 2)
    propose(engine, 1, 3)
    found = standing(engine)
    assert (found.stage, found.since, found.proposed) == (2, later(2), 1)
    rows = Queries(engine, config(), clock()).standing(lambda run, region: stage_log.log(run, region, 9))
    assert [(row["stage"], row["by"], row["proposed"]) for row in rows] == [
        (2, "aturan", 1), (2, "Kepala jaga", 3), (None, "aturan", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [{"by": " "}, {"by": "Aturan"}, {"reason": "\n"}])
def test_nobody_declares_without_a_name_or_a_reason(engine, wrong):
    with pytest.raises(ValueError, match="declared"):
        declare(engine, 2, 1, **wrong)
    assert table(engine, "select 1 from stage_log") == []


@pytest.mark.parametrize("how", ["update stage_log set reason = 'x'", "delete from stage_log", "truncate stage_log"])
def test_the_log_only_grows(engine, how):
    declare(engine, 2, 1)
    with pytest.raises(sa.exc.DBAPIError, match="stage_log only grows"), engine.begin() as connection:
        connection.exec_driver_sql(how)
    assert standing(engine).stage == 2


def test_the_web_cannot_declare(database):
    web = city_database.engine(database.web_url)
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        declare(web, 2, 1)
    web.dispose()
