"""Items on their way into the staging tables of a run, chunk by chunk through COPY; what passed is noted."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from city import copy_text, merge
from city.model import Case, Observation, Withdrawn

#: Rows per COPY: large enough that the round trip vanishes, small enough to stay in cache.
CHUNK_ROWS = 20_000

Item = Case | Observation | Withdrawn


class Seen:
    """What passed through the COPY of one run."""

    def __init__(self) -> None:
        self.cases = self.events = self.observations = 0
        self.kinds: set[str] = set()
        self.metrics: set[str] = set()
        self.withdrawn: dict[str, datetime] = {}
        self.simulated = False

    @property
    def empty(self) -> bool:
        """Nothing came: the source had no news."""
        return not (self.cases or self.observations)


def copy_all(connection: Connection, items: Iterable[Item]) -> Seen:
    """Stream items into the staging tables of this transaction (:func:`city.merge.create_staging`)."""
    seen, rows = Seen(), iter(items)
    while chunk := list(islice(rows, CHUNK_ROWS)):
        cases = [item for item in chunk if type(item) is Case]
        observed = [item for item in chunk if type(item) is Observation]
        seen.withdrawn |= {item.key: item.at for item in chunk if type(item) is Withdrawn}
        _note(seen, cases, observed)
        _copy(connection, merge.CASE_COPY, map(_case_row, cases), len(cases))
        seen.events += _copy_events(connection, cases)
        _copy(connection, merge.OBSERVATION_COPY, map(_observation_row, observed), len(observed))
    return seen


def _note(seen: Seen, cases: list[Case], observed: list[Observation]) -> None:
    seen.cases += len(cases)
    seen.observations += len(observed)
    seen.kinds.update({case.kind for case in cases})
    seen.metrics.update({item.metric for item in observed})
    seen.simulated = seen.simulated or any(c.simulated for c in cases) or any(o.simulated for o in observed)


def _copy_events(connection: Connection, cases: list[Case]) -> int:
    rows = [(case.key, event.at, event.stage, event.agency) for case in cases for event in case.events]
    _copy(connection, merge.EVENT_COPY, iter(rows), len(rows))
    return len(rows)


def _copy(connection: Connection, statement: str, rows: Iterator[tuple[Any, ...]], count: int) -> None:
    if not count:
        return
    raw = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
        copy.write(copy_text.encoded(list(rows)))


def _case_row(case: Case) -> tuple[Any, ...]:
    return msgspec.structs.astuple(case)[:-1]  # in the order of CASE_COPY; the last are its events


def _observation_row(item: Observation) -> tuple[Any, ...]:
    return (
        item.metric, item.at, item.agency, item.district, item.category, item.channel, item.place,
        item.value, item.simulated,
    )  # fmt: skip
