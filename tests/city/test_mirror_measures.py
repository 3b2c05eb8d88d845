"""Every measure gives the same from the mirror as from PostgreSQL: one text, two engines, random cities."""

import itertools
import shutil

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from test_queries_against_reference import AGENCIES, MEASURES, NOW, OWN, cities, moments, windows

from city.config import Config, MetricConfig, Region
from city.mirror_queries import Mirror, MirrorQueries
from city.mirror_writer import Writer
from city.model import Observation
from city.queries import Queries
from city.store import Store, Tally

#: Clocks that change at two, at midnight, at a half hour, and not at all.
ZONES = ["America/New_York", "America/Havana", "Australia/Lord_Howe", "Asia/Jakarta", "Asia/Jayapura"]
OBSERVED = {
    "beds": MetricConfig(measure="latest"),
    "calls": MetricConfig(measure="sum"),
    "rain": MetricConfig(measure="mean"),
    "occupied": MetricConfig(measure="ratio", numerator="calls", denominator="beds"),
}
PLACES = st.sampled_from([None, "A", "B"])
observations = st.lists(
    st.builds(
        Observation, metric=st.sampled_from(["beds", "calls", "rain"]), at=moments, district=PLACES, place=PLACES,
        value=st.integers(-4, 40).map(float) | st.floats(-1e6, 1e6),
    ),
    max_size=12, unique_by=lambda one: (one.metric, one.at, one.district, one.place),
)  # fmt: skip
filters = st.sampled_from(
    [{}, {}, {"category": ["jalan"]}, {"priority": ["segera"], "agency": ["pupr", "dlh"]}, {"status": ["done"]}]
)
splits = st.sampled_from([(), (), ("category",), ("agency", "status"), ("priority", "category")])
_regions = itertools.count(1)


@pytest.mark.parametrize(
    "grain", [None, "day", *(pytest.param(grain, marks=pytest.mark.proof) for grain in ("hour", "week", "month"))]
)
@settings(max_examples=3, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
@given(
    known=cities, seen=observations, span=windows, by=splits,
    where=filters, zone=st.sampled_from(ZONES),
    quantile=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
)  # fmt: skip
def test_both_engines_give_the_same_of_every_measure(
    shared_engine, tmp_path_factory, known, seen, span, by, where, grain, zone, quantile
):
    place = Region(code=f"96.{next(_regions)}", name="Kota", timezone=zone, agencies=AGENCIES)
    config = Config(region=place, sources={}, metrics=OWN | OBSERVED)
    store = Store(shared_engine, config, lambda: NOW)
    store.save("desk", [*(replace(one, events=one.events[:1]) for one in known), *seen], started_at=NOW, finish=Tally)
    folder = tmp_path_factory.mktemp("mirror")
    writer = Writer(shared_engine, place.code, folder, lambda: NOW)
    writer.catch_up()
    store.save("desk", known, started_at=NOW, finish=Tally)  # further events of cases that did not change
    writer.catch_up()
    assert writer.check() == []
    one, other = (
        Queries(shared_engine, config, lambda: NOW),
        MirrorQueries(shared_engine, config, lambda: NOW, Mirror(folder, threads=1)),
    )
    for name in [f"complaints_{measure}" for measure in MEASURES]:
        asked = {"by": by, "where": where, "grain": grain, "window": span, "quantile": quantile}
        _same(one.measure(name, **asked), other.measure(name, **asked), name)
    for name in OBSERVED:
        asked = {"by": [dim for dim in by if dim in ("category", "agency")], "grain": grain, "window": span}
        _same(one.measure(name, **asked), other.measure(name, **asked), name)
    other.mirror.close()
    shutil.rmtree(folder)


def _same(expected, found, name):
    assert len(expected.rows) == len(found.rows), name
    for row, other in zip(expected.rows, found.rows, strict=True):
        value, mirrored = row.pop("value"), other.pop("value")
        assert row == other, name
        assert mirrored == (value if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)), name
    assert (expected.n, expected.partial, expected.as_of) == (found.n, found.partial, found.as_of)
    assert {key: found.extra[key] for key in expected.extra} == expected.extra, name
