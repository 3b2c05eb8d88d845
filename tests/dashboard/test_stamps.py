"""What a frame is told: how old the oldest of its sources is, what failed, since when and how often."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from city.model import Reading
from city.queries import SourceState
from dashboard.reading import Part, packed
from dashboard.stamps import PANEL_CODE, Stamper
from dashboard.words import Words
from tests import builders
from tests.builders import NOW
from tests.dashboard.look import HOSTILE, WORDS, reading

PAGE = "overview"


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def panel(*sources: str, name: str = "late") -> SimpleNamespace:
    return SimpleNamespace(name=name, sources=sources or ("desk",), stale_after_s=600.0, expires_after_s=7200.0)


def source(name: str = "desk", title: str = "SIKESAL", **changes: Any) -> SourceState:
    """A source whose last good run began a minute ago."""
    known = {"last_ok_at": ago(1), "stale_after": timedelta(minutes=10), "expires_after": timedelta(hours=2)}
    return SourceState(name=name, title=title, **(known | changes))


def seen(*states: SourceState) -> dict[str, SourceState]:
    return {state.name: state for state in states}


def stamper(*moments: datetime) -> Stamper:
    """Its clock shows the moments one after the other, or stands at NOW."""
    left = iter(moments)
    return Stamper(WORDS, (lambda: next(left)) if moments else (lambda: NOW))


def found(*rows: Any, **changes: Any) -> Reading:
    return reading(*(rows or ({"value": 7, "n": 40},)), **changes)


MEMOS = source("memos", "SIPADEK", last_ok_at=ago(30))


def test_a_panel_is_as_old_as_the_last_good_run_of_its_source():
    stamp = stamper().stamp(PAGE, panel(), found(), seen(source()))
    assert stamp == {
        "stale_after_s": 600.0,
        "expires_after_s": 7200.0,
        "as_of": "2026-11-24T07:04:00+00:00",
        "failure": None,
        "missing": False,
        "partial": "",
        "simulated": False,
        "source": "SIKESAL",
        "n": 40,
    }


@pytest.mark.parametrize(
    ("part", "said"), [(Part(9, 11, "kecamatan"), "9 dari 11 kecamatan"), (Part(11, 11, "kecamatan"), ""), (None, "")]
)
def test_a_reading_of_a_part_of_the_city_says_of_how_much(part, said):
    whole = packed({"reading": found()}, part)
    stamp = stamper().stamp(PAGE, panel(), whole, seen(source()))
    assert stamp["partial"] == said
    known = stamper()
    assert known.restamp(PAGE, panel(), stamp, seen(source()))["partial"] == said, "another run changes no body"
    assert known.kept(PAGE, panel(), stamp, seen(source()))["partial"] == said, "a body that stays stays partial"


def test_how_much_is_seen_is_said_in_the_language_of_the_region():
    english = Words(builders.config(region=builders.config().region.model_dump() | {"language": "en"}))
    stamp = Stamper(english, lambda: NOW).stamp(PAGE, panel(), packed(found(), Part(9, 11, "kecamatan")), {})
    assert stamp["partial"] == "9 of 11 districts"


def test_of_several_sources_the_oldest_counts_and_all_are_named():
    stamp = stamper().stamp(PAGE, panel("desk", "memos"), found(), seen(source(), MEMOS))
    assert (stamp["as_of"], stamp["source"]) == (ago(30).isoformat(), "SIKESAL, SIPADEK")


def test_whom_the_licence_of_a_source_wants_named_stands_in_the_source_line():
    weather = source("weather", "Prakiraan cuaca", attribution="BMKG")
    stamp = stamper().stamp(PAGE, panel("weather", "desk"), found(), seen(weather, source()))
    assert stamp["source"] == "Prakiraan cuaca (BMKG), SIKESAL"


def test_a_source_that_feeds_another_panel_makes_this_one_no_older():
    stamp = stamper().stamp(PAGE, panel("desk"), found(), seen(source(), MEMOS))
    assert (stamp["as_of"], stamp["source"]) == (ago(1).isoformat(), "SIKESAL")


def test_a_reading_older_than_its_run_keeps_its_own_date():
    old = found()
    old.as_of = ago(90)
    assert stamper().stamp(PAGE, panel(), old, seen(source()))["as_of"] == ago(90).isoformat()


def test_a_reading_newer_than_the_run_seen_before_it_is_not_made_younger():
    assert stamper().stamp(PAGE, panel(), found(), seen(source()))["as_of"] == ago(1).isoformat(), "found is of NOW"


@pytest.mark.parametrize("nothing", [None, Reading(metric="complaints_open", unit="cases", rows=[], n=0, as_of=None)])
def test_what_was_never_collected_is_missing_and_has_no_age_even_when_a_run_was_good(nothing):
    stamp = stamper().stamp(PAGE, panel(), nothing, seen(source()))
    assert (stamp["missing"], stamp["as_of"], stamp["n"], stamp["simulated"]) == (True, None, 0, False)


def test_a_zero_of_no_cases_is_a_value_and_not_missing():
    stamp = stamper().stamp(PAGE, panel(), found({"value": 0, "n": 0}), seen(source()))
    assert (stamp["missing"], stamp["n"], stamp["as_of"]) == (False, 0, ago(1).isoformat())


def test_a_reading_of_a_simulated_city_marks_its_panel():
    assert stamper().stamp(PAGE, panel(), found(simulated=True), seen(source()))["simulated"] is True


def test_a_panel_without_any_known_source_has_the_age_of_its_reading():
    stamp = stamper().stamp(PAGE, panel("gone"), found(), seen(source()))
    assert (stamp["as_of"], stamp["source"], stamp["failure"]) == (NOW.isoformat(), "", None)


# which sources


def test_the_sources_that_fed_the_last_reading_count_and_not_those_configured_to():
    known, both = stamper(), seen(source(), MEMOS)
    stamp = known.stamp(PAGE, panel("desk", "memos"), found(sources=("SIKESAL",)), both)
    assert known.sources(PAGE, panel("desk", "memos")) == ("desk",)
    assert (stamp["as_of"], stamp["source"]) == (ago(1).isoformat(), "SIKESAL")


def test_the_same_panel_name_on_another_page_has_its_own_sources():
    known = stamper()
    known.stamp(PAGE, panel("desk", "memos"), found(sources=("SIPADEK",)), seen(source(), MEMOS))
    assert known.sources("kpi", panel("desk", "memos")) == ("desk", "memos")


def test_a_reading_that_names_a_source_nobody_knows_falls_back_to_the_configured_ones():
    known = stamper()
    known.stamp(PAGE, panel("desk"), found(sources=("Lain",)), seen(source()))
    assert known.sources(PAGE, panel("desk")) == ("desk",)


# what is wrong with a source


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("K-101", "SIKESAL tidak menjawab sejak 13.05. Kode K-101."),
        ("K-102", "SIKESAL menolak permintaan sejak 13.05. Kode K-102."),
        ("K-103", "SIKESAL menjawab dengan isi yang tidak dikenali sejak 13.05. Kode K-103."),
        ("K-104", "SIKESAL tidak mengirim berkas sejak 13.05. Kode K-104."),
        ("K-105", "SIKESAL mengirim berkas yang tidak terbaca sejak 13.05. Kode K-105."),
        ("K-106", "SIKESAL mengubah susunan kolomnya sejak 13.05. Kode K-106."),
        ("K-107", "SIKESAL mengirim terlalu banyak baris yang tidak terbaca sejak 13.05. Kode K-107."),
        ("K-999", "SIKESAL tidak terbaca sejak 13.05. Kode K-999."),
        (None, "SIKESAL tidak terbaca sejak 13.05. Kode K-100."),
    ],
)
def test_what_is_wrong_with_a_source_is_said_in_words_with_its_hour_and_code(code, said):
    state = source(failures=3, since=ago(60), error_code=code, last_ok_at=ago(61))
    stamp = stamper().stamp(PAGE, panel(), found(), seen(state))
    code = code or "K-100"
    assert stamp["failure"] == {"since": ago(60).isoformat(), "tries": 3, "code": code, "text": said}
    assert stamp["as_of"] == ago(61).isoformat(), "a failure does not move the age"


def test_of_two_failing_sources_the_one_that_failed_most_often_is_named():
    desk = source(failures=2, since=ago(2), error_code="K-101")
    memos = source("memos", "SIPADEK", failures=9, since=ago(30), error_code="K-102")
    failure = stamper().stamp(PAGE, panel("desk", "memos"), found(), seen(desk, memos))["failure"]
    assert (failure["tries"], failure["code"], failure["text"][:7]) == (9, "K-102", "SIPADEK")


def test_one_failing_source_of_two_is_told_although_the_other_is_well():
    memos = source("memos", "SIPADEK", failures=1, since=ago(3), error_code="K-101")
    failure = stamper().stamp(PAGE, panel("desk", "memos"), found(), seen(source(), memos))["failure"]
    assert failure["text"].startswith("SIPADEK tidak menjawab sejak 14.02")


def test_the_failure_of_a_source_that_does_not_feed_the_panel_is_not_its_own():
    memos = source("memos", "SIPADEK", failures=9, since=ago(3), error_code="K-101")
    assert stamper().stamp(PAGE, panel("desk"), found(), seen(source(), memos))["failure"] is None


def test_a_source_that_never_was_well_is_missing_and_says_why():
    state = source(last_ok_at=None, failures=1, since=ago(0), error_code="K-101")
    stamp = stamper().stamp(PAGE, panel(), None, seen(state))
    assert (stamp["missing"], stamp["as_of"], stamp["failure"]["tries"]) == (True, None, 1)


def test_a_failure_without_a_known_beginning_says_none():
    failure = stamper().stamp(PAGE, panel(), found(), seen(source(failures=1, error_code="K-101")))["failure"]
    assert (failure["since"], failure["text"]) == (None, "SIKESAL tidak menjawab. Kode K-101.")


def test_a_hostile_title_is_passed_on_as_text():
    stamp = stamper().stamp(PAGE, panel(), found(), seen(source(title=HOSTILE, failures=1, error_code="K-101")))
    assert stamp["source"] == HOSTILE and stamp["failure"]["text"].startswith(HOSTILE)


# restamped, kept


def test_after_a_run_that_brought_nothing_only_age_limits_and_failure_move():
    known = stamper()
    old = known.stamp(PAGE, panel(), found(simulated=True), seen(source())) | {"stale_after_s": 1.0}
    bad = source(last_ok_at=ago(0), failures=1, since=ago(0), error_code="K-101")
    new = known.restamp(PAGE, panel(), old, seen(bad))
    assert {key for key in new if new[key] != old[key]} == {"as_of", "failure", "stale_after_s"}
    assert (new["as_of"], new["stale_after_s"]) == (NOW.isoformat(), 600.0)


def test_a_panel_without_a_value_gets_no_age_from_a_good_run():
    known = stamper()
    old = known.stamp(PAGE, panel(), None, seen(source(last_ok_at=None)))
    new = known.restamp(PAGE, panel(), old, seen(source()))
    assert (new["missing"], new["as_of"]) == (True, None)


def test_a_source_that_is_well_again_takes_its_failure_back():
    known = stamper()
    old = known.stamp(PAGE, panel(), found(), seen(source(failures=4, error_code="K-101")))
    assert old["failure"] and known.restamp(PAGE, panel(), old, seen(source()))["failure"] is None


def test_a_panel_that_cannot_be_computed_keeps_its_old_age_and_names_itself_before_its_sources():
    known = stamper(ago(3), ago(0))
    old = known.stamp(PAGE, panel(), found(), seen(source()))
    known.broke(PAGE, panel())
    later = source(last_ok_at=ago(0), failures=50, since=ago(9), error_code="K-101")
    kept = known.kept(PAGE, panel(), old, seen(later))
    assert (kept["as_of"], kept["n"], kept["source"]) == (ago(1).isoformat(), 40, "SIKESAL")
    text = "Panel ini tidak dapat dihitung sejak 14.02. Kode K-200."
    assert kept["failure"] == {"since": ago(3).isoformat(), "tries": 1, "code": PANEL_CODE, "text": text}


def test_a_panel_that_never_could_be_computed_is_missing():
    known = stamper()
    known.broke(PAGE, panel())
    kept = known.kept(PAGE, panel(), None, seen(source()))
    assert (kept["missing"], kept["as_of"], kept["n"], kept["simulated"]) == (True, None, 0, False)
    assert kept["failure"]["code"] == "K-200"


def test_tries_count_up_from_the_first_and_begin_anew_after_it_was_mended():
    known = stamper(ago(9), ago(1))
    assert [known.broke(PAGE, panel())[:] for _ in range(3)] == [(ago(9), 1), (ago(9), 2), (ago(9), 3)]
    assert known.is_broken(PAGE, panel()) and not known.is_broken("kpi", panel())
    known.mended(PAGE, panel())
    assert not known.is_broken(PAGE, panel())
    assert known.broke(PAGE, panel())[:] == (ago(1), 1)
