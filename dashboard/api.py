"""The data API ``/api/v1``: metrics, their values, counts of cases, and with a key single cases. JSON or CSV.

Reading only, and from the columnar mirror where one keeps up. An answer carries the version of the data (ETag): who
asks again with it gets 304 without anything being computed. No CORS header: pages of others cannot read it.
"""

import asyncio
import hmac
import time
from collections.abc import Callable, Collection
from datetime import datetime
from hashlib import blake2b

import sqlalchemy as sa
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from city import catalogue
from city.config import Config
from city.metrics import UnknownMetric
from city.queries import Queries
from dashboard import api_answers, api_asked, api_schema
from dashboard.api_asked import Refused
from dashboard.api_rate import Rate

ROOT = "/api/v1"
#: Questions at the same time: the screens share the database.
AT_ONCE = 4


class Api:
    """``reader`` gives who answers now (:func:`city.readers.best`); ``keys`` open single cases."""

    def __init__(
        self, reader: Callable[[], Queries], config: Config, clock: Callable[[], datetime], keys: Collection[str] = (),
        version: str = "", clock_s: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._reader, self._config, self._clock, self._keys = reader, config, clock, [key for key in keys if key]
        self._rate, self._at_once = Rate(config.api.per_minute, clock_s), asyncio.Semaphore(AT_ONCE)
        self._version = version

    def routes(self, server: FastAPI) -> None:
        """The four addresses, and words for any other below them."""

        @server.get(f"{ROOT}/metrics")
        async def metrics(request: Request) -> Response:
            return await self._answered(request, self._metrics)

        @server.get(f"{ROOT}/metrics/{{name}}")
        async def metric(request: Request, name: str) -> Response:
            return await self._answered(request, lambda queries, _: self._metric(request, queries, name))

        @server.get(f"{ROOT}/cases")
        async def cases(request: Request) -> Response:
            return await self._answered(request, self._cases)

        @server.get(f"{ROOT}/openapi.json")
        async def schema() -> Response:
            return JSONResponse(api_schema.document(self._config))

    async def _answered(self, request: Request, work: Callable[[Queries, Request], Response]) -> Response:
        client = request.client.host if request.client else ""
        if wait_s := self._rate.wait_s(client):
            return _problem(429, "", "too many requests", {"Retry-After": str(wait_s)})
        try:
            async with self._at_once:
                return await asyncio.to_thread(self._unless_known, request, work)
        except Refused as error:
            return JSONResponse(error.body, error.status)
        except UnknownMetric as error:
            return _problem(404, "name", str(error.args[0]))
        except ValueError as error:
            return _problem(400, "", str(error))
        except sa.exc.SQLAlchemyError:
            return _problem(503, "", "the database does not answer", {"Retry-After": "5"})

    def _unless_known(self, request: Request, work: Callable[[Queries, Request], Response]) -> Response:
        """What ``work`` answers, with its version; or 304 where that is what the client has."""
        queries = self._reader()
        tag = self._tag(queries, request)
        head = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if tag in [one.strip() for one in request.headers.get("if-none-match", "").split(",")]:
            return Response(status_code=304, headers=head)
        made = work(queries, request)
        made.headers.update(head)
        return made

    def _tag(self, queries: Queries, request: Request) -> str:
        """The version of the data: the last run that brought any, this minute (states move with it), this question."""
        sql = "select coalesce(max(id), 0) as id from runs where region = :region and ok"
        run = queries.standing(lambda run, region: run(sql, {"region": region}))[0]["id"]
        minute = self._clock().replace(second=0, microsecond=0).isoformat()
        parts = (self._version, run, minute, request.url.path, request.url.query, self._may(request), type(queries))
        return f'W/"{blake2b(repr(parts).encode(), digest_size=12).hexdigest()}"'

    def _may(self, request: Request) -> bool:
        """Whether the request has a key. Raises Refused for one that is none."""
        given = request.headers.get("authorization", "")
        if not given:
            return False
        sort, _, key = given.partition(" ")
        known = [hmac.compare_digest(key.strip().encode(), one.encode()) for one in self._keys]
        if sort.lower() != "bearer" or not any(known):
            raise Refused("Authorization", "this key is not known; write `Authorization: Bearer KEY`", status=401)
        return True

    def _metrics(self, queries: Queries, request: Request) -> Response:
        for name, _ in request.query_params.multi_items():
            raise Refused(name, "no parameter is known here")
        return JSONResponse({"metrics": [catalogue.as_json(entry) for entry in catalogue.read(queries)]})

    def _metric(self, request: Request, queries: Queries, name: str) -> Response:
        about = queries.metric(name)
        ask = api_asked.metric(request.query_params.multi_items(), about, self._config, self._clock())
        return api_answers.metric(queries, about, ask, request.url)

    def _cases(self, queries: Queries, request: Request) -> Response:
        known = catalogue.dimensions(queries.metric("complaints_open"))
        fields = request.query_params.multi_items()
        given = dict(fields)
        kinds = list(dict.fromkeys(one.of for one in queries.metrics.values() if one.of))
        kind = api_asked.one_of("kind", given.get("kind", "complaint"), kinds)
        ask = api_asked.cases([*fields], known, self._config, self._clock())
        rows = api_asked.one_of("rows", given["rows"], ("1",)) if "rows" in given else ""
        if rows and not self._may(request):
            raise Refused("rows", "single cases need a key: `Authorization: Bearer KEY` (docs/data-api.md)", status=401)
        return api_answers.cases(queries, kind, ask, request.url, single=bool(rows))


def _problem(status: int, parameter: str, message: str, head: dict[str, str] | None = None) -> Response:
    return JSONResponse(Refused(parameter, message).body, status, head)
