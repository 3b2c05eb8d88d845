"""``/kpi``: the scorecard of the city for a leader, by period (``?period=week&at=2026-11-23&why=memos_overdue``).

The numbers are those of ``run.py score``. One reading serves everybody who looks at the same period for
``SHARED_S``; what is looked at is drawn anew every few seconds, so that its ages are right. The panels in which
somebody may be writing (why, follow-ups) are drawn when they are asked for only.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, NamedTuple, get_args
from urllib.parse import parse_qs

import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component
from fastapi import FastAPI, Response

from city import complained, followups, scorecard_reading
from city.complained import Complained
from city.followups import FollowUp
from city.goals import PeriodKind
from city.queries import Queries
from city.scorecard import Card, Line
from city.texts import N_
from city.times import day_start, local_day
from dashboard import kpi_files, kpi_follow, kpi_head, kpi_score, kpi_sides, kpi_table, kpi_why
from dashboard.door import Door
from dashboard.kpi_head import Asked
from dashboard.words import Words

NAME = "kpi"
TITLE = N_("Kinerja")
SHARED_S = 60.0
#: How many periods are kept; somebody who pages through the past must not fill the memory.
_KEPT = 16
_AREAS = ("head", "left", "right", "foot")


class Found(NamedTuple):
    """What was read, and when."""

    card: Card
    complained: Complained | None
    at: datetime
    read_s: float


def frame() -> list[Component]:
    """The areas of the page: each is filled, and filled anew, by itself."""
    head, left, right, foot = (html.Div(id=f"{NAME}-{name}", className="kar") for name in _AREAS)
    why, follow = (html.Div(id=f"{NAME}-{name}", className="kar") for name in ("why", "follow"))
    columns = [html.Div([left, follow], className="col"), html.Div([why, right], className="col")]
    return [head, html.Div(columns, className="kg_"), foot]


class Kpi:
    """The page. ``draw`` blocks; call it in a thread. ``door``: to who may write follow-ups, None = nobody may."""

    def __init__(
        self, queries: Queries, version: str = "", clock_s: Callable[[], float] = time.monotonic,
        door: Door | None = None,
    ) -> None:  # fmt: skip
        self._queries, self._version, self._clock_s, self.door = queries, version, clock_s, door
        self.words = Words(queries.config)
        self._lock, self._found = threading.Lock(), dict[Asked, Found]()
        self.paths = list(kpi_head.FILES)

    def draw(self, search: str | None) -> list[Any]:
        """The areas for an address' query; in words when the database does not answer."""
        t, ask = self.words.t, asked(search)
        try:
            found, promised = self._read(ask), self._promised()
        except sa.exc.SQLAlchemyError:
            told = f"{t('Kinerja tidak dapat dibaca:')} {t('basis data tidak menjawab')}."
            return [html.P(told, className="tx"), None, None, None]
        except scorecard_reading.NoScorecard:
            told = t("Belum ada target: tulis `scorecard` dalam pengaturan (docs/scorecard.md).")
            return [html.P(told, className="tx"), None, None, None]
        return self._page(found, ask, promised)

    def register(self, dash: Any) -> None:
        """Add the page's callbacks."""
        from dashboard import kpi_callbacks

        kpi_callbacks.register(dash, self)

    def routes(self, server: FastAPI) -> None:
        """The scorecard as a file."""
        for path in self.paths:
            server.get(path)(self._file(path))

    def _file(self, path: str) -> Callable[..., Any]:
        async def file(period: str = "", at: str = "") -> Response:
            ask = asked(f"period={period}&at={at}")
            try:
                found = await asyncio.to_thread(self._read, ask)
            except (sa.exc.SQLAlchemyError, scorecard_reading.NoScorecard):
                return Response(
                    self.words.t("Kinerja tidak dapat dibaca:"), 503, media_type="text/plain; charset=utf-8"
                )
            made = kpi_files.table(found.card, self._queries.config.scorecard, found.at, self.words)
            return kpi_files.answer(made, path, found.card.period, self.words)

        return file

    def line(self, ask: Asked) -> Line | None:
        """The line of the scorecard that is to be explained."""
        lines = self._read(ask).card.lines
        return next((line for line in lines if line.goal.name == ask.why), None)

    def why(self, search: str | None) -> Any:
        """The panel "Mengapa" of an address' query, with the form of a follow-up; None without a line."""
        ask, words = asked(search), self.words
        try:
            line = self.line(ask) if ask.why else None
            told = kpi_why.read(self._queries, line) if line else None
        except (sa.exc.SQLAlchemyError, scorecard_reading.NoScorecard):
            return None  # the page says so
        if told is None or line is None:
            return None
        close = kpi_head.close(ask, words)
        head = html.Header([html.H2(kpi_why.title(told, words)), close], className="ph")
        owner = words.name("agency", line.goal.owner) if line.goal.owner else ""
        form = [kpi_follow.form(owner, words)] if self.door else []
        return html.Section([head, *kpi_why.draw(told, words), *form], className="pn wy_")

    def follow(self) -> Any:
        """The panel of the follow-ups."""
        try:
            found = self._promised()
        except sa.exc.SQLAlchemyError:
            return None
        settings = self._queries.config.scorecard
        titles = {
            goal.name: goal.title or self.words.metric(self._queries.metric(goal.metric))
            for goal in (settings.goals if settings else ())
        }
        return kpi_follow.listed(found, titles, self.today(), self.words) if settings else None

    def today(self) -> date:
        """The local day."""
        return local_day(self._queries.clock(), self._queries.zone)

    def _promised(self) -> list[FollowUp]:
        return self._queries.standing(followups.read)

    def _read(self, ask: Asked) -> Found:
        ask = ask._replace(why="")
        with self._lock:
            found = self._found.pop(ask, None)
            if found is None or self._clock_s() - found.read_s > SHARED_S:
                found = self._anew(ask)
            self._found[ask] = found
            while len(self._found) > _KEPT:
                self._found.pop(next(iter(self._found)))
            return found

    def _anew(self, ask: Asked) -> Found:
        queries, now = self._queries, self._queries.clock()
        at = day_start(ask.day, queries.zone) if ask.day else now
        with queries.held():
            card = scorecard_reading.read(queries, ask.kind, min(at, now))
            window = card.period.window(queries.zone)
            kinds = {source.kind for source in queries.config.sources.values()}
            told = complained.read(queries, window) if "complaint" in kinds else None
        return Found(card, told, now, self._clock_s())

    def _page(self, found: Found, ask: Asked, promised: list[FollowUp]) -> list[Any]:
        words, now, card = self.words, self._queries.clock(), found.card
        computed = [words.t("dihitung"), " ", html.B(words.time(found.at))]
        settings, today = self._queries.config.scorecard, self.today()
        assert settings is not None
        notes: dict[str, tuple[int, int]] = {}
        for one in promised:
            count, late = notes.get(one.goal, (0, 0))
            notes[one.goal] = (count + 1, late + one.late(today))
        choice = kpi_table.Choice(lambda name: ask._replace(why=name).link(), ask.why, notes)
        left = [kpi_score.draw(card, settings.cap, computed, words), kpi_table.draw(card, words, now, choice)]
        return [kpi_head.head(card, ask, now, words), left, kpi_sides.draw(card, found.complained, words),
                kpi_head.foot(card, found.at, settings.basis, self._version, words)]  # fmt: skip


def asked(search: str | None) -> Asked:
    """What a query asks for; what is not understood in it is as if it were not there."""
    query = parse_qs((search or "").lstrip("?"))
    kind = next((kind for kind in get_args(PeriodKind) if kind in query.get("period", [])), "week")
    why = query.get("why", [""])[0]
    try:
        day = date.fromisoformat(query.get("at", [""])[0])
    except ValueError:
        return Asked(kind, None, why)
    # Twelve periods are looked back on: before this there is no calendar to do it in, and no city with data.
    return Asked(kind, day if day.year >= 1970 else None, why)
