"""The questions of :mod:`city.queries`, answered by DuckDB from the mirror: any filter, any window, years of cases.

Measures are the same texts that PostgreSQL runs (:mod:`city.measures`, :mod:`city.observed`): the views are called as
the tables are, and the one function that DuckDB lacks is a macro. A property test holds both engines together.
"""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from msgspec import structs
from sqlalchemy.engine import Engine

from city import measures, mirror, mirror_export, mirror_rows, rollups
from city.config import Config
from city.measures import BY_KEY
from city.metrics import STATES, Metric
from city.mirror import Manifest, NoMirror
from city.model import CASE_DIMENSIONS, Reading
from city.queries import Queries
from city.question import Question, Row, Run, check

_MEMORY, _THREADS = "2GB", 4
#: A clock that never changes, as all of Indonesia's: whole numbers, ten times as fast as a time zone.
_STEADY = """
create or replace macro local_time(moment, zone) as make_timestamp(epoch_us(moment) + {offset});
create or replace macro date_trunc(grain, moment, zone) as
    make_timestamptz(epoch_us(datetrunc(grain, local_time(moment, zone))) - {offset})"""
#: As PostgreSQL's: an hour keeps its offset, so that both 01:00 of a clock change are hours of their own.
_CHANGING = """
create or replace macro local_time(moment, zone) as timezone(zone, moment);
create or replace macro date_trunc(grain, moment, zone) as case grain
    when 'hour' then moment - (timezone(zone, moment) - datetrunc('hour', timezone(zone, moment)))
    else timezone(zone, datetrunc(grain, timezone(zone, moment))) end"""
#: Of two instants DuckDB makes an interval of months and days, whose length takes ten times as long to tell.
_HOURS = re.compile(r"extract\(epoch from ([\w.]+) - ([\w.]+)\)::float8 / 3600")
#: What is asked of open cases.
_OPEN = ", ".join(["region", "kind", *CASE_DIMENSIONS, "opened_at", "due_at", "closed_at"])
_NAMES = re.compile(r"(?<![:\w]):(\w+)(?!:)")


