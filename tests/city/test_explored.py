"""What /explore finds of one selection: the same from PostgreSQL and from the mirror, each split without its filter."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from city import annotations, mirror, readers
from city.bands import banded
from city.config import Config
from city.explored import explore, grain_of
from city.mirror_queries import MirrorQueries
from city.mirror_writer import Writer
from city.model import CaseEvent, Status
from city.queries import Queries
from city.selection import read
from city.store import Store
from tests.builders import NOW, case, clock, config, own_region, save

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def city(shared_engine, tmp_path_factory):
    """Thirty days of six complaints, half of them closed, and a mirror of them: the two readers."""
    settings = config(region=own_region())
    cases = []
    for day in range(1, 31):
        for number in range(6):
            opened = NOW - timedelta(days=day, hours=number)
            done = number % 2 == 0
            events = (CaseEvent(opened, "received"), CaseEvent(opened + timedelta(hours=1), "routed")) if done else ()
            cases.append(case(
                f"{day}-{number}", opened_at=opened, category=("jalan", "sampah", None)[number % 3],
                agency=("pupr", "dlh")[number % 2], channel="sikesal", events=events,
                status=Status.DONE if done else Status.RECEIVED, due_at=opened + timedelta(hours=30),
                closed_at=opened + timedelta(hours=10 * (number + 1)) if done else None,
            ))  # fmt: skip
    save(Store(shared_engine, settings, clock()), *cases)
    folder = mirror.place(tmp_path_factory.mktemp("mirror"), settings.region.code)
    Writer(shared_engine, settings.region.code, folder, clock()).catch_up()
    mirrored = readers.best(shared_engine, settings, clock(), folder)
    assert type(mirrored) is MirrorQueries
    return Queries(shared_engine, settings, clock()), mirrored


def found(reader, query):
    with ThreadPoolExecutor(4) as pool:
        return explore(reader, read(query, reader.config, TODAY), pool)


@pytest.mark.parametrize("query", [
    "", "category=jalan&compare=previous", "category=~,jalan&agency=pupr", "status=done&period=7d&compare=weekdays",
    "from=2026-11-24&to=2026-11-24&compare=year", "agency==Dinas+lain",
])  # fmt: skip
def test_the_mirror_finds_what_postgresql_finds(city, query):
    one, other = (found(reader, query) for reader in city)
    for name in ("splits", "durations", "stages", "p90", "oldest_h"):
        assert getattr(one, name) == getattr(other, name), name
    assert (one.series.rows, one.series.band, one.series.other) == (
        other.series.rows,
        other.series.band,
        other.series.other,
    )
    for measure in one.numbers:
        assert one.numbers[measure].rows == other.numbers[measure].rows, measure
    assert other.behind_s == 0 and one.behind_s is None


def test_every_split_leaves_its_own_filter_out(city):
    seen = found(city[0], "period=90d&category=jalan&agency=pupr")
    assert seen.count("all") == 180
    assert seen.count("matched") == 30 == seen.numbers["opened"].value  # number 0
    assert seen.splits["category"] == {("jalan", None): 30, ("sampah", None): 30, (None, None): 30}
    assert seen.splits["agency"] == {("pupr", None): 30, ("dlh", None): 30}
    assert seen.splits["agency_status"] == {("pupr", "done"): 30, ("dlh", "received"): 30}
    assert sum(seen.splits["time"].values()) == 30


def test_what_is_not_known_can_be_asked_for(city):
    assert found(city[0], "category=~").count("matched") == 60
    assert found(city[0], "category=~,jalan").numbers["opened"].value == 120


def test_the_time_of_a_case_is_local(city):
    # 07.05 UTC less no hour is 14.05 in Jambi; number 0 of each day is received then.
    hours = {int(hour) for (_, hour) in found(city[0], "category=jalan&agency=pupr").splits["time"]}
    assert hours == {14}


def test_durations_and_stages_are_those_of_the_period(city):
    seen = found(city[0], "category=jalan&agency=pupr")
    assert seen.durations == [(10, 30)]
    assert seen.p90 == 10
    assert seen.stages == {"received": 30, "routed": 30}


def test_a_draw_asks_few_questions(city):
    assert found(city[0], "").asked <= 13
    assert found(city[0], "compare=previous").asked <= 18


def test_a_period_that_has_not_begun_is_empty(city):
    seen = found(city[0], "from=2026-12-01&to=2026-12-31")
    assert seen.series.rows == [] and seen.count("all") == 0


def test_the_grain_fits_the_days():
    assert [grain_of(days) for days in (1, 90, 365, 1826)] == ["hour", "day", "week", "month"]


def rows(values, first=date(2026, 1, 5)):
    return [
        {"bucket": f"{first + timedelta(days=at)}T00:00:00+07:00", "value": value} for at, value in enumerate(values)
    ]


def test_what_is_usual_is_of_the_same_weekday_and_holidays_are_neither_usual_nor_have_a_usual():
    values = [10 if at % 7 == 0 else 1 for at in range(63)] + [10]
    values[49] = 1000  # a Monday that is a holiday
    start = datetime.fromisoformat("2026-03-02T00:00:00+07:00")
    shown, band = banded(rows(values), start, "day", {date(2026, 2, 23): "Libur", date(2026, 3, 3): "Libur"})
    assert len(shown) == 8
    assert band[0] == (10, 10)  # the holiday a week before is left out
    assert band[1] is None  # a holiday
    assert band[2] == (1, 1)


def test_too_few_weeks_have_no_usual():
    start = datetime.fromisoformat("2026-01-26T00:00:00+07:00")
    assert banded(rows([1] * 22), start, "day", {})[1] == [None]


def test_holidays_have_their_names():
    off = annotations.holidays(config(), date(2026, 8, 1), date(2026, 8, 31))
    assert "Kemerdekaan" in off[date(2026, 8, 17)]


def test_days_without_a_source_are_told_once_and_never_before_its_first_run():
    def run(sql, values):
        full = {"source": "desk", "fresh_s": 86_000}
        return [full | {"day": date(2026, 11, day)} for day in (3, 4, 5, 9, 10)]

    told = annotations.outages(config(), run, "complaint", date(2026, 10, 1), date(2026, 11, 11),
                               datetime(2026, 11, 11, 5, tzinfo=UTC))  # fmt: skip
    assert [(one.first.day, one.last.day) for one in told] == [(6, 8)]


def test_a_new_target_is_told_with_the_one_before():
    goal = {"metric": "complaints_on_time_ratio", "field": "F",
            "targets": [{"from": "2026-01-01", "value": 0.8}, {"from": "2026-10-01", "value": 0.85}]}  # fmt: skip
    settings: Config = config(scorecard={"goals": [goal]})
    told = annotations.new_targets(settings, "complaint", date(2026, 9, 1), TODAY)
    assert [(one.day, one.value, one.before) for one in told] == [(date(2026, 10, 1), 0.85, 0.8)]
