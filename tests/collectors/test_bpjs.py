"""BPJS by service: what becomes of dashboards, rooms, visits, claims and registrations. Patients stay out of it all."""

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from city.model import ChangedShape, NotUnderstood, Observation
from city.times import instant
from collectors import RowError, bpjs
from tests.collectors.sealing import DAHLIA, LOGIN, MELATI, NOW, sealed

TODAY = instant("2026-11-23T17:00:00Z")  # midnight in Jambi
WAITS = {f"{kind}waktu_task{n}": 0 for n in range(1, 7) for kind in ("", "avg_")}


def args(system=None, service="antrean", *facilities, **more):
    keys = [keys | (LOGIN if service == "pcare" else {}) for keys in facilities or (MELATI,)]
    url = system.url if system else "http://127.0.0.1:1"
    return bpjs.Args(**{"service": service, "url": url, "facilities": keys, "history": "1s", "overlap": "1s"} | more)


class Paths:
    """Lets ``system`` answer by path, as BPJS does: ``answer(path, headers)`` gives the body; ``asked`` remembers."""

    def __init__(self, system, answer) -> None:
        self.asked: list[str] = []
        outer = self

        class Routes(dict):
            def get(self, path: str, default: Any = None) -> Any:
                outer.asked.append(urlsplit(path).path.strip("/"))
                body = answer(outer.asked[-1], system.headers[-1])
                return lambda query, sent: (200, {}, json.dumps(body).encode())

        system.routes = Routes()


def rows(made, session, since=None, now=NOW):
    return list(bpjs.fetch(made, session, since, now))


def observed(made, session, **options):
    parsed = [item for row in rows(made, session, **options) for item in bpjs.parse(row, made)]
    return list(bpjs.fold(parsed, made))


def values(items):
    return {(item.metric, item.category, item.channel): item.value for item in items}


def dashboard(*clinics):
    return {"metadata": {"code": 200, "message": "OK"}, "response": {"list": list(clinics)}}


def clinic(name="BEDAH", entries=4, day="2026-11-24", **more):
    return {"kodepoli": "BED", "namapoli": name, "tanggal": day, "jumlah_antrean": entries} | WAITS | more


def beds(*rooms, total=None):
    about = {"code": 1, "message": "OK"} | ({} if total is None else {"totalitems": total})
    return {"metadata": about, "response": {"list": list(rooms)}}


def room(number=1, **more):
    return {
        "kodekelas": "VIP", "namakelas": "VIP", "koderuang": f"RG{number:02}", "kapasitas": "20", "tersedia": "10",
        "tersediapria": "0", "lastupdate": "2026-11-24 11:30:00",
    } | more  # fmt: skip


def monitored(value, head, code="200"):
    return {"metaData": {"code": code, "message": "Sukses"}, "response": sealed(value, head)}


NONE = {"metaData": {"code": "201", "message": "Data tidak ditemukan"}, "response": None}


# Antrean


def test_the_recorded_dashboard_is_read(system, session, shared):
    recorded = (shared / "data/bpjs-samples/antrean_dashboard_waktutunggu_tanggal.json").read_bytes()
    system.answer = lambda query: (200, {}, recorded)
    found = observed(args(system), session, now=instant("2025-07-26T05:00:00Z"))
    assert found[0] == Observation(
        metric="hospital_queue_entries", at=instant("2025-07-25T17:00:00Z"), value=1, place="RS Melati", category="MATA"
    )
    # Nobody recorded a task: totals of nothing, and no average of nothing.
    assert [item.metric for item in found[1:]] == [f"hospital_wait_task{n}_total_s" for n in range(1, 7)]


def test_a_clinic_gives_its_entries_and_the_seconds_of_each_task_in_total_and_on_average(system, session):
    row = clinic(waktu_task3=7200, avg_waktu_task3=1800.5, waktu_task6="600", avg_waktu_task6="150.0")
    paths = Paths(system, lambda path, head: dashboard(row))
    found = values(observed(args(system, waktu="server"), session))
    assert paths.asked == ["dashboard/waktutunggu/tanggal/2026-11-24/waktu/server"]
    assert found["hospital_queue_entries", "BEDAH", None] == 4
    assert (found["hospital_wait_task3_s", "BEDAH", None], found["hospital_wait_task3_total_s", "BEDAH", None]) == (
        1800.5, 7200,
    )  # fmt: skip
    assert found["hospital_wait_task6_s", "BEDAH", None] == 150
    assert ("hospital_wait_task1_s", "BEDAH", None) not in found


