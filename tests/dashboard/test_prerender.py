"""The first paint is what Dash would draw: the same tree as text, with every text escaped."""

import json

import pytest
from dash import html
from dash_svg import Path, Svg
from playwright.sync_api import Browser

from city import database as city_database
from dashboard.prerender import html_of
from tests.dashboard import screens
from tests.dashboard.screens import Screen


def test_texts_and_attributes_are_escaped():
    hostile = html.P(["<script>alert(1)</script> & co", html.B('"x"')], title='"><img src=x onerror=alert(1)>')
    assert html_of(hostile) == (
        '<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;">&lt;script&gt;alert(1)&lt;/script&gt; &amp; co'
        '<b>"x"</b></p>'
    )


def test_attributes_are_named_as_html_names_them():
    part = html.Div(
        className="a", hidden=True, draggable=False, style={"gridArea": "x", "--age": "3%"}, **{"data-n": 0}
    )
    said = html_of(part)
    assert said.startswith("<div ") and said.endswith("></div>")
    assert sorted(said[5:-7].split()) == ['class="a"', 'data-n="0"', "hidden", 'style="grid-area:x;--age:3%"']
    assert html_of(html.Br()) == "<br>"


def test_svg_keeps_its_case_and_stored_states_are_drawn_like_components():
    drawn = Svg([Path(d="M0 0")], viewBox="0 0 4 4")
    stored = json.loads(json.dumps(drawn, default=lambda part: part.to_plotly_json()))
    assert html_of(stored) == html_of(drawn) == '<svg viewBox="0 0 4 4"><path d="M0 0"></path></svg>'


@pytest.mark.parametrize("part, text", [(None, ""), (0, "0"), (1.5, "1.5"), (["a", None, ["b"]], "ab")])
def test_what_is_no_component_is_text_or_nothing(part, text):
    assert html_of(part) == text


@pytest.mark.proof
@pytest.mark.browser
def test_a_screen_whose_scripts_never_come_still_shows_its_numbers_and_dash_draws_the_same(
    screen: Screen, database: city_database.Database, tmp_path, browser: Browser
):
    screen.file("A-1")
    with screens.serving(screen.config, tmp_path / "uji.yaml", database.web_url) as server:
        with screen.engine.connect() as connection:
            screen.publisher.publish(connection, screen.publisher.items)
        page = browser.new_page()
        page.route("**/_dash-component-suites/**", lambda route: route.abort())
        page.goto(server.url + "/wall/uji")
        page.wait_for_selector("#first #uji-open-body .n")
        first = page.inner_text("#first #uji-open")
        assert page.query_selector("#page #wall") is None
        page.unroute_all()
        page.reload()
        page.wait_for_selector("#page #uji-open-body .n")
        assert page.query_selector("#first") is None, "the copy leaves when Dash has drawn"
        assert page.inner_text("#page #uji-open").splitlines()[0] == first.splitlines()[0]
        assert page.inner_text("#page #uji-open-body") == first[first.index(page.inner_text("#page #uji-open-body")) :]
        page.close()
