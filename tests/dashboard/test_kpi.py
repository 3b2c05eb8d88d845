"""The page of the scorecard as it is drawn: every number, every absence, in the words of a leader."""

import itertools
import re
from datetime import date, timedelta
from fractions import Fraction

import pytest

from city import change, league
from city.change import Cell
from city.complained import LEVEL, Complained, Frequent
from city.goals import Goal, Target
from city.metrics import Metric
from city.model import Case, Status
from city.periods import Period, row
from city.queries import Queries
from city.scorecard import Line, Value, Why, card
from city.store import Store, Tally
from dashboard import kpi_score, kpi_sides, kpi_table, kpi_words
from dashboard.kpi_page import Asked, Kpi, asked
from dashboard.prerender import html_of
from dashboard.words import Words
from tests import builders

NOW = builders.NOW
WEEK = Period("week", date(2026, 11, 16), date(2026, 11, 22))
WORDS = Words(builders.config())
_regions = itertools.count(1)


def line(name, values, target, *, unit="ratio", direction="higher", field="Pengaduan", **more):
    values = [value if isinstance(value, Value) else Value(value, 40) for value in values]
    goal = Goal(metric=name, title=name, field=field, targets=(Target(since=date(2025, 1, 1), value=target),))
    metric = Metric(name, "on_time_ratio", name, unit, "ratio", direction, of="complaint")
    return Line(goal, metric, row(WEEK, len(values)), values, [target] * len(values), Fraction(125), NOW, **more)


def said(component):
    return " ".join(re.sub(r"<[^>]+>", " ", html_of(component)).split())


def texts(lines):
    made = card(lines)
    return said([kpi_score.draw(made, 125, "", WORDS), kpi_table.draw(made, WORDS, NOW + timedelta(hours=2)),
                 *kpi_sides.draw(made, None, WORDS)])  # fmt: skip


def test_a_number_stands_with_its_target_its_change_and_its_age():
    told = texts(
        [line("Tepat waktu", [0.781, 0.74], 0.85), line("Median", [46.0, 51.0], 48, unit="hours", direction="lower")]
    )
    for part in ("74%", "≥ 85%", "−4,1", "2 hr 3 j", "≤ 2 hr", "+5 j", " 87 ", " 94 ", "2 j", "lebih buruk"):
        assert part in told, part
    # (87.06 + 94.12) / 2 = 90.59
    assert "90,6" in told


def test_the_parts_of_the_waterfall_are_those_of_the_fields():
    made = card([line("a", [0.5, 1.1], 1.0), line("b", [1.0, 0.7], 1.0, field="Kesehatan")])
    told = said(kpi_score.draw(made, 125, "", WORDS))
    assert "+5,0" in told
    assert "−15,0" in told
    assert "90,0" in told
    assert "+15,0 dari minggu ke-46" in told


def test_what_is_not_counted_is_named_with_its_reason_and_hatched():
    lines = [line("a", [1.0, 1.0], 1.0), line("Sampah", [0.9, Value(0.9, 40, Why.STALE)], 0.95, field="Lingkungan"),
             line("Air", [Value(None, 0, Why.NEVER)] * 2, 0.25, field="Lingkungan")]  # fmt: skip
    told = texts(lines)
    assert "1 dari 3 metrik" in told
    assert "33% bobot" in told
    assert "Sampah (basi), Air (kosong)" in told
    assert "0 dari 2 metrik dihitung" in told
    assert "sumbernya tidak terbaca sampai akhir periode" in told
    assert "(metrik yang dihitung berbeda)" in told
    drawn = html_of(kpi_table.draw(card(lines), WORDS, NOW))
    assert "<del>90%</del>" in drawn
    assert drawn.count('class="hx"') == 2


def test_without_any_number_there_is_a_dash_and_no_zero():
    told = texts([line("a", [Value(None, 0, Why.NEVER)] * 2, 0.9)])
    assert "tidak ada metrik yang dapat dihitung" in told
    assert " 0,0 " not in told
    assert "–" in told


def test_0_991_is_shown_as_99_1_and_99():
    told = texts([line("a", [0.9, 0.991], 1.0)])
    assert "99,1" in told
    assert " 99 " in told
    assert texts([line("a", [0.9, 0.9996], 1.0)]).count("99,9") == 2  # the score, and the actual of 99.96 %


def test_a_gap_breaks_the_line_and_a_lone_point_is_a_point():
    values = [0.5, 0.6, Value(None, 0), 0.7, Value(0.1, 9, Why.STALE), 0.8]
    drawn = html_of(kpi_table.spark(line("a", values, 0.9), WORDS))
    line_path = next(tag for tag in re.findall("<path[^>]+>", drawn) if 'class="l"' in tag)
    assert line_path.count("M") == 3
    assert line_path.count("L") == 1
    assert drawn.count("<circle") == 3  # two lone points, and the last one once more


def test_no_change_is_neither_better_nor_worse():
    drawn = said(kpi_table.draw(card([line("a", [0.8, 0.8001], 0.9)]), WORDS, NOW))
    assert "0,0" in drawn
    assert "lebih baik" not in drawn


