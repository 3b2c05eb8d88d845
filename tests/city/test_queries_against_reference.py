"""Every measure, in SQL, gives what its definition gives in plain Python; day roll-ups give what the cases give."""

import itertools
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import reference
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from city.config import Config, MetricConfig, Region
from city.metrics import FLOWS, STATES
from city.model import Case, CaseEvent, Status
from city.queries import Queries
from city.store import Store, Tally
from city.times import Window, instant

ZONE = ZoneInfo("America/New_York")  # clocks go forward on 2026-03-08
NOW = instant("2026-03-12 14:30", ZONE)
MIDNIGHT = instant("2026-03-12", ZONE)
STAGE_TIME = MetricConfig(measure="stage_time", of="complaint", from_stage="routed", to_stage="checked")
ACTIVE = MetricConfig(measure="agencies_ratio", of="complaint", to_stage="checked")
OWN = {"complaints_stage_time": STAGE_TIME, "complaints_agencies_ratio": ACTIVE}
AGENCIES = [{"code": code, "name": code.upper()} for code in reference.AGENCIES]
MEASURES = [*FLOWS, *STATES]
_regions = itertools.count(1)

#: Six-hour steps hit midnights, due times equal to closings and ties of every kind.
moments = st.integers(-40, -1).map(lambda step: MIDNIGHT + timedelta(hours=6 * step)) | st.integers(-800, 14).map(
    lambda hour: MIDNIGHT + timedelta(hours=hour)
)
events = st.lists(
    st.builds(CaseEvent, at=moments, stage=st.sampled_from(["received", "routed", "checked", "done", "rejected"])),
    max_size=5,
    unique_by=lambda event: (event.at, event.stage),
).map(tuple)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    closed_at = draw(st.none() | moments)
    closing, standing = [Status.DONE, Status.REJECTED], [Status.RECEIVED, Status.ROUTED, Status.IN_PROGRESS]
    return Case(
        key="",
        kind=draw(st.sampled_from(["complaint", "complaint", "complaint", "memo"])),
        opened_at=draw(moments),
        due_at=draw(st.none() | moments | st.just(NOW + timedelta(hours=3)) | st.just(MIDNIGHT + timedelta(days=1))),
        closed_at=closed_at,
        status=draw(st.sampled_from(closing if closed_at else standing)),
        category=draw(st.sampled_from([None, "jalan", "sampah"])),
        agency=draw(st.sampled_from(["pupr", "dlh", "dulu", None])),
        priority=draw(st.sampled_from([None, "segera"])),
        events=draw(events),
    )


cities = st.lists(cases(), max_size=14).map(
    lambda drawn: [
        Case(**{field: getattr(case, field) for field in case.__struct_fields__ if field != "key"}, key=str(number))
        for number, case in enumerate(drawn)
    ]
)
windows = st.sampled_from(
    [
        Window(MIDNIGHT - timedelta(days=9), NOW),  # whole days up to now, over the clock change
        Window(instant("2026-02-26", ZONE), instant("2026-03-10", ZONE)),  # whole days, over
        Window(MIDNIGHT, NOW),  # today
        Window(NOW - timedelta(hours=30), NOW),  # not whole days
        Window(instant("2026-03-01 05:10", ZONE), instant("2026-03-09 11:00", ZONE)),
    ]
)
splits = st.sampled_from([(), (), ("category",), ("agency", "category"), ("priority",)])


def city_of(engine: sa.Engine, region: str, known: list[Case]) -> Queries:
    place = Region(code=region, name="Kota", timezone=ZONE.key, agencies=AGENCIES)
    config = Config(region=place, sources={}, metrics=OWN)
    Store(engine, config, lambda: NOW).save("sikesal", known, started_at=NOW, finish=Tally)
    return Queries(engine, config, lambda: NOW)


def table_of(reading, by, grain):
    names = [*by, *(["bucket"] if grain else [])]
    return {tuple(row[name] for name in names): (row["value"], row["n"]) for row in reading.rows if row["n"]}


def close(table):
    return {key: (pytest.approx(value, abs=1e-6), n) for key, (value, n) in table.items()}


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(known=cities, span=windows, by=splits, grain=st.sampled_from([None, "hour", "day", "week", "month"]))
def test_every_measure_gives_what_its_definition_says(engine, known, span, by, grain):
    queries = city_of(engine, f"99.{next(_regions)}", known)
    complaints = [case for case in known if case.kind == "complaint"]
    for measure in MEASURES:
        reading = queries.measure(f"complaints_{measure}", by=by, grain=grain, window=span)
        expected = reference.table(measure, complaints, span, NOW, by, grain, ZONE)
        assert table_of(reading, by, grain) == close(expected), measure


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    known=cities, span=windows, by=st.sampled_from([(), ("category",)]), grain=st.sampled_from([None, "day", "week"])
)
def test_day_roll_ups_and_cases_give_the_same_figures(engine, known, span, by, grain):
    queries = city_of(engine, f"98.{next(_regions)}", known)
    # Every status there is filters nothing out, but the roll-ups do not know statuses: the cases answer.
    everything = {"status": [status.value for status in Status]}
    for measure in ("opened", "closed", "on_time_ratio", "rejected_ratio", "open", "overdue"):
        rolled = queries.measure(f"complaints_{measure}", by=by, grain=grain, window=span)
        counted = queries.measure(f"complaints_{measure}", by=by, grain=grain, window=span, where=everything)
        assert rolled.rows == [row | {"value": pytest.approx(row["value"])} for row in counted.rows], measure
        assert rolled.n == counted.n


def test_regions_in_one_database_do_not_see_each_other(engine):
    case = Case(key="1", kind="complaint", opened_at=NOW - timedelta(hours=1), agency="pupr")
    here, there = city_of(engine, "97.1", [case]), city_of(engine, "97.2", [])
    assert [here.measure("complaints_open").value, there.measure("complaints_open").value] == [1, 0]
    assert there.measure("complaints_opened").value == 0
