"""Stage strips, matrices, status lists and sums over places, as the JSON the browser gets."""

from datetime import timedelta

import pytest

from city.config import Limit
from city.health import Health
from city.judging import Judged
from dashboard import panels
from dashboard.panels import matrix, stages, statuses, totals
from dashboard.reading import packed
from tests.builders import NOW
from tests.dashboard.look import HOSTILE, WORDS, classed, parts, reading, stands, text

HOUR = timedelta(hours=1)


def test_the_new_kinds_say_how_much_room_they_need():
    for name, args in {
        "stages": {"by": "place", "stages": [{"title": "Poli", "parts": ["a"]}]},
        "matrix": {"metric": "a", "by": "place"},
        "statuses": {"sources": ["a"]},
        "totals": {"tiles": [{"metric": "a", "label": "A"}]},
    }.items():
        width, height = panels.kind(name).needs(panels.kind(name).Args(**args), "panel")
        assert 100 < width <= 1864 and 80 < height <= 900


# stages

WAIT, SERVE, DRUGS = "clinic_wait", "clinic_service", "pharmacy_wait"
STAGES = [{"title": "Poli", "parts": [WAIT, SERVE]}, {"title": "Farmasi", "parts": [DRUGS]}]


def strip(groups, *, limits=None, adds_up=True, of_cases=False, cases=50, known=None, **changes):
    """``groups``: place -> minutes of the three parts."""
    args = stages.Args(**({"by": "place", "stages": STAGES} | changes))
    readings = {}
    for index, name in enumerate((WAIT, SERVE, DRUGS)):
        rows = [{"place": place, "value": values[index] and values[index] * 60, "n": cases}
                for place, values in groups.items()]  # fmt: skip
        readings[name] = reading(*rows, unit="s")
    for name in filter(None, (args.total, args.count)):
        values = known or dict.fromkeys(groups, 60)
        readings[name] = reading(*[{"place": p, "value": v, "n": 1} for p, v in values.items()], unit="hours")
    loaded = {"readings": readings, "adds_up": adds_up}
    values = {name: {row["place"]: row["value"] for row in one.rows} for name, one in readings.items()}
    loaded["judged"] = {name: stands((limits or {}).get(name), values[name]) for name in readings}
    return stages.draw(args, packed(loaded | {"of_cases": of_cases}), WORDS)


def test_stages_stand_on_baselines_of_their_own_on_one_scale():
    drawn = strip({"RS A": (30, 10, 20), "RS B": (15, 5, 10)})
    assert text(drawn) == "tunggu layanan Poli Farmasi total RS A 40 20 1 j 00 mnt RS B 20 10 30 mnt".replace(
        " 00 mnt", ""
    )
    bars = classed(drawn, "bar")
    widths = [[(part["props"].get("className"), part["props"]["style"]) for part in bar["children"]] for bar in bars]
    assert [style["width"] for css, style in widths[0] if "width" in style] == ["75.0%", "25.0%"]
    assert [style["width"] for css, style in widths[2] if "width" in style] == ["37.5%", "12.5%"]
    assert widths[3][0][1] == {"left": "0.0%", "width": "50.0%"}, "half of the longest of its own stage"
    assert classed(drawn, "st")[0]["style"]["--mc"].count("fr") == 2
    assert "0.6667fr" in classed(drawn, "st")[0]["style"]["--mc"], "40 of 60 minutes: one scale for all stages"


def test_a_step_that_nobody_recorded_makes_the_rest_a_lower_bound():
    drawn = strip({"RS A": (30, 0, 20)}, zero_is_unknown=True)
    assert "≥30 20 ≥ 50 mnt" in text(drawn) and len(classed(drawn, "un")) == 2
    assert "30 20 50 mnt" in text(strip({"RS A": (30, 0, 20)})), "elsewhere zero is a value"
    assert "– 20 ≥ 20 mnt" in text(strip({"RS A": (None, None, 20)}))


def test_a_passed_limit_colours_its_stage_only():
    drawn = strip({"RS A": (30, 10, 37), "RS B": (30, 10, 29)}, limits={DRUGS: Limit(warn=1800)})
    assert len(classed(drawn, "pa")) == 1 and len(classed(drawn, "p3")) == 1
    assert classed(drawn, "p3")[0]["children"][-1]["props"]["children"] == "37"


