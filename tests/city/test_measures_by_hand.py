"""Eight complaints of one November in Jambi, and what every measure of cases says of them, counted by hand."""

from datetime import timedelta

import pytest
from november import WALKS, ZONE, at, complaints

from city.config import MetricConfig
from city.metrics import COUNTS, MEASURES, OBSERVED, STATES
from city.model import Case, CaseEvent, Status
from city.queries import Queries
from city.store import Store
from city.times import Window, window
from tests.builders import NOW, case, clock, config, own_region, save

TICK = timedelta(microseconds=1)
METRICS = {
    **{
        name: MetricConfig(measure="stage_time", of="complaint", from_stage=start, to_stage=end)
        for name, (start, end) in WALKS.items()
    },
    "due_in_3h": MetricConfig(measure="due_soon", of="complaint", horizon=timedelta(hours=3)),
    "roads_closed": MetricConfig(measure="closed", of="complaint", where={"category": "jalan"}),
    "slowest": MetricConfig(measure="time_to_close", of="complaint", quantile=0.9),
    **{f"of_{name}": MetricConfig(measure=name, observation="beds") for name in ("latest", "sum", "mean")},
    "complaints_agencies_ratio": MetricConfig(measure="agencies_ratio", of="complaint", to_stage="checked"),
    "of_ratio": MetricConfig(measure="ratio", numerator="beds_used", denominator="beds"),
}


@pytest.fixture
def empty(shared_engine):
    return Queries(shared_engine, config(metrics=METRICS, region=own_region()), clock())


@pytest.fixture
def ask(shared_engine, empty):
    memo = Case(key="memo", kind="memo", opened_at=at("11-20 08:00"), agency="pupr", category="jalan")
    save(Store(shared_engine, empty.config, clock()), *complaints(), memo)
    return lambda name, **more: empty.measure(name if name in METRICS else f"complaints_{name}", **more)


MONTH = window("this_month", NOW, ZONE)  # from Sunday 1 November: its first week began in October


def by_week(ask, name):
    return [(row["value"], row["n"]) for row in ask(name, grain="week", window=MONTH).rows]


def groups(reading, dim):
    return {row[dim]: (row["value"], row["n"]) for row in reading.rows}


FLOWS = {
    "opened": (7, 7), "closed": (5, 5), "on_time_ratio": (0.5, 4), "rejected_ratio": (0.2, 5),
    "time_to_close": (60.0, 5), "slowest": (404.5, 5), "first_response": (1.5, 6), "reopened": (2, 2),
    "walk": (22.75, 4), "to_desk": (1.0, 4), "to_end": (23.5, 3), "backwards": (-106.25, 2), "never": (None, 0),
    "roads_closed": (3, 3),
}  # fmt: skip


def test_every_flow_of_the_month(ask):
    readings = {name: ask(name, window=MONTH) for name in FLOWS}
    assert {name: (one.value, one.n) for name, one in readings.items()} == FLOWS


WEEKS = {
    "opened": [(0, 0), (3, 3), (1, 1), (0, 0), (3, 3)],
    "closed": [(0, 0), (2, 2), (1, 1), (1, 1), (1, 1)],
    "on_time_ratio": [(None, 0), (0.5, 2), (1.0, 1), (None, 0), (0.0, 1)],
    "rejected_ratio": [(None, 0), (0.0, 2), (0.0, 1), (1.0, 1), (0.0, 1)],
    "time_to_close": [(None, 0), (42.0, 2), (24.0, 1), (169.0, 1), (561.5, 1)],
    "first_response": [(1.0, 1), (7.0, 2), (0.5, 1), (169.0, 1), (1.0, 1)],
    "reopened": [(0, 0), (0, 0), (1, 1), (1, 1), (1, 1)],  # one of them in two weeks
    "walk": [(None, 0), (63.25, 2), (23.5, 1), (None, 0), (1.0, 1)],
    "open": [(1, 1), (2, 2), (2, 2), (1, 1), (3, 3)],
    "overdue": [(0, 0), (1, 1), (1, 1), (1, 1), (1, 1)],
    "oldest_open": [(24.5, 1), (192.5, 2), (360.5, 2), (528.5, 1), (28 + 5 / 60, 3)],
    "due_soon": [(0, 0), (0, 0), (0, 0), (0, 0), (1, 1)],
}


def test_every_measure_week_by_week(ask):
    for name, weeks in WEEKS.items():
        assert by_week(ask, name) == [(pytest.approx(value, abs=1e-6), n) for value, n in weeks], name


