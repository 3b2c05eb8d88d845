"""The day roll-ups kept delivery by delivery are what the cases add up to, and can be counted anew at any time."""

import threading
from collections import Counter, defaultdict
from datetime import timedelta

import pytest
import sqlalchemy as sa
from day_counts import COUNTS, NEW, ZONE, at, days, filed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from city import folding
from city.model import Observation, Status
from city.store import Store
from city.times import instant, local_day
from tests.builders import case, clock, config, save, table


@pytest.fixture
def store(engine):
    return Store(engine, config(), clock())


def test_a_rebuild_mends_what_was_damaged_and_is_undone_with_its_transaction(store, engine):
    save(store, filed(due="21 08:00", agency="pupr"), filed("B", closed="22 09:00", category="jalan"))
    whole = days(engine, "agency", "category")
    with engine.begin() as connection:
        connection.execute(sa.text("delete from case_days where agency is null"))
        connection.execute(sa.text("update case_days set opened = 7, overdue_out = 3"))
    damaged = days(engine, "agency", "category")
    with engine.connect() as connection:
        folding.rebuild(connection, "15.71", ZONE.key)
        connection.rollback()
    assert days(engine, "agency", "category") == damaged != whole
    with engine.begin() as connection:
        folding.rebuild(connection, "15.71", ZONE.key)
    assert days(engine, "agency", "category") == whole


def added(one):
    """What one case adds, said a second time: (the moment whose day it is, count)."""
    opened, due, closed = one.opened_at, one.due_at, one.closed_at
    yield opened, "opened"
    if closed is None or closed > opened:
        yield opened, "open_in"
    if due and (closed is None or closed > max(opened, due)):
        yield max(opened, due), "overdue_in"
    if closed:
        flags = {
            "closed": True, "rejected": one.status == Status.REJECTED, "open_out": closed > opened,
            "closed_due": due is not None, "closed_on_time": due is not None and closed <= due,
            "overdue_out": due is not None and closed > max(opened, due),
        }  # fmt: skip
        yield from ((closed, name) for name, flag in flags.items() if flag)


_MOMENTS = st.integers(-30, 30).map(lambda step: at("15 00:00") + step * (at("15 08:00") - at("15 00:00")))
_CASES = st.builds(
    case, key=st.sampled_from("ABC"), kind=st.sampled_from(["complaint", "memo"]),
    opened_at=_MOMENTS, due_at=st.none() | _MOMENTS, closed_at=st.none() | _MOMENTS,
    status=st.sampled_from([Status.ROUTED, Status.DONE, Status.REJECTED]),
    category=st.sampled_from([None, "jalan"]), agency=st.sampled_from([None, "pupr"]),
    district=st.sampled_from([None, "15.71.07"]), channel=st.sampled_from([None, "surat"]),
)  # fmt: skip
_DELIVERIES = st.lists(st.tuples(st.sampled_from(["desk", "other"]), st.lists(_CASES, max_size=5)), max_size=6)
_ALL = ("source", "kind", "category", "agency", "district", "channel")


@given(deliveries=_DELIVERIES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_kept_delivery_by_delivery_is_what_the_cases_add_up_to(store, engine, deliveries):
    with engine.begin() as connection:
        connection.execute(sa.text("truncate cases, case_days, delivered, runs"))
    known = {}
    for source, delivery in deliveries:
        save(store, *delivery, source=source)
        known |= {(source, one.key): one for one in delivery}
    expected = defaultdict(Counter)
    for (source, _), one in known.items():
        for moment, name in added(one):
            group = (source, *(getattr(one, dim) for dim in _ALL[1:]))
            expected[(local_day(moment, ZONE).day, *group)][name] += 1
    assert days(engine, *_ALL) == {key: dict(counts) for key, counts in expected.items()}
    with engine.begin() as connection:
        folding.rebuild(connection, "15.71", ZONE.key)
    assert days(engine, *_ALL) == {key: dict(counts) for key, counts in expected.items()}
    assert table(engine, f"select count(*) from case_days where ({' + '.join(COUNTS)}) = 0") == [(0,)]


def test_a_rebuild_keeps_the_days_of_a_region_in_another_zone(engine):
    jayapura = {"code": "94.71", "name": "Kota Jayapura", "timezone": "Asia/Jayapura"}
    due = instant("2026-11-20T15:30Z")  # 22.30 of the 20th in Jambi, 00.30 of the 21st in Jayapura
    for region in ({}, {"region": jayapura}):
        save(Store(engine, config(**region), clock()), case(opened_at=due - timedelta(hours=30), due_at=due))
    kept = days(engine, "region")
    with engine.begin() as connection:
        folding.rebuild(connection, "15.71", ZONE.key)
    assert days(engine, "region") == kept


def test_a_corrected_zone_counts_every_local_day_anew_before_the_next_row_is_merged(engine):
    due = instant("2026-11-20T16:30Z")  # 23.30 of the 20th in Jambi, 01.30 of the 21st in Jayapura
    late = case(opened_at=due - timedelta(hours=30), due_at=due)
    beds = Observation(metric="beds", at=due, value=3)
    save(Store(engine, config(), clock()), late, beds)
    region = config().region.model_dump() | {"timezone": "Asia/Jayapura"}
    corrected = Store(engine, config(region=region), clock())
    assert save(corrected, case("B", opened_at=due)).saved == 1
    assert days(engine) == {19: NEW, 21: {"opened": 1, "open_in": 1, "overdue_in": 1}}
    assert table(engine, "select distinct day::text from observations") == [("2026-11-21",)]
    assert table(engine, "select opened_on::text from cases order by key") == [("2026-11-19",), ("2026-11-21",)]
    # What was counted under the old zone leaves with it: nothing of it stays behind.
    assert save(corrected, case("A-1", opened_at=late.opened_at, due_at=None)).revised == 1
    assert days(engine) == {19: NEW, 21: NEW}


def test_runs_that_start_together_after_a_correction_count_anew_once(engine):
    save(Store(engine, config(), clock()), filed("A"))
    corrected = Store(engine, config(region=config().region.model_dump() | {"timezone": "Asia/Jayapura"}), clock())
    runs = [threading.Thread(target=save, args=(corrected, filed(f"N-{n}")), kwargs={"source": f"s{n}"}) for n in "123"]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert days(engine, "source") == {(20, source): NEW for source in ("desk", "s1", "s2", "s3")}
    assert table(engine, "select region, zone from regions") == [("15.71", "Asia/Jayapura")]
