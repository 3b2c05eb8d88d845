"""``run.py why``: a change taken apart. The JSON is stable; see docs/why-and-league.md."""

import json
from argparse import Namespace
from datetime import datetime, timedelta
from typing import Any

from city import against
from city import why as reasons
from city.answer import iso, span_json
from city.change import Part, Split
from city.config import Config
from city.metrics import OBSERVED, Metric
from city.model import CASE_DIMENSIONS, OBSERVATION_DIMENSIONS
from city.queries import Queries
from city.times import Window, day_start, local_day
from front import settings
from front.answers import asked, columns, filters, span


def why(options: Namespace) -> int:
    """One metric in two periods, and what each group had to do with the change."""
    config = settings.read(options.config)
    now = settings.clock()
    window = span(options.start, options.end, config, now) or last_week(config, now)

    def ask(queries: Queries) -> tuple[Metric, reasons.Answer]:
        metric = queries.metric(options.name)
        if options.limit < 1:
            raise ValueError("--limit: at least 1 group")
        return metric, reasons.why(
            queries, options.name, _splits(options.by, metric), window,
            against.periods(options.against, window, config.region.zone),
            where=filters(options.where), limit=options.limit,
        )  # fmt: skip

    metric, found = asked(options, config, ask)
    answer = as_json(found, metric, options.against)
    print(json.dumps(answer, ensure_ascii=False, indent=2) if options.json else as_text(found, metric, config))
    return 0


def last_week(config: Config, now: datetime) -> Window:
    """The last seven local days that are over."""
    today = local_day(now, config.region.zone)
    return Window(day_start(today - timedelta(days=7), config.region.zone), day_start(today, config.region.zone))


def _splits(asked: list[str], metric: Metric) -> list[tuple[str, ...]]:
    """Each ``--by`` is a split of its own, one with a comma is by several dimensions at once."""
    known = OBSERVATION_DIMENSIONS if metric.measure in OBSERVED else CASE_DIMENSIONS
    if asked:
        return [tuple(one.split(",")) for one in asked]
    usual = (*reasons.DIMENSIONS, "place") if metric.measure in OBSERVED else reasons.DIMENSIONS
    return [(name,) for name in usual if name in known]


def as_json(found: reasons.Answer, metric: Metric, way: str) -> dict[str, Any]:
    """The answer as stable JSON."""
    return {
        "metric": found.metric, "unit": found.unit, "definition": metric.definition, "sort": found.sort,
        "as_of": iso(found.as_of), "against": way,
        "now": span_json(found.now_in), "then": [span_json(span) for span in found.then_in],
        "value": {"then": found.then, "now": found.now, "usual": found.band},
        "beyond_hours": found.beyond, "history_from": iso(found.since),
        "taken_apart": {"then": found.was, "now": found.came, "change": _change(found)},
        "splits": [_split(by, split) for by, split in found.splits.items()],
    }  # fmt: skip


def _change(found: reasons.Answer) -> float | None:
    return None if found.was is None or found.came is None else found.came - found.was


def _split(by: tuple[str, ...], split: Split) -> dict[str, Any]:
    rest = {"groups": split.others, "small": split.small} | _figures(split.rest) if split.rest else None
    return {
        "by": list(by), "rest": rest,
        "parts": [dict(zip(by, part.group, strict=True)) | _figures(part) for part in split.parts],
    }  # fmt: skip


def _figures(part: Part) -> dict[str, Any]:
    return {name: getattr(part, name) for name in (*Part._fields[1:], "few")}


def as_text(found: reasons.Answer, metric: Metric, config: Config) -> str:
    """The answer for people: what changed, then a table per split, the largest part first."""
    share = metric.kind == "ratio"
    then, now, band = (_shown(value, share) for value in (found.then, found.now, None))
    lines = [f"{metric.title or metric.name} ({metric.unit}): {then} -> {now}", f"  {_periods(found, config)}"]
    lines.append(f"  {as_of(found.as_of, config)}")
    if found.band:
        band = " to ".join(_shown(value, share) for value in found.band)
        lines.append(f"  usual of these weekdays: {band} (10th to 90th percentile of {len(found.then_in)} weeks)")
    if found.since:
        begins = found.since.astimezone(config.region.zone)
        lines.append(f"  the earlier period begins before the history of the metric: {begins:%Y-%m-%d %H:%M}")
    if found.sort == "beyond" and found.beyond is not None:
        lines.append(f"  a quantile has no parts; taken apart is the share that took longer than {found.beyond:.1f} h,")
        lines.append(f"  its value before: {_shown(found.was, True)} -> {_shown(found.came, True)}")
    if _change(found) is None:
        return "\n".join([*lines, "  not known in one of the periods: nothing to take apart"])
    told = {by: split for by, split in found.splits.items() if len(found.splits) == 1 or _parts(split)}
    if untold := [", ".join(by) for by in found.splits if by not in told]:
        lines.append(f"  nothing of it is known by {'; '.join(untold)}")
    for by, split in told.items():
        lines += ["", *_table(by, split, found.sort != "amount", share or found.sort == "beyond")]
    return "\n".join(lines)


def _parts(split: Split) -> bool:
    """Whether anything is told apart: more than the one group of what has no agency, say."""
    return any(name is not None for part in split.everything for name in part.group) or split.others > 0


def _periods(found: reasons.Answer, config: Config) -> str:
    zone = config.region.zone
    shown = [f"{span.start.astimezone(zone):%Y-%m-%d %H:%M} to {span.end.astimezone(zone):%Y-%m-%d %H:%M}"
             for span in (found.now_in, found.then_in[0])]  # fmt: skip
    more = f" and the {len(found.then_in) - 1} weeks before it" if len(found.then_in) > 1 else ""
    return f"{shown[0]} against {shown[1]}{more}"


def as_of(at: datetime | None, config: Config) -> str:
    """How old the data are, in words."""
    return f"data of {at.astimezone(config.region.zone):%Y-%m-%d %H:%M}" if at else "never collected"


def _table(by: tuple[str, ...], split: Split, mean: bool, share: bool) -> list[str]:
    names = ["then", "now", "change", *(["by mix", "by rate", "n then", "n now"] if mean else [])]
    rows = [[", ".join(by), *names]]
    for part in split.everything:
        group = ", ".join(name or "(none)" for name in part.group) or f"{split.others} others"
        effects = (part.change, part.mix, part.rate) if mean else (part.change,)
        sizes = [_shown(part.n_then, False), _shown(part.n_now, False)] if mean else []
        mark = " *" if part.few else ""
        rows.append([group + mark, _shown(part.then, share), _shown(part.now, share),
                     *(_shown(effect, share, signed=True) for effect in effects), *sizes])  # fmt: skip
    lines = columns(rows, numbers=True)
    return lines + (["* fewer than 5 cases behind a value"] if any(part.few for part in split.everything) else [])


def _shown(value: float | None, share: bool, *, signed: bool = False) -> str:
    if value is None:
        return "-"
    sign = "+" if signed else ""
    if share:
        return f"{value * 100:{sign}.1f}".replace("+0.0", "0.0").replace("-0.0", "0.0") + ("" if signed else " %")
    return "0" if round(value, 2) == 0 else f"{value:{sign}.2f}".rstrip("0").rstrip(".")
