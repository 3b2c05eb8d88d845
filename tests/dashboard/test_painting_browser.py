"""assets/live.js draws what is in the frames: the same as the server writes and as Dash would, and never a script."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from dash import html
from dash_svg import Path as Line
from dash_svg import Svg
from playwright.sync_api import Browser, Page

from dashboard.prerender import html_of
from dashboard.publish import encode
from tests.dashboard.look import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.proof]
SCRIPT = (Path(__file__).resolve().parents[2] / "assets/live.js").read_text(encoding="utf-8")
TELL = """(body) => {
  let said = "";
  try { window.kendali.take({ kind: "panel", state: { page: "uji", panel: "p", seq: 1, hash: String(Math.random()),
    as_of: "2026-11-24T07:05:00Z", body } }); } catch (error) { said = error.message; }
  const at = document.getElementById("uji-p-body");
  return { html: at.innerHTML, said, asOf: at.parentElement.dataset.asOf ?? "", text: at.textContent };
}"""


@pytest.fixture
def page(browser: Browser) -> Page:
    """A bare page with one frame, as Dash leaves it."""
    opened = browser.new_page()
    opened.set_content('<div id="page"><section id="uji-p" class="pn"><div id="uji-p-body">old</div></section></div>')
    opened.add_script_tag(content=SCRIPT)
    return opened


def painted(page: Page, body: Any) -> dict[str, str]:
    found: dict[str, str] = page.evaluate(TELL, orjson.loads(encode(body)))
    return found


def test_what_the_browser_draws_is_what_the_server_writes(page: Page) -> None:
    picture = Svg([Line(d="M0 0L1 1", className="l1")], viewBox="0 0 4 4", preserveAspectRatio="none", role="img")
    words = html.P(["a & b ", None, 0, html.B("c", hidden=True), html.Br()], className="x", **{"data-n": 0})
    body = [html.Div([picture, words], style={"--w": "4%", "gridArea": "a"}), "ä"]
    drawn = painted(page, body)["html"]
    page.evaluate("(text) => { document.getElementById('uji-p-body').innerHTML = text; }", html_of(body))
    written = page.evaluate("document.getElementById('uji-p-body').innerHTML")
    tidy = "(text) => { const at = document.createElement('div'); at.innerHTML = text;" \
           " for (const one of at.querySelectorAll('[style]')) one.setAttribute('style', one.style.cssText);" \
           " return [...at.querySelectorAll('*')].map(one => one.tagName + [...one.attributes].map(a =>" \
           " a.name + '=' + a.value).sort().join(' ') + one.namespaceURI).join('|') + at.textContent; }"  # fmt: skip
    assert page.evaluate(tidy, drawn) == page.evaluate(tidy, written)
    assert page.locator("#uji-p-body svg path").count() == 1


def test_hostile_text_stays_text_in_every_place(page: Page) -> None:
    found = painted(page, html.P(HOSTILE, title=HOSTILE, **{"data-x": HOSTILE}))
    assert found["text"] == HOSTILE and page.locator("#uji-p-body *").count() == 1
    assert page.locator("#uji-p-body p").get_attribute("title") == HOSTILE


@pytest.mark.parametrize(
    "part",
    [
        {"namespace": "dash_core_components", "type": "Graph", "props": {}},
        {"namespace": "dash_html_components", "type": "Script", "props": {"children": "window.evil = 1"}},
        {"type": "Div", "props": {}},
    ],
)
def test_what_cannot_be_drawn_leaves_the_old_body_with_its_old_age(page: Page, part: dict[str, Any]) -> None:
    found = page.evaluate(TELL, [part])
    assert (found["html"], found["asOf"]) == ("old", "")
    assert "cannot draw" in found["said"] and page.evaluate("window.evil") is None


def test_an_attribute_cannot_become_a_handler(page: Page) -> None:
    part = {"namespace": "dash_html_components", "type": "Img", "props": {"src": "x", "onError": "window.evil = 1"}}
    assert page.evaluate(TELL, part)["html"] == '<img src="x">'


def test_a_panel_that_is_empty_again_is_empty(page: Page) -> None:
    assert painted(page, html.P("x"))["html"] == "<p>x</p>"
    assert page.evaluate(TELL, None)["html"] == ""
