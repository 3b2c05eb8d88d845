"""Paired screens: a new one shows a code and nothing of the city; a revoked one sees nothing more, on any route."""

import asyncio
import contextlib
import re
import threading
from datetime import timedelta

import httpx
import pytest
import sqlalchemy as sa

from city import database as city_database
from city import paired
from city.queries import Queries
from dashboard import pairing as web
from dashboard.app import create_app
from dashboard.door import Door
from dashboard.guard import asked, may_act
from dashboard.live import Hub
from dashboard.pairing import TOKEN, Pairing
from dashboard.registrar import Registrar
from dashboard.replaying import Replay
from dashboard.screens import Screens
from dashboard.source_page import Sources
from tests import builders
from tests.builders import NOW, table
from tests.dashboard import screens
from tests.dashboard.screens import eventually

#: What may be had without being let in; everything else the application has must be refused.
OPEN = {"/healthz", "/screens/pair", "/ingest/{source}", "/_favicon.ico"}


class Register:
    """The register of a database, with a clock in our hands."""

    def __init__(self, database, engine):
        self.at, self.engine = NOW, engine
        self.web_engine = city_database.engine(database.web_url, poolclass=sa.NullPool)
        self.pairing = Pairing(self.web_engine, "15.71", self.clock)
        self.registrar = Registrar(engine, "15.71", self.clock)
        self.pairing.read()

    def clock(self):
        return self.at

    def add(self, token, state, region="15.71", name="wall-1"):
        """A row in the register, whatever way it came there."""
        row = {"r": region, "h": paired.digest(token), "s": state, "n": name, "at": self.at}
        with self.engine.begin() as connection:
            connection.execute(
                sa.text(
                    "insert into screens (region, token_hash, state, name, code, asked_at)"
                    " values (:r, :h, :s, :n, case when :s = 'waiting' then 'K7M3PX' end, :at)"
                ),
                row,
            )
        self.pairing.read()


@pytest.fixture
def register(database, engine):
    return Register(database, engine)


def test_a_new_screen_gets_into_the_register_through_a_process_that_may_write(register, database):
    stop = threading.Event()
    thread = threading.Thread(target=register.registrar.run, args=(stop,))
    thread.start()
    token = register.pairing.ask("10.0.0.9")
    assert register.pairing.standing(token) == web.ASKING
    assert register.pairing.code(token) == "", "a code that nobody could approve yet is not shown"

    def waits():
        register.at += web.AGAIN
        register.pairing.tell(token)
        register.pairing.read()
        return register.pairing.standing(token) == paired.WAITING

    eventually(waits, "the screen waits", 10)
    assert re.fullmatch(r"[A-Z0-9]{3}-[A-Z0-9]{3}", register.pairing.code(token))
    with register.engine.begin() as connection:
        paired.approve(connection, "15.71", register.pairing.code(token), "wall-1", register.at)
    register.pairing.read()
    assert register.pairing.standing(token) == paired.APPROVED
    assert [name for name, _ in register.pairing.approved().values()] == ["wall-1"]
    stop.set()
    thread.join(5)


def test_a_change_of_the_register_is_followed_at_once(register):
    stop = threading.Event()
    register.pairing.start(stop)
    register.add("t", "approved")
    with register.engine.begin() as connection:
        paired.revoke(connection, "15.71", "wall-1", NOW)
    eventually(lambda: register.pairing.standing("t") == paired.REVOKED, "it is revoked", 5)
    stop.set()


def test_until_the_register_has_been_read_nobody_is_let_in_and_nobody_gets_a_new_secret(database):
    engine = city_database.engine(database.web_url.replace("/test_", "/gone_"), poolclass=sa.NullPool)
    away = Pairing(engine, "15.71", builders.clock())
    away.start(stop := threading.Event())
    assert away.standing("t") == away.standing("") == web.AWAY
    assert away.known("t") is None
    stop.set()


def test_codes_run_out_and_secrets_of_other_regions_are_unknown(register):
    register.add("w", "waiting")
    register.add("x", "approved", region="94.71")
    assert register.pairing.standing("w") == paired.WAITING
    assert register.pairing.standing("x") == register.pairing.standing("") == web.UNKNOWN
    register.at += paired.CODE_LIFE
    assert register.pairing.standing("w") == web.UNKNOWN


def test_new_codes_are_rationed_by_address_and_in_all(register):
    assert register.pairing.ask("10.0.0.1")
    assert not register.pairing.ask("10.0.0.1"), "not twice at once"
    assert register.pairing.ask("10.0.0.2")
    for _ in range(30):
        register.at += web.PAUSE
        register.pairing.ask("10.0.0.1")
    assert len([one for one in register.pairing._asked.values() if one.address == "10.0.0.1"]) == web.MOST_OF_ONE
    for number in range(30):
        register.pairing.ask(f"10.0.1.{number}")
    assert len(register.pairing._asked) == paired.MOST_WAITING
    register.at += web.GIVE_UP
    assert register.pairing.ask("10.0.0.1"), "what nobody took in is given up"