def test_a_month_is_asked_with_two_digits_and_stands_at_its_first_day_beside_the_days(system, session):
    paths = Paths(system, lambda path, head: dashboard(clinic(day="2026-11-03")))
    found = observed(args(system, period="month", history="30d"), session)
    assert paths.asked == [f"dashboard/waktutunggu/bulan/{m}/tahun/2026/waktu/rs" for m in ("10", "11")]
    entries = [(item.metric, item.at) for item in found if "entries" in item.metric]
    assert entries == [
        ("hospital_queue_entries_month", instant("2026-09-30T17:00:00Z")),
        ("hospital_queue_entries_month", instant("2026-10-31T17:00:00Z")),
    ]


def test_days_in_a_month_and_clinics_of_one_name_add_up_and_their_averages_weigh_by_patients(system, session):
    first = clinic(entries=30, waktu_task3=9000, avg_waktu_task3=300)
    second = clinic(entries=10, waktu_task3=7000, avg_waktu_task3=700, kodepoli="BDM")
    Paths(system, lambda path, head: dashboard(first, second))
    found = values(observed(args(system), session))
    assert found["hospital_queue_entries", "BEDAH", None] == 40
    assert found["hospital_wait_task3_total_s", "BEDAH", None] == 16000
    assert found["hospital_wait_task3_s", "BEDAH", None] == 400


def test_two_hospitals_and_two_clinics_stay_apart(system, session):
    Paths(system, lambda path, head: dashboard(clinic("ANAK", 1), clinic("MATA", 2)))
    found = observed(args(system, "antrean", MELATI, DAHLIA), session)
    entries = {(item.place, item.category): item.value for item in found if item.metric == "hospital_queue_entries"}
    assert entries == {
        ("RS Melati", "ANAK"): 1, ("RS Melati", "MATA"): 2, ("RS Dahlia", "ANAK"): 1, ("RS Dahlia", "MATA"): 2,
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"jumlah_antrean": -1}, "jumlah_antrean: negative"),
        ({"jumlah_antrean": "2.5"}, "jumlah_antrean: not a whole number"),
        ({"jumlah_antrean": "1571076408990003"}, "jumlah_antrean: more than 6 digits"),
        ({"jumlah_antrean": 81274531234}, "jumlah_antrean: more than 6 digits"),
        ({"waktu_task3": "0812745312"}, "waktu_task3: more than 9 digits"),
        ({"waktu_task3": 1571076408990003.0}, "waktu_task3: more than 9 digits"),
        ({"avg_waktu_task2": "cepat"}, "avg_waktu_task2: not a number"),
        ({"waktu_task6": None}, "waktu_task6: missing"),
        ({"waktu_task6": [1]}, "waktu_task6: neither text nor a number"),
        ({"waktu_task1": "nan"}, "waktu_task1: not a number"),
        ({"tanggal": "24/11/2026"}, "tanggal: not a day such as 2026-01-31"),
        ({"tanggal": "2026-11-23"}, "tanggal: not the day that was asked for"),
        ({"namapoli": "", "kodepoli": None}, "kodepoli: missing"),
    ],
)
def test_a_clinic_that_cannot_be_right_is_rejected_by_field(system, session, wrong, told):
    Paths(system, lambda path, head: dashboard(clinic(**wrong)))
    made = args(system)
    with pytest.raises(RowError, match=f"^{told}$"):
        bpjs.parse(rows(made, session)[0], made)


@pytest.mark.parametrize("said", [{"code": 204, "message": "No Content"}, {"Code": "200", "Message": "OK"}])
def test_a_day_without_a_dashboard_is_unknown_and_not_zero(system, session, said):
    Paths(system, lambda path, head: {"metaData": said, "response": None if "code" in said else {"list": []}})
    assert rows(args(system), session) == []


