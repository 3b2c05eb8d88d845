"""Unknown tables, answers and databases: what the probe makes of columns and words, and what it never shows."""

import json
from collections import Counter

import openpyxl
import pytest
import sqlalchemy as sa
import yaml
from hypothesis import given
from hypothesis import strategies as some

from city.model import MissingFile, NotUnderstood, Refused, Unreachable, UnreadableFile
from collectors import probe
from collectors.http import Session
from collectors.probe import columns, fields, proposal, tables, trees, words
from collectors.probe.sql import NoTable
from collectors.runner import Job
from front import cli
from tests.collectors.conftest import NOW, region


def looked(name, *texts):
    return columns.looked_at(name, texts)


def written(folder, text, name="unknown.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def proposed(target, session=None, **more):
    return probe.proposed("unknown", probe.sampled(str(target), session or Session(), NOW, **more))


def source(text):
    return yaml.safe_load(text)["sources"]["unknown"]


def args(text):
    return source(text)["args"]


HEADER = "No Tiket;Tanggal Masuk;Tgl Selesai;Keadaan;Jenis;Kecamatan;OPD;Nama Pelapor;No HP;Isi Laporan\n"


def complaints(count=40, day=lambda number: f"{number % 28 + 1:02}/10/2026"):
    rows = []
    for number in range(count):
        done = number % 2
        closed = f"{day(number)} 17.05" if done else ""
        state, kind, person = (
            ("Selesai" if done else "Proses"),
            ["Jalan", "Sampah"][number % 2],
            f"Budi {chr(65 + number % 26)}",
        )
        rows.append(
            f"T-{number};{day(number)} 08.30;{closed};{state};{kind};Jelutung;PUPR;{person};08123456{number:04};"
            f"Jalan rusak di depan rumah {person} sejak lama sekali dan belum juga diperbaiki oleh siapa pun"
        )
    return HEADER + "\n".join(rows) + "\n"


def test_an_export_of_a_city_is_proposed_whole(tmp_path):
    text = proposed(written(tmp_path, complaints()))
    assert args(text)["fields"] == {
        "key": "No Tiket", "opened_at": "Tanggal Masuk", "closed_at": "Tgl Selesai", "status": "Keadaan",
        "category": "Jenis", "agency": "OPD", "district": "Kecamatan",
    }  # fmt: skip
    assert args(text)["status"] == {"Proses": "in_progress", "Selesai": "done"}
    assert (args(text)["time_format"], args(text)["delimiter"]) == ("%d/%m/%Y %H.%M", ";")
    assert "# Left out, because they look personal: Nama Pelapor, No HP" in text
    assert "# Left out, because people write them freely: Isi Laporan" in text
    assert not [word for word in ("Budi", "0812", "rumah", "T-1") if word in text]


def test_the_proposal_is_settings_that_run(tmp_path, desk):
    text = proposed(written(tmp_path, complaints()))
    made = desk("csv_file", args(text), source={"kind": "complaint"})
    result = made.run()
    assert (result.error, result.fetched, result.saved, result.rejected) == (None, 40, 40, 0)
    assert made.ask("select count(*), count(closed_at), min(status), min(agency) from cases") == [
        (40, 20, "done", "PUPR")
    ]


def test_a_date_that_may_be_read_two_ways_is_doubted_and_read_as_here(tmp_path):
    text = proposed(written(tmp_path, complaints(day=lambda number: f"{number % 9 + 1:02}/10/2026")))
    assert args(text)["time_format"] == "%d/%m/%Y %H.%M"
    assert "opened_at: Tanggal Masuk" in text and "day and month may be the other way round" in text
    assert "other way round" not in proposed(written(tmp_path, complaints()))


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (("2026-11-24T05:00:00Z", "2026-11-25 05:00"), None),
        (("24-11-2026 12:55:23 WIB", "03-11-2026 01:00:00 WIB"), "%d-%m-%Y %H:%M:%S"),
        (("11/24/2026 01:00:00 PM",), "%m/%d/%Y %I:%M:%S %p"),
        (("Selasa, 24 November 2026 12:55", "Rabu, 5 Agustus 2026 01:00"), "%A, %d %B %Y %H:%M"),
        (("24/11/26 12:55", "01/02/26 12:55"), "%d/%m/%y %H:%M"),
        (("1764000000", "1764003600"), "unix"),
        (("1764000000000",), "unix_ms"),
    ],
)
def test_times_are_known_by_their_form(texts, form):
    found = looked("waktu", *texts)
    assert (found.is_time, found.time_format) == (True, form)


