"""What a screen shows that may not look (yet): its code, or that it is not allowed. Never a login form.

Plain HTML without Dash, so that nothing of the city is in it; assets/pair.js asks how the screen stands and puts
what is said here in its place, and loads the wall once it is approved.
"""

import asyncio
from html import escape
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from city import paired
from city.texts import N_
from dashboard.guard import PAIR, Scope, cookie
from dashboard.pairing import ASKING, AWAY, FULL, TOKEN, UNKNOWN, Pairing
from dashboard.words import Words

#: A browser keeps it 400 days at most; every report renews it.
KEEP_S = 400 * 24 * 3600
_NEW = N_("Layar baru")
_TEXTS = {
    paired.WAITING: (_NEW, N_("minta persetujuan admin")),
    ASKING: (_NEW, N_("menyiapkan kode")),
    UNKNOWN: (_NEW, N_("menyiapkan kode")),
    FULL: (_NEW, N_("terlalu banyak layar menunggu; dicoba lagi sendiri")),
    AWAY: (N_("Menunggu basis data"), N_("layar ini menyambung sendiri")),
    paired.REVOKED: (N_("Layar tidak diizinkan"), N_("hubungi admin")),
    paired.APPROVED: (N_("Layar disetujui"), N_("sedang memuat")),
}

_PAGE = """<!doctype html>
<html lang="{language}" class="theme-dark wall"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{city} · Kendali</title>
<link rel="icon" href="/assets/favicon.svg"><link rel="stylesheet" href="/assets/00-tokens.css">
<link rel="stylesheet" href="/assets/10-kendali.css"><link rel="stylesheet" href="/assets/60-pair.css">
<script defer src="/assets/pair.js"></script></head>
<body class="pairing"><main><p class="city">{city}</p><h1 id="pair-title">{title}</h1>
<p class="code"><span>{label}</span> <b id="pair-code">{code}</b></p><p id="pair-text">{text}</p>
<p class="gone" id="pair-gone" hidden>{gone}</p></main></body></html>"""


class PairPage:
    """The page and the question behind it."""

    def __init__(self, pairing: Pairing, words: Words) -> None:
        self._pairing, self._words = pairing, words

    def said(self, standing: str, token: str = "") -> dict[str, Any]:
        """What a screen that stands so is to show."""
        title, text = (self._words.t(part) for part in _TEXTS[standing])
        code = self._pairing.code(token) if standing == paired.WAITING else ""
        return {"state": standing, "title": title, "code": code, "text": text}

    def allows(self, scope: Scope) -> bool:
        """Whether a request comes from an approved screen of this region."""
        one = self._pairing.known(cookie(scope, TOKEN))
        return one is not None and one.state == paired.APPROVED

    def html(self, scope: Scope) -> bytes:
        """The page that stands in the place of every other."""
        token, t = cookie(scope, TOKEN), self._words.t
        parts = self.said(self._pairing.standing(token), token) | {
            "city": self._words.region.name, "language": self._words.language, "label": t("kode"),
            "gone": t("Peladen tidak menjawab; dicoba lagi sendiri."),
        }  # fmt: skip
        return _PAGE.format(**{name: escape(text) for name, text in parts.items()}).encode()

    def routes(self, server: FastAPI) -> None:
        """How the screen that asks stands; an unknown one gets a secret and begins to ask."""

        @server.post(PAIR)
        async def stands(request: Request) -> Response:
            token, fresh = request.cookies.get(TOKEN, ""), ""
            standing = self._pairing.standing(token)
            if standing == UNKNOWN:
                address = request.client.host if request.client else ""
                token = fresh = self._pairing.ask(address)
                standing = ASKING if fresh else FULL
            if standing == ASKING:
                await asyncio.to_thread(self._pairing.tell, token)
            answer = JSONResponse(self.said(standing, token))
            if fresh:
                keep(answer, fresh, request)
            return answer


def keep(answer: Response, token: str, request: Request) -> None:
    """Let the screen keep its secret: out of reach of scripts, never sent along from other sites' pages."""
    secure = request.url.scheme == "https"
    answer.set_cookie(TOKEN, token, max_age=KEEP_S, path="/", httponly=True, samesite="strict", secure=secure)
