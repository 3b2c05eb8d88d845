"""The frame says what the server knows; the browser does the rest."""

from types import SimpleNamespace

from dash import html

from dashboard.frame import frame
from tests.dashboard.look import HOSTILE, classed, parts, text

FAILED = {"since": "14.02", "tries": 3, "code": "K-101", "text": "SIKESAL tidak terbaca sejak 14.02."}


def panel(size: str = "panel", **changes):
    known = {
        "name": "late",
        "title": "Lewat tenggat",
        "sub": "",
        "size": size,
        "stale_after_s": 120.0,
        "expires_after_s": 600.0,
    }
    return SimpleNamespace(**(known | changes))


def state(**changes):
    known = {"as_of": "2026-11-24T07:04:00+00:00", "stale_after_s": 120, "expires_after_s": 600, "failure": None,
             "missing": False, "simulated": False, "source": "SIKESAL", "body": html.Div("17")}  # fmt: skip
    return known | changes


def section(drawn):
    return next(parts(drawn))["props"]


def test_the_browser_finds_section_and_body_by_page_and_panel():
    ids = [part["props"].get("id") for part in parts(frame("overview", panel(), state()))]
    assert {"overview-late", "overview-late-body"} <= set(ids)


def test_the_frame_carries_what_the_browser_needs_to_tell_the_age():
    found = section(frame("overview", panel(), state(failure=FAILED, simulated=True)))
    assert found["data-as-of"] == "2026-11-24T07:04:00+00:00"
    assert (found["data-stale-after-s"], found["data-expires-after-s"]) == ("120", "600")
    assert (found["data-failure"], found["data-tries"], found["data-simulated"]) == (FAILED["text"], "3", "1")


def test_a_panel_never_published_says_it_is_missing_and_has_the_limits_of_its_sources():
    found = section(frame("overview", panel(), None))
    assert (found["data-missing"], found["data-as-of"], found["data-expires-after-s"]) == ("1", "", "600.0")


def test_a_value_is_hidden_until_its_age_has_been_said():
    assert "waiting" in section(frame("overview", panel(), state()))["className"].split()


def test_the_source_stands_before_the_age():
    assert "SIKESAL ·" in text(frame("overview", panel(), state()))


def test_groups_and_strips_have_a_smaller_title():
    kinds = {
        size: [part["type"] for part in parts(frame("p", panel(size), None))] for size in ("panel", "group", "strip")
    }
    assert "H2" in kinds["panel"] and "H3" in kinds["group"] and "H3" in kinds["strip"]
    assert classed(frame("p", panel("group"), None), "kg") and classed(frame("p", panel("strip"), None), "sc")


def test_what_a_source_is_called_stays_text():
    drawn = frame("overview", panel(), state(source=HOSTILE))
    assert HOSTILE in text(drawn)
    assert not [
        part for part in parts(drawn) if part["type"] in ("Img", "Script", "Markdown", "DangerouslySetInnerHTML")
    ]
