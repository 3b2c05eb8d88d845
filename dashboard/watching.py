"""The look at everything that has a limit or counts for the stage of the city: each metric once, for all walls.

Asks    one value per watched metric; whether its sources are too old to be believed.
Keeps   what :func:`city.watch.step` makes of it, and in the log what the rules propose when that changes.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from sqlalchemy.engine import Connection

from city import criteria, stage_log, watch
from city.config import Config
from city.metrics import QUANTILES
from city.model import Reading
from city.queries import Queries, SourceState
from city.watch import Watched
from dashboard.words import FEW, Words

Seen = Mapping[str, SourceState]


class Watching:
    """Looks when it is ``due``, at most once until that is said again."""

    def __init__(self, config: Config, queries: Queries, clock: Callable[[], datetime], words: Words) -> None:
        self._config, self._queries, self._clock, self._words = config, queries, clock, words
        self._rules = criteria.rules(config)
        self._names = tuple(dict.fromkeys((*config.limits, *criteria.asked(config))))
        self._states: dict[str, Watched] = {}
        self._proposed: int | None = None
        self.due = True

    def restore(self) -> None:
        """Go on from what was kept: a restart forgets neither a breach nor a proposal."""
        kept = self._queries.standing(watch.standing)
        self._states = {name: kept[name] for name in self._names if name in kept}
        self._proposed = self._queries.standing(stage_log.standing).proposed if any(self._rules) else None

    def priority(self, metrics: Iterable[str]) -> int | None:
        """The worst priority that stands among ``metrics``: 2, 3 or None."""
        found = [state.priority for name in metrics if (state := self._states.get(name))]
        return min((priority for priority in found if priority), default=None)

    def look(self, connection: Connection, seen: Seen) -> bool:
        """Look at every metric if it is due; whether a priority has changed."""
        if not self.due or not self._names:
            return False
        now = self._clock()
        states = {name: self._step(name, seen, now) for name in self._names}
        proposal = criteria.propose(self._rules, values(states), self._proposed)
        stage = proposal.stage if proposal else None
        with connection.begin():
            watch.save(connection, self._config.region.code, states)
            if proposal and stage is not None and stage != self._proposed:
                because = self._because(proposal, states)
                stage_log.propose(connection, self._config.region.code, stage, because=because, at=now)
        before, self._states, self.due = self._states, states, False
        self._proposed = self._proposed if stage is None else stage
        return {name: state.priority for name, state in before.items() if state.priority} != {
            name: state.priority for name, state in states.items() if state.priority
        }

    def _step(self, name: str, seen: Seen, now: datetime) -> Watched:
        reading, limit = self._queries.measure(name), self._config.limits.get(name)
        value = reading.value if self._is_seen(reading, seen, now) else None
        direction = self._queries.metric(name).direction
        return watch.step(
            value, limit, direction, self._states.get(name), now, seen_at=reading.as_of, simulated=reading.simulated
        )

    def _is_seen(self, reading: Reading, seen: Seen, now: datetime) -> bool:
        """Whether a value may be gone by: not expired, and a share or a quantile of enough cases."""
        metric = self._queries.metric(reading.metric)
        if reading.as_of is None or reading.value is None:
            return False
        if metric.of and (metric.measure in QUANTILES or metric.kind == "ratio") and reading.n < FEW:
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


def values(states: Mapping[str, Watched]) -> dict[str, float | None]:
    """What the rules may go by: nothing where nothing is seen."""
    return {name: None if state.unseen else state.value for name, state in states.items()}
