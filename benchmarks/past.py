"""The past of the screens: thinning a million states, and what one step of a replay asks of the database."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from benchmarks.parts import clock
from city.history import History
from dashboard import states
from dashboard.history import Past
from dashboard.replay import Archive

Row = tuple[str, str]
REGION, PAGE, PANELS = "00.00", "past", 14

#: A source read every five seconds: every twentieth state has another body.
_STATES = """
insert into panel_states (region, page, panel, published_at, stamp, hash)
select :region, :page, 'panel_' || p, :start + n * interval '5 s' + p * interval '7 ms', json_build_object(
    'as_of', :start + n * interval '5 s', 'failure', null, 'missing', false, 'simulated', true,
    'source', 'SIKESAL', 'n', n, 'stale_after_s', 120, 'expires_after_s', 600),
    decode(md5(p || '-' || n / 20), 'hex')
from generate_series(0, :each - 1) n, generate_series(1, :panels) p order by n, p
"""
_BODIES = """
insert into panel_bodies select decode(md5(p || '-' || n), 'hex'), json_build_object('type', 'Div', 'panel', p, 'n', n,
    'text', repeat('Kota ', 600))
from generate_series(0, :each / 20) n, generate_series(1, :panels) p on conflict do nothing
"""


def measure(engine: Engine, count: int) -> list[Row]:
    """Rows of the table for ``count`` states, all older than every limit but the last."""
    each = count // PANELS
    start = clock() - timedelta(days=3) - timedelta(seconds=5 * each)
    place = {"region": REGION, "page": PAGE, "panels": PANELS, "each": each, "start": start}
    with engine.begin() as connection:
        connection.execute(sa.text(_BODIES), place)
        connection.execute(sa.text(_STATES), place)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("vacuum analyze panel_states"))
    middle, asked = start + timedelta(seconds=5 * each / 2), Archive(engine, REGION)
    rows = [
        (f"replay: the states of a moment among {count:,}, without bodies", _ms(lambda at: states.at(
            engine, REGION, PAGE, at, bodies=False), middle)),
        ("  with bodies", _ms(lambda at: states.at(engine, REGION, PAGE, at), middle)),
        ("  the published moments beside it", _ms(lambda at: asked.around(PAGE, at), middle)),
        ("  a whole day of moments for the scrubber", _ms(lambda at: asked.minutes(PAGE, at, at + timedelta(days=1)),
            middle, 5)),
    ]  # fmt: skip
    return [*rows, *_thinned(engine, count)]


def _ms(ask: Callable[..., object], at: object, times: int = 50) -> str:
    taken = []
    for number in range(times):
        began = time.perf_counter()
        ask(at + timedelta(seconds=7 * number))  # type: ignore[operator]
        taken.append(1_000 * (time.perf_counter() - began))
    return f"median {median(taken):.1f} ms, slowest {max(taken):.1f} ms"


def _thinned(engine: Engine, count: int) -> list[Row]:
    past, steps = Past(REGION, History(), clock), list[float]()
    with engine.connect() as connection:
        more = True
        while more:
            began = time.perf_counter()
            more = past.step(connection)
            steps.append(time.perf_counter() - began)
        left = connection.scalar(sa.text("select count(*) from panel_states where region = :r"), {"r": REGION})
        connection.rollback()
        began = time.perf_counter()
        Past(REGION, History(), clock).step(connection)
        again = time.perf_counter() - began
    told = f"{sum(steps):.1f} s in {len(steps)} steps, the longest {1_000 * max(steps):.0f} ms; {left:,} left"
    return [
        (f"thinning {count:,} states to one a panel and minute", told),
        ("  the next hour", f"{1_000 * again:.0f} ms"),
    ]
