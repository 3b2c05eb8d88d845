"""Numbers that somebody has reported as wrong: what stood there exactly, and in a few words why it is doubted.

Said by the web process, which cannot write (:data:`REPORTED`), written by who hears it. The words are cut short and
what looks like a person's number or address is taken out of them; names cannot be known, so the form asks for none.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Identity, Index, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.engine import Connection

from city.columns import instant

REPORTED = "kendali_wrong_number"
#: Characters of the words and of any other text; reports that may wait in one region: more is noise or an attack.
MOST_WORDS, MOST_TEXT, MOST_OPEN = 500, 500, 500
_FIELDS = ("metric", "query", "page", "value", "n", "as_of", "version")
#: Seven digits or more, however they are grouped (phone, NIK, card); addresses of e-mail; handles.
_NUMBER = re.compile(r"\+?\d(?:[\s().-]?\d){6,}")
_EMAIL, _HANDLE = re.compile(r"\S+@\S+"), re.compile(r"(?<!\w)@\w+")
_TOKEN = re.compile(r"[0-9a-f]{32}")


class Wrong(NamedTuple):
    """One report."""

    id: int
    at: datetime
    metric: str
    state: dict[str, Any]
    words: str
    closed_at: datetime | None
    answer: str | None


def add_table(metadata: MetaData) -> Table:
    """``wrong_numbers``."""
    return Table(
        "wrong_numbers",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("region", Text, nullable=False),
        Column("token", Text, nullable=False, comment="by which the page finds out that it was taken"),
        instant("at", "when it was reported"),
        Column("metric", Text, nullable=False),
        Column("state", JSONB, nullable=False, comment="what was shown: query, page, value, n, as_of, version"),
        Column("words", Text, nullable=False, comment="of the reporter, without numbers or addresses of persons"),
        instant("closed_at", "when it was answered; null = it waits", nullable=True),
        Column("answer", Text, comment="what was found"),
        Index("wrong_numbers_token", "region", "token", unique=True),
        Index("wrong_numbers_latest", "region", "id"),
    )


def clean(words: str, most: int = MOST_WORDS) -> str:
    """One line without control characters, cut short, without what looks like a person's number or address."""
    plain = "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in words[: 4 * most])
    for pattern in (_EMAIL, _HANDLE, _NUMBER):
        plain = pattern.sub("[…]", plain)
    return " ".join(plain.split())[:most]


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """A report as it may be kept. ValueError for what is none."""
    token, words = said.get("token"), said.get("words")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or not isinstance(words, str):
        raise ValueError("no report: token and words are missing")
    state = {name: _plain(said.get(name)) for name in _FIELDS}
    if not isinstance(state["metric"], str):
        raise ValueError("no report: which metric?")
    if not (told := clean(words)):
        raise ValueError("no report: say in a few words what is wrong")
    return state | {"token": token, "words": told}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, int | float) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        raise ValueError("no report: texts and numbers only")
    return "".join(one for one in value if unicodedata.category(one)[0] != "C")[:MOST_TEXT]


def keep(connection: Connection, region: str, said: Mapping[str, Any], now: datetime) -> bool:
    """Write a report once; False when it is none, or when too many wait already."""
    try:
        made = checked(said)
    except ValueError:
        return False
    waiting = "select count(*) from wrong_numbers where region = :region and closed_at is null"
    if connection.execute(sa.text(waiting), {"region": region}).scalar_one() >= MOST_OPEN:
        return False
    token, words, metric = made.pop("token"), made.pop("words"), made.pop("metric")
    row = {"region": region, "token": token, "at": now, "metric": metric, "state": made, "words": words}
    connection.execute(insert(add_table(MetaData())).values(**row).on_conflict_do_nothing())
    return True


def taken(connection: Connection, region: str, token: str) -> bool:
    """Whether a report was written."""
    sql = "select 1 from wrong_numbers where region = :region and token = :token"
    return connection.execute(sa.text(sql), {"region": region, "token": token}).first() is not None


def listed(connection: Connection, region: str, *, closed: bool = False, limit: int = 100) -> list[Wrong]:
    """The reports that wait, the latest first; with ``closed`` all of them."""
    sql = f"""select id, at, metric, state, words, closed_at, answer from wrong_numbers
        where region = :region {"" if closed else "and closed_at is null"} order by id desc limit :limit"""
    return [Wrong(*row) for row in connection.execute(sa.text(sql), {"region": region, "limit": limit})]


def close(connection: Connection, region: str, number: int, answer: str, now: datetime) -> None:
    """Close one with what was found. LookupError when there is none of that number that waits."""
    sql = """update wrong_numbers set closed_at = :now, answer = :answer
        where region = :region and id = :number and closed_at is null"""
    values = {"region": region, "number": number, "answer": clean(answer), "now": now}
    if not connection.execute(sa.text(sql), values).rowcount:
        raise LookupError(f"no report {number} waits; run.py wrong-numbers lists them")
