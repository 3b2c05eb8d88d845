"""The answers of the data API: a page of rows as JSON or CSV, with where the next page is."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse
from starlette.datastructures import URL

from city.answer import iso, metric_json, span_json
from city.metrics import Metric
from city.queries import Queries
from city.times import Window, day_start, local_day
from dashboard import api_asked, api_rows, api_small
from dashboard.api_asked import Asked, Refused

#: Days of cases that are counted or listed when the request names none.
USUAL_DAYS = 90
#: More buckets than this are no answer that anybody reads, and years of hours by district would fill the memory.
MOST_BUCKETS = 100_000
_SECONDS = {"hour": 3_600, "day": 86_400}
#: A text that begins so is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def metric(queries: Queries, about: Metric, ask: Asked, url: URL) -> Response:
    """A metric: as `run.py metric --json`, with ``simulated``, ``behind_s``, ``next`` and of how many rows in all."""
    api_small.check(about, ask, queries.config)
    _not_too_fine(ask)
    found = queries.measure(
        about.name, by=ask.by, grain=ask.grain, window=ask.window, at=ask.at, where=ask.where, quantile=ask.quantile
    )
    told = metric_json(found, about, ask.window, ask.at, ask.by, ask.grain)
    rows = api_small.suppress(about, found.rows, ask, queries.config)
    if any(row.get(api_small.MARK) for row in rows):
        told["n"] = None
    return _paged(told | {"simulated": found.simulated, "behind_s": found.extra.get("behind_s")}, rows, ask, url)


def _not_too_fine(ask: Asked) -> None:
    if ask.grain and ask.window:
        length = (ask.window.end - ask.window.start).total_seconds()
        if length / _SECONDS.get(ask.grain, 86_400) > MOST_BUCKETS / 10 ** len(ask.by[:1]):
            raise Refused("grain", f"'{ask.grain}' is too fine for this window", "month")


def cases(queries: Queries, kind: str, ask: Asked, url: URL, *, single: bool) -> Response:
    """Cases opened in the window (the last 90 days unless told): counted ``by`` dimensions, or one by one."""
    ask = ask._replace(window=ask.window or last_days(queries))
    assert ask.window
    about = queries.metric(f"{kind}s_opened")
    api_small.check(about, ask, queries.config, single=single)
    if not single:
        found = queries.measure(about.name, by=ask.by, window=ask.window, where=ask.where)
        told = {"kind": kind, "window": span_json(ask.window), "by": list(ask.by), "n": found.n}
        rows = api_small.suppress(about, found.rows, ask, queries.config)
        rows = [{name: value for name, value in row.items() if name not in ("value", "n", "extra")}
                | {"cases": row["value"]} for row in rows]  # fmt: skip
        told["n"] = None if any(row.get(api_small.MARK) for row in rows) else told["n"]
        return _paged(told | {"as_of": iso(found.as_of), "simulated": found.simulated}, rows, ask, url)
    if ask.by:
        raise Refused("by", "single cases are not split; leave `rows` out")
    rows, after = api_rows.page(queries, kind, ask)
    return _sent({"kind": kind, "window": span_json(ask.window), "rows": rows}, rows, ask, url, after)


def last_days(queries: Queries, now: datetime | None = None) -> Window:
    """The last 90 local days, today included."""
    now = now or queries.clock()
    return Window(day_start(local_day(now, queries.zone) - timedelta(days=USUAL_DAYS - 1), queries.zone), now)


def _paged(told: dict[str, Any], rows: Sequence[dict[str, Any]], ask: Asked, url: URL) -> Response:
    first = api_asked.place(ask.after)
    these = list(rows[first : first + ask.limit])
    after = str(first + ask.limit) if first + ask.limit < len(rows) else None
    return _sent(told | {"rows": these, "of": len(rows)}, these, ask, url, after)


def _sent(told: dict[str, Any], rows: list[dict[str, Any]], ask: Asked, url: URL, after: str | None) -> Response:
    """A page, with the address of the next one: in ``next``, and for CSV in the header Link."""
    following = url.include_query_params(after=after) if after else None
    path = f"{following.path}?{following.query}" if following else None
    head = {"Link": f'<{path}>; rel="next"'} if path else {}
    if ask.format == "json":
        return JSONResponse(told | {"next": path}, headers=head)
    return Response(_csv(rows), headers=head, media_type="text/csv; charset=utf-8")


def _csv(rows: Sequence[dict[str, Any]]) -> str:
    made = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(made)
    writer.writerow(names)
    writer.writerows([[_cell(row.get(name)) for name in names] for row in rows])
    return made.getvalue()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
