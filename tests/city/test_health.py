"""The health of the sources, counted by hand: a month of days, the state of now, the last runs."""

from datetime import timedelta

import pytest

from city.health import DAYS, Health
from city.model import ChangedShape, Observation, ShapeChange, Unreachable
from city.queries import Queries
from city.store import Store, Tally
from city.times import instant
from tests.builders import case, config

ZONE = config().region.zone
HOUR = timedelta(hours=1)
SOURCES = {
    "desk": {"collector": "csv_file", "kind": "complaint", "every": "30m", "stale_after": "1h", "expires_after": "1d",
             "title": "SIKESAL", "owner": "Diskominfo"},
    "beds": {"collector": "json_api", "stale_after": "1h", "expires_after": "1d"},
}  # fmt: skip
METRICS = {"beds_free": {"measure": "latest"}}


def at(text):
    return instant(f"2026-11-{text}", ZONE)


class City:
    """Two sources and a clock."""

    def __init__(self, engine):
        self.now = at("20 00:00")
        self.config = config(sources=SOURCES, metrics=METRICS)
        self.store = Store(engine, self.config, lambda: self.now)
        self.queries = Queries(engine, self.config, lambda: self.now)

    def run(self, text, *items, source="desk", error=None, notes=None, **tally):
        self.now = at(text)
        if error:
            self.store.fail(source, started_at=self.now, error=error, notes=notes)
        else:
            finish = lambda: Tally(fetched=len(items), notes=notes or {}, **tally)  # noqa: E731
            self.store.save(source, items, started_at=self.now, finish=finish)

    def health(self, text, name="desk"):
        self.now = at(text)
        return next(one for one in self.queries.source_health() if one.state.name == name)


@pytest.fixture
def city(engine):
    return City(engine)


def test_a_source_that_was_never_read_has_no_days_and_no_figures(city):
    found = city.health("20 12:00")
    assert (found.health, found.punctual_ratio, found.fetched, found.beats) == (Health.NEVER, None, None, False)
    assert [share for _, share, _ in found.days] == [None] * DAYS


def test_each_day_is_the_share_of_it_in_which_the_data_were_fresh(city):
    city.run("19 12:00", case("A"))
    city.run("19 12:30")
    city.run("20 06:00")
    # Fresh 12.00 to 13.30 of the half day since it was connected; 06.00 to 07.00 of the day until 10.00.
    days = {day.day: share for day, share, _ in city.health("20 10:00").days}
    assert days[19] == pytest.approx(1.5 / 12)
    assert days[20] == pytest.approx(1 / 10)
    assert days[18] is None
    assert city.health("20 10:00").punctual_ratio == pytest.approx((1.5 / 12 + 1 / 10) / 2)


def test_a_day_without_a_single_run_counts_as_not_seen(city):
    city.run("18 12:00", case("A"))
    days = {day.day: (share, runs) for day, share, runs in city.health("20 12:00").days}
    assert days[19] == (0, 0)


@pytest.mark.parametrize(
    ("clock", "expected"), [("20 08:59", Health.GOOD), ("20 09:00", Health.LATE), ("21 08:00", Health.UNSEEN)]
)
def test_age_makes_it_late_and_then_unseen(city, clock, expected):
    city.run("20 08:00", case("A"))
    assert city.health(clock).health is expected


def test_what_went_wrong_is_told_apart(city):
    city.run("20 08:00", case("A"))
    city.run("20 08:10", error=Unreachable("no answer in time"))
    assert city.health("20 08:20").health is Health.FAILED
    city.run("20 08:30", notes={"warnings": ["RS Contoh: wrong key"]})
    assert city.health("20 08:31").health is Health.PARTIAL
    told = {"changes": [{"field": "status", "change": "gone", "now": "text", "was": ""}]}
    city.run("20 08:40", error=ChangedShape("the rows have changed"), notes=told)
    found = city.health("20 08:41")
    assert (found.health, found.notes["changes"]) == (Health.CHANGED, told["changes"])


def test_a_job_that_does_not_even_try_has_no_beat(city):
    city.run("20 08:00", case("A"))
    assert city.health("20 09:31").beats
    assert not city.health("20 09:32").beats


def test_the_worst_come_first_and_name_their_metrics_and_owner(city):
    city.run("20 08:00", case("A"))
    city.run("20 08:00", Observation(metric="beds_free", at=at("20 08:00"), value=3), source="beds")
    city.run("20 08:10", error=Unreachable("away"), source="beds")
    beds, desk = city.queries.source_health()
    assert (beds.state.name, desk.state.name) == ("beds", "desk")
    assert beds.metrics == ("beds_free",)
    assert "complaints_open" in desk.metrics
    assert "memos_open" not in desk.metrics
    assert (desk.owner, desk.every, desk.fetched, desk.rejected) == ("Diskominfo", 30 * timedelta(minutes=1), 1, 0)


def test_when_the_shape_last_changed_is_known(city):
    city.run("20 08:00", case("A"), shape={"rows": 1, "fields": {}})
    assert city.health("20 08:01").changed_at is None
    city.run("20 09:00", shape={"rows": 2, "fields": {}}, changes=[ShapeChange("x", "new")])
    assert city.health("20 09:01").changed_at == at("20 09:00")


def test_alike_runs_in_a_row_are_one_line(city):
    city.run("20 08:00", case("A"))
    for minute in range(10, 40, 10):
        city.run(f"20 08:{minute}")
    city.run("20 08:50", error=Unreachable("away"))
    first, idle, saved = city.queries.source_runs("desk")
    assert (first["ok"], first["error_code"], first["times"]) == (False, "K-101", 1)
    assert (idle["times"], idle["first_at"], idle["started_at"]) == (3, at("20 08:10"), at("20 08:30"))
    assert (saved["saved"], saved["times"]) == (1, 1)
    assert len(city.queries.source_runs("desk", limit=2)) == 2
