"""Readings that cannot be true are refused or told: out of range, a sudden jump, frozen, silent."""

from datetime import timedelta

import pytest

from city.config import Config, Plausible
from city.model import Latest, Observation
from city.times import instant
from collectors.plausible import Plausibility
from tests.collectors.conftest import NOW

HOUR = timedelta(hours=1)
HEADER = "waktu,pos,cm\n"
ARGS = {"shape": "observations", "fields": {"at": "waktu", "place": "pos"}, "values": {"river": "cm"}}


def level(value, hours_ago=0.0, place="Tanggo Rajo"):
    return Observation(metric="river", at=NOW - hours_ago * HOUR, value=value, place=place)


def rules(latest=(), **rule):
    return Plausibility({"river": Plausible(**rule)}, [Latest.of(item) for item in latest])


def seen(made, *items):
    for item in items:
        made.see(item)
    return made.told(NOW)


@pytest.mark.parametrize(("value", "good"), [(-0.1, False), (0, True), (2000, True), (2000.5, False)])
def test_a_value_out_of_range_is_refused(value, good):
    made = rules(min=0, max=2000)
    assert made.refusal(level(value)) == (None if good else "out of range (0 to 2000)")


def test_a_bound_that_is_not_given_does_not_bind():
    assert rules(min=0).refusal(level(1e9)) is None
    assert rules(max=5).refusal(level(6)) == "out of range ( to 5)"


def test_other_metrics_are_nobodys_business():
    made = rules(min=0, jump=1)
    other = Observation(metric="beds", at=NOW, value=-5)
    assert made.refusal(other) is None
    assert seen(made, other) == []


def test_a_jump_is_told_within_one_place_only():
    jumps = seen(rules([level(100, 2)], jump=50), level(151, 1), level(100, 0, "Pasar"))
    assert jumps == [{"metric": "river", "place": "Tanggo Rajo", "what": "jump", "size": 51}]


def test_a_step_as_large_as_allowed_and_a_reading_from_before_are_no_jump():
    assert seen(rules([level(100, 2)], jump=50), level(150, 1), level(400, 5)) == []


def test_readings_that_stay_the_same_for_long_are_told():
    made = rules(flat_after="3h")
    assert seen(made, level(7, 4), level(7, 2), level(7, 0)) == [
        {"metric": "river", "place": "Tanggo Rajo", "what": "flat", "size": 4 * 3600}
    ]
    assert seen(rules(flat_after="3h"), level(7, 4), level(8, 2), level(7, 0)) == []


def test_a_place_that_says_nothing_while_others_do_is_told():
    made = rules([level(7, 9), level(7, 1, "Pasar")], silent_after="3h")
    assert seen(made, level(8, 0, "Pasar")) == [
        {"metric": "river", "place": "Tanggo Rajo", "what": "silent", "size": 9 * 3600}
    ]


def test_a_rule_whose_bounds_are_crossed_is_refused():
    with pytest.raises(ValueError, match="min is larger than max"):
        Plausible(min=3, max=2)


@pytest.fixture
def station(tmp_path, desk):
    """A river station that exports one file, with rules for its metric."""

    def make(*rows, **rule):
        (tmp_path / "river.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))
        return desk("csv_file", {"path": str(tmp_path / "river.csv"), **ARGS}, plausibility={"river": rule})

    return make


def test_the_value_is_rejected_with_its_row_and_the_rest_of_the_river_is_saved(station):
    good = [f"2026-11-24 0{hour}:00,Tanggo Rajo,{hour}" for hour in range(1, 10)]
    made = station(*good, "2026-11-24 10:00,Tanggo Rajo,9999", min=0, max=2000)
    result = made.run()
    assert (result.saved, result.rejected) == (9, 1)
    assert result.notes["rejected"] == ["row 10: river: out of range (0 to 2000)"]


def test_what_was_stored_before_is_what_a_new_reading_is_compared_with(station):
    station("2026-11-24 08:00,Tanggo Rajo,3", "2026-11-24 09:00,Tanggo Rajo,7", "2026-11-24 10:00,Tanggo Rajo,7").run()
    told = station("2026-11-24 11:00,Tanggo Rajo,7", jump=50, flat_after="2h").run().notes["implausible"]
    assert told == [{"metric": "river", "place": "Tanggo Rajo", "what": "flat", "size": 7200}]
    told = station("2026-11-24 11:30,Tanggo Rajo,70", jump=50, flat_after="2h").run().notes["implausible"]
    assert [(one["what"], one["size"]) for one in told] == [("jump", 63)]


def test_the_newest_of_each_place_is_known_with_since_when_it_stands(station):
    made = station("2026-11-24 08:00,A,3", "2026-11-24 09:00,A,7", "2026-11-24 10:00,A,7", "2026-11-24 09:00,B,1")
    made.run()
    by_place = {last.key[5]: last for last in made.store.latest("desk", ["river"])}
    zone = made.config.region.zone
    assert by_place["A"][1:] == (instant("2026-11-24 10:00", zone), 7, instant("2026-11-24 09:00", zone))
    assert by_place["B"][1:] == (instant("2026-11-24 09:00", zone), 1, instant("2026-11-24 09:00", zone))
    assert made.store.latest("desk", []) == []


def test_rules_are_part_of_the_settings():
    said = {"region": {"code": "1", "name": "X", "timezone": "Asia/Jakarta"}, "sources": {}}
    made = Config.model_validate(said | {"plausibility": {"river": {"flat_after": "6h"}}})
    assert made.plausibility["river"].flat_after == 6 * HOUR
