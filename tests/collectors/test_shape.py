"""A source whose rows change their shape is noticed, told field by field, and stopped where that was agreed."""

import pytest

from city.model import ShapeChange
from collectors import shape
from collectors.shape import Shape

HEADER = "id,masuk,jenis,status\n"
FIELDS = {"key": "id", "opened_at": "masuk", "category": "jenis", "status": "status"}
ARGS = {"fields": FIELDS, "status": {"*": "received"}}


def looked_at(*rows, words=(), times=1):
    made = Shape(words=words)
    for row in rows * times:
        made.see(row)
    return made.result()


def lamp(**more):
    return {"id_tiang": 7, "status_lampu": "nyala", "waktu": "2026-11-24 07:00"} | more


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, None), ("", None), (True, "yes_no"), (3, "number"), ("1.234,5", "number"), ("-7", "number"),
        ("2026-11-24", "time"), ("2026-11-24T07:00:00Z", "time"), ("2026 was wet", "text"), ("ND-17", "text"),
        ([1], "list"), ({"a": 1}, "object"), (0, "number"), (False, "yes_no"),
    ],
)  # fmt: skip
def test_a_cell_has_one_type(value, kind):
    assert shape.kind_of(value) == kind


def test_a_new_a_vanished_and_a_retyped_field_are_told():
    known = looked_at(lamp(), times=30)
    now = looked_at({"id_tiang": "T-7", "kondisi": "nyala", "waktu": "2026-11-24 08:00"}, times=30)
    assert shape.changes(known, now) == [
        ShapeChange("id_tiang", "kind", "text", "number"),
        ShapeChange("status_lampu", "gone", "text"),
        ShapeChange("kondisi", "new", "text"),
    ]
    assert shape.told(shape.changes(known, now)) == "~ id_tiang, - status_lampu, + kondisi"


def test_fields_within_fields_are_fields_of_their_own():
    known = looked_at({"jenis": {"kode": 1, "nama": "Jalan"}})
    assert list(known["fields"]) == ["jenis.kode", "jenis.nama"]
    assert shape.changes(known, looked_at({"jenis": {"kode": 1, "nama": "Jalan", "induk": 2}})) == [
        ShapeChange("jenis.induk", "new", "number")
    ]


def test_nothing_is_a_change_before_the_first_good_run_or_in_a_run_without_rows():
    assert shape.changes({}, looked_at(lamp())) == []
    assert shape.changes(looked_at(lamp()), looked_at()) == []


def test_a_field_that_three_rows_happen_to_lack_is_not_missed():
    known = looked_at(lamp(), times=30)
    assert shape.changes(known, looked_at({"id_tiang": 7, "waktu": "2026-11-24"}, times=3)) == []
    seldom = looked_at(*[lamp()] * 40, lamp(catatan="x"))
    assert shape.changes(seldom, looked_at(lamp(), times=30)) == []


def test_one_odd_cell_is_not_a_new_type():
    known = looked_at(lamp(), times=30)
    assert shape.changes(known, looked_at(*[lamp()] * 29, lamp(id_tiang="T-7"))) == []


def test_a_jump_in_the_share_of_empty_cells_is_told_once_it_is_known_what_is_usual():
    known = looked_at(lamp(), lamp(status_lampu=None), times=500)
    now = looked_at(lamp(status_lampu=None), times=30)
    young = known | {"rows": 100}
    assert shape.changes(young, now) == []
    assert shape.changes(known | {"rows": 1_000}, now) == [ShapeChange("status_lampu", "empty", "1.00", "0.50")]


def test_a_word_never_used_before_is_told_and_then_known():
    known = looked_at(lamp(), words=["status_lampu"], times=100) | {"rows": 1_000}
    now = looked_at(lamp(status_lampu="redup"), words=["status_lampu"])
    changed = shape.changes(known, now)
    assert changed == [ShapeChange("status_lampu", "words", "redup")]
    assert shape.changes(shape.learned(known, now, changed), now) == []


def test_words_are_kept_of_few_valued_fields_only():
    found = looked_at(*({"status": f"s{n}", "nama": "Budi"} for n in range(60)), words=["status"])
    assert "words" not in found["fields"]["nama"]
    assert shape.changes(found | {"rows": 5_000}, looked_at({"status": "new"}, words=["status"])) == []


def test_what_changed_is_known_from_then_on():
    known, now = looked_at(lamp(), times=30), looked_at({"id_tiang": "T-7", "waktu": "2026-11-24"}, times=30)
    after = shape.learned(known, now, shape.changes(known, now))
    assert shape.changes(after, now) == []
    assert shape.changes(after, looked_at(lamp(id_tiang="T-8"), times=30)) == [
        ShapeChange("status_lampu", "new", "text")
    ]


def test_a_long_load_is_looked_at_in_samples():
    assert looked_at(lamp(), times=200 + 101 * 10)["rows"] == 210


def test_columns_that_nothing_reads_are_known_too():
    made = Shape(["id"])
    made.see(["7"])
    known = made.result()
    made.header = ("id", "catatan")
    assert shape.changes(known, made.result()) == [ShapeChange("catatan", "new", "")]


@pytest.fixture
def drop(tmp_path, desk):
    """A desk that reads what is written into one file; each call writes it anew."""

    def make(text, **source):
        (tmp_path / "cases.csv").write_text(text)
        return desk("csv_file", {"path": str(tmp_path / "cases.csv"), **ARGS}, source=source)

    return make


def lines(status, count=30, start=0):
    return "".join(f"A{n},2026-11-24 12:00,Jalan,{status}\n" for n in range(start, start + count))


def test_under_evolve_a_change_is_taken_and_told_with_the_run(drop):
    drop(HEADER + lines("1")).run()
    made = drop(HEADER + lines("baru", start=100))
    result = made.run()
    assert (result.ok, result.saved) == (True, 30)
    assert result.notes["changes"] == [{"field": "status", "change": "kind", "now": "text", "was": "number"}]
    assert made.ask("select count(*), max(jsonb_array_length(changes)) from source_shapes") == [(2, 1)]
    assert "changes" not in made.run().notes


def test_under_freeze_a_change_fails_the_run_until_it_is_accepted(drop):
    frozen = {"contract": {"policy": "freeze"}}
    drop(HEADER + lines("1"), **frozen).run()
    made = drop(HEADER + lines("baru", start=100), **frozen)
    failed = made.run()
    assert (failed.ok, failed.error_code) == (False, "K-106")
    assert failed.error.startswith("desk: the rows have changed (~ status) and the contract is frozen")
    assert "baru" not in failed.error
    assert failed.notes["changes"][0]["field"] == "status"
    assert made.ask("select count(*) from cases") == [(30,)], "the old data stay"
    assert made.run(accept_shape=True).saved == 30
    assert made.run().ok


def test_a_row_without_a_field_that_the_contract_requires_is_rejected(drop):
    result = drop(HEADER + lines("1") + "B1,2026-11-24,,1\n", contract={"required": ["category"]}).run()
    assert (result.saved, result.rejected) == (30, 1)
    assert result.notes["rejected"] == ["row 31: category: missing, and the contract requires it"]


def test_a_contract_that_requires_an_unknown_field_is_refused(drop):
    with pytest.raises(ValueError, match="unknown field 'katagori'"):
        drop(HEADER, contract={"required": ["katagori"]})