def test_the_last_days_are_read_again_and_after_a_silence_all_that_were_missed(system, session):
    paths = Paths(system, lambda path, head: dashboard())
    made = args(system, history="2d", overlap="1d")
    for since, first in (None, 22), ({"read_to": NOW.isoformat()}, 23), ({"read_to": "2026-11-20T05:00:00Z"}, 19):
        paths.asked.clear()
        rows(made, session, since)
        assert [path.split("/")[3] for path in paths.asked] == [f"2026-11-{day}" for day in range(first, 25)]
    assert bpjs.cursor(made, None, NOW) == {"read_to": NOW.isoformat()}


# Aplicares


def test_a_room_gives_beds_free_and_occupied_as_of_its_own_last_update(system, session):
    paths = Paths(system, lambda path, head: beds(room(kapasitas=20), room(2, tersedia="20"), total=2))
    keys = {name: MELATI[name] for name in ("code", "name", "cons_id", "secret")}
    found = observed(args(system, "aplicares", keys), session)
    assert paths.asked[0] == "rest/bed/read/R1/1/100"
    assert found[:3] == [
        Observation(metric=metric, at=NOW - timedelta(minutes=30), value=value, place="RS Melati", category="VIP",
                    channel="RG01")
        for metric, value in (("hospital_beds", 20), ("hospital_beds_free", 10), ("hospital_beds_occupied", 10))
    ]  # fmt: skip
    assert [item.value for item in found[3:]] == [20, 20, 0]


@pytest.mark.parametrize("written", ["2026-11-24 11:30:00.0", "24-11-2026 11:30:00", "24-11-2026 11:30:00 WIB"])
def test_the_last_update_is_read_in_every_form_that_bpjs_writes(written):
    row = room(lastupdate=written) | {"facility": "RS Melati", "simulated": False}
    assert bpjs.parse(row, args(None, "aplicares"))[0].at == NOW - timedelta(minutes=30)


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"tersedia": "21"}, "tersedia: more than kapasitas"),
        ({"tersedia": "-1"}, "tersedia: negative"),
        ({"kapasitas": "0001234567890"}, "kapasitas: more than 6 digits"),
        ({"kapasitas": "dua"}, "kapasitas: not a number"),
        ({"kapasitas": True}, "kapasitas: not a number"),
        ({"lastupdate": None}, "lastupdate: missing"),
        ({"lastupdate": "kemarin"}, "lastupdate: not a time of a known form"),
        ({"koderuang": ""}, "koderuang: missing"),
        ({"namakelas": "", "kodekelas": None}, "kodekelas: missing"),
    ],
)
def test_beds_that_cannot_be_are_rejected_by_field(system, session, wrong, told):
    Paths(system, lambda path, head: beds(room(**wrong)))
    made = args(system, "aplicares")
    with pytest.raises(RowError, match=f"^{told}$"):
        bpjs.parse(rows(made, session)[0], made)


def paged(rooms, total, limit):
    """A server with these rooms that gives ``limit`` at a time and tells ``total(page)``."""

    def answer(path, head):
        start = int(path.split("/")[-2])
        page = rooms[start - 1 : start - 1 + limit]
        return beds(*page, total=total(page))

    return answer


def test_a_total_that_counts_the_page_only_does_not_end_the_reading(system, session):
    paths = Paths(system, paged([room(n) for n in range(5)], len, 2))
    assert len(rows(args(system, "aplicares", page_size=2), session)) == 5
    assert [path.split("/")[-2] for path in paths.asked] == ["1", "3", "5", "6"]
    assert session.warnings == []


def test_a_true_total_ends_the_reading_when_it_is_reached(system, session):
    paths = Paths(system, paged([room(n) for n in range(5)], lambda page: 5, 2))
    assert len(rows(args(system, "aplicares", page_size=2), session)) == 5
    assert len(paths.asked) == 3


