"""What the header says of the stage, and the list of the limits that are passed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from city.limits import Limit, Stage
from city.metrics import Metric
from city.model import Reading
from city.stage_log import Standing
from city.watch import Side, Watched
from dashboard.panels import breaches, city_stage
from dashboard.words import Words
from tests.builders import NOW, config
from tests.dashboard.look import HOSTILE, WORDS, classed, text

STAGES = (Stage(word="Normal"), Stage(word="Waspada"), Stage(word="Siaga", mark="p3"))
ENGLISH = Words(config(region=config().region.model_dump() | {"language": "en"}))


def ago(minutes):
    return NOW - timedelta(minutes=minutes)


def head(words=WORDS, unseen=(), **stands):
    extra = {"stands": Standing(**stands), "stages": STAGES, "unseen": unseen, "now": NOW}
    return city_stage.draw(
        city_stage.Args(), Reading(metric="stage", unit="", rows=[], n=0, as_of=NOW, extra=extra), words
    )


def test_the_header_says_since_when_which_number_and_which_word():
    drawn = head(stage=2, since=ago(475), proposed=2)
    assert text(drawn) == "Siaga kota sejak 06.10 2 Waspada dari 3 tingkat"
    assert [bar["props"].get("className") for bar in classed(drawn, "pips")[0]["children"]] == ["on", "on", ""]
    assert classed(drawn, "pips")[0]["aria-label"] == "Tingkat 2 dari 3"
    assert not classed(drawn, "mk"), "calm stages have no colour"


def test_a_stage_that_nobody_declared_is_a_dash_whatever_the_rules_propose():
    assert text(head(proposed=3)) == "Siaga kota belum ditetapkan – – usulan aturan 3"


def test_the_header_says_when_the_rules_propose_another_stage_higher_or_lower():
    assert "usulan aturan 3" in text(head(stage=2, since=NOW, proposed=3, unseen=(3,)))
    assert "usulan aturan 1" in text(head(stage=2, since=NOW, proposed=1))


def test_rules_that_cannot_be_seen_are_said_beside_the_stage():
    drawn = head(stage=2, since=NOW, proposed=2, unseen=(2, 3))
    assert text(classed(drawn, "un")[0]["children"]) == "aturan 2, 3 tidak terlihat"


def test_a_stage_has_the_colour_and_the_shape_of_the_settings():
    drawn = head(stage=3, since=NOW, proposed=3)
    assert "p3" in classed(drawn, "num")[0]["className"] and classed(drawn, "mk")


def test_a_stage_that_the_settings_no_longer_know_keeps_its_number():
    assert text(head(stage=5, since=NOW, proposed=5)).endswith("5 – dari 3 tingkat")


def test_the_stage_speaks_english_where_the_region_does():
    assert text(head(words=ENGLISH, stage=2, since=NOW, proposed=3)).endswith("2 Waspada rules propose 3")


LATE = Metric("complaints_overdue", "overdue", "Pengaduan lewat tenggat", "cases", "gauge", "lower", of="complaint")
RIVER = Metric("river_level", "latest", "Tinggi muka air", "cm", "gauge", "lower", where={"place": "Pos Kota"})
WARNED = Watched(
    looked_at=NOW, value=31, seen_at=NOW, unseen=False, breach=Side(False, ago(99)), warn=Side(True, ago(45))
)
BREACHED = replace(WARNED, value=1450, breach=Side(True, ago(7)))


def row(metric, state, usual=None):
    limit = Limit(warn=25, breach=1437 if metric is RIVER else 40)
    return {"metric": metric, "limit": limit, "state": state, "usual": usual, "where": {}, "value": state.value, "n": 1}


def listed(*rows, n=3, words=WORDS, **args):
    watched = [replace(LATE, title=title, words=None) for title in ("Satu", "Dua", "Tiga")]
    extra = {"now": NOW, "watched": watched[:n]}
    found = sorted(rows, key=breaches._urgent)
    reading = Reading(metric="breaches", unit="", rows=found, n=n, as_of=NOW, extra=extra)
    return breaches.draw(breaches.Args(**args), reading, words)


def said(drawn):
    return [text(one["children"]) for one in classed(drawn, "ar")]


def test_a_breach_comes_before_a_warning_with_its_value_age_place_limit_and_state():
    drawn = listed(row(LATE, WARNED, usual=(6, 12)), row(RIVER, BREACHED))
    assert said(drawn) == [
        "2 Tinggi muka air 1.450 cm 7 mnt Pos Kota, batas 1.437 cm Lewat batas",
        "3 Pengaduan lewat tenggat 31 45 mnt batas 25, biasanya 6–12 Batas waspada",
    ]


def test_of_equals_the_newest_comes_first():
    older = replace(BREACHED, breach=Side(True, ago(90)))
    assert ["7 mnt" in line for line in said(listed(row(RIVER, older), row(RIVER, BREACHED)))] == [True, False]


def test_a_breach_that_cannot_be_seen_stays_in_its_place_and_says_so():
    blind = replace(BREACHED, unseen=True, seen_at=ago(265))
    drawn = listed(row(LATE, WARNED), row(RIVER, blind))
    assert said(drawn)[0] == "? Tinggi muka air 1.450 cm 7 mnt Tidak terlihat sejak 09.40 Terakhir prioritas 2"
    assert "un" in classed(drawn, "ar")[0]["className"].split()


def test_a_limit_that_was_never_seen_is_listed_last_without_a_value():
    never = Watched(looked_at=NOW, breach=Side(False, NOW), warn=Side(False, NOW))
    assert said(listed(row(LATE, never), row(RIVER, BREACHED)))[1] == "? Pengaduan lewat tenggat Belum pernah terlihat"


def test_a_value_that_is_back_but_not_for_long_enough_is_on_its_way():
    back = replace(BREACHED, breach=Side(True, ago(7), ago(1)))
    assert said(listed(row(RIVER, back)))[0].endswith("Menuju normal")


def test_nothing_passed_says_so_and_names_what_is_watched():
    assert text(listed(n=3)) == "Tidak ada batas yang dilewati 3 dipantau: Satu, Dua, Tiga"
    assert text(listed(n=0)) == "Tidak ada batas yang ditetapkan"
    assert text(listed(n=1, words=ENGLISH)) == "No limit is passed 1 watched: Satu"


@pytest.mark.parametrize(("count", "shown", "rest"), [(2, 2, ""), (3, 3, ""), (5, 2, "3 lain")])
def test_what_finds_no_room_is_counted(count, shown, rest):
    drawn = listed(*[row(RIVER, BREACHED)] * count, rows=3)
    assert len(said(drawn)) == shown
    assert [text(one["children"]) for one in classed(drawn, "rest")] == ([rest] if rest else [])


def test_words_of_the_settings_are_shown_as_words():
    hostile = replace(RIVER, title=HOSTILE, where={"place": HOSTILE})
    assert said(listed(row(hostile, BREACHED)))[0].count(HOSTILE) == 2
