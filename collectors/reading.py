"""The rows of one run on their way to the store: parsed, counted, checked, given the region's words and promises.

A bad row is skipped, counted and named by number and field; an unknown word is kept and reported; more than
a tenth of the rows rejected, or a changed shape of a frozen source, fails the run.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

import msgspec

import collectors
from city.config import Config, Source
from city.model import Case, CaseEvent, ChangedShape, Observation, ShapeChange, TooManyRejected, Withdrawn
from city.promises import Promises
from city.store import RunResult, Tally
from city.vocabulary import Vocabulary
from collectors import figures, shape
from collectors.plausible import Plausibility

#: More than this share of rejected rows means that the shape changed, not that rows are bad.
MAX_REJECTED_RATIO = 0.1
NAMED_ROWS = 5


def named(error: Exception) -> str:
    """Field and problem of a rejected row. Only a RowError's text is known not to quote the row."""
    if isinstance(error, collectors.RowError):
        return str(error)
    if isinstance(error, KeyError):
        return f"{error.args[0]}: missing"
    return "wrong number of cells" if isinstance(error, IndexError) else f"not understood ({type(error).__name__})"


class Job(Protocol):
    """What a reading needs to know of its job (:class:`collectors.runner.Job`)."""

    name: str
    config: Config
    source: Source
    module: Any
    args: Any
    parse: Callable[[Any], Any]
    vocabulary: Vocabulary
    large: frozenset[str]


class Sent(msgspec.Struct, kw_only=True):
    """Rows that somebody sent instead of our fetching them.

    ``notes`` are kept with the run as they are when it ends; ``reject`` is told the number (from 1) and the
    problem of every row that is not understood.
    """

    rows: Iterable[Any]
    notes: dict[str, Any] = msgspec.field(default_factory=dict)
    reject: Callable[[int, str], None] = lambda number, problem: None


