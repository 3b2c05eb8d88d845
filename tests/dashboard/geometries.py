"""The walls of the issue, and what a browser finds wrong on one.

:func:`faults`: scroll, cut, outside, overlapping or small words, words or panels on a seam. :func:`dim`: words with
too little contrast against what is really painted behind them.
"""

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
LEAST_CONTRAST = 4.5

#: The texts of the wall that somebody sees: [node, element, style, rectangle, what of it is seen, panel, its name].
#: What an ancestor hides as a whole has given way by design (the source beside an age); what is hidden in part is cut.
TEXTS = """(wall) => {
  const styles = new Map(), found = [], walk = document.createTreeWalker(wall, NodeFilter.SHOW_TEXT);
  const styled = (one) => styles.get(one) || (styles.set(one, getComputedStyle(one)), styles.get(one));
  while (walk.nextNode()) {
    const node = walk.currentNode, element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = range.getBoundingClientRect();
    const seen = { left: box.left, right: box.right, top: box.top, bottom: box.bottom };
    if (!box.width) continue;
    // What only screen readers read is clipped to nothing.
    let unseen = false, escapes = false;
    for (let up = element; up && up !== wall.parentElement; up = up.parentElement) {
      const style = styled(up);
      unseen ||= up !== wall && style.clipPath !== "none";
      if ((style.overflowX !== "visible" || style.overflowY !== "visible") && style.display !== "inline"
          && !up.ownerSVGElement && !(escapes && style.position === "static")) {
        const edge = up.getBoundingClientRect();
        seen.left = Math.max(seen.left, edge.left); seen.right = Math.min(seen.right, edge.right);
        seen.top = Math.max(seen.top, edge.top); seen.bottom = Math.min(seen.bottom, edge.bottom);
      }
      if (!escapes || style.position !== "static") escapes = style.position === "absolute";
    }
    if (unseen || seen.right - seen.left < 1 || seen.bottom - seen.top < 0.15 * box.height) continue;
    const panel = element.closest("section") || wall.querySelector("#head");
    found.push([node, element, styled(element), box, seen, panel, panel.dataset.panel || "head"]);
  }
  return found;
}"""

#: Words are told by the rectangles of their text; a text of which a part is hidden is cut, one that leaves its panel
#: is outside it, two that share more than a hair's breadth overlap.
LOOK = """([columns, rows]) => {
  const wall = document.querySelector("#page #wall"), unit = parseFloat(getComputedStyle(wall).width) /
    parseFloat(getComputedStyle(wall).getPropertyValue("--w"));
  const found = [], words = [], root = document.documentElement, edges = wall.getBoundingClientRect();
  if (root.scrollHeight > innerHeight || root.scrollWidth > innerWidth) found.push("the page scrolls");
  const seams = (spot, what) => {
    for (let k = 1; k < columns; k++) {
      const seam = edges.left + k * edges.width / columns;
      if (spot.left < seam - 0.5 && spot.right > seam + 0.5) found.push(`${what} on seam ${k}`);
    }
    for (let k = 1; k < rows; k++) {
      const seam = edges.top + k * edges.height / rows;
      if (spot.top < seam - 0.5 && spot.bottom > seam + 0.5) found.push(`${what} on the seam below row ${k}`);
    }
  };
  for (const panel of wall.querySelectorAll(".scene:not([hidden]) > .pn"))
    seams(panel.getBoundingClientRect(), panel.dataset.panel);
  for (const [node, element, style, spot, seen, panel, name] of (TEXTS)(wall)) {
    const box = panel.getBoundingClientRect(), hair = 6 * unit, told = `${name}: '${node.data}'`;
    // The line of a text is higher than its letters: what counts is the middle.
    const middle = { top: spot.top + 0.2 * spot.height, bottom: spot.bottom - 0.2 * spot.height };
    // By design the name of the oldest panel gives way to its age, and the reason of a group ends where the group does.
    // Elsewhere a reason shows as many whole lines as there is room for.
    const lines = (seen.bottom - seen.top) / parseFloat(style.lineHeight);
    const whole = Math.abs(lines - Math.round(lines)) < 0.15;
    const yields = element.id === "oldest" || element.matches(".why") && (whole || style.whiteSpace === "nowrap");
    const narrow = seen.right - seen.left < spot.width - unit;
    const low = seen.top > middle.top + unit || seen.bottom < middle.bottom - unit;
    if (!yields && (narrow || low)) found.push(`${told} is cut`);
    // Of a drawing the font is in its own units. The digit of a mark is drawn with it; the shape says the same.
    const size = parseFloat(style.fontSize) * (element.getScreenCTM ? element.getScreenCTM().a : 1);
    if (size < 17.99 * unit && !element.closest("svg")) found.push(`${told} is ${size / unit} units small`);
    const part = { left: seen.left, right: seen.right,
      top: Math.max(middle.top, seen.top), bottom: Math.min(middle.bottom, seen.bottom) };
    if (part.left < box.left - hair || part.right > box.right + hair || part.top < box.top || part.bottom > box.bottom)
      found.push(`${told} is outside`);
    seams(part, told);
    words.push({ ...part, name, text: node.data, element });
  }
  // What is wrong with a group stands on ground of its own where else its references are.
  const covers = ({ element }, { left, right, top, bottom }) => {
    const style = getComputedStyle(element), box = element.getBoundingClientRect(), hair = 5 * unit;
    return style.position === "absolute" && style.backgroundColor.startsWith("rgb(")
      && box.left <= left && box.right >= right && box.top <= top + hair && box.bottom >= bottom - hair;
  };
  words.forEach((one, index) => {
    for (const two of words.slice(index + 1)) {
      const wide = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      const tall = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      if (wide > 3 * unit && tall > 3 * unit && !covers(one, two) && !covers(two, one))
        found.push(`${one.name}: '${one.text}' over ${two.name}: '${two.text}'`);
    }
  });
  return found;
}""".replace("TEXTS", TEXTS)

