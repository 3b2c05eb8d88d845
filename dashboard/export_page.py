"""``/export``: a selection taken away at once. ``/exports/...``: the same with its progress, which can be stopped.

A person presses a button (assets/cases.js): the work starts, tells every second how many rows of how many it has, and
can be cancelled; one whose page is gone is asked after no more, and ends by itself. Without the script the button is
a plain link to ``/export``. At most ``AT_ONCE`` are written at the same time.
"""

import asyncio
import secrets
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from dash import html
from dash.development.base_component import Component
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from sqlalchemy.engine import Engine

from city.export import FORMATS, Export, MetricExport, about
from city.export_files import KINDS, Stopped, csv_blocks, write
from city.queries import Queries
from city.selection import Selection, read
from city.times import local_day
from dashboard.guard import may_act
from dashboard.words import Words

AT_ONCE = 2
#: A job that nobody asks after for so long is ended, and its file removed.
FORGOTTEN_S = 30.0


class Busy(Exception):
    """As many exports as may be are being written."""


class Job:
    """One export on its way to a file."""

    def __init__(self, export: Export, wanted: str, folder: Path) -> None:
        self.export, self.wanted, self.total = export, wanted, export.total
        self.path = folder / f"{secrets.token_hex(8)}.{wanted}"
        self.rows, self.state, self.asked_s = 0, "running", time.monotonic()

    def run(self, told: Mapping[str, Any]) -> None:
        """Write it."""
        try:
            write(self.export, self.wanted, self.path, dict(told), self._told)
            self.state = "done"
        except Stopped:
            self.state = "stopped"
        except Exception:
            self.state = "failed"
            raise
        finally:
            if self.state != "done":
                self.path.unlink(missing_ok=True)

    def _told(self, rows: int) -> None:
        self.rows = rows
        if self.state == "stopping" or time.monotonic() - self.asked_s > FORGOTTEN_S:
            raise Stopped


