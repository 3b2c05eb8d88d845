"""The register of paired screens: which asked, which may look, which may not any more.

A screen brings a random secret of its own; only its hash is kept, so that whoever reads the database cannot look as
that screen. A short code, read aloud from the screen, says which of those that wait is meant; it is worth nothing
without the secret. Nothing here can be done by the web's role but :func:`load`.
"""

import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from city.database import notify
from city.tables import screens

#: Said by the web process, heard by who may write: a screen asks, or screens were seen.
ASKED, SEEN = "kendali_screen_asks", "kendali_screens_seen"
#: Said by who wrote: read the register again.
CHANGED = "kendali_screens_changed"
WAITING, APPROVED, REVOKED = "waiting", "approved", "revoked"
CODE_LIFE, MOST_WAITING = timedelta(minutes=10), 20
#: Without what is mistaken for something else across a room: 0 O Q D, 1 I L, 2 Z, 5 S, 8 B, 6 G, U V.
_ALPHABET, CODE_LENGTH = "ACEFHJKMNPRTWXY2345679", 6
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


class Refused(Exception):
    """The register cannot be changed as asked; says why and what would work."""


class Paired(NamedTuple):
    """One row of the register."""

    id: int
    name: str | None
    token_hash: bytes
    code: str | None
    state: str
    asked_at: datetime
    approved_at: datetime | None
    revoked_at: datetime | None
    last_seen_at: datetime | None

    def waits(self, now: datetime) -> bool:
        """Whether its code can still be approved."""
        return self.state == WAITING and now - self.asked_at < CODE_LIFE


def new_token() -> str:
    """A secret that cannot be guessed: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is kept of a secret. It is random through and through, so it needs neither salt nor slowness."""
    return sha256(token.encode()).digest()


def new_code() -> str:
    """Six characters that nobody mistakes for others."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def written(code: str) -> str:
    """``K7M-3PX``: how a code is shown."""
    return f"{code[:3]}-{code[3:]}"


def typed(text: str) -> str:
    """A code as somebody types it, with or without the dash, in any case."""
    return re.sub(r"[\s-]", "", text).upper()


def is_code(text: object) -> bool:
    """Whether this is a code as :func:`new_code` makes them."""
    return isinstance(text, str) and len(text) == CODE_LENGTH and set(text) <= set(_ALPHABET)


def load(connection: Connection, region: str) -> list[Paired]:
    """Every screen of a region, the newest first."""
    columns = [screens.c[name] for name in Paired._fields]
    found = connection.execute(sa.select(*columns).where(screens.c.region == region).order_by(screens.c.id.desc()))
    return [Paired(**row) for row in found.mappings()]


def ask(connection: Connection, region: str, token_hash: bytes, code: str, now: datetime) -> bool:
    """Take in a screen that waits for approval, unless too many do. Asking again changes nothing."""
    late = sa.and_(screens.c.state == WAITING, screens.c.asked_at <= now - CODE_LIFE)
    connection.execute(sa.delete(screens).where(screens.c.region == region, late))
    waiting = sa.select(sa.func.count()).where(screens.c.region == region, screens.c.state == WAITING)
    if (connection.scalar(waiting) or 0) >= MOST_WAITING:
        return False
    row = {"region": region, "token_hash": token_hash, "code": code, "state": WAITING, "asked_at": now}
    put = insert(screens).values(row).on_conflict_do_nothing().returning(screens.c.id)
    if connection.scalar(put) is None:
        return False
    notify(connection, CHANGED, {"region": region})
    return True


def approve(connection: Connection, region: str, code: str, name: str, now: datetime) -> None:
    """Let the screen that shows ``code`` look. Raises Refused."""
    if not _NAME.fullmatch(name):
        raise Refused(f"'{name}' is not a name: small letters, digits, - and _, beginning with a letter")
    found = load(connection, region)
    if any(one.name == name and one.state == APPROVED for one in found):
        raise Refused(f"there is a screen {name} already; revoke it first, or choose another name")
    waiting = [one for one in found if one.waits(now) and one.code]
    one = next((one for one in waiting if one.code == typed(code)), None)
    if one is None:
        shown = ", ".join(written(other.code) for other in waiting if other.code)
        there = f"these wait: {shown}" if shown else "no screen waits"
        raise Refused(f"no screen shows the code {code} now (a code lives 10 minutes); {there}")
    _change(connection, region, one, state=APPROVED, name=name, approved_at=now, code=None)


def revoke(connection: Connection, region: str, name: str, now: datetime) -> None:
    """Never let this screen look again. Raises Refused."""
    _change(connection, region, _named(connection, region, name, APPROVED), state=REVOKED, revoked_at=now)


def forget(connection: Connection, region: str, name: str) -> None:
    """Forget a revoked screen: when it is still switched on, it asks anew, with a new code. Raises Refused."""
    connection.execute(sa.delete(screens).where(screens.c.id == _named(connection, region, name, REVOKED).id))
    notify(connection, CHANGED, {"region": region})


def _named(connection: Connection, region: str, name: str, state: str) -> Paired:
    found = [one for one in load(connection, region) if one.state == state]
    for one in found:
        if one.name == name:
            return one
    known = ", ".join(sorted(str(one.name) for one in found)) or "none"
    raise Refused(f"no {state} screen is called {name}; {state}: {known}")


def _change(connection: Connection, region: str, one: Paired, **values: object) -> None:
    connection.execute(sa.update(screens).where(screens.c.id == one.id).values(**values))
    notify(connection, CHANGED, {"region": region})


def seen(connection: Connection, region: str, ids: Collection[int], now: datetime) -> None:
    """Note when screens were last seen."""
    mine = sa.and_(screens.c.region == region, screens.c.id.in_(list(ids)), screens.c.state == APPROVED)
    connection.execute(sa.update(screens).where(mine).values(last_seen_at=now))
