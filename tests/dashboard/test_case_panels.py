"""What the panels about cases draw: ages, ranks, shares, flows, several lines. Figures are computed by hand."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from city.judging import Judged
from city.limits import Limit
from dashboard import lines
from dashboard.panels import ageing, bars, ranked, shares, table, trend
from dashboard.reading import packed
from tests.dashboard.look import HOSTILE, WORDS, classed, parts, reading, stands, text
from tests.dashboard.test_panels import days

DAY_S = 86_400


# ages


def aged(*counts, oldest=DAY_S, **args):
    rows = [{"band": at, "value": n, "n": n, "oldest_s": oldest if n else None} for at, n in enumerate(counts)]
    made = ageing.Args(metric="complaints_open", **args)
    return ageing.draw(made, packed(reading(*rows)), WORDS)


def test_every_age_has_its_bar_its_count_and_its_share():
    drawn = aged(12, 4, 0, 3, 1, oldest=43 * DAY_S)
    assert text(drawn) == ("< 1 hr 12 60% 1–3 hr 4 20% 3–7 hr 0 0% 7–30 hr 3 15% ≥ 30 hr 1 5% 20 kasus, terlama 43 hr")
    widths = [bar["children"]["props"]["style"]["width"] for bar in classed(drawn, "bar")]
    assert widths == ["100.0%", "33.3%", "0.0%", "25.0%", "8.3%"]


def test_ages_in_different_units_are_named_with_both():
    drawn = aged(5, 0, 0, bands=[timedelta(hours=4), timedelta(hours=36)])
    assert text(drawn).startswith("< 4 j 5 100% 4–36 j 0 0% ≥ 36 j")
    assert "4 j – 1 hr 0" in text(aged(5, 0, 0, bands=[timedelta(hours=4), timedelta(days=1)]))


def test_few_cases_have_ages_but_no_shares_and_none_say_so():
    assert "%" not in text(aged(2, 1, 0, 0, 1)) and "4 kasus" in text(aged(2, 1, 0, 0, 1))
    assert text(aged(0, 0, 0, 0, 0)).endswith("belum ada kasus")


@pytest.mark.parametrize("bands", [[], ["3d", "1d"], ["1d", "1d"], ["0d"]])
def test_ages_that_do_not_ascend_are_refused(bands):
    with pytest.raises(ValidationError):
        ageing.Args(metric="complaints_open", bands=bands)


# ranks


def ranks(**counts):
    rows = [{"category": name, "value": n, "n": n} for name, n in counts.items()]
    return ranked.draw(ranked.Args(metric="complaints_opened", rows=2), packed(reading(*rows)), WORDS)


def test_a_rank_has_its_share_and_the_share_of_all_down_to_it():
    assert text(ranks(c=1, jalan=10, b=5, d=4)) == (
        "kasus bagian kumulatif Jalan berlubang 10 50% 50% b 5 25% 75% 2 kategori lain 5 25% 100% "
        "3 dari 4 kategori memuat 95% dari 20 kasus"
    )


def test_fewer_than_five_cases_have_counts_and_no_shares():
    assert text(ranks(jalan=3, b=1)) == "kasus bagian kumulatif Jalan berlubang 3 – – b 1 – – kurang dari 5 kasus"
    assert text(ranks()) == "belum ada kasus"


# shares


def shared(*groups, target=0.9, count=3, direction="higher"):
    rows = [{"agency": name, "value": good / n, "n": n} for name, good, n in groups]
    loaded = {"reading": reading(*rows, unit="ratio"), "direction": direction}
    return shares.draw(shares.Args(metric="complaints_on_time_ratio", target=target, rows=count), packed(loaded), WORDS)


GROUPS = [("pupr", 60, 100), ("a", 90, 100), ("b", 95, 100), ("c", 19, 20), ("d", 18, 20), ("few", 0, 4)]


def test_the_worst_come_first_and_the_others_are_added_case_by_case():
    # 60+90+95+19+18+0 = 282 of 344; c and b (19 + 95 of 120) are the others.
    assert text(shared(*GROUPS)) == (
        "50% 100% kasus PUPR 60% 60 / 100 a 90% 90 / 100 d 90% 18 / 20 2 OPD lain 95% 114 / 120 "
        "semua 82% · target 90% · pita: wajar untuk jumlahnya · 1 OPD lain: kurang dari 5 kasus"
    )
    assert text(shared(*GROUPS, direction="lower")).startswith("50% 100% kasus b 95%")


def test_only_what_chance_does_not_explain_stands_out():
    # 82 % of 100 cases: 82 ± 7.5; of 20: 82 ± 16.9; of 120: 82 ± 6.9.
    assert shares.band(0.82, 100) == pytest.approx((0.7447, 0.8953), abs=1e-4)
    apart = [text({"props": row}).split()[0] for row in classed(shared(*GROUPS), "apart")]
    assert apart == ["PUPR", "a", "2"]
    assert shares.band(1.0, 7) == (1.0, 1.0) and not classed(shared(("pupr", 7, 7)), "apart")


def test_a_line_begins_where_no_dot_band_or_target_is_lost():
    assert text(shared(("pupr", 9, 10))).startswith("50% 100%")
    assert text(shared(("pupr", 5, 100))).startswith("0% 100%")
    em, target = (classed(shared(("pupr", 99, 100), target=0.9), "rb")[0]["children"][at]["props"] for at in (2, 1))
    assert (em["style"]["left"], target["style"]["left"]) == ("96.0%", "60.0%")


def test_groups_of_few_cases_have_no_percentage_at_all():
    drawn = shared(("pupr", 1, 4), ("a", 0, 0 + 1), target=None)
    assert text(drawn) == "semua 20% · pita: wajar untuk jumlahnya · 2 OPD lain: kurang dari 5 kasus"
    assert text(shared(("pupr", 1, 4), target=None)) == "1 OPD lain: kurang dari 5 kasus"
    assert text(shares.draw(shares.Args(metric="m"), packed({"reading": reading(), "direction": "higher"}), WORDS)) == (
        "belum ada kasus"
    )


# flows


def flowing(*groups, rows=5, total=True, limit=None):
    names = ("agency", "before", "opened", "closed", "reopened", "open", "gap")
    found = [dict(zip(names, group, strict=True)) for group in groups]
    loaded = {"reading": reading(*found), "judged": stands(limit, {row["agency"]: row["open"] for row in found})}
    flow = {"opened": "memos_opened", "closed": "memos_closed", "open": "memos_open", "total": total}
    return bars.draw(bars.Args(flow=flow, rows=rows), packed(loaded), WORDS)


def test_a_flow_that_adds_up_is_written_as_a_sum():
    drawn = flowing(("pupr", 30, 14, 9, 1, 36, 0), ("dlh", 5, 0, 1, 0, 4, 0))
    assert text(drawn).endswith("35 pada awal + 14 masuk − 10 keluar + 1 dibuka kembali = 40 antrean")
    assert not classed(drawn, "gap")
    assert "dibuka kembali" not in text(flowing(("pupr", 1, 1, 1, 0, 1, 0)))


def test_a_flow_that_does_not_add_up_says_where_and_by_how_much():
    drawn = flowing(("pupr", 30, 14, 9, 0, 37, 2), ("dlh", 5, 0, 0, 0, 4, -1), ("a", 1, 0, 0, 0, 1, 0), rows=1)
    assert "36 pada awal + 14 masuk − 9 keluar ≠ 42 antrean" in text(drawn)
    assert text(drawn).endswith("selisih: PUPR +2, dlh −1") and classed(drawn, "un")
    quiet = flowing(("pupr", 30, 14, 9, 0, 37, 2), total=False)
    assert text(quiet).endswith("selisih: PUPR +2")


def test_the_queue_of_an_agency_takes_its_limit_and_the_others_the_worst_of_theirs():
    rows = [("pupr", 0, 0, 0, 0, 46, 0), ("dlh", 0, 0, 0, 0, 31, 0), ("a", 0, 0, 0, 0, 30, 0), ("b", 0, 0, 0, 0, 3, 0)]
    drawn = flowing(*rows, rows=2, total=False, limit=Limit(warn=30, breach=40))
    assert text(drawn) == "masuk keluar antrean PUPR 0 0 2 46 dlh 0 0 3 31 2 OPD lain 0 0 3 33"


def test_differences_that_cancel_out_are_still_told():
    drawn = flowing(("pupr", 1, 0, 0, 0, 2, 1), ("dlh", 2, 0, 0, 0, 1, -1))
    assert "= 3 antrean" in text(drawn) and "selisih: PUPR +1, dlh −1" in text(drawn)


# due


def due(count, n):
    row = {"category": "jalan", "agency": "pupr", "district": None, "value": 1500.0, "n": 1}
    loaded = {"judged": Judged(), "horizon_s": 14_400.0}
    found = reading(*[row] * count, unit="seconds", n=n)
    return table.draw(table.Args(rows=2), packed(loaded | {"reading": found}), WORDS)


def test_the_queue_says_how_many_more_fall_due():
    assert text(due(2, 9)).endswith("+7 lain dalam 4 j")
    assert "lain" not in text(due(2, 2)) and "lain" not in text(due(1, 1))


# several lines


def two(first, second, partial=False):
    args = trend.Args(metric="complaints_opened", label="masuk", others={"complaints_closed": "selesai"})
    loaded = {"reading": days(*first, partial=partial), "others": [days(*second, partial=partial)], "band": []}
    return trend.draw(args, packed(loaded | {"judged": Judged(), "kind": "count"}), WORDS)


def test_two_lines_share_one_scale_and_carry_their_names():
    drawn = two((10, 20, 15), (5, 40, 30))
    assert [label["children"][0] for label in classed(drawn, "last")] == ["15", "30"]
    assert "15 masuk" in text(drawn) and "30 selesai" in text(drawn) and "40" in text(drawn)
    assert classed(drawn, "l1")[0]["d"].split("L")[1].split()[1] == "500.0"
    assert classed(drawn, "l2")[0]["d"].split("L")[1].split()[1] == "0.0"


def test_the_unfinished_day_stands_apart_on_every_line():
    drawn = two((10, 20, 3), (5, 9, 2), partial=True)
    assert [path["d"].count("L") for name in ("l1", "l2") for path in classed(drawn, name)] == [1, 1]
    assert len(classed(drawn, "op")) == 2


def test_a_line_without_a_latest_value_has_no_name_and_a_gap_breaks_it():
    drawn = two((10, None, 3), (5, 9, None))
    assert len(classed(drawn, "l1")) == 2 and [label["children"][0] for label in classed(drawn, "last")] == ["3"]


def test_names_at_one_height_are_moved_apart_inside_the_chart():
    assert lines.apart([0.5, 0.5], 0.2) == pytest.approx([0.7, 0.5])
    assert lines.apart([1.0, 0.95], 0.2) == pytest.approx([1.0, 0.8])
    assert lines.apart([0.1, 0.9], 0.2) == [0.1, 0.9] and lines.apart([], 0.2) == []


def test_five_lines_at_most_and_each_has_a_name():
    for wrong in ({"others": {"a": "a"}}, {"label": "x", "others": dict.fromkeys("abcde", "x")},
                  {"label": "x", "others": {"a": "a"}, "cumulative": True}):  # fmt: skip
        with pytest.raises(ValidationError):
            trend.Args(metric="complaints_opened", **wrong)


# all


@pytest.mark.parametrize("kind", [ageing, ranked, shares])
def test_a_new_kind_says_the_smallest_size_at_which_it_is_legible(kind):
    width, height = kind.needs(kind.Args(metric="complaints_open"), "panel")
    assert 300 <= width <= 600 and 150 <= height <= 400


def test_hostile_names_stay_text():
    drawn = [ranks(**{HOSTILE: 9}), shared((HOSTILE, 5, 9)), flowing((HOSTILE, 1, 0, 0, 0, 3, 2))]
    assert all(HOSTILE in text(one) for one in drawn)
    assert not {part["type"] for one in drawn for part in parts(one)} & {"Img", "Script", "A"}
