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

#: What takes longest begins first, or one worker is still at it when the others have nothing left.
SLOW = ("test_faults_browser.py", "test_recovery_browser.py", "test_parts.py", "test_faults.py", "test_app_browser.py",
        "test_open311_servers.py", "test_sql_query.py", "test_manual_page.py")  # fmt: skip
#: Rooms whose lines are counted, by their own tests alone: to watch every line of the others takes a tenth of the time.
COVERING = {"city", "collectors"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests begin first, and only the rooms that are measured are watched."""
    items.sort(key=_place)
    for item in items:
        if item.path.parent.name not in COVERING:
            item.add_marker("no_cover")


def _place(item: pytest.Item) -> int:
    if item.path.name in SLOW:
        return SLOW.index(item.path.name)
    return len(SLOW) if item.get_closest_marker("browser") or item.path.parent.name == "front" else len(SLOW) + 1


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
def database(databases: Databases) -> Iterator[city_database.Database]:
    """A migrated database without a row: ``.url`` may write, ``.web_url`` may read."""
    with databases.lent() as found:
        yield found


@pytest.fixture(scope="module")
def shared_database(databases: Databases) -> Iterator[city_database.Database]:
    """The same for all the tests of a file."""
    with databases.lent() as found:
        yield found


@pytest.fixture(scope="module")
def shared_engine(shared_database: city_database.Database) -> Iterator[sa.Engine]:
    """A writing engine on it; where each test needs its own rows, it takes a region of its own."""
    made = city_database.engine(shared_database.url)
    yield made
    made.dispose()


@pytest.fixture
def engine(database: city_database.Database) -> Iterator[sa.Engine]:
    """A writing engine on the fresh database."""
    made = city_database.engine(database.url)
    yield made
    made.dispose()