class Mirror:
    """The mirror in ``folder`` as a database that can be asked; follows its manifest. Safe for many threads."""

    def __init__(self, folder: Path, memory: str = _MEMORY, threads: int = _THREADS) -> None:
        self.folder = folder
        self._duck = mirror_export.engine(folder, memory, threads)
        self._lock, self._seen = threading.Lock(), (0, 0)
        self._known: Manifest | None = None

    def run(self, sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        """The rows of one statement of ours. Raises NoMirror before there is one."""
        with self.cursor(sql, parameters) as cursor:
            columns = [column[0] for column in cursor.description or []]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def cursor(self, sql: str, parameters: Mapping[str, Any]) -> mirror_export.Duck:
        """The same, for whoever takes the rows bit by bit; to be closed by whoever asked."""
        with self._lock:
            self._refresh()
            cursor = self._duck.cursor()
        text, names = _translated(sql)
        try:
            return cursor.execute(text, {name: parameters[name] for name in names})
        except BaseException:
            cursor.close()
            raise

    def _refresh(self) -> None:
        found = _stamp(self.folder)
        if found == self._seen:
            return
        known = mirror.load(self.folder)
        if known is None:
            raise NoMirror("the mirror is not whole; `run.py mirror --rebuild` writes it anew")
        self._duck.execute("begin")
        try:
            self._show(known)
            self._duck.execute("commit")
        except BaseException:
            self._duck.execute("rollback")
            raise
        self._seen, self._known = found, known

    def _show(self, known: Manifest) -> None:
        """Have the views show ``known``; of open cases, take those of files that are new and leave those of others."""
        for name, shape in mirror_export.SHAPES.items():
            rows = mirror_export.read(shape, known.files(name), self.folder)
            self._duck.execute(f"create or replace view {name} as {rows}")
        self._duck.execute(_clock(known))
        held, files = set(self._known.files("cases")) if self._known else set(), known.files("cases")
        if not self._known:
            self._duck.execute(f"create or replace table unclosed as select {_OPEN}, '' as file from cases where false")
        for gone in held.difference(files):
            self._duck.execute("delete from unclosed where file = ?", [gone])
        for new in [name for name in files if name not in held]:
            rows = mirror_export.read(mirror_export.SHAPES["cases"], [new], self.folder)
            self._duck.execute(f"insert into unclosed select {_OPEN}, '{new}' from ({rows}) where closed_at is null")

    def current_at(self) -> datetime:
        """The moment up to which it held everything when it was last asked. Raises NoMirror."""
        looked = mirror.looked_at(self.folder)
        with self._lock:
            if self._known is None:
                self._refresh()
            assert self._known
            # A manifest that came since has a look of its own, which says nothing of what was asked before it.
            same = _stamp(self.folder) == self._seen
            return max(looked, self._known.as_of) if looked and same else self._known.as_of

    def newest_at(self) -> datetime:
        """As :meth:`current_at`, of the manifest that the next question will find. Raises NoMirror."""
        with self._lock:
            self._refresh()
        return self.current_at()

    @property
    def zone(self) -> str:
        """The time zone that its local days are of; empty before the first question."""
        return self._known.zone if self._known else ""

    def close(self) -> None:
        """Let go of the memory."""
        self._duck.close()


def _stamp(folder: Path) -> tuple[int, int]:
    """What tells one manifest from another. Raises NoMirror."""
    try:
        found = (folder / "manifest.json").stat()
    except FileNotFoundError as error:
        raise NoMirror("there is no mirror of this region yet; `run.py mirror` writes one") from error
    return found.st_ino, found.st_mtime_ns


def _clock(known: Manifest) -> str:
    """The macros of local time, for the zone of the mirror's region."""
    months = [month for found in known.pieces.values() for month in found]
    years = range(int(min(months, default="2000")[:4]) - 1, known.as_of.year + 12)
    zone = ZoneInfo(known.zone or "UTC")
    offsets = {datetime(year, month, 1, tzinfo=zone).utcoffset() for year in years for month in range(1, 13)}
    first = offsets.pop() or timedelta()
    return _CHANGING if offsets else _STEADY.format(offset=first // timedelta(microseconds=1))


@lru_cache(maxsize=1_000)
def _translated(sql: str) -> tuple[str, tuple[str, ...]]:
    """Named parameters as DuckDB writes them, and their names. A list says what it is of: it may be empty."""
    sql = _HOURS.sub(r"((epoch_us(\1) - epoch_us(\2))::double / 3.6e9)", sql.replace(BY_KEY, ""))
    names = tuple(dict.fromkeys(_NAMES.findall(sql)))
    text = _NAMES.sub(lambda found: f"${found[1]}" + ("::varchar[]" if found[1].startswith("w_") else ""), sql)
    return text, names


@dataclass(frozen=True)
class _Mirrored(Question):
    """A question that goes to the mirror, whoever asks it."""

    ask: Run
    unclosed: ClassVar[str] = "unclosed"  # they are few, and held in memory

    def rows(self, run: Run) -> list[Row]:
        """As :meth:`Question.rows`, from the mirror; states that the roll-ups of PostgreSQL know, from there."""
        stored = self.metric.measure in STATES and super().rolled_up
        return self._stored().rows(run) if self.grain and stored else super().rows(self.ask)

    def _stored(self) -> Question:
        """The same question to PostgreSQL."""
        return Question(**{one.name: getattr(self, one.name) for one in fields(Question)})

    @property
    def cases(self) -> str:
        """Events are joined, not looked up."""
        return mirror_rows.rows(self.metric)

    @property
    def rolled_up(self) -> bool:
        """States of whole days are counted backwards, by any dimension; flows are counted from the cases."""
        return self.grain != "hour" and self.metric.measure in STATES and rollups.covers(self.metric, ())

    @property
    def days(self) -> tuple[str, list[str]]:
        """What the cases add to their days, with the dimensions that are asked for, at once instead of stored."""
        dims = ", ".join(dict.fromkeys(["region", "kind", *self.by]))
        state, conditions = self.metric.measure, measures.filters(list(self.where))
        began = (
            f"""from cases c where c.region = :region and c.kind = :kind and c.{state}_on is not null {conditions}"""
        )
        return (
            f"""(select {dims}, {state}_on as day, count(*) as {state}_in, 0 as {state}_out {began} group by all
            union all select {dims}, closed_on as day, 0, count(*) {began} and closed_on is not null group by all)""",
            [],
        )


class MirrorQueries(Queries):
    """As :class:`~city.queries.Queries`; ``measure`` is answered from ``known``, how the sources do by PostgreSQL.

    A reading is as old as the mirror where that is older; ``extra["behind_s"]`` says how far it may be behind.
    """

    def __init__(self, engine: Engine, config: Config, clock: Callable[[], datetime], known: Mirror) -> None:
        super().__init__(engine, config, clock)
        self.mirror = known

    def own(self, sql: str, values: Mapping[str, Any]) -> list[Row]:
        """As :meth:`Queries.own`, over the views of the mirror."""
        return self.mirror.run(sql, values)

    def _question(self, *asked: Any) -> Question:
        made = super()._question(*asked)
        return _Mirrored(**{one.name: getattr(made, one.name) for one in fields(made)}, ask=self.mirror.run)

    def _reading(self, metric: Metric, rows: list[Row], at: datetime | None, *, sum_up: bool = True) -> Reading:
        made = super()._reading(metric, rows, at, sum_up=sum_up)
        current = self.mirror.current_at()
        as_of = min(made.as_of, current) if made.as_of else None
        extra = {**made.extra, "behind_s": mirror.age_s(current, self.clock())}
        return structs.replace(made, as_of=as_of, extra=extra)

    def dimensions(self, names: Sequence[str], kind: str) -> dict[str, list[str]]:
        """The values that the cases of ``kind`` have in each dimension, in order; for filters."""
        place = {"region": self.config.region.code, "kind": kind}
        sql = "select distinct {0} as one from cases where region = :region and kind = :kind and {0} is not null"
        check(self.metric(f"{kind}s_open"), names, (), None)
        return {name: sorted(row["one"] for row in self.mirror.run(sql.format(name), place)) for name in names}
