"""A wall holds all its scenes at once; the browser only has to turn them."""

from pathlib import Path

import pytest

from city.documents import ConfigError
from city.documents import load as load_config
from collectors import args_of
from dashboard.page import load_page
from dashboard.wall import draw, walls
from tests.builders import config
from tests.dashboard.look import classed, parts, text
from tests.dashboard.screens import LAYOUT

ROOT = Path(__file__).resolve().parents[2]
W1 = {"size": [1920, 1080], "diagonal_in": 55, "distance_m": 3, "scenes": ["satu", "dua"], "seconds": 30}


def two(folder, **changes):
    """The walls of a region with two pages and the screen ``w1``."""
    region = config(screens={"w1": W1 | changes})
    pages = []
    for name in ("satu", "dua"):
        (folder / f"{name}.yaml").write_text(LAYOUT.replace("title: Uji", f"title: Layar {name}"))
        pages.append(load_page(folder / f"{name}.yaml", region))
    return region, walls(region, pages)


def drawn(folder, where="/wall/w1", states=None, **changes):
    region, found = two(folder, **changes)
    return draw(found[where], states or {}, region, version="0.1.0")


def test_a_screen_and_each_of_its_pages_have_an_address_and_the_screen_comes_first(tmp_path):
    assert list(two(tmp_path)[1]) == ["/wall/w1", "/wall/satu", "/wall/dua"]


def test_one_header_stands_over_all_scenes_of_which_the_first_is_shown(tmp_path):
    tree = drawn(tmp_path)
    ids = [part["props"]["id"] for part in parts(tree) if part["props"].get("id")]
    assert len(ids) == len(set(ids)) and ids.count("head") == 1
    assert {"wall", "scene-satu", "scene-dua", "satu-open", "dua-open", "dua-open-body"} <= set(ids)
    first, second = classed(tree, "scene")
    assert (first.get("hidden"), second.get("hidden")) == (False, True)
    assert (second["data-page"], second["data-title"]) == ("dua", "Layar dua")
    assert second["data-place"] == "Tampilan 2 dari 2" and "Layar satu Tampilan 1 dari 2 , w1, v0.1.0" in text(tree)


def test_what_turns_the_scenes_is_told_on_the_wall_itself(tmp_path):
    night = {"from": "18:00", "to": "06:00", "dim": 0.6}
    (wall,) = classed(drawn(tmp_path, theme="light", night=night), "wall")
    assert wall["className"] == "wall theme-light fixed"
    said = {name: wall[f"data-{name}"] for name in ("screen", "scenes", "seconds", "theme")}
    assert said == {"screen": "w1", "scenes": "satu dua", "seconds": "30", "theme": "light"}
    assert [wall[f"data-night-{name}"] for name in ("from", "to", "dim")] == ["18:00", "06:00", "0.6"]


def test_the_first_paint_carries_the_bodies_of_the_first_scene_only(tmp_path):
    states = {name: {"open": {"body": f"isi {name}", "source": "SIKESAL"}} for name in ("satu", "dua")}
    found = text(drawn(tmp_path, states=states))
    assert "isi satu" in found and "isi dua" not in found


def test_a_page_alone_has_no_turns(tmp_path):
    (wall,) = classed(drawn(tmp_path, "/wall/dua"), "wall")
    assert (wall["data-scenes"], wall["data-seconds"]) == ("dua", "")


# mistakes in the settings

REGION = """\
region: {code: "15.71", name: Kota Jambi, timezone: Asia/Jakarta}
sources: {}
pages: [layouts/overview.yaml, layouts/health.yaml]
screens:
"""


def wrong(folder, screens: str) -> list[str]:
    (folder / "config.yaml").write_text(REGION + screens)
    with pytest.raises(ConfigError) as caught:
        load_config(folder / "config.yaml", args_of, {})
    return [str(problem) for problem in caught.value.problems]


GOOD = "  w1: {size: [1920, 1080], diagonal_in: 55, distance_m: 3, scenes: [overview]}\n"


@pytest.mark.parametrize(
    ("screen", "said"),
    [
        (GOOD.replace("[overview]", "[overview, helth]"), "w1.scenes.1: no such page 'helth'. Did you mean 'health'?"),
        (
            GOOD.replace("w1:", "health:"),
            "health: a page is called 'health' already, and both would be at /wall/health",
        ),
        (GOOD.replace("distance_m", "distance"), "w1.distance_m: is missing"),
        (GOOD.replace("scenes: [overview]", "scenes: []"), "w1.scenes: Tuple should have at least 1 item"),
        (GOOD.replace("scenes:", "columns: 7, scenes:"), "w1: 7x1 displays do not divide 1920x1080 px"),
        (GOOD.replace("[overview]", "[overview, overview]"), "w1: scenes: a scene stands here twice"),
        (GOOD.replace("scenes:", "night: {from: 25:00, to: '06:00'}, scenes:"), "w1.night.from: "),
        (GOOD.replace("scenes:", "theme: drak, scenes:"), "w1.theme: Input should be 'dark' or 'light'"),
    ],
)
def test_a_mistake_in_a_screen_names_its_line_and_what_is_meant(tmp_path, screen, said):
    found = wrong(tmp_path, screen)
    assert any(problem.startswith(f"config.yaml:5: screens.{said}") for problem in found), found


def test_a_layout_that_places_the_header_is_told_that_the_wall_has_it(tmp_path):
    (tmp_path / "uji.yaml").write_text(
        LAYOUT.replace('["1fr"], areas: [open late]', '[66, "1fr"], areas: [header header, open late]')
    )
    with pytest.raises(ConfigError) as caught:
        load_page(tmp_path / "uji.yaml", config())
    assert [str(problem) for problem in caught.value.problems] == [
        "uji.yaml:3: grid.areas: the header is the wall's own; take it out of the areas"
    ]