def test_medians_have_no_whole_but_that_of_a_metric_of_its_own():
    assert "total" not in text(strip({"PUPR": (30, 10, 20)}, adds_up=False))
    assert "total PUPR 40 20 1 hr 6 j" not in text(strip({"PUPR": (30, 10, 20)}, adds_up=False))
    assert text(strip({"PUPR": (30, 10, 20)}, adds_up=False, total="memos_time_to_close")).endswith("2 hr 12 j")


def test_fewer_than_five_cases_have_no_bar_and_are_counted():
    drawn = strip({"PUPR": (30, 10, 20)}, of_cases=True, cases=4)
    assert "1 lain: kurang dari 5 kasus" in text(drawn) and not classed(drawn, "bar")
    by_count = strip({"RS A": (30, 10, 20), "RS B": (30, 10, 20)}, count="entries", known={"RS A": 5, "RS B": 4})
    assert "RS A" in text(by_count) and "1 lain: kurang dari 5 kasus" in text(by_count) and "RS B" not in text(by_count)


def test_no_case_at_all_says_so():
    assert text(strip({})) == "belum ada kasus"


# matrix


def cell(place, column, value, *, age=HOUR, seen=1, n=1):
    at = NOW - age
    return {"place": place, "category": column, "value": value if seen else None, "seen": seen, "n": n,
            "at": at if seen else None, "last_at": at}  # fmt: skip


CLASSES = {"metric": "beds", "by": "place", "across": "category", "columns": {"VIP": "VIP", "ICU": "ICU"}}


def beds(*cells, whole=(), **changes):
    args = matrix.Args(**(CLASSES | {"of": "all", "total_label": "kosong", "few": 2} | changes))
    loaded = {"cells": reading(*cells, unit="beds"), "whole": reading(*whole), "within": 6 * HOUR, "now": NOW}
    return matrix.draw(args, packed(loaded), WORDS)


def test_a_row_of_beds_has_its_classes_its_sum_its_whole_and_its_own_age():
    drawn = beds(cell("RS A", "VIP", 9), cell("RS A", "ICU", 2, age=2 * HOUR), whole=[cell("RS A", None, 412)])
    assert text(drawn).startswith("VIP ICU kosong RS A tidak terlihat, 9 2 11 dari 412")
    row = classed(drawn, "br")[1]
    assert row["data-at"] == (NOW - 2 * HOUR).isoformat() and row["data-limit-s"] == "21600", (
        "as old as its oldest part"
    )
    assert [part["children"] for part in classed(drawn, "low")] == ["2"]


def test_a_place_past_its_limit_is_withheld_and_hatched_and_comes_last():
    drawn = beds(cell("RS B", "VIP", 99, age=7 * HOUR, seen=0), cell("RS A", "VIP", 1))
    gone = classed(drawn, "gone")
    assert len(gone) == 1 and classed(drawn, "br")[-1] == gone[0]
    assert "99" not in text(drawn) and "nilai terakhir disembunyikan" in text(drawn)


def test_a_part_that_cannot_be_seen_makes_the_sum_a_lower_bound():
    drawn = beds(cell("RS A", "VIP", 13, seen=1, n=2), cell("RS A", "ICU", 4, seen=0))
    assert "≥13 ? ≥13" in text(drawn) and len(classed(drawn, "abn")) == 3
    assert "–" in text(beds(cell("RS A", "VIP", 3))), "a class that a hospital does not have is neither zero nor unseen"


def test_places_for_which_there_is_no_room_are_counted_with_those_unseen():
    rows = [cell(f"RS {name}", "VIP", 9 - index) for index, name in enumerate("ABCD")]
    drawn = beds(*rows, cell("RS E", "VIP", 1, seen=0), rows=4)
    assert "2 lain , 1 tidak terlihat 6" in text(drawn) and "RS D" not in text(drawn)


def test_small_health_counts_are_hidden_and_their_order_does_not_tell_them():
    rows = [{"district": name, "value": value, "n": 1}
            for name, value in {"Zeta": 4, "Alam Barajo": 7, "Beta": 1, "Gamma": 0, "Delta": 5}.items()]  # fmt: skip
    args = matrix.Args(metric="dbd", by="district", window="7d", shape="cells", hide_below=5, rows=11)
    found = {"figures": [{"reading": reading(*rows)}], "within": None}
    drawn = matrix.draw(args, packed(found), WORDS)
    assert text(drawn) == "7 Alam Barajo 5 Delta <5 Beta <5 Zeta 0 Gamma"


