"""The expected band, by hand: the 10th and 90th percentile of this weekday and time of day over the past weeks."""

from datetime import timedelta

import pytest

from city.config import MetricConfig
from city.metrics import UnknownMetric
from city.model import Observation, Status
from city.queries import Queries
from city.store import Store, Tally
from tests.builders import NOW, case, config, own_region

HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)
TICK = timedelta(microseconds=1)
TODAY = 14 * HOUR + timedelta(minutes=5)  # NOW is 14.05 on a Tuesday: so long is the window "today"
METRICS = {
    "beds": MetricConfig(measure="latest"),
    "visits": MetricConfig(measure="sum"),
    "roads_opened": MetricConfig(measure="opened", of="complaint", where={"category": "jalan"}),
}


class City:
    """A region whose clock can be set."""

    def __init__(self, engine):
        self.now, settings = NOW, config(metrics=METRICS, region=own_region())
        self.store = Store(engine, settings, lambda: self.now)
        self.queries = Queries(engine, settings, lambda: self.now)
        self.keys = iter(range(10_000))

    def saves(self, *items):
        self.store.save("desk", items, started_at=NOW, finish=Tally)

    def filed(self, weeks, *, before=HOUR, count=1, lasts=None, **more):
        """``count`` complaints filed ``before`` this time of day, so many weeks ago; closed after ``lasts``."""
        opened_at = NOW - weeks * WEEK - before
        closing = {"closed_at": opened_at + lasts, "status": Status.DONE} if lasts is not None else {}
        self.saves(*(case(str(next(self.keys)), opened_at=opened_at, **closing | more) for _ in range(count)))

    def usual(self, name="complaints_opened", **more):
        return self.queries.usual(name, **more)


@pytest.fixture
def city(shared_engine):
    return City(shared_engine)


@pytest.fixture
def ten_weeks(city):
    """A history that is long enough, and is not counted itself."""
    city.filed(10, lasts=TICK)
    return city


def band(low, high):
    return pytest.approx((low, high))


def test_four_weeks_give_percentiles_between_their_values(city):
    city.filed(4, before=TODAY, lasts=TICK)  # the very first moment of that day
    for week, count in ((1, 20), (2, 10), (3, 50)):
        city.filed(week, count=count)
    # 1, 10, 20, 50: the 10th percentile is 0.3 of the way to the second, the 90th 0.7 of the way from the third.
    assert city.usual(window="today") == band(1 + 0.3 * 9, 20 + 0.7 * 30)


def test_a_day_that_was_not_there_from_its_beginning_is_not_a_week_of_history(city):
    city.filed(4, before=TODAY - TICK)
    assert city.usual(window="today") is None


def test_a_state_needs_four_weeks_up_to_its_moment(city):
    city.filed(4, before=timedelta())
    assert city.usual("complaints_open") == band(1, 1)


def test_a_state_a_microsecond_short_of_four_weeks_has_no_band(city):
    city.filed(4, before=-TICK)
    assert city.usual("complaints_open") is None


def test_no_history_no_band(city):
    assert [city.usual(name) for name in ("complaints_opened", "complaints_open", "beds")] == [None] * 3


def test_the_history_of_another_kind_is_not_its_own(ten_weeks):
    assert ten_weeks.usual("complaints_opened") is not None
    assert ten_weeks.usual("memos_opened") is None


def test_a_flow_counts_today_up_to_this_time_of_day(ten_weeks):
    for week in range(1, 9):
        ten_weeks.filed(week, before=TODAY, count=2)  # at midnight
        ten_weeks.filed(week, before=TODAY + TICK)  # yesterday
        ten_weeks.filed(week, before=timedelta())  # at this very moment: today's window ends before it
        ten_weeks.filed(week, before=-HOUR)  # later that day
    assert ten_weeks.usual(window="today") == band(2, 2)
    assert ten_weeks.usual() == band(2, 2), "today, unless told"


def test_a_state_holds_at_this_time_of_day(ten_weeks):
    for week in range(1, 9):
        ten_weeks.filed(week, before=timedelta(), lasts=HOUR)  # open at that moment
        ten_weeks.filed(week, before=HOUR, lasts=HOUR + TICK)  # still
        ten_weeks.filed(week, before=HOUR, lasts=HOUR)  # no longer
        ten_weeks.filed(week, before=-TICK, lasts=HOUR)  # not yet
    assert ten_weeks.usual("complaints_open") == band(2, 2)
    assert ten_weeks.usual("complaints_open", window="7d") == band(2, 2), "a state has no window"


def test_a_backlog_that_only_grew_is_a_band_of_its_past_sizes(city):
    for week in range(1, 9):
        city.filed(week, count=1, due_at=NOW - week * WEEK - timedelta(minutes=30))
    # Eight weeks ago 1, ..., last week 8: percentiles at 1.7 and 7.3.
    assert city.usual("complaints_open") == band(1.7, 7.3)
    assert city.usual("complaints_overdue") == band(1.7, 7.3)
    assert city.usual("complaints_due_soon") == band(0, 0)