@pytest.mark.parametrize(
    "note",
    [
        {"region": "94.71", "hash": "00" * 32, "code": "K7M3PX"}, {"region": "15.71"},
        {"region": "15.71", "hash": "zz", "code": "K7M3PX"}, {"region": "15.71", "hash": "00" * 31, "code": "K7M3PX"},
        {"region": "15.71", "hash": "00" * 32, "code": "'; drop"}, {"region": "15.71", "hash": None, "code": "K7M3PX"},
    ],
)  # fmt: skip
def test_what_is_no_notice_of_ours_changes_nothing(register, note):
    register.registrar.hear(paired.ASKED, note)
    assert table(register.engine, "select * from screens") == []


def test_when_a_screen_was_last_seen_comes_into_the_register(register):
    register.add("t", "approved")
    with city_database.listen(
        register.engine.url.render_as_string(hide_password=False), (paired.SEEN,)
    ) as heard:  # fmt: skip
        register.pairing.saw(register.pairing.known("t"))
        register.at += web.SEEN
        register.pairing._tell_seen()
        ((channel, note),) = heard.wait(5)
    register.registrar.hear(channel, note)
    assert table(register.engine, "select last_seen_at from screens") == [(register.at,)]


@pytest.fixture
def site(register, tmp_path):
    """The whole application with pairing, every route of it, and a wall with something on it."""
    sources = {"desk": {"collector": "csv_file", "kind": "complaint"}, "pipes": {"collector": "push"}}
    config = builders.config(sources=sources)
    page = screens.wall(tmp_path, config)
    hub = Hub(register.web_engine, "15.71", [page.name], register.clock, "1")
    sources = Sources(register.web_engine, Queries(register.web_engine, config, register.clock))
    here = Screens(config, hub, register.clock, None, register.pairing)
    made = create_app(
        config,
        [page],
        hub,
        sources,
        here,
        door=Door("x", 1, tmp_path / "port"),
        replay=Replay(register.web_engine, config, [page], register.clock),
    )
    made.hub = hub
    return made


def ask(site, method, path, token=None, client="10.0.0.9", **more):
    async def asked_once():
        transport = httpx.ASGITransport(app=site, client=(client, 1))
        cookies = {TOKEN: token} if token else None
        async with httpx.AsyncClient(transport=transport, base_url="http://wall", cookies=cookies) as client_:
            return await client_.request(method, path, **more)

    return asyncio.run(asked_once())


def routes(site):
    """Every (method, path) that the application answers, and what the guard knows besides."""
    found = {
        (method, route.path) for route in site._app._app.routes for method in getattr(route, "methods", None) or ["GET"]
    }
    return found | {("GET", path) for path in site._paths} | {("POST", "/_dash-update-component")}


TOKENS = {"none": None, "wrong": "guess", "waiting": "w", "revoked": "r", "another region's": "x"}


@pytest.mark.parametrize("who", TOKENS)
def test_no_route_is_answered_to_a_screen_that_may_not_look(site, register, who):
    register.add("w", "waiting", name=None)
    register.add("r", "revoked")
    register.add("x", "approved", region="94.71")
    known = routes(site)
    assert {("GET", "/stream"), ("GET", "/wall/uji"), ("GET", "/sources"), ("GET", "/screens"), ("GET", "/"),
            ("GET", "/replay/uji"), ("POST", "/screens/report"),
            ("POST", "/_dash-update-component")} <= known  # fmt: skip
    for method, path in sorted(known):
        if path in OPEN or path.startswith("/assets/") or "{full_path" in path:
            continue
        address = re.sub(r"\{(\w+)(:path)?\}", "dash", path)
        answer = ask(site, method, f"{address}?page=uji", TOKENS[who])
        assert answer.status_code in (403, 404, 405), (method, path)
        assert "Pengaduan" not in answer.text and "metric" not in answer.text, (method, path)
        if address in ("/wall/uji", "/stream", "/sources", "/screens", "/_dash-layout", "/replay/uji"):
            assert (answer.status_code, answer.headers["x-kendali-screen"]) == (403, "refused")


def test_an_approved_screen_is_answered(site, register):
    register.add("a", "approved")
    assert ask(site, "GET", "/", "a").status_code == 307
    report = ask(site, "POST", "/screens/report", "a", content=b"{}")
    assert (report.status_code, report.text) == (400, "not a report of a screen of ours")
    assert "x-kendali-screen" not in ask(site, "GET", "/sources", "a").headers


