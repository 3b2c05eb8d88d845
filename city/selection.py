"""What is looked at: a kind of case, some local days, and what they are narrowed to; as an address says it. Pure.

    kind=complaint&from=2026-09-01&to=2026-11-24&category=jalan,sampah&agency=pupr&compare=previous

One address means one selection on every page, in exports and in the data API. ``period=90d`` (7d, 30d, 90d, month,
year) stands for its days up to today. Of agencies, districts and categories a name or an alias is as good as the
code. A word that the region does not know but nearly is a mistake, and told; ``=`` before it takes it as it stands
(``category==Pohon``), as sources have words of their own. ``~`` is what is not known (null): in ``where`` it is the
empty text.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple, cast, get_args
from urllib.parse import parse_qsl, quote
from zoneinfo import ZoneInfo

import msgspec
from msgspec import structs

from city.against import periods
from city.config import Config
from city.selection_words import AS_IT_CAME, STATUSES, UNKNOWN, near, value_of
from city.times import Window, day_start

Compare = Literal["", "previous", "year", "weekdays"]
#: What a selection can be narrowed by, in the order of an address.
DIMENSIONS = ("agency", "district", "category", "channel", "status", "priority")
#: Period -> its first day when it ends on the given one.
PERIODS: Mapping[str, Callable[[date], date]] = {
    "7d": lambda today: today - timedelta(days=6),
    "30d": lambda today: today - timedelta(days=29),
    "90d": lambda today: today - timedelta(days=89),
    "month": lambda today: today.replace(day=1),
    "year": lambda today: today.replace(month=1, day=1),
}
USUAL = "90d"
#: Before this there is no calendar to look back in, and no city with data; nobody asks for more values at once.
_FIRST_YEAR, _LAST_YEAR, _MOST = 1970, 9000, 200
_ONE_DAY = timedelta(days=1)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_FIELDS = ("kind", "from", "to", "period", *DIMENSIONS, "compare")


class Flaw(NamedTuple):
    """One mistake of an address: the field, what stands there, and the nearest that could (empty: none is near)."""

    field: str
    value: str
    nearest: str = ""
    needs: str = ""

    def __str__(self) -> str:
        near = f"; did you mean '{self.nearest}'?" if self.nearest else ""
        needs = f"; write {self.needs}" if self.needs else ""
        return f"'{self.field}': '{self.value}' is not known{near}{needs}"


class WrongSelection(ValueError):
    """What is wrong in an address, every mistake at once."""

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__("; ".join(map(str, flaws)))
        self.flaws = flaws


class Selection(msgspec.Struct, frozen=True):
    """Cases of ``kind`` that lie in the local days ``first`` to ``last`` (both included) and match ``where``.

    ``where``: dimension -> any of these values; the empty text is "not known". ``compare``: what it is held against.
    """

    kind: str
    first: date
    last: date
    where: dict[str, tuple[str, ...]] = {}
    compare: Compare = ""

    def query(self, **more: str) -> str:
        """The address that means exactly this, always the same; ``more`` is put behind it."""
        parts = {"kind": self.kind, "from": self.first.isoformat(), "to": self.last.isoformat()}
        parts |= {name: ",".join(map(_written, self.where[name])) for name in DIMENSIONS if self.where.get(name)}
        parts |= {"compare": self.compare} if self.compare else {}
        return "&".join(
            f"{name}={quote(text, safe=',~=: ').replace(' ', '+')}" for name, text in (parts | more).items()
        )

    @property
    def days(self) -> int:
        """How many local days it covers."""
        return (self.last - self.first).days + 1

    def window(self, zone: ZoneInfo) -> Window:
        """From the midnight it begins with to the midnight it ends with."""
        return Window(day_start(self.first, zone), day_start(self.last + _ONE_DAY, zone))

    def other(self, zone: ZoneInfo, now: datetime | None = None) -> Window | None:
        """What it is compared with; None when with nothing.

        With ``now``, days that have not ended are held against as much of the others. ``weekdays``: as many days
        before, moved by whole weeks, so that a Monday stands against a Monday.
        """
        if not self.compare:
            return None
        span = self.window(zone)
        if now is not None and span.start < now < span.end:
            span = Window(span.start, now)
        if self.compare != "weekdays":
            return periods(self.compare, span, zone)[0]
        back = timedelta(weeks=-(-self.days // 7))
        return Window(_earlier(span.start, back, zone), _earlier(span.end, back, zone))

    def with_(self, **changes: Any) -> "Selection":
        """The same with other fields, or other values of a dimension (``category=("jalan",)``; none: all of them)."""
        narrowed = {name: tuple(changes.pop(name)) for name in DIMENSIONS if name in changes}
        where = {**changes.pop("where", self.where), **narrowed}
        return structs.replace(self, **changes, where={name: values for name, values in where.items() if values})

    def toggled(self, **values: str) -> "Selection":
        """Narrowed to one value of each dimension; when it is already exactly that, to none."""
        same = all(self.where.get(name) == (value,) for name, value in values.items())
        return self.with_(**{name: () if same else (value,) for name, value in values.items()})


def read(query: Mapping[str, str] | str, config: Config, today: date) -> Selection:
    """The selection of an address (with or without ``?``) or of its fields; unknown fields are left alone.

    Raises WrongSelection, a ValueError that names every wrong field with its value and the nearest valid one.
    """
    found, flaws = understood(query, config, today)
    if flaws:
        raise WrongSelection(flaws)
    return found


def understood(query: Mapping[str, str] | str, config: Config, today: date) -> tuple[Selection, tuple[Flaw, ...]]:
    """What of an address is understood, and what is not: that is as if it were not there."""
    fields = _fields(query)
    flaws: list[Flaw] = []
    known = kinds(config)
    kind = _one_of(fields, "kind", known, flaws) or known[0]
    first, last = _days(fields, today, flaws)
    where = {name: values for name in DIMENSIONS if (values := tuple(_values(fields, name, config, flaws)))}
    compare = _one_of(fields, "compare", [way for way in get_args(Compare) if way], flaws)
    return Selection(kind, first, last, where, cast(Compare, compare)), tuple(flaws)


def kinds(config: Config) -> list[str]:
    """The kinds of case that the region has sources of, complaints first."""
    found = dict.fromkeys(source.kind for source in config.sources.values() if source.kind)
    return sorted(found, key=lambda kind: kind != "complaint") or ["complaint"]


def _fields(query: Mapping[str, str] | str) -> dict[str, str]:
    """Field -> text; a field that is there twice has the values of both."""
    pairs = parse_qsl(query.lstrip("?")) if isinstance(query, str) else query.items()
    found: dict[str, str] = {}
    for name, text in pairs:
        if name in _FIELDS and text:
            found[name] = f"{found[name]},{text}" if name in found and name in DIMENSIONS else text
    return found


def _one_of(fields: Mapping[str, str], name: str, known: list[str], flaws: list[Flaw]) -> str:
    text = fields.get(name, "")
    if text and text not in known:
        flaws.append(Flaw(name, text, near(text, known), "one of " + ", ".join(known)))
        return ""
    return text


def _days(fields: Mapping[str, str], today: date, flaws: list[Flaw]) -> tuple[date, date]:
    """Days that are written win over a period; a missing end is today, a missing begin that of the usual period."""
    period = _one_of(fields, "period", list(PERIODS), flaws) or USUAL
    last = _day(fields, "to", flaws) or today
    first = _day(fields, "from", flaws) or min(last, PERIODS[period](last))
    if first > last:
        flaws.append(Flaw("from", first.isoformat(), last.isoformat(), "a day that is not after 'to'"))
        first = last
    return first, last


def _day(fields: Mapping[str, str], name: str, flaws: list[Flaw]) -> date | None:
    text = fields.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        flaws.append(Flaw(name, text, needs="a day such as 2026-09-01"))
        return None
    return day


def _values(fields: Mapping[str, str], name: str, config: Config, flaws: list[Flaw]) -> Iterator[str]:
    texts = list(dict.fromkeys(part.strip() for part in fields.get(name, "").split(",") if part.strip()))
    if len(texts) > _MOST:
        flaws.append(Flaw(name, f"{len(texts)} values", needs=f"at most {_MOST}"))
    for text in texts[:_MOST]:
        value, nearest = value_of(name, text, config)
        if value is None:
            flaws.append(Flaw(name, text, nearest, "one of " + ", ".join(STATUSES) if name == "status" else ""))
        else:
            yield value


def _written(value: str) -> str:
    """One value as an address has it: what is no plain code is marked, its commas hidden."""
    if not value:
        return UNKNOWN
    if _CODE.fullmatch(value):
        return value
    return AS_IT_CAME + value.replace("%", "%25").replace(",", "%2C")


def _earlier(at: datetime, by: timedelta, zone: ZoneInfo) -> datetime:
    """The same time of day so many days earlier, by the region's clocks."""
    return (at.astimezone(zone) - by).replace(fold=0).astimezone(at.tzinfo)
