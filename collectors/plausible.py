"""Whether observations can be true: in range, no sudden jump, not frozen, not silent; as `plausibility` says.

A value out of range is refused like a row that does not parse. The rest is kept and told with the run,
for a river can rise in an hour and only a person knows. Compared within one metric and place. Pure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from city.config import Plausible
from city.model import Latest, Observation

#: What is told of one run.
MAX_TOLD = 20


class Plausibility:
    """The rules of a source's metrics, with the ``latest`` stored observation of each place."""

    def __init__(self, rules: Mapping[str, Plausible], latest: Iterable[Latest]) -> None:
        self._rules = rules
        self._latest = {last.key: last for last in latest}
        self._told: list[dict[str, Any]] = []

    def refusal(self, item: Observation) -> str | None:
        """What is wrong with a value out of range, or None."""
        rule = self._rules.get(item.metric)
        if (
            rule is None
            or (rule.min is None or item.value >= rule.min)
            and (rule.max is None or item.value <= rule.max)
        ):
            return None
        low, high = ("" if bound is None else f"{bound:g}" for bound in (rule.min, rule.max))
        return f"out of range ({low} to {high})"

    def see(self, item: Observation) -> None:
        """Compare with the one before it, and remember it."""
        rule = self._rules.get(item.metric)
        if rule is None:
            return
        now = Latest.of(item)
        last = self._latest.get(now.key)
        if last and item.at <= last.at:
            return
        if last and rule.jump is not None and abs(item.value - last.value) > rule.jump:
            self._tell(now.key, "jump", abs(item.value - last.value))
        steady = last is not None and last.value == item.value
        self._latest[now.key] = now._replace(steady_since=last.steady_since) if last and steady else now

    def told(self, now: datetime) -> list[dict[str, Any]]:
        """Jumps of this run, and what stands still or is silent at ``now``; seconds, or units of the metric."""
        for key, last in self._latest.items():
            rule, steady = self._rules[key[0]], last.at - last.steady_since
            if rule.silent_after is not None and now - last.at > rule.silent_after:
                self._tell(key, "silent", (now - last.at).total_seconds())
            elif rule.flat_after is not None and steady >= rule.flat_after:
                self._tell(key, "flat", steady.total_seconds())
        return self._told[:MAX_TOLD]

    def _tell(self, key: tuple[Any, ...], what: str, size: float) -> None:
        place = next((part for part in (key[5], key[1], key[2], key[3], key[4]) if part), "")
        self._told.append({"metric": key[0], "place": place, "what": what, "size": round(size, 3)})
