"""SQL Server without a server: what SQLAlchemy and pymssql make of a question, its moments and the errors of an answer.

No SQL Server runs where the tests run, and docs/add-a-source.md says so. What can go wrong before a byte is sent is
tested here with the real dialect and the real driver; what a server answers is not.
"""

import pymssql
import pytest
import sqlalchemy as sa
from pymssql import _mssql

from city.model import NotUnderstood, Refused, Unreachable
from collectors import sql_query
from collectors.sql_query import faults, servers
from tests.collectors.conftest import NOW
from tests.collectors.test_sql_query import args

URL = "mssql://pembaca:rah%40sia@db.example:1433/sipadek"
#: What a memo office might ask: a name in brackets, a pattern with %, a colon in a text, a value of two moments.
QUERY = (
    "select top (50000) [no surat] as id, masuk from dbo.memo with (nolock) "
    "where perihal like 'N%' and jam <> '10\\:30' and masuk >= :since and masuk < :until order by masuk"
)


def sent(made, query=QUERY):
    """The text that would go over the wire: compiled by the dialect, the moments put in by the driver."""
    engine = sa.create_engine(made.url, poolclass=sa.NullPool)
    compiled = sa.text(query).compile(dialect=engine.dialect)
    bound = {name: sql_query._bound(made, NOW) for name in compiled.params}
    return _mssql.substitute_params(str(compiled), bound).decode()


@pytest.mark.parametrize(
    ("since_as", "moment"),
    [("local", "'2026-11-24 12:00:00.000'"), ("aware", "'2026-11-24 12:00:00.000000+07:00'")],
)
def test_a_question_arrives_as_it_was_written_with_its_moments_in_their_places(since_as, moment):
    made = args(URL, QUERY, since_as=since_as)
    expected = QUERY.replace("\\:", ":").replace(":since", moment).replace(":until", moment)
    assert sent(made) == expected


def test_a_question_without_a_moment_is_not_changed_and_its_percent_signs_stay_single():
    made = args(URL, "select id, masuk from dbo.memo where id like '%A%'")
    compiled = sa.text(made.query).compile(dialect=sa.create_engine(made.url).dialect)
    assert str(compiled) == made.query and compiled.params == {}


def test_it_is_reached_by_the_driver_that_is_installed_with_a_time_limit():
    made = args(URL, QUERY, timeout="2s")
    engine = sa.create_engine(made.url)
    assert (engine.dialect.name, engine.dialect.driver) == ("mssql", "pymssql")
    limits = servers.Server(made.url, made.timeout, NOW.tzinfo)._connect_args()
    assert limits["timeout"] == 2 and limits["login_timeout"] > 0
    connect = engine.dialect.create_connect_args(sa.make_url(made.url))[1]
    assert (connect["host"], connect["password"], connect["database"]) == ("db.example:1433", "rah@sia", "sipadek")


class Asked:
    """The part of a connection that an error is read with."""

    dialect = sa.create_engine(args(URL, QUERY).url).dialect


def answered(code, text, kind=pymssql.exceptions.OperationalError, wrapped=False):
    """An error of the driver as SQLAlchemy passes it on."""
    told = ((code, text),) if wrapped else (code, text)
    return sa.exc.DBAPIError.instance(QUERY, {}, kind(*told), pymssql.Error)


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (229, Refused, "may not read what the query asks for"),
        (18456, Refused, "refused the user"),
        (20003, Unreachable, "took longer than 60 s"),
        (20047, Unreachable, "the connection broke off"),
        (241, NotUnderstood, "a value cannot be read"),
        (8115, NotUnderstood, "a value cannot be read"),
        (102, Refused, "does not accept the query (code 102)"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_what_the_server_says_while_it_is_asked_becomes_one_of_our_errors(code, kind, told, wrapped):
    error = answered(code, b"Siti Rahmawati 0812", wrapped=wrapped)
    found = faults.of_asking(error, "db.example/sipadek", QUERY, 60, Asked())
    assert type(found) is kind and told in str(found)
    assert "Siti" not in str(found), "the driver's text may quote a row"


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [(18456, Refused, "refused the user"), (4060, Refused, "or the database"), (20009, Unreachable, "no connection")],
)
def test_what_it_says_while_connecting_becomes_one_of_our_errors(code, kind, told):
    found = faults.of_connecting(answered(code, b"Login failed for user 'pembaca'", wrapped=True), "db.example/sipadek")
    assert type(found) is kind and told in str(found) and "pembaca" not in str(found)