class Reading:
    """The rows of one run on their way: counts, rejections, unknown words, shape.

    ``known`` is the shape of the good runs before, None when nothing is to be learned; ``accept`` takes a changed
    one also where it is frozen.
    """

    def __init__(
        self,
        job: Job,
        warnings: list[str],
        plausibility: Plausibility,
        known: dict[str, Any] | None,
        *,
        progress: Callable[[int], None] | None = None,
        sent: Sent | None = None,
        accept: bool = False,
    ) -> None:
        self._sent = sent or Sent(rows=())
        self._job, self._progress, self._warnings = job, progress, warnings
        self._plausibility, self._shape_known, self._accept = plausibility, known, accept
        self.shape = shape.of(job.args)
        self._changes: list[ShapeChange] = []
        self._implausible: list[dict[str, Any]] = []
        self.fetched = self.rejected = self.withdrawn = 0
        self._first: list[str] = []
        self._unknown: dict[str, Counter[str]] = {"category": Counter(), "agency": Counter(), "district": Counter()}
        self._known: dict[str, dict[str, tuple[str, bool]]] = {name: {} for name in self._unknown}
        self._promises = Promises(job.config)

    def items(self, rows: Iterable[Any]) -> Iterator[Case | Observation | Withdrawn]:
        """Parsed, gathered and enriched items of ``rows``; what was withdrawn passes as it is."""
        parsed = self._parsed(rows)
        fold = getattr(self._job.module, "fold", None)
        for item in fold(parsed, self._job.args) if fold else parsed:
            if type(item) is Withdrawn:
                yield item
                continue
            try:
                enriched = self._enriched(item)
            except (ArithmeticError, ValueError):  # a promise that would end after the last day of the calendar
                self._reject(collectors.RowError("opened_at", "too near the end of the calendar"))
                continue
            yield enriched

    def _parsed(self, rows: Iterable[Any]) -> Iterator[Any]:
        parse, required, look = self._job.parse, self._job.source.contract.required, self.shape.see
        for row in rows:
            if type(row) is Withdrawn:
                self.withdrawn += 1
                yield row
                continue
            self.fetched += 1
            if self._progress and self.fetched % 1_000 == 0:
                self._progress(self.fetched)
            look(row)
            try:
                item = parse(row)
                if required:
                    _check_required(item, required)
            except (LookupError, ValueError, TypeError, ArithmeticError) as error:
                self._reject(error)
                continue
            if type(item) is Case:
                yield item
            else:
                yield from self._believed(item if type(item) is list else [item])

    def _believed(self, items: list[Any]) -> Iterator[Any]:
        for item in items:
            if type(item) is Observation:
                doubt = figures.refusal(item.metric, item.value, self._job.large)
                if refusal := self._plausibility.refusal(item) or doubt:
                    self._reject(collectors.RowError(item.metric, refusal))
                    continue
                self._plausibility.see(item)
            yield item

    def _reject(self, error: Exception) -> None:
        self.rejected += 1
        self._sent.reject(self.fetched, named(error))
        if len(self._first) < NAMED_ROWS:
            self._first.append(f"row {self.fetched}: {named(error)}")

    def _enriched(self, item: Case | Observation) -> Case | Observation:
        changes: dict[str, Any] = {}
        for name, known in self._known.items():
            text = getattr(item, name)
            if text is None:
                continue
            code, is_new = known.get(text) or self._code(name, text)
            # The categories of observations (clinics, bed classes) are not those of complaints, which a region lists.
            if is_new and not (name == "category" and type(item) is Observation):
                self._unknown[name][text] += 1
            if code != text:
                changes[name] = code
        if type(item) is Case:
            self._complete(item, changes)
            if item.events:
                changes["events"] = tuple(map(self._with_code, item.events))
        return msgspec.structs.replace(item, **changes) if changes else item

    def _code(self, dimension: str, text: str) -> tuple[str, bool]:
        """The code of a word, and whether the region should know it and does not; found once."""
        code, known = self._job.vocabulary.term(dimension, text)
        found = self._known[dimension][text] = (code, not known and self._job.vocabulary.known(dimension))
        return found

    def _with_code(self, event: CaseEvent) -> CaseEvent:
        if event.agency is None:
            return event
        code, _ = self._known["agency"].get(event.agency) or self._job.vocabulary.term("agency", event.agency)
        return event if code == event.agency else CaseEvent(event.at, event.stage, code)

    def _complete(self, case: Case, changes: dict[str, Any]) -> None:
        if case.lat is not None and case.lon is not None:
            # About 100 m: enough for a district and a map, too little for a house.
            lat, lon = round(case.lat, 3), round(case.lon, 3)
            if (lat, lon) != (case.lat, case.lon):
                changes["lat"], changes["lon"] = lat, lon
            if case.district is None:
                changes["district"] = self._job.vocabulary.district_at(case.lat, case.lon)
        if case.due_at is None and self._job.config.sla:
            changes["due_at"] = self._promises.due_at(case, changes.get("category", case.category))

    def notes(self) -> dict[str, Any]:
        """What a run tells: rejected rows by number and field, unknown words, warnings, changes, doubts."""
        # PostgreSQL has no NUL in JSON either.
        unknown = {
            name: {word.replace("\x00", ""): count for word, count in counter.most_common(20)}
            for name, counter in self._unknown.items()
            if counter
        }
        more = {
            "warnings": [*self._warnings],
            "changes": [msgspec.structs.asdict(change) for change in self._changes],
            "implausible": self._implausible,
            "withdrawn": self.withdrawn,
        }
        return (
            {"rejected": self._first, "unknown": unknown}
            | {name: told for name, told in more.items() if told}
            | self._sent.notes
        )

    def tally(self, cursor: dict[str, Any], now: datetime) -> Tally:
        """The counts of the finished reading. Raises TooManyRejected above a tenth, ChangedShape when frozen."""
        found = self.shape.result()
        self._changes = shape.changes(self._shape_known or {}, found)
        if self.rejected > MAX_REJECTED_RATIO * self.fetched:
            what = f"{self.rejected} of {self.fetched} rows not understood, first: {self._first[0]}"
            raise TooManyRejected(what, where=self._job.name)
        if self._changes and self._job.source.contract.policy == "freeze" and not self._accept:
            raise ChangedShape(
                f"the rows have changed ({shape.told(self._changes)}) and the contract is frozen",
                where=self._job.name,
                next_step=f"look at the source's page, then `run.py once {self._job.name} --accept-shape`",
            )
        self._implausible = self._plausibility.told(now)
        before = self._shape_known
        news = before is not None and found["rows"] and (self._changes or before.get("rows", 0) < shape.LEARNED)
        known = shape.learned(before, found, self._changes) if news else None
        return Tally(
            fetched=self.fetched, rejected=self.rejected, notes=self.notes(), cursor=cursor, shape=known,
            changes=self._changes,
        )  # fmt: skip

    def tried(self, items: Iterable[Any], now: datetime) -> RunResult:
        """Read everything, save nothing."""
        for _ in items:
            pass
        tally = self.tally({}, now)
        return RunResult(source=self._job.name, fetched=tally.fetched, rejected=tally.rejected, notes=tally.notes)


def _check_required(item: Any, required: tuple[str, ...]) -> None:
    for one in item if type(item) is list else [item]:
        for field in required:
            if getattr(one, field, "") is None:
                raise collectors.RowError(field, "missing, and the contract requires it")
