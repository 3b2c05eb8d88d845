"""A JSON service of any make, by mapping: what is asked, how pages follow, what becomes a case or is refused."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from city import documents
from city.model import Case, CaseEvent, ChangedShape, NotUnderstood, Observation, Status
from city.times import instant
from collectors import RowError, args_of, json_api
from collectors.http import Session
from tests.collectors.conftest import NOW

FIELDS = {"key": "id", "opened_at": "masuk", "closed_at": "selesai", "category": "jenis.nama", "status": "keadaan"}
STATUS = {"Baru": "received", "Selesai": "done"}


def args(system=None, **more):
    base = {"url": f"{system.url}/api" if system else "http://127.0.0.1:1/api", "zone": "Asia/Jakarta"}
    return json_api.Args(**base | {"fields": FIELDS, "status": STATUS} | more)


def record(number=1, **more):
    return {"id": number, "masuk": "2026-11-24T12:00:00", "jenis": {"nama": "Jalan"}, "keadaan": "Baru"} | more


def said(value, **headers):
    return 200, headers, json.dumps(value).encode()


def records(made, session, since=None):
    return list(json_api.fetch(made, session, since, NOW))


def test_a_record_becomes_a_case_by_paths_into_it():
    row = record(7, lokasi=[{"lat": -1.6, "lon": 103.6}], keadaan="Selesai", selesai="2026-11-24T13:30:00")
    made = args(fields=FIELDS | {"lat": "lokasi[0].lat", "lon": "lokasi[0].lon"}, constants={"channel": "app"})
    assert json_api.parse(row, made) == Case(
        key="7", kind="complaint", opened_at=NOW, closed_at=instant("2026-11-24T06:30:00Z"), status=Status.DONE,
        category="Jalan", channel="app", lat=-1.6, lon=103.6,
    )  # fmt: skip


@pytest.mark.parametrize("absent", [{"jenis": None}, {"jenis": {}}, {"jenis": "Jalan"}, {"jenis": {"nama": None}}])
def test_a_path_that_leads_nowhere_is_an_empty_cell(absent):
    assert json_api.parse(record(**absent), args()).category is None


@pytest.mark.parametrize("odd", [{"jenis": {"nama": ["Jalan"]}}, {"jenis": {"nama": {"a": 1}}}])
def test_a_list_where_a_text_belongs_is_rejected_by_its_path_and_not_by_its_content(odd):
    with pytest.raises(RowError, match=r"^jenis.nama: neither text nor a number$"):
        json_api.parse(record(**odd), args())


def test_times_since_1970_are_read_in_seconds_and_milliseconds():
    for form, number in (("unix", 1764000000), ("unix", "1764000000"), ("unix_ms", 1764000000000)):
        opened = json_api.parse(record(masuk=number), args(time_format=form)).opened_at
        assert opened == instant("2025-11-24T16:00:00Z")


def test_numbers_are_numbers_and_texts_follow_the_country():
    made = args(
        shape="observations", fields={"at": "waktu", "place": "pasar"}, status={}, decimal=",",
        values={"rice_price": "harga", "rice_stock": "stok"},
    )  # fmt: skip
    row = {"waktu": "2026-11-24 12:00", "pasar": "Angso Duo", "harga": "14.250,5", "stok": 1234.5}
    assert json_api.parse(row, made) == [
        Observation(metric="rice_price", at=NOW, value=14250.5, place="Angso Duo"),
        Observation(metric="rice_stock", at=NOW, value=1234.5, place="Angso Duo"),
    ]


def test_a_missing_value_is_no_observation():
    made = args(shape="observations", fields={"at": "waktu"}, status={}, values={"a": "x", "b": "y"})
    assert [item.metric for item in json_api.parse({"waktu": "2026-11-24 12:00", "x": None, "y": 0}, made)] == ["b"]


@given(some.recursive(some.none() | some.booleans() | some.floats() | some.text(), lambda inner: some.lists(inner)
                      | some.dictionaries(some.text(), inner), max_leaves=8))  # fmt: skip
def test_whatever_a_field_holds_a_record_is_a_case_or_is_rejected_without_being_quoted(value):
    for name in ("id", "masuk", "selesai", "jenis", "keadaan"):
        try:
            json_api.parse(record(**{name: value}), args())
        except RowError as error:
            assert not (isinstance(value, str) and len(value.strip()) > 6 and value.strip() in str(error))


def test_the_span_since_the_last_reading_is_asked_for_in_the_words_of_the_system(system, session):
    made = args(system, query={"dari": "{since:%d/%m/%Y %H:%M}", "sampai": "{until_unix}", "n": 5}, overlap="2h")
    records(made, session, {"read_to": "2026-11-24T04:00:00+00:00"})
    assert system.asked == [{"dari": "24/11/2026 09:00", "sampai": str(int(NOW.timestamp())), "n": "5"}]


def test_the_first_reading_goes_back_as_far_as_history_in_spans(system, session):
    made = args(system, query={"dari": "{since:%Y-%m-%d}", "sampai": "{until:%Y-%m-%d}"}, history="10d", span="4d")
    records(made, session)
    assert [(a["dari"], a["sampai"]) for a in system.asked] == [
        ("2026-11-14", "2026-11-18"), ("2026-11-18", "2026-11-22"), ("2026-11-22", "2026-11-24"),
    ]  # fmt: skip
    assert json_api.cursor(made, None, NOW) == {"read_to": NOW.isoformat()}


def test_records_lie_where_the_settings_say_and_a_bare_one_counts(system, session):
    system.answer = lambda query: said({"data": {"items": [record(1), record(2)]}})
    assert [row["id"] for row in records(args(system, records="data.items"), session)] == [1, 2]
    system.answer = lambda query: said({"data": record(3)})
    assert [row["id"] for row in records(args(system, records="data"), session)] == [3]


@pytest.mark.parametrize("answer", [{"pesan": "tidak ada"}, {"data": None}, {"data": "x"}, {"data": [1, 2]}, 7])
def test_an_answer_without_the_list_is_a_changed_shape_that_names_what_is_there(system, session, answer):
    system.answer = lambda query: said(answer)
    with pytest.raises(ChangedShape, match="no list of records at 'data'") as caught:
        records(args(system, records="data"), session)
    assert ("it has: pesan" in str(caught.value)) == ("pesan" in str(answer))
    assert "tidak ada" not in str(caught.value)


def test_pages_follow_by_number_until_one_is_empty(system, session):
    pages = {"1": [record(1), record(2)], "2": [record(3)]}
    system.answer = lambda query: said(pages.get(query["halaman"], []))
    made = args(system, paging={"kind": "page", "param": "halaman", "size_param": "per", "size": 50})
    assert [row["id"] for row in records(made, session)] == [1, 2, 3]
    assert [asked["halaman"] for asked in system.asked] == ["1", "2", "3"]
    assert {asked["per"] for asked in system.asked} == {"50"}


def test_an_offset_moves_by_what_was_received_for_pages_are_capped_in_silence(system, session):
    def answer(query):
        at = int(query["skip"])
        return said([record(number) for number in range(at, min(at + 3, 7))])

    system.answer = answer
    made = args(system, paging={"kind": "offset", "param": "skip", "size_param": "limit", "size": 500})
    assert [row["id"] for row in records(made, session)] == list(range(7))
    assert [asked["skip"] for asked in system.asked] == ["0", "3", "6", "7"]


def test_a_server_that_ignores_the_page_is_noticed_and_does_not_loop(system, session):
    system.answer = lambda query: said([record(1)])
    assert len(records(args(system, paging={"kind": "page"}), session)) == 1
    assert len(system.asked) == 2
    assert session.warnings == ["the same page came again: the server ignores the paging, or its pages run in a circle"]


def test_a_cursor_is_followed_to_its_end(system, session):
    chain = {None: (1, "b"), "b": (2, "c"), "c": (3, None)}

    def answer(query):
        number, following = chain[query.get("kursor")]
        return said({"hasil": [record(number)], "meta": {"lanjut": following}})

    system.answer = answer
    made = args(system, records="hasil", paging={"kind": "cursor", "param": "kursor", "next": "meta.lanjut"})
    assert [row["id"] for row in records(made, session)] == [1, 2, 3]


@pytest.mark.parametrize("in_header", [True, False])
def test_a_link_is_followed_wherever_it_stands(system, session, in_header):
    def answer(query):
        page = int(query.get("p", 1))
        there = f"/api?p={page + 1}" if page < 3 else ""
        head = {"Link": f'<{there}>; rel="next"'} if in_header and there else {}
        return said({"isi": [record(page)], "lanjut": "" if in_header else there}, **head)

    system.answer = answer
    made = args(system, records="isi", paging={"kind": "link"} | ({} if in_header else {"next": "lanjut"}))
    assert [row["id"] for row in records(made, session)] == [1, 2, 3]


def test_a_link_to_another_host_is_not_followed_with_our_key(system, session):
    system.answer = lambda query: said([record(1)], Link='<http://127.0.0.2:9/api>; rel="next"')
    with pytest.raises(NotUnderstood, match="the next page lies on another host"):
        records(args(system, paging={"kind": "link"}), session)


def test_a_search_is_posted_with_its_body_and_its_page(system, session):
    pages = [[record(1)], []]
    system.routes["/api"] = lambda query, body: said(pages.pop(0))
    made = args(system, method="POST", body={"ubah": {"dari": "{since:%Y-%m-%d}"}}, paging={"kind": "page"})
    records(made, session)
    assert [json.loads(body) for body in system.bodies] == [
        {"ubah": {"dari": "2026-10-25"}, "page": 1}, {"ubah": {"dari": "2026-10-25"}, "page": 2},
    ]  # fmt: skip


def test_each_step_of_a_memo_is_a_row_and_the_memo_one_case(system, desk):
    steps = [{"waktu": "2026-11-24 08:00", "tahap": "Diterima"}, {"waktu": "2026-11-24 12:00", "tahap": "Selesai"}]
    system.answer = lambda query: said([{"no": "M1", "asal": "PUPR", "riwayat": steps}, {"no": "M2", "riwayat": None}])
    made = desk("json_api", {
        "url": f"{system.url}/api", "kind": "memo", "shape": "event_log", "each": "riwayat",
        "fields": {"key": "no", "at": "each.waktu", "stage": "each.tahap", "agency": "asal"},
        "stages": {"Diterima": "received", "Selesai": "done"}, "closed_when": ["done"],
    })  # fmt: skip
    assert (made.run().saved, made.run().revised) == (1, 0)
    assert made.ask("select key, opened_at, closed_at, agency, status from cases") == [
        ("M1", NOW - timedelta(hours=4), NOW, "PUPR", "done")
    ]
    assert made.ask("select stage from case_events order by at") == [("received",), ("done",)]


def test_a_status_with_its_moment_is_an_event():
    row = json_api.parse(record(keadaan="Proses", sejak="2026-11-24T12:00:00"), args(
        fields=FIELDS | {"status_at": "sejak"}, status={"Proses": "in_progress"}))  # fmt: skip
    assert row.events == (CaseEvent(NOW, "in_progress"),)


@pytest.mark.parametrize(
    "wrong, problem",
    [
        ({"url": "ftp://x"}, "url"),
        ({"records": "data["}, "'data\\[' is not JMESPath"),
        ({"fields": FIELDS | {"category": "jenis."}}, "'jenis.' is not JMESPath"),
        ({"query": {"dari": "{sejak}"}}, "query and body know {since} and {until}"),
        ({"body": {"a": ["{since:%Y"]}}, "query and body know {since} and {until}"),
        ({"auth": {"kind": "bearer"}}, "token"),
        ({"auth": {"kind": "magic"}}, "kind"),
        ({"paging": {"kind": "cursor"}}, "next"),
        ({"paging": {"kind": "page", "size": 0}}, "size"),
        ({"method": "DELETE"}, "method"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_asked(wrong, problem):
    with pytest.raises(ValidationError, match=problem):
        args(**wrong)


def test_a_run_that_was_warned_says_so(system, desk):
    system.answer = lambda query: said([record(1)])
    made = desk("json_api", {"url": system.url, "fields": FIELDS, "status": STATUS, "paging": {"kind": "page"}})
    assert made.run().notes["warnings"][0].startswith("the same page came again")
    assert Session().warnings == []


@pytest.mark.parametrize("name", ["sikesal", "sp4n-lapor", "panggilan-112", "gateway-memo"])
def test_the_worked_examples_are_settings_without_a_mistake(name):
    root = Path(__file__).resolve().parents[2]
    assert list(documents.load(root / f"docs/examples/{name}.yaml", args_of).sources)
