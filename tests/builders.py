"""Cities and cases for the tests, with defaults, so that a test says only what matters to it."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from city.config import Config
from city.model import Case, Status
from city.store import RunResult, Store, Tally

NOW = datetime(2026, 11, 24, 7, 5, tzinfo=UTC)  # Tuesday 14.05 in Jambi


def config(**changes: Any) -> Config:
    """A small Jambi with one complaint source called ``desk``."""
    base: dict[str, Any] = {
        "region": {
            "code": "15.71",
            "name": "Kota Jambi",
            "timezone": "Asia/Jakarta",
            "districts": [
                {"code": "15.71.07", "name": "Kota Baru", "lat": -1.65442, "lon": 103.60261, "aliases": ["Kotabaru"]},
                {"code": "15.71.11", "name": "Paal Merah", "lat": -1.62710, "lon": 103.65143, "aliases": ["Pal Merah"]},
                {"code": "15.71.05", "name": "Pelayangan", "lat": -1.56490, "lon": 103.62194},
            ],
            "agencies": [{"code": "pupr", "name": "PUPR", "aliases": ["Dinas PUPR"]}],
            "categories": [{"code": "jalan", "name": "Jalan berlubang", "aliases": ["Jalan"]}],
        },
        "sources": {"desk": {"collector": "csv_file", "kind": "complaint"}},
    }
    return Config.model_validate(base | changes)


def case(key: str = "A-1", **changes: Any) -> Case:
    """An open complaint filed an hour before NOW."""
    return Case(**({"key": key, "kind": "complaint", "opened_at": NOW - timedelta(hours=1)} | changes))


def clock(at: datetime = NOW) -> Callable[[], datetime]:
    """A clock that stands still."""
    return lambda: at


def save(store: Store, *items: Any, source: str = "desk", cursor: dict[str, Any] | None = None) -> RunResult:
    """One good run that brought ``items``."""
    return store.save(source, items, started_at=NOW, finish=lambda: Tally(fetched=len(items), cursor=cursor))


def table(engine: sa.Engine, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query, for comparing."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(sql))]


_regions = itertools.count(1)


def own_region() -> dict[str, str]:
    """Settings of a region nobody else has: for tests that share one database."""
    return {"code": f"98.{next(_regions)}", "name": "Kota", "timezone": "Asia/Jakarta"}


def six_a_day(now: datetime, more: Callable[[int], dict[str, Any]] = lambda number: {}) -> list[Case]:
    """Thirty days of six complaints, all closed, five of six of them on time; ``more``: what the number of one adds."""
    return [
        Case(key=f"{day}-{number}", kind="complaint", opened_at=at - timedelta(hours=30 + number), closed_at=at,
             due_at=at + timedelta(hours=1 if number < 5 else -1), agency=("pupr", None)[number % 2],
             category=("jalan", None)[number % 2], status=Status.DONE, **more(number))
        for day in range(1, 31) for at in [now - timedelta(days=day)] for number in range(6)
    ]  # fmt: skip
