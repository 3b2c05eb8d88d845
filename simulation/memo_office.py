"""The memo system: a PostgreSQL database that holds what an e-office holds, filled from the town's memos.

sipadek.naskah   id, nomor_agenda, jenis, unit_asal, urgensi, dibuat, simulated      one row per memo
sipadek.riwayat  naskah_id, tahap, unit, waktu, simulated                           one row per step
sipadek.alur     a view that joins them: a row per step with its memo, for whoever reads
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from simulation.places import ZONE
from simulation.town import MEMO_DAYS, Town

CONNECT_TIMEOUT_S = 5
_SCHEMA = """
create schema if not exists sipadek;
comment on schema sipadek is 'SIMULASI: invented memos, no real office';
create table if not exists sipadek.naskah (
  id bigint generated always as identity primary key, nomor_agenda text not null unique, jenis text not null,
  unit_asal text not null, urgensi text not null, dibuat timestamp not null, simulated boolean not null default true);
create table if not exists sipadek.riwayat (
  naskah_id bigint not null references sipadek.naskah, tahap text not null, unit text not null,
  waktu timestamp not null, simulated boolean not null default true, primary key (naskah_id, tahap));
create index if not exists riwayat_waktu on sipadek.riwayat (waktu);
create or replace view sipadek.alur as
  select n.id as naskah_id, n.nomor_agenda, n.jenis, n.unit_asal, n.urgensi, n.dibuat,
         r.tahap, r.unit, r.waktu, n.simulated or r.simulated as simulated
  from sipadek.naskah n join sipadek.riwayat r on r.naskah_id = n.id;
"""
_MEMO = """
insert into sipadek.naskah (nomor_agenda, jenis, urgensi, unit_asal, dibuat) values (%s, %s, %s, %s, %s)
on conflict (nomor_agenda) do nothing
"""
_STEP = """
insert into sipadek.riwayat (naskah_id, tahap, unit, waktu)
select id, %s, unit_asal, %s from sipadek.naskah where nomor_agenda = %s on conflict do nothing
"""
#: (memo, kind, urgency, office, steps), as the town tells it.
Memo = tuple[str, str, str, str, list[tuple[str, datetime]]]


def create(connection: "psycopg.Connection[tuple[object, ...]]") -> None:
    """Make the schema where it is not there yet. Its times are local and carry no zone, as such systems have them."""
    with connection.transaction():
        connection.execute(_SCHEMA)


def refresh(connection: "psycopg.Connection[tuple[object, ...]]", town: Town, now: datetime, days: int) -> int:
    """Add what happened since the last time, all of ``days`` at first; the number of new steps. Never changes a row.

    Only the days whose memos can still move are looked at again. The history is as long as the first call made it.
    """
    with connection.transaction():
        # One at a time: two simulations on one database would tell a memo's steps twice.
        connection.execute("lock table sipadek.naskah in share row exclusive mode")
        told = connection.execute("select max(waktu) from sipadek.riwayat").fetchone()
        known = told[0] if told else None
        first = known - timedelta(days=MEMO_DAYS) if isinstance(known, datetime) else _local(now) - timedelta(days=days)
        since = known if isinstance(known, datetime) else datetime.combine(first.date(), time())
        memos = list(_between(town, first, _local(now)))
        steps = [
            (stage, at, key) for key, _, _, _, taken in memos for stage, at in _happened(taken, now) if at >= since
        ]
        moved = {key for _, _, key in steps}
        heads = [(*memo[:4], _local(memo[4][0][1])) for memo in memos if memo[0] in moved]
        with connection.cursor() as cursor:
            cursor.executemany(_MEMO, heads)
            cursor.executemany(_STEP, steps)
            return max(0, cursor.rowcount)


def _between(town: Town, first: datetime, last: datetime) -> Iterator[Memo]:
    for number in range((last.date() - first.date()).days + 1):
        yield from town.memos(first.date() + timedelta(days=number))


def _happened(taken: list[tuple[str, datetime]], now: datetime) -> Iterator[tuple[str, datetime]]:
    return ((stage, _local(at)) for stage, at in taken if at <= now)


def _local(at: datetime) -> datetime:
    return at.astimezone(ZONE).replace(tzinfo=None, microsecond=0)


def keep(url: str, town: Town, now: datetime, days: int) -> int:
    """Create and refresh the office in the database of ``url``, which is made where it is missing; the new steps.

    A connection each time: a database that was away in between does no harm. Raises psycopg.OperationalError
    when it cannot be reached.
    """
    with _connected(_plain(url)) as connection:
        create(connection)
        return refresh(connection, town, now, days)


def _plain(url: str) -> str:
    """``postgresql+psycopg://`` and ``postgres://`` as the driver itself writes them."""
    return "postgresql://" + url.partition("://")[2]


def _connected(url: str) -> "psycopg.Connection[tuple[object, ...]]":
    parts = urlsplit(url)
    try:
        return psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S)
    except psycopg.OperationalError:
        # No code tells a missing database from a server that is away: ask the one that is always there.
        here = urlunsplit(parts._replace(path="/postgres"))
        with psycopg.connect(here, connect_timeout=CONNECT_TIMEOUT_S, autocommit=True) as server:
            name = parts.path.lstrip("/")
            if server.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                raise
            server.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S)
