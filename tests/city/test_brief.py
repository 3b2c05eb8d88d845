"""The daily brief of a small city, counted by hand, from a real database."""

import itertools
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from city.brief import read
from city.brief_settings import BriefSettings
from city.config import Args, Config, MetricConfig, Region, Source
from city.documents import ConfigError, load
from city.goals import Scorecard
from city.model import Case, Observation, State, Status, Unreachable
from city.queries import Queries
from city.scorecard import Why
from city.store import Store, Tally
from city.times import instant

ZONE = ZoneInfo("Asia/Jakarta")
NOW = instant("2026-11-24 07:00", ZONE)  # a Tuesday: the brief is about Monday the 23rd
MONDAY = instant("2026-11-23 00:00", ZONE)
DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(days=7)
GOALS = [
    {"metric": "complaints_on_time_ratio", "field": "Pengaduan", "targets": [{"from": "2025-01-01", "value": 0.8}]}
]
_regions = itertools.count(1)


class City:
    """A region of its own with complaints, memos and a hospital."""

    def __init__(self, engine, goals=(), **brief):
        self.now = NOW
        ages = {"stale_after": HOUR, "expires_after": 3 * HOUR}
        self.config = Config(
            region=Region(code=f"95.{next(_regions)}", name="Kota", timezone=ZONE.key),
            sources={
                "desk": Source(collector="csv_file", kind="complaint", title="SIKESAL", **ages),
                "letters": Source(collector="csv_file", kind="memo", title="SIPADEK", **ages),
                "beds": Source(collector="csv_file", title="RS", **ages),
            },
            sla={"complaint": {"default": "48h"}, "memo": {"default": "48h"}},
            metrics={"wait": MetricConfig(measure="mean", kind="duration", unit="minutes", direction="lower")},
            scorecard=Scorecard.model_validate({"goals": list(goals)}) if goals else None,
            brief=BriefSettings.model_validate(brief) if brief else None,
        )
        self.store = Store(engine, self.config, lambda: self.now)
        self.queries = Queries(engine, self.config, lambda: self.now)

    def saves(self, *items, source="desk", at=None):
        self.store.save(source, items, started_at=at or self.now, finish=Tally)

    def opened(self, at, count, **more):
        """Complaints filed at a moment."""
        self.saves(*(Case(key=f"{at.isoformat()}-{number}-{more}", kind="complaint", opened_at=at, **more)
                     for number in range(count)))  # fmt: skip

    def figures(self, at=None):
        return {one.metric.name: one for one in read(self.queries, at).figures}


def test_yesterday_is_held_against_the_same_weekday_of_the_weeks_before(shared_engine):
    city = City(shared_engine, metrics=["complaints_opened"])
    for week, count in enumerate((7, 10, 12, 14, 10, 11), start=1):
        city.opened(MONDAY - week * WEEK + 9 * HOUR, count)
    city.opened(MONDAY - 2 * DAY, 50)  # Saturdays do not count
    city.opened(MONDAY - 6 * WEEK - 2 * DAY, 1)  # where the history begins
    city.opened(MONDAY + 9 * HOUR, 9)
    city.opened(MONDAY + DAY, 30)  # nor does today
    brief = read(city.queries)
    (one,) = brief.figures
    assert (brief.day, brief.at) == (date(2026, 11, 23), NOW)
    assert (one.value, one.n, one.why) == (9, 9, None)
    assert one.band == pytest.approx((8.5, 13))  # of 7 10 10 11 12 14
    assert (one.as_of, one.sources) == (NOW, ("SIKESAL",))


def test_three_weeks_of_history_are_no_habit(shared_engine):
    city = City(shared_engine, metrics=["complaints_opened"])
    for week in range(4):
        city.opened(MONDAY - week * WEEK + HOUR, 5)
    assert city.figures()["complaints_opened"].band is None


def test_what_is_open_and_overdue_stands_as_it_stood_at_the_end_of_the_day(shared_engine):
    city = City(shared_engine, metrics=["complaints_open", "complaints_overdue"])
    city.opened(MONDAY + HOUR, 4, due_at=MONDAY + 20 * HOUR)
    city.opened(MONDAY + 2 * HOUR, 2, due_at=MONDAY + 30 * HOUR, closed_at=MONDAY + 26 * HOUR, status=Status.DONE)
    city.opened(MONDAY + 25 * HOUR, 8, due_at=MONDAY + 26 * HOUR)  # today
    found = city.figures()
    assert found["complaints_open"].value == 6
    assert found["complaints_overdue"].value == 4


def test_a_number_without_its_source_is_named_and_is_no_zero(shared_engine):
    city = City(shared_engine, metrics=["memos_opened", "complaints_opened", "wait", "complaints_closed"])
    city.opened(MONDAY + HOUR, 3)
    city.saves(Observation(metric="wait", at=MONDAY - HOUR, value=20), source="beds")
    found = city.figures()
    assert (found["memos_opened"].value, found["memos_opened"].why) == (None, Why.NEVER)
    assert (found["memos_opened"].as_of, found["memos_opened"].sources) == (None, ("SIPADEK",))
    assert (found["wait"].value, found["wait"].why) == (None, Why.EMPTY)  # it was read, and brought nothing of Monday
    # A count of a day within which counting began is not the whole of it; its value is kept and marked.
    assert (found["complaints_opened"].value, found["complaints_opened"].why) == (3, Why.PARTIAL)


