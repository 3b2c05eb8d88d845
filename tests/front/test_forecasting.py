"""``run.py forecast`` and ``wrong-numbers``: the week, month and year of a day, words for people, options."""

from datetime import UTC, date, datetime

import pytest

from city.forecast import Tested as Judgement
from city.wrong_numbers import Wrong
from front import cli, forecasting, wrong_numbers
from tests import builders


@pytest.mark.parametrize(("period", "first", "last"), [
    ("week", date(2026, 11, 23), date(2026, 11, 29)),
    ("month", date(2026, 11, 1), date(2026, 11, 30)),
    ("year", date(2026, 1, 1), date(2026, 12, 31)),
])  # fmt: skip
def test_a_period_is_the_calendars(period: str, first: date, last: date) -> None:
    assert forecasting._span(period, date(2026, 11, 24)) == (first, last)


def test_a_back_test_is_told_with_its_error_and_how_often_it_was_right() -> None:
    told = forecasting.told(Judgement(26, 364, 2.5, 3.5, 0.8, 0.81, 0.95, 0.77, 0.92))
    assert "mean error 2.50 a day, seasonal naive 3.50; MASE 0.80" in told and "81% of days, 77% of totals" in told
    assert forecasting.told(None).startswith("not enough history")


def test_a_report_is_told_with_what_stood_there() -> None:
    one = Wrong(3, datetime(2026, 11, 24, 7, tzinfo=UTC), "complaints_open", {"value": 12, "n": 12, "page": "/kpi"},
                "kurang tiga", None, None)  # fmt: skip
    told = wrong_numbers.shown([one], builders.config())
    assert "3  2026-11-24 14:00  complaints_open = 12" in told and "kurang tiga" in told and "/kpi" in told


def test_closing_needs_a_number_and_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["wrong-numbers", "close"]) == 2
    assert "--answer" in capsys.readouterr().err
