"""Cases of November 2026 in Jambi and their day roll-ups as a mapping, for the tests to compare."""

from zoneinfo import ZoneInfo

from city.model import Status
from city.times import instant
from tests.builders import case, table

ZONE = ZoneInfo("Asia/Jakarta")
COUNTS = (
    "opened", "closed", "closed_due", "closed_on_time", "rejected", "open_in", "open_out", "overdue_in", "overdue_out",
)  # fmt: skip
NEW = {"opened": 1, "open_in": 1}  # what a case adds to the day it was opened, unless it was closed at once


def at(text):
    """A moment of November 2026 by Jambi's clocks: ``20 08:00``."""
    return text and instant(f"2026-11-{text}", ZONE)


def filed(key="A-1", opened="20 08:00", due=None, closed=None, **more):
    more = {"status": Status.DONE if closed else Status.RECEIVED} | more
    return case(key, opened_at=at(opened), due_at=at(due), closed_at=at(closed), **more)


def days(engine, *dims):
    """{day of November, or (day, *dims): the counts of it that are not zero}, of rows that count anything."""
    columns = ", ".join(["extract(day from day)::int", *dims, *COUNTS])
    found = {}
    for row in table(engine, f"select {columns} from case_days"):
        key, counts = row[: 1 + len(dims)], dict(zip(COUNTS, row[1 + len(dims) :], strict=True))
        if any(counts.values()):
            key = key if dims else key[0]
            assert key not in found, f"two rows of one day: {key}"
            found[key] = {name: count for name, count in counts.items() if count}
    return found