@pytest.mark.parametrize("texts", [("1", "2"), ("Selesai",), ("15.71", "15.05"), ("A-1", "A-2"), ("0812345678",), ()])
def test_numbers_codes_and_words_are_no_times(texts):
    assert not looked("waktu", *texts).is_time


@pytest.mark.parametrize(
    ("texts", "decimal"),
    [(("1.5", "2"), "."), (("1,5", "2"), ","), (("1.234,5", "1.234"), ","), (("1.234", "2.500"), "?"),
     (("12", "7"), "."),
     (("1,5", "1.5"), None), (("10 km",), None), (("1.2.3",), None), (("1571", "NA"), ".")],
)  # fmt: skip
def test_numbers_are_known_by_their_country(texts, decimal):
    assert looked("harga", *texts).decimal == decimal


@pytest.mark.parametrize(
    "name",
    ["nama", "Nama Pelapor", "NIK", "no_hp", "e-mail", "email", "Alamat", "reporter_name", "first_name", "customer",
     "tlp_number", "nopol", "tanggal_lahir", "org:resource", "case:responsible", "pelapor.nama", "username"],
)  # fmt: skip
def test_columns_of_people_are_known_by_their_name(name):
    assert looked(name, "x", "y").personal


@pytest.mark.parametrize("name", ["nama_opd", "hospital_name", "concept:name", "agency_responsible", "kategori.nama",
                                  "responsible_section", "nomor", "status"])  # fmt: skip
def test_columns_of_things_are_not_people(name):
    assert not looked(name, "x", "y").personal


@pytest.mark.parametrize("cell", ["1571014107900001", "081234567890", "+6281234567890", "a.b@c.id", "BH 1234 XY"])
def test_what_a_column_holds_can_give_people_away_whatever_it_is_called(cell):
    assert looked("kode", *["A"] * 20, cell).personal
    assert not looked("kode", *["A"] * 20, "B").personal


def test_a_word_that_came_once_may_be_a_remark_about_a_person_and_is_not_shown(tmp_path):
    text = complaints().replace("Proses", "Sudah ditelpon pak Budi", 1)
    told = proposed(written(tmp_path, text))
    assert args(told)["status"] == {"Proses": "in_progress", "Selesai": "done", "*": "in_progress"}
    assert "1 more words, not shown" in told and "pak" not in told


def test_words_are_shown_when_they_come_again_or_are_of_the_trade():
    few = looked("status", "Selesai", "Menunggu", "Kata Budi nanti")
    assert words.shown(few) == ["Selesai", "Menunggu"]
    many = looked("status", *["Dibahas bersama"] * 9, *["Selesai"] * 9, "Nomor 081234")
    assert set(words.shown(many)) == {"Dibahas bersama", "Selesai"}
    assert words.shown(looked("status", *[f"kata {number}" for number in range(99)])) is None


@pytest.mark.parametrize(
    ("word", "status"),
    [("Selesai", "done"), ("Belum ditindaklanjuti", "received"), ("Belum Selesai", "in_progress"),
     ("Ditolak", "rejected"),
     ("Closed (Duplicate)", "done"), ("Terdisposisi", "routed"), ("Entah", "in_progress")],
)  # fmt: skip
def test_the_words_of_a_status_have_a_meaning(word, status):
    assert words.meaning(word)[0] == status


