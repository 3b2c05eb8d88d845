"""Silent agencies and kept promises, by hand: what is a sign, which days count, and who has nothing to answer."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from city import silence, sla
from city.model import WITHDRAWN, Case, CaseEvent, Status
from city.queries import Queries
from city.silence import Sign, Silent, Waiting
from city.store import Store, Tally
from city.times import Window, instant
from tests.builders import config

ZONE = ZoneInfo("Asia/Jakarta")
NOW = instant("2026-12-30 14:05", ZONE)  # Wednesday; Thursday 24 and Friday 25 were holidays
AGENCIES = [{"code": code, "name": code.upper()} for code in ("pupr", "dlh", "setda")]


def local(text):
    return instant(f"2026-{text}", ZONE)


class City:
    """Memos of one source and complaints of another, read at NOW."""

    def __init__(self, engine):
        sources = {
            "desk": {"collector": "csv_file", "kind": "complaint"},
            "memos": {"collector": "csv_file", "kind": "memo"},
        }
        base = config(sources=sources)
        region = base.region.model_dump() | {"agencies": AGENCIES}
        made = config(sources=sources, region=region)
        self.store, self.queries = Store(engine, made, lambda: NOW), Queries(engine, made, lambda: NOW)

    def saves(self, *cases, source="memos", at=NOW):
        self.store.save(source, cases, started_at=at, finish=Tally)

    def silent(self, kind, days=3):
        return [(one.agency, one.days, one.sign.stage if one.sign else None, one.waiting)
                for one in silence.read(self.queries, kind, days).silent]  # fmt: skip


@pytest.fixture
def city(engine):
    return City(engine)


def memo(key, opened, agency, *events, closed=None, kind="memo", **more):
    steps = tuple(CaseEvent(local(at), stage, holder) for at, stage, holder in events)
    closed_at = local(closed) if closed else None
    status = Status.DONE if closed else Status.RECEIVED
    return Case(key=key, kind=kind, opened_at=local(opened), closed_at=closed_at, agency=agency, events=steps,
                **({"status": status} | more))  # fmt: skip


def test_an_agency_that_writes_no_memo_for_three_working_days_is_silent_and_holidays_do_not_count(city):
    city.saves(
        memo("0", "11-02 09:00", "pupr"),
        memo("1", "12-22 10:00", "pupr"),  # since then: Wed 23, Mon 28, Tue 29
        memo("2", "12-23 10:00", "dlh"),  # since then: Mon 28, Tue 29
    )
    found = silence.read(city.queries, "memo", 3)
    assert found.silent[-1] == Silent("pupr", Sign(local("12-22 10:00"), "opened"), 3, 2)
    assert [one.agency for one in found.silent] == [
        "setda",
        "pupr",
    ]  # setda: no sign at all, as long as there is history
    assert found.silent[0].sign is None and found.heard == 1
    assert city.silent("memo", 2)[-1] == ("dlh", 2, "opened", 1)


def test_a_step_is_a_sign_of_the_agency_that_held_the_case_and_being_handed_a_case_is_none(city):
    city.saves(
        memo("0", "11-02 09:00", "dlh", closed="11-02 10:00"),
        memo("1", "12-01 09:00", "setda",
             ("12-01 09:00", "received", "setda"), ("12-29 09:00", "routed", "pupr")),
    )  # fmt: skip
    assert [one[0] for one in city.silent("memo")] == ["dlh", "pupr"]
    city.saves(memo("1", "12-01 09:00", "setda", ("12-29 10:00", "disposition", "dlh")))
    assert [one[0] for one in city.silent("memo")] == ["dlh"]


def test_who_has_no_case_waiting_is_not_silent_and_silence_begins_with_the_oldest_case_that_waits(city):
    complaints = [
        memo("1", "11-02 09:00", "pupr", closed="11-02 15:00", kind="complaint"),
        memo("2", "12-22 09:00", "pupr", kind="complaint"),  # its sign is long ago, but nothing waited until the 22nd
        memo("3", "12-29 09:00", "dlh", kind="complaint"),  # only yesterday
    ]
    city.saves(*complaints, source="desk")
    assert city.silent("complaint") == [("pupr", 3, "closed", 1)]
    assert city.silent("complaint", 4) == []


def test_a_case_that_its_source_withdrew_is_no_sign_and_neither_is_what_is_dated_later_than_now(city):
    gone = {"kind": "complaint", "status": Status.REJECTED, "outcome": WITHDRAWN}
    city.saves(
        memo("1", "11-02 09:00", "pupr", kind="complaint"),
        memo("2", "11-02 09:00", "pupr", ("12-29 09:00", "rejected", None), closed="12-29 09:00", **gone),
        memo("3", "11-02 09:00", "pupr", ("12-31 09:00", "in_progress", None), kind="complaint"),
        source="desk",
    )
    assert [(one[0], one[2]) for one in city.silent("complaint")] == [("pupr", None)]


def test_a_source_that_is_away_makes_nobody_silent(city):
    city.saves(memo("1", "12-22 10:00", "pupr"), memo("2", "12-22 10:00", "dlh"), memo("3", "12-22 10:00", "setda"),
               at=local("12-23 10:00"))  # fmt: skip
    assert city.silent("memo", 1) == []


def test_a_kind_never_collected_has_no_silent_agencies_and_an_unknown_kind_is_told(city):
    assert silence.read(city.queries, "memo", 3) == silence.Silence(None, (), 0)
    with pytest.raises(LookupError, match="Did you mean 'memos_open'"):
        silence.read(city.queries, "memoo", 3)
    with pytest.raises(ValueError, match="at least 1"):
        silence.read(city.queries, "memo", 0)


def test_silence_over_lebaran_counts_no_holiday():
    at, sign = instant("2026-03-26 09:00", ZONE), Sign(instant("2026-03-17 09:00", ZONE), "done")
    leave = frozenset(date(2026, 3, day) for day in (18, 19, 20, 23, 24))
    more = {"since": instant("2026-01-01", ZONE), "zone": ZONE, "written": False}
    waiting = {"pupr": Waiting(4, instant("2026-03-01", ZONE))}
    assert silence.silent({"pupr": sign}, waiting, ["pupr"], at, 2, closed=leave, **more) == ()
    assert silence.silent({"pupr": sign}, waiting, ["pupr"], at, 1, closed=leave, **more)[0].days == 1
    assert silence.silent({"pupr": sign}, waiting, ["pupr"], at, 6, closed=frozenset(), **more)[0].days == 6


# promises


def test_solved_rejected_reopened_late_and_overdue_are_counted_apart(city):
    due = {"due_at": local("12-28 12:00")}
    city.saves(
        memo("1", "12-22 09:00", "pupr", closed="12-28 12:00", kind="complaint", **due),
        memo("2", "12-22 09:00", "pupr", closed="12-28 12:01", kind="complaint", **due),  # late
        memo("3", "12-22 09:00", "pupr", closed="12-29 09:00", kind="complaint", status=Status.REJECTED, **due),  # late
        memo("4", "12-22 09:00", "pupr", kind="complaint", **due),  # overdue
        memo("5", "12-22 09:00", "pupr", ("12-23 09:00", "done", None), ("12-28 09:00", "in_progress", None),
             kind="complaint"),  # reopened, without a promise
        memo("6", "12-22 09:00", "dlh", kind="complaint", due_at=local("12-30 16:00")),  # soon
        source="desk",
    )  # fmt: skip
    first, second = sla.kept(city.queries, "complaint", ["agency"], Window(local("12-22 00:00"), NOW))
    assert first == sla.Kept(("pupr",), 5, 2, 1, 1, 3, 2, 1, 0) and first.breached == 3
    assert sla.overdue_ages(city.queries, "complaint") == (0, 1, 0, 0, 0)  # since Monday noon
    assert sla.overdue_ages(city.queries, "complaint", {"agency": "dlh"}) == (0, 0, 0, 0, 0)
    assert second == sla.Kept(("dlh",), 1, 0, 0, 0, 0, 0, 0, 1)
    assert sla.kept(city.queries, "complaint", ["agency"], Window(local("12-01 00:00"), local("12-02 00:00"))) == ()
