"""``/explore``: an analyst takes any number apart; what is looked at stands in the address (:mod:`city.selection`).

One reading of a selection serves everybody who looks at it for ``SHARED_S``. The mirror answers where it keeps up,
else PostgreSQL (:mod:`city.readers`). Nothing is asked that the address does not ask for.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import sqlalchemy as sa
from dash import Dash, Input, Output, html
from dash.development.base_component import Component

from city.explored import Explored, explore
from city.metrics import KINDS
from city.queries import Queries
from city.selection import Selection, understood
from city.texts import N_
from city.times import local_day
from dashboard import explore_charts, explore_filters, explore_more, explore_numbers, explore_series
from dashboard.explore_parts import NAME, go
from dashboard.words import Words

TITLE = N_("Jelajah")
SHARED_S = 30.0
_KEPT, _AT_ONCE = 32, 4


def frame() -> list[Component]:
    """The areas of the page: what is drawn anew, and the table of cases, which stays where somebody has scrolled it."""
    return [html.Div(id=f"{NAME}-drawn"), html.Div(id="cases")]


class Kept(NamedTuple):
    """What was read, and when."""

    found: Explored
    read_s: float


class Explore:
    """The page. ``reader`` gives who answers now; ``draw`` blocks: call it in a thread."""

    def __init__(self, reader: Callable[[], Queries], clock_s: Callable[[], float] = time.monotonic) -> None:
        self._reader, self._clock_s = reader, clock_s
        self._config = reader().config
        self.words = Words(self._config)
        self._lock, self._kept = threading.Lock(), dict[str, Kept]()
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix=NAME)

    def draw(self, search: str | None) -> Any:
        """The body for an address' query; in words when the database does not answer."""
        reader, words = self._reader(), self.words
        today = local_day(reader.clock(), reader.zone)
        selection, wrong = understood(search or "", self._config, today)
        head = [explore_filters.head(selection, words), *explore_filters.flaws(wrong, selection, words)]
        if selection.kind in self._config.health.kinds:
            # Filters narrow to one person, and pictures of several splits can be subtracted from each other.
            told = words.t("Kasus kesehatan tidak didaftar satu per satu; jumlahnya dapat diekspor.")
            return [*head, html.P([told, " ", self._back(selection)], className="tx", role="status")]
        try:
            found = self._read(reader, selection)
        except sa.exc.SQLAlchemyError:
            told = f"{words.t('Jelajah tidak dapat dibaca:')} {words.t('basis data tidak menjawab')}."
            return [*head, html.P(told, className="tx")]
        filters = explore_filters.bar(found, selection, self._config, today, words)
        return [*head, filters, *self._body(found)]

    def register(self, dash: Dash) -> None:
        """Add the page's callbacks: what is asked for, and that the server lives."""

        @dash.callback(
            Output(f"{NAME}-drawn", "children"), Input("where", "search"), Input(f"{NAME}-slow", "n_intervals")
        )
        async def show(search: str, slow: int | None) -> Any:
            # Not with every tick: an answer that has not come when the next is asked for is thrown away.
            return await asyncio.to_thread(self.draw, search)

        @dash.callback(Output(f"{NAME}-pulse", "children"), Input(f"{NAME}-tick", "n_intervals"))
        async def pulse(tick: int | None) -> Any:
            return html.Span(className="pgh", hidden=True, **{"data-now": self._reader().clock().isoformat()})

    def _read(self, reader: Queries, selection: Selection) -> Explored:
        key = selection.query()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and self._clock_s() - kept.read_s <= SHARED_S:
            return kept.found
        found = explore(reader, selection, self._pool)
        with self._lock:
            self._kept[key] = Kept(found, self._clock_s())
            while len(self._kept) > _KEPT:
                self._kept.pop(next(iter(self._kept)))
        return found

    def _body(self, found: Explored) -> list[Component]:
        words = self.words
        if not found.numbers["opened"].value and not found.durations:
            return [self._empty(found)]
        charts = [
            explore_series.draw(found, words), explore_charts.hours(found, words), explore_charts.pareto(found, words),
            explore_more.districts(found, self._config, words), explore_charts.agencies(found, words),
            explore_more.durations(found, words), explore_more.stages(found, self._config, words),
        ]  # fmt: skip
        return [explore_numbers.draw(found, words), html.Div(charts, className="ex"), self._foot(found)]

    def _back(self, selection: Selection) -> Component:
        other = next(kind for kind in KINDS if kind not in self._config.health.kinds)
        return go(selection.with_(kind=other, where={}), self.words.t(KINDS[other]))

    def _empty(self, found: Explored) -> Component:
        words, selection = self.words, found.selection
        wider = [go(selection.with_(where={}), words.t("hapus semua filter"))] if selection.where else []
        told = words.t("Tidak ada kasus yang cocok; longgarkan filter atau pilih periode lain.")
        return html.P([told, " ", *wider], className="calm none", role="status")

    def _foot(self, found: Explored) -> Component:
        words = self.words
        computed = f"{words.t('Dihitung')} {words.date(found.at)}, {words.time(found.at)} {words.zone_name(found.at)}"
        behind = found.behind_s
        told = words.t("dari basis data") if behind is None else words.t(
            "dari salinan kolom, tertinggal paling lama {age}", age=words.duration_text(behind / 3600)
        )  # fmt: skip
        private = words.t("Nama, nomor, dan alamat pelapor tidak disimpan.")
        return html.Footer([html.Span(computed), html.Span(told), html.Span(private)], className="foot")