def test_closed_cases_without_a_time_of_closing_cannot_be_told_apart(tmp_path):
    text = complaints().replace("Tgl Selesai", "Kolom")
    told = proposed(written(tmp_path, text.replace(" 17.05", "")))
    assert "status" not in args(told) and args(told)["fields"]["outcome"] == "Keadaan"
    assert "no column says when a case was closed" in told


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16"])
def test_the_encoding_of_a_file_does_not_matter(tmp_path, desk, encoding):
    text = proposed(written(tmp_path, complaints().replace("Jalan;", "Café;"), encoding=encoding))
    if encoding != "utf-16":  # which csv_file reads by its mark
        assert desk("csv_file", args(text)).run().saved == 40
    assert args(text).get("encoding") == ("cp1252" if encoding == "cp1252" else None)


def test_a_workbook_is_looked_at_like_a_table(tmp_path, desk):
    book = openpyxl.Workbook()
    for row in complaints().splitlines():
        book.active.append(row.split(";"))
    book.create_sheet("Rekap")
    path = tmp_path / "unknown.xlsx"
    book.save(path)
    text = proposed(path)
    assert "1 more sheets are not looked at" in text
    assert desk("csv_file", args(text)).run().saved == 40


def test_placeholder_positions_are_noticed():
    cols = [
        looked("lat", *["39"] * 9, "39.1"),
        looked("lon", *["-77"] * 9, "-77.2"),
        looked("id", *map(str, range(10))),
    ]
    cols.append(looked("created", *["2026-01-01"] * 10))
    rows = [["39", "-77", str(number), "2026-01-01"] for number in range(9)] + [["39.1", "-77.2", "9", "2026-01-01"]]
    assert fields.matched(cols, rows).nowhere == [(39, -77)]


def test_a_table_without_any_time_is_no_source(tmp_path):
    with pytest.raises(NotUnderstood, match="no column looks like the time of something"):
        proposed(written(tmp_path, "kode,nama,total\n15.71,Jambi,649656\n15.05,Muaro,457238\n"))


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"", UnreadableFile), (b"only a line", UnreadableFile), (b"PK\x03\x04broken", UnreadableFile),
     (b"<html>Budi</html>", NotUnderstood), (b'{"a": 1}', NotUnderstood), (b'{"a": [', NotUnderstood),
     (b"[]", NotUnderstood)],
)  # fmt: skip
def test_a_file_that_is_no_table_says_so_and_quotes_nothing(tmp_path, content, error):
    path = tmp_path / "unknown.dat"
    path.write_bytes(content)
    with pytest.raises(error) as caught:
        proposed(path)
    assert "Budi" not in str(caught.value) and "only a line" not in str(caught.value)


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(MissingFile):
        proposed(tmp_path / "none.csv")


RECORD = {"id": 1, "created_at": "2026-11-24T05:00:00Z", "type": "Jalan"}


def answer(system, value, **headers):
    system.answer = lambda query: (200, headers, json.dumps(value).encode())
    return f"{system.url}/api/items"


BY_PAGE = {"kind": "page", "param": "page", "size_param": "per_page", "size": 100}
BY_HALAMAN = {"kind": "page", "param": "halaman", "size_param": "per_halaman", "size": 7}
BY_OFFSET = {"kind": "offset", "param": "offset", "size_param": "limit", "size": 5}
BY_CURSOR = {"kind": "cursor", "param": "cursor", "next": "meta.next_cursor"}


@pytest.mark.parametrize(
    ("around", "query", "paging"),
    [
        ({"next": "/api/items?page=2"}, "", {"kind": "link", "next": "next"}),
        ({"_links": {"next": {"href": "/x"}}}, "", {"kind": "link", "next": "_links.next.href"}),
        ({"links": {"next": None}}, "", {"kind": "link", "next": "links.next"}),
        ({"meta": {"next_cursor": "b2"}}, "", BY_CURSOR),
        ({"current_page": 1, "per_page": 20}, "", BY_PAGE),
        ({}, "?halaman=1&per_halaman=7", BY_HALAMAN),
        ({"total": 9}, "?offset=0&limit=5", BY_OFFSET),
        ({}, "", None),
    ],
)
def test_how_pages_follow_is_told_by_the_answer_or_the_question(system, session, around, query, paging):
    rows = [RECORD, RECORD | {"id": 2}]
    told = args(proposed(answer(system, {"items": rows} | around) + query, session))
    assert told.get("paging") == paging
    assert "query" not in told


