"""Draws every scene of the shipped region on every wall of the issue: ``python -m benchmarks.screenshots``.

Starts the simulated city in a folder of its own, with a screen for each wall dark and bright, waits until no panel is
empty, and writes ``docs/screenshots/<wall>-<dark|light>-<scene>.png``, small and in few colours.
"""

import argparse
import base64
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml
from playwright.sync_api import Browser, Page, expect, sync_playwright

from benchmarks.palette import PIXELS, small_png
from tests.dashboard.geometries import SCREENS

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("KENDALI_CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
THEMES = ("dark", "light")
#: Width of a picture in px: of one display, of a broad wall, of one that stands upright.
ONE_PX, BROAD_PX, UPRIGHT_PX = 960, 1280, 540
#: Every source has had its turn: the slowest asks each ten minutes and at the start.
FULL_MS = 240_000


def main() -> None:
    """Draw them all, or those whose name contains a word."""
    parser = argparse.ArgumentParser(prog="benchmarks.screenshots", description=__doc__)
    parser.add_argument("--only", default="", help="part of a name, like 1920x1080-dark")
    parser.add_argument("--to", type=Path, default=ROOT / "docs/screenshots")
    parser.add_argument("--port", type=int, default=8090)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kendali-shots-") as folder, sync_playwright() as play:
        path, scenes = _settings(Path(folder), options.port)
        with _up(path, Path(folder), options.port) as url:
            browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            reader = browser.new_page()
            for wall, spec in SCREENS.items():
                for theme in THEMES:
                    name = f"{wall.removeprefix('w')}-{theme}"
                    if options.only in name:
                        _wall(browser, reader, f"{url}/wall/{wall}_{theme}", spec["size"], options.to / name, scenes)
            browser.close()


def _settings(folder: Path, port: int) -> tuple[Path, list[str]]:
    said: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text())
    said["pages"] = [str(ROOT / page) for page in said["pages"]]
    scenes = [Path(page).stem for page in said["pages"]]
    said["screens"] = {
        f"{wall}_{theme}": spec | {"size": list(spec["size"]), "scenes": scenes, "theme": theme}
        for wall, spec in SCREENS.items()
        for theme in THEMES
    }
    said["simulation"]["port"], said["intake"]["port"] = port + 1, port + 2
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(said, sort_keys=False).replace("127.0.0.1:8311", f"127.0.0.1:{port + 1}"))
    return path, scenes


@contextmanager
def _up(path: Path, folder: Path, port: int) -> Iterator[str]:
    here = os.environ | {"KENDALI_DATA": str(folder / "data")}
    run = [sys.executable, "run.py"]
    running = subprocess.Popen([*run, "up", "--config", str(path), "--port", str(port)], cwd=ROOT, env=here)
    url = f"http://127.0.0.1:{port}"
    try:
        while not _answers(url):
            if running.poll() is not None:
                raise SystemExit("the city did not start")
            time.sleep(0.5)
        declared = ["stage", "declare", "1", "--by", "Kepala jaga", "--reason", "Tidak ada kejadian"]
        subprocess.run([*run, *declared, "--config", str(path)], cwd=ROOT, env=here, check=True)
        yield url
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(60)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "/healthz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


def _wall(browser: Browser, reader: Page, url: str, size: tuple[int, int], stem: Path, scenes: list[str]) -> None:
    width, height = size
    wanted = UPRIGHT_PX if height > width else BROAD_PX if width > 2 * height else ONE_PX
    page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=wanted / width)
    page.goto(url)
    expect(page.locator("#page #wall .pn > .pb")).not_to_have_count(0, timeout=FULL_MS)
    empty = "#page #wall .pn:is(.missing, .waiting), #page #wall .pb:empty, #page #wall .sr .ok.none"
    expect(page.locator(empty)).to_have_count(0, timeout=FULL_MS)
    page.evaluate("document.fonts.ready")
    # The breaches of the day have had the screen, and that a key holds a scene is of our key, not of the wall.
    page.evaluate("document.querySelectorAll('#page .pn').forEach((frame) => window.kendaliTurn.known.add(frame.id))")
    page.add_style_tag(content="#turning { display: none !important }")
    for number, scene in enumerate(scenes, 1):
        page.keyboard.press(str(number))
        page.wait_for_selector(f"#page #scene-{scene}:not([hidden])")
        _kept(page.screenshot(), reader, stem.with_name(f"{stem.name}-{scene}.png"))
    page.close()


def _kept(picture: bytes, reader: Page, path: Path) -> None:
    width, height, pixels = reader.evaluate(PIXELS, base64.b64encode(picture).decode())
    path.write_bytes(small_png(base64.b64decode(pixels), width, height))
    print(path.name, path.stat().st_size // 1000, "kB", flush=True)


if __name__ == "__main__":
    main()
