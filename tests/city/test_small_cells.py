"""No small count of patients can be worked out from the tables of the same data, by whoever has all of them."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import pandas
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from city.small_cells import MARK, suppress, suppress_all

Cells = dict[tuple[str, str], int]


def rows(cells: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [{"district": one, "category": other, "value": count, "n": count} for (one, other), count in cells.items()]


@st.composite
def tables(draw: st.DrawFn) -> Cells:
    """Small and large, full and with gaps: many counts are below five."""
    size = draw(st.tuples(st.integers(1, 5), st.integers(1, 5)))
    keys = [(f"d{row}", f"c{column}") for row, column in product(*map(range, size))]
    count = st.one_of(st.integers(1, 4), st.integers(0, 9), st.integers(5, 60))
    return {key: draw(count) for key in keys if draw(st.integers(0, 3))}


def adversary(released: Mapping[tuple[str, ...], list[dict[str, Any]]], truth: Cells) -> dict[Any, tuple[float, float]]:
    """What follows from all tables at once for every small figure that is hidden: least and largest value.

    Written from the tables alone. She even knows whether a zero is among what is hidden.
    """
    names = [(), ("district",), ("category",), ("district", "category")]
    known: dict[Any, float] = {}
    for name in names:
        for row in released[name]:
            known[tuple(row.get(one, "*") for one in names[3])] = row["value"]  # None: hidden
    full, lines = released[names[3]], {place: {key[place] for key in known} - {"*"} for place in (0, 1)}
    figures = {("*", "*"), *((one, "*") for one in lines[0]), *(("*", one) for one in lines[1])}
    cells = {key for key in known if "*" not in key} if full else set()
    figures |= cells
    order = sorted(figures)
    true = {}
    for key in order:
        inside = [count for cell, count in truth.items() if all(a in ("*", b) for a, b in zip(key, cell, strict=True))]
        true[key] = sum(inside)
    withheld = {key for key in order if known.get(key) is None}
    low = {
        key: 0 if any(true[one] == 0 for one in withheld if one.count("*") == key.count("*")) else 1 for key in order
    }
    bounds = [(low[key], None) if key in withheld else (known[key], known[key]) for key in order]
    # A table that is withheld, with nothing else that names its lines, says nothing of how many there are.
    sums = [[(1, key) for key in order if key[1 - place] == "*" and key[place] != "*"] + [(-1, ("*", "*"))]
            for place in (0, 1) if lines[place]]  # fmt: skip
    if full:
        sums += [[(1, key) for key in cells if key[0] == one] + [(-1, (one, "*"))] for one in lines[0]]
        sums += [[(1, key) for key in cells if key[1] == one] + [(-1, ("*", one))] for one in lines[1]]
    matrix = [[sum(factor for factor, one in line if one == key) for key in order] for line in sums]
    found = {}
    for place, key in enumerate(order):
        if key in withheld and 0 < true[key] < 5:
            ends = [linprog([sign * (at == place) for at in range(len(order))], A_eq=matrix, b_eq=[0] * len(sums),
                            bounds=bounds, method="highs") for sign in (1, -1)]  # fmt: skip
            assert all(end.status in (0, 3) for end in ends), "the tables contradict each other"
            found[key] = tuple(float("inf") if end.status == 3 else sign * end.fun
                               for sign, end in zip((1, -1), ends, strict=True))  # fmt: skip
    return found


@given(tables())
@settings(max_examples=150, deadline=None)
@example({("d0", "c0"): 1, ("d0", "c1"): 1, ("d0", "c2"): 1, ("d0", "c3"): 1, ("d0", "c4"): 1})  # sum 5: all are 1
@example({("d0", "c0"): 5, ("d0", "c1"): 3, ("d1", "c1"): 4, ("d1", "c2"): 6})  # a chain: its ends give the middle
@example({("d0", "c0"): 3, ("d1", "c0"): 40, ("d0", "c1"): 30, ("d1", "c1"): 20})
@example({("d0", "c0"): 0, ("d0", "c1"): 2, ("d1", "c0"): 9, ("d1", "c1"): 7})
def test_whoever_solves_all_tables_together_finds_four_possible_values_for_every_small_count(truth: Cells) -> None:
    released = suppress_all(rows(truth), ["district", "category"])
    for key, (least, most) in adversary(released, truth).items():
        assert most - least >= 3 - 1e-6, f"{key} lies between {least} and {most}"


@given(tables())
@settings(max_examples=60, deadline=None)
def test_no_small_count_is_shown_and_what_is_shown_is_true(truth: Cells) -> None:
    for row in suppress(rows(truth), ["district", "category"]):
        if row[MARK]:
            assert row["value"] is None and row.get("n") is None
        else:
            count = truth[row["district"], row["category"]]
            assert row["value"] == count and not 0 < count < 5


@given(tables())
@settings(max_examples=40, deadline=None)
def test_a_figure_is_hidden_or_shown_alike_in_every_table_it_stands_in(truth: Cells) -> None:
    both = suppress_all(rows(truth), ["district", "category"])
    by_one: dict[str, int] = {}
    for (district, _), count in truth.items():
        by_one[district] = by_one.get(district, 0) + count
    alone = suppress([{"district": one, "value": count} for one, count in by_one.items()], ["district"])
    assert alone == both["district",]


def test_one_small_district_hides_the_smallest_other_one_with_it() -> None:
    table = [{"district": name, "value": count} for name, count in (("a", 3), ("b", 40), ("c", 12))]
    shown = {row["district"]: row["value"] for row in suppress(table, ["district"])}
    assert shown == {"a": None, "b": 40, "c": None}


def test_a_table_in_which_nothing_is_small_stays_as_it_is() -> None:
    table = [{"district": "a", "value": 5, "n": 5}, {"district": "b", "value": 0, "n": 0}]
    assert suppress(table, ["district"]) == [row | {MARK: False} for row in table]


def test_five_districts_with_a_patient_each_are_no_table_at_all() -> None:
    assert suppress([{"district": name, "value": 1} for name in "abcde"], ["district"]) == []


def test_a_small_total_is_hidden_and_everything_under_it() -> None:
    found = suppress_all(rows({("d0", "c0"): 1, ("d1", "c1"): 2}), ["district", "category"])
    assert all(row["value"] is None for table in found.values() for row in table)


def test_a_data_frame_comes_back_as_one() -> None:
    frame = pandas.DataFrame(
        [{"district": "a", "cases": 2}, {"district": "b", "cases": 90}, {"district": "c", "cases": 7}]
    )
    found = suppress(frame, ["district"], "cases")
    assert list(found.columns) == ["district", "cases", MARK]
    assert found["cases"].isna().tolist() == [True, False, True]


def test_three_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="at most two"):
        suppress([], ["a", "b", "c"])


def test_a_table_as_large_as_a_city_needs_takes_less_than_two_seconds() -> None:
    import time

    cells = {(f"d{row}", f"c{column}"): (row * 7 + column * 13) % 23 for row, column in product(range(30), range(20))}
    began = time.monotonic()
    assert suppress(rows(cells), ["district", "category"])
    assert time.monotonic() - began < 2
