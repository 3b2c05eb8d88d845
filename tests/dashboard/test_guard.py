"""What stands before every answer: only our paths, only our names, only compressed and known files."""

import asyncio
import gzip
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import brotli
import httpx
import pytest

from city.config import Config
from dashboard import serving
from dashboard.guard import Guard, asked, from_this_machine, headers
from dashboard.static import Static, assets
from tests.dashboard import screens
from tests.dashboard.screens import Server, now


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, server: object) -> Iterator[Server]:
    """One served wall for all questions of this file; nobody writes to its database."""
    from tests import builders

    folder = tmp_path_factory.mktemp("site")
    config = builders.config()
    screens.wall(folder, config)
    with screens.serving(config, folder / "uji.yaml", server.web_url) as served:  # type: ignore[attr-defined]
        yield served


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/wall/nothing",
        "/wall/uji/more",
        "/docs",
        "/redoc",
        "/openapi.json",
        "/api",
        "/_dash-nothing",
        "/_dash-ws-callback",
        "/assets/nothing.js",
        "/assets/../run.py",
        "/assets/..%2frun.py",
        "/assets/%2e%2e/run.py",
        "/assets//etc/passwd",
        "/_dash-component-suites/dash/../../run.py",
        "/_dash-component-suites/os/path.py",
    ],
)
def test_an_unknown_path_is_not_found(site: Server, path: str) -> None:
    with socket.create_connection(("127.0.0.1", site.port)) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    assert answer.split(b"\r\n")[0].startswith(b"HTTP/1.1 404"), answer[:200]


def test_a_page_of_another_domain_that_points_at_this_machine_is_refused(site: Server) -> None:
    answer = httpx.get(site.url + "/wall/uji", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.text) == (421, "Nama ini bukan milik Kendali.")
    assert httpx.get(site.url + "/wall/uji", headers={"Host": f"localhost:{site.port}"}).status_code == 200


def test_every_answer_carries_the_security_headers(site: Server) -> None:
    for path in ("/wall/uji", "/assets/age.js", "/nothing", "/healthz"):
        head = httpx.get(site.url + path).headers
        policy = dict(part.split(" ", 1) for part in head["content-security-policy"].split("; "))
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["default-src"] == "'none'", path
        assert policy["form-action"] == policy["connect-src"] == "'self'"
        assert "unsafe" not in policy["script-src"]
        assert head["x-content-type-options"] == "nosniff"
        assert head["x-frame-options"] == "DENY"
        assert head["referrer-policy"] == "no-referrer"
        assert "server" not in head


def test_only_callbacks_may_be_posted_to(site: Server) -> None:
    assert httpx.post(site.url + "/wall/uji").status_code == 405
    assert httpx.put(site.url + "/healthz").status_code == 405
    assert httpx.get(site.url + "/_dash-update-component").status_code == 405


def test_the_front_page_leads_to_the_first_wall(site: Server) -> None:
    answer = httpx.get(site.url + "/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/wall/uji")


