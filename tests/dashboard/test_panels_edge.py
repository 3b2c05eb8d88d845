"""Every panel kind at its edges: nothing, one, zero, unknown, few, hostile, huge, unknown places, more than fits."""

from collections.abc import Callable
from typing import Any

import pytest

from city.judging import Judged
from city.limits import Limit
from city.model import Reading
from city.queries import Queries
from dashboard import panels
from dashboard.panels import ageing, bars, number, shares, table, trend
from dashboard.panels import map as map_panel
from dashboard.panels import ranked as ranked_panel
from dashboard.reading import packed
from dashboard.schematic import Picture, picture
from tests.builders import clock, config
from tests.dashboard.look import WORDS, classed, parts, reading, stands, text, value

LIMIT = Limit(warn=25, breach=40)
EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202eanaj \u202c",
    "Jalan\nrusak",
    "x" * 200,
    "{{7*7}} ${PATH} &amp;",
]
HARMLESS = {"Div", "Span", "B", "I", "U", "Em", "S", "P", "Br", "Svg", "Path", "Rect", "Text", "Circle"}
HUGE = 123_456_789_012


def tile(found: Reading, shape: str = "tiles", **changes: Any) -> Any:
    asked = {key: changes.pop(key) for key in ("target", "top", "note", "label", "of_label") if key in changes}
    judged = stands(changes.pop("limit", None), found.value)
    known = {"reading": found, "whole": None, "usual": None, "judged": judged}
    known |= {"quantile": False, "of_cases": False} | changes
    args = number.Args(tiles=[{"metric": "complaints_open", "label": "Terbuka", **asked}], shape=shape)
    return number.draw(args, packed([known]), WORDS)


def due(*rows: dict[str, Any], overdue: bool = False, n: int | None = None, limit: Limit | None = None) -> Any:
    loaded = {"reading": reading(*rows, unit="seconds", n=n), "judged": stands(limit, n)}
    return table.draw(table.Args(overdue=overdue), packed(loaded | {"horizon_s": 14_400.0}), WORDS)


def case(seconds: float = 600, **changes: Any) -> dict[str, Any]:
    return {"category": "jalan", "agency": "pupr", "district": "15.71.07", "value": seconds, "n": 1} | changes


def groups(*pairs: tuple[Any, Any], by: str = "agency", n: int | None = None) -> Reading:
    return reading(*({by: code, "value": size, "n": (size or 0) if n is None else n} for code, size in pairs))


def ranked(found: Reading, adds_up: bool = True, limit: Limit | None = None, **args: Any) -> Any:
    groups = {row.get(args.get("by", "agency")): row["value"] for row in found.rows}
    loaded = {"readings": [found], "judged": stands(limit, groups), "adds_up": adds_up}
    return bars.draw(bars.Args(metric="complaints_opened", **args), packed(loaded), WORDS)


def flow(name: str) -> Any:
    row = {"agency": name, "before": 1, "opened": 3, "closed": 0, "reopened": 0, "open": 2, "gap": -2}
    loaded = {"reading": reading(row), "judged": Judged()}
    names = {"opened": "memos_opened", "closed": "memos_closed", "open": "memos_open"}
    return bars.draw(bars.Args(flow=names, rows=2), packed(loaded), WORDS)


def mapped(
    *counts: tuple[Any, Any],
    late: Any = (),
    shapes: Picture | None = None,
    asked: str | None = "complaints_overdue",
    **more: Any,
) -> Any:
    found = {"reading": groups(*counts, by="district"), "late": groups(*late, by="district")}
    found |= {"judged": stands(LIMIT, sum(size for _, size in late)), "picture": shapes or picture(config().region)}
    found |= {"points": None, "counts": True, "of_cases": False}
    return map_panel.draw(map_panel.Args(metric="complaints_open", late=asked, **more), packed(found), WORDS)


def by_metric(found: Reading) -> Any:
    loaded = {"reading": found, "judged": Judged(), "horizon_s": 14_400.0}
    return table.draw(table.Args(metric="complaints_open"), packed(loaded), WORDS)


