"""Whatever the wall and the panels: nothing over a seam, nothing too small, nothing overlapping, or a refusal."""

from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from city.documents import load as load_config
from city.screens import Screen
from collectors import args_of
from dashboard.fitting import fit, head_u, piece
from dashboard.geometry import Geometry, Rect, geometry
from dashboard.grid import rectangles
from dashboard.packing import NoRoom, grid_of, pack
from dashboard.page import load_page
from dashboard.shelves import Piece
from tests.builders import config
from tests.dashboard.geometries import SCREENS

ROOT = Path(__file__).resolve().parents[2]
HEAD = 84.0

sizes = st.sampled_from(["panel", "panel", "panel", "group", "strip"])
lengths = st.integers(100, 600)


@st.composite
def panels(draw) -> list[Piece]:
    heights = {"group": st.just(170), "strip": st.just(92), "panel": lengths}
    found = []
    for index in range(draw(st.integers(1, 9))):
        size = draw(sizes)
        found.append(Piece(f"p{index}", size, draw(lengths), draw(heights[size]), draw(st.sampled_from([1.0, 2.0]))))
    return found


@st.composite
def rooms(draw) -> Geometry:
    columns, rows = draw(st.integers(1, 4)), draw(st.integers(1, 2))
    wide, tall = draw(st.integers(500, 1920)), draw(st.integers(500, 1920))
    return Geometry(1.0, columns * wide, rows * tall, columns, rows)


@given(panels(), rooms())
@settings(max_examples=150, deadline=None)
def test_every_panel_is_placed_whole_on_one_display_or_the_scene_is_refused(pieces, wall):
    try:
        placed = pack(pieces, wall, HEAD)
    except NoRoom as lack:
        assert lack.piece in pieces
        assert lack.left[0] < lack.piece.width or lack.left[1] < lack.piece.height, "it would have had room"
        return
    assert set(placed) == {one.name for one in pieces}
    for one in pieces:
        room = placed[one.name]
        assert room.width >= one.width - 0.01 and room.height >= one.height - 0.01
        assert not wall.over_a_seam(room)
        assert (
            room.x >= 27.99
            and room.y >= HEAD
            and room.right <= wall.width - 27.99
            and room.bottom <= wall.height - 15.99
        )
    for one, two in combinations(placed.values(), 2):
        assert (
            one.right <= two.x + 0.01
            or two.right <= one.x + 0.01
            or one.bottom <= two.y + 0.01
            or two.bottom <= one.y + 0.01
        )


@given(panels(), rooms())
@settings(max_examples=60, deadline=None)
def test_the_grid_puts_each_panel_where_it_was_packed(pieces, wall):
    try:
        placed = pack(pieces, wall, HEAD)
    except NoRoom:
        return
    found = rectangles(grid_of(placed, wall, HEAD), Rect(0, HEAD, wall.width, wall.height - HEAD))
    assert set(found) == set(placed)
    for name, room in placed.items():
        there = found[name]
        for wanted, got in zip(
            (room.x, room.y, room.right, room.bottom), (there.x, there.y, there.right, there.bottom), strict=True
        ):
            assert got == pytest.approx(wanted, abs=0.5)


def test_groups_and_strips_keep_their_heights_and_panels_take_the_rest():
    three = [Piece("g", "group", 300, 170), Piece("p", "panel", 300, 200), Piece("s", "strip", 300, 92)]
    placed = pack(three, Geometry(1, 500, 1000), HEAD)
    assert (placed["g"].height, placed["s"].height) == (170, 92)
    assert placed["g"].bottom < placed["p"].y and placed["p"].bottom < placed["s"].y
    assert placed["p"].height == pytest.approx(1000 - HEAD - 18 - 16 - 170 - 92 - 2 * 18)


def test_the_heavier_of_two_panels_takes_more_of_the_spare_room():
    two = [Piece("a", "panel", 400, 200, 2.0), Piece("b", "panel", 400, 200)]
    placed = pack(two, Geometry(1, 500, 1000), HEAD)
    assert placed["a"].height > placed["b"].height >= 200


def test_a_refusal_names_the_least_important_panel_that_has_no_room():
    with pytest.raises(NoRoom) as caught:
        pack([Piece(f"p{k}", "panel", 400, 300) for k in range(3)], Geometry(1, 500, 800), HEAD)
    assert caught.value.piece.name == "p2" and caught.value.left[1] < 300


# the shipped scene


@cache
def shipped(scene):
    region = load_config(ROOT / "config.yaml", args_of, {"SIMULATION_SECRET": "s" * 32})
    return load_page(ROOT / f"layouts/{scene}.yaml", region)


def overview():
    return shipped("overview")


@pytest.mark.parametrize("name", SCREENS)
@pytest.mark.parametrize("scene", [layout.stem for layout in sorted((ROOT / "layouts").glob("*.yaml"))])
def test_every_scene_can_be_read_on_every_geometry_of_the_issue(scene, name):
    page, screen = shipped(scene), Screen(**SCREENS[name], scenes=(scene,))
    wall, found = geometry(screen), fit(page, screen)
    by_hand = name == "w1920x1080" or name == "w5760x2160" and page.wide != page.grid
    assert found.lacks == () and found.packed != by_hand
    head = head_u(wall)
    placed = rectangles(found.grid, Rect(0, head, wall.width, wall.height - head))
    assert set(placed) == set(page.panels) and not any(map(wall.over_a_seam, placed.values()))
    for panel in page.panels.values():
        needed = piece(panel, wall.width / wall.columns)
        assert placed[panel.name].width >= needed.width - 1 and placed[panel.name].height >= needed.height - 1


def test_a_scene_too_full_for_its_farthest_seat_is_refused_with_panel_room_and_remedy():
    found = fit(overview(), Screen(size=(1920, 1080), diagonal_in=55, distance_m=8, scenes=("overview",)))
    (lack,) = found.lacks
    assert lack.startswith("panel '") and " px to be read from the farthest seat and has " in lack
    assert lack.endswith("take panels out of the scene, hang larger displays, or seat people nearer")
    assert found.grid.areas, "it is drawn all the same"


def test_a_grid_by_hand_that_is_too_small_for_a_panel_is_refused_too(tmp_path):
    (tmp_path / "uji.yaml").write_text(
        "title: Uji\ngrid: {columns: [100, '1fr'], rows: ['1fr'], areas: [late open]}\npanels:\n"
        "  late: {kind: table, title: Lewat, args: {overdue: true}}\n"
        "  open: {kind: trend, title: Terbuka, args: {metric: complaints_open}}\n"
    )
    screen = Screen(size=(1920, 1080), diagonal_in=55, distance_m=3, scenes=("uji",))
    (lack,) = fit(load_page(tmp_path / "uji.yaml", config()), screen).lacks
    assert lack.startswith("panel 'late' needs 480x303 px") and "has 100x962;" in lack


def test_a_grid_by_hand_that_lies_over_a_seam_is_packed_anew():
    two = Screen(size=(3840, 2160), diagonal_in=55, distance_m=3, columns=2, rows=2, scenes=("overview",))
    assert geometry(two).is_canvas((1920, 1080)) and fit(overview(), two).packed