def test_a_source_that_fell_silent_is_told_with_its_age_and_its_number_is_marked(shared_engine):
    city = City(shared_engine, metrics=["complaints_opened"])
    city.now = MONDAY + 12 * HOUR
    city.opened(MONDAY - 9 * DAY, 1)
    city.opened(MONDAY + HOUR, 3)
    city.saves(Observation(metric="wait", at=MONDAY, value=20), source="beds", at=NOW)
    city.now = NOW
    city.store.fail("desk", started_at=NOW - HOUR, error=Unreachable("away"))
    brief = read(city.queries)
    (one,) = brief.figures
    assert (one.value, one.why, one.as_of) == (3, Why.STALE, MONDAY + 12 * HOUR)
    assert [(source.title, found) for source, found in brief.away] == [
        ("SIKESAL", State.EXPIRED), ("SIPADEK", State.MISSING)
    ]  # fmt: skip
    assert brief.alive == 1
    assert brief.oldest == one


def test_who_is_late_is_counted_over_the_kinds_the_most_first(shared_engine):
    city = City(shared_engine)
    city.opened(MONDAY - 5 * DAY, 3, agency="pupr", due_at=MONDAY)
    city.opened(MONDAY - 4 * DAY, 2, agency="dlh", due_at=MONDAY)
    city.opened(MONDAY - 4 * DAY, 9, agency="dlh", due_at=NOW + HOUR)  # not yet
    city.saves(*(Case(key=f"m{number}", kind="memo", opened_at=MONDAY - 6 * DAY, due_at=MONDAY, agency="dlh")
                 for number in range(2)), source="letters")  # fmt: skip
    brief = read(city.queries)
    assert [(one.agency, one.overdue) for one in brief.late] == [
        ("dlh", {"complaint": 2, "memo": 2}), ("pupr", {"complaint": 3})
    ]  # fmt: skip
    assert brief.late_as_of == {"complaint": NOW, "memo": NOW}


def test_a_kind_that_was_never_collected_makes_nobody_punctual(shared_engine):
    brief = read(City(shared_engine).queries)
    assert (brief.late, brief.late_as_of) == ((), {"complaint": None, "memo": None})
    assert all(one.why is Why.NEVER and one.value is None for one in brief.figures)
    assert [one.metric.name for one in brief.figures][:4] == [
        "complaints_opened", "complaints_closed", "complaints_open", "complaints_overdue"
    ]  # fmt: skip
    assert brief.card is None
    assert brief.oldest is None


def test_what_changed_most_is_told_with_who_did_it(shared_engine):
    city = City(shared_engine, GOALS)
    for week, late in ((2, {"pupr": 1, "dlh": 1}), (1, {"pupr": 8, "dlh": 1})):
        at = MONDAY - week * WEEK + 12 * HOUR
        city.saves(*(
            Case(key=f"{week}-{agency}-{number}", kind="complaint", agency=agency, opened_at=at - 9 * HOUR,
                 closed_at=at, due_at=at + (-HOUR if number < many else HOUR), status=Status.DONE)
            for agency, many in late.items() for number in range(10)
        ))  # fmt: skip
    brief = read(city.queries)
    (changed,) = brief.changed
    # 18 of 20 on time is 112.5 % of 80 %; 11 of 20 is 68.75 %.
    assert float(changed.points) == pytest.approx(68.75 - 112.5)
    assert changed.by == "agency"
    assert [part.group for part in changed.parts] == [("pupr",)]
    assert changed.parts[0].change == pytest.approx(-0.35)
    assert float(brief.card.score) == pytest.approx(68.75)


def test_of_the_past_nobody_knows_how_the_sources_were_doing(shared_engine):
    city = City(shared_engine, metrics=["complaints_opened"])
    city.opened(MONDAY - 20 * DAY, 1)
    city.opened(MONDAY - 2 * DAY + HOUR, 5)
    brief = read(city.queries, MONDAY - DAY + 7 * HOUR)
    assert (brief.day, brief.away, brief.silent) == (date(2026, 11, 21), None, ())
    assert brief.figures[0].value == 5
    assert read(city.queries, NOW + DAY).at == NOW


@pytest.mark.parametrize(
    ("brief", "told"),
    [
        ('{at: "25:00"}', "brief.at: write a time of day such as 07:00"),
        ("{metrics: [complaints_opend]}", "brief.metrics.0: unknown metric. Did you mean 'complaints_opened'?"),
        ("{late: [complain]}", "brief.late.0: unknown kind of case. Did you mean 'complaint'?"),
        ("{emial: {}}", "brief.emial: unknown setting. Did you mean 'email'?"),
        ("{email: {host: m, from: x@y, to: []}}", "brief.email.to"),
        ('{email: {host: m, from: x@y, to: ["a@b\\nBcc: c@d"]}}', "not an e-mail address"),
        ("{email: {host: m, from: x@y, to: [a@b], user: u}}", "user and password_env belong together"),
        ("{email: {host: m, from: x@y, to: [a@b], user: u, password_env: P, starttls: false}}", "use starttls"),
        ("{webhook: {url: ftp://x}}", "brief.webhook.url: write an http or https address"),
        ("{languages: [jv]}", "brief.languages.0"),
    ],
)
def test_a_mistake_in_the_settings_is_told_with_its_line(tmp_path, brief, told):
    path = tmp_path / "region.yaml"
    path.write_text(
        "region: {code: '1', name: Kota, timezone: Asia/Jakarta}\n"
        "sources: {desk: {collector: csv_file, kind: complaint}}\n"
        f"brief: {brief}\n"
    )
    with pytest.raises(ConfigError) as error:
        load(path, lambda kind: Args)
    problems = [str(problem) for problem in error.value.problems]
    assert any(told in problem and "region.yaml:3" in problem for problem in problems), problems


def test_seven_in_the_morning_is_understood_quoted_or_not(tmp_path):
    assert BriefSettings.model_validate({"at": 7 * 60}).at == BriefSettings.model_validate({"at": "07:00"}).at
