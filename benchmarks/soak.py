"""The tab of a wall over thousands of updates: memory with its slope, and tasks that would be felt.

Memory: the panels' own last states, told again with other numbers through the page's own ``take`` as fast as
the page draws them, with a turn of the scenes by the keyboard every 20. Each reading follows a forced collection.
Long tasks: real changes, committed once a second, on the overview.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import CHROMIUM, FLAGS
from benchmarks.parts import URL

Row = tuple[str, str]
UPDATES, EVERY, PER_TURN, MINUTES = 10_000, 500, 20, 3
MB = 2**20

#: Tells ``count`` states, one a frame, with numbers that were not there before.
_TELL = """async ({ count, from, states }) => {
    const other = (part, turn) => typeof part === "string" && /^[0-9]{1,4}$/.test(part) ? String(turn % 997)
        : Array.isArray(part) ? part.map(item => other(item, turn))
        : part && typeof part === "object" ? Object.fromEntries(Object.entries(part).map(([key, item]) =>
            [key, key === "d" || key === "style" ? item : other(item, turn)])) : part;
    for (let turn = from; turn < from + count; turn++) {
        const state = states[turn % states.length];
        window.kendali.take({ kind: "panel", state: { ...state, seq: state.seq + turn, hash: "soak" + turn,
            as_of: new Date().toISOString(), body: other(state.body, turn) } });
        await new Promise(done => requestAnimationFrame(done));
    }
}"""
_STREAM = """(pages) => new Promise(done => {
    const states = {}, source = new EventSource("/stream?" + pages.map(page => "page=" + page).join("&"));
    source.addEventListener("panel", event => {
        const state = JSON.parse(event.data);
        if (state.body) states[state.page + "-" + state.panel] = state;
    });
    setTimeout(() => { source.close(); done(Object.values(states)); }, 4000);
})"""
_LONG = """window.long = []; new PerformanceObserver(list => list.getEntries().forEach(entry =>
    window.long.push([entry.startTime, entry.duration]))).observe({ type: "longtask" });"""


def measure(change: Callable[[], float], wall: str = "w1") -> list[Row]:
    """Rows of the table."""
    with sync_playwright() as play:
        path = CHROMIUM if CHROMIUM.exists() else play.chromium.executable_path
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        rows = [*_memory(browser, wall), *_long_tasks(browser, change)]
        browser.close()
    return rows


def _opened(browser: Browser, wall: str, script: str = "") -> Page:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    if script:
        page.add_init_script(script)
    page.goto(f"{URL}/wall/{wall}")
    page.wait_for_selector("#page #overview-complaints-body .n", state="attached")  # another scene may have the screen
    page.wait_for_timeout(3_000)
    return page


def turn(page: Page) -> None:
    """The next scene, as a remote control does it."""
    page.keyboard.press("ArrowRight")


def _memory(browser: Browser, wall: str) -> list[Row]:
    page = _opened(browser, wall)
    scenes = page.evaluate("document.querySelector('meta[name=kendali-scenes]').content.split(' ')")
    states = page.evaluate(_STREAM, scenes)
    line = page.context.new_cdp_session(page)
    line.send("HeapProfiler.enable")
    line.send("Performance.enable")
    readings = [_reading(line)]
    for done in range(0, UPDATES, PER_TURN):
        page.evaluate(_TELL, {"count": PER_TURN, "from": done, "states": states})
        turn(page)
        if (done + PER_TURN) % EVERY == 0:
            readings.append(_reading(line))
    turns = page.evaluate("window.kendaliTurn.turns")
    page.close()
    return _told(readings, len(states), turns)


def _reading(line: Any) -> dict[str, float]:
    for _ in range(2):  # what a finalizer lets go of is collected the second time
        line.send("HeapProfiler.collectGarbage")
    metrics = {one["name"]: one["value"] for one in line.send("Performance.getMetrics")["metrics"]}
    return {name: metrics[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}


def _told(readings: list[dict[str, float]], panels: int, turns: int) -> list[Row]:
    later = readings[1:]
    heap = [one["JSHeapUsedSize"] / MB for one in later]
    slope = statistics.linear_regression([EVERY * at / 1000 for at in range(len(heap))], heap).slope
    name = f"tab after {UPDATES:,} updates of {panels} panels and {turns:,} scene changes"
    return [
        (f"{name}: heap", f"{heap[0]:.1f} -> {heap[-1]:.1f} MiB ({100 * (heap[-1] / heap[0] - 1):+.1f} %)"),
        (f"  slope after the first {EVERY}", f"{1024 * slope:+.1f} KiB per 1,000 updates"),
        ("  DOM nodes, listeners", ", ".join(f"{later[0][key]:.0f} -> {later[-1][key]:.0f}" for key in
                                             ("Nodes", "JSEventListeners"))),
    ]  # fmt: skip


def _long_tasks(browser: Browser, change: Callable[[], float]) -> list[Row]:
    page = _opened(browser, "overview", _LONG)
    page.wait_for_timeout(5_000)
    page.evaluate("window.long.length = 0")
    minutes = []
    for _ in range(MINUTES):
        until = time.monotonic() + 60
        while (left := until - time.monotonic()) > 0:
            change()
            page.wait_for_timeout(1000 * min(1.0, left))
        minutes.append(page.evaluate("window.long.splice(0).map(entry => entry[1])"))
    page.close()
    worst = max((length for minute in minutes for length in minute), default=0)
    counts = [len(minute) for minute in minutes]
    return [(f"tasks over 50 ms a minute, a change a second, {MINUTES} min",
             f"{statistics.median(counts):g} in the median minute ({', '.join(map(str, counts))}), "
             f"longest {worst:.0f} ms")]  # fmt: skip
