"""The head of a wall: whose it is, what it shows, and the places that the browser fills."""

import pytest

from city.config import Region
from dashboard.header import header
from dashboard.words import Words
from tests.builders import config
from tests.dashboard.look import HOSTILE, classed, parts, text


def words(**changes) -> Words:
    region = config().region.model_dump() | changes
    return Words(config(region=Region.model_validate(region).model_dump()))


def head(title: str = "Ringkasan kota", *, insecure: bool = False, **changes):
    return header(title, "Tampilan 1 dari 4", ", w1, v0.1.0", words(**changes), insecure=insecure)


def by_id(drawn) -> dict:
    return {part["props"]["id"]: part["props"] for part in parts(drawn) if part["props"].get("id")}


def test_a_wall_says_which_city_room_scene_screen_and_version():
    found = text(head())
    assert found.startswith("Kota Jambi ") and "Ringkasan kota Tampilan 1 dari 4 , w1, v0.1.0" in found


def test_the_browser_is_told_the_zone_and_the_language():
    found = by_id(head(language="en", timezone="Asia/Jayapura"))["head"]
    assert (found["data-zone"], found["data-language"]) == ("Asia/Jayapura", "en")


@pytest.mark.parametrize(
    ("zone", "name"), [("Asia/Jakarta", "WIB"), ("Asia/Makassar", "WITA"), ("Asia/Jayapura", "WIT")]
)
def test_the_clock_carries_the_name_of_its_zone(zone, name):
    assert name in text(head(timezone=zone)).split()


def test_before_the_browser_speaks_nothing_claims_to_be_connected_or_on_time():
    found = by_id(head())
    assert found["link"]["children"] == "Menyambung"
    assert [found[name]["children"] for name in ("oldest", "clock", "seconds", "today")] == [""] * 4


def test_the_mark_of_a_simulation_waits_hidden():
    found = by_id(head())["simulated"]
    assert found["hidden"] is True and found["children"] == "DATA SIMULASI"


def test_the_warning_of_an_open_wall_is_never_hidden():
    (mark,) = classed(head(insecure=True), "warn")
    assert not mark.get("hidden") and mark["children"].startswith("TANPA IDENTITAS")
    assert not classed(head(), "warn")


def test_an_english_wall_has_english_words():
    found = text(head("City at a glance", insecure=True, language="en"))
    for said in ("Connecting", "SIMULATED DATA", "NO SIGN-IN"):
        assert said in found
    assert not any(word in found for word in ("Menyambung", "TANPA"))


def test_names_full_of_markup_stay_text():
    drawn = head(HOSTILE, name="<script>Kota</script>")
    assert HOSTILE in text(drawn) and "<script>Kota</script>" in text(drawn)
    assert not {part["type"] for part in parts(drawn)} & {"Img", "Script", "Iframe", "Markdown"}
