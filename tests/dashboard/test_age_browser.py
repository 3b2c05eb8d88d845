"""assets/age.js by itself on a bare page in a real Chromium: ages, states and words at their exact limits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from city.freshness import state as state_of
from dashboard.index import words_of
from tests.builders import NOW

pytestmark = pytest.mark.browser
SCRIPT = (Path(__file__).resolve().parents[2] / "assets/age.js").read_text(encoding="utf-8")
STALE_S, EXPIRES_S = 120, 600
FRAME = """<section class="pn waiting" data-panel="p" data-stale-after-s="120" data-expires-after-s="600">
<header class="ph"><h2>Terbuka</h2><span class="tag" hidden></span>
<span class="ag"><span class="src"></span><b class="age"></b></span></header><p class="why"></p></section>"""
HEAD = """<header id="head"><span id="simulated" hidden></span><div class="link"><b id="link"></b>
<span id="oldest"></span></div><b id="clock"></b><i id="seconds"></i><span id="today"></span></header>"""
# The clocks stand still at what they are told; then every frame gets its data and age.js looks once.
LOOK = """({ head, frames, clock, mono, heard }) => {
  Date.now = () => clock;
  performance.now = () => mono;
  window.kendali = heard;
  Object.assign(document.getElementById('head').dataset, head);
  const [first, ...others] = document.querySelectorAll('.pn');
  for (const other of others) other.remove();
  const all = frames.map((data, index) => {
    const frame = index ? first.parentNode.appendChild(first.cloneNode(true)) : first;
    for (const key of Object.keys(frame.dataset)) if (key !== 'panel') delete frame.dataset[key];
    Object.assign(frame.dataset, data);
    if (data.title) frame.querySelector('h2').textContent = data.title;
    return frame;
  });
  window.kendaliAge();
  const text = (root, where) => root.querySelector(where).textContent;
  const ids = ['link', 'oldest', 'clock', 'seconds', 'today'];
  const said = Object.fromEntries(ids.map(id => [id, text(document, '#' + id)]));
  said.lost = document.querySelector('.link').classList.contains('lost');
  said.simulated = !document.getElementById('simulated').hidden;
  said.panels = all.map(frame => ({
    classes: [...frame.classList].sort().join(' '), state: frame.dataset.state, age: text(frame, '.age'),
    tag: text(frame, '.tag'), untagged: frame.querySelector('.tag').hidden, why: text(frame, '.why'),
    src: text(frame, '.src'), rule: frame.querySelector('.ph').style.getPropertyValue('--age'),
    elements: frame.querySelectorAll('*').length,
  }));
  return said;
}"""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Page:
    """A bare page with one frame and a header."""
    return bare(browser, "id")


@pytest.fixture(scope="module")
def english(browser: Browser) -> Page:
    """The same in English."""
    return bare(browser, "en")


def bare(browser: Browser, language: str) -> Page:
    opened = browser.new_page(timezone_id="America/Los_Angeles")  # the screen's own zone must not matter
    opened.set_content(f"{words_of(language)}<main>{HEAD}{FRAME}</main>")
    opened.add_script_tag(content=SCRIPT)
    return opened


def ms(at: datetime) -> float:
    return at.timestamp() * 1000


def frame(age_s: float | None = 0, **changes: Any) -> dict[str, Any]:
    """What a frame knows; its value is so many seconds old at NOW."""
    as_of = "" if age_s is None else (NOW - timedelta(seconds=age_s)).isoformat()
    return {"asOf": as_of, "staleAfterS": STALE_S, "expiresAfterS": EXPIRES_S, "missing": ""} | changes


def look(page: Page, *frames: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the screen says at NOW, a beat heard this moment."""
    heard = {"beat": {"now": NOW.isoformat(), "database": True}, "beatClock": ms(NOW), "beatMono": 5000}
    known = {"clock": ms(NOW), "mono": 5000, "heard": heard, "frames": list(frames or (frame(),))}
    known["head"] = {"zone": "Asia/Jakarta", "language": "id"}
    return dict(page.evaluate(LOOK, known | changes))