def test_a_header_can_name_the_next_page(system, session):
    told = args(proposed(answer(system, [RECORD], Link='</api?page=2>; rel="next"'), session))
    assert told["paging"] == {"kind": "link"}


def test_a_key_in_the_address_becomes_a_variable_and_is_never_printed(system, session):
    text = proposed(answer(system, [RECORD]) + "?token=geheim&wilayah=1571", session)
    assert args(text)["query"] == {"token": "${TOKEN}", "wilayah": "1571"}
    assert "geheim" not in text


def test_odd_names_of_a_record_are_written_as_jmespath(system, session, desk):
    url = answer(
        system, [{"case:id": str(number), "Tanggal Masuk": f"2026-11-{number:02}"} for number in range(10, 20)]
    )
    told = args(proposed(url, session))
    assert told["fields"] == {"key": '"case:id"', "opened_at": '"Tanggal Masuk"'}
    assert desk("json_api", told).run().saved == 10


def test_a_table_behind_an_address_is_read_from_there(system, session, desk):
    system.answer = lambda query: (200, {"Content-Type": "text/csv"}, complaints().encode())
    told = args(proposed(f"{system.url}/export.csv?tahun=2026", session))
    assert told["url"] == f"{system.url}/export.csv?tahun=2026"
    assert desk("csv_file", told).run().saved == 40


def test_the_service_list_of_open311_is_enough_to_know_the_server(system, session, shared):
    system.answer = lambda query: (200, {}, (shared / "data/open311-captures/giessen_services.xml").read_bytes())
    text = proposed(f"{system.url}/georeport/v2/services.xml?jurisdiction_id=giessen.de&api_key=geheim", session)
    assert args(text) == {
        "url": f"{system.url}/georeport/v2", "format": "xml", "jurisdiction_id": "giessen.de", "api_key": "${API_KEY}",
    }  # fmt: skip


def test_an_address_that_refuses_or_is_away_is_told_as_such(system, session):
    system.answer = lambda query: (401, {}, b"no")
    with pytest.raises(Refused):
        proposed(f"{system.url}/api", session)
    with pytest.raises(Unreachable):
        proposed("http://127.0.0.1:1/api", session)


@pytest.fixture
def memos(engine):
    """A database of memos: a view with their steps, and a table with people in it."""
    with engine.begin() as connection:
        connection.exec_driver_sql("create schema sipadek")
        connection.exec_driver_sql(
            'create table sipadek."Riwayat Naskah"'
            " (nomor_agenda text, waktu timestamp, tahap text, unit text, petugas text)"
        )
        connection.execute(
            sa.text("""insert into sipadek."Riwayat Naskah" values (:no, :at, :stage, 'Sekda', 'Budi Santoso')"""),
            [{"no": f"ND-{number}", "at": f"2026-10-{number + 1:02} {hour}:00", "stage": stage}
             for number in range(20) for hour, stage in ((8, "Diterima"), (9, "Disposisi"))],
        )  # fmt: skip
    return engine.url.render_as_string(hide_password=False)


def test_a_database_tells_its_tables(memos, session):
    with pytest.raises(NoTable) as caught:
        proposed(memos, session)
    assert caught.value.tables["sipadek.Riwayat Naskah"] == 5
    with pytest.raises(NoTable, match="no table 'naskah'"):
        proposed(memos, session, table="naskah")


