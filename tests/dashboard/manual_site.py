"""A whole installation for the form page: intake, web process and database, on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from city import database as city_database
from city.config import Config
from city.store import Store
from collectors import intake
from collectors.runner import Job
from dashboard.door import Door
from tests import builders
from tests.dashboard import screens
from tests.dashboard.screens import now

TOKEN = "a-token-of-this-installation"
SECRET = "a-secret-of-the-sender"
JKN = {
    "by": "place",
    "rows": ["Kota Jambi", "Muaro Jambi", "Batang Hari"],
    "period": "month",
    "owner": "Dinkes",
    "metrics": {
        "jkn_coverage": {"title": "Cakupan kepesertaan", "unit": "%", "min": 0, "max": 100, "jump_ratio": 0.05},
        "jkn_active": {"title": "Peserta aktif", "unit": "%", "min": 0, "max": 100, "jump_ratio": 0.05},
    },
}
FIELDS = {"key": "no", "opened_at": "masuk"}


def config() -> Config:
    """A region with a form ``jkn``, one per day of all agencies ``paper``, and a sender ``desk``."""
    paper = {"metrics": {"holes": {"title": "Lubang ditutup", "min": 0}}, "by": "agency"}
    return builders.config(
        intake={"port": 0},
        sources={
            "jkn": {"collector": "manual", "title": "Kepesertaan JKN", "args": JKN},
            "paper": {"collector": "manual", "args": paper},
            "desk": {"collector": "push", "kind": "complaint", "args": {"secret": SECRET, "fields": FIELDS}},
        },
    )


class Site:
    """The served pages, and the database behind them."""

    def __init__(self, url: str, engine: sa.Engine, made: Config, folder: Path) -> None:
        self.url, self.engine, self.config, self.folder = url, engine, made, folder

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the database."""
        return builders.table(self.engine, sql)

    @contextmanager
    def collecting(self) -> Iterator[int]:
        """The collecting part's door, for as long as the block."""
        store = Store(self.engine, self.config, now)
        jobs = {name: Job(name, self.config) for name in intake.names(self.config)}
        app = intake.application(self.config, self.engine, store, now, TOKEN, jobs)
        with intake.serving(app, 0) as port:
            screens.eventually(lambda: _answers(port), "the intake answers")
            (self.folder / "intake.port").write_text(f"{port}\n")
            yield port


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 404
    except httpx.HTTPError:
        return False


@contextmanager
def site(folder: Path, database: city_database.Database, **how: Any) -> Iterator[Site]:
    """The web process of a fresh installation; nobody collects yet."""
    made, engine = config(), city_database.engine(database.url)
    screens.wall(folder, made)
    door = Door(TOKEN, 0, folder / "intake.port")
    with screens.serving(made, folder / "uji.yaml", database.web_url, door=door, **how) as served:
        yield Site(served.url, engine, made, folder)
    engine.dispose()
