"""The catalogues of words: they hold what the screens say, all of it and nothing else, and every word is translated."""

import ast
import io
import re
from pathlib import Path

import pytest

from dashboard import extraction
from dashboard.index import words_of
from dashboard.speech import LOCALE, SOURCE, Speech, catalogue, speech

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = sorted(one.name for one in LOCALE.iterdir() if one.is_dir())
CODE = [path for room in ("city", "dashboard") for path in sorted((ROOT / room).rglob("*.py"))]


def forms(message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def names(found) -> set[str]:
    return {one.id if isinstance(one.id, str) else one.id[0] for one in found if one.id}


@pytest.fixture(scope="module")
def said():
    """What is said now."""
    return extraction.extracted()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_what_the_screens_say_and_each_of_it_translated(language, said):
    found = catalogue(language)
    assert names(found) == names(said), "run `make words`"
    assert not found.obsolete and not [one.id for one in found if one.id and one.fuzzy]
    assert [one.id for one in found if one.id and not all(forms(one))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_edges_and_full_stops_are_those_of_the_indonesian(language):
    for one in catalogue(language):
        name = one.id if isinstance(one.id, str) else one.id and one.id[0]
        for text in forms(one) if name else ():
            allowed = [sorted(re.findall(r"\{\w*\}", name))]
            allowed += [[]] if text == "once" else []  # one time needs no number
            assert sorted(re.findall(r"\{\w*\}", text)) in allowed, f"{name!r}: {text!r}"
            abbreviated = name in (".", "s.d.", "ditahan s.d.")
            assert text == text.strip() and text.endswith(".") == (name.endswith(".") and not abbreviated), text


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_text_is_said_whole_so_that_it_can_be_collected(path):
    """What reaches ``t`` is a text, or the name of one that is marked with ``N_``: never built on the spot."""
    built = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args and extraction.called(node) in extraction.KEYWORDS
        if isinstance(node.args[0], ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp)
    ]
    assert built == []


def test_code_is_collected_from_strings_that_are_put_together():
    source = (
        b"""f"{words.t('satu')} {words.many('dua', n)}" + t("tiga" "empat"); N_(five); u.tt("enam"); NN_("tujuh")"""
    )
    found = [text for _, _, text, _ in extraction.code(io.BytesIO(source), extraction.KEYWORDS, (), {})]
    assert sorted(found) == ["dua", "satu", "tigaempat", "tujuh"]


def test_a_layout_gives_its_titles_and_every_text_of_its_panels_but_no_codes():
    layout = b"""
title: Judul
grid: {columns: ["1fr"], rows: ["1fr"], areas: [a]}
panels:
  a: {kind: waiting, title: Panel, sub: kecil, args: {kind: permit, stages: {diterima: Diterima dulu}}}
  b: {kind: map, title: "112", args: {metric: complaints_open}}
"""
    found = [text for _, _, text, _ in extraction.layouts(io.BytesIO(layout), {}, (), {})]
    assert found == ["Judul", "Panel", "kecil", "Diterima dulu", "lewat tenggat"]


def test_a_number_takes_the_form_of_its_language():
    english = speech("en")
    found = [english.many("kasus", count) for count in (0, 1, 2, 1.5, 21)]
    assert found == ["cases", "case", "cases", "cases", "cases"]
    assert speech(SOURCE).many("kasus", 1) == "kasus" and english.many("tak dikenal", 1) == "tak dikenal"


def test_an_unfinished_translation_leaves_the_indonesian():
    found = catalogue("en")
    found.get("Lewat tenggat").string = ""
    found.get("Terbuka").flags.add("fuzzy")
    made = Speech(found)
    assert (made.t("Lewat tenggat"), made.t("Terbuka"), made.t("Selesai")) == ("Lewat tenggat", "Terbuka", "Closed")


def test_the_browser_gets_its_own_words_and_no_others():
    words = words_of("en")
    assert "Oldest data" in words and "Hospitals" not in words and words_of(SOURCE).count(":") == 0
    scripts = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "assets").glob("*.js"))
    for text in speech("en").browser:
        assert f'tr("{text}")' in scripts


def test_no_script_says_a_word_that_the_catalogue_does_not_know():
    """Words that a person could read stand in ``tr("...")``: a quoted text with a space in it stands nowhere else."""
    for path in sorted((ROOT / "assets").glob("*.js")):
        script = re.sub(r'tr\("[^"]*"\)|//.*|/\*.*?\*/', "", path.read_text(encoding="utf-8"))
        told = [text for text in re.findall(r'"([^"\n]*)"', script) if re.search(r"[a-z]{3,} [a-z]{3,}", text)]
        assert [text for text in told if text not in NOT_SAID] == [], path.name


#: Directives, names of things in the page, and what only a developer's console can show.
NOT_SAID = {"use strict", "not answered", "input, a", "input, select, textarea, a, button", "btn pri",
            "btn quiet"}  # fmt: skip
