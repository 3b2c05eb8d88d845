"""What offices promise for the goals of the scorecard: entered, late, closed once, never rewritten."""

from datetime import date, timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from city import followups
from city.goals import Goal, Target
from city.queries import Queries
from tests.builders import NOW, config, own_region

GOALS = ["memos_overdue", "complaints_on_time_ratio"]
TODAY = date(2026, 11, 24)
WEEK = timedelta(days=7)


@pytest.fixture
def city(shared_engine):
    return Queries(shared_engine, config(region=own_region()), lambda: NOW)


@pytest.fixture
def promise(shared_engine, city):
    def add(**more):
        said = {
            "goal": GOALS[0],
            "what": "Tambah satu tim",
            "owner": "pupr",
            "due": TODAY + WEEK,
            "entered_by": "Setda",
        }
        with shared_engine.begin() as connection:
            return followups.add(connection, city.config.region.code, goals=GOALS, at=NOW, today=TODAY, **said | more)

    return add


def test_a_promise_stands_until_it_is_closed_with_a_note(shared_engine, city, promise):
    later, sooner = promise(), promise(due=TODAY)
    assert [one.id for one in city.standing(followups.read)] == [sooner, later]
    first = city.standing(followups.read)[0]
    assert (first.goal, first.what, first.owner, first.entered_by, first.entered_at) == (
        GOALS[0], "Tambah satu tim", "pupr", "Setda", NOW)  # fmt: skip
    region = city.config.region.code
    with shared_engine.begin() as connection:
        followups.close(connection, region, sooner, note="Tim bekerja", by="Setda", at=NOW + WEEK)
    assert [one.id for one in city.standing(followups.read)] == [later]
    every = city.standing(partial(followups.read, closed=True))
    assert [(one.id, one.note, one.closed_at) for one in every] == [
        (later, None, None),
        (sooner, "Tim bekerja", NOW + WEEK),
    ]
    with pytest.raises(followups.Unfit, match="no open follow-up"), shared_engine.begin() as connection:
        followups.close(connection, region, sooner, note="Lagi", by="Setda", at=NOW)


def test_it_is_late_after_its_day_and_never_once_closed(city, promise):
    promise(due=TODAY)
    (one,) = city.standing(followups.read)
    assert [one.late(TODAY), one.late(TODAY + timedelta(days=1))] == [False, True]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"goal": "memos_overdu"}, "goal: no goal of the scorecard. Did you mean 'memos_overdue'"),
        ({"what": "  "}, "what: say what"),
        ({"owner": ""}, "owner: say which office"),
        ({"entered_by": ""}, "entered_by: say which office"),
        ({"due": TODAY - timedelta(days=1)}, "due: is in the past"),
        ({"what": "Hubungi 0812-3456-7890"}, "what: holds a long number"),
        ({"owner": "1571 0109 8765 4321"}, "owner: holds a long number"),
        ({"what": "x" * 301}, "what: longer than 300"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_field(city, promise, more, problem):
    with pytest.raises(followups.Unfit) as told:
        promise(**more)
    assert str(told.value).startswith(problem)
    assert city.standing(followups.read) == []


@pytest.mark.parametrize("change", ["update followups set what = 'lain'", "delete from followups", "truncate followups",
                                    "update followups set closed_at = now(), what = 'lain'"])  # fmt: skip
def test_the_database_refuses_to_rewrite_a_promise(shared_engine, promise, change):
    promise()
    with pytest.raises(sa.exc.ProgrammingError, match="closed once"), shared_engine.begin() as connection:
        connection.execute(sa.text(change))


def test_a_goal_has_one_name_for_address_and_promise():
    target = (Target(since=TODAY, value=1),)
    plain = Goal(metric="memos_overdue", field="x", targets=target)
    where = Goal(
        metric="memos_overdue", field="x", targets=target, where={"district": "15.71.01", "agency": ["a", "b"]}
    )
    assert [plain.name, where.name] == ["memos_overdue", "memos_overdue?agency=a&agency=b&district=15.71.01"]
