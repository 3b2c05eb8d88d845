"""The limits that are passed now, the worst first, and those that cannot be seen.

Asks    what is watched (:mod:`city.watch`); of a passed one also what is usual.
Shows   mark, metric and value, for how long; place, limit and what is usual; how it stands.
Limits  a metric without a limit is never here; what has expired stays with its last value, as not seen.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component
from pydantic import Field

from city import judging, watch
from city.config import Args as BaseArgs
from city.config import Config
from city.judging import Aim
from city.metrics import Metric, catalogue
from city.model import Reading
from city.queries import Queries
from city.watch import BREACH, Watched
from dashboard import marks
from dashboard.room import TITLE_U
from dashboard.words import Words


class Args(BaseArgs):
    """``rows`` at most; the others are counted."""

    rows: int = Field(default=5, ge=1, le=20)


def metrics(args: Args) -> tuple[str, ...]:
    """None that a layout names."""
    return ()


def needs(args: Args, size: str) -> tuple[float, float]:
    """Rows of two lines, of which the first carries a title and a value (units)."""
    return 480, TITLE_U + 66 * args.rows


def watched(config: Config) -> tuple[str, ...]:
    """The metrics that have a limit, of their own or for each of their groups."""
    known = catalogue(config)
    return tuple(dict.fromkeys(at.metric for name in config.limits if (at := judging.aim(name, known))))


def load(args: Args, queries: Queries) -> Reading:
    """One row per limit that is passed or cannot be seen; when all of them were last looked at."""
    kept, limits, now = queries.standing(watch.standing), queries.config.limits, queries.clock()
    aims = {name: at for name in limits if (at := judging.aim(name, queries.metrics))}
    states = [(name, key, state) for name in aims for key, state in judging.states_of(name, kept)]
    aimed = dict.fromkeys(aims[name].metric for name, *_ in states)
    rows = [_row(name, aims[name], key, state, queries) for name, key, state in states
            if state.passed or (state.unseen and not aims[name].by)]  # fmt: skip
    return Reading(
        metric="breaches",
        unit="",
        rows=sorted(rows, key=_urgent),
        n=len({name for name, *_ in states}),
        as_of=min((state.looked_at for *_, state in states), default=now),
        simulated=any(state.simulated for *_, state in states),
        extra={"now": now, "watched": [queries.metric(one) for one in aimed]},
    )


def _row(name: str, aim: Aim, key: str, state: Watched, queries: Queries) -> dict[str, Any]:
    limit = queries.config.limits[name]
    where = {aim.by: key.removeprefix(f"{name}:")} if aim.by else {}
    band = queries.usual(aim.metric, window=limit.window) if state.passed and not state.unseen and not where else None
    said = {"metric": queries.metric(aim.metric), "limit": limit, "state": state, "usual": band, "where": where}
    return said | {"value": state.value, "n": 1}


def _urgent(row: dict[str, Any]) -> tuple[int, float]:
    """By priority, of equals the newest first."""
    passed = row["state"].passed
    return (passed[0], -passed[1].since.timestamp()) if passed else (9, 0.0)


def draw(args: Args, reading: Reading, words: Words) -> Component:
    """The rows, or that nothing is passed and what is watched."""
    if not reading.rows:
        return html.Div(_calm(reading, words), className="bq")
    shown = reading.rows if len(reading.rows) <= args.rows else reading.rows[: args.rows - 1]
    drawn = [_alarm(row, reading.extra["now"], words) for row in shown]
    if rest := len(reading.rows) - len(shown):
        drawn.append(html.Div(words.many("{n} lain", rest), className="er rest"))
    return html.Div([*drawn, *(html.Div(className="er") for _ in range(args.rows - len(drawn)))], className="al")


def _calm(reading: Reading, words: Words) -> list[Component]:
    if not reading.n:
        return [html.P(words.t("Tidak ada batas yang ditetapkan"), className="calm")]
    titles = ", ".join(map(words.metric, reading.extra["watched"]))
    watched = f"{words.number(reading.n)} {words.t('dipantau')}: {titles}"
    return [html.P(words.t("Tidak ada batas yang dilewati"), className="calm"), html.P(watched, className="calm k3")]


def _alarm(row: dict[str, Any], now: Any, words: Words) -> Component:
    state: Watched = row["state"]
    metric: Metric = row["metric"]
    since = state.passed[1].since if state.passed else state.seen_at
    value = [html.B(words.text(state.value, metric.unit), className="n")] if state.value is not None else []
    age = words.duration((now - since).total_seconds() / 3600) if since else []
    return html.Div(
        [
            marks.unseen(words) if state.unseen else marks.mark(state.priority, words),
            html.Span([html.Span(words.metric(metric), className="tt"), *value], className="t"),
            html.Span(age, className="a n"),
            html.Span(_reason(row, now, words), className="s"),
            html.Span(_stands(state, words), className="w"),
        ],
        className="ar un" if state.unseen else f"ar {marks.css(state.priority)}",
    )


def _reason(row: dict[str, Any], now: Any, words: Words) -> str:
    state, metric, limit = row["state"], row["metric"], row["limit"]
    if state.unseen:
        if state.seen_at is None:
            return words.t("Belum pernah terlihat")
        return f"{words.t('Tidak terlihat sejak')} {words.moment(state.seen_at, now)}"
    bound = limit.breach if state.priority == BREACH else limit.warn
    place = metric.where.get("place")
    said = [words.name(by, group or None) for by, group in row["where"].items()]
    said += [place] if isinstance(place, str) else []
    said.append(f"{words.t('batas')} {words.text(bound, metric.unit)}")
    return ", ".join(
        [*said, *([f"{words.t('biasanya')} {words.span(row['usual'], metric.unit)}"] if row["usual"] else [])]
    )


def _stands(state: Watched, words: Words) -> str:
    if state.unseen:
        return words.t("Terakhir prioritas {n}", n=state.priority) if state.priority else ""
    if state.passed and state.passed[1].turning_since:
        return words.t("Menuju normal")
    return words.t("Lewat batas") if state.priority == BREACH else words.t("Batas waspada")
