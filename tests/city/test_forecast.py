"""Forecasts and expected bands: back-tested on a real 311 line and on a simulated year, and pure corner cases."""

import csv
import time
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from city import expected, outlook
from city.calendar import public_holidays
from city.forecast import NEEDED, backtest, forecast
from city.forecast import Tested as Judgement
from city.queries import Queries
from city.store import Store
from simulation.town import Town
from tests import builders

MONDAY = date(2026, 6, 1)


def judged(days: list[float | None], first: date, country: str) -> Judgement:
    years = tuple(range(first.year, first.year + len(days) // 365 + 2))
    found = backtest(days, first, public_holidays(country, years), origins=26)
    assert found
    return found


def test_on_a_real_311_line_the_80_percent_interval_holds_and_the_error_beats_the_same_weekday(shared: Path) -> None:
    with (shared / "data/baltimore-311/311_sample.csv").open(encoding="utf-8-sig") as file:
        counted = Counter(
            datetime.strptime(row["CreatedDate"], "%m/%d/%Y %I:%M:%S %p").date() for row in csv.DictReader(file)
        )
    first, last = min(counted), max(counted)
    found = judged([counted[first + timedelta(days=n)] for n in range((last - first).days + 1)], first, "US")
    assert 0.65 <= found.covered80 <= 0.95
    assert 0.65 <= found.total80 <= 0.95
    assert found.mase < 1 and found.mae < found.naive_mae


def test_on_a_simulated_year_the_80_percent_interval_holds_and_the_error_beats_the_same_weekday() -> None:
    town, first = Town(1571), date(2025, 9, 1)
    found = judged([len(town.complaints(first + timedelta(days=n))) for n in range(420)], first, "ID")
    assert 0.65 <= found.covered80 <= 0.95
    assert found.mase < 1 and found.mae < found.naive_mae


def test_below_eight_weeks_there_is_no_forecast_and_no_back_test() -> None:
    assert forecast([5.0] * (NEEDED - 1), MONDAY, 7) is None
    assert forecast([5.0] * NEEDED, MONDAY, 7) is not None
    assert backtest([5.0] * (NEEDED + 10), MONDAY) is None
    # Days that are not known are no history.
    assert forecast([5.0, None] * 50, MONDAY, 7) is None


def test_a_rare_count_is_never_negative_and_a_forecast_takes_under_300_ms() -> None:
    forecast([1.0, 0.0] * 40, MONDAY, 1)  # the library is loaded once
    began = time.thread_time()
    found = forecast([float(number % 9 == 0) for number in range(364)], MONDAY, 31)
    assert time.thread_time() - began < 0.3
    assert found and all(0 <= day.low95 <= day.low80 <= day.value <= day.high80 <= day.high95 for day in found.days)


def test_the_weekly_season_is_carried_on_and_the_total_begins_with_what_is_known() -> None:
    history = [float(0 if number % 7 >= 5 else 40 + number % 3) for number in range(140)]
    found = forecast(history, MONDAY, 7, known=100)
    assert found
    assert [day.value < 5 for day in found.days] == [False] * 5 + [True] * 2
    assert 290 < found.total.value < 315


def test_today_cannot_fall_below_what_it_has_so_far() -> None:
    found = forecast([10.0, 12.0, 9.0] * 40, MONDAY, 1, today=55)
    assert found and found.days[0].low95 == 55 and found.total.value == 55


def test_a_holiday_is_forecast_as_holidays_were() -> None:
    closed = frozenset(MONDAY + timedelta(days=number) for number in (9, 24, 45, 66, 142))
    history = [2.0 if MONDAY + timedelta(days=number) in closed else 40.0 + number % 4 for number in range(140)]
    found = forecast(history, MONDAY, 4, closed)
    assert found and found.days[2].value < 5 < 30 < found.days[3].value


def test_one_wild_week_and_holidays_do_not_move_the_band() -> None:
    day, closed = date(2026, 11, 24), frozenset({date(2026, 11, 10)})
    known: dict[date, float | None] = {day - timedelta(weeks=week): 20.0 + week for week in range(1, 17)}
    known[date(2026, 11, 10)] = 0.0
    assert expected.band(known, day, closed) == pytest.approx((22.4, 25.5, 28.3, 8))
    known[date(2026, 11, 3)] = 9000.0
    found = expected.band(known, day, closed)
    assert found and found.middle < 30
    assert expected.band({}, day, closed) is None


def test_a_city_is_carried_on_to_the_end_of_its_month(engine: sa.Engine) -> None:
    config = builders.config()
    cases = [
        builders.case(f"{day}-{number}", opened_at=builders.NOW - timedelta(days=day, minutes=number + 1))
        for day in range(80)
        for number in range(5 + day % 7)
    ]
    builders.save(Store(engine, config, builders.clock()), *cases)
    queries = Queries(engine, config, builders.clock())
    found = outlook.read(queries, "complaints_opened", date(2026, 11, 1), date(2026, 11, 30))
    made = outlook.as_json(found)
    assert [day["day"] for day in made["days"]] == [f"2026-11-{day}" for day in range(24, 31)]
    assert made["so_far"] == sum(5 + day % 7 for day in range(24))
    assert made["so_far"] < made["forecast"]["value"] and made["days"][1]["usual"]["n"] == 8
    with pytest.raises(ValueError, match="does not add up"):
        outlook.read(queries, "complaints_open", date(2026, 11, 1), date(2026, 11, 30))
    with pytest.raises(ValueError, match="nothing of it is ahead"):
        outlook.read(queries, "complaints_opened", date(2026, 10, 1), date(2026, 10, 31))


def test_a_young_city_gets_the_reason_and_no_number(engine: sa.Engine) -> None:
    config = builders.config()
    builders.save(Store(engine, config, builders.clock()), builders.case())
    found = outlook.read(Queries(engine, config, builders.clock()), "complaints_opened", date(2026, 11, 1),
                         date(2026, 11, 30))  # fmt: skip
    made = outlook.as_json(found)
    assert made["forecast"] is None and made["days"] == [] and made["why"].startswith("not enough history")
