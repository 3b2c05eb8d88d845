"""A layout is checked before anything starts, and a page is full at once from its last states."""

from pathlib import Path

import pytest

from city.documents import ConfigError
from dashboard.page import load_page
from dashboard.wall import Wall, draw
from tests.builders import config
from tests.dashboard.look import HOSTILE, classed, parts, text

LAYOUT = """\
title: Uji
grid:
  columns: [600, "1fr"]
  rows: [66, "1fr"]
  areas: [. ., open late]
panels:
  open:
    kind: number
    title: Terbuka
    args: {tiles: [{metric: complaints_open, label: Terbuka}]}
  late:
    kind: table
    title: Lewat tenggat
    stale_after: 5m
    args: {overdue: true}
"""


def load(folder: Path, layout: str = LAYOUT):
    file = folder / "uji.yaml"
    file.write_text(layout)
    return load_page(file, config())


def alone(page, states=None, **how):
    """The page as a wall of its own."""
    return draw(Wall(page.name, (page,)), {page.name: states or {}}, config(), version="0.1.0", **how)


def mistakes(folder: Path, layout: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, layout)
    return [str(problem) for problem in caught.value.problems]


def test_a_good_layout_becomes_a_page_that_knows_its_sources_and_limits(tmp_path):
    page = load(tmp_path)
    late = page.panels["late"]
    assert (page.name, page.title, late.metrics, late.sources) == ("uji", "Uji", ("complaints_overdue",), ("desk",))
    assert late.stale_after_s == 300 and page.panels["open"].stale_after_s == 900


def test_an_unknown_panel_kind_names_the_nearest_and_its_line(tmp_path):
    (problem,) = mistakes(tmp_path, LAYOUT.replace("kind: number", "kind: nomber"))
    assert problem == "uji.yaml:8: panels.open.kind: unknown panel kind 'nomber'. Did you mean 'number'?"


def test_an_unknown_metric_names_the_nearest_and_its_line(tmp_path):
    (problem,) = mistakes(tmp_path, LAYOUT.replace("complaints_open,", "complaint_open,"))
    assert problem.startswith("uji.yaml:10: ")
    assert "unknown metric 'complaint_open'. Did you mean 'complaints_open'?" in problem


def test_an_unknown_setting_of_a_panel_is_refused(tmp_path):
    (problem,) = mistakes(tmp_path, LAYOUT.replace("{overdue: true}", "{overdu: true}"))
    assert problem == "uji.yaml:15: panels.late.args.overdu: unknown setting. Did you mean 'overdue'?"


def test_a_panel_without_a_place_and_a_place_without_a_panel_are_both_reported(tmp_path):
    found = mistakes(tmp_path, LAYOUT.replace("open late]", "open lat]"))
    assert found == [
        "uji.yaml:5: grid.areas: unknown panel 'lat'. Did you mean 'late'?",
        "uji.yaml:11: panels.late: is not placed in grid.areas",
    ]


def test_a_row_of_areas_with_too_few_columns_is_reported(tmp_path):
    (problem,) = mistakes(tmp_path, LAYOUT.replace("[. ., open late]", "[., open late]"))
    assert problem == "uji.yaml:5: grid.areas.0: 1 areas but 2 columns"


def test_a_size_cannot_carry_style_of_its_own(tmp_path):
    assert mistakes(tmp_path, LAYOUT.replace('"1fr"]\n  areas', '"1fr;color:red"]\n  areas'))


def test_all_mistakes_come_at_once(tmp_path):
    layout = LAYOUT.replace("kind: number", "kind: nomber").replace("overdue: true", "overdu: true")
    assert len(mistakes(tmp_path, layout)) == 2


def test_the_shipped_scene_places_every_panel_on_both_walls():
    root = Path(__file__).resolve().parents[2]
    from city.documents import load as load_config
    from collectors import args_of

    page = load_page(
        root / "layouts/overview.yaml", load_config(root / "config.yaml", args_of, {"SIMULATION_SECRET": "s" * 32})
    )
    assert len(page.panels) == 15 and page.wide != page.grid
    assert page.panels["hospital"].sources and page.panels["calls"].sources


def test_a_screen_is_full_at_once_from_the_last_states(tmp_path):
    state = {"as_of": "2026-11-24T07:04:00+00:00", "body": "128", "source": HOSTILE}
    drawn = alone(load(tmp_path), {"open": state})
    assert "128" in text(drawn) and HOSTILE in text(drawn)


def test_the_header_has_everything_the_browser_fills_in(tmp_path):
    drawn = alone(load(tmp_path))
    ids = {part["props"].get("id") for part in parts(drawn)}
    assert {
        "wall",
        "scene-uji",
        "scene-title",
        "scene-place",
        "head",
        "simulated",
        "link",
        "oldest",
        "clock",
        "seconds",
        "today",
    } <= ids
    assert "Kota Jambi" in text(drawn) and "WIB" in text(drawn) and "v0.1.0" in text(drawn)


def test_a_wall_open_to_the_network_says_so(tmp_path):
    page = load(tmp_path)
    assert "TANPA IDENTITAS" in text(alone(page, insecure=True))
    assert "TANPA IDENTITAS" not in text(alone(page))


def test_the_grid_reaches_the_style_sheet_in_wall_units(tmp_path):
    style = classed(alone(load(tmp_path)), "scene")[0]["style"]
    assert style["--areas"] == '". ." "open late"'
    assert style["--columns"] == "calc(600 * var(--u)) 1fr"
    assert style["--areas-wide"] == style["--areas"]
