"""The past is thinned and forgotten by the settings, and what is kept of it stays exact."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from pydantic import ValidationError

from city.history import History
from dashboard import states
from dashboard.history import Past, minute
from tests import builders

REGION, PAGE = "15.71", "uji"
NOW = datetime(2026, 11, 24, 7, 5, 30, tzinfo=UTC)
DAY = timedelta(days=1)
Published = list[tuple[datetime, str, str]]  # when, as_of, body


def fill(engine: sa.Engine, published: Published, panel: str = "open", region: str = REGION) -> None:
    """States as the publisher stores them, in order."""
    rows = [
        {"region": region, "panel": panel, "at": at, "stamp": orjson.dumps({"as_of": as_of, "n": 1}).decode(),
         "hash": states.digest(body.encode()), "body": orjson.dumps(body).decode()}
        for at, as_of, body in published
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(
            sa.text("insert into panel_bodies values (:hash, cast(:body as json)) on conflict do nothing"), rows
        )
        sql = """insert into panel_states (region, page, panel, published_at, stamp, hash)
            values (:region, 'uji', :panel, :at, cast(:stamp as json), :hash)"""
        connection.execute(sa.text(sql), rows)


def kept(engine: sa.Engine, panel: str = "open") -> Published:
    """The states that are left."""
    sql = f"""select published_at, stamp ->> 'as_of', b.body #>> '{{}}' from panel_states s
        join panel_bodies b on b.hash = s.hash where region = '{REGION}' and panel = '{panel}'
        order by published_at, seq"""
    return builders.table(engine, sql)  # type: ignore[return-value]


def thin(engine: sa.Engine, now: datetime = NOW, **settings: Any) -> Past:
    """One hour's pruning, to its end."""
    past = Past(REGION, History.model_validate(settings), lambda: now)
    again(engine, past)
    return past


def again(engine: sa.Engine, past: Past) -> None:
    with engine.connect() as connection:
        while past.step(connection):
            pass


def every_5_s(start: datetime, count: int, body: Any = lambda number: "same") -> Published:
    """A source read every five seconds."""
    moments = [start + timedelta(seconds=5 * number) for number in range(count)]
    return [(at, at.isoformat(), str(body(number))) for number, at in enumerate(moments)]