def test_a_table_is_proposed_with_a_query_that_leaves_the_people_where_they_are(memos, session, desk, monkeypatch):
    text = proposed(memos, session, table="sipadek.Riwayat Naskah")
    told = args(text)
    assert told["query"] == 'select nomor_agenda, waktu, tahap, unit from sipadek."Riwayat Naskah"'
    assert (told["shape"], told["url"]) == ("event_log", "${SOURCE_DATABASE_URL}")
    assert "look personal: petugas" in text and "Budi" not in text and memos not in text
    made = desk("sql_query", told | {"url": memos})
    result = made.run()
    assert (result.error, result.saved, result.rejected) == (None, 20, 0)


def test_the_reading_of_a_database_can_write_nothing(memos, session, engine):
    before = Counter(engine.connect().exec_driver_sql('select tahap from sipadek."Riwayat Naskah"').scalars())
    proposed(memos, session, table="sipadek.Riwayat Naskah")
    with engine.connect() as connection:
        assert Counter(connection.exec_driver_sql('select tahap from sipadek."Riwayat Naskah"').scalars()) == before


@pytest.mark.parametrize("target", ["ftp://a:geheim@b/c", "postgresql://a:geheim@", "sqlite:///x"])
def test_an_address_of_no_known_kind_is_refused_without_its_password(target, session):
    with pytest.raises(NotUnderstood) as caught:
        proposed(target, session)
    assert "geheim" not in str(caught.value)


def test_records_are_looked_for_at_the_surface_and_by_their_usual_name():
    assert trees.records_of({"fields": [{"a": 1}] * 9, "records": [{"b": 1}]}) == ("records", [{"b": 1}])
    assert trees.records_of({"deep": {"rows": [{"a": 1}]}, "many": [{"b": 1}]})[0] == "many"
    assert trees.records_of({"Infogempa": {"gempa": {"a": 1, "b": {}}}}) == ("Infogempa.gempa", [{"a": 1, "b": {}}])
    assert trees.records_of("text") == ("@", [])


def test_a_metric_is_named_after_its_column():
    assert [proposal.metric_name(name) for name in ("Jumlah Tempat-Tidur", "mag", "2020")] == [
        "jumlah_tempat_tidur",
        "mag",
        "n_2020",
    ]


TEXT = some.text(max_size=30) | some.sampled_from(["2026-11-24", "Selesai", "1,5", "08123456789", "", "-1.6"])


@given(some.lists(some.tuples(TEXT, TEXT, TEXT), max_size=12), some.tuples(TEXT, TEXT, TEXT))
def test_any_table_is_a_proposal_in_yaml_or_is_refused(rows, header):
    sample = tables.Sample(
        [f"{name}{at}" for at, name in enumerate(header)], [list(row) for row in rows], "csv_file", {"path": "x"}
    )
    try:
        text = probe.proposed("unknown", sample)
    except NotUnderstood:
        return
    told = source(text)
    Job("desk", region("csv_file", told["args"]))
    assert set(told["args"]["fields"].values()) <= set(sample.columns)


def test_names_of_columns_cannot_break_out_of_the_proposal(system, session):
    evil = {"a\nsources: {evil: {}}": "x", "nama\nb: c": "Budi", "masuk\n#": "2026-11-24", "\x1b[31mno": "T1"}
    text = proposed(answer(system, [evil]), session)
    assert list(yaml.safe_load(text)) == ["sources"]
    assert list(yaml.safe_load(text)["sources"]) == ["unknown"] and "\x1b" not in text


def test_a_header_comes_from_the_environment_and_goes_into_the_proposal_by_its_variable(system, monkeypatch, capsys):
    url = answer(system, [RECORD])
    monkeypatch.setenv("LAPOR_KEY", "geheim")
    assert cli.main(["probe", url, "--name", "unknown", "--header", "X-API-Key=LAPOR_KEY"]) == 0
    shown = capsys.readouterr().out
    assert system.headers[0]["X-API-Key"] == "geheim"
    assert args(shown)["headers"] == {"X-API-Key": "${LAPOR_KEY}"} and "geheim" not in shown
