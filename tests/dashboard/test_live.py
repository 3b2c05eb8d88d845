"""The push stream: the same work for one screen and for fifty, and nobody waits for the slowest."""

import ast
import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from city import database as city_database
from city.config import Config
from dashboard.live import Hub, Mailbox
from tests.dashboard import screens
from tests.dashboard.screens import Screen, events, eventually, now

DASHBOARD = Path(__file__).resolve().parents[2] / "dashboard"


@asynccontextmanager
async def hub_of(screen: Screen, url: str, **how: Any) -> AsyncIterator[tuple[Hub, list[str]]]:
    """A started hub on an engine of its own, and the statements it sends."""
    engine, said = city_database.engine(url), list[str]()
    sa.event.listen(engine, "before_cursor_execute", lambda c, cursor, sql, *rest: said.append(sql))
    hub = Hub(engine, screen.config.region.code, [screen.page.name], now, "1", **how)
    await hub.start()
    try:
        await until(lambda: hub.connected)
        yield hub, said
    finally:
        await hub.stop()
        engine.dispose()


async def until(found: Any, within_s: float = 20) -> None:
    async with asyncio.timeout(within_s):
        while not found():  # noqa: ASYNC110 - what is waited for has no event of its own
            await asyncio.sleep(0.01)


def publish(screen: Screen) -> None:
    """Everything anew, without a thread."""
    with screen.engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)


async def viewer(hub: Hub, heard: list[bytes], pause_s: float = 0) -> None:
    async for part in hub.stream(["uji"]):
        heard.append(part)
        await asyncio.sleep(pause_s)


def states_in(parts: list[bytes]) -> list[dict[str, Any]]:
    lines = b"".join(parts).split(b"\n")
    pairs = zip(lines, lines[1:], strict=False)
    return [json.loads(data[6:]) for event, data in pairs if event == b"event: panel"]


@pytest.mark.parametrize("viewers", [1, 50])
def test_a_change_costs_the_same_statements_for_one_screen_and_for_fifty(
    screen: Screen, database: city_database.Database, viewers: int
) -> None:
    async def play() -> list[str]:
        async with hub_of(screen, database.web_url) as (hub, said):
            heard: list[list[bytes]] = [[] for _ in range(viewers)]
            tasks = [asyncio.create_task(viewer(hub, mine)) for mine in heard]
            await until(lambda: hub.viewers() == viewers)
            said.clear()
            await asyncio.to_thread(screen.file, "A-2")
            await asyncio.to_thread(publish, screen)
            await until(lambda: all(len(states_in(mine)) == 4 for mine in heard))
            for task in tasks:
                task.cancel()
            return said

    screen.file("A-1")
    publish(screen)
    said = asyncio.run(play())
    assert 1 <= len(said) <= 2, "one statement for each of the two panels, or for both at once, whoever watches"


def test_a_new_screen_is_full_at_once(screen: Screen, database: city_database.Database) -> None:
    async def play() -> list[dict[str, Any]]:
        async with hub_of(screen, database.web_url) as (hub, _):
            await until(lambda: len(hub.last["uji"]) == 2)
            stream = hub.stream(["uji"])
            first = await anext(stream)
            assert first.startswith(b"retry: 1500\n\n")
            assert b"event: beat" in first
            assert f"id: {hub.boot}-".encode() in first
            return states_in([first])

    screen.file("A-1")
    publish(screen)
    found = asyncio.run(play())
    assert {state["panel"] for state in found} == {"open", "late"}
    assert all(state["body"] for state in found)


def test_a_screen_that_opens_between_a_change_and_its_sending_gets_it_once(
    screen: Screen, database: city_database.Database
) -> None:
    async def play() -> tuple[list[dict[str, Any]], dict[Any, bool]]:
        async with hub_of(screen, database.web_url) as (hub, _):
            await until(lambda: len(hub.last["uji"]) == 2)
            newer = hub.last["uji"]["open"] | {"seq": 1_000_000, "hash": "00" * 16}
            hub._fan_out([(newer, hub._encode(newer))], False)
            stream = hub.stream(["uji"])
            first = await anext(stream)
            await asyncio.sleep(0.15)
            (box,) = hub._boxes
            return states_in([first]), dict(box.due)

    screen.file("A-1")
    publish(screen)
    shown, due = asyncio.run(play())
    assert 1_000_000 in [state["seq"] for state in shown]
    assert due == {}, "nothing is owed to a screen that has it all"


def test_a_body_that_did_not_change_is_not_sent_again(screen: Screen, database: city_database.Database) -> None:
    async def play() -> list[dict[str, Any]]:
        async with hub_of(screen, database.web_url) as (hub, _):
            heard: list[bytes] = []
            task = asyncio.create_task(viewer(hub, heard))
            await until(lambda: len(states_in(heard)) >= 2)
            await asyncio.to_thread(screen.save)
            await asyncio.to_thread(publish, screen)
            await until(lambda: len(states_in(heard)) >= 4)
            task.cancel()
            return states_in(heard)

    screen.file("A-1")
    publish(screen)
    found = asyncio.run(play())
    assert ["body" in state for state in found] == [True, True, False, False]