def test_several_figures_by_one_dimension_keep_the_rule_of_five():
    asked = [{"metric": "memos_opened", "label": "Masuk"}, {"metric": "memos_on_time_ratio", "label": "Tepat"}]
    args = matrix.Args(figures=asked, by="agency")
    opened = reading({"agency": "pupr", "value": 26, "n": 26}, {"agency": HOSTILE, "value": 2, "n": 2})
    share = reading({"agency": "pupr", "value": 0.8, "n": 20}, {"agency": HOSTILE, "value": 0.5, "n": 4}, unit="ratio")
    found = [{"reading": one, "judged": Judged(), "few": few} for one, few in ((opened, False), (share, True))]
    drawn = matrix.draw(args, packed({"figures": found, "within": None}), WORDS)
    assert text(drawn) == " ".join(f"Masuk Tepat PUPR 26 80% {HOSTILE} 2 –".split())
    assert {part["type"] for part in parts(drawn)} <= {"Div", "Span", "B"}


def test_a_matrix_asks_for_one_thing():
    with pytest.raises(ValueError, match="either 'metric' or 'figures'"):
        matrix.Args(by="place")
    with pytest.raises(ValueError, match="'across' needs 'columns'"):
        matrix.Args(metric="beds", by="place", across="category")


# statuses


def test_the_worst_source_comes_first_and_only_the_unseen_is_violet():
    rows = [{"name": name, "health": health, "at": at, "note": ""} for name, health, at in (
        ("Baik", Health.GOOD, NOW), ("Mati", Health.UNSEEN, NOW - 5 * HOUR), ("Baru", Health.NEVER, None),
        ("Lambat", Health.LATE, NOW - HOUR))]  # fmt: skip
    drawn = statuses.draw(
        statuses.Args(sources=["a"], rows=4), packed({"reading": reading(), "rows": rows, "now": NOW}), WORDS
    )
    assert text(drawn) == (
        "? Mati data 09.05 Tidak terlihat Lambat data 13.05 Terlambat Baru data – Belum ada Baik data 14.05 Terbaca"
    )
    assert len(classed(drawn, "abn")) == 1 and len(classed(drawn, "mk")) == 1
    fewer = statuses.draw(
        statuses.Args(sources=["a"], rows=3), packed({"reading": reading(), "rows": rows, "now": NOW}), WORDS
    )
    assert text(fewer).endswith("2 lain: Belum ada")


# totals


def total(*cells, whole=(), **changes):
    tile = {"metric": "beds", "label": "Kosong", "of": "all"} | changes
    args = totals.Args(tiles=[tile], over_label="RS")
    known = {"cells": reading(*cells, unit="beds"), "whole": reading(*whole) if whole else None}
    found = known | {"usual": (100.0, 120.0), "judged": Judged()}
    return totals.draw(args, packed([found]), WORDS)


def test_a_sum_of_which_a_place_cannot_be_seen_says_of_how_many_places_it_is():
    cells = [cell("RS A", None, 58), cell("RS B", None, 53), cell("RS C", None, 700, seen=0)]
    wholes = [cell("RS A", None, 412), cell("RS B", None, 310), cell("RS C", None, 168, seen=0)]
    drawn = total(*cells, whole=wholes)
    assert text(drawn) == "Kosong ≥ 111 ? dari 722, 2 dari 3 RS"
    assert classed(drawn, "un") and classed(drawn, "abn") and not classed(drawn, "abnv")


def test_a_sum_of_all_places_is_a_plain_number():
    drawn = total(cell("RS A", None, 58), whole=[cell("RS A", None, 412)])
    assert text(drawn) == "Kosong 58 dari 412" and not classed(drawn, "un") and not classed(drawn, "mk")
    assert text(total(cell("RS A", None, 58), of=None)) == "Kosong 58 biasanya 100–120"


def test_a_share_is_that_of_the_places_seen_and_no_lower_bound():
    cells = [cell("RS A", None, 30), cell("RS B", None, 90, seen=0)]
    drawn = total(*cells, whole=[cell("RS A", None, 40), cell("RS B", None, 100, seen=0)], share=True)
    assert text(drawn) == "Kosong 75 % ? 1 dari 2 RS"


def test_nothing_known_is_a_dash_and_not_zero():
    assert "–" in text(total(cell("RS A", None, 1, seen=0))) and "0" not in text(total()).split()
