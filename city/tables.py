"""The schema: one place where every column is explained.

Every table carries ``region`` so that one database can hold many regions. Instants are
``timestamptz``; ``*_on`` columns are local dates in the region's zone, computed once at save.
The DDL that runs is in ``migrations/``; a test compares it with this file.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB

from city import followups, reopened, touched, watch_tables, wrong_numbers
from city.columns import instant as _instant
from city.columns import words as _words

metadata = MetaData()
_WITH_NULLS: dict[str, Any] = {"postgresql_nulls_not_distinct": True}


regions = Table(
    "regions",
    metadata,
    Column("region", Text, primary_key=True, comment="Kemendagri code of the region, e.g. 15.71"),
    Column("zone", Text, nullable=False, comment="the zone of its *_on and day columns; a run in another counts anew"),
)

cases = Table(
    "cases",
    metadata,
    Column("region", Text, primary_key=True, comment="Kemendagri code of the region, e.g. 15.71"),
    Column("source", Text, primary_key=True, comment="name of the source in config.yaml"),
    Column("key", Text, primary_key=True, comment="the source's own key"),
    Column("kind", Text, nullable=False, comment="complaint, memo, permit, call, ..."),
    _instant("opened_at", "when it was filed"),
    _instant("due_at", "when it must be closed; null = no promise", nullable=True),
    _instant("closed_at", "when it was closed; null = open", nullable=True),
    Column("status", Text, nullable=False, comment="received, routed, in_progress, done, rejected"),
    *_words("outcome", "category", "agency", "district", "channel", "place", "priority"),
    Column("lat", Double, comment="degrees, rounded to about 100 m"),
    Column("lon", Double, comment="degrees, rounded to about 100 m"),
    Column("simulated", Boolean, nullable=False, comment="made up by the simulation"),
    Column("opened_on", Date, nullable=False, comment="local day of opened_at"),
    Column("closed_on", Date, comment="local day of closed_at"),
    _instant("recorded_at", "when we first learned of it"),
    _instant("revised_at", "when a later delivery last changed it", nullable=True),
    Index("cases_opened", "region", "kind", "opened_at"),
    Index("cases_closed", "region", "kind", "closed_at", postgresql_where=text("closed_at is not null")),
    # With what the open cases are split by, so that the wall's questions about now never touch the table itself.
    Index(
        "cases_open",
        "region",
        "kind",
        "due_at",
        postgresql_include=["opened_at", "source", "category", "agency", "district", "channel"],
        postgresql_where=text("closed_at is null"),
    ),
)

case_events = Table(
    "case_events",
    metadata,
    Column("region", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True, comment="the case's key"),
    Column("at", DateTime(timezone=True), primary_key=True, comment="when it happened"),
    Column("stage", Text, primary_key=True, comment="a status or a stage of the source's own"),
    Column("agency", Text, comment="who held the case from then on"),
    _instant("recorded_at", "when we learned of it"),
    Index("case_events_stage", "region", "stage", "at"),
)

case_days = Table(
    "case_days",
    metadata,
    Column("region", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("day", Date, nullable=False, comment="local day"),
    *_words("category", "agency", "district", "channel"),
    Column("opened", Integer, nullable=False, comment="cases opened on that day"),
    Column("closed", Integer, nullable=False, comment="cases closed on that day"),
    Column("closed_due", Integer, nullable=False, comment="of the closed, those that have due_at"),
    Column("closed_on_time", Integer, nullable=False, comment="of those, closed_at <= due_at"),
    Column("rejected", Integer, nullable=False, comment="of the closed, status rejected"),
    Column("open_in", Integer, nullable=False, comment="opened that day and ever open (closed_at null or > opened_at)"),
    Column("open_out", Integer, nullable=False, comment="of those, closed that day; sum(open_in - open_out) = backlog"),
    Column("overdue_in", Integer, nullable=False, comment="max(opened_at, due_at) on that day, still open then"),
    Column("overdue_out", Integer, nullable=False, comment="closed that day after it was overdue"),
    # One index for both: every key once, and the days of a kind in one range.
    Index(
        "case_days_key", *"region kind day source category agency district channel".split(), unique=True, **_WITH_NULLS
    ),
)

observations = Table(
    "observations",
    metadata,
    Column("region", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("metric", Text, nullable=False),
    _instant("at", "the moment the value describes"),
    *_words("agency", "district", "category", "channel", "place"),
    Column("value", Double, nullable=False, comment="in the metric's unit"),
    Column("simulated", Boolean, nullable=False),
    Column("day", Date, nullable=False, comment="local day of at"),
    _instant("recorded_at", "when we first learned of it"),
    _instant("revised_at", "when a later delivery last changed it", nullable=True),
    Index(
        "observations_key",
        *"region source metric at agency district category channel place".split(),
        unique=True,
        **_WITH_NULLS,
    ),
    Index("observations_metric", "region", "metric", "at"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("region", Text, nullable=False),
    Column("source", Text, nullable=False),
    _instant("started_at", "when the run began to read; as_of of what it brought"),
    _instant("ended_at", "when it was committed or gave up"),
    Column("ok", Boolean, nullable=False),
    Column("fetched", BigInteger, nullable=False, comment="rows the source gave"),
    Column("saved", BigInteger, nullable=False, comment="rows that were new"),
    Column("revised", BigInteger, nullable=False, comment="rows that changed a known one"),
    Column("rejected", BigInteger, nullable=False, comment="rows that did not parse"),
    Column("simulated", Boolean, nullable=False, comment="brought rows of the simulation"),
    Column("error_code", Text, comment="SourceError.code"),
    Column("error", Text, comment="where, what, what next; never row contents"),
    Column("notes", JSONB, nullable=False, comment="first rejected rows by number and field; unknown values by field"),
    Index("runs_latest", "region", "source", "id"),
    Index("runs_latest_ok", "region", "source", "id", postgresql_where=text("ok")),
    # What was sent is taken once: a second good run of the same delivery cannot be.
    Index(
        "runs_delivery",
        "region",
        "source",
        text("(notes #>> '{delivery,key}')"),
        unique=True,
        postgresql_where=text("ok and (notes #>> '{delivery,key}') is not null"),
    ),
)

run_days = Table(
    "run_days",
    metadata,
    Column("region", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("day", Date, primary_key=True, comment="local day"),
    Column("runs", BigInteger, nullable=False, comment="runs that began on that day"),
    Column("ok", BigInteger, nullable=False, comment="of those, the good ones"),
    Column("fetched", BigInteger, nullable=False, comment="rows the source gave"),
    Column("saved", BigInteger, nullable=False, comment="rows that were new"),
    Column("revised", BigInteger, nullable=False, comment="rows that changed a known one"),
    Column("rejected", BigInteger, nullable=False, comment="rows that did not parse"),
    Column("fresh_s", Double, nullable=False, comment="seconds of that day in which the data were fresh"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("region", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("cursor", JSONB, nullable=False, comment="how far the job has read; written with the data it belongs to"),
    _instant("moved_at", "when it was written"),
)

delivered = Table(
    "delivered",
    metadata,
    Column("region", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("sort", Text, primary_key=True, comment="kind or metric"),
    Column("name", Text, primary_key=True, comment="the kind of case, or the observed metric, it has ever brought"),
)

source_shapes = Table(
    "source_shapes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("region", Text, nullable=False),
    Column("source", Text, nullable=False),
    _instant("seen_at", "when its rows were first of this shape"),
    Column("shape", JSONB, nullable=False, comment="fields, their types, shares and words; see collectors/shape.py"),
    Column("changes", JSONB, nullable=False, comment="how it differs from the shape before it"),
    Index("source_shapes_latest", "region", "source", "id"),
)

panel_bodies = Table(
    "panel_bodies",
    metadata,
    Column("hash", LargeBinary, primary_key=True, comment="blake2b-128 of body"),
    Column("body", JSON, nullable=False, comment="what the panel draws, as sent"),
)

panel_states = Table(
    "panel_states",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True),
    Column("region", Text, nullable=False),
    Column("page", Text, nullable=False),
    Column("panel", Text, nullable=False),
    _instant("published_at", "when it was handed to the screens"),
    Column("stamp", JSON, nullable=False, comment="as_of, limits, failure, n: what the frame needs"),
    Column("hash", LargeBinary, nullable=False, comment="the body it shows"),
    Index("panel_states_latest", "region", "page", "panel", "seq"),
    # With what the scrubber of a replay draws a day from, so that a day of states is not read itself.
    Index("panel_states_at", "region", "page", "panel", "published_at", postgresql_include=["seq", "hash"]),
    Index("panel_states_body", "hash"),
)

stage_log, watched_metrics = watch_tables.add(metadata)
open_again, mirror_touched = reopened.add(metadata), touched.add(metadata)
promised, reported_numbers = followups.add_to(metadata), wrong_numbers.add_table(metadata)
screens = Table(
    "screens",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("region", Text, nullable=False),
    Column("name", Text, comment="what it was called when it was approved"),
    Column("token_hash", LargeBinary, nullable=False, comment="sha-256 of the secret it keeps"),
    Column("code", Text, comment="what a waiting screen shows; null = approved"),
    Column("state", Text, nullable=False, comment="waiting, approved, revoked"),
    _instant("asked_at", "when it asked; codes live 10 min"),
    _instant("approved_at", "from when on it may look", nullable=True),
    _instant("revoked_at", "from when on it may not any more", nullable=True),
    _instant("last_seen_at", "when it last reported, to the minute", nullable=True),
    Index("screens_token", "region", "token_hash", unique=True),
    Index("screens_code", "region", "code", unique=True, postgresql_where=text("state = 'waiting'")),
    Index("screens_name", "region", "name", unique=True, postgresql_where=text("state = 'approved'")),
)
