"""The catalogue names every number once, says what it means, and knows the nearest name."""

from datetime import timedelta

import pytest

from city.config import Config, MetricConfig, Region, Source
from city.metrics import FLOWS, MEASURES, OBSERVED, STATES, UnknownMetric, catalogue, find, flaw

JAMBI = Region(code="15.71", name="Kota Jambi", timezone="Asia/Jakarta")


def config(sources=None, **metrics):
    return Config(region=JAMBI, sources=sources or {}, metrics=metrics)


def test_every_kind_of_case_has_the_usual_eleven_metrics():
    names = [name for name in catalogue(config()) if name.startswith("complaints_")]
    assert names == [
        "complaints_opened", "complaints_closed", "complaints_open", "complaints_overdue", "complaints_due_soon",
        "complaints_on_time_ratio", "complaints_time_to_close", "complaints_first_response",
        "complaints_oldest_open", "complaints_rejected_ratio", "complaints_reopened",
    ]  # fmt: skip


def test_a_source_brings_the_metrics_of_its_own_kind_of_case():
    known = catalogue(config({"damkar": Source(collector="csv_file", kind="fire_call")}))
    assert known["fire_calls_open"].of == "fire_call"
    assert known["fire_calls_open"].title == "Fire call terbuka"


def test_a_metric_says_what_it_counts_in_which_unit_and_which_way_is_better():
    overdue = catalogue(config())["memos_overdue"]
    assert (overdue.title, overdue.unit, overdue.kind, overdue.direction) == (
        "Nota dinas lewat tenggat", "cases", "gauge", "lower",
    )  # fmt: skip
    assert overdue.definition == "memo: cases open at t with due_at <= t"


def test_the_definition_names_quantile_horizon_stages_and_filters():
    known = catalogue(
        config(
            slow=MetricConfig(measure="time_to_close", of="memo", quantile=0.9, where={"channel": "surat"}),
            soon=MetricConfig(measure="due_soon", of="call", horizon=timedelta(minutes=30)),
            walk=MetricConfig(measure="stage_time", of="memo", from_stage="received", to_stage="signed"),
        )
    )
    assert known["slow"].definition.endswith("; quantile 0.9; channel = surat")
    assert known["soon"].definition.endswith("; horizon 0.5 h")
    assert known["walk"].definition.endswith("; from received to signed")


def test_a_metric_of_the_regions_own_takes_unit_and_direction_from_its_measure_unless_told():
    known = catalogue(
        config(
            valid=MetricConfig(measure="opened", of="call", where={"outcome": "sah"}),
            walk=MetricConfig(
                measure="stage_time", of="memo", from_stage="received", to_stage="signed", direction="neutral"
            ),
            occupancy=MetricConfig(measure="ratio", numerator="beds_used", denominator="beds"),
        )
    )
    assert (known["valid"].unit, known["valid"].kind, known["valid"].title) == ("cases", "count", "Valid")
    assert (known["walk"].unit, known["walk"].kind, known["walk"].direction) == ("hours", "duration", "neutral")
    assert (known["occupancy"].unit, known["occupancy"].observations) == ("ratio", ("beds_used", "beds"))


def test_a_metric_of_observations_is_of_the_observation_of_its_own_name_unless_told():
    known = catalogue(
        config(beds=MetricConfig(measure="latest"), free=MetricConfig(measure="latest", observation="beds_free"))
    )
    assert (known["beds"].observation, known["free"].observation) == ("beds", "beds_free")


def test_the_region_may_redefine_a_usual_metric():
    own = MetricConfig(measure="time_to_close", of="complaint", quantile=0.9)
    assert catalogue(config(complaints_time_to_close=own))["complaints_time_to_close"].quantile == 0.9


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(UnknownMetric, match=r"^unknown metric 'complaints_opn'\. Did you mean 'complaints_open'\?$"):
        find(catalogue(config()), "complaints_opn")
    with pytest.raises(UnknownMetric, match=r"^unknown metric 'zzz'\.$"):
        find(catalogue(config()), "zzz")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"measure": "open"}, "'open' counts cases: say which with `of`, e.g. of: complaint"),
        ({"measure": "sum", "of": "memo"}, "'sum' is a measure of observations: leave `of` out"),
        ({"measure": "stage_time", "of": "memo", "to_stage": "x"}, "'stage_time' needs `from_stage` and `to_stage`"),
        ({"measure": "ratio", "numerator": "a"}, "'ratio' needs `numerator` and `denominator`, each the name"),
        ({"measure": "open", "of": "memo", "where": {"colour": "red"}}, "unknown dimension 'colour' in `where`"),
        ({"measure": "agencies_ratio", "of": "memo"}, "'agencies_ratio' needs `to_stage`"),
        ({"measure": "latest", "where": {"status": "done"}}, "unknown dimension 'status' in `where`"),
    ],
)
def test_a_metric_that_lacks_something_says_what(spec, message):
    assert flaw(MetricConfig(**spec)).startswith(message)


def test_a_complete_metric_has_no_flaw():
    assert flaw(MetricConfig(measure="latest")) is None
    assert flaw(MetricConfig(measure="open", of="memo", where={"agency": ["bkd", "pupr"]})) is None


def test_the_vocabulary_is_closed_and_each_measure_takes_time_one_way():
    assert set(MEASURES) == {
        "opened", "closed", "open", "overdue", "due_soon", "on_time_ratio", "time_to_close", "stage_time",
        "first_response", "oldest_open", "rejected_ratio", "reopened", "agencies_ratio", "latest", "sum",
        "mean", "ratio",
    }  # fmt: skip
    assert len(MEASURES) == len(FLOWS) + len(STATES) + len(OBSERVED)
