"""The agency that has only paper: what may be entered, what is asked again, and what a correction leaves behind."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from city import received
from city.forms import Form, FormArgs
from city.model import Observation
from city.times import instant
from collectors import RowError, manual
from tests.collectors import sending
from tests.collectors.conftest import NOW, region

JKN = {
    "by": "place",
    "rows": ["Kota Jambi", "Muaro Jambi"],
    "period": "month",
    "owner": "Dinkes",
    "metrics": {
        "jkn_coverage": {"title": "Cakupan", "unit": "%", "min": 0, "max": 100, "jump_ratio": 0.05},
        "jkn_active": {"title": "Keaktifan", "unit": "%", "min": 0, "max": 100, "jump_ratio": 0.05},
    },
}
AGENCIES = [{"code": "pupr", "name": "PUPR", "aliases": ["Dinas PUPR"]}, {"code": "dlh", "name": "DLH"}]
HOLES = {"metrics": {"holes_filled": {"title": "Lubang ditutup", "min": 0}}}


@pytest.fixture
def sender(desk):
    with sending.serving(desk("manual", JKN)) as made:
        yield made


def values(sender):
    return sender.ask("select place, metric, value from observations order by 1, 2")


def test_an_entry_is_a_run_that_says_who_and_for_which_month(sender):
    answer = sender.enter({"Kota Jambi": {"jkn_coverage": 99.81, "jkn_active": "81,69"}})
    run = sender.ask("select id from runs")[0][0]
    assert answer.json() == {"run": run, "fetched": 1, "saved": 2, "revised": 0, "rejected": []}
    assert values(sender) == [("Kota Jambi", "jkn_active", 81.69), ("Kota Jambi", "jkn_coverage", 99.81)]
    assert sender.ask("select distinct at, day from observations") == [
        (datetime(2026, 10, 31, 17, tzinfo=UTC), date(2026, 11, 1))
    ], "the local beginning of November"
    assert received.entries(sender.desk.engine, "15.71", "desk") == [
        received.Entry(at=NOW, entered_by="Rina", period="2026-11", saved=2, revised=0)
    ]


def test_a_correction_is_a_revision_and_says_who_made_it(sender):
    sender.enter({"Kota Jambi": {"jkn_active": 81.69}})
    answer = sender.enter({"Kota Jambi": {"jkn_active": 81.96}}, entered_by="  Budi   dari Dinkes ")
    assert (answer.json()["saved"], answer.json()["revised"]) == (0, 1)
    last = received.entries(sender.desk.engine, "15.71", "desk")
    assert [(entry.entered_by, entry.saved, entry.revised) for entry in last] == [
        ("Budi dari Dinkes", 0, 1), ("Rina", 1, 0),
    ]  # fmt: skip
    assert sender.ask("select revised_at is not null from observations") == [(True,)]


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_cell_is_no_observation_and_leaves_what_stands(sender, empty):
    sender.enter({"Kota Jambi": {"jkn_active": 81.69}})
    answer = sender.enter({"Kota Jambi": {"jkn_active": empty, "jkn_coverage": 0}}, confirmed=[])
    assert answer.json()["saved"] == 1
    assert values(sender) == [("Kota Jambi", "jkn_active", 81.69), ("Kota Jambi", "jkn_coverage", 0.0)]


def test_a_form_without_a_filled_cell_is_no_run(sender):
    answer = sender.enter({"Kota Jambi": {"jkn_active": None}, "Muaro Jambi": {}})
    assert (answer.status_code, answer.json()["code"]) == (422, "empty")
    assert sender.ask("select count(*) from runs") == [(0,)]


@pytest.mark.parametrize(
    ("value", "code", "limit"),
    [
        ("delapan puluh", "not_a_number", None),
        ("81.69", "not_a_number", None),  # with a decimal comma a dot marks thousands: 8169 would be wrong
        ("nan", "not_a_number", None),
        (True, "not_a_number", None),
        ([81], "not_a_number", None),
        ("=1+1", "not_a_number", None),
        pytest.param(10**400, "not_a_number", None, id="huge"),
        (-0.1, "below_min", 0),
        ("100,01", "above_max", 100),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_cell_and_nothing_is_saved(sender, value, code, limit):
    answer = sender.enter({"Kota Jambi": {"jkn_active": value, "jkn_coverage": 99}})
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["row"], problem["metric"], problem["code"], problem["limit"]) == (
        422, "Kota Jambi", "jkn_active", code, limit,
    )  # fmt: skip
    assert not problem["confirm"]
    assert values(sender) == []
    assert sender.ask("select count(*) from runs") == [(0,)]


def test_a_cell_outside_the_table_is_named(sender):
    answer = sender.enter({"Atlantis": {"jkn_active": 80}, "Kota Jambi": {"jkn_aktif": 80}})
    assert [(one["row"], one["metric"], one["code"]) for one in answer.json()["problems"]] == [
        ("Atlantis", "jkn_active", "unknown_row"), ("Kota Jambi", "jkn_aktif", "unknown_metric"),
    ]  # fmt: skip


def test_an_unusual_value_is_saved_once_somebody_says_that_it_is_right(sender):
    sender.enter({"Kota Jambi": {"jkn_active": 81.69, "jkn_coverage": 99.7}}, at="2026-10")
    jump = {"Kota Jambi": {"jkn_active": 18.69, "jkn_coverage": 99.81}}
    answer = sender.enter(jump)
    (problem,) = answer.json()["problems"]
    assert (answer.status_code, problem["metric"], problem["code"], problem["confirm"], problem["limit"]) == (
        422, "jkn_active", "jump", True, 81.69,
    )  # fmt: skip
    assert sender.ask("select count(*) from observations") == [(2,)], "nothing of the form was saved"
    assert sender.enter(jump, confirmed=[["Kota Jambi", "jkn_active"]]).json()["saved"] == 2


def test_saying_that_it_is_right_does_not_help_a_value_that_cannot_be(sender):
    answer = sender.enter({"Kota Jambi": {"jkn_active": 169}}, confirmed=[["Kota Jambi", "jkn_active"]])
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (422, "above_max")


def test_what_is_usual_is_what_came_before_that_month_and_no_other_row(sender):
    sender.enter({"Kota Jambi": {"jkn_active": 80}, "Muaro Jambi": {"jkn_active": 40}}, at="2026-05")
    assert sender.enter({"Muaro Jambi": {"jkn_active": 80}}, at="2026-06").status_code == 422
    assert sender.enter({"Muaro Jambi": {"jkn_active": 80}}, at="2026-04").json()["saved"] == 1, "nothing lies before"
    assert sender.enter({"Muaro Jambi": {"jkn_active": 80}}, at="2026-06").json()["saved"] == 1, "April was like it"


@pytest.mark.parametrize(
    ("more", "status", "field"),
    [
        ({"at": "2026-12"}, 422, "at"),
        ({"at": "2026-13"}, 422, "at"),
        ({"at": "0001-01"}, 200, None),
        ({"at": "November"}, 422, "at"),
        ({"at": "2026-11-24"}, 200, None),
        ({"entered_by": "  "}, 422, "entered_by"),
        ({"entered_by": "R" * 101}, 422, "entered_by"),
        ({"entered_by": "R\x00"}, 422, "entered_by"),
        ({"entered_by": None}, 400, None),
        ({"confirmed": [["a"]]}, 400, None),
        ({"values": {"Kota Jambi": 81}}, 400, None),
        ({"more": 1}, 400, None),
    ],
)
def test_an_entry_says_who_and_for_which_month(sender, more, status, field):
    answer = sender.enter(**({"values": {"Kota Jambi": {"jkn_active": 80}}} | more))
    assert (answer.status_code, answer.json().get("field")) == (status, field)


def test_only_the_pages_of_this_installation_may_enter(sender):
    answer = sender.enter({"Kota Jambi": {"jkn_active": 80}}, token="guess")
    assert answer.status_code == 401
    assert sender.enter({}, source="nobody").status_code == 404
    assert values(sender) == []


def test_the_rows_are_the_agencies_of_the_region_unless_told():
    made = Form(region("manual", HOLES, region={"agencies": AGENCIES}), "desk")
    assert made.rows == [("pupr", "PUPR"), ("dlh", "DLH")]
    told = Form(region("manual", HOLES | {"rows": ["DLH", "Dinas PUPR", "dlh"]}, region={"agencies": AGENCIES}), "desk")
    assert told.rows == [("dlh", "DLH"), ("pupr", "PUPR")]


def test_a_day_of_an_agency_is_kept_under_its_code(desk):
    with sending.serving(desk("manual", HOLES, region={"agencies": AGENCIES})) as sender:
        answer = sender.enter({"pupr": {"holes_filled": 12}, "dlh": {"holes_filled": None}}, at="2026-11-24")
        assert (answer.json()["fetched"], answer.json()["saved"]) == (1, 1)
        assert sender.ask("select agency, at, value from observations") == [
            ("pupr", instant("2026-11-23T17:00Z"), 12.0)
        ]
        assert sender.enter({"pupr": {"holes_filled": 12}}, at="2026-11").status_code == 422, "a day is asked for"
        at = Form(sender.desk.config, "desk").starts_at(date(2026, 11, 24))
        assert received.standing(sender.desk.engine, "15.71", "desk", "agency", at) == {("pupr", "holes_filled"): 12.0}


def test_periods_follow_one_another_over_the_year():
    month, day = Form(region("manual", JKN), "desk"), Form(region("manual", HOLES), "desk")
    assert month.beside(date(2026, 1, 1), -1) == date(2025, 12, 1)
    assert month.beside(date(2026, 12, 1), 1) == date(2027, 1, 1)
    assert day.beside(date(2026, 3, 1), -1) == date(2026, 2, 28)
    assert (month.written(date(2026, 3, 1)), day.written(date(2026, 3, 1))) == ("2026-03", "2026-03-01")
    assert month.current(instant("2026-10-31T17:30Z")) == date(2026, 11, 1), "November has begun in Jambi"


def test_a_row_is_read_without_the_form_as_well():
    args = FormArgs.model_validate(JKN)
    row = {
        "at": "2026-10-31T17:00:00+00:00",
        "row": "Kota Jambi",
        "values": {"jkn_active": "81,69", "jkn_coverage": ""},
    }
    assert manual.parse(row, args) == [
        Observation(metric="jkn_active", at=instant(row["at"]), value=81.69, place="Kota Jambi")
    ]
    for wrong, said in (({"values": None}, "values: missing"), ({"values": {"x": 1}}, "x: not a column of this table")):
        with pytest.raises(RowError, match=said):
            manual.parse(row | wrong, args)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"metrics": {}}, "metrics"),
        ({"rows": []}, "rows: is missing"),
        ({"by": "street"}, "by"),
        ({"period": "week"}, "period"),
        ({"metrics": {"a b": {"title": "A"}}}, "not a name"),
        ({"metrics": {"a": {"title": "A", "jump_ratio": 0}}}, "jump_ratio"),
        ({"every": "5m"}, "every"),
    ],
)
def test_wrong_settings_are_refused(wrong, named):
    with pytest.raises(ValidationError, match=named):
        FormArgs.model_validate(JKN | wrong)
