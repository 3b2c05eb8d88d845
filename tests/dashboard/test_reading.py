"""What a panel loaded, as one reading: as old as its oldest part, simulated if one part is."""

from datetime import timedelta

from dashboard.reading import packed, unpacked
from tests.builders import NOW
from tests.dashboard.look import reading


def of(minutes: float | None, value: float = 1, n: int = 1, **changes):
    """A reading so many minutes old; None was never collected."""
    found = reading({"value": value, "n": n}, **changes)
    found.as_of = None if minutes is None else NOW - timedelta(minutes=minutes)
    return found


def test_several_readings_are_as_old_as_the_oldest():
    assert packed([of(5), of(90), of(1)]).as_of == NOW - timedelta(minutes=90)


def test_readings_are_found_in_lists_and_mappings_however_deep():
    found = packed({"a": of(1, 7, 3), "b": [{"c": (of(2, 8, 4), None)}], "limit": 5, "text": "reading"})
    assert ([row["value"] for row in found.rows], found.n) == ([7, 8], 7)


def test_one_simulated_or_unfinished_part_marks_the_whole():
    assert packed([of(1), of(1, simulated=True)]).simulated and packed([of(1), of(1, partial=True)]).partial
    plain = packed([of(1), of(1)])
    assert not plain.simulated and not plain.partial


def test_sources_are_named_once_in_the_order_they_come():
    found = packed([of(1, sources=("B", "A")), of(1, sources=("A", "C"))])
    assert found.sources == ("B", "A", "C")


def test_a_part_never_collected_does_not_hide_the_age_of_the_others():
    assert packed([of(None), of(7)]).as_of == NOW - timedelta(minutes=7)
    assert packed([of(None), of(None)]).as_of is None


def test_metric_and_unit_are_those_of_the_first():
    assert packed([of(1, unit="hours"), of(1, unit="cases")]).unit == "hours"


def test_what_was_packed_comes_back_itself():
    loaded = {"reading": of(1), "limit": None}
    assert unpacked(packed(loaded)) is loaded