WINDOWS = {
    "today": (0, 0),
    "30m": (0, 0),
    "24h": (1, 1),
    "2d": (3, 3),  # since local midnight of Monday
    "this_week": (3, 3),
    "7d": (5, 5),
    "this_month": (3.6, 11.5),  # 5 on 27 October; 3, 8 and 13 on the 3rd, 10th and 17th of November
}


def test_each_window_is_the_same_window_of_each_past_week(city):
    city.filed(30, lasts=TICK)
    for week in range(1, 5):
        city.filed(week, before=18 * HOUR)  # Monday 20.05
        city.filed(week, before=26 * HOUR, count=2)  # Monday 12.05
        city.filed(week, before=96 * HOUR, count=2)  # Friday
    assert {text: city.usual(window=text, weeks=4) for text in WINDOWS} == {
        text: pytest.approx(limits) for text, limits in WINDOWS.items()
    }


def test_it_looks_back_as_many_weeks_as_it_is_told_and_never_fewer_than_four(ten_weeks):
    for week in range(1, 9):
        ten_weeks.filed(week, count=week)
    assert ten_weeks.usual(weeks=8) == band(1.7, 7.3)
    assert ten_weeks.usual(weeks=4) == band(1.3, 3.7)
    assert ten_weeks.usual(weeks=3) is None
    assert ten_weeks.usual() == band(1.7, 7.3), "eight, unless told"


def test_a_week_without_a_case_counts_as_none(ten_weeks):
    for week in (1, 2, 5):
        ten_weeks.filed(week, count=10)
    # 0, 0, 0, 0, 0, 10, 10, 10
    assert ten_weeks.usual() == band(0, 10)
    assert ten_weeks.usual(weeks=4) == band(0, 10)


def test_a_week_in_which_a_ratio_is_unknown_is_left_out(ten_weeks):
    kept, broken = {"due_at": NOW}, {"due_at": NOW - 20 * WEEK}
    for week in (1, 2, 3):
        ten_weeks.filed(week, before=2 * HOUR, lasts=HOUR, **kept)
    assert ten_weeks.usual("complaints_on_time_ratio") is None, "known of three weeks only"
    ten_weeks.filed(7, before=2 * HOUR, lasts=HOUR, **broken)
    ten_weeks.now += HOUR
    assert ten_weeks.usual("complaints_on_time_ratio") == band(0.3, 1)  # 0, 1, 1, 1


def test_a_moment_at_which_nothing_was_open_has_no_oldest(ten_weeks):
    for week, hours in ((1, 3), (2, 1), (4, 2)):
        ten_weeks.filed(week, before=hours * HOUR, lasts=(hours + 1) * HOUR)
    assert ten_weeks.usual("complaints_oldest_open") is None
    ten_weeks.filed(8, before=4 * HOUR, lasts=5 * HOUR)
    assert ten_weeks.usual("complaints_oldest_open", weeks=9) == band(1.3, 3.7)


def test_observations_have_a_band_of_the_weeks_in_which_they_were_seen(city):
    values = {9: 0, 8: 40, 5: 10, 3: 30, 1: 20}
    for week, value in values.items():
        moment = NOW - week * WEEK - 2 * HOUR
        city.saves(*(Observation(metric=name, at=moment, value=value) for name in ("beds", "visits")))
    assert city.usual("visits") == band(13, 37)
    assert city.usual("beds") == band(13, 37)
    assert city.usual("visits", weeks=5) is None, "seen in three of five weeks"


def test_a_filter_has_a_band_of_its_own(ten_weeks):
    for week in range(1, 9):
        ten_weeks.filed(week, count=week, agency="pupr", lasts=2 * HOUR)
        ten_weeks.filed(week, count=2, agency="dlh", category="jalan", lasts=2 * HOUR)
    for name in ("complaints_opened", "complaints_open"):
        assert ten_weeks.usual(name) == band(3.7, 9.3)
        assert ten_weeks.usual(name, where={"agency": "pupr"}) == band(1.7, 7.3)
        assert ten_weeks.usual(name, where={"agency": ["dlh"]}) == band(2, 2)
        assert ten_weeks.usual(name, where={"agency": "bkd"}) == band(0, 0)
    assert ten_weeks.usual("roads_opened") == band(2, 2)
    assert ten_weeks.usual("roads_opened", where={"agency": "pupr"}) == band(0, 0)


def test_a_band_lasts_for_the_hour_of_the_clock_and_is_computed_anew_in_the_next(ten_weeks):
    assert ten_weeks.usual() == band(0, 0)
    for week in range(1, 9):
        ten_weeks.filed(week, count=3)
    ten_weeks.now = NOW + 55 * timedelta(minutes=1) - TICK  # 14:59:59.999999
    assert ten_weeks.usual() == band(0, 0)
    assert ten_weeks.usual(window="7d") == band(3, 3), "another window is another band"
    ten_weeks.now = NOW + 55 * timedelta(minutes=1)
    assert ten_weeks.usual() == band(3, 3)


def test_a_band_comes_with_the_history_of_a_new_region_and_does_not_wait_for_the_hour(city):
    assert city.usual() is None
    city.filed(10)
    assert city.usual() == band(0, 0)


def test_an_unknown_metric_has_no_band_but_a_nearest_name(city):
    with pytest.raises(UnknownMetric, match="Did you mean 'complaints_open'"):
        city.usual("complaints_opn")
