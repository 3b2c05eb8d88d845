"""``/brief``: the daily brief on a desk, and its three forms to take away (``/brief.pdf?language=en``).

What was read serves everybody for ``SHARED_S``. One PDF is printed at a time: each takes a browser of its own.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, get_args

import sqlalchemy as sa
from dash import Dash, Input, Output, html
from dash.development.base_component import Component
from fastapi import FastAPI, Response

from city import brief as briefs
from city.brief import Brief
from city.brief_settings import Language
from city.queries import Queries
from dashboard import brief_html, brief_pdf, brief_text
from dashboard.brief_words import speaking
from dashboard.words import Words

NAME = "brief"
FORMS = {"pdf": "application/pdf", "html": "text/html; charset=utf-8", "txt": "text/plain; charset=utf-8"}
#: What a browser may ask for.
PATHS = (f"/{NAME}", *(f"/{NAME}.{form}" for form in FORMS))
SHARED_S = 60.0


class BriefPage:
    """The page. ``draw`` and ``form`` block; call them in a thread."""

    def __init__(self, queries: Queries, clock_s: Callable[[], float] = time.monotonic) -> None:
        self.paths = list(PATHS)
        self._queries, self._clock_s = queries, clock_s
        self._words = {name: speaking(queries.config, name) for name in get_args(Language)}
        self._own = Words(queries.config)
        self._lock, self._printing = threading.Lock(), threading.Lock()
        self._found: tuple[Brief, float] | None = None
        self._printed: dict[str, tuple[datetime, bytes]] = {}

    def draw(self) -> Any:
        """The body; in words when the database does not answer."""
        try:
            brief = self._read()
        except sa.exc.SQLAlchemyError:
            t = self._own.t
            return html.P(f"{t('Ringkasan tidak dapat dibaca:')} {t('basis data tidak menjawab')}.", className="tx")
        return [self._head(), brief_html.sheet(brief, self._own)]

    def form(self, form: str, language: str) -> Response:
        """One of ``FORMS`` in a language, as a file."""
        words = self._words.get(language, self._own)
        try:
            brief = self._read()
            body = self._made(form, brief, words)
        except sa.exc.SQLAlchemyError:
            return Response(words.t("basis data tidak menjawab"), 503, media_type=FORMS["txt"])
        except brief_pdf.NoPdf as error:
            return Response(f"{words.t('PDF tidak dapat dibuat di sini.')} {error}\n", 503, media_type=FORMS["txt"])
        name = f"{NAME}-{brief.day.isoformat()}-{words.language}.{form}"
        head = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(body, media_type=FORMS[form], headers=head)

    def routes(self, server: FastAPI) -> None:
        """The three forms."""
        for form in FORMS:
            server.add_api_route(f"/{NAME}.{form}", self._answering(form), methods=["GET"])

    def register(self, dash: Dash) -> None:
        """Add the page's callback."""

        @dash.callback(Output(f"{NAME}-body", "children"), Input(f"{NAME}-tick", "n_intervals"))
        async def show(tick: int) -> Any:
            return await asyncio.to_thread(self.draw)

    def _answering(self, form: str) -> Callable[..., Any]:
        async def answer(language: str = "") -> Response:
            return await asyncio.to_thread(self.form, form, language)

        return answer

    def _read(self) -> Brief:
        with self._lock:
            if self._found is None or self._clock_s() - self._found[1] > SHARED_S:
                self._found = briefs.read(self._queries), self._clock_s()
            return self._found[0]

    def _made(self, form: str, brief: Brief, words: Words) -> bytes | str:
        if form == "txt":
            return brief_text.text(brief, words)
        if form == "html":
            return brief_html.page(brief, words, faces=True)
        with self._printing:
            at, body = self._printed.get(words.language, (None, b""))
            if at != brief.at:
                body = brief_pdf.pdf(brief_html.page(brief, words, faces=True))
                self._printed[words.language] = brief.at, body
            return body

    def _head(self) -> Component:
        t, now = self._own.t, self._queries.clock()
        links = [html.A(name, href=f"/{NAME}.{form}", className="btn", download="")
                 for name, form in (("PDF", "pdf"), ("HTML", "html"), (t("Teks"), "txt"))]  # fmt: skip
        printing = html.Button(t("Cetak"), className="btn pr", **{"data-print": "1"})
        acts = html.Div([*links, printing], className="act")
        return html.Div(acts, className="pgh", **{"data-now": now.isoformat()})
