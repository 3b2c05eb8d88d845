"""How a reader asks the database: every statement by itself, over a connection of its own or over one that is held.

Every statement sees what is committed when it runs; none is part of a transaction, which would cost three more
trips to the server. A publisher, which asks a hundred of them in a row, holds one connection and remembers what
is the same for all of them: how the sources were doing when it began.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from city import sources
from city.config import Config
from city.metrics import Metric
from city.sources import SourceState

Row = dict[str, Any]
_text = lru_cache(maxsize=1_000)(sa.text)  # reading a statement's parameters takes longer than many a statement


class Asking:
    """Asks for one region. ``held`` and ``look`` are for a reader that is used by one thread only."""

    def __init__(self, engine: Engine, config: Config) -> None:
        self._engine, self._config = engine.execution_options(isolation_level="AUTOCOMMIT"), config
        self._held: Connection | None = None
        self._seen: dict[str, SourceState] = {}
        self._feeding: dict[str, tuple[str, ...]] = {}

    def run(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows of one statement."""
        if self._held is not None:
            return _rows(self._held, sql, parameters)
        with self._engine.connect() as connection:
            return _rows(connection, sql, parameters)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Everything that is asked inside goes over one connection."""
        with self._engine.connect() as connection:
            self._held = connection
            try:
                yield
            finally:
                self._held = None

    def look(self) -> list[SourceState]:
        """How every source is doing now; until the next look that holds for every answer.

        Asked before what is answered then: an answer may look older than it is, never younger.
        """
        found = sources.states(self._config, self.run, list(self._config.sources))
        self._seen, self._feeding = {state.name: state for state in found}, {}
        return found

    def states(self, metric: Metric) -> Sequence[SourceState]:
        """How the sources of a metric are doing: at the last look, or now where nobody looks."""
        if not self._seen:
            return sources.states(self._config, self.run, sources.of_metric(self._config, self.run, metric))
        if metric.name not in self._feeding:
            self._feeding[metric.name] = sources.of_metric(self._config, self.run, metric)
        return [self._seen[name] for name in self._feeding[metric.name]]


def _rows(connection: Connection, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(_text(sql), dict(parameters)).mappings()]
