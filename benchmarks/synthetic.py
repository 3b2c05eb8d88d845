"""Made-up cases in any number: a CSV for the loader, or straight into the tables."""

import csv
import random
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city import folding, merge

HEAD = ("id", "opened", "due", "closed", "status", "category", "agency", "district", "channel", "lat", "lon")


def write_csv(path: Path, count: int, end: datetime) -> None:
    """``count`` cases over the year before ``end``, 1 % of them open; the same every time."""
    pick = random.Random(1571)
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(HEAD)
        out.writerows(row(number, pick, end) for number in range(count))


def row(number: int, pick: random.Random, end: datetime) -> tuple[object, ...]:
    """One case in the order of ``HEAD``."""
    opened = (end - timedelta(seconds=pick.randrange(365 * 86_400))).replace(microsecond=0)
    closed = opened + timedelta(minutes=pick.randrange(1, 6_000))
    done = closed < end and pick.random() < 0.99
    kind = pick.randrange(20)  # the agency follows from it, as in a city
    return (
        f"C{number:09}", opened.isoformat(), (opened + timedelta(hours=48)).isoformat(),
        closed.isoformat() if done else "", "closed" if done else "open", f"k{kind}",
        f"opd{kind % 8}", f"d{pick.randrange(30)}", "app",
        round(-1.6 + pick.random() / 10, 5), round(103.6 + pick.random() / 10, 5),
    )  # fmt: skip


_FILL = """
insert into cases (region, source, key, kind, opened_at, due_at, closed_at, status, category, agency, district,
    channel, simulated, opened_on, closed_on, recorded_at)
select :region, :source, 'C' || n, 'complaint', o, o + interval '48 hours', c,
    case when c is null then 'received' else 'done' end, 'k' || n % 20, 'opd' || n % 20 % 8, 'd' || n % 30, 'app', true,
    (o at time zone :zone)::date, (c at time zone :zone)::date, :at
from (select n, o, case when n % 1000 > 0 and o + life <= :at then o + life end as c from (
    select n, :at - (:count - n) * (interval '4 years' / :count) as o,
        (1 + n::bigint * 104729 % 6000) * interval '1 minute' as life from generate_series(1, :count) n) a) b
"""


def fill(engine: Engine, count: int, region: str, source: str, zone: str, at: datetime) -> None:
    """``count`` cases over four years and their roll-ups straight into the tables, by SQL.

    10 million are 6,850 a day, as many as New York's 311 takes in. They lie in the order of time, as
    collectors write them; one in a thousand is never closed.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql("set local work_mem = '512MB'")
        place = {"region": region, "source": source, "zone": zone, "at": at}
        connection.execute(sa.text(_FILL), place | {"count": count})
        folding.rebuild(connection, region, zone)
        merge.deliveries(connection, region, source, "kind", {"complaint"})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("vacuum analyze"))
