"""A real PostgreSQL for the tests: one embedded server a session, one fresh migrated database a test."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from city import database as city_database  # noqa: E402
from tests.databases import Databases  # noqa: E402

#: The chains of slow tests, in the order in which workers take them up; the files come after, one by one.
CHAINS = ("browser 1", "parts 1", "tests/collectors/test_faults.py", "tests/collectors/test_open311_servers.py",
          "browser 2", "parts 2")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests begin first."""
    order = {name: place for place, name in enumerate(CHAINS)}
    items.sort(key=lambda item: order.get(_chain(item), len(order)))


def _chain(item: pytest.Item) -> str:
    path = item.path.relative_to(ROOT)
    if item.get_closest_marker("browser"):
        return f"browser {1 if path.name == 'test_app_browser.py' else 2}"
    if path.parts[1] == "front":
        return f"parts {1 if 'parts' in path.name else 2}"
    return path.as_posix()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the checkout."""
    folder = Path(os.environ.get("KENDALI_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"the folder of real data is not at {folder.name}/ beside the checkout (set KENDALI_SHARED)")
    return folder


@pytest.fixture(scope="session")
def server() -> Iterator[city_database.Database]:
    """An embedded PostgreSQL with a migrated template database."""
    # Not pytest's own folder: a later session clears those away, with a server still in them.
    folder = Path(tempfile.mkdtemp(prefix="kendali-test-"))
    opened = city_database.open_database(None, folder)
    engine = city_database.engine(opened.url, poolclass=sa.NullPool)
    city_database.migrate(engine)
    with _admin(opened.url).connect() as connection:
        # A test's database need not survive the machine: without the disk's word making one takes half the time.
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sa.text(f"alter system set {setting} = off"))
        connection.execute(sa.text("select pg_reload_conf()"))
    yield opened
    opened.close()
    shutil.rmtree(folder, ignore_errors=True)


def _admin(url: str) -> sa.Engine:
    made = sa.create_engine(sa.make_url(url).set(database="postgres"), poolclass=sa.NullPool)
    return made.execution_options(isolation_level="AUTOCOMMIT")


@pytest.fixture(scope="session")
def databases(server: city_database.Database) -> Databases:
    """The databases of the server, for whoever needs one."""
    return Databases(server)


@pytest.fixture
def database(server: city_database.Database, databases: Databases) -> Iterator[city_database.Database]:
    """A migrated database without a row: ``.url`` may write, ``.web_url`` may read."""
    name = databases.take()
    url, web = (sa.make_url(text).set(database=name) for text in (server.url, server.web_url))
    yield city_database.Database(*(part.render_as_string(hide_password=False) for part in (url, web)))
    databases.give_back(name)


@pytest.fixture
def engine(database: city_database.Database) -> Iterator[sa.Engine]:
    """A writing engine on the fresh database."""
    made = city_database.engine(database.url)
    yield made
    made.dispose()
