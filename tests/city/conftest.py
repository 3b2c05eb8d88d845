"""What several files of this room use."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from one_database import one_engine

from city import database as city_database


@pytest.fixture(scope="module")
def shared_engine(server: city_database.Database) -> Iterator[sa.Engine]:
    """A writing engine on one database for all the tests of a file; each takes a region of its own."""
    with one_engine(server) as made:
        yield made
