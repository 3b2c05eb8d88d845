"""In a real Chromium: from the commit to the changed DOM, and the first paint of a screen that knows nothing yet."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks import crowd
from benchmarks.parts import URL, line

Row = tuple[str, str]
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
CHANGES, PAINTS = 30, 5

#: Notes when the number of the panel that every change moves was drawn anew, by the wall clock.
_WATCH = """() => {
    window.drawn = [];
    const at = document.querySelector("#page #overview-complaints-body");
    new MutationObserver(() => window.drawn.push(Date.now())).observe(
        at, {childList: true, subtree: true, characterData: true});
}"""

#: Notes when the first number stood on the page, and when all of it did. Runs before the page's own scripts.
_NUMBERS = """
    new MutationObserver(() => {
        const all = document.querySelectorAll(".n");
        if (all.length && window.firstNumber === undefined) window.firstNumber = performance.now();
        if (all.length !== window.numbers) { window.numbers = all.length; window.lastNumber = performance.now(); }
    }).observe(document, {childList: true, subtree: true});
"""


def measure(change: Callable[[], float], viewers: int) -> list[Row]:
    """Rows of the table: DOM alone and beside ``viewers`` streams, first paint cold and warm, bytes."""
    with sync_playwright() as play:
        path = CHROMIUM if CHROMIUM.exists() else play.chromium.executable_path
        browser = play.chromium.launch(executable_path=path, args=FLAGS)
        drawn = _drawn(browser, change)
        with crowd.watching(viewers):
            among = _drawn(browser, change)
        paints = [_painted(browser) for _ in range(PAINTS)]
        warm = statistics.median(_warm(browser) for _ in range(PAINTS))
        browser.close()
    middle = {name: statistics.median(paint[name] for paint in paints) for name in paints[0]}
    return [
        ("commit -> changed DOM in Chromium", line(drawn)),
        (f"  while {viewers:,} viewers stream on the same machine", line(among)),
        (
            "cold cache -> first contentful paint, first number, all numbers",
            f"{middle['paint']:.0f}, {middle['first']:.0f}, {middle['last']:.0f} ms (median of {PAINTS})",
        ),
        ("warm cache -> first number", f"{warm:.0f} ms (median of {PAINTS})"),
        (
            "bytes over the line, compressed: before plotly, plotly",
            f"{middle['bytes'] / 1000:.0f} kB, {middle['plotly'] / 1000:.0f} kB",
        ),
    ]


def _drawn(browser: Browser, change: Callable[[], float]) -> list[float]:
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(f"{URL}/wall/overview")
    page.wait_for_selector("#page #overview-complaints-body .n")
    page.wait_for_timeout(3_000)
    page.evaluate(_WATCH)
    delays = [delay for _ in range(CHANGES) if (delay := _once(page, change)) is not None]
    page.close()
    return delays


def _once(page: Page, change: Callable[[], float]) -> float | None:
    page.evaluate("window.drawn.length = 0")
    committed = change()
    page.wait_for_timeout(1_000)
    drawn = [at / 1000 - committed for at in page.evaluate("window.drawn")]
    return max(0.0, min(drawn)) if drawn else None


def _painted(browser: Browser) -> dict[str, float]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.add_init_script(_NUMBERS)
    sizes = _count_bytes(page)
    page.goto(f"{URL}/wall/overview")
    page.wait_for_selector(".n")
    time.sleep(3)
    paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN"
    found = page.evaluate(f"({{paint: {paint}, first: window.firstNumber, last: window.lastNumber}})")
    context.close()
    plotly = sum(size for url, size in sizes.items() if "plotly" in url)
    return {**found, "plotly": plotly, "bytes": sum(sizes.values()) - plotly}


def _warm(browser: Browser) -> float:
    """The same screen loaded again: milliseconds to its first number."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    page.add_init_script(_NUMBERS)
    for _ in range(2):
        page.goto(f"{URL}/wall/overview")
        page.wait_for_selector("#page .n")
        page.wait_for_timeout(1_000)
    found = float(page.evaluate("window.firstNumber"))
    context.close()
    return found


def _count_bytes(page: Page) -> dict[str, float]:
    """Address -> bytes as they came over the line, headers included; filled as the page loads."""
    sizes: dict[str, float] = {}
    urls: dict[str, str] = {}
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")

    def sent(event: dict[str, Any]) -> None:
        urls[event["requestId"]] = event["request"]["url"]

    def loaded(event: dict[str, Any]) -> None:
        url = urls.get(event["requestId"], "")
        sizes[url] = sizes.get(url, 0) + event["encodedDataLength"]

    line.on("Network.requestWillBeSent", sent)
    line.on("Network.loadingFinished", loaded)
    return sizes