def test_a_week_the_window_cuts_is_partial_for_what_flows_and_whole_for_what_stands(ask):
    flags = {
        name: [row["partial"] for row in ask(name, grain="week", window=MONTH).rows] for name in ("closed", "open")
    }
    assert flags == {"closed": [True, False, False, False, True], "open": [False, False, False, False, True]}
    assert [row["bucket"] for row in ask("closed", grain="week", window=MONTH).rows][:2] == [
        "2026-10-26T00:00:00+07:00", "2026-11-02T00:00:00+07:00",
    ]  # fmt: skip
    over = Window(at("11-02 00:00"), at("11-16 00:00"))
    assert not ask("closed", grain="week", window=over).partial and ask("closed", grain="week", window=MONTH).partial


def test_by_month_the_last_day_of_october_counts_in_october(ask):
    two_months = Window(at("10-01 00:00"), NOW)
    values = {name: [row["value"] for row in ask(name, grain="month", window=two_months).rows] for name in WEEKS}
    assert values["opened"] == [1, 7] and values["closed"] == [0, 5] and values["open"] == [1, 3]
    assert values["overdue"] == [0, 1] and values["reopened"] == [0, 2] and values["on_time_ratio"] == [None, 0.5]
    assert values["oldest_open"] == [pytest.approx(0.5), pytest.approx(28 + 5 / 60)]


HOURS = {  # from 00:00 to the 14:00 that has begun; a state at the end of each hour
    "opened": [0] * 8 + [1, 0, 0, 0, 0, 1, 0],
    "closed": [0] * 9 + [1, 0, 0, 0, 0, 0],
    "reopened": [0] * 11 + [1, 0, 0, 0],
    "open": [2] * 8 + [3, 2, 2, 2, 2, 3, 3],
    "overdue": [1] * 9 + [0, 0, 0, 1, 1, 1],
    "due_soon": [0] * 8 + [1, 1, 1, 1, 0, 0, 1],
    "time_to_close": [None] * 9 + [561.5] + [None] * 5,
}


def test_measures_hour_by_hour_of_today(ask):
    rows = {name: ask(name, grain="hour").rows for name in HOURS}
    assert {name: [row["value"] for row in found] for name, found in rows.items()} == HOURS
    assert all([row["partial"] for row in found] == [False] * 14 + [True] for found in rows.values())


def test_day_by_day_what_fell_on_midnight_belongs_to_the_day_it_begins(ask):
    days = Window(at("11-08 00:00"), at("11-11 00:00"))
    values = {name: [row["value"] for row in ask(name, grain="day", window=days).rows] for name in WEEKS}
    assert values["opened"] == [1, 1, 0]
    assert values["closed"] == [1, 0, 1]
    assert values["open"] == [2, 3, 2]
    assert values["on_time_ratio"] == [0.0, None, 1.0]
    assert values["reopened"] == [0, 1, 0]
    assert values["time_to_close"] == [60.0, None, 24.0]


INSTANTS = [
    ("open", "11-08 12:00", 2, 1),  # the case closed at that instant is not open at it
    ("open", "11-24 13:00", 2, 3),  # the case opened at it is
    ("overdue", "11-07 00:00", 1, 2),  # due at it is overdue at it
    ("overdue", "11-24 09:00", 1, 0),
    ("overdue", "11-24 12:00", 0, 1),
    ("due_soon", "11-24 08:00", 0, 1),  # due four hours from it
    ("due_soon", "11-24 12:00", 1, 0),
    ("oldest_open", "10-31 23:30", None, 0.0),
]


def test_a_state_changes_at_its_instant_and_not_a_microsecond_before(ask):
    for name, text, before, then in INSTANTS:
        found = [ask(name, at=at(text) - TICK).value, ask(name, at=at(text)).value]
        assert found == [before, then], (name, text)


def test_a_trend_ends_with_what_holds_at_this_very_instant(shared_engine, empty):
    times = {"opened_at": NOW}, {"due_at": NOW}, {"closed_at": NOW, "status": Status.DONE}
    save(Store(shared_engine, empty.config, clock()), *(case(str(number), **one) for number, one in enumerate(times)))
    for name, value in {"open": 2, "overdue": 1, "due_soon": 0}.items():
        last = empty.measure(f"complaints_{name}", grain="hour").rows[-1]["value"]
        assert (last, empty.measure(f"complaints_{name}").value) == (value, value), name


def test_what_happens_at_the_instant_of_a_closing_reopens_nothing(shared_engine, empty):
    closed = CaseEvent(NOW - TICK, "done")
    save(Store(shared_engine, empty.config, clock()), case(events=(closed, CaseEvent(NOW - TICK, "routed"))))
    assert empty.measure("complaints_reopened").value == 0


