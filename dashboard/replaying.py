"""The answers behind a replay: the states of a moment, the moments of a day, bodies by hash, what was revised since.

Answers about the past do not change (thinning only makes a kept copy better than ours), so they may be cached;
what was revised since then is always asked anew. Reading only.
"""

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from dash.development.base_component import Component
from fastapi import FastAPI, Query, Request, Response
from sqlalchemy.engine import Engine

from city.config import Config
from city.times import day_start, local_day
from dashboard import replay_page, states
from dashboard.history import minute
from dashboard.replay import Archive, moment
from dashboard.revised import Revisions
from dashboard.words import Words

PREFIX = "/replay/"
#: A state may be stored this long after the time that it carries.
SETTLED = timedelta(seconds=60)
_FOR_EVER, _ASK = "private, max-age=86400, immutable", "private, no-cache"
_HASH = re.compile(r"[0-9a-f]{32}")
MOST_BODIES = 200


class NotKept(Exception):
    """The moment cannot be replayed; says what can."""

    def __init__(self, status: int, told: str) -> None:
        super().__init__(told)
        self.status, self.told = status, told


class Replay:
    """Replays ``pages`` from what ``engine`` reads. ``clock`` returns the present aware instant."""

    def __init__(self, engine: Engine, config: Config, pages: Sequence[Any], clock: Callable[[], datetime]) -> None:
        self._archive = Archive(engine, config.region.code)
        self._revisions = Revisions(engine, config)
        self._config, self._clock, self.words = config, clock, Words(config)
        self._pages = {page.name: page for page in pages}
        self._computing = asyncio.Lock()
        parts = ("", "/states", "/moments", "/bodies", "/revised")
        self.paths = [f"{PREFIX}{name}{part}" for name in self._pages for part in parts]

    def scene(self, path: str, version: str, *, insecure: bool) -> Component | None:
        """The page at ``path``, or None when it is no replay."""
        page = self._pages.get(path.removeprefix(PREFIX)) if path.startswith(PREFIX) else None
        titles = {one.name: one.title for one in self._pages.values()}
        return replay_page.scene(page, titles, self._config, self.words, version, insecure=insecure) if page else None

    def routes(self, server: FastAPI) -> None:
        """Add the answers."""

        @server.get(PREFIX + "{page}/states")
        async def shown(request: Request, page: str, at: str = "", bodies: bool = True) -> Response:
            return await self._answer(request, self._states, page, at, bodies)

        @server.get(PREFIX + "{page}/moments")
        async def moments(request: Request, page: str, day: str = "") -> Response:
            return await self._answer(request, self._moments, page, day)

        @server.get(PREFIX + "{page}/bodies")
        async def bodies(request: Request, page: str, hash: Annotated[list[str], Query()]) -> Response:
            return await self._answer(request, self._bodies, page, hash)

        @server.get(PREFIX + "{page}/revised")
        async def revised(request: Request, page: str, at: str = "") -> Response:
            async with self._computing:  # dear: one after the other, and not for those who have gone on
                if await request.is_disconnected():
                    return Response(status_code=204)
                return await self._answer(request, self._revised, page, at)

    async def _answer(self, request: Request, find: Callable[..., tuple[Any, bool]], *asked: Any) -> Response:
        try:
            body, settled = await asyncio.to_thread(find, *asked)
        except NotKept as error:
            return _json({"error": error.told}, error.status, "no-store")
        except sa.exc.SQLAlchemyError:
            return _json({"error": self.words.t("Basis data tidak menjawab.")}, 503, "no-store")
        content = orjson.dumps(body)
        tag = f'"{blake2b(content, digest_size=12).hexdigest()}"'
        head = {"ETag": tag, "Cache-Control": _FOR_EVER if settled else _ASK}
        if request.headers.get("if-none-match", "").removeprefix("W/") == tag:
            return Response(status_code=304, headers=head)
        return Response(content, media_type="application/json", headers=head)

    def _states(self, page: str, text: str, bodies: bool) -> tuple[Any, bool]:
        at, now = self._kept(page, text), self._clock()
        found = self._archive.states(page, at, bodies=bodies)
        around = self._archive.around(page, at)
        settled = at < now - SETTLED and around.next is not None
        history = self._config.history
        body = {"at": self._local(at), "previous": self._local(around.previous), "next": self._local(around.next),
                "thinned": at < minute(now - history.thin_after), "states": found}  # fmt: skip
        return body, settled

    def _moments(self, page: str, text: str) -> tuple[Any, bool]:
        now, zone = self._clock(), self._config.region.zone
        try:
            day = date.fromisoformat(text) if text else local_day(now, zone)
            start, end = day_start(day, zone), day_start(day + timedelta(days=1), zone)
        except (ValueError, OverflowError):
            raise NotKept(400, f"{self.words.t('Tulis tanggal seperti')} 2026-11-24.") from None
        minutes = self._archive.minutes(page, start, end)
        first = self._archive.first(page)
        body = {"day": day.isoformat(), "start": self._local(start), "end": self._local(end), "now": self._local(now),
                "first": self._local(first), "minutes": minutes}  # fmt: skip
        return body, False

    def _bodies(self, page: str, hashes: list[str]) -> tuple[Any, bool]:
        if len(hashes) > MOST_BODIES or not all(map(_HASH.fullmatch, hashes)):
            raise NotKept(400, "hash")
        found = self._archive.bodies(page, [bytes.fromhex(one) for one in hashes])
        return {name: orjson.Fragment(body) for name, body in found.items()}, len(found) == len(set(hashes))

    def _revised(self, page: str, text: str) -> tuple[Any, bool]:
        at = self._kept(page, text)
        shown = states.at(self._archive.engine, self._archive.region, page, at)
        return {"at": self._local(at), "revised": self._revisions.found(self._pages[page], shown)}, False

    def _kept(self, page: str, text: str) -> datetime:
        """The moment in ``text``. Raises NotKept with what is kept, and how to write it."""
        t, now, first = self.words.t, self._clock(), self._archive.first(page)
        if first is None:
            raise NotKept(404, t("Belum ada yang diterbitkan di halaman ini."))
        kept = f"{t('Yang disimpan:')} {self._written(first)} – {self._written(now)}."
        try:
            at = moment(text, self._config.region.zone) if text else now
        except ValueError:
            raise NotKept(400, f"{t('Saat itu tidak terbaca; tulis seperti')} 2026-11-24T14:05:00. {kept}") from None
        if at < first:
            raise NotKept(404, f"{t('Saat itu tidak disimpan lagi.')} {kept}")
        if at > now + SETTLED:
            raise NotKept(404, f"{t('Saat itu belum terjadi.')} {kept}")
        return at

    def _written(self, at: datetime) -> str:
        return f"{self.words.date(at)} {self.words.time(at)}"

    def _local(self, at: datetime | None) -> str | None:
        return at.astimezone(self._config.region.zone).isoformat() if at else None


def _json(body: Any, status: int, cached: str) -> Response:
    head = {"Cache-Control": cached}
    return Response(orjson.dumps(body), status, media_type="application/json", headers=head)
