"""A replay over HTTP: exactly what was streamed, what is kept is told, and what was corrected since is marked."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from city import database as city_database
from dashboard import states
from dashboard.replay import moment
from dashboard.replaying import Replay
from dashboard.revised import Revisions
from tests import builders
from tests.dashboard import screens
from tests.dashboard.recording import Recorder, as_streamed, published
from tests.dashboard.screens import Screen, Server

WIB = ZoneInfo("Asia/Jakarta")
TICK = timedelta(microseconds=1)
REPLAY = "/replay/uji"


@pytest.fixture
def served(screen: Screen, database: city_database.Database, tmp_path: Path) -> Iterator[Server]:
    """The small wall, served."""
    with screens.serving(screen.config, tmp_path / "uji.yaml", database.web_url) as server:
        yield server


class Answers:
    """The answers alone, without a server around them."""

    def __init__(self, server: FastAPI) -> None:
        self._server = server

    def get(self, path: str, params: Any = None, headers: Any = None) -> httpx.Response:
        """One request."""
        return asyncio.run(self._get(path, params, headers))

    async def _get(self, path: str, params: Any, headers: Any) -> httpx.Response:
        transport = httpx.ASGITransport(app=self._server)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path, params=params, headers=headers)


@pytest.fixture
def answers(screen: Screen, database: city_database.Database) -> Iterator[Answers]:
    """What is read with the web's own role."""
    engine, server = city_database.engine(database.web_url), FastAPI()
    Replay(engine, screen.config, [screen.page], screen.clock).routes(server)
    yield Answers(server)
    engine.dispose()


def get(answers: Answers | Server, part: str, **query: Any) -> Any:
    if isinstance(answers, Server):
        return httpx.get(f"{answers.url}{REPLAY}/{part}", params=query, timeout=20)
    return answers.get(f"{REPLAY}/{part}", params=query)


def test_every_moment_of_a_recorded_stream_is_replayed_exactly(screen: Screen, served: Server) -> None:
    recorder = Recorder(served.url, until=9)
    with screen.engine.connect() as connection:
        for number in range(5):
            screen.file(f"A-{number}", due_at=screen.clock() + timedelta(seconds=number))
            time.sleep(0.2)
            screen.publisher.publish(connection, screen.publisher.items)
    heard = recorder.stop()
    assert len(heard) >= 9, "every change was heard"
    moments = sorted({published(state) + shift for state in heard for shift in (-TICK, timedelta(), TICK)})
    for at in moments[1:]:
        expected = as_streamed(heard, at)
        answer = get(served, "states", at=at.isoformat()).json()
        assert {state["panel"]: state for state in answer["states"] if state["page"] == "uji"} == expected
        stamps = get(served, "states", at=at.isoformat(), bodies="no").json()["states"]
        hashes = list({state["hash"] for state in stamps})
        bodies = get(served, "bodies", hash=hashes).json()
        assert [one | {"body": bodies[one["hash"]]} for one in stamps] == answer["states"]
    # And from one published moment to the next, as the scrubber does.
    steps, at = [], moments[1]
    while at:
        steps.append(at)
        following = get(served, "states", at=at.isoformat(), bodies="no").json()["next"]
        at = following and datetime.fromisoformat(following)
    stored = builders.table(screen.engine, "select distinct published_at from panel_states order by 1")
    assert steps == [at for (at,) in stored]
    assert httpx.get(f"{served.url}/replay/nothing/states").status_code == 404
    assert httpx.post(f"{served.url}{REPLAY}/states").status_code == 405


def test_what_cannot_be_replayed_is_told_with_what_is_kept(screen: Screen, answers: Answers) -> None:
    nothing = get(answers, "states")
    assert (nothing.status_code, nothing.json()) == (404, {"error": "Belum ada yang diterbitkan di halaman ini."})
    screen.file("A-1")
    with screen.engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)
    for at, status, told in (
        ("kemarin", 400, "Saat itu tidak terbaca; tulis seperti 2026-11-24T14:05:00. Yang disimpan: "),
        ("2001-01-01T00:00", 404, "Saat itu tidak disimpan lagi. Yang disimpan: "),
        ("2999-01-01T00:00:00+07:00", 404, "Saat itu belum terjadi. Yang disimpan: "),
    ):
        answer = get(answers, "states", at=at)
        assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")
        assert answer.json()["error"].startswith(told)
    assert get(answers, "moments", day="24-11-2026").status_code == 400
    assert get(answers, "bodies", hash="x' or true").status_code == 400
    local = screen.clock().astimezone(WIB).replace(tzinfo=None).isoformat()
    # An address in which the plus of +07:00 was not written as %2B.
    for address in (local, local + "+07:00"):
        assert answers.get(f"{REPLAY}/states?at={address}").json()["at"] == local + "+07:00"


