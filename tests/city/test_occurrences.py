"""Cases one by one, stages of open cases, and levels: every figure worked out by hand."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from city import levels, occurrences
from city.config import Config
from city.model import CaseEvent, Observation, Status
from city.queries import Queries
from city.store import Store, Tally
from city.times import Window
from tests import builders
from tests.builders import NOW, case, clock

HOUR = timedelta(hours=1)
DAY = Window(NOW - timedelta(days=1), NOW)


@pytest.fixture
def config() -> Config:
    """A region with quakes, permits and a river."""
    sources = {name: {"collector": "csv_file", "kind": name} for name in ("quake", "permit", "warning")}
    sources |= {"river": {"collector": "csv_file"}}
    metrics = {
        "level": {"measure": "latest", "observation": "river_cm", "unit": "cm", "where": {"place": "Kota"}},
        "share": {"measure": "ratio", "numerator": "a", "denominator": "b"},
    }
    return builders.config(sources=sources, metrics=metrics)


@pytest.fixture
def queries(engine: sa.Engine, config: Config) -> Queries:
    """Questions at NOW."""
    return Queries(engine, config, clock())


@pytest.fixture
def save(engine: sa.Engine, config: Config):
    """One good run at NOW that brought items."""
    store = Store(engine, config, clock())

    def saved(source, *items):
        store.save(source, items, started_at=NOW, finish=lambda: Tally(fetched=len(items)))

    return saved


def quake(hours, magnitude=None, **changes):
    at = NOW - HOUR * hours
    found = [case(at.isoformat(), kind="quake", opened_at=at, closed_at=at, status=Status.DONE, **changes)]
    return found + ([Observation(metric="quake_magnitude", at=at, value=magnitude)] if magnitude else [])


def test_what_happened_comes_newest_first_with_what_was_observed_at_its_moment(queries, save):
    save("quake", *quake(3, 4.6, outcome="felt"), *quake(1), *quake(30, 6.1))
    found = occurrences.recent(queries, "quake", DAY, values=("quake_magnitude", "quake_depth_km"))
    assert [row["opened_at"] for row in found.rows] == [NOW - HOUR, NOW - 3 * HOUR]
    assert [row["values"]["quake_magnitude"] for row in found.rows] == [None, 4.6]
    assert [row["values"]["quake_depth_km"] for row in found.rows] == [None, None]
    assert (found.n, found.as_of, found.sources) == (2, NOW, ("Quake",))
    assert all("key" not in row for row in found.rows)


def test_with_ends_a_case_counts_that_began_before_and_ended_in_the_window(queries, save):
    save("permit", case("A", kind="permit", opened_at=NOW - 40 * HOUR, closed_at=NOW - HOUR, status=Status.DONE),
         case("B", kind="permit", opened_at=NOW - 40 * HOUR))  # fmt: skip
    assert occurrences.recent(queries, "permit", DAY).rows == []
    assert len(occurrences.recent(queries, "permit", DAY, ends=True).rows) == 1


def test_happenings_are_filtered_and_a_word_that_is_no_dimension_is_refused(queries, save):
    save("quake", *quake(1, outcome="felt"), *quake(2, outcome="not_felt"))
    assert len(occurrences.recent(queries, "quake", DAY, where={"outcome": "felt"}).rows) == 1
    with pytest.raises(ValueError, match="unknown dimension 'mood'"):
        occurrences.recent(queries, "quake", DAY, where={"mood": "x"})


def test_in_force_is_what_ends_after_now_announced_ones_too(queries, save):
    spans = {"over": (-3, -1), "now": (-1, 2), "ahead": (1, 3), "ends_now": (-1, 0)}
    save("warning", *(case(key, kind="warning", category=key, opened_at=NOW + HOUR * start, closed_at=NOW + HOUR * end)
                      for key, (start, end) in spans.items()))  # fmt: skip
    assert [row["category"] for row in occurrences.in_force(queries, "warning").rows] == ["now", "ahead"]


def test_open_cases_are_counted_where_they_lie(queries, save):
    here, closed = {"lat": -1.6, "lon": 103.6}, {"closed_at": NOW, "status": Status.DONE}
    spread = {"A": here, "B": here, "C": {}, "D": {"lat": -1.7, "lon": 103.6} | closed}
    save("permit", *(case(key, kind="permit", **said) for key, said in spread.items()))
    found = occurrences.places(queries, "permit")
    assert [(row["lat"], row["lon"], row["n"]) for row in found.rows] == [(-1.6, 103.6, 2), (None, None, 1)]
    assert occurrences.places(queries, "permit", DAY).n == 4, "opened in the window, open or not"


def permit(key, *steps, **changes):
    events = tuple(CaseEvent(NOW - HOUR * ago, stage) for stage, ago in steps)
    opened = NOW - HOUR * (steps[0][1] if steps else 10)
    return case(key, kind="permit", opened_at=opened, events=events, **changes)


def test_open_cases_wait_at_the_stage_of_their_last_event(queries, save):
    save("permit",
         permit("A", ("diterima", 50), ("verifikasi", 10)), permit("B", ("diterima", 90), ("verifikasi", 30)),
         permit("C", ("diterima", 4)), permit("D"),
         permit("E", ("diterima", 60), ("terbit", 5), closed_at=NOW - 5 * HOUR, status=Status.DONE))  # fmt: skip
    rows = {row["stage"]: row for row in occurrences.stages(queries, "permit").rows}
    assert {stage: row["n"] for stage, row in rows.items()} == {"verifikasi": 2, "diterima": 1, "received": 1}
    assert (rows["verifikasi"]["median_h"], rows["verifikasi"]["longest_h"]) == (20.0, 30.0)
    assert rows["received"]["median_h"] == 10.0, "without an event, since it was opened"


def test_a_level_is_as_old_as_its_newest_reading_whenever_its_service_answered(queries, save):
    places = [("Kota", 3, 1380.0), ("Kota", 2, 1386.0), ("Hulu", 1, 1500.0)]
    save("river", *(Observation(metric="river_cm", at=NOW - HOUR * ago, value=value, place=place)
                    for place, ago, value in places))  # fmt: skip
    found = levels.readings(queries, "level", DAY)
    assert [row["value"] for row in found.rows] == [1380.0, 1386.0], "the other gauge is another river"
    assert found.as_of == NOW - 2 * HOUR and found.unit == "cm"


def test_no_reading_is_no_age_and_a_ratio_is_no_level(queries, save):
    save("river")
    assert levels.readings(queries, "level", DAY).as_of is None
    with pytest.raises(ValueError, match="share is not a level"):
        levels.readings(queries, "share", DAY)
