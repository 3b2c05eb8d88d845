"""Looks at an unknown address, file or database and proposes the settings that read it: ``run.py probe``.

Reads   one answer, one file, or at most ``tables.MAX_ROWS`` rows of one table, in memory.
Yields  a ``sources:`` entry as YAML with confidences, which loads as it is, and what to fill in by hand.
Limits  a guess by names and contents; personal and freely written columns are named, never mapped or shown.
"""

from collectors.http import Session
from collectors.probe import columns, fields, proposal, sql, tables


def probed(target: str, name: str, session: Session, *, table: str | None = None, headers: dict[str, str] | None = None) -> str:
    """The proposal for ``target`` (http address, SQL address or path). Raises SourceError when nothing can be read."""
    return proposed(name, sampled(target, session, table=table, headers=headers))


def sampled(
    target: str, session: Session, *, table: str | None = None, headers: dict[str, str] | None = None
) -> tables.Sample:
    """The rows of ``target`` as a table of texts."""
    if target.startswith(("http://", "https://")):
        return tables.of_address(target, session, headers or {})
    if "://" in target:
        return sql.of_table(target, table)
    return tables.of_file(tables.Path(target))


def proposed(name: str, sample: tables.Sample) -> str:
    """The proposal for a table of texts; the one with a row per step of a case where that makes an event log."""
    if sample.collector == "open311":
        return proposal.written(name, sample, [], None)
    for one in filter(None, (sample.exploded, sample)):
        looked = [columns.looked_at(title, (row[at] for row in one.rows)) for at, title in enumerate(one.columns)]
        match = fields.matched(looked, one.rows)
        if one is sample or match.shape == "event_log":
            return proposal.written(name, sql.narrowed(one, match), looked, match)
    raise AssertionError("the sample itself always gives a proposal")