def test_a_flow_has_the_first_instant_of_its_window_and_not_the_last(ask):
    for name, text in {
        "opened": "11-06 00:00",
        "closed": "11-16 00:00",
        "reopened": "11-09 00:00",
        "walk": "11-10 00:00",
    }.items():
        moment, none = at(text), None if name == "walk" else 0
        assert ask(name, window=Window(moment, moment + TICK)).n == 1, name
        assert ask(name, window=Window(moment - timedelta(minutes=1), moment)).value == none, name


def test_every_measure_split_by_agency(ask):
    split = {name: groups(ask(name, by=["agency"], window=MONTH), "agency") for name in WEEKS}
    assert split == {
        "opened": {"pupr": (3, 3), "dlh": (3, 3), None: (1, 1)},
        "closed": {"pupr": (2, 2), "dlh": (3, 3)},
        "on_time_ratio": {"pupr": (0.5, 2), "dlh": (0.5, 2)},
        "rejected_ratio": {"pupr": (0.0, 2), "dlh": (pytest.approx(1 / 3), 3)},
        "time_to_close": {"pupr": (42.0, 2), "dlh": (169.0, 3)},
        "first_response": {"pupr": (7.0, 2), "dlh": (1.0, 4)},
        "reopened": {"dlh": (2, 2)},
        "walk": {"pupr": (22.0, 1), "dlh": (23.5, 3)},
        "open": {"pupr": (1, 1), "dlh": (1, 1), None: (1, 1)},
        "overdue": {"pupr": (1, 1)},
        "oldest_open": {"pupr": (pytest.approx(28 + 5 / 60), 1), "dlh": (pytest.approx(6 + 5 / 60), 1),
                        None: (pytest.approx(1 + 5 / 60), 1)},
        "due_soon": {"dlh": (1, 1)},
    }  # fmt: skip


def test_split_by_agency_and_week_every_agency_has_every_week(ask):
    rows = ask("open", by=["agency"], grain="week", window=MONTH).rows
    assert [(row["agency"], row["value"]) for row in rows] == [
        *(("dlh", value) for value in (1, 2, 2, 1, 1)),
        *((None, value) for value in (0, 0, 0, 0, 1)),
        *(("pupr", value) for value in (0, 0, 0, 0, 1)),
    ]


def test_filters_by_what_the_roll_ups_know_and_by_what_they_do_not(ask):
    assert ask("closed", window=MONTH, where={"category": ["jalan", "sampah"], "agency": "dlh"}).value == 3
    assert ask("closed", window=MONTH, where={"status": "rejected"}).value == 1
    assert ask("roads_closed", window=MONTH, where={"agency": "dlh"}).value == 1
    assert ask("rejected_ratio", window=MONTH, where={"category": "sampah"}).value == 0.5
    assert ask("oldest_open", where={"category": "sampah"}).value == pytest.approx(6 + 5 / 60)
    assert (ask("walk", window=MONTH, where={"agency": "pupr"}).value, ask("due_in_3h").value) == (22.0, 0)
    assert ask("closed", window=MONTH, where={"category": "banjir"}).value == 0
    assert ask("time_to_close", window=MONTH, where={"category": "banjir"}).value is None


def test_beside_a_ratio_stands_its_count_and_beside_a_duration_how_many_were_negative(ask):
    told = {name: ask(name, window=MONTH).extra for name in ("on_time_ratio", "rejected_ratio", "backwards", "walk")}
    assert told == {
        "on_time_ratio": {"count": 2}, "rejected_ratio": {"count": 1}, "backwards": {"negative": 2},
        "walk": {"negative": 0},
    }  # fmt: skip


def test_of_nothing_a_count_is_zero_and_everything_else_unknown(empty):
    two_days = window("2d", NOW, ZONE)
    for measure in MEASURES:
        name = "walk" if measure == "stage_time" else f"{'of' if measure in OBSERVED else 'complaints'}_{measure}"
        nothing = 0 if measure in COUNTS else None
        assert empty.measure(name).rows == [{"value": nothing, "n": 0}], measure
        assert empty.measure(name, by=["agency"]).rows == [], measure
        days = empty.measure(name, grain="day", window=two_days).rows
        assert [(row["value"], row["n"]) for row in days] == [(nothing, 0)] * 2, measure
        assert measure not in STATES or empty.measure(name, at=at("11-01 00:00")).value == nothing, measure