@pytest.mark.parametrize(
    ("period", "name", "days"),
    [
        (Period("day", date(2026, 11, 23), date(2026, 11, 23)), "Senin, 23 Nov 2026", ""),
        (WEEK, "Minggu ke-47", "16–22 Nov 2026"),
        (Period("week", date(2026, 11, 30), date(2026, 12, 6)), "Minggu ke-49", "30 Nov–6 Des 2026"),
        (Period("week", date(2026, 12, 28), date(2027, 1, 3)), "Minggu ke-53", "28 Des 2026–3 Jan 2027"),
        (Period("month", date(2026, 10, 1), date(2026, 10, 31)), "Oktober 2026", ""),
        (Period("quarter", date(2026, 7, 1), date(2026, 9, 30)), "Triwulan 3 2026", "1 Jul–30 Sep 2026"),
        (Period("year", date(2026, 1, 1), date(2026, 11, 23)), "Tahun 2026", "1 Jan–23 Nov 2026"),
    ],
)
def test_a_period_is_called_as_people_call_it(period, name, days):
    assert (kpi_words.name(period, WORDS), kpi_words.days(period, WORDS)) == (name, days)


def test_agencies_stand_against_their_limits_and_a_few_cases_are_not_ranked():
    cells = {("pupr",): Cell(50, 20), ("dlh",): Cell(50, 45), ("disdik",): Cell(4, 1)}
    agencies = league.ranked(cells, "higher", level=LEVEL)
    frequent = [Frequent("jalan", 31, 58.0), Frequent(None, 5, None)]
    found = Complained(112, frequent, change.whole(cells, mean=True), agencies)
    told = said(kpi_sides.draw(card([line("a", [1.0, 1.0], 1.0)]), found, WORDS)[1:])
    for part in ("dari 112 pengaduan", "Jalan berlubang 31", "median selesai 2 hr 10 j", "median selesai –", "20 / 50",
                 "Berbeda nyata dari kota: dlh, PUPR", "kurang dari 5 kasus, tidak diperingkat", "1 / 4"):  # fmt: skip
        assert part in told, part
    assert "25%" not in told
    nobody = Complained(0, [], None, ())
    told = said(kpi_sides.draw(card([line("a", [1.0, 1.0], 1.0)]), nobody, WORDS)[1:])
    assert "tidak ada pengaduan" in told


@pytest.mark.parametrize(
    ("search", "found"),
    [
        (None, Asked("week", None)),
        ("?period=month", Asked("month", None)),
        ("?period=month&at=2026-11-01", Asked("month", date(2026, 11, 1))),
        ("?period=decade&at=tomorrow", Asked("week", None)),
        ("?at=0001-01-01", Asked("week", None)),
    ],
)
def test_an_address_says_the_period_and_what_is_not_understood_is_left(search, found):
    assert asked(search) == found


@pytest.fixture
def page(shared_engine):
    """A city of two weeks: in the first 6 of 10 complaints were closed on time, in the second 9 of 10."""
    goals = [{"metric": "complaints_on_time_ratio", "title": "Tepat waktu", "field": "Pengaduan", "owner": "pupr",
              "targets": [{"from": "2025-01-01", "value": 0.9}]}]  # fmt: skip
    base = builders.config()
    region = base.region.model_dump() | {"code": f"96.{next(_regions)}"}
    config = builders.config(region=region, scorecard={"goals": goals, "basis": "RKPD 2026"})
    store = Store(shared_engine, config, lambda: NOW)
    closed = [(NOW - timedelta(days=4), 9), (NOW - timedelta(days=11), 6)]
    cases = [
        Case(key=f"{week}-{number}", kind="complaint", opened_at=at - timedelta(hours=5), closed_at=at, agency="pupr",
             category="jalan", due_at=at + timedelta(hours=1 if number < good else -1), status=Status.DONE)
        for week, (at, good) in enumerate(closed) for number in range(10)
    ]  # fmt: skip
    store.save("desk", cases, started_at=NOW, finish=Tally)
    return Kpi(Queries(shared_engine, config, lambda: NOW), "9.9")


def test_the_page_of_a_week_is_counted_from_the_cases(page):
    told = said(page.draw(None))
    for part in ("Minggu ke-47, 16–22 Nov 2026, dibanding minggu ke-46", "100,0", "+33,3 dari minggu ke-46", "90%",
                 "+30", "Jalan berlubang 10", "9 / 10", "Target menurut RKPD 2026, riwayat target disimpan",
                 "Kendali 9.9"):  # fmt: skip
        assert part in told, part
    earlier = said(page.draw("?period=week&at=2026-11-16"))
    assert "Minggu ke-46" in earlier
    assert "66,7" in earlier
    assert "6 / 10" in earlier


def test_the_next_period_leads_back_to_the_present(page):
    drawn = html_of(page.draw("?period=week&at=2026-11-16"))
    assert 'href="/kpi?period=week&amp;at=2026-11-09"' in drawn
    assert 'href="/kpi?period=week" title="Periode berikutnya"' in drawn
    assert "Periode berikutnya" not in html_of(page.draw(None))


def test_a_city_without_a_scorecard_is_told_how_to_write_one(shared_engine):
    told = said(Kpi(Queries(shared_engine, builders.config(), lambda: NOW)).draw(None))
    assert "docs/scorecard.md" in told
