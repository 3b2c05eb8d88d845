"""The scorecard of a small city, counted by hand, from a real database."""

import itertools
from datetime import date, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from city.config import Config, MetricConfig, Region, Source
from city.goals import Scorecard
from city.model import Case, Observation, Status, Unreachable
from city.queries import Queries
from city.scorecard import Why
from city.scorecard_reading import TREND, NoScorecard, read
from city.store import Store, Tally
from city.times import instant

ZONE = ZoneInfo("Asia/Jakarta")
NOW = instant("2026-11-24 14:05", ZONE)  # a Tuesday; the last complete week is 16 to 22 November
MONDAY = instant("2026-11-16 00:00", ZONE)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_regions = itertools.count(1)


def goal(metric, value, **more):
    return {"metric": metric, "field": "Pengaduan", "targets": [{"from": "2025-01-01", "value": value}]} | more


class City:
    """A region of its own with these goals, read by two sources."""

    def __init__(self, engine, *goals):
        self.now = NOW
        self.config = Config(
            region=Region(code=f"97.{next(_regions)}", name="Kota", timezone=ZONE.key),
            sources={
                "desk": Source(collector="csv_file", kind="complaint", stale_after=HOUR, expires_after=2 * HOUR),
                "beds": Source(collector="csv_file", stale_after=HOUR, expires_after=2 * HOUR),
            },
            metrics={
                "wait": MetricConfig(measure="mean", kind="duration", unit="minutes", direction="lower"),
                "patients": MetricConfig(measure="sum", direction="lower"),
            },
            scorecard=Scorecard.model_validate({"goals": list(goals)}) if goals else None,
        )
        self.store = Store(engine, self.config, lambda: self.now)
        self.queries = Queries(engine, self.config, lambda: self.now)

    def saves(self, *items, source="desk", at=None):
        self.store.save(source, items, started_at=at or self.now, finish=Tally)

    def closed(self, day, on_time, late, name="c"):
        """Complaints closed on a day, opened ten hours before; those late were due an hour before that."""
        at = MONDAY + day * DAY + 12 * HOUR
        self.saves(*(
            Case(key=f"{name}-{day}-{number}", kind="complaint", opened_at=at - 10 * HOUR, closed_at=at,
                 due_at=at + (HOUR if number < on_time else -HOUR), status=Status.DONE)
            for number in range(on_time + late)
        ))  # fmt: skip

    def card(self, kind="week", at=None):
        return read(self.queries, kind, at)


ON_TIME = goal("complaints_on_time_ratio", 0.8)


def test_actual_target_achievement_and_change_are_those_of_two_calendar_weeks(shared_engine):
    city = City(shared_engine, ON_TIME, goal("complaints_time_to_close", 8, weight=3))
    city.closed(-7, 4, 6)  # the week before: 40 %
    city.closed(0, 3, 2)
    city.closed(6, 3, 2)  # Sunday: 6 of 10 on time in the week
    city.closed(7, 0, 9)  # the Monday after: another week
    made = city.card()
    assert (made.period.first, made.period.last) == (date(2026, 11, 16), date(2026, 11, 22))
    ratio, median = made.lines
    assert (ratio.value.actual, ratio.value.n, ratio.target) == (0.6, 10, 0.8)
    assert ratio.achievement == 75
    assert ratio.change == pytest.approx(0.2)
    assert len(ratio.values) == TREND
    assert [value.actual for value in ratio.values[-2:]] == [0.4, 0.6]
    assert (median.value.actual, median.achievement) == (10, 80)
    assert made.score == (75 + 3 * 80) / Fraction(4)
    assert made.previous == (50 + 3 * 80) / Fraction(4)
    assert ratio.as_of == NOW


@pytest.mark.parametrize(("kind", "n"), [("day", 5), ("week", 10), ("month", 20), ("quarter", 25), ("year", 60)])
def test_every_kind_of_period_counts_its_own_days(shared_engine, kind, n):
    city = City(shared_engine, ON_TIME)
    for day in (0, 6, 7):  # Monday, Sunday, the Monday after
        city.closed(day, 3, 2)
    city.closed(-30, 9, 11)  # 17 October
    city.closed(-60, 20, 5)  # 17 September, in the third quarter
    city.closed(-700, 1, 4)  # in 2024
    assert city.card(kind).lines[0].value.n == n


