"""Behind a line of the scorecard: why it changed, what is promised for it, and the file to take away."""

import csv
import io
import itertools
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from city import followups
from city.model import Case, Status
from city.queries import Queries
from city.store import Store, Tally
from dashboard import kpi_files, kpi_follow, kpi_head, kpi_why
from dashboard.kpi_head import Asked
from dashboard.kpi_page import Kpi, asked
from dashboard.prerender import html_of
from dashboard.words import Words
from tests import builders

NOW = builders.NOW
WORDS = Words(builders.config())
_regions = itertools.count(1)
TARGET = {"targets": [{"from": "2025-01-01", "value": 0.9}]}
GOALS = [
    {"metric": "complaints_on_time_ratio", "title": "Tepat waktu", "field": "Pengaduan", "owner": "pupr"} | TARGET,
    {"metric": "complaints_time_to_close", "title": "=1+1", "field": "Pengaduan"} | TARGET,
    {"metric": "complaints_open", "field": "Pengaduan"} | TARGET,
    {"metric": "complaints_oldest_open", "field": "Pengaduan"} | TARGET,
]


def said(component):
    return " ".join(re.sub(r"<[^>]+>", " ", html_of(component)).split())


@pytest.fixture
def page(shared_engine):
    """Week 46: PUPR 8 of 10 on time, DLH 9 of 10. Week 47: PUPR 4 of 20, DLH 10 of 10; 17 of 20 became 14 of 30."""
    region = builders.config().region.model_dump() | {"code": f"95.{next(_regions)}"}
    config = builders.config(region=region, scorecard={"goals": GOALS, "basis": "RKPD 2026"})
    weeks = [(NOW - timedelta(days=11), {"pupr": (10, 8), "dlh": (10, 9)}),
             (NOW - timedelta(days=4), {"pupr": (20, 4), "dlh": (10, 10)})]  # fmt: skip
    cases = [
        Case(key=f"{agency}-{at:%d}-{number}", kind="complaint", opened_at=at - timedelta(hours=5), closed_at=at,
             agency=agency, category="jalan", status=Status.DONE,
             due_at=at + timedelta(hours=1 if number < good else -1))
        for at, agencies in weeks for agency, (count, good) in agencies.items() for number in range(count)
    ]  # fmt: skip
    Store(shared_engine, config, lambda: NOW).save("desk", cases, started_at=NOW, finish=Tally)
    return Kpi(Queries(shared_engine, config, lambda: NOW), "9.9")


def told(page, name):
    line = page.line(asked(f"?why={name}"))
    return kpi_why.read(page._queries, line)


def test_the_parts_of_every_split_add_up_to_the_change_that_is_shown(page):
    found = told(page, "complaints_on_time_ratio")
    assert {by[0] for by in found.answer.splits} == {"agency", "category", "district", "channel"}
    for split in found.answer.splits.values():
        assert sum(part.change for part in split.everything) == pytest.approx(14 / 30 - 17 / 20)
    shown = said(page.why("?why=complaints_on_time_ratio"))
    assert "Mengapa Tepat waktu: 85% → 46,7%" in shown
    assert "Setiap pembagian berjumlah −38,3 poin persen" in shown
    # By hand: PUPR's rate part (1/2 + 2/3)/2 x (0.2 - 0.8) = -35.0, DLH's (1/2 + 1/3)/2 x (1 - 0.9) = +4.2.
    for part in ("PUPR −37,6 −35,0 −2,6 10 → 20", "dlh −0,7 +4,2 −4,9 10 → 10"):
        assert part in shown, shown


def test_the_worst_part_leads_to_its_cases_and_to_the_league(page):
    drawn = html_of(page.why("?why=complaints_on_time_ratio"))
    link = next(text for text in re.findall(r'href="([^"]+)"', drawn) if text.startswith("/explore"))
    assert parse_qs(urlsplit(link.replace("&amp;", "&")).query) == {
        "kind": ["complaint"], "from": ["2026-11-16"], "to": ["2026-11-22"], "agency": ["pupr"]
    }  # fmt: skip
    assert 'href="#kpi-league"' in drawn
    assert 'id="kpi-league"' in html_of(page.draw("")[2])


def test_a_median_is_taken_apart_as_the_share_that_took_longer(page):
    assert "Median tidak dapat dibagi. Yang dibagi: bagian kasus yang lebih lama dari" in said(
        page.why("?why=complaints_time_to_close")
    )


def test_the_age_of_one_case_has_no_parts_and_an_unknown_goal_no_panel(page):
    assert "tidak dapat dibagi" in said(page.why("?why=complaints_oldest_open"))
    assert [page.why("?why=no_such_goal"), page.why("")] == [None, None]