class Exports:
    """The exports of a region. ``reader`` gives who answers now."""

    def __init__(self, reader: Callable[[], Queries], engine: Engine) -> None:
        self._reader, self._engine = reader, engine
        self.words = Words(reader().config)
        self._slots, self._jobs = threading.BoundedSemaphore(AT_ONCE), dict[str, Job]()
        self._folder = tempfile.TemporaryDirectory(prefix="kendali-export-")
        self.paths = ["/export", *(f"/exports/{what}" for what in ("start", "state", "stop", "file"))]

    def asked(self, query: Mapping[str, str]) -> tuple[Export, str]:
        """What an address asks for. ValueError or LookupError says what is wrong with it."""
        reader, wanted = self._reader(), query.get("format", "csv")
        selection = read(query, reader.config, local_day(reader.clock(), reader.zone))
        if "metric" in query:
            by = [name for name in query.get("by", "").split(",") if name]
            made: Export = MetricExport(
                reader, self._engine, selection, query["metric"], by, query.get("grain") or None
            )
        else:
            made = Export(reader, self._engine, selection)
        if wanted != "meta":
            made.check(wanted)
        return made, wanted

    def routes(self, server: FastAPI) -> None:
        """The addresses."""

        @server.get("/export")
        async def export(request: Request) -> Response:
            return await self._answered(request, self._at_once)

        @server.get("/exports/start")
        async def start(request: Request) -> Response:
            return await self._answered(request, self._start)

        @server.get("/exports/state")
        async def state(id: str = "") -> Response:
            return self._of(id, lambda job: None)

        @server.get("/exports/stop")
        async def stop(id: str = "") -> Response:
            return self._of(id, self._stop)

        @server.get("/exports/file")
        async def file(id: str = "") -> Response:
            job = self._jobs.get(id)
            if job is None or job.state != "done":
                return JSONResponse({"error": self.words.t("Ekspor ini tidak ada lagi.")}, 404)
            return FileResponse(job.path, media_type=KINDS[job.wanted], headers=_named(job.export, job.wanted))

    async def _answered(self, request: Request, how: Callable[[Mapping[str, str]], Response]) -> Response:
        if not may_act():
            return JSONResponse({"error": self.words.t("Layar ini tidak boleh mengekspor.")}, 403)
        try:
            return await asyncio.to_thread(how, dict(request.query_params))
        except (ValueError, LookupError) as error:
            return JSONResponse({"error": str(error.args[0] if error.args else error)}, 400)
        except Busy:
            told = self.words.t("Dua ekspor sedang ditulis; coba lagi sebentar lagi.")
            return JSONResponse({"error": told}, 429, headers={"Retry-After": "10"})
        except sa.exc.SQLAlchemyError:
            return JSONResponse({"error": self.words.t("Basis data tidak menjawab.")}, 503)

    def _at_once(self, query: Mapping[str, str]) -> Response:
        export, wanted = self.asked(query)
        now = self._reader().clock()
        if wanted == "meta":
            return Response(msgspec.json.format(msgspec.json.encode(about(export, now))), media_type="application/json")
        if wanted == "csv":
            self._take()
            head = _named(export, wanted) | {"X-Rows": str(export.total), "Link": _described(export, query)}
            return StreamingResponse(self._streamed(export), media_type=KINDS["csv"], headers=head)
        self._take()
        try:
            job = Job(export, wanted, Path(self._folder.name))
            job.run(about(export, now))
        finally:
            self._slots.release()
        # What is open can be read to its end though its name is gone.
        content = job.path.open("rb")
        job.path.unlink()
        return StreamingResponse(_parts(content), media_type=KINDS[wanted], headers=_named(export, wanted))

    async def _streamed(self, export: Export) -> AsyncIterator[bytes]:
        """Ends, with what it holds, when whoever reads has gone away."""
        blocks = csv_blocks(export)
        try:
            while (found := await asyncio.to_thread(next, blocks, None)) is not None:
                yield found[1]
        finally:
            blocks.close()  # type: ignore[attr-defined]
            self._slots.release()

    def _start(self, query: Mapping[str, str]) -> Response:
        self._sweep()
        export, wanted = self.asked(query)
        if wanted not in FORMATS:
            raise ValueError("a description is not written to a file: ask /export for it")
        self._take()
        try:
            job, name = Job(export, wanted, Path(self._folder.name)), secrets.token_urlsafe(16)
            told = about(export, self._reader().clock())
        except BaseException:
            self._slots.release()
            raise
        self._jobs[name] = job
        threading.Thread(target=self._run, args=(job, told), daemon=True, name="export").start()
        return JSONResponse({"id": name} | _state(job))

    def _run(self, job: Job, told: Mapping[str, Any]) -> None:
        try:
            job.run(told)
        finally:
            self._slots.release()

    def _of(self, name: str, act: Callable[[Job], None]) -> Response:
        job = self._jobs.get(name)
        if job is None:
            return JSONResponse({"error": self.words.t("Ekspor ini tidak ada lagi.")}, 404)
        job.asked_s = time.monotonic()
        act(job)
        return JSONResponse(_state(job))

    def _stop(self, job: Job) -> None:
        if job.state == "running":
            job.state = "stopping"

    def _take(self) -> None:
        if not self._slots.acquire(blocking=False):
            raise Busy

    def _sweep(self) -> None:
        for name, job in list(self._jobs.items()):
            if time.monotonic() - job.asked_s > 10 * FORGOTTEN_S and job.state not in ("running", "stopping"):
                job.path.unlink(missing_ok=True)
                self._jobs.pop(name, None)


def _state(job: Job) -> dict[str, Any]:
    return {"state": job.state, "rows": job.rows, "total": job.total}


def _named(export: Export, wanted: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{export.name}.{wanted}"'}


def _described(export: Export, query: Mapping[str, str]) -> str:
    more = {name: query[name] for name in ("metric", "by", "grain") if name in query}
    return f'</export?{export.selection.query(**more, format="meta")}>; rel="describedby"; type="application/json"'


def _parts(content: Any) -> Any:
    with content:
        while part := content.read(1 << 18):
            yield part


def buttons(selection: Selection, words: Words) -> list[Component]:
    """One menu with a link for each format, and a place where the script shows how far one is."""
    t = words.t
    names = {"csv": "CSV", "xlsx": "Excel (XLSX)", "parquet": "Parquet"}
    links = [html.A(names[wanted], href=f"/export?{selection.query(format=wanted)}", **{"data-export": wanted})
             for wanted in FORMATS]  # fmt: skip
    links.append(html.A(t("Keterangan (JSON)"), href=f"/export?{selection.query(format='meta')}"))
    said = {"data-of": t("{rows} dari {total} baris"), "data-stop": t("Batal"), "data-failed": t("Ekspor gagal."),
            "data-language": words.language}  # fmt: skip
    menu = html.Details([html.Summary(t("Ekspor"), className="btn"), html.Div(links, className="mn")], className="exm")
    return [menu, html.Span("", className="exp", role="status", **said)]