def one(page: Page, data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    panel: dict[str, Any] = look(page, data, **changes)["panels"][0]
    return panel


@pytest.mark.parametrize(
    ("age_s", "state", "tag", "rule"),
    [
        (0, "fresh", "", "0.0%"),
        (119.999, "fresh", "", "100.0%"),
        (120, "stale", "Basi", "100.0%"),
        (599.999, "stale", "Basi", "100.0%"),
        (600, "expired", "Tidak terlihat", "100.0%"),
        (30, "fresh", "", "25.0%"),
        (None, "missing", "Kosong", "0.0%"),
    ],
)
def test_limits_are_inclusive_as_in_the_city_itself(page, age_s, state, tag, rule):
    panel = one(page, frame(age_s))
    as_of = None if age_s is None else NOW - timedelta(seconds=age_s)
    assert panel["state"] == state_of(as_of, NOW, timedelta(seconds=STALE_S), timedelta(seconds=EXPIRES_S)).value
    assert (panel["state"], panel["tag"], panel["untagged"], panel["rule"]) == (state, tag, not tag, rule)
    assert panel["classes"].split() == sorted(["pn", state]), "it no longer waits and has one state"


@pytest.mark.parametrize(
    ("seconds", "indonesian", "in_english"),
    [
        (0, "0 dtk", "0 s"),
        (59.9, "59 dtk", "59 s"),
        (60, "1 mnt", "1 min"),
        (3599, "59 mnt", "59 min"),
        (3600, "1 j", "1 h"),
        (5040, "1 j 24 mnt", "1 h 24 min"),
        (86_399, "23 j 59 mnt", "23 h 59 min"),
        (86_400, "1 hr", "1 d"),
        (2 * 86_400 + 6 * 3600 + 1800, "2 hr 6 j", "2 d 6 h"),
        (400 * 86_400, "400 hr", "400 d"),
    ],
)
def test_an_age_is_said_in_its_two_largest_units_rounded_down(page, english, seconds, indonesian, in_english):
    assert one(page, frame(seconds))["age"] == f"{indonesian} lalu"
    assert one(english, frame(seconds))["age"] == f"{in_english} ago"


@pytest.mark.parametrize("as_of", ["", "yesterday"])
def test_a_frame_without_a_readable_moment_has_no_age_and_is_empty(page, as_of):
    panel = one(page, frame(asOf=as_of))
    assert (panel["state"], panel["age"], panel["why"]) == ("missing", "–", "— Belum ada data.")
    assert one(page, frame(1, missing="1"))["state"] == "missing", "and so is one said to be, however fresh"


def test_a_value_from_the_future_is_fresh_and_zero_seconds_old(page):
    panel = one(page, frame(-3600))
    assert (panel["state"], panel["age"], panel["rule"]) == ("fresh", "0 dtk lalu", "0.0%")


FAILURE = {"failure": "SIKESAL tidak menjawab sejak 14.02. Kode K-101.", "tries": "3"}


def test_a_failure_within_the_limits_says_that_the_old_value_holds(page):
    panel = one(page, frame(5, **FAILURE))
    assert (panel["state"], panel["classes"], panel["tag"]) == ("failed", "failed pn", "Gagal 3×")
    assert panel["why"] == f"{FAILURE['failure']} Nilai lama masih berlaku."
    assert one(page, frame(5, **FAILURE | {"tries": "1"}))["tag"] == "Gagal"


@pytest.mark.parametrize(("age_s", "state"), [(120, "stale"), (600, "expired"), (None, "missing")])
def test_a_failure_stands_beside_the_age_and_does_not_hide_it(page, age_s, state):
    panel = one(page, frame(age_s, **FAILURE))
    assert panel["classes"].split() == sorted(["failed", "pn", state]) and panel["tag"] == "Gagal 3×"
    assert FAILURE["failure"] in panel["why"] and "berlaku" not in panel["why"]


@pytest.mark.parametrize(
    ("age_s", "said", "state", "tag", "why"),
    [
        (5, {}, "partial", "Sebagian", "9 dari 11 kecamatan"),
        (120, {}, "stale", "Basi", "9 dari 11 kecamatan"),
        (600, {}, "expired", "Tidak terlihat", "— Tidak terlihat sejak 13.55."),
        (None, {}, "missing", "Kosong", "— Belum ada data."),
        (5, FAILURE, "failed", "Gagal 3×", f"9 dari 11 kecamatan. {FAILURE['failure']} Nilai lama masih berlaku."),
    ],
)
def test_a_value_of_a_part_of_the_city_says_so_while_nothing_worse_is_the_matter(page, age_s, said, state, tag, why):
    panel = one(page, frame(age_s, partial="9 dari 11 kecamatan", **said))
    assert (panel["state"], panel["tag"], panel["why"]) == (state, tag, why)
    assert one(page, frame(5, partial=""))["state"] == "fresh"


def test_an_expired_value_says_since_when_with_its_day_when_that_was_not_today(page):
    assert one(page, frame(600))["why"] == "— Tidak terlihat sejak 13.55."
    assert one(page, frame(86_400))["why"] == "— Tidak terlihat sejak 23 Nov 14.05."
    # Twenty minutes ago it was still yesterday in Jambi: now is five past midnight.
    past_midnight = datetime(2026, 11, 24, 17, 5, tzinfo=UTC)
    data = frame(asOf=(past_midnight - timedelta(minutes=20)).isoformat())
    assert one(page, data, clock=ms(past_midnight), heard={})["why"] == "— Tidak terlihat sejak 24 Nov 23.45."


def test_an_english_screen_says_it_in_english(english):
    said = look(english, frame(600, **FAILURE), frame(None), frame(130), frame(partial="9 of 11 districts"))
    assert [panel["tag"] for panel in said["panels"]] == ["Failed 3×", "Empty", "Stale", "Partial"]
    assert said["panels"][0]["why"].startswith("— Not seen since 13:55. ")
    assert (said["clock"], said["today"], said["link"]) == ("14:05", "Tue, 24 Nov 2026", "Connected")


def test_what_a_source_says_stays_text(page):
    evil = "<img src=x onerror=document.title='evil'>"
    panel = one(page, frame(5, source=evil, failure=evil))
    assert (panel["src"], panel["elements"]) == (f"{evil} · ", one(page, frame())["elements"])
    assert evil in panel["why"] and page.title() != "evil"


# clocks


@pytest.mark.parametrize("skew", [timedelta(hours=-9), timedelta(hours=9), timedelta(days=-400)])
def test_a_wrong_clock_of_the_screen_changes_no_age(page, skew):
    beat = {"beat": {"now": NOW.isoformat()}, "beatClock": ms(NOW + skew), "beatMono": 5000}
    said = look(page, frame(60), heard=beat, clock=ms(NOW + skew))
    assert (said["panels"][0]["age"], said["clock"], said["lost"]) == ("1 mnt lalu", "14.05", False)


@pytest.mark.parametrize(
    ("clock_s", "mono_s", "age"),
    [(0, 90, "1 mnt lalu"), (90, 0, "1 mnt lalu"), (-7200, 90, "1 mnt lalu"), (-7200, 0, "0 dtk lalu")],
)
def test_since_the_last_beat_the_clock_that_went_further_counts_and_none_makes_a_value_younger(
    page, clock_s, mono_s, age
):
    said = look(page, frame(0), clock=ms(NOW) + 1000 * clock_s, mono=5000 + 1000 * mono_s)
    assert said["panels"][0]["age"] == age


@pytest.mark.parametrize(
    ("quiet_s", "lost", "link"), [(11.999, False, "Tersambung"), (12, True, "Terputus sejak 14.05")]
)
def test_a_link_is_lost_after_twelve_seconds_of_silence(page, quiet_s, lost, link):
    said = look(page, mono=5000 + 1000 * quiet_s)
    assert (said["lost"], said["link"]) == (lost, link)


def test_before_the_first_beat_it_is_connecting_and_a_lost_database_is_said(page):
    said = look(page, heard={})
    assert (said["lost"], said["link"]) == (True, "Menyambung")
    beat = {"now": NOW.isoformat(), "database": False}
    said = look(page, heard={"beat": beat, "beatClock": ms(NOW), "beatMono": 5000})
    assert (said["lost"], said["link"]) == (True, "Basis data terputus")


# the header


def test_the_header_names_the_oldest_panel_and_never_one_without_a_value(page):
    said = look(page, frame(60, title="Muda"), frame(3660, title="Tua"), frame(None, title="Kosong"))
    assert said["oldest"] == "Data tertua 1 j 1 mnt, Tua"


def test_one_simulated_panel_marks_the_wall(page):
    assert look(page, frame(), frame(simulated="1"))["simulated"] and not look(page, frame(), frame())["simulated"]


@pytest.mark.parametrize(
    ("zone", "clock", "today"),
    [("Asia/Jakarta", "23.30", "Sab, 31 Jan 2026"), ("Asia/Jayapura", "01.30", "Min, 1 Feb 2026")],
)
def test_clock_and_day_are_those_of_the_region(page, zone, clock, today):
    at = ms(datetime(2026, 1, 31, 16, 30, 7, tzinfo=UTC))
    said = look(page, heard={}, clock=at, head={"zone": zone, "language": "id"})
    assert (said["clock"], said["seconds"], said["today"]) == (clock, "07", today)


# a tab that gets no time


@pytest.fixture
def living(browser: Browser) -> Iterator[Page]:
    """A bare page whose clocks run; its value is stale after 2 s."""
    opened = browser.new_page()
    html = FRAME.replace('"120"', '"2"').replace("data-panel", 'data-as-of="" data-panel')
    opened.set_content(
        f"<main>{HEAD.replace('<header', '<header data-zone=Asia/Jakarta data-language=id')}{html}</main>"
    )
    opened.add_script_tag(content=SCRIPT)
    opened.evaluate("""() => {
      document.querySelector(".pn").dataset.asOf = new Date().toISOString();
      window.kendali = { beat: { now: new Date().toISOString() }, beatClock: Date.now(), beatMono: performance.now() };
      window.kendaliAge(); }""")
    yield opened
    opened.close()


@pytest.mark.proof
def test_a_slow_machine_is_late_by_no_more_than_a_second(living):
    living.context.new_cdp_session(living).send("Emulation.setCPUThrottlingRate", {"rate": 20})
    assert living.locator(".pn").get_attribute("data-state") == "fresh"
    living.wait_for_timeout(3_000)
    assert living.locator(".pn").get_attribute("data-state") == "stale"


@pytest.mark.parametrize("event", ["visibilitychange", "resume"])
def test_a_tab_in_the_background_is_right_at_the_moment_it_is_seen_again(living, event):
    # Chromium lets the timers of a hidden tab run once a minute: here they do not run at all.
    living.evaluate("() => { const id = setInterval(() => {}, 1e6); for (let n = 1; n <= id; n++) clearInterval(n); }")
    living.wait_for_timeout(2_500)
    assert living.locator(".pn").get_attribute("data-state") == "fresh", "nobody has looked"
    living.evaluate("(name) => { document.dispatchEvent(new Event(name)); }", event)
    assert living.locator(".pn").get_attribute("data-state") == "stale"
