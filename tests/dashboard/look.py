"""Readings and component trees for the tests of what a panel draws."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson

from city.judging import Judged
from city.limits import Limit
from city.model import Reading
from city.watch import step
from dashboard.publish import encode
from dashboard.words import Words
from tests.builders import NOW, config

WORDS = Words(config())
HOSTILE = "<img src=x onerror=alert(1)> [klik](javascript:1)"


def reading(*rows: dict[str, Any], unit: str = "cases", n: int | None = None, **changes: Any) -> Reading:
    """A reading of an hour ago."""
    counted = sum(row.get("n", 1) for row in rows) if n is None else n
    return Reading(metric="complaints_open", unit=unit, rows=list(rows), n=counted, as_of=NOW, **changes)


def value(number: float | None, **changes: Any) -> Reading:
    """A reading with one value."""
    return reading({"value": number, "n": 40}, **changes)


def stands(limit: Limit | None, values: Any = None, direction: str = "lower", since: datetime = NOW) -> Judged:
    """How a limit stands after ``values``, one or one by group, were looked at once."""
    by_group = values if isinstance(values, dict) else {None: values}
    return Judged(limit, {group: step(value, limit, direction, None, since) for group, value in by_group.items()})


def parts(drawn: Any) -> Iterator[dict[str, Any]]:
    """Every component of a drawing as the JSON the browser gets, outermost first."""
    yield from _walk(orjson.loads(encode(drawn)))


def _walk(item: Any) -> Iterator[dict[str, Any]]:
    if isinstance(item, list):
        for one in item:
            yield from _walk(one)
    elif isinstance(item, dict) and "props" in item:
        yield item
        yield from _walk(item["props"].get("children"))


def text(drawn: Any) -> str:
    """All words of a drawing, in order, with single spaces."""
    return " ".join(" ".join(_texts(orjson.loads(encode(drawn)))).split())


def _texts(item: Any) -> Iterator[str]:
    if isinstance(item, list):
        for one in item:
            yield from _texts(one)
    elif isinstance(item, dict):
        yield from _texts(item["props"].get("children"))
    elif item is not None:
        yield str(item)


def classed(drawn: Any, name: str) -> list[dict[str, Any]]:
    """The components that carry the CSS class ``name``."""
    return [part["props"] for part in parts(drawn) if name in (part["props"].get("className") or "").split()]


#: Texts of panels that are cut off, lie over each other or stick out of their panel, and whether the page scrolls.
_ILLEGIBLE = """() => {
  const clipped = (one) => one && (getComputedStyle(one).clipPath !== 'none' || clipped(one.parentElement));
  const found = [], texts = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) found.push('the page scrolls');
  for (const panel of document.querySelectorAll('.scene .pn')) {
    const box = panel.getBoundingClientRect();
    if (!box.width) continue;
    const walk = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
      const node = walk.currentNode, parent = node.parentElement, range = document.createRange();
      if (clipped(parent)) continue;
      if (!node.textContent.trim() || !parent.checkVisibility({ visibilityProperty: true })) continue;
      range.selectNodeContents(node);
      const at = range.getBoundingClientRect(), words = panel.id + ': ' + node.textContent.trim();
      if (at.left < box.left - 12 || at.right > box.right + 2 || at.bottom > box.bottom + 4)
        found.push(words + ' sticks out');
      for (let up = parent; up !== panel; up = up.parentElement)
        if (getComputedStyle(up).overflowX !== 'visible' && at.right > up.getBoundingClientRect().right + 1)
          found.push(words + ' is cut off');
      if (parseFloat(getComputedStyle(parent).fontSize) < 18 * innerHeight / 1080 - .1 && !parent.closest('svg'))
        found.push(words + ' is too small');
      texts.push([words, at]);
    }
  }
  texts.forEach(([one, a], index) => texts.slice(index + 1).forEach(([other, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 2 && tall > 6) found.push(`${one} lies over ${other}`);
  }));
  return found;
}"""


def illegible(page: Any) -> list[str]:
    """What a reader cannot read on a browser's page, in words; empty when all is well."""
    found: list[str] = page.evaluate(_ILLEGIBLE)
    return found
