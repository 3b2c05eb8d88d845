"""Panel states as they are stored: what every panel shows now, and what it showed at any moment kept.

Reads   ``panel_states`` and ``panel_bodies``; a body is stored once, however often it is shown again.
Yields  the states as they are streamed: one mapping per panel (the stamp, ``seq``, ``hash``, ``body``).
Limits  a moment before the oldest state kept has no answer, and old ones are thinned; see :mod:`dashboard.history`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

State = dict[str, Any]
#: The page of what every wall's header shows; no layout can be called so.
CITY = "_city"


class News(NamedTuple):
    """A state to store. ``body`` is None when the stored body of that ``hash`` is shown on."""

    panel: str
    stamp: Mapping[str, Any]
    hash: bytes
    body: bytes | None


def digest(body: bytes) -> bytes:
    """What a body is known by."""
    return blake2b(body, digest_size=16).digest()


def encode(component: Any) -> bytes:
    """A component tree as the JSON the browser's renderer takes."""
    return orjson.dumps(component, default=lambda item: item.to_plotly_json(), option=orjson.OPT_NON_STR_KEYS)


def current(engine: Engine, region: str, page: str) -> dict[str, State]:
    """The last state of each panel of a page."""
    return at(engine, region, page, None)


def at(engine: Engine, region: str, page: str, moment: datetime | None, *, bodies: bool = True) -> dict[str, State]:
    """What each panel of a page showed at ``moment``, exactly as it was published then.

    ``bodies`` False leaves the bodies out, as the stream does for those who have them; ``hash`` names them.
    """
    with engine.connect() as connection:
        sql = _LATEST.format("" if moment is None else "and s.published_at <= :at", *_ORDER[moment is None])
        if not bodies:
            sql = sql.replace("b.body", "null as body")
        rows = connection.execute(sa.text(sql), {"region": region, "page": page, "at": moment})
        found = [_state(row) for row in rows.mappings()]
    if not bodies:
        for state in found:
            del state["body"]
    return {state["panel"]: state for state in found}


def by_seq(engine: Engine, region: str, seqs: Sequence[int]) -> list[State]:
    """The states that a notice names, in order."""
    with engine.connect() as connection:
        rows = connection.execute(sa.text(_BY_SEQ), {"region": region, "seqs": list(seqs)})
        return [_state(row) for row in rows.mappings()]


def save(connection: Connection, region: str, page: str, news: Sequence[News], now: datetime) -> list[int]:
    """Store states in the running transaction; their numbers."""
    bodies = {item.hash: item.body.decode() for item in news if item.body is not None}
    values = {
        "body_hashes": list(bodies),
        "bodies": list(bodies.values()),
        "region": region,
        "page": page,
        "now": now,
        "panels": [item.panel for item in news],
        "stamps": [orjson.dumps(item.stamp).decode() for item in news],
        "hashes": [item.hash for item in news],
    }
    return sorted(connection.scalars(sa.text(_WITH_BODIES + _SAVE_STATES if bodies else _SAVE_STATES), values))


def _state(row: Mapping[str, Any]) -> State:
    head = {key: row[key] for key in ("page", "panel", "seq")} | {"published_at": row["published_at"].isoformat()}
    return head | row["stamp"] | {"hash": bytes(row["hash"]).hex(), "body": row["body"]}


_COLUMNS = "s.page, s.panel, s.seq, s.published_at, s.stamp, s.hash, b.body"

#: The panels of a page. One step along the index for each: ``distinct on`` would read every state kept of the page.
NAMES = """
with recursive names(panel) as (
    (select panel from panel_states where region = :region and page = :page order by panel limit 1)
    union all
    select (select s.panel from panel_states s where s.region = :region and s.page = :page and s.panel > names.panel
        order by s.panel limit 1)
    from names where names.panel is not null
)
"""

_LATEST = f"""{NAMES}
select {_COLUMNS} from names cross join lateral (
    select * from panel_states s where s.region = :region and s.page = :page and s.panel = names.panel {{}}
    order by {{}} limit 1
) s join panel_bodies b on b.hash = s.hash
where names.panel is not null
"""

#: The last one is the last one stored, whatever the clock did; one weeks back is found by its own index.
_ORDER = {True: ["s.seq desc"], False: ["s.published_at desc, s.seq desc"]}

_BY_SEQ = f"""
select {_COLUMNS} from panel_states s join panel_bodies b on b.hash = s.hash
where s.seq = any(:seqs) and s.region = :region order by s.seq
"""

_WITH_BODIES = """
with stored as (
    insert into panel_bodies (hash, body)
    select hash, cast(body as json)
    from unnest(cast(:body_hashes as bytea[]), cast(:bodies as text[])) as b(hash, body)
    on conflict do nothing
)
"""

_SAVE_STATES = """
insert into panel_states (region, page, panel, published_at, stamp, hash)
select :region, :page, n.panel, :now, cast(n.stamp as json), n.hash
from unnest(cast(:panels as text[]), cast(:stamps as text[]), cast(:hashes as bytea[])) as n(panel, stamp, hash)
returning seq
"""
