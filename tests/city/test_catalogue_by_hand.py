"""The leader's metrics as config.yaml ships them, each computed by hand from what its source would say."""

from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from city.ikm import ikm
from city.model import Case, CaseEvent, Observation
from city.queries import Queries
from city.store import Store
from city.times import Window
from collectors import RowError
from collectors.mapping import Mapping, compiled
from tests.builders import NOW, clock, config, own_region, save

SHIPPED = yaml.safe_load((Path(__file__).parents[2] / "config.yaml").read_text(encoding="utf-8"))
HOUR = timedelta(hours=1)
WEEK = Window(NOW - timedelta(days=7), NOW)
#: metric of a source: (value, dimension)
SEEN = [
    ("jkn_active", 510_000, {}), ("jkn_members", 640_000, {}), ("population", 650_000, {}),
    ("hospital_beds", 310, {"place": "A"}), ("hospital_beds", 90, {"place": "B"}),
    ("hospital_beds_occupied", 217, {"place": "A"}), ("hospital_beds_occupied", 63, {"place": "B"}),
    ("hospital_queue_entries", 20, {"place": "A"}), ("hospital_queue_entries", 30, {"place": "B"}),
    *((f"hospital_wait_task{task}_total_s", 600.0 * task, {"place": "A"}) for task in range(1, 7)),
    *((f"hospital_wait_task{task}_total_s", 900.0 * task, {"place": "B"}) for task in range(1, 7)),
    *(("tte_assessed", 1, {"agency": code}) for code in ("pupr", "dlh", "dinkes")),
    ("tte_ready", 1, {"agency": "pupr"}), ("tte_ready", 0, {"agency": "dlh"}), ("tte_ready", 1, {"agency": "dinkes"}),
    ("ktp_required", 460_000, {}), ("ktp_recorded", 450_800, {}),
    ("spm_entitled", 400_000, {"agency": "dinkes"}), ("spm_served", 374_400, {"agency": "dinkes"}),
    ("spm_entitled", 100_000, {"agency": "disdik"}), ("spm_served", 95_600, {"agency": "disdik"}),
    ("ikm", 85.5, {"place": "Loket"}), ("ikm", 79.0, {"place": "Puskesmas"}),
]  # fmt: skip
#: Each by hand; a wait is all minutes of all patients over all patients, never a mean of the hospitals' means.
BY_HAND = {
    "jkn_active_ratio": 0.796875,  # 510,000 of 640,000 members are active
    "jkn_coverage_ratio": 640 / 650,
    "bed_occupancy": 0.7,  # (217 + 63) / (310 + 90)
    "admission_wait": 30.0, "admission_service": 60.0, "clinic_wait": 90.0, "clinic_service": 120.0,
    "pharmacy_wait": 150.0, "pharmacy_service": 180.0,  # (600 + 900) x task / 50
    "tte_ready_ratio": 2 / 3,
    "ktp_coverage_ratio": 0.98,
    "spm_ratio": 0.94,  # (374,400 + 95,600) / 500,000
    "spm_health_ratio": 0.936,
    "ikm": 82.25,
    "calls_valid": 2,  # of four calls, two are emergencies
    "memo_adoption_ratio": 0.5,  # two of four agencies had a disposition in the week
}  # fmt: skip


def memo(key, agency, reached, back=1):
    at = NOW - timedelta(days=back)
    return Case(key=key, kind="memo", opened_at=at - HOUR, agency=agency, events=(CaseEvent(at, reached),))


@pytest.fixture
def ask(shared_engine):
    agencies = [{"code": code, "name": code.upper()} for code in ("pupr", "dlh", "dinkes", "disdik")]
    made = config(metrics=SHIPPED["metrics"], region=own_region() | {"agencies": agencies})
    calls = [Case(key=f"112-{number}", kind="call", opened_at=NOW - number * HOUR, outcome=outcome)
             for number, outcome in enumerate(["darurat", "prank", "darurat", "ghost"], 1)]  # fmt: skip
    memos = [memo("1", "pupr", "disposition"), memo("2", "pupr", "disposition", 2), memo("3", "dlh", "disposition", 3),
             memo("4", "dinkes", "received"),
             memo("5", "disdik", "disposition", 8), memo("6", "lama", "disposition")]  # fmt: skip
    seen = [Observation(metric=name, at=NOW - HOUR, value=value, **more) for name, value, more in SEEN]
    save(Store(shared_engine, made, clock()), *seen, *calls, *memos)
    return Queries(shared_engine, made, clock()).measure


@pytest.mark.parametrize("name", list(BY_HAND))
def test_a_shipped_metric_is_what_the_hand_computes(ask, name):
    assert ask(name, window=WEEK).value == pytest.approx(BY_HAND[name], abs=1e-9)


def test_every_goal_that_is_shipped_is_in_the_catalogue_and_has_a_source(ask):
    listed = {goal["metric"] for goal in SHIPPED["scorecard"]["goals"]}
    ours = {
        "memo_adoption_ratio",
        "tte_ready_ratio",
        "ktp_coverage_ratio",
        "spm_health_ratio",
        "ikm",
        "jkn_active_ratio",
    }
    assert ours <= listed
    fed = {name for source in SHIPPED["sources"].values() for name in source["args"].get("values", {})}
    assert {"tte_ready", "tte_assessed", "ktp_recorded", "ktp_required", "spm_served", "spm_entitled"} <= fed
    assert any(source["args"].get("ikm") for source in SHIPPED["sources"].values())


ELEMENTS = [f"u{number}" for number in range(1, 10)]
SURVEY = Mapping(shape="observations", fields={"at": "waktu", "place": "unit"}, ikm=ELEMENTS, zone="Asia/Jakarta")


def test_nine_means_of_a_unit_become_its_index_with_two_decimals():
    means = ["3.42", "3.4", "3.28", "3.6", "3.44", "3.48", "3.52", "3.36", "3.3"]
    (one,) = compiled(SURVEY)(["2026-11-24 07:00", "Loket", *means])
    # (3.42 + 3.4 + 3.28 + 3.6 + 3.44 + 3.48 + 3.52 + 3.36 + 3.3) / 9 x 25 = 30.8 / 9 x 25 = 85.5555...
    assert (one.metric, one.value, one.place) == ("ikm", 85.56, "Loket")
    assert ikm([3.42, 3.4, 3.28, 3.6, 3.44, 3.48, 3.52, 3.36, 3.3]).grade == "B"


def test_a_survey_that_lacks_an_element_has_no_index_and_one_without_any_is_no_row():
    assert compiled(SURVEY)(["2026-11-24 07:00", "Loket", *[""] * 9]) == []
    with pytest.raises(RowError, match="9 elements, not 8"):
        compiled(SURVEY)(["2026-11-24 07:00", "Loket", *["3.5"] * 8, ""])
    with pytest.raises(RowError, match="between 1 and 4"):
        compiled(SURVEY)(["2026-11-24 07:00", "Loket", *["3.5"] * 8, "5"])