def test_a_page_that_brings_nothing_new_ends_the_reading(system, session):
    paths = Paths(system, lambda path, head: beds(room(1), room(2), room(1), total=3))
    assert [row["koderuang"] for row in rows(args(system, "aplicares"), session)] == ["RG01", "RG02"]
    assert len(paths.asked) == 2
    assert session.warnings == ["RS Melati: 3 rooms were announced and 2 came"]


def test_an_odd_code_beyond_the_last_page_is_its_end_and_on_the_first_a_fault(system, session):
    refused = {"metadata": {"code": 0, "message": "Data tidak ada"}, "response": None}
    Paths(system, lambda path, head: beds(room(), total=1) if "/1/" in path else refused)
    assert len(rows(args(system, "aplicares"), session)) == 1
    Paths(system, lambda path, head: refused)
    with pytest.raises(bpjs.SourceError, match="RS Melati: answered with code 0"):
        rows(args(system, "aplicares"), session)


def test_pages_that_never_end_are_a_fault(system, session):
    numbers = iter(range(10_000))
    Paths(system, lambda path, head: beds(room(next(numbers)), total=1))
    with pytest.raises(NotUnderstood, match="the pages never end"):
        rows(args(system, "aplicares"), session)


def test_rooms_that_nobody_brings_up_to_date_are_told(system, session):
    Paths(system, lambda path, head: beds(room(), room(2, lastupdate="2026-11-15 11:30:00"), total=2))
    assert len(rows(args(system, "aplicares"), session)) == 2
    assert session.warnings == [
        "RS Melati: 1 of 2 rooms not brought up to date, the oldest for 9 days: ask the hospital to update Aplicares"
    ]


# VClaim


def visit(**more):
    patient = {"nama": "SITI AMINAH", "noKartu": "0001234567890", "nik": "1571014107900001", "telp": "081274567890"}
    return patient | {"noSep": "0115R0011126V000001", "diagnosa": "Diabetes melitus", "poli": "MATA"} | more


def test_visits_are_counted_by_clinic_or_class_and_201_is_none(system, session):
    def answer(path, head):
        outpatients = [visit(), visit(), visit(poli="ANAK"), visit(poli=None)]
        return monitored({"sep": outpatients}, head) if path.endswith("/2") else NONE

    paths = Paths(system, answer)
    found = observed(args(system, "vclaim", reads=["visits"]), session)
    assert paths.asked == [f"Monitoring/Kunjungan/Tanggal/2026-11-24/JnsPelayanan/{n}" for n in (1, 2)]
    assert values(found) == {
        ("jkn_visits", None, "rawat inap"): 0, ("jkn_visits", "MATA", "rawat jalan"): 2,
        ("jkn_visits", "ANAK", "rawat jalan"): 1, ("jkn_visits", None, "rawat jalan"): 1,
    }  # fmt: skip
    assert {(item.at, item.place) for item in found} == {(TODAY, "RS Melati")}


def test_inpatients_are_counted_by_class_and_a_class_has_none_on_the_days_without(system, session):
    def answer(path, head):
        full = "2026-11-24" in path and path.endswith("/1")
        return (
            monitored({"sep": [visit(kelasRawat=3), visit(kelasRawat="3"), visit(kelasRawat="1")]}, head)
            if full
            else NONE
        )

    Paths(system, answer)
    found = observed(args(system, "vclaim", reads=["visits"], history="1d"), session)
    admitted = {(item.at, item.category): item.value for item in found if item.channel == "rawat inap"}
    before = TODAY - timedelta(days=1)
    assert admitted == {
        (before, "Kelas 3"): 0, (before, "Kelas 1"): 0, (TODAY, "Kelas 3"): 2, (TODAY, "Kelas 1"): 1,
    }  # fmt: skip


def test_the_recorded_not_found_is_zero(system, session, shared):
    system.answer = lambda query: (200, {}, (shared / "data/bpjs-samples/not_found.json").read_bytes())
    assert {item.value for item in observed(args(system, "vclaim"), session)} == {0}


