"""Draws every scene of the shipped region on every wall of the screenshots: ``python -m benchmarks.screenshots``.

Starts the simulated city in a folder of its own, with a screen for each geometry and room, and writes
``docs/screenshots/<geometry>-<dark|light>-<scene>.png``, 960 px wide (portrait: 540).
"""

import argparse
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
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("KENDALI_CHROMIUM", "/usr/bin/chromium")
#: size -> diagonal of one display in inches, way to the farthest seat, displays side by side and on top.
WALLS = {
    (1920, 1080): (55, 3, 1, 1), (3840, 2160): (85, 4, 1, 1), (5760, 2160): (55, 6, 3, 2),
    (7680, 2160): (55, 6, 4, 2), (5120, 1440): (49, 1.5, 1, 1), (1080, 1920): (55, 3, 1, 1),
}  # fmt: skip
THEMES = ("dark", "light")
FULL_S = 90


def main() -> None:
    """Draw them all, or those whose name contains a word."""
    parser = argparse.ArgumentParser(prog="benchmarks.screenshots", description=__doc__)
    parser.add_argument("--only", default="", help="part of a name, like 1920x1080-dark")
    parser.add_argument("--to", type=Path, default=ROOT / "docs/screenshots")
    parser.add_argument("--port", type=int, default=8090)
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kendali-shots-") as folder:
        path, scenes = _settings(Path(folder), options.port)
        with _up(path, Path(folder), options.port) as url:
            for size in WALLS:
                for theme in THEMES:
                    name = f"{size[0]}x{size[1]}-{theme}"
                    if options.only in name or name in options.only:
                        _wall(url, size, name, scenes, options.to)


def _settings(folder: Path, port: int) -> tuple[Path, list[str]]:
    said: dict[str, Any] = yaml.safe_load((ROOT / "config.yaml").read_text())
    said["pages"] = [str(ROOT / page) for page in said["pages"]]
    scenes = [Path(page).stem for page in said["pages"]]
    said["screens"] = {
        f"w{size[0]}x{size[1]}_{theme}": {"size": list(size), "diagonal_in": diagonal, "distance_m": distance,
                                          "columns": columns, "rows": rows, "scenes": scenes, "theme": theme}
        for size, (diagonal, distance, columns, rows) in WALLS.items() for theme in THEMES
    }  # fmt: skip
    said["simulation"]["port"], said["intake"]["port"] = port + 1, port + 2
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump(said, sort_keys=False).replace("127.0.0.1:8311", f"127.0.0.1:{port + 1}"))
    return path, scenes


@contextmanager
def _up(path: Path, folder: Path, port: int) -> Iterator[str]:
    command = [sys.executable, "run.py", "up", "--config", str(path), "--port", str(port)]
    running = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"KENDALI_DATA": str(folder / "data")})
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                if httpx.get(url + "/healthz").status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.5)
        time.sleep(FULL_S)  # every source has had its turn
        yield url
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)


def _wall(url: str, size: tuple[int, int], name: str, scenes: list[str], folder: Path) -> None:
    width, height = size
    small = (960 if width > height else 540) / width
    flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]  # fmt: skip
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=small)
        page.goto(f"{url}/wall/w{name.replace('-', '_')}")
        page.wait_for_selector("#page #wall .pn[data-state]")
        time.sleep(4)
        for number, scene in enumerate(scenes, 1):
            _shoot(page, number, folder / f"{name}-{scene}.png")
        browser.close()


def _shoot(page: Page, number: int, path: Path) -> None:
    page.keyboard.press(str(number))
    time.sleep(1.2)
    # The word "held" on the header is of our key, not of the wall.
    page.evaluate("document.querySelectorAll('#turning').forEach((one) => { one.hidden = true; })")
    page.screenshot(path=path)
    print(path.name, flush=True)


if __name__ == "__main__":
    main()
