"""Rows to cases, events and counted values by settings alone; every row is an item or one of a few known messages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as some
from pydantic import ValidationError

from city.model import Case, CaseEvent, Observation, Status
from collectors import RowError
from collectors.mapping import Mapping, compiled

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
CASES = {"key": "no", "opened_at": "masuk", "closed_at": "tutup", "status": "keadaan", "status_at": "sejak"}
WORDS = {
    "Baru": "received",
    "Jalan": "in_progress",
    "Tutup*": "done",
    "Tutup (ganda)": "rejected",
    "Tutup (tol*": "rejected",
}


def mapper(**more):
    return compiled(Mapping(**{"fields": CASES, "status": WORDS, "zone": "Asia/Jakarta"} | more))


def row(no="A1", masuk="2026-11-24 12:00", tutup="", keadaan="", sejak=""):
    return (no, masuk, tutup, keadaan, sejak)


def problem(map_row, cells):
    with pytest.raises(RowError) as caught:
        map_row(cells)
    return str(caught.value)


def test_every_field_of_a_case_comes_from_its_column():
    names = ["key", "opened_at", "due_at", "closed_at", "status", "status_at", "outcome", "category", "agency",
             "district", "channel", "place", "priority", "lat", "lon", "simulated"]  # fmt: skip
    cells = ["A1", "2026-11-24 12:00", "2026-11-24 15:00", "2026-11-24 14:00", "Tutup", "2026-11-24 13:00", "ok",
             "jalan", "PUPR", "Jelutung", "web", "Simpang", "1", "-1.6", "103.6", "ya"]  # fmt: skip
    made = mapper(fields={name: name.upper() for name in names}, kind="call")
    assert made(cells) == Case(
        key="A1", kind="call", opened_at=NOON, due_at=NOON + 3 * HOUR, closed_at=NOON + 2 * HOUR, status=Status.DONE,
        outcome="ok", category="jalan", agency="PUPR", district="Jelutung", channel="web", place="Simpang",
        priority="1", lat=-1.6, lon=103.6, simulated=True, events=(CaseEvent(NOON + HOUR, "done"),),
    )  # fmt: skip


def test_a_case_that_says_nothing_of_its_status_is_done_once_it_has_an_end():
    assert [mapper()(row(tutup=end)).status for end in ("", "2026-11-24 13:00")] == [Status.RECEIVED, Status.DONE]


def test_without_words_for_it_the_status_column_is_not_guessed_at():
    assert mapper(status={})(row(keadaan="Tutup")).status == Status.RECEIVED


@pytest.mark.parametrize("turned", [False, True], ids=["as written", "the other way round"])
@pytest.mark.parametrize(
    ("word", "status"),
    [("Baru", "received"), ("Jalan", "in_progress"), ("Tutup", "done"), ("Tutup 12", "done"),
     ("Tutup (ganda)", "rejected"), ("Tutup (ganda) 2", "done"), ("Tutup (tolak)", "rejected"),
     ("Tutup (tolak, ulang)", "rejected")],
)  # fmt: skip
def test_the_whole_word_wins_then_the_longest_beginning_in_whatever_order_they_stand(word, status, turned):
    words = dict(reversed(WORDS.items())) if turned else WORDS
    assert mapper(status=words)(row(keadaan=word, tutup="2026-11-24 13:00")).status == status


@pytest.mark.parametrize("word", ["baru", "Baru sekali", "Tutu", "Budi", "*"])
def test_a_word_that_is_not_mapped_is_a_rejected_row_every_time(word):
    made = mapper()
    assert made(row(keadaan="Baru")).status == Status.RECEIVED
    message = "status: a word that `status` in config.yaml does not map"
    assert [problem(made, row(keadaan=word)) for _ in range(2)] == [message] * 2


def test_a_lone_star_takes_every_word_that_is_left():
    made = mapper(status={"*": "routed", "Baru": "received"})
    assert [made(row(keadaan=word)).status for word in ("Budi", "Baru", "Barul")] == ["routed", "received", "routed"]


def test_a_closed_case_ends_when_it_was_closed_else_when_it_became_so_else_it_is_refused():
    closed = mapper()(row(keadaan="Tutup", tutup="2026-11-24 14:00", sejak="2026-11-24 13:00"))
    assert (closed.closed_at, closed.events) == (NOON + 2 * HOUR, (CaseEvent(NOON + HOUR, "done"),))
    assert mapper()(row(keadaan="Tutup (ganda)", sejak="2026-11-24 13:00")).closed_at == NOON + HOUR
    for word in ("Tutup", "Tutup (ganda)"):
        assert problem(mapper(), row(keadaan=word)) == "closed_at: missing in a closed case"
    assert mapper()(row(keadaan="Jalan")).closed_at is None


def test_the_moment_of_a_status_is_a_step_unless_the_case_only_arrived():
    assert mapper()(row(keadaan="Jalan", sejak="2026-11-24 13:00")).events == (CaseEvent(NOON + HOUR, "in_progress"),)
    assert mapper()(row(keadaan="Baru", sejak="2026-11-24 12:00")).events == ()


LOG = {
    "shape": "event_log",
    "fields": {
        "key": "memo",
        "at": "waktu",
        "stage": "tahap",
        "event_agency": "meja",
        "agency": "opd",
        "due_at": "batas",
    },
    "status": {},
    "stages": {"dispo": "disposisi"},
}


def test_a_row_of_an_event_log_is_one_step_of_its_case():
    step = mapper(**LOG)(("M1", "2026-11-24 12:00", "dispo", "Setda", "PUPR", "2026-11-24 14:00"))
    assert step == Case(
        key="M1", kind="complaint", opened_at=NOON, due_at=NOON + 2 * HOUR, agency="PUPR",
        events=(CaseEvent(NOON, "disposisi", "Setda"),),
    )  # fmt: skip
    kept = mapper(**LOG)(("M1", "2026-11-24 12:00", "paraf", "", "", ""))
    assert (kept.events, kept.agency, kept.due_at) == ((CaseEvent(NOON, "paraf", None),), None, None)


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (("", "2026-11-24", "dispo"), "key: missing"),
        (("M1", "", "dispo"), "at: missing"),
        (("M1", "2026-11-24", " "), "stage: missing"),
        (("M1", "Budi", "dispo"), "at: not a time in the configured form"),
    ],
)
def test_a_step_needs_its_case_its_moment_and_its_stage(cells, message):
    assert problem(mapper(**LOG), (*cells, "", "", "")) == message


BEDS = {
    "shape": "observations",
    "fields": {"at": "waktu", "place": "rs", "simulated": "uji"},
    "values": {"beds": "kapasitas", "free": "sisa"},
    "status": {},
}


def test_a_missing_count_is_no_count_and_zero_is_one():
    def values(beds, free):
        found = mapper(**BEDS)(("2026-11-24 12:00", "RSUD", "", beds, free))
        return {one.metric: one.value for one in found}

    assert values("100", "0") == {"beds": 100, "free": 0}
    assert values("100", "") == {"beds": 100}
    assert values(" ", "7") == {"free": 7}
    assert values("", "") == {}


def test_a_word_for_nothing_is_no_count_either():
    made = mapper(**BEDS, empty=["-"])
    assert made(("2026-11-24 12:00", "-", "ya", "-", "3")) == [
        Observation(metric="free", at=NOON, value=3, place=None, simulated=True)
    ]


def test_one_counted_column_alone_is_read_whole():
    made = mapper(**BEDS | {"values": {"beds": "kapasitas"}}, decimal=",")
    assert [one.value for one in made(("2026-11-24 12:00", "RSUD", "", "1.234,5"))] == [1234.5]
    assert made(("2026-11-24 12:00", "RSUD", "", "")) == []


def test_the_same_column_may_be_counted_twice_and_give_the_place_too():
    made = mapper(**BEDS | {"fields": {"at": "waktu", "place": "n"}, "values": {"beds": "n", "free": "n"}})
    found = made(("2026-11-24 12:00", "7"))
    assert [(one.metric, one.value, one.place) for one in found] == [("beds", 7, "7"), ("free", 7, "7")]


@pytest.mark.parametrize("text", ["Budi", "nan", "1e999", "12 orang"])
def test_a_count_that_is_no_number_names_its_metric_and_keeps_none_of_the_row(text):
    assert problem(mapper(**BEDS), ("2026-11-24 12:00", "RSUD", "", "100", text)) == "free: not a number"


@pytest.mark.parametrize("text", ["1571076408990003", "1571076408990003.0", "-1571076408990003"])
def test_the_number_of_a_person_is_no_count(text):
    assert problem(mapper(**BEDS), ("2026-11-24 12:00", "RSUD", "", "100", text)).startswith("free: more than 15")


def test_counts_need_a_moment():
    assert problem(mapper(**BEDS), ("", "RSUD", "", "100", "1")) == "at: missing"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            LOG | {"fields": LOG["fields"] | {"opened_at": "masuk"}},
            "fields.opened_at: unknown field; known: key, at, stage",
        ),
        (LOG | {"fields": {"key": "memo", "at": "waktu"}}, "fields.stage: is missing"),
        (BEDS | {"values": {}}, "values: is missing; name the column of each metric"),
        (BEDS | {"constants": {"nik": "1571"}}, "fields.nik: unknown field"),
        ({"fields": CASES | {"nama": "Pelapor"}}, "fields.nama: unknown field"),
        ({"decimal": ";"}, "Input should be '.' or ','"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused_with_the_name_of_its_mistake(settings, message):
    with pytest.raises(ValidationError) as caught:
        mapper(**settings)
    assert message in str(caught.value)


PLACED = {"fields": CASES | {"lat": "y", "lon": "x"}, "ignore_positions": [[0, 0]], "time_format": "%d/%m/%Y %H:%M"}
SHAPES = {"cases": PLACED, "event_log": LOG, "observations": BEDS}
_TIME = "not a time in the configured form"
KNOWN = {
    *(f"{field}: missing" for field in ("key", "opened_at", "at", "stage")),
    *(f"{field}: {_TIME}" for field in ("opened_at", "closed_at", "status_at", "due_at", "at")),
    "closed_at: missing in a closed case", "status: a word that `status` in config.yaml does not map",
    "beds: not a number", "free: not a number",
    *(f"{name}: longer than 200 characters" for made in SHAPES.values() for name in Mapping(**made).columns),
}  # fmt: skip
CELL = some.text(max_size=40) | some.sampled_from(
    [
        "2026-11-24 12:00",
        "24/11/2026 12:00",
        "Baru",
        "Tutup",
        "Budi 0812",
        "-1.6",
        "1e400",
        "9999-12-31 23:59",
        "x" * 201,
    ]
)


@given(some.sampled_from(sorted(SHAPES)), some.lists(CELL, min_size=7, max_size=7))
@example("cases", ["status: missing", "Budi", "", "", "", "", ""])
def test_whatever_a_row_holds_it_is_an_item_or_one_of_the_known_messages(shape, cells):
    made = Mapping(**{"status": WORDS, "zone": "Asia/Jakarta"} | SHAPES[shape])
    try:
        found = compiled(made)(cells[: len(made.columns)])
    except RowError as error:
        assert str(error) in KNOWN
    else:
        assert all(type(one) is Observation for one in found) if shape == "observations" else type(found) is Case


SAID = {"shape": "observations", "fields": {"at": "t"}, "values": {"free": "kata", "full": "kata"}, "status": {}}


def test_each_metric_reads_the_same_sentence_by_its_own_forms():
    map_row = mapper(**SAID, numbers={"free": {"{} kosong": 1, "penuh": 0}, "full": {"penuh": 1, "*": 0}})
    found = [[item.value for item in map_row(("2026-11-24", text))] for text in ("7 kosong", "penuh")]
    assert found == [[7, 0], [0, 1]]


def test_a_new_sentence_rejects_the_row_and_is_not_quoted():
    map_row = mapper(**SAID, numbers={"free": {"{} kosong": 1}, "full": {"*": 1}})
    assert problem(map_row, ("2026-11-24", "Budi 0812")) == "free: a text that `numbers` does not have"


def test_numbers_of_an_unknown_metric_are_refused():
    with pytest.raises(ValidationError, match=r"numbers\.fre: not a metric of `values`"):
        mapper(**SAID, numbers={"fre": {"*": 1}})
