"""What a draw of /explore asks the mirror: each question by itself, then all of them at once as the page does.

Filters change with every asking. Milliseconds of this process; the little that PostgreSQL is asked (the sources, the
oldest case) counts in the time of the whole draw, not in its processor time.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from city import explored, explored_sql
from city.mirror_queries import MirrorQueries
from city.selection import Selection
from city.times import Window, local_day

DAYS = (90, 5 * 365)
Where = dict[str, tuple[str, ...]]
Ask = Callable[[MirrorQueries, Window, Where], object]
_number = itertools.count()


def _where() -> Where:
    number = next(_number)
    return {
        "agency": (f"opd{number % 8}", f"opd{(number + 3) % 8}"),
        "district": tuple(f"d{n}" for n in range(number % 9, 30)),
    }


def _measure(name: str, grain: str | None = None, by: tuple[str, ...] = (), quantile: float | None = None) -> Ask:
    return lambda ask, span, where: ask.measure(
        f"complaints_{name}", by=by, window=span, grain=grain, where={**where}, quantile=quantile
    )


def _own(sql: Callable[[list[str]], str]) -> Ask:
    def asked(ask: MirrorQueries, span: Window, where: Where) -> object:
        region = ask.config.region
        values = {"region": region.code, "kind": "complaint", "start": span.start, "end": span.end,
                  "zone": region.timezone} | {f"w_{name}": list(of) for name, of in where.items()}  # fmt: skip
        return ask.mirror.run(sql(list(where)), values)

    return asked


def _draw(ask: MirrorQueries, span: Window, where: Where) -> object:
    first, last = (local_day(at, ask.zone) for at in (span.start, span.end))
    with ThreadPoolExecutor(4) as pool:
        return explored.explore(ask, Selection("complaint", first, last, where), pool)


QUESTIONS: dict[str, Ask] = {
    **{name.replace("_", " "): _measure(name) for name in explored.NUMBERS},
    "opened by day": _measure("opened", "day"),
    "opened by week": _measure("opened", "week"),
    "p90 to close": _measure("time_to_close", quantile=0.9),
    "overdue now": lambda ask, _, where: ask.measure("complaints_overdue", where={**where}),
    "splits": _own(lambda where: explored_sql.splits(where, explored_sql.MIRROR_LOCAL)),
    "durations": _own(explored_sql.durations),
    "stages": _own(lambda where: explored_sql.stages(where, mirrored=True)),
    "first response by agency": _measure("first_response", by=("agency",)),
    "open by status and day": _measure("open", "day", ("status",)),
    "overdue by priority and week": _measure("overdue", "week", ("priority",)),
    "the whole draw": _draw,
}


def measure(ask: MirrorQueries, rounds: int) -> Iterator[tuple[str, str]]:
    """A line for each question: median and p95 of the time, and the median of the processor time, by window."""
    now = ask.clock()
    for name, question in QUESTIONS.items():
        parts = []
        for days in DAYS:
            span = Window(now - timedelta(days=days), now)
            taken = [_taken(lambda question=question, span=span: question(ask, span, _where())) for _ in range(rounds)]
            wall, processor = sorted(one for one, _ in taken), sorted(one for _, one in taken)
            parts.append(f"{days} days {wall[len(wall) // 2]:5.0f} ms, p95 {wall[int(0.95 * (len(wall) - 1))]:5.0f}, "
                         f"processor {processor[len(processor) // 2]:5.0f}")  # fmt: skip
        yield f"/explore: {name}", "; ".join(parts)


def _taken(ask: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds, and those of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    ask()
    return 1_000 * (time.perf_counter() - wall), 1_000 * (time.process_time() - processor)
