"""The walls of the issue, and what a browser finds wrong on one: scroll, cut or overlapping words, words on a seam."""

from typing import Any

from playwright.sync_api import Page

SCREENS: dict[str, dict[str, Any]] = {
    "w1920x1080": {"size": (1920, 1080), "diagonal_in": 55, "distance_m": 3},
    "w3840x2160": {"size": (3840, 2160), "diagonal_in": 85, "distance_m": 5},
    "w5760x2160": {"size": (5760, 2160), "diagonal_in": 55, "distance_m": 6, "columns": 3, "rows": 2},
    "w7680x2160": {"size": (7680, 2160), "diagonal_in": 55, "distance_m": 6, "columns": 4, "rows": 2},
    "w5120x1440": {"size": (5120, 1440), "diagonal_in": 49, "distance_m": 1.5},
    "w1080x1920": {"size": (1080, 1920), "diagonal_in": 55, "distance_m": 3, "theme": "light"},
}

#: Words are told by the rectangles of their text; a text that ends in an ellipsis is cut, one that leaves its panel
#: is outside it, two that share more than a hair's breadth overlap.
LOOK = """([columns, rows]) => {
  const wall = document.querySelector("#page #wall"), unit = parseFloat(getComputedStyle(wall).width) /
    parseFloat(getComputedStyle(wall).getPropertyValue("--w"));
  // What only screen readers read is clipped to nothing.
  const unseen = (one) => one !== wall && (getComputedStyle(one).clipPath !== "none" || unseen(one.parentElement));
  const found = [], words = [], root = document.documentElement, edges = wall.getBoundingClientRect();
  if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) found.push("the page scrolls");
  for (const element of wall.querySelectorAll("*")) {
    if (unseen(element)) continue;
    const style = getComputedStyle(element);
    if (style.visibility === "hidden" || element.closest("[hidden]") || !element.getClientRects().length) continue;
    const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim());
    const panel = element.closest("section") || wall.querySelector("#head"), box = panel.getBoundingClientRect();
    const name = panel.dataset.panel || "head";
    // The name of the oldest panel gives way, by design: its age stands before it.
    const cut = element.id !== "oldest" && style.overflow === "hidden" && element.scrollWidth > element.clientWidth + 1;
    if (texts.length && cut) found.push(`${name}: '${element.textContent}' is cut`);
    for (const text of texts) {
      const range = document.createRange(); range.selectNodeContents(text);
      const spot = range.getBoundingClientRect(), hair = 6 * unit;
      // Of a drawing the font is in its own units.
      const size = parseFloat(style.fontSize) * (element.getScreenCTM ? element.getScreenCTM().a : 1);
      if (!spot.width) continue;
      // The digit of a mark is drawn with it, in its own scale; the shape says the same.
      const small = size < 17.99 * unit && !element.closest("svg");
      if (small) found.push(`${name}: '${text.data}' is ${size / unit} units small`);
      // The line of a text is higher than its letters: what counts is the middle.
      const [top, bottom] = [spot.top + 0.2 * spot.height, spot.bottom - 0.2 * spot.height];
      const seen = style.overflow === "hidden" ? element.getBoundingClientRect().right : spot.right;
      const right = Math.min(spot.right, seen);
      if (spot.left < box.left - hair || right > box.right + hair || top < box.top || bottom > box.bottom)
        found.push(`${name}: '${text.data}' is outside`);
      for (let k = 1; k < columns; k++) {
        const seam = edges.left + k * edges.width / columns;
        if (spot.left < seam && right > seam) found.push(`${name}: '${text.data}' on seam ${k}`);
      }
      for (let k = 1; k < rows; k++) {
        const seam = edges.top + k * edges.height / rows;
        if (top < seam && bottom > seam) found.push(`${name}: '${text.data}' on the seam below row ${k}`);
      }
      words.push({ name, text: text.data, left: spot.left, right, top, bottom });
    }
  }
  words.forEach((one, index) => {
    for (const two of words.slice(index + 1)) {
      const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const tall = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      if (wide > 3 * unit && tall > 3 * unit) found.push(`${one.name}: '${one.text}' over ${two.name}: '${two.text}'`);
    }
  });
  return found;
}"""


def faults(page: Page, screen: dict[str, Any]) -> list[str]:
    """What is wrong to the eye on the wall that is open."""
    found: list[str] = page.evaluate(LOOK, [screen.get("columns", 1), screen.get("rows", 1)])
    return found
