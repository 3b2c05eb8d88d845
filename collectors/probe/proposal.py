"""A ``sources:`` entry as YAML text: settings that load; comments with confidences and what to fill in."""

import re
from collections.abc import Iterator
from typing import Any

import yaml

from collectors.probe.columns import FEW_WORDS, Column, tokens
from collectors.probe.fields import Match
from collectors.probe.tables import Sample
from collectors.probe.words import closes, meaning, shown

_AGES = {"csv_file": ("1d", "2d", "7d")}
#: What the minutes of a text such as "11 jam" are.
_MINUTES = {
    "menit": 1,
    "minute": 1,
    "minutes": 1,
    "jam": 60,
    "hour": 60,
    "hours": 60,
    "hari": 1440,
    "day": 1440,
    "days": 1440,
}


def scalar(value: Any) -> str:
    """A value as YAML on one line, whatever characters are in it: names of columns come from outside."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(name)}: {scalar(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(scalar, value)) + "]"
    style = None
    if isinstance(value, str) and not value.isprintable():
        style = '"'  # which writes a line break as an escape
    elif isinstance(value, str) and set(value) & set(",[]{}#&*!|>%@`:?"):
        style = "'"  # in a flow collection a plain text may not hold these
    text: str = yaml.safe_dump(value, default_style=style, allow_unicode=style != '"', width=float("inf")).strip()
    return text.removesuffix("...").strip()


def plain(text: str) -> str:
    """A name as part of a comment: on one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text) or "(no name)"


def written(name: str, sample: Sample, columns: list[Column], match: Match | None) -> str:
    """The whole proposal. ``match`` None: the collector knows its fields itself."""
    body = list(_entry(name, sample, match))
    return "\n".join([*_head(sample, match), "sources:", *body, *_tail(sample, columns, match)]) + "\n"


def _head(sample: Sample, match: Match | None) -> Iterator[str]:
    yield f"# {len(sample.rows)} rows and {len(sample.columns)} columns were looked at; nothing of a row is shown here."
    if match is not None:
        yield f"# Taken for {match.shape.replace('_', ' ')} (confidence {match.sure}). Read what says FILL IN."
    yield "# Numbers behind fields are confidences, 0 to 1. Then: run.py once NAME --dry-run"
    for remark in sample.remarks:
        yield f"# Note: {remark}."


def _entry(name: str, sample: Sample, match: Match | None) -> Iterator[str]:
    every, stale, expires = _AGES.get(sample.collector, ("5m", "15m", "2h"))
    yield f"  {name}:"
    yield f"    collector: {sample.collector}"
    if match is None or match.shape != "observations":
        yield "    kind: complaint  # FILL IN: complaint, memo, permit, call, claim, or a word of your own"
    yield from (f"    every: {every}", f"    stale_after: {stale}", f"    expires_after: {expires}", "    args:")
    for key, value in sample.args.items():
        yield f"      {key}: {scalar(value)}"
    if match is not None:
        yield from _mapping(match)


def _mapping(match: Match) -> Iterator[str]:
    if match.shape != "cases":
        yield f"      shape: {match.shape}"
    kept, statuses = dict(match.fields), list(_status(match))
    if not statuses and "status" in kept:
        column, sure = kept.pop("status")
        if shown(column) and "outcome" not in kept:
            # Countable by its word at least: where: {outcome: Closed}.
            kept["outcome"] = (column, sure)
    yield "      fields:"
    for field, (column, sure) in kept.items():
        yield f"        {field}: {scalar(column.name)}  # {sure}{_doubt(field, column, sure)}"
    if match.values:
        yield from _values(match)
    yield from statuses
    if match.shape == "event_log":
        yield "      # FILL IN: the last event closes a case; if a stage does, name it: closed_when: [stage]"
    if match.time_format:
        yield f"      time_format: {scalar(match.time_format)}"
    if match.blanks:
        yield f"      empty: {scalar(match.blanks)}"
    if match.nowhere:
        yield f"      ignore_positions: {scalar([list(place) for place in match.nowhere])}  # a placeholder, it seems"
    leading = next(column for field, (column, _) in match.fields.items() if field in ("opened_at", "at"))
    if not leading.zoned:
        yield "      # Times carry no zone and are read as the region's own; if they are not: zone: Asia/Jakarta"
    marks = {
        column.decimal
        for column in (*match.values, *(match.fields[name][0] for name in ("lat", "lon") if name in match.fields))
    }
    if marks & {",", "?"}:
        yield '      decimal: ","' + (
            "" if "," in marks else "  # FILL IN: 1.234 is a thousand and more here, not one and a bit?"
        )


