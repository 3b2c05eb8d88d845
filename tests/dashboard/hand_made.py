"""A brief made by hand, with every kind of number and absence in it."""

from datetime import date, timedelta
from fractions import Fraction

from city.brief import Brief, Changed, Figure, Late
from city.change import Part
from city.goals import Goal, Target
from city.metrics import Metric
from city.model import State
from city.periods import Period, row
from city.scorecard import Line, Value, Why, card
from city.silence import Silent
from city.sources import SourceState
from tests import builders

NOW = builders.NOW  # Tuesday 24 November 2026, 14.05 in Jambi
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WEEK = Period("week", date(2026, 11, 16), date(2026, 11, 22))


def metric(name: str, unit: str = "cases", kind: str = "count", direction: str = "lower") -> Metric:
    """A metric of complaints that is called as it is named."""
    return Metric(name, "opened", name, unit, kind, direction, of="complaint")


def line(name: str, before: float, actual: float | None, target: float, why: Why | None = None) -> Line:
    """A goal of a share."""
    values = [Value(before, 40), Value(actual, 40, why)]
    goal = Goal(metric=name, title=name, field="Pengaduan", targets=(Target(since=date(2025, 1, 1), value=target),))
    return Line(goal, metric(name, "ratio", "ratio", "higher"), row(WEEK, 2), values, [target] * 2, Fraction(125),
                NOW - 2 * HOUR, ("SIKESAL",))  # fmt: skip


def source(name: str, last: timedelta | None) -> SourceState:
    """A source that was last read so long ago."""
    return SourceState(name=name, title=name, stale_after=HOUR, expires_after=4 * HOUR,
                       last_ok_at=None if last is None else NOW - last)  # fmt: skip


def made() -> Brief:
    """Numbers within, above and below the usual; one stale, one never collected, one without history."""
    lines = [line("Tepat waktu", 0.9, 0.72, 0.9), line("Dibuka kembali", 0.5, 0.55, 0.5),
             line("Sampah", 0.9, 0.9, 0.95, Why.STALE)]  # fmt: skip
    age = NOW - 5 * MINUTE
    figures = (
        Figure(metric("Masuk"), 112.0, 112, (96.2, 131.4), None, age, ("SIKESAL",)),
        Figure(metric("Lewat tenggat"), 17.0, 17, (8.0, 12.0), None, age, ("SIKESAL",)),
        Figure(metric("Selesai"), 3.0, 3, (8.0, 12.0), None, age, ("SIKESAL",)),
        Figure(metric("Tunggu", "hours", "duration"), 3.5, 9, None, None, NOW - HOUR, ("RS",)),
        Figure(metric("Nota"), 40.0, 40, (30.0, 50.0), Why.STALE, NOW - 17 * HOUR, ("SIPADEK",)),
        Figure(metric("Izin"), None, 0, None, Why.NEVER, None, ("PBG",)),
        Figure(metric("Panggilan"), 0.0, 0, (0.0, 2.0), None, age, ("112",)),
    )
    part = Part(("pupr",), 20, 22, 0.9, 0.5, -0.16, -0.01, -0.15, few=False)
    return Brief(
        region="Kota Jambi", day=date(2026, 11, 23), at=NOW, simulated=True, card=card(lines), figures=figures,
        late=(Late("pupr", {"complaint": 9, "permit": 2}), Late(None, {"complaint": 1})),
        late_as_of={"complaint": age, "permit": None},
        silent=(("memo", (Silent("pupr", None, 6, 0),)),),
        changed=(Changed(lines[0], Fraction(-10), "agency", (part,), share=True),),
        away=((source("SIPADEK", 17 * HOUR), State.EXPIRED), (source("PBG", None), State.MISSING)), alive=4,
    )  # fmt: skip