def test_a_line_leads_to_its_explanation_in_the_same_period_and_back(page):
    drawn = html_of(page.draw("?period=week&at=2026-11-23&why=complaints_open"))
    assert 'href="/kpi?period=week&amp;at=2026-11-23&amp;why=complaints_on_time_ratio"' in drawn
    assert drawn.count('aria-current="true"') == 1
    assert 'class="sel"' in drawn
    assert 'href="/kpi?period=month&amp;at=2026-11-23&amp;why=complaints_open"' in drawn, "another period keeps it"
    assert 'href="/kpi?period=week&amp;at=2026-11-23"' in html_of(
        page.why("?period=week&at=2026-11-23&why=complaints_open")
    )


def test_a_name_with_filters_survives_the_address():
    name = "memos_overdue?agency=a%26b&district=15.71.01"
    assert asked(Asked("week", None, name).link().partition("?")[2]).why == name


def test_a_promise_stands_at_its_line_and_in_the_list_and_late_is_said(page, shared_engine):
    region, today = page._queries.config.region.code, page.today()
    goals = [goal["metric"] for goal in GOALS]
    with shared_engine.begin() as connection:
        for due in (today - timedelta(days=3), today):
            followups.add(connection, region, goals=goals, goal=goals[0], what="Tambah satu tim", owner="pupr", due=due,
                          entered_by="Setda", at=NOW, today=today - timedelta(days=5))  # fmt: skip
    assert "Tepat waktu 2 tindak lanjut, 1 terlambat" in said(page.draw("")[1])
    listed = said(page.follow())
    for part in ("2 terbuka, 1 terlambat", "Tambah satu tim Tepat waktu · PUPR", "terlambat, tenggat 21 Nov 2026",
                 "tenggat 24 Nov 2026", "dicatat Setda 24 Nov", "Ditutup oleh (bagian)"):  # fmt: skip
        assert part in listed, part


def test_every_field_of_the_form_has_its_name_and_every_mistake_its_words():
    drawn = html_of(kpi_follow.form("PUPR", WORDS))
    assert drawn.count("<label") == drawn.count("<input") == 4
    assert 'value="PUPR"' in drawn
    refused = kpi_follow.said(422, {"error": "is in the past", "field": "due"}, WORDS)
    assert refused == "Belum tersimpan: tulis tenggat seperti 24-12-2026, tidak di masa lalu."
    assert kpi_follow.said(200, {"id": 1}, WORDS) == "Tersimpan."
    assert "coba lagi" in kpi_follow.said(503, {}, WORDS)


@pytest.mark.parametrize(
    ("typed", "iso"),
    [("24-12-2026", "2026-12-24"), ("1/2/2027", "2027-02-01"), ("2026-12-24", "2026-12-24"), ("besok", "besok")],
)
def test_a_day_is_read_as_people_write_it(typed, iso):
    assert kpi_follow.day(typed) == iso


def test_the_file_holds_numbers_as_numbers_and_no_formula(page):
    card = page._read(Asked("week", None)).card
    sheets = kpi_files.table(card, page._queries.config.scorecard, NOW, WORDS)
    rows = list(csv.reader(io.StringIO(kpi_files.as_csv(sheets.rows).decode("utf-8-sig"))))
    assert rows[1][:6] == ["Pengaduan", "Tepat waktu", "PUPR", "ratio", str(14 / 30), "0.9"]
    assert rows[2][1] == "'=1+1"
    book = load_workbook(io.BytesIO(kpi_files.as_xlsx(sheets, WORDS)))
    kept, meant = book.worksheets
    assert [kept["E2"].value, kept["B3"].value, kept["B3"].data_type] == [pytest.approx(14 / 30), "=1+1", "s"]
    assert meant["B2"].value.startswith("complaint: of the cases closed in W")
    assert "RKPD 2026" in [row[1].value for row in meant.iter_rows()]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx"])
def test_a_text_that_a_program_would_compute_gets_an_apostrophe(text):
    assert kpi_files.safe(text) == f"'{text}"
    assert [kpi_files.safe(value) for value in ("a=1", -1.5, None)] == ["a=1", -1.5, None]


def test_the_head_leads_to_paper_files_and_the_daily_brief(page):
    drawn = html_of(page.draw("?period=month")[0])
    for path in kpi_head.FILES:
        assert f'href="{path}?period=month"' in drawn
    assert 'href="/brief"' in drawn
    assert 'data-print="1"' in drawn
