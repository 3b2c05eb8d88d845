"""A person's number in a column that is mapped as a figure stays out; a budget in rupiah comes in."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as some

from collectors import RowError, figures, manual, mapping
from tests.collectors.conftest import region

METRICS = {"anggaran": {"measure": "latest", "observation": "budget", "unit": "Rp"}}

digits = some.text("0123456789", min_size=1, max_size=12)
#: Indonesian mobile and landline numbers, as people write them into a sheet.
phones = some.builds(lambda head, tail: head + tail, some.sampled_from(["08", "021", "0741", "+628", "+62 8"]),
                     some.text("0123456789", min_size=7, max_size=10))  # fmt: skip
cards = some.builds(lambda tail: "000" + tail, some.text("0123456789", min_size=10, max_size=10))
niks = some.builds(lambda head, tail: head + tail, some.sampled_from(["1571", "3174", "9471"]),
                   some.text("0123456789", min_size=12, max_size=12))  # fmt: skip


def value(text, metric="budget", decimal="."):
    """What the mapper makes of one cell."""
    args = mapping.Mapping(shape="observations", fields={"at": "t"}, values={metric: "n"}, decimal=decimal)
    ((item,)) = mapping.compiled(args)(["2026-11-24T00:00:00Z", text])
    return item.value


@given(some.one_of(phones, cards, niks), some.sampled_from(["budget", "budget_rp"]), some.sampled_from([".", ","]))
@example("0001234567890", "budget_rp", ".")
@example("1571076408990003", "budget_rp", ",")
def test_a_persons_number_as_it_is_written_is_no_figure_of_any_metric(text, metric, decimal):
    with pytest.raises(RowError, match=f"^{metric}: (begins with a zero or \\+62|more than 15 digits|not a number)"):
        value(text, metric, decimal)


@given(some.integers(10**9, 10**15 - 1))
@example(81274531234)
@example(6281274531234)
def test_ten_digits_or_more_are_refused_unless_the_metric_counts_money_or_has_a_max(number):
    assert figures.refusal("visitors", float(number), frozenset()) is not None
    assert figures.refusal("visitors", -float(number), frozenset()) is not None
    assert figures.refusal("visitors", float(number), frozenset({"visitors"})) is None
    assert figures.refusal("claims_rp", float(number), frozenset()) is None


@given(some.integers(0, 10**9 - 1))
def test_a_smaller_figure_is_never_in_doubt_and_neither_are_its_zeros(number):
    assert figures.refusal("visitors", float(number), frozenset()) is None
    assert value(str(number)) == number and value(f"{number}.0") == number


@given(some.integers(0, 10**15 - 1))
@example(812_745_312_345)
@example(125_000_000_000)
def test_a_budget_of_any_size_is_read_as_it_is_written(number):
    grouped = f"{number:,}".replace(",", ".")
    assert value(str(number)) == number and value(grouped, decimal=",") == number
    assert figures.refusal("budget", float(number), frozenset({"budget"})) is None


@given(digits)
def test_a_small_number_may_begin_with_zeros(text):
    assume(len(text) < 8)
    assert value(text) == float(text)


@pytest.mark.parametrize("unit", ["Rp", "rupiah", "IDR", "Rp per bulan", "Rp. juta"])
def test_what_counts_money_is_told_by_its_unit(unit):
    assert figures.is_money("budget", unit)


@pytest.mark.parametrize("unit", ["", "orang", "rpm", "per rupiah", "%"])
def test_other_units_are_no_money(unit):
    assert not figures.is_money("budget", unit)


def test_a_metric_of_money_a_max_and_a_column_of_a_form_announce_large_figures():
    columns = {"pajak": {"title": "Pajak", "unit": "Rp"}, "air": {"title": "Air", "max": 5e9}, "kk": {"title": "KK"}}
    config = region("manual", {"metrics": columns, "rows": ["PUPR"]}, metrics=METRICS,
                    plausibility={"flow_l": {"max": 1e12}, "height": {"min": 0}})  # fmt: skip
    assert figures.announced(config) == {"budget", "flow_l", "pajak", "air"}


@pytest.mark.parametrize("typed", ["081274531234", "81274531234", "1571076408990003", 81274531234])
def test_a_form_refuses_them_at_the_cell(typed):
    args = manual.Args.model_validate({"metrics": {"kk": {"title": "KK"}}, "decimal": "."})
    with pytest.raises(manual.Unfit, match="a person's number") as error:
        manual.number("kk", typed, args)
    assert error.value.code == "person"
    money = manual.Args.model_validate({"metrics": {"kk": {"title": "KK", "unit": "Rp"}}, "decimal": "."})
    assert manual.number("kk", 81274531234, money) == 81274531234


CSV = "t;n\n" + "".join(f"2026-11-{day:02};{day}\n" for day in range(1, 21)) + "2026-11-24;{cell}\n"


def run(desk, tmp_path, cell, metric, **more):
    (tmp_path / "a.csv").write_text(CSV.format(cell=cell))
    args = {"path": str(tmp_path / "a.csv"), "shape": "observations", "fields": {"at": "t"}, "values": {metric: "n"}}
    made = desk("csv_file", args, **more)
    return made.run(), [number for (number,) in made.ask("select value from observations order by at")]


@pytest.mark.parametrize("cell", ["081274531234", "81274531234", "+6281274531234", "0001234567890", "1571076408990003"])
def test_through_the_door_no_persons_number_becomes_an_observation(desk, tmp_path, cell):
    result, stored = run(desk, tmp_path, cell, "visitors")
    assert (result.ok, result.rejected, stored) == (True, 1, [float(day) for day in range(1, 21)])
    assert cell not in repr(result) and "visitors" in result.notes["rejected"][0]


@pytest.mark.parametrize("more", [{"metrics": METRICS}, {"plausibility": {"budget": {"max": 1e13}}}])
def test_through_the_door_a_budget_becomes_an_observation(desk, tmp_path, more):
    result, stored = run(desk, tmp_path, "125000000000", "budget", **more)
    assert (result.ok, result.rejected, stored[-1]) == (True, 0, 125_000_000_000)