def shown(published: Published, at: datetime) -> tuple[datetime, str, str] | None:
    """What was on the screens at a moment."""
    return next((one for one in reversed(published) if one[0] <= at), None)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Transactions of a few states, so that a day has many edges."""
    monkeypatch.setattr("dashboard.history.AT_ONCE", 37)
    return


@pytest.mark.usefixtures("small_steps")
def test_of_a_day_of_states_the_last_before_each_full_minute_is_kept_and_replayed_exactly(engine):
    start = minute(NOW - 4 * DAY) + timedelta(seconds=3)
    published = every_5_s(start, 4_000, lambda number: number // 7)
    fill(engine, published)
    thin(engine)
    left = kept(engine)
    assert len(left) == len({minute(at - timedelta(microseconds=1)) for at, *_ in published})
    for number in range(1, 334):
        full = minute(start) + timedelta(minutes=number)
        stored = states.at(engine, REGION, PAGE, full)["open"]
        expected = shown(published, full)
        assert expected and (stored["published_at"], stored["body"]) == (expected[0].isoformat(), expected[2])
    assert builders.table(engine, "select count(*) from panel_bodies") == [(len({one[2] for one in left}),)]


def test_a_state_published_on_the_full_minute_is_the_one_that_a_replay_of_it_shows(engine):
    full = minute(NOW - 4 * DAY)
    fill(engine, [(full + timedelta(seconds=second), "t", str(second)) for second in (-20, 0, 30, 60)])
    thin(engine)
    assert [body for *_, body in kept(engine)] == ["0", "60"]


def test_what_only_moved_an_age_is_thinned_a_day_before_what_changed(engine):
    start = minute(NOW - 1.5 * DAY)
    fill(engine, every_5_s(start + timedelta(seconds=1), 24, lambda number: {4: "b", 5: "c"}.get(number % 12, "a")))
    thin(engine)
    left = [((at - start).seconds, body) for at, _, body in kept(engine)]
    # The first one, each change, and the last of each minute.
    assert left == [(1, "a"), (21, "b"), (26, "c"), (31, "a"), (56, "a"), (81, "b"), (86, "c"), (91, "a"), (116, "a")]


def test_a_failure_is_a_change_though_the_body_is_the_same(engine):
    start = minute(NOW - 1.5 * DAY) + timedelta(seconds=1)
    fill(engine, every_5_s(start, 6))
    sql = """update panel_states set stamp = '{"as_of": "x", "failure": "down"}' where published_at = :at"""
    with engine.begin() as connection:
        connection.execute(sa.text(sql), {"at": start + timedelta(seconds=10)})
    thin(engine)
    assert [(at - start).seconds for at, *_ in kept(engine)] == [0, 10, 15, 25]


def test_within_the_first_day_nothing_is_thinned(engine):
    published = every_5_s(NOW - DAY + timedelta(minutes=2), 200)
    fill(engine, published)
    thin(engine)
    assert kept(engine) == published


def test_a_replay_of_the_thinned_past_may_look_older_but_never_younger(engine):
    start = minute(NOW - 3 * DAY) + timedelta(seconds=1)
    published = every_5_s(start, 60)
    fill(engine, published)
    thin(engine)
    for second in range(60, 300, 7):
        at = start + timedelta(seconds=second)
        stored, was = states.at(engine, REGION, PAGE, at)["open"], shown(published, at)
        assert was and timedelta() <= was[0] - datetime.fromisoformat(stored["published_at"]) < timedelta(minutes=1)


@pytest.mark.usefixtures("small_steps")
def test_hour_after_hour_no_minute_is_left_with_two_states_and_no_old_state_is_left_at_all(engine):
    published = every_5_s(NOW - 3 * DAY, 400, lambda number: number)
    fill(engine, published)
    clock = [NOW - 2.5 * DAY]
    past = Past(REGION, History.model_validate({"keep": "3d"}), lambda: clock[0])
    for hour in range(50):
        clock[0] = NOW - 2.5 * DAY + timedelta(hours=hour)
        again(engine, past)
        minutes = [minute(at - timedelta(microseconds=1)) for at, *_ in kept(engine)]
        if clock[0] > NOW:
            assert len(minutes) == len(set(minutes))
    clock[0] = NOW + 4 * DAY
    again(engine, past)
    again(engine, past)
    assert kept(engine) == published[-1:], "only what is still shown"
    assert builders.table(engine, "select count(*) from panel_bodies") == [(1,)]


def test_the_state_still_shown_stays_however_old_and_whatever_the_clock_did(engine):
    fill(engine, [(NOW - 40 * DAY, "a", "new"), (NOW - 41 * DAY, "b", "shown"), (NOW - 40 * DAY, "c", "set back")])
    fill(engine, [(NOW - 40 * DAY, "d", "late"), (NOW - 42 * DAY, "e", "still shown")], panel="late")
    thin(engine)
    assert states.current(engine, REGION, PAGE)["open"]["body"] == "set back"
    assert states.current(engine, REGION, PAGE)["late"]["body"] == "still shown"


def test_a_body_that_another_region_shows_is_not_dropped(engine):
    fill(engine, every_5_s(NOW - 50 * DAY, 5, lambda number: "both"))
    fill(engine, [(NOW - 50 * DAY, "t", "both")], region="94.71")
    fill(engine, [(NOW - 40 * DAY, "t", "alone")])
    thin(engine)
    assert [body for *_, body in kept(engine)] == ["alone"]
    assert states.current(engine, "94.71", PAGE)["open"]["body"] == "both"


def test_a_long_backlog_is_worked_off_in_short_steps(engine, monkeypatch):
    monkeypatch.setattr("dashboard.history.AT_ONCE", 20)
    monkeypatch.setattr("dashboard.history.STEP_S", 0.001)
    published = every_5_s(minute(NOW - 5 * DAY) + timedelta(seconds=1), 240)
    fill(engine, published)
    past = Past(REGION, History(), lambda: NOW)
    left = []
    with engine.connect() as connection:
        while past.step(connection):
            left.append(len(kept(engine)))
    assert len(left) > 5
    assert left == sorted(left, reverse=True)
    assert len(kept(engine)) == 20


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"thin_after": "12h"}, "thin_after is shorter than thin_stamps_after"),
        ({"keep": "1d"}, "keep is shorter than thin_after"),
        ({"thin_stamps_after": "10s"}, "shorter than a minute"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(settings, told):
    with pytest.raises(ValidationError, match=told):
        History.model_validate(settings)
