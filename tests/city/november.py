"""Eight complaints of one November in Jambi, small enough to count by hand."""

from zoneinfo import ZoneInfo

from city.model import Case, CaseEvent, Status
from city.times import instant

ZONE = ZoneInfo("Asia/Jakarta")
#: Ways through the history of a complaint: from one stage to another.
WALKS = {
    "walk": ("routed", "done"), "to_desk": ("opened", "routed"), "to_end": ("routed", "closed"),
    "backwards": ("in_progress", "routed"), "never": ("routed", "signed"),
}  # fmt: skip


def at(text):
    """``11-20 08:00`` of 2026 by Jambi's clocks."""
    return text and instant(f"2026-{text}", ZONE)


#: key: (opened, due, closed, status, category, agency, history after "received")
CASES = {
    1: ("11-02 08:00", "11-04 08:00", "11-03 08:00", "done", "jalan", "pupr",
        "routed 11-02 10:00, in_progress 11-03 07:00, done 11-03 08:00"),
    2: ("11-06 00:00", "11-07 00:00", "11-08 12:00", "done", "jalan", "pupr",
        "in_progress 11-06 12:00, done 11-08 12:00"),
    3: ("11-08 23:00", None, "11-16 00:00", "rejected", "sampah", "dlh", "rejected 11-16 00:00"),
    4: ("11-09 00:00", "11-10 00:00", "11-10 00:00", "done", "sampah", "dlh", "routed 11-09 00:30, done 11-10 00:00"),
    5: ("11-23 10:00", "11-24 12:00", None, "received", "jalan", "pupr", ""),
    6: ("11-24 08:00", "11-24 18:05", None, "routed", "sampah", "dlh",
        "routed 11-24 09:00, done 11-24 10:00, routed 11-24 11:00"),
    7: ("11-24 13:00", None, None, "received", None, None, ""),
    8: ("10-31 23:30", "11-02 12:00", "11-24 09:00", "done", "jalan", "dlh",
        "routed 11-01 00:30, done 11-05 09:00, in_progress 11-09 00:00, done 11-12 09:00, received 11-20 09:00,"
        " done 11-24 09:00"),
}  # fmt: skip


def _complaint(key, opened, due, closed, status, category, agency, history):
    steps = [step.split(maxsplit=1) for step in history.split(", ") if step]
    events = (CaseEvent(at(opened), "received"), *(CaseEvent(at(moment), stage) for stage, moment in steps))
    return Case(
        key=str(key), kind="complaint", opened_at=at(opened), due_at=at(due), closed_at=at(closed),
        status=Status(status), category=category, agency=agency, events=events,
    )  # fmt: skip


def complaints():
    """All of them."""
    return [_complaint(key, *facts) for key, facts in CASES.items()]
