"""Type sizes follow from the farthest seat; the figures are those of the published table."""

import pytest

from city.screens import Screen
from dashboard.geometry import CANVAS, FACT_U, WIDE, Rect, fact_arcmin, font_px, geometry, natural_unit, needed_px

FHD, UHD = (1920, 1080), (3840, 2160)


def screen(size=FHD, diagonal=55.0, distance=3.0, columns=1, rows=1) -> Screen:
    return Screen(size=size, diagonal_in=diagonal, distance_m=distance, columns=columns, rows=rows, scenes=("a",))


@pytest.mark.parametrize(
    ("diagonal", "size", "px"),
    [
        (55, FHD, {3: (31, 39), 4: (42, 52), 6: (63, 79), 8: (84, 105)}),
        (55, UHD, {3: (63, 79), 4: (84, 105), 6: (126, 157), 8: (168, 210)}),
        (85, UHD, {3: (41, 51), 4: (54, 68), 6: (81, 102), 8: (109, 136)}),
    ],
)
def test_font_sizes_for_16_and_20_minutes_of_arc_are_those_of_the_table(diagonal, size, px):
    for distance, wanted in px.items():
        assert tuple(round(font_px(distance, arcmin, diagonal, size)) for arcmin in (16, 20)) == wanted


def test_a_wall_of_displays_counts_the_pixels_of_one():
    assert needed_px(screen((5760, 2160), distance=6, columns=3, rows=2)) == pytest.approx(
        needed_px(screen(distance=6))
    )


@pytest.mark.parametrize(
    ("wall", "unit", "canvas"),
    [
        (screen(), 1, CANVAS),
        (screen(UHD), 2, CANVAS),
        (screen((5760, 2160), distance=6, columns=3, rows=2), 2, WIDE),
        (screen((7680, 2160), distance=6, columns=4, rows=2), 2, (3840, 1080)),
        (screen((5120, 1440), diagonal=49, distance=1.5), 4 / 3, (3840, 1080)),
        (screen((1080, 1920)), 1, (1080, 1920)),
    ],
)
def test_a_wall_is_as_many_units_as_it_was_drawn_for_where_that_can_be_read(wall, unit, canvas):
    found = geometry(wall)
    assert found.unit == pytest.approx(unit) and found.is_canvas(canvas)


def test_a_farther_seat_makes_the_unit_larger_and_the_wall_smaller_in_units():
    near, far = geometry(screen(distance=3)), geometry(screen(distance=6))
    assert far.unit == pytest.approx(needed_px(screen(distance=6)) / FACT_U) and far.width < near.width
    assert fact_arcmin(screen(distance=6), FACT_U * far.unit) == pytest.approx(16)


def test_31_px_on_a_55_inch_full_hd_display_at_3_m_are_16_7_minutes_of_arc():
    assert fact_arcmin(screen(), 31) == pytest.approx(16.7, abs=0.05)


def test_what_touches_a_seam_is_not_over_it():
    wall = geometry(screen((5760, 2160), distance=6, columns=3, rows=2))
    assert not wall.over_a_seam(Rect(0, 0, 960, 540)) and not wall.over_a_seam(Rect(960, 540, 960, 540))
    assert wall.over_a_seam(Rect(950, 0, 20, 10)) and wall.over_a_seam(Rect(0, 530, 10, 20))


def test_the_rule_for_a_window_that_nobody_measured_is_that_of_the_style_sheet():
    assert [natural_unit(*size) for size in (FHD, UHD, (5760, 2160), (1080, 1920))] == [1, 2, 2, 1]
