"""A small Kota Jambi, counted by hand: what the reader answers about now, the past, and what it does not know."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from city.config import Config, MetricConfig, Region, Source
from city.model import Case, CaseEvent, Observation, Status, Unreachable
from city.queries import Queries
from city.store import Store, Tally
from city.times import Window, instant, window

ZONE = ZoneInfo("Asia/Jakarta")
NOW = instant("2026-11-24 14:05", ZONE)  # a Tuesday
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
METRICS = {
    "beds": MetricConfig(measure="latest", unit="beds"),
    "wait": MetricConfig(measure="latest", observation="wait_minutes", kind="duration", unit="minutes"),
    "wait_mean": MetricConfig(measure="mean", observation="wait_minutes", unit="minutes"),
    "visits": MetricConfig(measure="sum"),
    "beds_used_ratio": MetricConfig(measure="ratio", numerator="beds_used", denominator="beds"),
    "no_show_ratio": MetricConfig(measure="ratio", numerator="no_shows", denominator="visits"),
    "no_shows": MetricConfig(measure="sum"),
    "roads_open": MetricConfig(measure="open", of="complaint", where={"category": "jalan"}),
}
SOURCES = {
    "sikesal": Source(collector="open311", title="SIKESAL", kind="complaint"),
    "lapor": Source(collector="csv_file", kind="complaint"),
    "siranap": Source(collector="json_api", title="SIRANAP"),
}


class City:
    """A region with a clock that can be set."""

    def __init__(self, engine):
        self.now = NOW
        region = Region(code="15.71", name="Kota Jambi", timezone=ZONE.key)
        config = Config(region=region, sources=SOURCES, metrics=METRICS)
        self.store = Store(engine, config, lambda: self.now)
        self.queries = Queries(engine, config, lambda: self.now)

    def saves(self, *items, source="sikesal", started_at=None):
        self.store.save(source, items, started_at=started_at or self.now, finish=Tally)

    def ask(self, name, **more):
        return self.queries.measure(name, **more)


@pytest.fixture
def city(engine):
    return City(engine)


def complaint(key, opened_at, *, closed_at=None, due_at=None, status=None, **more):
    status = status or (Status.DONE if closed_at else Status.RECEIVED)
    return Case(
        key=str(key), kind="complaint", opened_at=opened_at, closed_at=closed_at, due_at=due_at, status=status, **more
    )


def last(text):
    return window(text, NOW, ZONE)


def test_an_empty_city_has_zero_of_what_is_counted_and_does_not_know_the_rest(city):
    assert city.ask("complaints_open").rows == [{"value": 0, "n": 0}]
    assert city.ask("complaints_time_to_close").rows == [{"value": None, "n": 0}]
    assert city.ask("complaints_on_time_ratio").value is None
    assert city.ask("beds").value is None
    assert city.ask("complaints_open", by=["district"]).rows == []
    assert city.ask("complaints_open").as_of is None


@pytest.mark.parametrize("measure", ["opened", "closed", "on_time_ratio", "rejected_ratio"])
def test_nothing_dated_later_than_the_last_moment_that_counts_is_counted(city, measure):
    early, soon = NOW - 2 * HOUR, NOW + timedelta(seconds=20)
    bad = {"due_at": early, "status": Status.REJECTED}
    city.saves(
        complaint(1, early, closed_at=NOW - HOUR, due_at=NOW),
        complaint(2, soon, closed_at=soon, **bad),  # the clock of the source is fast
        complaint(3, early, closed_at=NOW + 5 * HOUR, **bad),
    )
    name, shifted = f"complaints_{measure}", NOW + timedelta(seconds=30)
    expected = {"opened": 2, "closed": 1, "on_time_ratio": 1, "rejected_ratio": 0}[measure]
    for more in ({}, {"grain": "day"}, {"window": Window(window("2d", NOW, ZONE).start, NOW)}, {"at": NOW}):
        city.now = shifted if "at" in more else NOW  # a moment under a minute ago is not now
        assert [row["value"] for row in city.ask(name, **more).rows][-1] == expected, more
        assert city.ask(name, **more).n == city.ask(name, where={"status": [*Status]}, **more).n


def test_open_overdue_and_due_soon_now(city):
    city.saves(
        complaint(1, NOW - 2 * DAY, due_at=NOW - HOUR),
        complaint(2, NOW - DAY, due_at=NOW),
        complaint(3, NOW - DAY, due_at=NOW + 4 * HOUR),
        complaint(4, NOW - DAY, due_at=NOW + 4 * HOUR + timedelta(microseconds=1)),
        complaint(5, NOW - 3 * DAY),
        complaint(6, NOW - 3 * DAY, closed_at=NOW, due_at=NOW - DAY),
    )
    asked = {name: city.ask(f"complaints_{name}").value for name in ("open", "overdue", "due_soon", "oldest_open")}
    assert asked == {"open": 5, "overdue": 2, "due_soon": 1, "oldest_open": 72.0}
    assert city.ask("complaints_oldest_open").n == 5


def test_a_state_at_an_earlier_moment_is_what_was_open_then(city):
    city.saves(complaint(1, NOW - 9 * DAY, closed_at=NOW - 5 * DAY), complaint(2, NOW - 6 * DAY))
    assert [city.ask("complaints_open", at=NOW - days * DAY).value for days in (10, 7, 6, 5, 0)] == [0, 1, 2, 1, 1]
    # An earlier window without a moment means its end.
    week_before = Window(NOW - 14 * DAY, NOW - 7 * DAY)
    assert city.ask("complaints_open", window=week_before).value == 1


def test_nothing_after_the_moment_asked_about_counts(city):
    city.saves(complaint(1, NOW - 2 * HOUR), complaint(2, NOW - HOUR))
    assert city.ask("complaints_opened", at=NOW - 90 * timedelta(minutes=1)).value == 1
    assert city.ask("complaints_opened", window=last("today"), at=NOW - 90 * timedelta(minutes=1)).value == 1
    assert city.ask("complaints_opened").value == 2


def test_a_trend_has_every_day_and_marks_the_unfinished_one(city):
    city.saves(complaint(1, instant("2026-11-22 23:59:59", ZONE)), complaint(2, NOW - HOUR), complaint(3, NOW - HOUR))
    reading = city.ask("complaints_opened", grain="day", window=last("3d"))
    assert reading.rows == [
        {"bucket": "2026-11-22T00:00:00+07:00", "partial": False, "value": 1, "n": 1},
        {"bucket": "2026-11-23T00:00:00+07:00", "partial": False, "value": 0, "n": 0},
        {"bucket": "2026-11-24T00:00:00+07:00", "partial": True, "value": 2, "n": 2},
    ]
    assert reading.partial and reading.n == 3


def test_a_trend_of_the_backlog_is_its_value_at_the_end_of_each_day_and_now(city):
    midnight = instant("2026-11-24", ZONE)
    city.saves(
        complaint(1, midnight - DAY, closed_at=midnight),  # closed at the very midnight: still open the day before
        complaint(2, midnight - 3 * DAY, due_at=midnight - DAY),
        complaint(3, NOW),
    )
    trend = {
        name: [row["value"] for row in city.ask(f"complaints_{name}", grain="day", window=last("4d")).rows]
        for name in ("open", "overdue")
    }
    assert trend == {"open": [1, 1, 2, 2], "overdue": [0, 0, 1, 1]}
    assert city.ask("complaints_open", grain="day", window=last("4d")).n == 2


def test_an_hourly_trend_leaves_out_hours_that_have_not_begun(city):
    city.saves(complaint(1, NOW - 5 * timedelta(minutes=1)))
    rows = city.ask("complaints_opened", grain="hour", window=Window(last("today").start, NOW + DAY)).rows
    assert [row["bucket"][11:13] for row in rows][-2:] == ["13", "14"]
    assert (len(rows), rows[-1]["value"], rows[-1]["partial"]) == (15, 1, True)


def test_a_ratio_with_nothing_behind_it_is_unknown_not_zero(city):
    city.saves(complaint(1, NOW - 3 * DAY, closed_at=NOW - DAY - 12 * HOUR, due_at=NOW))
    rows = city.ask("complaints_on_time_ratio", grain="day", window=last("3d")).rows
    assert [(row["value"], row["n"]) for row in rows] == [(None, 0), (1.0, 1), (None, 0)]


def test_a_promise_is_kept_at_its_last_instant(city):
    city.saves(
        complaint(1, NOW - 2 * DAY, closed_at=NOW - HOUR, due_at=NOW - HOUR),
        complaint(2, NOW - 2 * DAY, closed_at=NOW - HOUR, due_at=NOW - HOUR - timedelta(microseconds=1)),
        complaint(3, NOW - 2 * DAY, closed_at=NOW - HOUR),
        complaint(4, NOW - 2 * DAY, closed_at=NOW - HOUR, status=Status.REJECTED),
    )
    kept = city.ask("complaints_on_time_ratio")
    assert (kept.value, kept.n, kept.extra["count"]) == (0.5, 2, 1)
    rejected = city.ask("complaints_rejected_ratio")
    assert (rejected.value, rejected.n, rejected.extra["count"]) == (0.25, 4, 1)


def test_a_case_closed_before_it_was_opened_stays_in_the_quantile_and_is_counted(city):
    city.saves(
        complaint(1, NOW - HOUR, closed_at=NOW - 3 * HOUR),
        complaint(2, NOW - 5 * HOUR, closed_at=NOW - HOUR),
        complaint(3, NOW - 9 * HOUR, closed_at=NOW - HOUR),
    )
    reading = city.ask("complaints_time_to_close")
    assert (reading.value, reading.n, reading.extra["negative"], reading.unit) == (4.0, 3, 1, "hours")
    assert city.ask("complaints_time_to_close", quantile=0.75).value == 6.0
    assert city.ask("complaints_open").value == 0


def test_first_response_and_reopening_come_from_the_history_of_a_case(city):
    def at(hour, stage):
        return CaseEvent(NOW - hour * HOUR, stage)

    history = (at(10, "received"), at(7, "routed"), at(5, "done"), at(3, "in_progress"), at(2, "done"))
    city.saves(
        complaint(1, NOW - 10 * HOUR, events=history),
        complaint(2, NOW - 4 * HOUR, events=(at(4, "received"), at(3, "rejected"))),
        complaint(3, NOW - 2 * HOUR, events=(at(2, "received"),)),
    )
    response = city.ask("complaints_first_response")
    assert (response.value, response.n) == (2.0, 2)
    assert city.ask("complaints_reopened").value == 1
    assert city.ask("complaints_reopened", window=Window(NOW - 2 * HOUR, NOW)).value == 0


def test_groups_come_largest_first_and_the_unknown_group_is_one_of_them(city):
    places = ["telanaipura", None, None, "jelutung", "telanaipura", None]
    city.saves(*(complaint(key, NOW - HOUR, district=place) for key, place in enumerate(places)))
    rows = city.ask("complaints_open", by=["district"]).rows
    assert [(row["district"], row["value"]) for row in rows] == [(None, 3), ("telanaipura", 2), ("jelutung", 1)]
    assert len(city.ask("complaints_open", by=["district"], limit=2).rows) == 2
    trend = city.ask("complaints_opened", by=["district"], grain="day", window=last("2d"), limit=1).rows
    assert [(row["district"], row["value"]) for row in trend] == [(None, 0), (None, 3)]


def test_filters_take_one_value_or_several_and_narrow_a_metric_of_the_regions_own(city):
    city.saves(
        complaint(1, NOW - HOUR, category="jalan", agency="pupr"),
        complaint(2, NOW - HOUR, category="jalan", agency="dlh"),
        complaint(3, NOW - HOUR, category="sampah", agency="dlh"),
    )
    assert city.ask("complaints_open", where={"agency": "dlh"}).value == 2
    assert city.ask("complaints_open", where={"agency": ["dlh", "pupr"]}).value == 3
    assert city.ask("roads_open").value == 2
    assert city.ask("roads_open", where={"agency": "dlh"}).value == 1


def test_hostile_text_in_a_filter_is_only_a_value(city):
    city.saves(complaint(1, NOW - HOUR, category="it's"))
    assert city.ask("complaints_open", where={"category": "it's"}).value == 1
    assert city.ask("complaints_open", where={"category": "'; drop table cases; --"}).value == 0


def test_what_does_not_exist_is_refused_by_name(city):
    with pytest.raises(LookupError, match="unknown metric 'complaint_open'. Did you mean 'complaints_open'"):
        city.ask("complaint_open")
    with pytest.raises(ValueError, match="unknown dimension 'colour'; complaints_open is split by category, agency"):
        city.ask("complaints_open", by=["colour"])
    with pytest.raises(ValueError, match="unknown dimension 'status'; beds is split by agency, district"):
        city.ask("beds", where={"status": "done"})
    with pytest.raises(ValueError, match="unknown grain 'year'; known: hour, day, week, month"):
        city.ask("complaints_open", grain="year")
    with pytest.raises(ValueError, match="unknown order 'key'; known: due_at, opened_at"):
        city.queries.open_cases("complaint", order="key")


def test_waiting_cases_are_listed_without_their_keys_the_next_due_first(city):
    city.saves(
        complaint("15.71/secret", NOW - 2 * DAY, due_at=NOW + 3 * HOUR, category="jalan", agency="pupr"),
        complaint(2, NOW - DAY, due_at=NOW - 2 * HOUR, district="jelutung"),
        complaint(3, NOW - DAY, due_at=NOW + 30 * HOUR),
        complaint(4, NOW - 9 * DAY),
    )
    waiting = city.queries.open_cases("complaint", limit=3)
    assert [(row["value"], row["overdue"]) for row in waiting.rows] == [
        (7200.0, True),
        (10800.0, False),
        (108000, False),
    ]
    assert (waiting.n, waiting.unit) == (4, "seconds")
    first = {"category": None, "agency": None, "district": "jelutung", "opened_at": NOW - DAY, "due_at": NOW - 2 * HOUR}
    assert waiting.rows[0] == first | {"value": 7200.0, "overdue": True, "n": 1}

    def values(**more):
        return [row["value"] for row in city.queries.open_cases("complaint", **more).rows]

    assert values(overdue=True) == [7200.0]
    assert values(overdue=False) == [10800.0, 108000.0]
    assert values(overdue=False, within=4 * HOUR) == [10800.0]
    assert values(order="opened_at")[:2] == [None, 10800.0]
    assert values(where={"agency": "pupr"}) == [10800.0]


def beds(value, at=NOW - timedelta(minutes=1), place="A", metric="beds"):
    return Observation(metric=metric, at=at, value=value, place=place)


def test_the_latest_value_of_each_place_is_added_up(city):
    city.saves(beds(9, NOW - DAY), beds(4), beds(6, NOW - 2 * DAY, "B"), beds(99, NOW - 30 * DAY, "closed"))
    reading = city.ask("beds")
    assert (reading.value, reading.n, reading.unit) == (10.0, 2, "beds")
    assert city.ask("beds", at=NOW - HOUR).value == 15.0
    assert [row["value"] for row in city.ask("beds", by=["place"]).rows] == [6.0, 4.0]


def test_a_gauge_folds_with_its_last_value_and_a_gap_stays_unknown(city):
    city.saves(beds(9, NOW - 2 * DAY - HOUR), beds(7, NOW - 2 * DAY), beds(4))
    rows = city.ask("beds", grain="day", window=last("3d")).rows
    assert [(row["value"], row["n"]) for row in rows] == [(7.0, 1), (None, 0), (4.0, 1)]


def test_times_do_not_add_up(city):
    city.saves(beds(10, metric="wait_minutes"), beds(30, place="B", metric="wait_minutes"))
    assert city.ask("wait").value == 20.0
    city.saves(beds(50, NOW - HOUR, metric="wait_minutes"))
    assert (city.ask("wait").value, city.ask("wait_mean").value, city.ask("wait_mean").n) == (20.0, 30.0, 3)


def test_a_ratio_divides_sums_of_counts_and_last_values_of_gauges(city):
    city.saves(
        *(beds(value, NOW - hour * HOUR) for hour, value in ((2, 50), (1, 40))),
        *(beds(value, NOW - hour * HOUR, metric="beds_used") for hour, value in ((2, 5), (1, 30))),
        *(beds(value, NOW - hour * HOUR, metric="visits") for hour, value in ((2, 60), (1, 40))),
        beds(5, NOW - HOUR, metric="no_shows"),
    )
    assert (city.ask("beds_used_ratio").value, city.ask("no_show_ratio").value) == (0.75, 0.05)
    assert city.ask("visits").value == 100.0
    assert city.ask("no_show_ratio", window=Window(NOW - 5 * DAY, NOW - 4 * DAY)).value is None


def test_as_of_is_the_oldest_last_good_run_of_the_sources_of_a_metric(city):
    city.saves(complaint(1, NOW - HOUR), started_at=NOW - 10 * timedelta(minutes=1))
    assert city.ask("complaints_open").as_of == NOW - timedelta(minutes=10)
    city.saves(complaint(1, NOW - HOUR), source="lapor", started_at=NOW - HOUR)
    city.saves(beds(4), source="siranap", started_at=NOW)
    reading = city.ask("complaints_open")
    assert (reading.as_of, reading.sources) == (NOW - HOUR, ("SIKESAL", "Lapor"))
    assert city.queries.as_of("memos_open") is None
    assert city.queries.as_of("beds") == NOW
    assert city.ask("beds").sources == ("SIRANAP",)
    assert city.ask("complaints_open", at=NOW - 2 * HOUR).as_of == NOW - 2 * HOUR


def test_a_failing_source_says_since_when_and_why_and_recovers(city):
    city.saves(complaint(1, NOW - DAY, simulated=True), started_at=NOW - DAY)
    for minutes in (30, 20, 10):
        error = Unreachable("no answer", where="sikesal")
        city.store.fail("sikesal", started_at=NOW - timedelta(minutes=minutes), error=error)
    state = city.queries.source_states()[0]
    assert (state.name, state.title, state.failures, state.error_code) == ("sikesal", "SIKESAL", 3, "K-101")
    assert (state.last_ok_at, state.since) == (NOW - DAY, NOW - timedelta(minutes=30))
    assert state.last_run_at == NOW - timedelta(minutes=10)
    assert state.error.startswith("sikesal: no answer") and state.simulated
    assert city.ask("complaints_open").simulated
    city.saves(complaint(1, NOW - DAY))
    state = city.queries.source_states()[0]
    assert (state.failures, state.since, state.error, state.last_ok_at) == (0, None, None, NOW)
    lapor = city.queries.source_states()[1]
    assert (lapor.last_ok_at, lapor.failures, lapor.stale_after) == (None, 0, timedelta(minutes=15))


def weekly(weeks, count=lambda week: week, hour=HOUR):
    return [
        complaint(f"{hour} {week}/{number}", NOW - week * 7 * DAY - hour, closed_at=NOW - week * 7 * DAY + HOUR)
        for week in range(1, weeks + 1)
        for number in range(count(week))
    ]


def test_usual_is_the_middle_of_the_same_weekday_and_hour_of_past_weeks(city):
    # 1 to 8 complaints an hour before this time of each past Tuesday, and one an hour after, which does not count.
    city.saves(complaint("first", NOW - 70 * DAY, closed_at=NOW - 70 * DAY), *weekly(8), *weekly(8, lambda _: 1, -HOUR))
    assert city.queries.usual("complaints_opened", window="today") == pytest.approx((1.7, 7.3))
    assert city.queries.usual("complaints_open") == pytest.approx((1.7, 7.3))
    assert city.queries.usual("complaints_opened", window="today", where={"agency": "none"}) == (0, 0)
    assert city.queries.usual("complaints_on_time_ratio", window="today") is None


def test_nothing_is_usual_before_four_weeks_of_history(city):
    city.saves(*weekly(3))
    assert city.queries.usual("complaints_open") is None
    assert city.queries.usual("memos_open") is None


def test_what_is_usual_is_computed_once_an_hour(city):
    city.saves(complaint("first", NOW - 70 * DAY, closed_at=NOW - 70 * DAY))
    assert city.queries.usual("complaints_open") == (0, 0)
    city.saves(*weekly(8))
    city.now = NOW + timedelta(minutes=54)
    assert city.queries.usual("complaints_open") == (0, 0)
    city.now = NOW + timedelta(minutes=55)
    assert city.queries.usual("complaints_opened", window="today") == pytest.approx((1.7, 7.3))
