"""What the page of the scorecard does when it is looked at, asked why, or a follow-up is entered or closed."""

import asyncio
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dashboard import kpi_follow
from dashboard.manual import may_enter

_FIELDS = ("what", "owner", "due", "entered_by")


def register(dash: Dash, kpi: Any) -> None:
    """Add the callbacks of ``kpi``."""
    areas = [Output(f"kpi-{name}", "children") for name in ("head", "left", "right", "foot")]

    @dash.callback(*areas, Input("kpi-tick", "n_intervals"), Input("where", "search"))
    async def show(tick: int, search: str) -> Any:
        return await asyncio.to_thread(kpi.draw, search)

    @dash.callback(Output("kpi-why", "children"), Input("where", "search"))
    async def explain(search: str) -> Any:
        return await asyncio.to_thread(kpi.why, search)

    @dash.callback(Output("kpi-follow", "children"), Input("where", "pathname"))
    async def follow(path: str) -> Any:
        return await asyncio.to_thread(kpi.follow)

    _register_writing(dash, kpi)


def _register_writing(dash: Dash, kpi: Any) -> None:
    where = State("where", "search")

    @dash.callback(
        Output("kpi-said", "children"), Output("kpi-what", "value"),
        Output("kpi-follow", "children", allow_duplicate=True),
        Input("kpi-add", "n_clicks"), *(State(f"kpi-{name}", "value") for name in _FIELDS), where,
        prevent_initial_call=True,
    )  # fmt: skip
    async def add(clicks: int, what: str, owner: str, due: str, entered_by: str, search: str) -> Any:
        if not clicks:
            return (no_update,) * 3
        return await _added(kpi, search, (what, owner, due, entered_by))

    @dash.callback(
        Output("kpi-closed", "children"), Output("kpi-follow", "children", allow_duplicate=True),
        Input({"type": "kpi-close", "id": ALL}, "n_clicks"), State({"type": "kpi-close", "id": ALL}, "id"),
        State({"type": "kpi-note", "id": ALL}, "value"), State({"type": "kpi-by", "id": ALL}, "value"),
        prevent_initial_call=True,
    )  # fmt: skip
    async def close(clicks: list[int], ids: list[dict[str, Any]], notes: list[str], by: list[str]) -> Any:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            return no_update, no_update
        index = [one["id"] for one in ids].index(ctx.triggered_id["id"])
        entry = {"do": "close", "id": ids[index]["id"], "note": notes[index] or "", "entered_by": by[index] or ""}
        told, good = await _handed(kpi, entry)
        return (no_update, await asyncio.to_thread(kpi.follow)) if good else (told, no_update)


async def _added(kpi: Any, search: str, texts: tuple[str, ...]) -> Any:
    from dashboard.kpi_page import asked

    entry = dict(zip(_FIELDS, (str(text or "") for text in texts), strict=True))
    entry |= {"do": "add", "goal": asked(search).why, "due": kpi_follow.day(entry["due"])}
    # An agency is kept by its code, an office that is none by its name.
    entry["owner"] = next(
        (one.code for one in kpi.words.region.agencies if one.name == entry["owner"].strip()), entry["owner"]
    )
    told, good = await _handed(kpi, entry)
    return (told, "", await asyncio.to_thread(kpi.follow)) if good else (told, no_update, no_update)


async def _handed(kpi: Any, entry: dict[str, Any]) -> tuple[str, bool]:
    if kpi.door is None or not may_enter():
        return kpi.words.t("Isian hanya dapat dibuka dari mesin ini."), False
    status, answer = await kpi.door.promise(entry)
    return kpi_follow.said(status, answer, kpi.words), status == 200