#: [contrast, text] below the least. The ground of a text is everything painted under three points of it: backgrounds,
#: every colour of a hatch, shapes of a drawing; what lies above it does not count.
DIM = """(least) => {
  const wall = document.querySelector("#page #wall");
  const colour = (text) => { const p = text.match(/[\\d.]+/g).map(Number); return [p[0], p[1], p[2], p[3] ?? 1]; };
  const over = (a, b, more = 1) => [0, 1, 2].map((i) => a[i] * a[3] * more + b[i] * (1 - a[3] * more)).concat(1);
  const light = (c) => c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const once = (make) => {
    const known = new Map();
    return (one) => known.get(one) ?? known.set(one, make(one)).get(one);
  };
  const faint = once((one) => one && one !== wall ? getComputedStyle(one).opacity * faint(one.parentElement) : 1);
  // The colours an element paints at a point: one, or several of which any may lie under a letter.
  const paints = once((one) => {
    const style = getComputedStyle(one);
    if (one.ownerSVGElement) return one instanceof SVGGeometryElement && style.fill.startsWith("rgb") ?
      [[...colour(style.fill).slice(0, 3), colour(style.fill)[3] * style.fillOpacity]] : [];
    const image = style.backgroundImage;
    const stripes = image.includes("gradient") ? image.match(/rgba?\\([^)]*\\)/g).map(colour) : [];
    return [colour(style.backgroundColor), ...stripes].filter((c) => c[3] > 0);
  });
  const grounds = (pile) => {
    let found = [[255, 255, 255, 1]];
    for (const one of pile.reverse()) {
      const painted = paints(one), alpha = painted.length ? faint(one) : 1;
      if (painted.length) found = painted.flatMap((c) => found.map((below) => over(c, below, alpha)));
    }
    return found;
  };
  const found = [];
  for (const [node, element, style, , seen, , name] of (TEXTS)(wall)) {
    const letters = element.ownerSVGElement ? style.fill : style.color;
    for (const share of [0.1, 0.5, 0.9]) {
      const [x, y] = [seen.left + share * (seen.right - seen.left), (seen.top + seen.bottom) / 2];
      const pile = document.elementsFromPoint(x, y);
      const at = pile.findIndex((one) => one === element || one.contains(element));
      for (const ground of grounds(pile.slice(Math.max(0, at)))) {
        const told = ratio(over(colour(letters), ground, faint(element)), ground);
        const below = `rgb(${ground.slice(0, 3).map(Math.round)})`;
        if (told < least) found.push(`${name}: '${node.data}' ${told.toFixed(2)} : 1, ${letters} on ${below}`);
      }
    }
  }
  return [...new Set(found)];
}""".replace("TEXTS", TEXTS)


def faults(page: Page, screen: dict[str, Any]) -> list[str]:
    """What is wrong to the eye on the wall that is open."""
    found: list[str] = page.evaluate(LOOK, [screen.get("columns", 1), screen.get("rows", 1)])
    return found


def dim(page: Page) -> list[str]:
    """The words with less than 4.5 : 1."""
    found: list[str] = page.evaluate(DIM, LEAST_CONTRAST)
    return found
