"""What is taken away: cases or a metric of a selection, with what tells their reader what they are.

An export is told about by :func:`about`: filters, definitions, how old every source was, licence. In a workbook that is
the second sheet, in Parquet metadata of the file, for CSV a JSON of its own (``.meta.json``; on the web its address is
in the answer's ``Link``), so that a CSV stays what every program reads.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, get_args

from sqlalchemy.engine import Engine

from city import sources
from city.documents import nearest
from city.listing import COLUMNS, Listing, steady_offset
from city.metrics import COUNTS, Metric
from city.mirror_queries import MirrorQueries
from city.queries import Queries
from city.selection import Selection
from city.small_cells import MARK, SHOWN, suppress

Format = Literal["csv", "xlsx", "parquet"]
FORMATS: tuple[str, ...] = get_args(Format)
#: What a sheet of a workbook can hold, its head not counted.
MOST_XLSX = 1_048_575
Block = list[tuple[Any, ...]]


class TooLarge(ValueError):
    """More rows than the format can hold; says what to do."""


class Export:
    """Cases of a selection, one a row."""

    title = "cases"

    def __init__(self, queries: Queries, engine: Engine, selection: Selection) -> None:
        self.queries, self.selection = queries, selection
        self.listing: Listing | None = Listing(queries, engine, selection)
        self.head: tuple[str, ...] = COLUMNS
        self._total: int | None = None

    @property
    def total(self) -> int:
        """How many rows it has."""
        if self._total is None:
            self._total = self._counted()
        return self._total

    def _counted(self) -> int:
        assert self.listing
        return self.listing.count()

    def check(self, wanted: str) -> None:
        """Raises ValueError for a format that is not known, TooLarge where it cannot hold the rows."""
        if wanted not in FORMATS:
            raise ValueError(f"unknown format '{wanted}'; known: {', '.join(FORMATS)}" + nearest(wanted, FORMATS))
        if wanted == "xlsx" and self.total > MOST_XLSX:
            raise TooLarge(f"{self.total:,} rows do not fit a sheet of {MOST_XLSX:,}: narrow the days, or take csv")

    def blocks(self) -> Iterator[Block]:
        """The rows, many at a time."""
        assert self.listing
        yield from self.listing.stream()

    @property
    def name(self) -> str:
        """What its file is called, without its ending."""
        return f"{self.selection.kind}-{self.title}-{self.selection.first}-{self.selection.last}"

    @property
    def metrics(self) -> list[Metric]:
        """Whose definitions are told."""
        known, kind = self.queries.metrics, self.selection.kind
        return [known[name] for name in (f"{kind}s_opened", f"{kind}s_closed", f"{kind}s_overdue") if name in known]

    @property
    def columns(self) -> dict[str, str]:
        """What each column means."""
        return {name: _MEANING[name] for name in self.head}


class MetricExport(Export):
    """A metric by dimensions and time; small counts of patients hidden."""

    def __init__(
        self, queries: Queries, engine: Engine, selection: Selection, metric: str, by: Sequence[str], grain: str | None
    ) -> None:
        self.queries, self.selection, self.listing, self._total = queries, selection, None, None
        self.metric, self._by = queries.metric(metric), tuple(by)
        span = selection.window(queries.zone)
        found = queries.measure(metric, by=by, grain=grain, window=span, where=selection.where)
        split = [*by, *(["bucket"] if grain else [])]
        self._rows: list[dict[str, Any]] = protected(queries, self.metric, found.rows, split)
        self.title, self.head = metric, (*split, "value", "n", *(["partial"] if grain else []))

    def _counted(self) -> int:
        return len(self._rows)

    def blocks(self) -> Iterator[Block]:
        """The rows."""
        shown = [row | {"value": SHOWN} if row.get(MARK) else row for row in self._rows]
        yield [tuple(row.get(name) for name in self.head) for row in shown]

    @property
    def metrics(self) -> list[Metric]:
        """The one."""
        return [self.metric]


def about_patients(queries: Queries, metric: Metric) -> bool:
    """Whether small counts of it could be somebody."""
    return queries.config.health.covers(metric.name, metric.of, metric.unit)


def protected(
    queries: Queries, metric: Metric, rows: Sequence[Mapping[str, Any]], by: Sequence[str]
) -> list[dict[str, Any]]:
    """The rows of a reading as they may leave: of patients small counts are hidden, and figures of too few.

    ValueError for counts of patients by more than two dimensions, time being one.
    """
    if not about_patients(queries, metric):
        return [dict(row) for row in rows]
    below = queries.config.health.suppress_below
    if metric.measure in COUNTS or metric.kind in ("count", "gauge") and metric.unit != "ratio":
        return suppress([dict(row) for row in rows], by, below=below)
    hidden = [bool(row["n"]) and row["n"] < below for row in rows]
    return [dict(row) | ({"value": None, "n": None, "extra": None} if one else {}) | {MARK: one}
            for row, one in zip(rows, hidden, strict=True)]  # fmt: skip


def about(export: Export, now: datetime) -> dict[str, Any]:
    """What the rows are: for the second sheet, the metadata, or the JSON beside them."""
    queries, config, chosen = export.queries, export.queries.config, export.selection
    feeding = list(dict.fromkeys(name for metric in export.metrics
                                 for name in sources.of_metric(config, queries._run, metric)))  # fmt: skip
    states = sources.states(config, queries._run, feeding)
    mirror_at = queries.mirror.current_at() if isinstance(queries, MirrorQueries) else None
    return {
        "region": f"{config.region.name} ({config.region.code})",
        "written_at": _iso(now, config), "data_as_of": _iso(mirror_at or now, config),
        "rows": export.total, "licence": config.licence or None, "simulated": any(one.simulated for one in states),
        "filters": {"kind": chosen.kind, "from": str(chosen.first), "to": str(chosen.last),
                    **{name: list(values) for name, values in chosen.where.items()}},
        "query": chosen.query(), "times": f"local time with offset {offset}"
        if (offset := steady_offset(config, chosen)) != "Z" else "UTC",
        "columns": export.columns,
        "definitions": {metric.name: metric.definition for metric in export.metrics},
        "sources": [{"name": one.name, "title": one.credit, "last_good": _iso(one.last_ok_at, config)}
                    for one in states],
        "hidden": f"{SHOWN}: below {config.health.suppress_below}, or hidden so that such a count cannot be worked out"
        if any(about_patients(queries, metric) for metric in export.metrics) else None,
    }  # fmt: skip


def _iso(at: datetime | None, config: Any) -> str | None:
    return at.astimezone(config.region.zone).isoformat(timespec="seconds") if at else None


_MEANING: Mapping[str, str] = {
    "key": "the source's own number of the case", "source": "name of the source", "opened_at": "when it was filed",
    "due_at": "when it must be closed; empty: no promise", "closed_at": "when it was closed; empty: open",
    "category": "code of the category", "district": "code of the kecamatan", "place": "place as the source says it",
    "agency": "code of the agency", "channel": "how it came", "status": "received, routed, in_progress, done, rejected",
    "priority": "as the source says it", "outcome": "how it ended, as the source says it",
    "bucket": "local start of the span of time", "value": "the metric", "n": "cases or observations behind it",
    "partial": "the span of time is not over, or not all of it was asked for",
}  # fmt: skip