def test_201_with_another_text_is_a_refusal_and_not_a_zero(system, session):
    said = {"code": "201", "message": "Format tanggal tidak sesuai, SITI AMINAH"}
    Paths(system, lambda path, head: {"metaData": said, "response": None})
    with pytest.raises(bpjs.SourceError, match="RS Melati: answered with code 201") as caught:
        rows(args(system, "vclaim"), session)
    assert "SITI" not in str(caught.value)


def claim(asked="1500000", agreed: Any = "1200000"):
    return {"biaya": {"byPengajuan": asked, "bySetujui": agreed}, "peserta": {"nama": "SITI AMINAH"}}


def test_claims_are_counted_and_their_rupiah_added_by_state_and_service(system, session):
    def answer(path, head):
        return monitored({"klaim": [claim(), claim("500000.00", None)]}, head) if path.endswith("/2/Status/3") else NONE

    paths = Paths(system, answer)
    found = values(observed(args(system, "vclaim", reads=["claims"]), session))
    assert len(paths.asked) == 6
    assert found["jkn_claims", "klaim", "rawat jalan"] == 2
    assert found["jkn_claims_submitted_rp", "klaim", "rawat jalan"] == 2_000_000
    assert found["jkn_claims_approved_rp", "klaim", "rawat jalan"] == 1_200_000
    assert found["jkn_claims", "pending", "rawat inap"] == 0
    assert len(found) == 18


def test_one_unreadable_amount_is_told_and_many_are_a_changed_shape(system, session):
    good, bad = [claim()] * 19, [claim("SITI AMINAH")]
    Paths(system, lambda path, head: monitored({"klaim": good + bad}, head))
    assert len(rows(args(system, "vclaim", reads=["claims"]), session)) == 18
    told = "RS Melati: byPengajuan of 1 of 20 claims is not an amount; they are counted, their rupiah are not"
    assert session.warnings == [told]
    Paths(system, lambda path, head: monitored({"klaim": [{"biaya": None}] * 5}, head))
    with pytest.raises(ChangedShape, match="byPengajuan of 5 of 5 claims is not an amount"):
        rows(args(system, "vclaim", reads=["claims"]), session)


@pytest.mark.parametrize(
    "odd", [{"kunjungan": []}, {"sep": 7}, {"sep": ["SITI"]}, ["SITI"], {"sep": [{"poli": ["S"]}]}]
)
def test_an_answer_of_another_form_is_a_changed_shape(system, session, odd):
    Paths(system, lambda path, head: monitored(odd, head))
    with pytest.raises(ChangedShape) as caught:
        rows(args(system, "vclaim"), session)
    assert "SITI" not in str(caught.value)


# P-Care


def patient(number, **more):
    who = {"nama": "BUDI SANTOSO", "noKartu": f"00098765432{number:02}", "noHP": "081366667777"}
    return {"noUrut": f"A{number}", "peserta": who, "keluhan": "pusing", "poli": {"kdPoli": "001"}} | more


def registered(rows_of_day, limit=2, told=True):
    def answer(path, head):
        start = int(path.split("/")[-2])
        page = rows_of_day[start : start + limit]
        if not page:
            return {"metaData": {"code": 204, "message": "No Content"}, "response": None}
        body = {"list": page} | ({"count": len(rows_of_day)} if told else {})
        return {"metaData": {"code": 200, "message": "OK"}, "response": sealed(body, head)}

    return answer


@pytest.mark.parametrize("told, pages", [(True, 3), (False, 4)])
def test_registrations_are_paged_until_exhausted_and_counted(system, session, told, pages):
    paths = Paths(system, registered([patient(n) for n in range(5)], told=told))
    found = observed(args(system, "pcare"), session)
    assert found == [Observation(metric="fktp_registrations", at=TODAY, value=5, place="RS Melati")]
    assert paths.asked[0] == "pendaftaran/tglDaftar/24-11-2026/0/100"
    assert len(paths.asked) == pages
    assert base64.b64decode(system.headers[-1]["X-authorization"].split()[1]) == b"u:p:095"


def test_no_content_is_a_day_without_registrations(system, session):
    Paths(system, registered([]))
    assert [item.value for item in observed(args(system, "pcare"), session)] == [0]