def _doubt(field: str, column: Column, sure: float) -> str:
    if field == "key" and sure < 0.2:
        return "  FILL IN: no column names a case; two cases of one moment would be taken for one"
    if column.doubtful:
        return "  FILL IN: day and month may be the other way round; see time_format"
    return "  FILL IN: a guess" if sure < 0.5 else ""


def _values(match: Match) -> Iterator[str]:
    names = _metrics(match)
    yield "      values:  # FILL IN: the names your metrics shall have; delete what you do not count"
    for metric, column in names.items():
        yield f"        {metric}: {scalar(column.name)}"
    said = {metric: column for metric, column in names.items() if column.decimal is None}
    if said:
        yield "      numbers:  # numbers said in words; {} is the number in the text. FILL IN what the others mean"
        for metric, column in said.items():
            forms = {form: _means(form) for form in column.sentences}
            yield f"        {metric}: {scalar(forms)}"


def _metrics(match: Match) -> dict[str, Column]:
    """The metric of each column of values: the last step of its path, or all of it where two end alike."""
    short = [metric_name(re.split(r"[.\]]", column.name)[-1] or column.name) for column in match.values]
    return {
        name if short.count(name) == 1 else metric_name(column.name): column
        for name, column in zip(short, match.values, strict=True)
    }


def _means(form: str) -> int:
    if "{}" not in form:
        return 0
    return next((minutes for word, minutes in _MINUTES.items() if word in form.split()), 1)


def metric_name(column: str) -> str:
    """The name of a metric from that of a column: small letters, digits and _."""
    name = re.sub(r"\W+", "_", "_".join(tokens(column)), flags=re.ASCII).strip("_")
    return name if name[:1].isalpha() else f"n_{name}"


def _status(match: Match) -> Iterator[str]:
    """The value map; nothing when the words cannot be shown, or close cases without saying when."""
    found = match.fields.get("status")
    known = shown(found[0]) if found else None
    if found is None or known is None or not known:
        return
    if closes(known) and not {"closed_at", "status_at"} & set(match.fields):
        return
    yield "      status:  # FILL IN: received, routed, in_progress, done or rejected; a final * matches any rest"
    for word in sorted(known):
        status, sure = meaning(word)
        yield f"        {scalar(word)}: {status}" + ("" if sure else "  # FILL IN: not known")
    if hidden := len(found[0].texts) - len(known):
        yield f'        "*": in_progress  # FILL IN: {hidden} more words, not shown: rare, long or with numbers'


def _tail(sample: Sample, columns: list[Column], match: Match | None) -> Iterator[str]:
    if match is None:
        yield "# The collector knows the fields of Open311 itself; address, description and media are never read."
        return
    if "status" in match.fields and not list(_status(match)):
        yield "# The status closes nothing: no column says when a case was closed, or its words are no vocabulary."
    used = {column.name for column, _ in match.fields.values()} | {column.name for column in match.values}
    rest = [column for column in columns if column.name not in used]
    for title, chosen in (
        ("Left out, because they look personal", [column for column in rest if column.personal]),
        ("Left out, because people write them freely", [c for c in rest if c.written and not c.personal]),
        ("Not mapped, though a vocabulary", [c for c in rest if c.few and not (c.personal or c.written or c.is_time)]),
    ):
        if chosen:
            yield f"# {title}: {', '.join(plain(column.name) for column in chosen[:FEW_WORDS])}"
    if match.shape == "observations":
        yield "metrics:  # FILL IN: unit, and sum or mean instead of the latest value"
        yield from (f"  {metric}: {{measure: latest}}" for metric in _metrics(match))