def test_a_slow_viewer_skips_ahead_and_owes_no_memory(screen: Screen, database: city_database.Database) -> None:
    async def play() -> tuple[int, int, list[dict[str, Any]]]:
        async with hub_of(screen, database.web_url) as (hub, _):
            quick: list[bytes] = []
            slow: list[bytes] = []
            stream = hub.stream(["uji"])
            slow.append(await anext(stream))  # and reads no further for now
            task = asyncio.create_task(viewer(hub, quick))
            for number in range(12):
                await asyncio.to_thread(screen.file, f"B-{number}")
                await asyncio.to_thread(publish, screen)
            newest = max(state["seq"] for state in screen.shown().values())
            await until(lambda: newest in [state["seq"] for state in states_in(quick)])
            waiting = max(len(box.due) for box in hub._boxes)
            slow.append(await anext(stream))
            task.cancel()
            return waiting, newest, states_in(slow[1:])

    screen.file("A-1")
    publish(screen)
    waiting, newest, seen = asyncio.run(play())
    assert waiting <= 2, "a mailbox holds at most one note for each panel"
    assert len(seen) == 2
    assert max(state["seq"] for state in seen) == newest
    assert {state["panel"]: "body" in state for state in seen} == {"open": True, "late": False}


def test_a_skipped_body_is_not_lost_when_only_the_age_moves_after_it() -> None:
    async def play() -> tuple[dict[tuple[str, str], bool], bool]:
        box = Mailbox(["uji"])
        box.put(("uji", "open"), body=True)
        box.put(("uji", "open"), body=False)
        box.beat()
        return await box.take()

    assert asyncio.run(play()) == ({("uji", "open"): True}, True)


def test_beats_go_on_while_the_database_is_away_and_states_follow_when_it_is_back(
    screen: Screen, database: city_database.Database
) -> None:
    name = sa.make_url(database.url).database

    def close(allowed: bool) -> None:
        with screens.admin(database.url).connect() as connection:
            connection.execute(sa.text(f'alter database "{name}" allow_connections {str(allowed).lower()}'))
            cut = "select pg_terminate_backend(pid) from pg_stat_activity where datname = :name"
            if not allowed:
                connection.execute(sa.text(cut), {"name": name})

    async def play() -> None:
        async with hub_of(screen, database.web_url, beat_s=0.1) as (hub, _):
            heard: list[bytes] = []
            task = asyncio.create_task(viewer(hub, heard))
            await until(lambda: len(states_in(heard)) == 2)
            await asyncio.to_thread(close, False)
            await until(lambda: not hub.connected)
            before = len(heard)
            await until(lambda: b'"database":false' in b"".join(heard[before:]))
            assert len(hub.last["uji"]) == 2, "the last states stay"
            await asyncio.to_thread(close, True)
            await until(lambda: hub.connected)
            await asyncio.to_thread(screen.file, "A-2")
            await asyncio.to_thread(publish, screen)
            await until(lambda: len(states_in(heard)) >= 4)
            task.cancel()

    screen.file("A-1")
    publish(screen)
    asyncio.run(play())


def test_a_gone_viewer_is_forgotten(screen: Screen, database: city_database.Database) -> None:
    async def play() -> None:
        async with hub_of(screen, database.web_url) as (hub, _):
            task = asyncio.create_task(viewer(hub, []))
            await until(lambda: hub.viewers() == 1)
            task.cancel()
            await until(lambda: hub.viewers() == 0)

    asyncio.run(play())


def test_a_viewer_that_never_reads_does_not_hold_the_others_up(
    screen: Screen, database: city_database.Database, tmp_path: Path
) -> None:
    screen.file("A-1")
    publish(screen)
    with screens.serving(screen.config, tmp_path / "uji.yaml", database.web_url) as served, screen.publishing():
        with socket.create_connection(("127.0.0.1", served.port)) as deaf:
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            deaf.sendall(b"GET /stream?page=uji HTTP/1.1\r\nHost: localhost\r\n\r\n")
            eventually(lambda: httpx.get(served.url + "/healthz").json()["viewers"] == 1, "the deaf viewer")
            screen.file("A-2")
            newest = eventually(lambda: screens.number(screen.shown()["open"]["body"]) == "2" and screen.shown(), "two")
            heard = asyncio.run(events(served.url, "uji", lambda all_: len(all_) >= 3))
        assert newest["open"]["hash"] in [data.get("hash") for _, data in heard]


def test_a_page_nobody_configured_has_no_stream(server: city_database.Database, config: Config, tmp_path: Path) -> None:
    screens.wall(tmp_path, config)
    with screens.serving(config, tmp_path / "uji.yaml", server.web_url) as served:
        assert httpx.get(served.url + "/stream?page=nothing").status_code == 404
        assert httpx.get(served.url + "/stream").status_code == 422
        served.stop(signal.SIGTERM)


@pytest.mark.parametrize("module", sorted(DASHBOARD.rglob("*.py")), ids=lambda path: path.name)
def test_no_callback_holds_the_event_loop_up(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            marks = [ast.unparse(mark) for mark in node.decorator_list]
            plain = [mark for mark in marks if "callback" in mark or mark.startswith("server.")]
            assert not plain, f"{module.name}:{node.lineno}: '{node.name}' must be `async def`"


def test_a_server_that_is_told_to_stop_ends_its_streams_and_does_not_wait(
    screen: Screen, database: city_database.Database, tmp_path: Path
) -> None:
    with (
        screens.serving(screen.config, tmp_path / "uji.yaml", database.web_url) as served,
        socket.create_connection(("127.0.0.1", served.port)) as watching,
    ):
        watching.sendall(b"GET /stream?page=uji HTTP/1.1\r\nHost: localhost\r\n\r\n")
        eventually(lambda: httpx.get(served.url + "/healthz").json()["viewers"] == 1, "the viewer")
        assert served.stop() < 2.5