def test_a_patient_on_two_pages_is_counted_once_and_the_same_number_at_two_clinics_twice(system, session):
    twice, dental = patient(1), patient(1, poli={"kdPoli": "002"})
    Paths(system, registered([twice, patient(2), twice, dental], told=False))
    assert [row["value"] for row in rows(args(system, "pcare"), session)] == [3]


def test_fewer_registrations_than_announced_are_told(system, session):
    page = {"count": 9, "list": [patient(1)]}
    Paths(system, lambda path, head: {"metaData": {"code": 200}, "response": sealed(page, head)})
    assert rows(args(system, "pcare"), session)[0]["value"] == 1
    assert session.warnings == ["RS Melati: 9 registrations were announced and 1 came"]


def test_created_is_no_answer_to_a_question_and_401_about_a_patient_no_wrong_key(system, session):
    for code, text in (201, "CREATED"), (401, "Peserta sudah di-entri di poli yang sama pada hari yang sama."):
        Paths(system, lambda path, head, code=code, text=text: {"metaData": {"code": code, "message": text}})
        with pytest.raises(bpjs.SourceError, match=f"answered with code {code}"):
            rows(args(system, "pcare"), session)


# Personal data

PERSONAL = (
    "SITI",
    "BUDI",
    "1571014107900001",
    "0001234567890",
    "00098765432",
    "0812745",
    "0813666",
    "Diabetes",
    "pusing",
)


@pytest.mark.parametrize("good", [True, False])
@pytest.mark.parametrize("service", ["vclaim", "pcare"])
def test_nothing_about_a_patient_leaves_the_reading(system, session, desk, caplog, service, good):
    def answer(path, head):
        if service == "pcare":
            page = [patient(1), patient(2)] if good else ["BUDI SANTOSO"]
            return {"metaData": {"code": 200}, "response": sealed({"count": 2, "list": page}, head)}
        if "Klaim" in path:
            return monitored({"klaim": [claim()] * 15 + [claim("SITI AMINAH")]}, head)
        return monitored({"sep": [visit(), visit(poli=None if good else {"nama": "SITI AMINAH"})]}, head)

    Paths(system, answer)
    caplog.set_level(0)
    made = desk("bpjs", args(system, service).model_dump(mode="python"))
    result = made.run()
    assert result.ok == good and bool(result.saved) == good
    tables = ("observations", "runs", "cursors", "source_shapes", "cases", "case_events", "delivered")
    stored = [str(made.ask(f"select * from {table}")) for table in tables]
    yielded = [str(rows(args(system, service), session))] if good else []
    for word in PERSONAL:
        assert word not in "".join([str(result), caplog.text, *stored, *yielded, *session.warnings])


# Settings


@pytest.mark.parametrize(
    "wrong, told",
    [
        ({"service": "icare"}, "service"),
        ({"url": "ftp://x"}, "url"),
        ({"facilities": []}, "facilities"),
        ({"facilities": [MELATI, MELATI | {"code": "R9"}]}, "'RS Melati' stands there twice"),
        ({"facilities": [MELATI | {"user_key": None}]}, "'RS Melati' has no user_key; antrean needs it"),
        ({"service": "pcare", "facilities": [MELATI]}, "'RS Melati' has no username; pcare needs it"),
        ({"facilities": [MELATI | {"secret": ""}]}, "secret"),
        ({"facilities": [MELATI | {"code": "R1/../x"}]}, "code"),
        ({"overlap": 7}, "not a duration"),
        ({"period": "year"}, "period"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_asked(wrong, told):
    good = {"service": "antrean", "url": "http://127.0.0.1:1", "facilities": [MELATI]}
    with pytest.raises(ValidationError, match=told):
        bpjs.Args(**good | wrong)


def test_a_facility_without_a_name_goes_by_its_code_and_no_key_is_ever_printed():
    made = args(None, "pcare", {name: MELATI[name] for name in ("code", "cons_id", "secret", "user_key")})
    assert made.facilities[0].title == "R1"
    assert not [key for key in ("101", "s-101", "k-101", "password", "'u'") if key in repr(made)]
