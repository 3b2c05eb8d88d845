"""Looks at an unknown address, file or database and proposes the settings that read it: ``run.py probe``.

Reads   one answer, one file, or the first rows of one table, in memory (``tables.MAX_ROWS``, ``sql.MAX_ROWS``).
Yields  a ``sources:`` entry as YAML with confidences, which loads as it is, and what to fill in by hand.
Limits  a guess by names and contents; personal and freely written columns are named, never mapped or shown.
"""

from datetime import datetime
from pathlib import Path

from city.model import NotUnderstood
from collectors.http import Session
from collectors.probe import columns, fields, proposal, sql, tables


def sampled(
    target: str, session: Session, now: datetime, *, table: str | None = None, headers: dict[str, str] | None = None
) -> tables.Sample:
    """The rows of ``target`` (http address, database address or path) as a table of texts. Raises SourceErrors."""
    if target.startswith(("http://", "https://")):
        return tables.of_address(target, session, headers or {})
    if "://" in target:
        return sql.of_table(target, table, session, now)
    return tables.of_file(Path(target))


def proposed(name: str, sample: tables.Sample) -> str:
    """The proposal for a table of texts, as the source ``name``. Raises NotUnderstood when no column is a time."""
    if sample.collector == "open311":
        return proposal.written(name, sample, [], None)
    if sample.exploded:
        looked, match = _matched(sample.exploded)
        if match is not None and match.shape == "event_log":
            return proposal.written(name, sample.exploded, looked, match)
    looked, match = _matched(sample)
    if match is None:
        raise NotUnderstood("no column looks like the time of something", next_step="see whether a table has one")
    return proposal.written(name, sql.narrowed(sample, match), looked, match)


def _matched(sample: tables.Sample) -> tuple[list[columns.Column], fields.Match | None]:
    looked = [columns.looked_at(title, (row[at] for row in sample.rows)) for at, title in enumerate(sample.columns)]
    return looked, fields.matched(looked, sample.rows)