def test_the_settled_past_may_be_cached_and_is_known_again_by_its_tag(screen: Screen, answers: Answers) -> None:
    with screen.engine.connect() as connection:
        for key in ("A-1", "A-2", "A-3"):
            screen.file(key)
            screen.publisher.publish(connection, screen.publisher.items)
        connection.execute(sa.text("update panel_states set published_at = published_at - interval '1 hour'"))
        connection.commit()
    moments = [datetime.fromisoformat(str(row[0])) for row in builders.table(
        screen.engine, "select distinct published_at from panel_states order by 1")]  # fmt: skip
    past, last = (get(answers, "states", at=at.isoformat()) for at in (moments[0], moments[-1]))
    assert past.headers["cache-control"] == "private, max-age=86400, immutable"
    assert last.headers["cache-control"] == "private, no-cache", "more may follow it"
    again = answers.get(str(past.url), headers={"If-None-Match": past.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert answers.get(str(last.url), headers={"If-None-Match": past.headers["etag"]}).status_code == 200
    assert get(answers, "revised", at=moments[0].isoformat()).headers["cache-control"] == "private, no-cache"


def test_the_day_tells_its_minutes_and_in_which_something_changed(screen: Screen, answers: Answers) -> None:
    with screen.engine.connect() as connection:
        for key in ("A-1", "A-2", None, "A-3"):
            screen.file(key) if key else screen.save()
            screen.publisher.publish(connection, screen.publisher.items)
        sql = "update panel_states set published_at = '2026-11-24T07:05:00Z'::timestamptz + seq * interval '30 s'"
        connection.execute(sa.text(sql))
        connection.commit()
    day = get(answers, "moments", day="2026-11-24").json()
    stored = builders.table(screen.engine, "select seq, panel, hash from panel_states order by seq")
    expected: dict[int, list[int]] = {}
    shown: dict[str, Any] = {}
    for seq, panel, body in stored:
        found = expected.setdefault((14 * 3600 + 300 + 30 * seq) // 60, [0, 0])
        found[0] += 1
        found[1] += panel in shown and shown[panel] != body
        shown[panel] = body
    assert [(start, *found) for start, found in sorted(expected.items())] == [tuple(one) for one in day["minutes"]]
    assert sum(found[1] for found in expected.values()) >= 2
    assert (day["start"], day["end"]) == ("2026-11-24T00:00:00+07:00", "2026-11-25T00:00:00+07:00")
    assert get(answers, "moments", day="2026-11-23").json()["minutes"] == []


def test_bodies_of_another_page_or_region_are_not_given_away(screen: Screen, answers: Answers) -> None:
    screen.file("A-1")
    with screen.engine.connect() as connection:
        screen.publisher.publish(connection, screen.publisher.items)
        connection.execute(sa.text("insert into panel_bodies values ('\\x00112233445566778899aabbccddeeff', '1')"))
        connection.execute(sa.text("""insert into panel_states (region, page, panel, published_at, stamp, hash)
            values ('94.71', 'uji', 'open', now(), '{}', '\\x00112233445566778899aabbccddeeff')"""))  # fmt: skip
        connection.commit()
    ours = screen.shown()["open"]["hash"]
    assert list(get(answers, "bodies", hash=[ours, "00112233445566778899aabbccddeeff"]).json()) == [ours]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-24T14:05", "07:05:00"),
        ("2026-11-24 14:05", "07:05:00"),
        ("2026-11-24T14:05:00+07:00", "07:05:00"),
        ("2026-11-24T14:05:00 07:00", "07:05:00"),
        ("2026-11-24T14:05:00.250000 0700", "07:05:00.250000"),
        ("2026-11-24T07:05:00Z", "07:05:00"),
    ],
)
def test_a_moment_is_local_unless_it_says_a_zone(text: str, at: str) -> None:
    assert moment(text, WIB) == datetime.fromisoformat(f"2026-11-24T{at}").replace(tzinfo=UTC)


class Town:
    """A wall whose clock the test moves; what is published at each moment, and what is said of it later."""

    def __init__(self, screen: Screen) -> None:
        self.at = builders.NOW
        self.screen = Screen(screen.engine, screen.config, screen.page, lambda: self.at)
        self.revisions = Revisions(screen.engine, screen.config)

    def publish(self) -> datetime:
        """Publish everything; when that was."""
        with self.screen.engine.connect() as connection:
            self.screen.publisher.publish(connection, self.screen.publisher.items)
        return self.at

    def later(self, **how: float) -> None:
        self.at += timedelta(**how)

    def revised(self, at: datetime) -> dict[str, list[str]]:
        region, page = self.screen.config.region.code, self.screen.page
        return self.revisions.found(page, states.at(self.screen.engine, region, page.name, at))


@pytest.fixture
def town(screen: Screen) -> Town:
    """Two open complaints, published."""
    made = Town(screen)
    made.screen.save(builders.case("A-1"), builders.case("A-2", due_at=builders.NOW - timedelta(minutes=5)))
    made.publish()
    return made


def test_what_nobody_corrected_is_not_marked_though_life_went_on(town: Town) -> None:
    then = town.at
    town.later(minutes=20)
    closed = builders.case("A-1", closed_at=town.at, status="done")
    town.screen.save(closed, builders.case("A-3", opened_at=town.at - timedelta(minutes=1)))
    assert town.publish() != then
    assert town.revised(then) == {}
    assert town.revised(town.at) == {}


def test_a_case_that_came_late_or_was_corrected_marks_the_panels_whose_number_it_changes(town: Town) -> None:
    then = town.at
    town.later(minutes=20)
    town.screen.save(builders.case("A-9", opened_at=then - timedelta(hours=3)))
    assert town.revised(then) == {"open": ["2 → 3"]}
    corrected = builders.case("A-2", due_at=then + timedelta(hours=5))
    town.screen.save(corrected)
    assert town.revised(then) == {"open": ["2 → 3"], "late": ["1 → 0"]}
    assert screens.number(states.at(town.screen.engine, "15.71", "uji", then)["open"]["body"]) == "2", "as it was shown"


def test_what_arrives_with_the_next_reading_of_its_source_is_not_a_correction(town: Town) -> None:
    town.later(seconds=4)
    with town.screen.engine.connect() as connection:
        stamped = "update panel_states set published_at = published_at + interval '4 s'"
        connection.execute(sa.text(stamped))
        connection.commit()
    then = town.at
    town.later(seconds=3)
    town.screen.save(builders.case("A-3", opened_at=then - timedelta(seconds=2)))
    assert town.revised(then) == {}


def test_a_due_date_that_passed_between_reading_and_publishing_is_not_a_correction(town: Town) -> None:
    town.later(minutes=1)
    town.screen.save(
        builders.case("A-4", opened_at=town.at - timedelta(minutes=9), due_at=town.at + timedelta(seconds=2))
    )
    town.later(seconds=5)
    then = town.publish()
    assert screens.number(town.screen.shown()["late"]["body"]) == "2"
    assert town.revised(then) == {}


def test_a_text_that_the_clock_changed_before_the_age_moved_is_not_a_correction(town: Town) -> None:
    town.later(minutes=30)
    then = town.publish()
    town.later(seconds=10)
    # The age moved; the panel had been computed ten seconds before, when its due date had not passed yet.
    soon = builders.case("A-1", due_at=then + timedelta(seconds=5))
    town.screen.save(soon)
    with town.screen.engine.begin() as connection:
        connection.execute(
            sa.text("""insert into panel_states (region, page, panel, published_at, stamp, hash)
                select region, page, panel, :at,
                    jsonb_set(stamp::jsonb, '{as_of}',
                    to_jsonb(cast(:as_of as text))), hash
                from panel_states where panel = 'late' order by seq desc limit 1"""),
            {"at": town.at, "as_of": (town.at - timedelta(seconds=1)).isoformat()},
        )
    assert town.revised(town.at) == {}