def test_a_source_that_fell_silent_before_the_week_was_over_is_left_out_and_named(shared_engine):
    city = City(shared_engine, ON_TIME, goal("wait", 30))
    city.saves(Observation(metric="wait", at=MONDAY + DAY, value=20), source="beds")
    city.now = MONDAY + 6 * DAY + 22 * HOUR  # Sunday 22.00; its data are good for an hour
    city.closed(0, 5, 0)
    city.now = NOW
    made = city.card()
    assert [(line.goal.metric, line.why) for line in made.uncounted] == [("complaints_on_time_ratio", Why.STALE)]
    assert made.uncounted[0].value.actual == 1.0  # kept to be shown as old
    assert made.score == 125  # 30 / 20, capped
    assert made.coverage == Fraction(1, 2)


def test_a_source_read_after_the_week_has_the_whole_week_though_it_fails_now(shared_engine):
    city = City(shared_engine, ON_TIME)
    city.now = MONDAY + 7 * DAY + HOUR
    city.closed(0, 5, 0)
    city.now = NOW
    city.store.fail("desk", started_at=NOW, error=Unreachable("no answer"))
    assert city.card().lines[0].why is None


def test_the_value_of_last_week_is_never_scored_as_this_ones(shared_engine):
    city = City(shared_engine, goal("wait", 30))
    city.saves(Observation(metric="wait", at=MONDAY - HOUR, value=20), source="beds")
    line = city.card().lines[0]
    assert (line.value.actual, line.why) == (None, Why.EMPTY)
    assert line.before.actual == 20


def test_a_source_never_read_is_not_zero_complaints(shared_engine):
    city = City(shared_engine, goal("complaints_reopened", 5, per="week"))
    made = city.card()
    assert (made.lines[0].why, made.lines[0].value.actual, made.score) == (Why.NEVER, None, None)


def test_a_zero_from_before_anybody_counted_is_no_zero(shared_engine):
    city = City(shared_engine, goal("complaints_reopened", 5, per="week"))
    city.closed(2, 5, 0)  # the first complaint ever came on the Wednesday
    line = city.card().lines[0]
    assert (line.value.actual, line.why) == (0, Why.PARTIAL)
    assert (line.before.actual, line.before.why) == (None, Why.EMPTY)
    city.closed(-9, 5, 0)
    city.queries.remembered().clear()
    line = city.card().lines[0]
    assert (line.value.actual, line.why, line.achievement) == (0, None, 125)


def test_a_share_of_fewer_than_five_is_not_scored(shared_engine):
    city = City(shared_engine, ON_TIME)
    city.closed(0, 4, 0)
    assert city.card().lines[0].why is Why.FEW
    city.closed(1, 1, 0)
    assert city.card().lines[0].why is None


def test_the_target_of_a_count_is_for_its_own_kind_of_period(shared_engine):
    city = City(shared_engine, goal("patients", 10, per="week"))
    city.saves(*(Observation(metric="patients", at=MONDAY + day * DAY, value=4) for day in (-400, 0, 1)), source="beds")
    assert (city.card("week").lines[0].achievement, city.card("week").lines[0].value.actual) == (125, 8)
    assert (city.card("day").lines[0].target, city.card("month").lines[0].why) == (None, Why.EMPTY)
    assert city.card("year").lines[0].why is Why.UNSET


def test_the_past_is_scored_against_the_target_of_its_day(shared_engine):
    targets = [{"from": "2026-01-01", "value": 0.5}, {"from": "2026-11-20", "value": 1.0}]
    city = City(shared_engine, ON_TIME | {"targets": targets})
    city.closed(-7, 5, 5)
    city.closed(0, 5, 5)
    made = city.card()
    assert (made.previous, made.score) == (100, 50)
    assert city.card(at=MONDAY).score == 100
    assert city.card(at=MONDAY).period.first == date(2026, 11, 9)


def test_a_state_is_that_of_the_end_of_the_week(shared_engine):
    city = City(shared_engine, goal("complaints_open", 4))
    opened = [MONDAY - DAY] * 3 + [MONDAY + 6 * DAY + 20 * HOUR] * 2 + [MONDAY + 7 * DAY + HOUR]
    city.saves(*(Case(key=str(number), kind="complaint", opened_at=at) for number, at in enumerate(opened)))
    line = city.card().lines[0]
    assert (line.value.actual, line.before.actual, line.achievement) == (5, 3, 80)


def test_a_city_without_goals_says_so(shared_engine):
    with pytest.raises(NoScorecard, match=r"docs/scorecard\.md"):
        City(shared_engine).card()