def widths(drawn: Any) -> list[str]:
    return [part["props"]["style"]["width"] for part in parts(drawn) if "width" in (part["props"].get("style") or {})]


# what a stranger wrote


@pytest.mark.parametrize("evil", EVIL, ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize(
    "draw",
    [
        lambda evil: tile(reading({"category": evil, "value": 3, "n": 3}), "line", top="category"),
        lambda evil: tile(value(3), label=evil, note=evil),
        lambda evil: due(case(category=evil, agency=evil, district=evil)),
        lambda evil: due(case(-60, category=evil, agency=evil, district=evil), overdue=True),
        lambda evil: by_metric(groups((evil, 3), by="category")),
        lambda evil: ranked(groups((evil, 3))),
        lambda evil: flow(evil),
        lambda evil: mapped(("15.71.07", 3), late=[("15.71.07", 1)], late_label=evil),
    ],
    ids=["top", "label", "due", "late", "groups", "bars", "flow", "map"],
)
def test_whatever_a_source_writes_stays_text(draw: Callable[[str], Any], evil: str):
    drawn = draw(evil)
    assert " ".join(evil.split()) in text(drawn)
    assert {part["type"] for part in parts(drawn)} <= HARMLESS
    assert not any("dangerously" in str(part["props"]).lower() for part in parts(drawn))


# numbers


def test_a_number_with_several_readings_of_one_kind_shows_the_largest():
    assert text(tile(reading({"value": None, "n": 0}, {"value": 4, "n": 4}, {"value": 9, "n": 9}))) == "Terbuka 9"


def test_a_huge_number_is_written_out_and_its_pointer_stays_on_the_line():
    drawn = tile(value(HUGE), usual=(96.0, 131.0))
    assert text(drawn) == "Terbuka 123.456.789.012 biasanya 96–131"
    places = [float(part["props"]["style"]["left"][:-1]) for part in parts(drawn) if part["type"] == "Em"]
    assert places and all(0 <= place <= 100 for place in places)


@pytest.mark.parametrize(("n", "shown"), [(0, "– belum ada kasus"), (4, "4 kasus terlalu sedikit untuk median")])
def test_a_median_of_too_few_cases_says_how_many_there_are(n, shown):
    found = reading({"value": 90.0 if n else None, "n": n}, unit="hours")
    drawn = tile(found, of_cases=True, quantile=True, usual=(1.0, 2.0), target=4, limit=Limit(breach=1))
    assert text(drawn) == f"Terbuka {shown}" and not classed(drawn, "mk")
    assert "Em" not in [part["type"] for part in parts(drawn)], "nor is it placed on a line"


def test_no_case_at_all_has_no_share_and_no_alarm():
    drawn = tile(reading({"value": None, "n": 0}, unit="ratio"), of_cases=True, limit=Limit(breach=1))
    assert text(drawn) == "Terbuka – belum ada kasus" and not classed(drawn, "mk")


def test_a_share_of_observations_is_a_share_however_few_there_are():
    assert text(tile(reading({"value": 0.5, "n": 2}, unit="ratio"), target=0.9)) == "Terbuka 50 % target 90%"


def test_a_whole_that_is_unknown_or_zero_divides_nothing():
    for whole, said in ((None, "dari – tidur"), (0, "dari 0 tidur")):
        assert text(tile(value(3), whole=value(whole), of_label="tidur")) == f"Terbuka 3 {said}"


def test_the_largest_group_of_nothing_is_not_named():
    assert text(tile(reading(), "line", top="category")) == "– Terbuka"
    assert text(tile(reading({"category": "jalan", "value": 0, "n": 0}), "line", top="category")) == "0 Terbuka"


def test_a_line_of_the_strip_takes_the_colour_of_a_breach_too():
    drawn = tile(value(40), "line", limit=LIMIT)
    assert classed(drawn, "v")[0]["className"] == "n v abn p2" and len(classed(drawn, "mk")) == 1


# rows


def test_one_case_leaves_its_place_to_empty_rows():
    assert len(classed(due(case()), "er")) == 3 and len(classed(due(case()), "dr")) == 1


def test_due_this_moment_is_zero_seconds_and_an_empty_rule():
    (row,) = classed(due(case(0)), "dr")
    assert row["style"] == {"--w": "0%"} and text(due(case(0))).startswith("0 dtk ")


@pytest.mark.parametrize(
    ("seconds", "soon", "rule"), [(3599, True, "25%"), (3600, False, "25%"), (99_999, False, "100%")]
)
def test_a_case_is_soon_under_one_hour_and_its_rule_ends_at_the_horizon(seconds, soon, rule):
    (row,) = classed(due(case(seconds)), "dr")
    assert ("soon" in row["className"].split(), row["style"]["--w"]) == (soon, rule)


def test_more_overdue_than_fit_are_counted_and_none_too_many_is_silent():
    rows = [case(-60 * minute) for minute in range(1, 7)]
    assert text(due(*rows, overdue=True, n=1234)).endswith(" 1.230 lain")
    assert "lain" not in text(due(*rows[:4], overdue=True, n=4))


def test_a_case_late_for_years_is_written_in_days():
    assert "1.157 hr" in text(due(case(-100_000_000), overdue=True))


def test_a_place_without_a_name_in_the_region_is_shown_by_its_code():
    assert text(due(case(category="banjir", agency="dinas-x", district="99.99"))) == "10 mnt banjir, 99.99 dinas-x"
    assert text(due(case(category=None, agency="", district=None))) == "10 mnt Tanpa kategori Tanpa OPD"
    memo = due(case(category=None, agency="pupr", district=None))
    assert text(memo) == "10 mnt PUPR", "who must act is all that a memo says"


def test_groups_come_largest_first_and_unknown_ones_last():
    found = groups(("jalan", 0), ("lampu", None), ("air", 5), by="category", n=9)
    assert text(by_metric(found)) == "5 air 0 Jalan berlubang – lampu"


# a city that was never collected


def test_a_city_never_collected_has_no_reading_that_claims_an_age(engine):
    levels = {name: {"measure": "mean"} for name in ("level", "warmth", "rain")}
    queries = Queries(engine, config(metrics=levels), clock())
    asked = {
        number: {"tiles": [{"metric": "complaints_open", "label": "A"}]},
        ageing: {"metric": "complaints_overdue"},
        bars: {"metric": "complaints_time_to_close", "window": "30d"},
        map_panel: {"metric": "complaints_open", "late": "complaints_overdue"},
        ranked_panel: {"metric": "complaints_opened"},
        shares: {"metric": "complaints_on_time_ratio"},
        table: {"overdue": True},
        trend: {"metric": "complaints_opened", "cumulative": True},
        panels.kind("timeline"): {"tracks": [{"kind": "complaint", "label": "Pengaduan"}]},
        panels.kind("ticker"): {"kind": "complaint"},
        panels.kind("quake"): {"kind": "complaint"},
        panels.kind("lanes"): {"lanes": [{"metric": "complaints_opened", "label": "Masuk"}]},
        panels.kind("waiting"): {"kind": "complaint"},
        panels.kind("gauge"): {"metric": "level", "low": 0, "high": 9, "marks": [{"name": "I", "at": 5}]},
        panels.kind("weather"): {"temperature": "warmth", "rain": "rain"},
        panels.kind("stages"): {"by": "place", "stages": [{"title": "Hangat", "parts": ["warmth"]}]},
        panels.kind("matrix"): {"metric": "level", "by": "place"},
        panels.kind("statuses"): {"metric": "level"},
        panels.kind("totals"): {"tiles": [{"metric": "level", "label": "A", "of": "rain"}]},
    }
    assert {module.__name__.rsplit(".", 1)[1] for module in asked} == {
        name for name in panels.names() if not panels.watches(panels.kind(name))
    }
    for module, args in asked.items():
        found = module.load(module.Args(**args), queries)
        assert (found.as_of, found.n, found.simulated) == (None, 0, False), module.__name__
        assert text(module.draw(module.Args(**args), found, WORDS)), f"{module.__name__} draws something all the same"
