"""The pages ``/manual/<source>``: a table to fill in, its template, and what the collecting part says of an entry.

Checks and saving are the collecting part's: this half can only read. A page shows what stands, posts what was
changed, and puts what comes back at the right cell.
"""

import asyncio
import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, html, no_update
from fastapi import FastAPI, Response
from sqlalchemy.engine import Engine

from city import forms, received
from city.config import Config
from city.forms import Form
from city.received import Cell
from city.texts import N_
from dashboard import form_page, form_told, workbook
from dashboard.desk import bar
from dashboard.door import Door
from dashboard.guard import from_this_machine
from dashboard.words import Words

_NOT_HERE = N_("Isian hanya dapat dibuka dari mesin ini.")


def may_enter() -> bool:
    """Whether whoever asks may open a form and enter: anyone on this machine, until there are identities.

    The one place for it: pages, templates and entries all ask here.
    """
    return from_this_machine()


class Manual:
    """The forms of a region. ``engine`` reads, ``door`` leads to who may write."""

    def __init__(self, config: Config, engine: Engine, door: Door, clock: Callable[[], datetime]) -> None:
        self.forms, self.words = forms.of(config), Words(config)
        self._engine, self._region, self._door, self._clock = engine, config.region.code, door, clock

    @property
    def paths(self) -> list[str]:
        """What a browser may ask for."""
        return [f"/manual/{name}{more}" for name in self.forms for more in ("", "/templat.xlsx")]

    def routes(self, server: FastAPI) -> None:
        """The templates."""

        @server.get("/manual/{source}/templat.xlsx")
        async def template(source: str, at: str = "") -> Response:
            form = self.forms.get(source)
            if form is None or not may_enter():
                return Response(self.words.t(_NOT_HERE), 403, media_type="text/plain; charset=utf-8")
            try:
                day = form.period(at)
            except ValueError:
                day = form.current(self._clock())
            made = await asyncio.to_thread(lambda: workbook.template(form, day, self._standing(form, day), self.words))
            return workbook.download(made, f"{source}-{form.written(day)}.xlsx")

    async def page(self, path: str, desks: Sequence[tuple[str, str]]) -> Any:
        """The page at ``path``, or None when there is none; ``desks`` are the pages its bar leads to."""
        form = self.forms.get(path.removeprefix("/manual/"))
        if form is None:
            return None
        if not may_enter():
            return html.Main(html.P(self.words.t(_NOT_HERE)), className="pg manual")
        now = self._clock()
        day = form.current(now)
        parts = {"table": await self._table(form, day), "history": await self._history(form)}
        top = bar(self.words, [*desks, (path, self.words.t("Isian"))], path, now)
        return form_page.draw(form, day, parts, self.words, top)

    def register(self, dash: Dash) -> None:
        """The callbacks of every form."""
        where, cells = State("manual-where", "data"), {"type": "manual-cell", "row": ALL, "metric": ALL}

        @dash.callback(
            Output("manual-where", "data"), Output("manual-date", "value"), Output("manual-period", "children"),
            Output("manual-template", "href"), Output("manual-table", "children"), Output("manual-said", "children"),
            Output("manual-pending", "data"),
            Input("manual-back", "n_clicks"), Input("manual-next", "n_clicks"), Input("manual-date", "value"), where,
            prevent_initial_call=True,
        )  # fmt: skip
        async def turn(back: int, forward: int, typed: str, at: dict[str, str]) -> Any:
            return await self._turned(str(ctx.triggered_id), typed or "", at) if may_enter() else (no_update,) * 7

        @dash.callback(
            Output("manual-table", "children", allow_duplicate=True),
            Output("manual-said", "children", allow_duplicate=True),
            Output("manual-pending", "data", allow_duplicate=True),
            Output("manual-history", "children"), Output("manual-file", "contents"),
            Input("manual-save", "n_clicks"), Input("manual-file", "contents"), where, State("manual-who", "value"),
            State(cells, "value"), State(cells, "id"), State("manual-pending", "data"), prevent_initial_call=True,
        )  # fmt: skip
        async def save(clicks: int, file: str | None, at: dict[str, str], who: str | None, texts: list[Any],
                       ids: list[dict[str, str]], pending: list[Any]) -> Any:  # fmt: skip
            if not may_enter():
                return no_update, self.words.t(_NOT_HERE), no_update, no_update, None
            entered = {
                (one["row"], one["metric"]): str(text or "").strip() for one, text in zip(ids, texts, strict=True)
            }
            entry = _Entry(self, self.forms[at["source"]], at["at"], who or "", pending)
            if ctx.triggered_id == "manual-file":
                return await entry.upload(file, entered)
            return await entry.save(entered, {})

    async def _turned(self, what: str, typed: str, at: Mapping[str, str]) -> Any:
        form, t = self.forms[at["source"]], self.words.t
        day = form.period(at["at"])
        try:
            wanted = _day(form, typed) if what == "manual-date" else form.beside(day, -1 if "back" in what else 1)
        except (ValueError, OverflowError):
            date, month = t("Tulis tanggal seperti 24-11-2026."), t("Tulis bulan seperti 11-2026.")
            told = month if form.args.period == "month" else date
            return no_update, form_page.typed(day, form), no_update, no_update, no_update, told, no_update
        if wanted == day and what == "manual-date":
            return (no_update,) * 7  # the field was set by us
        where, told = {"source": form.source, "at": form.written(wanted)}, ""
        if wanted > form.current(self._clock()):
            told = t("Masih di depan.")
            return no_update, form_page.typed(day, form), no_update, no_update, no_update, told, no_update
        title, shown = form_page.period(form, wanted, self.words), form_page.typed(wanted, form)
        return where, shown, title, form_page.link(form, wanted), await self._table(form, wanted), told, []

    def _standing(self, form: Form, day: date) -> dict[Cell, float]:
        return received.standing(self._engine, self._region, form.source, form.args.by, form.starts_at(day))

    async def standing(self, form: Form, day: date) -> dict[Cell, str]:
        """The values that stand, as they are typed."""
        found = await asyncio.to_thread(self._standing, form, day)
        return {at: form_told.written(value, form) for at, value in found.items()}

    async def _table(self, form: Form, day: date) -> Any:
        return form_page.table(form, await self.standing(form, day), {}, self.words)

    async def _history(self, form: Form) -> Any:
        found = await asyncio.to_thread(received.entries, self._engine, self._region, form.source)
        return form_page.history(form, found, self.words, self._clock())

    async def enter(self, form: Form, entry: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Hand an entry to who may write."""
        return await self._door.enter(form.source, entry)


class _Entry:
    """One press of "Simpan", or one upload."""

    def __init__(self, site: Manual, form: Form, at: str, who: str, pending: list[Any]) -> None:
        self._site, self._form, self._at, self._who, self._words = site, form, at, who, site.words
        self._pending = {(row, metric): text for row, metric, text in pending or []}

    async def upload(self, file: str | None, entered: dict[Cell, str]) -> Any:
        """A filled template: its cells take the place of what is typed, then it is saved like that."""
        if not file:
            return (no_update,) * 5
        t = self._words.t
        try:
            content = base64.b64decode(file.partition(",")[2], validate=True)
            at, values, places = await asyncio.to_thread(workbook.read, content, self._words)
            wanted = form_page.typed(_day(self._form, at), self._form) if at else ""
        except (workbook.NotTheTemplate, binascii.Error, ValueError) as error:
            told = str(error) if isinstance(error, workbook.NotTheTemplate) else t("periode di sel B2 tidak terbaca")
            return no_update, t("Belum tersimpan: {why}.", why=told), no_update, no_update, None
        shown = form_page.typed(self._form.period(self._at), self._form)
        if wanted != shown:
            told = t("Belum tersimpan: templat ini untuk {wanted}, halaman ini untuk {shown}. Pilih periodenya dahulu.",
                     wanted=wanted, shown=shown)  # fmt: skip
            return no_update, told, no_update, no_update, None
        texts = {cell: form_told.written(value, self._form) for cell, value in values.items()}
        return await self.save(entered | texts, places)

    async def save(self, entered: dict[Cell, str], places: Mapping[Cell, str]) -> Any:
        """Post what differs from what stands. The five outputs of the callback."""
        form, day = self._form, self._form.period(self._at)
        stands = await self._site.standing(form, day)
        changed = {cell: text for cell, text in entered.items() if text and text != stands.get(cell, "")}
        if not changed:
            told = self._words.t("Tidak ada sel yang berubah; tidak ada yang disimpan.")
            return no_update, told, [], no_update, None
        values: dict[str, dict[str, str]] = {}
        for (row, metric), text in changed.items():
            values.setdefault(row, {})[metric] = text
        confirmed = [cell for cell, text in self._pending.items() if changed.get(cell) == text]
        entry = {"entered_by": self._who, "at": self._at, "values": values, "confirmed": confirmed}
        status, answer = await self._site.enter(form, entry)
        if status == 200:
            now = self._site._clock()
            told = form_told.saved(answer, now, self._words)
            return await self._site._table(form, day), told, [], await self._site._history(form), None
        problems = answer.get("problems", []) if status == 422 else []
        said = form_told.at_cells(problems, changed, form, places, self._words)
        pending = [[*form_told.cell_of(one), changed[form_told.cell_of(one)]] for one in problems if one["confirm"]]
        shown = form_page.table(form, entered, said, self._words)
        return shown, form_told.summary(status, answer, said, form, places, self._words), pending, no_update, None


def _day(form: Form, typed: str) -> date:
    """``24-11-2026``, ``11-2026`` or ISO as a period. ValueError."""
    parts = [part.zfill(2) for part in typed.strip().replace("/", "-").split("-")]
    return form.period("-".join(reversed(parts) if len(parts[-1]) == 4 else parts))
