"""How sources or facilities are doing: who is read, who is late, who has fallen silent, and since when.

Asks    the health of the named sources, or the last value of each place of a metric.
Shows   a row each, the worst first: mark, name, state in a word, the moment of the last good data.
Limits  a silent source does not silence this list: of sources it is as old as the look at them.
"""

from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic import Field, model_validator

from city.config import Args as BaseArgs
from city.config import Dimension, Duration
from city.documents import nearest
from city.health import Health
from city.model import Reading
from city.queries import Queries
from city.texts import N_
from dashboard import marks
from dashboard.reading import packed, unpacked
from dashboard.words import Words

#: health -> its word, and the look of its mark; cannot be seen has the mark of that
_WORDS = {
    Health.UNSEEN: (N_("Tidak terlihat"), ""),
    Health.CHANGED: (N_("Skema berubah"), "ok half"),
    Health.FAILED: (N_("Gagal"), "ok half"),
    Health.LATE: (N_("Terlambat"), "ok half"),
    Health.PARTIAL: (N_("Sebagian"), "ok half"),
    Health.NEVER: (N_("Belum ada"), "ok none"),
    Health.GOOD: (N_("Terbaca"), "ok"),
}


class Args(BaseArgs):
    """``sources`` by name, or the places of a ``metric``; a place is late ``late_after`` its last value."""

    sources: tuple[str, ...] = ()
    metric: str | None = None
    by: Dimension = "place"
    late_after: Duration | None = None
    unseen_after: Duration | None = None
    rows: int = Field(default=4, ge=1, le=20)

    @model_validator(mode="after")
    def _one_of(self) -> "Args":
        if bool(self.metric) == bool(self.sources):
            raise ValueError("give either 'sources' or 'metric'")
        return self


def metrics(args: Args) -> tuple[str, ...]:
    """The metric a layout names for this panel; none for sources."""
    return (args.metric,) if args.metric else ()


def needs(args: Args, size: str) -> tuple[float, float]:
    """Width and height in units: a mark, a name and a state; 56 for each row."""
    return 480.0, 40.0 + 36 * args.rows


def load(args: Args, queries: Queries) -> Reading:
    """Rows of name, health and since when. LookupError for a source that is not configured, with the nearest."""
    now = queries.clock()
    if args.metric:
        cells = queries.last_seen(args.metric, by=(args.by,), within=args.unseen_after)
        late = args.late_after or cells.extra["within"] / 2
        rows = [_place(row, row[args.by], late, now) for row in cells.rows]
        return packed({"reading": cells, "rows": rows, "now": now})
    found = {one.state.name: one for one in queries.source_health()}
    for name in args.sources:
        if name not in found:
            raise LookupError(f"unknown source '{name}'" + nearest(name, found))
    rows = [{"name": one.state.title, "health": one.health, "at": one.state.last_ok_at, "note": one.owner}
            for name, one in found.items() if name in args.sources]  # fmt: skip
    simulated = any(found[name].state.simulated for name in args.sources)
    looked = Reading(metric="", unit="", rows=[], n=len(rows), as_of=now, simulated=simulated)
    return packed({"reading": looked, "rows": rows, "now": now})


def _place(row: dict[str, Any], code: Any, late: Any, now: datetime) -> dict[str, Any]:
    if not row["seen"]:
        return {"code": code, "health": Health.UNSEEN, "at": row["last_at"]}
    late_by_now = now - row["last_at"] >= late
    health = Health.LATE if late_by_now else Health.PARTIAL if row["seen"] < row["n"] else Health.GOOD
    return {"code": code, "health": health, "at": row["last_at"]}


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The rows, the worst first."""
    loaded = unpacked(reading)
    order = list(Health)
    ranked = sorted(loaded["rows"], key=lambda row: order.index(row["health"]))
    if not ranked:
        return html.P(words.t("Belum ada data"), className="calm")
    shown = ranked[: args.rows] if len(ranked) <= args.rows else ranked[: args.rows - 1]
    drawn = [_row(args, row, loaded["now"], words) for row in shown]
    if rest := ranked[len(shown) :]:
        text = f"{words.many('{n} lain', len(rest))}: {words.t(_WORDS[rest[0]['health']][0])}"
        drawn.append(html.Div(html.Span(text, className="t"), className="sr rest"))
    spare = [html.Div(className="er") for _ in range(args.rows - len(drawn))]
    return html.Div([*drawn, *spare], className="sl")


def _row(args: Args, row: dict[str, Any], now: datetime, words: Words) -> Component:
    word, css = _WORDS[row["health"]]
    blind = row["health"] is Health.UNSEEN
    mark = marks.unseen(words) if blind else html.Span(className=css)
    name = row["name"] if "name" in row else words.name(args.by, row["code"])
    since = words.moment(row["at"], now) if row["at"] else "–"
    return html.Div(
        [
            mark,
            html.Span(name, className="t"),
            html.Span(f"{words.t('data')} {since}", className="s"),
            html.Span(words.t(word), className="w abn un" if blind else "w"),
        ],
        className="sr un" if blind else "sr",
    )
