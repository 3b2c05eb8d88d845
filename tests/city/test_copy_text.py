"""What COPY reads back is what was written, on the fast way and on the slow one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from city import copy_text

JAMBI = timezone(timedelta(hours=7))
_TEXTS = st.none() | st.text(max_size=12) | st.sampled_from(["null", "", '"', "\\", "]\n[", "a,b", "\\.", "\x00"])
_ROWS = st.tuples(
    _TEXTS,
    _TEXTS,
    st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, JAMBI])),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
)


def read_back(engine, rows):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "create temp table back (n bigint generated always as identity, a text, b text, t timestamptz, x float8,"
            " s boolean) on commit drop"
        )
        raw = connection.connection.driver_connection
        statement = f"copy back (a, b, t, x, s) from stdin ({copy_text.FORMAT})"
        with raw.cursor() as cursor, cursor.copy(statement) as copy:
            copy.write(copy_text.encoded(rows))
        return [tuple(row) for row in connection.exec_driver_sql("select a, b, t, x, s from back order by n")]


def storable(text):
    return text if text is None else text.replace("\x00", "").encode("utf-8", "replace").decode()


@given(st.lists(_ROWS, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_copy_reads_back_what_was_written_whatever_the_text(engine, rows):
    assert read_back(engine, rows) == [(storable(a), storable(b), t, x, s) for a, b, t, x, s in rows]


@pytest.mark.parametrize(
    "text", ["null", "", 'say "hi"', "back\\slash", "two\nlines", "]\n[", "\ud800", "\\.", "Sipin"]
)
def test_a_text_is_a_text_and_none_is_null(engine, text):
    rows = [(text, None, datetime(2026, 11, 24, tzinfo=UTC), 1.5, True)] * 2
    assert read_back(engine, rows) == [(storable(text), None, datetime(2026, 11, 24, tzinfo=UTC), 1.5, True)] * 2


def test_no_row_gives_no_byte():
    assert copy_text.encoded([]) == b""