def test_what_it_takes_to_show_a_code_is_for_all(site):
    for path in ("/assets/pair.js", "/assets/60-pair.css", "/assets/00-tokens.css"):
        assert ask(site, "GET", path).status_code == 200
    assert ask(site, "GET", "/healthz").json()["screens_expected"] == 0
    assert ask(site, "POST", "/ingest/pipes").status_code == 503, "passed on: who sends signs for it"


def test_the_page_of_a_new_screen_is_no_login_and_its_secret_is_out_of_reach(site, register):
    page = ask(site, "GET", "/wall/uji")
    assert "Layar baru" in page.text
    assert not re.search(r"<(form|input)|password|www-authenticate", page.text + str(page.headers), re.I)
    assert "set-cookie" not in page.headers, "looking alone makes nobody wait"
    answer = ask(site, "POST", "/screens/pair")
    cookie = answer.headers["set-cookie"]
    assert answer.json() == {"state": "asking", "title": "Layar baru", "code": "", "text": "menyiapkan kode"}
    assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
    assert "Secure" not in cookie
    assert ask(site, "POST", "/screens/pair", headers={"Origin": "http://evil.example"}).status_code == 403
    assert ask(site, "GET", "/screens/pair").status_code == 405


def test_a_revoked_screen_is_told_so_and_gets_no_new_code(site, register):
    register.add("r", "revoked")
    assert "Layar tidak diizinkan" in ask(site, "GET", "/wall/uji", "r").text
    answer = ask(site, "POST", "/screens/pair", "r")
    assert (answer.json()["title"], answer.json()["code"]) == ("Layar tidak diizinkan", "")
    assert "set-cookie" not in answer.headers


def test_a_code_is_told_to_the_holder_of_its_secret_only(site, register):
    register.add("w", "waiting", name=None)
    assert ask(site, "POST", "/screens/pair", "w").json()["code"] == "K7M-3PX"
    for token in (None, "guess"):
        assert ask(site, "POST", "/screens/pair", token).json()["code"] == ""


def test_a_stream_ends_before_the_next_word_when_its_screen_is_revoked(site, register):
    register.add("a", "approved")
    heard = []

    async def watched():
        asking, ended = asyncio.Event(), asyncio.Event()
        scope = {"type": "http", "method": "GET", "path": "/stream", "raw_path": b"/stream",
                 "query_string": b"page=uji", "client": ("10.0.0.9", 1),
                 "scheme": "http", "http_version": "1.1", "server": ("wall", 80), "root_path": "",
                 "asgi": {"version": "3.0", "spec_version": "2.3"}}  # fmt: skip

        scope["headers"] = [(b"host", b"wall"), (b"cookie", f"{TOKEN}=a".encode())]

        async def receive():
            await ended.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            heard.append(message)
            if len(heard) == 2:
                asking.set()
            if message["type"] == "http.response.body" and not message.get("more_body"):
                ended.set()  # as uvicorn does

        running = asyncio.create_task(site(scope, receive, send))
        await asyncio.wait_for(asking.wait(), 5)
        with register.engine.begin() as connection:
            paired.revoke(connection, "15.71", "wall-1", NOW)
        register.pairing.read()
        for box in site.hub._boxes:
            box.beat()
        await asyncio.wait_for(running, 5)
        return site.hub.viewers()

    assert asyncio.run(watched()) == 0, "nothing is kept for it"
    first, last = heard[1]["body"], heard[-1]
    assert b"event: beat" in first
    assert (last["body"], last.get("more_body", False)) == (b"", False)
    assert len(heard) == 3


def test_a_paired_screen_may_look_and_not_act_unless_it_is_this_machine():
    for scope, may in (
        (None, True), ({"client": ("10.0.0.9", 1)}, True), ({"client": ("10.0.0.9", 1), "kendali.paired": True}, False),
        ({"client": ("127.0.0.1", 1), "kendali.paired": True}, True),
    ):  # fmt: skip
        with contextlib.ExitStack() as stack:
            stack.callback(asked.reset, asked.set(scope))
            assert may_act() is may, scope


def test_over_https_the_secret_never_travels_in_the_clear(site):
    async def over_https():
        transport = httpx.ASGITransport(app=site, client=("10.0.0.9", 1))
        async with httpx.AsyncClient(transport=transport, base_url="https://wall") as client:
            return await client.post("/screens/pair")

    assert "Secure" in asyncio.run(over_https()).headers["set-cookie"]


def test_a_code_that_waited_too_long_is_followed_by_a_new_one(site, register):
    register.add("w", "waiting", name=None)
    register.at += paired.CODE_LIFE + timedelta(seconds=1)
    answer = ask(site, "POST", "/screens/pair", "w")
    assert answer.json()["state"] == "asking"
    assert TOKEN in answer.headers["set-cookie"]
