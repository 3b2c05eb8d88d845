"""The register of screens: a code lives ten minutes, twenty may wait, a name is one screen's, no secret is kept."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from city import database as city_database
from city import paired
from tests.builders import NOW, table

HERE, THERE = "15.71", "94.71"


def asks(engine, code="K7M3PX", token="t", region=HERE, at=NOW):
    with engine.begin() as connection:
        return paired.ask(connection, region, paired.digest(token), code, at)


def do(engine, what, *rest, region=HERE):
    with engine.begin() as connection:
        what(connection, region, *rest)


def states(engine, region=HERE):
    with engine.connect() as connection:
        return {one.name or one.code: one.state for one in paired.load(connection, region)}


def test_a_screen_asks_is_approved_revoked_and_forgotten(engine):
    assert asks(engine)
    assert states(engine) == {"K7M3PX": "waiting"}
    do(engine, paired.approve, "k7m-3px", "wall-1", NOW)
    assert states(engine) == {"wall-1": "approved"}
    do(engine, paired.revoke, "wall-1", NOW)
    assert states(engine) == {"wall-1": "revoked"}
    assert not asks(engine), "its secret is worth nothing any more"
    do(engine, paired.forget, "wall-1")
    assert asks(engine)


def test_the_secret_itself_is_nowhere_in_the_database(engine):
    token = paired.new_token()
    asks(engine, token=token)
    (row,) = table(engine, "select row_to_json(s)::text from screens s")
    assert token not in row[0]
    assert len(token) >= 43


def test_a_code_lives_ten_minutes(engine):
    asks(engine)
    late = NOW + paired.CODE_LIFE
    with pytest.raises(paired.Refused, match="no screen waits"):
        do(engine, paired.approve, "K7M3PX", "wall-1", late)
    assert asks(engine, "ACEFHJ", "other", at=late)
    assert states(engine) == {"ACEFHJ": "waiting"}, "what is too late is cleared away"


def test_twenty_may_wait_and_those_of_another_region_do_not_count(engine):
    for number in range(paired.MOST_WAITING):
        assert asks(engine, paired.new_code(), f"{number}", at=NOW)
    assert not asks(engine, "ACEFHJ", "one more")
    assert asks(engine, "ACEFHJ", "one more", region=THERE)
    assert len(states(engine)) == paired.MOST_WAITING


def test_a_screen_of_another_region_can_neither_be_approved_nor_revoked_here(engine):
    asks(engine)
    with pytest.raises(paired.Refused, match="no screen waits"):
        do(engine, paired.approve, "K7M3PX", "wall-1", NOW, region=THERE)
    do(engine, paired.approve, "K7M3PX", "wall-1", NOW)
    with pytest.raises(paired.Refused, match="no approved screen is called wall-1; approved: none"):
        do(engine, paired.revoke, "wall-1", NOW, region=THERE)


def test_mistakes_say_what_would_work(engine):
    asks(engine)
    with pytest.raises(paired.Refused, match="these wait: K7M-3PX"):
        do(engine, paired.approve, "AAAAAA", "wall-1", NOW)
    with pytest.raises(paired.Refused, match="not a name"):
        do(engine, paired.approve, "K7M3PX", "Wall 1", NOW)
    do(engine, paired.approve, "K7M3PX", "wall-1", NOW)
    asks(engine, "ACEFHJ", "other")
    with pytest.raises(paired.Refused, match="there is a screen wall-1 already"):
        do(engine, paired.approve, "ACEFHJ", "wall-1", NOW)
    with pytest.raises(paired.Refused, match="no approved screen is called wall-2; approved: wall-1"):
        do(engine, paired.revoke, "wall-2", NOW)
    with pytest.raises(paired.Refused, match="no revoked screen is called wall-1"):
        do(engine, paired.forget, "wall-1")


def test_when_a_screen_was_seen_is_kept_of_approved_ones_only(engine):
    asks(engine)
    ids = [one for (one,) in table(engine, "select id from screens")]
    do(engine, paired.seen, ids, NOW)
    assert table(engine, "select last_seen_at from screens") == [(None,)]
    do(engine, paired.approve, "K7M3PX", "wall-1", NOW)
    do(engine, paired.seen, ids, NOW + timedelta(minutes=1), region=THERE)
    assert table(engine, "select last_seen_at from screens") == [(None,)]
    do(engine, paired.seen, ids, NOW + timedelta(minutes=1))
    assert table(engine, "select last_seen_at from screens") == [(NOW + timedelta(minutes=1),)]


def test_the_webs_role_reads_the_register_and_cannot_write_it(database, engine):
    asks(engine)
    web = city_database.engine(database.web_url, poolclass=sa.NullPool)
    assert states(web) == {"K7M3PX": "waiting"}
    for what in (
        "update screens set state = 'approved'", "delete from screens",
        "insert into screens (region, token_hash, state, asked_at) values ('15.71', 'x', 'approved', now())",
    ):  # fmt: skip
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"), web.begin() as connection:
            connection.exec_driver_sql("set transaction read write")
            connection.exec_driver_sql(what)


def test_codes_are_of_six_characters_that_nobody_mistakes():
    codes = {paired.new_code() for _ in range(500)}
    assert len(codes) > 490
    letters = set("".join(codes))
    assert not letters & set("0OQD1ILZSB8GUV")
    assert len(letters) ** paired.CODE_LENGTH > 100_000_000
    assert all(paired.is_code(code) and paired.typed(paired.written(code).lower()) == code for code in codes)
    assert not any(map(paired.is_code, ("K7M3P", "K7M3PXX", "K7M-3P", "O7M3PX", None, 7, "k7m3px")))
