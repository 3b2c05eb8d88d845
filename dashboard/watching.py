"""The look at everything that has a limit or counts for the stage of the city: each question once, for all walls.

Asks    one value per watched metric, or one per group; whether its sources are too old to be believed.
Keeps   what :func:`city.watch.step` makes of it, and in the log what the rules propose when that changes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from city import criteria, judging, stage_log, watch
from city.config import Config
from city.judging import Subject
from city.metrics import COUNTS, FEW, QUANTILES, Metric
from city.model import Reading
from city.queries import Queries, SourceState
from city.times import window
from city.watch import Watched
from dashboard.words import Words

Seen = Mapping[str, SourceState]
#: What is asked for a subject: metric, dimension, window.
Question = tuple[str, str | None, str | None]


class Watching:
    """Looks when it is ``due``, at most once until that is said again."""

    def __init__(self, config: Config, queries: Queries, clock: Callable[[], datetime], words: Words) -> None:
        self._config, self._queries, self._clock, self._words = config, queries, clock, words
        self._rules = criteria.rules(config)
        self._subjects = judging.subjects(config, queries.metrics)
        self._limits: dict[str, list[str]] = {}
        for one in self._subjects:
            if one.name in config.limits:
                self._limits.setdefault(one.aim.metric, []).append(one.name)
        self._states: dict[str, Watched] = {}
        self._proposed: int | None = None
        self.due = True

    def restore(self) -> None:
        """Go on from what was kept: a restart forgets neither a breach nor a proposal."""
        kept = self._queries.standing(watch.standing)
        names = {one.name for one in self._subjects if not one.aim.by}
        begins = tuple(judging.key(one.name, "") for one in self._subjects if one.aim.by)
        self._states = {name: state for name, state in kept.items() if name in names or name.startswith(begins)}
        self._proposed = self._queries.standing(stage_log.standing).proposed if any(self._rules) else None

    def marks(self, metrics: Iterable[str]) -> bool:
        """Whether what is shown of any of ``metrics`` depends on how a limit stands."""
        return not self._limits.keys().isdisjoint(metrics)

    def priority(self, metrics: Iterable[str]) -> int | None:
        """The worst priority that stands among ``metrics`` or their groups: 2, 3 or None."""
        names = [name for metric in metrics for name in self._limits.get(metric, ())]
        found = [state.priority for name in names for _, state in judging.states_of(name, self._states)]
        return min((priority for priority in found if priority), default=None)

    def look(self, connection: Connection, seen: Seen) -> frozenset[str]:
        """Look at everything if it is due; the metrics of whose limits something that is shown has changed."""
        if not self.due or not self._subjects:
            return frozenset()
        now, before = self._clock(), self._states
        states = self._looked(seen, now)
        told = judging.told(self._config, self._queries.metrics, states)
        proposal = criteria.propose(self._rules, told, self._proposed)
        stage = proposal.stage if proposal else None
        with connection.begin():
            watch.save(connection, self._config.region.code, states)
            if proposal and stage is not None and stage != self._proposed:
                because = self._because(proposal, states)
                stage_log.propose(connection, self._config.region.code, stage, because=because, at=now)
        self._states, self.due = states, False
        self._proposed = self._proposed if stage is None else stage
        turned = {key for key in {*before, *states} if _shown(before.get(key)) != _shown(states.get(key))}
        named = {key.partition(":")[0] for key in turned}
        return frozenset(metric for metric, names in self._limits.items() if not named.isdisjoint(names))

    def _looked(self, seen: Seen, now: datetime) -> dict[str, Watched]:
        """The state of every subject; two that ask the same share one answer."""
        found: dict[Question, Reading] = {}
        states: dict[str, Watched] = {}
        for one in self._subjects:
            asked = (one.aim.metric, one.aim.by, one.limit.window if one.limit else None)
            if asked not in found:
                found[asked] = self._measured(*asked, now)
            states |= self._steps(one, found[asked], seen, now)
        return states

    def _measured(self, metric: str, by: str | None, span: str | None, now: datetime) -> Reading:
        over = window(span, now, self._queries.zone) if span else None
        return self._queries.measure(metric, by=(by,) if by else (), window=over)

    def _steps(self, one: Subject, reading: Reading, seen: Seen, now: datetime) -> Iterator[tuple[str, Watched]]:
        metric, fresh = self._queries.metric(reading.metric), self._is_fresh(reading, seen, now)
        values = {self._key(one, row): _value(metric, row) for row in reading.rows}
        # A group that is gone has none of what is counted; of anything else nobody knows.
        gone = 0.0 if metric.measure in COUNTS else None
        known = [name for name in self._states if one.aim.by and name.startswith(judging.key(one.name, ""))]
        for name in dict.fromkeys((*values, *known)):
            value = values.get(name, gone) if fresh else None
            yield name, watch.step(
                value, one.limit, one.direction, self._states.get(name), now, seen_at=reading.as_of,
                simulated=reading.simulated,
            )  # fmt: skip

    def _key(self, one: Subject, row: Mapping[str, Any]) -> str:
        return judging.key(one.name, row[one.aim.by]) if one.aim.by else one.name

    def _is_fresh(self, reading: Reading, seen: Seen, now: datetime) -> bool:
        if reading.as_of is None:
            return False
        expires = [state.expires_after for state in seen.values() if state.title in reading.sources]
        return not expires or now - reading.as_of < min(expires)

    def _because(self, proposal: criteria.Proposal, states: Mapping[str, Watched]) -> str:
        words, said = self._words, []
        for bound in proposal.because:
            metric, value = self._queries.metric(bound.metric), states[bound.metric].value
            ends = [f"{sign} {words.text(end, metric.unit)}"
                    for sign, end in (("≥", bound.at_least), ("≤", bound.at_most)) if end is not None]  # fmt: skip
            said.append(f"{words.metric(metric)} {words.text(value, metric.unit)} ({', '.join(ends)})")
        if said:
            return ", ".join(said)
        if proposal.unseen:
            return words.t("Aturan tingkat yang lebih tinggi tidak terlihat")
        return words.t("Tidak ada aturan tingkat yang lebih tinggi yang terpenuhi")


def _value(metric: Metric, row: Mapping[str, Any]) -> float | None:
    """The value to go by: a share or a quantile of too few cases is none."""
    few = bool(metric.of) and (metric.measure in QUANTILES or metric.kind == "ratio") and row["n"] < FEW
    return None if few else row["value"]


def _shown(state: Watched | None) -> tuple[int | None, bool, bool]:
    """What panels show of a state: its priority, whether it is seen, and whether it is about to change."""
    if state is None:
        return None, False, False
    turning = any(side and side.turning_since for side in (state.breach, state.warn))
    return state.priority, state.unseen and state.priority is not None, turning