@pytest.mark.parametrize(("coding", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_every_listed_script_is_answered_compressed_and_for_ever(site: Server, coding: str, unpack: object) -> None:
    page = httpx.get(site.url + "/wall/uji").text
    listed = [part.split('"')[0] for part in page.split('<script src="')[1:]]
    assert len(listed) > 5
    assert "worker.js" not in page, "the worker is no script of the page"
    for address in listed:
        with httpx.stream("GET", site.url + address, headers={"Accept-Encoding": coding}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding, address
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable", address
        plain = httpx.get(site.url + address, headers={"Accept-Encoding": "identity"}).content
        assert unpack(raw) == plain, address  # type: ignore[operator]


def test_a_known_file_is_not_sent_again(site: Server) -> None:
    first = httpx.get(site.url + "/assets/worker.js")
    assert first.headers["cache-control"] == "no-cache", "without a fingerprint it is asked for again"
    again = httpx.get(site.url + "/assets/worker.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = httpx.get(site.url + "/assets/worker.js", headers={"Accept-Encoding": "identity"})
    assert other.headers["etag"] != first.headers["etag"], "each coding has its own tag"


def test_a_coding_of_quality_zero_is_not_used(site: Server) -> None:
    answer = httpx.get(site.url + "/assets/age.js", headers={"Accept-Encoding": "br;q=0, gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_no_request_can_add_to_the_files_in_memory() -> None:
    async def nothing(scope: object, receive: object, send: object) -> None:
        return None

    static = Static(nothing, {"/assets/a.js": b"1"})
    scope = {"type": "http", "path": "/_dash-component-suites/dash/x.v9m9.js", "method": "GET", "headers": []}
    asyncio.run(static(scope, None, None))
    assert list(static.files) == ["/assets/a.js"]


def test_the_assets_hold_everything_below_their_folder(tmp_path: Path) -> None:
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "one.woff2").write_bytes(b"font")
    (tmp_path / ".hidden").write_bytes(b"no")
    assert assets(tmp_path) == {"/assets/fonts/one.woff2": b"font"}


def test_a_websocket_is_closed_and_a_bracketed_address_is_ours() -> None:
    said: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        said.append(message)

    guard = Guard(None, headers([]), [], frozenset({"[::1]"}))
    asyncio.run(guard({"type": "websocket"}, None, send))
    assert said == [{"type": "websocket.close", "code": 1008}]
    scope = {"path": "/", "method": "GET", "headers": [(b"host", b"[::1]:8050")]}
    assert guard._refusal(scope) == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "city.example", "::"])
def test_an_address_others_can_reach_is_refused(host: str) -> None:
    with pytest.raises(serving.Unsafe, match="can be reached by others .* behind a proxy, or add --insecure"):
        serving.serve(Config.model_construct(), [], "", clock=now, host=host)


def test_a_port_in_use_is_said_clearly() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            serving.AddressInUse, match=f"cannot serve on 127.0.0.1:{port}: Address already in use. Try "
        ):
            serving.serve(Config.model_construct(), [], "", clock=now, port=port)


def test_the_server_stops_at_once_even_with_streams_open(server: object, config: Config, tmp_path: Path) -> None:
    screens.wall(tmp_path, config)
    with (
        screens.serving(config, tmp_path / "uji.yaml", server.web_url) as served,  # type: ignore[attr-defined]
        httpx.stream("GET", served.url + "/stream?page=uji", timeout=10) as answer,
    ):
        next(answer.iter_raw())
        assert served.stop(signal.SIGTERM) < 8


async def _plain(scope: dict[str, object], receive: object, send: object) -> None:
    """An application that answers everything."""
    await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
    await send({"type": "http.response.body", "body": b"here" if from_this_machine() else b"far"})  # type: ignore[operator]


def _asked(guard: Guard, method: str, path: str, head: dict[str, str], client: str = "127.0.0.1") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(guard, client=(client, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://wall.example:8050") as browser:
            return await browser.request(method, path, headers=head)

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        # A proxy with TLS before it has put its own name into Host.
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://dinding.example"}, 200),
        ({"Origin": "http://wall.example"}, 200),
        ({"Origin": "http://wall.example:8050"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://wall.example.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://[evil"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://wall.example:8050"}, 403),
    ],
)
def test_only_our_own_pages_may_call_back(head: dict[str, str], status: int) -> None:
    guard = Guard(_plain, [], [], None)
    assert _asked(guard, "POST", "/_dash-update-component", head).status_code == status


def test_deliveries_pass_only_where_there_is_a_sender() -> None:
    for ingest, status in ((True, 200), (False, 404)):
        guard = Guard(_plain, [], [], None, ingest=ingest)
        assert _asked(guard, "POST", "/ingest/desk", {"Sec-Fetch-Site": "cross-site"}).status_code == status
    assert _asked(guard, "GET", "/ingest/desk", {}).status_code == 404


@pytest.mark.parametrize(
    ("client", "said"),
    [("127.0.0.1", "here"), ("::1", "here"), ("127.9.9.9", "here"), ("10.0.0.7", "far"), ("", "far")],
)
def test_who_asks_from_another_machine_is_known_as_such(client: str, said: str) -> None:
    assert _asked(Guard(_plain, [], ["/x"], None), "GET", "/x", {}, client).text == said
    assert asked.get() is None
