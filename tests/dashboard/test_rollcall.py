"""The roll-call: a screen that is silent, stands still, is hidden, old or wrong in time is flagged within a minute."""

import asyncio
from datetime import timedelta

import msgspec
import orjson
import pytest

from dashboard.prerender import html_of
from dashboard.rollcall import MAX_BYTES, MOST, REPORT_S, Health, Limits, Report, Roll, read
from dashboard.screens_page import draw
from dashboard.words import Words
from tests.builders import NOW, config

SAID = {
    "screen": "0123456789abcdef", "slot": "1", "wall": "uji", "pages": ["uji"], "scene": "uji", "build": "0.1.0+aa",
    "seq": 7, "width": 1920, "height": 1080, "hidden": False, "frame_ms": 12, "skew_ms": -80, "memory": 48_000_000,
}  # fmt: skip
MINUTE_S = 60


class City:
    """A roll with a clock in our hands and one page."""

    def __init__(self, expected=None):
        self.at, self.newest = NOW, {"uji": 7, "lain": 3}
        self.roll = Roll(self.newest.get, lambda: "0.1.0+aa", lambda: self.at, None, expected)

    def report(self, who="a", **changes):
        self.roll.heard(who, read(orjson.dumps(SAID | changes)))

    def later(self, seconds):
        self.at += timedelta(seconds=seconds)

    def health(self, who="a"):
        return next((one.health for one in self.roll.screens() if one.who == who), None)

    def flagged_after(self, reporting=lambda city: None):
        """Seconds until the screen is no longer good, while ``reporting`` goes on every period."""
        for second in range(1, 200):
            self.later(1)
            if second % REPORT_S == 0:
                reporting(self)
            if self.health() not in (Health.GOOD, None):
                return second
        return None


@pytest.fixture
def city():
    return City()


def counted(city):
    return tuple(city.roll.counts()[f"screens_{name}"] for name in ("expected", "seen", "frozen", "lost"))


def test_a_screen_that_reports_stays_good(city):
    city.report()
    assert city.flagged_after(lambda city: city.report(seq=city.newest["uji"])) is None
    assert counted(city) == (1, 1, 0, 0)


def test_a_silent_screen_is_lost_within_a_minute(city):
    city.report()
    assert city.flagged_after() < MINUTE_S
    assert city.health() is Health.LOST
    assert counted(city) == (1, 0, 0, 1)


def test_a_silent_screen_whose_stream_is_open_is_frozen_within_a_minute_until_its_stream_ends(city):
    async def stream():
        yield b"beat"
        yield b"beat"

    async def watched():
        city.report()
        async for _ in (open_one := city.roll.following("a", stream())):
            assert city.flagged_after() < MINUTE_S
            assert (city.health(), counted(city)) == (Health.FROZEN, (1, 0, 1, 0))
            break
        await open_one.aclose()
        assert city.health() is Health.LOST

    asyncio.run(watched())


def test_the_stream_of_another_screen_does_not_make_a_lost_one_frozen(city):
    async def stream():
        yield b"beat"

    async def watched():
        city.report()
        async for _ in city.roll.following("b", stream()):
            city.flagged_after()
            assert city.health() is Health.LOST

    asyncio.run(watched())


def test_a_screen_whose_paints_stand_still_while_states_go_on_is_flagged_within_a_minute_of_the_first(city):
    city.report()
    city.newest["uji"] = 8
    assert city.flagged_after(lambda city: city.report(seq=7)) < MINUTE_S
    assert (city.health(), counted(city)) == (Health.STILL, (1, 1, 1, 0))
    city.report(seq=8)
    assert city.health() is Health.GOOD


def test_a_screen_that_is_always_a_little_behind_a_busy_city_is_good(city):
    def busy(city):
        painted, city.newest["uji"] = city.newest["uji"], city.newest["uji"] + 40
        city.report(seq=painted)

    city.report()
    assert city.flagged_after(busy) is None
    assert not city.roll.screens()[0].behind
    city.later(REPORT_S)
    city.report(seq=7)
    assert city.roll.screens()[0].behind


def test_a_browser_that_draws_no_frame_any_more_is_flagged_though_nothing_was_published(city):
    city.report()
    assert city.flagged_after(lambda city: city.report(frame_ms=(city.at - NOW) / timedelta(milliseconds=1))) < MINUTE_S
    assert city.health() is Health.STILL


def test_a_quiet_city_makes_no_screen_stand_still(city):
    city.report()
    assert city.flagged_after(lambda city: city.report()) is None


def test_a_screen_that_shows_another_page_owes_what_that_page_has(city):
    city.report()
    city.newest["uji"] = 20
    city.report(wall="lain", pages=["lain"], scene="lain", seq=3)
    assert city.flagged_after(lambda city: city.report(wall="lain", pages=["lain"], scene="lain", seq=3)) is None


def test_a_hidden_screen_is_told_at_once_and_is_given_the_time_that_browsers_give_it(city):
    city.report(hidden=True)
    assert city.health() is Health.HIDDEN
    city.later(70)
    assert city.health() is Health.HIDDEN
    city.later(30)
    assert city.health() is Health.LOST


def test_an_old_version_and_a_wrong_clock_are_marked_each_by_itself(city):
    city.report("a", build="0.0.9+bb")
    city.report("b", skew_ms=5_001)
    city.report("c", skew_ms=-5_001, build="0.0.9+bb")
    city.report("d", skew_ms=5_000)
    city.report("e", skew_ms=None)
    found = {one.who: (one.health, one.old, one.skewed) for one in city.roll.screens()}
    assert found == {
        "a": (Health.OLD, True, False),
        "b": (Health.SKEWED, False, True),
        "c": (Health.OLD, True, True),
        "d": (Health.GOOD, False, False),
        "e": (Health.GOOD, False, False),
    }
    assert counted(city) == (5, 5, 0, 0)


def test_problems_come_first_and_each_wall_of_a_browser_is_a_screen(city):
    city.report("a", slot="1")
    city.later(40)
    city.report("a", slot="2")
    city.report("b", hidden=True)
    city.report("c", build="x")
    order = [(one.who, one.slot, one.health) for one in city.roll.screens()]
    assert order == [
        ("a", "1", Health.LOST), ("b", "1", Health.HIDDEN), ("c", "1", Health.OLD), ("a", "2", Health.GOOD),
    ]  # fmt: skip


def test_a_page_that_is_closed_on_purpose_is_not_missed(city):
    city.report()
    city.report(bye=True)
    assert city.roll.screens() == []


def test_a_lost_screen_is_looked_for_a_day_and_then_forgotten(city):
    city.report()
    city.later(86_400)
    assert city.health() is Health.LOST
    city.later(1)
    assert city.health() is None


def beside(city, seconds, held, dead="2"):
    """Two walls of one browser; the second falls silent and the first goes on and says which numbers are held."""
    for second in range(seconds):
        if second % REPORT_S == 0:
            city.report(slot="1", held=held if second else ["1", "2"])
            if not second:
                city.report(slot=dead, held=["1", "2"])
        city.later(1)
    return {one.slot: one.health for one in city.roll.screens()}


def of_one_browser(city, seconds, held):
    """The same while their one stream is open."""

    async def stream():
        yield b"beat"

    async def watched():
        async for _ in city.roll.following("a", stream()):
            return beside(city, seconds, held)
        raise AssertionError("the stream is open")

    return asyncio.run(watched())


def test_a_crashed_wall_beside_a_living_one_is_lost_within_a_minute_and_forgotten_after_an_hour(city):
    assert of_one_browser(city, 50, ["1"]) == {"1": Health.GOOD, "2": Health.LOST}
    assert counted(city) == (2, 1, 0, 1)
    assert of_one_browser(City(), 3_590, ["1"])["2"] is Health.LOST
    assert of_one_browser(City(), 3_620, ["1"]) == {"1": Health.GOOD}


def test_a_frozen_wall_beside_a_living_one_is_frozen_within_a_minute_and_stays_so(city):
    assert of_one_browser(city, 50, ["1", "2"]) == {"1": Health.GOOD, "2": Health.FROZEN}
    assert counted(city) == (2, 1, 1, 0)
    assert of_one_browser(City(), 7_200, ["1", "2"])["2"] is Health.FROZEN


def test_where_no_living_wall_can_tell_the_stream_decides_as_for_one(city):
    assert of_one_browser(city, 50, None)["2"] is Health.FROZEN
    assert beside(City(), 50, None)["2"] is Health.LOST
    alone = City()
    alone.report(slot="2", held=["2"])
    assert alone.flagged_after() < MINUTE_S and alone.health() is Health.LOST


def test_an_expected_screen_that_never_reported_is_lost_and_known_by_its_name():
    city = City(lambda: {"7": ("wall-1", NOW - timedelta(hours=2)), "8": ("wall-2", None)})
    city.report("8")
    assert [(one.name, one.health, one.seen_at) for one in city.roll.screens()] == [
        ("wall-1", Health.LOST, NOW - timedelta(hours=2)),
        ("wall-2", Health.GOOD, NOW),
    ]
    assert counted(city) == (2, 1, 0, 1)


def test_a_screen_that_is_paired_no_longer_is_missed_no_longer():
    paired = {"7": ("wall-1", None)}
    city = City(lambda: paired)
    city.report("7")
    assert counted(city) == (1, 1, 0, 0)
    paired.clear()
    assert counted(city) == (0, 0, 0, 0)


def test_the_roll_is_bounded_whoever_reports(city):
    for number in range(MOST + 5):
        city.later(0.001)
        city.report(f"{number}")
    assert city.roll.counts()["screens_expected"] == MOST
    assert city.health("4") is None
    assert city.health("5") is Health.GOOD


@pytest.mark.parametrize(
    "changes",
    [
        {"screen": "wall <1>"}, {"screen": ""}, {"seq": -1}, {"seq": 1.5}, {"seq": 2**53}, {"pages": []}, {"more": 1},
        {"wall": "../x"}, {"wall": "a\n"}, {"slot": "x" * 65}, {"width": 1e9}, {"hidden": "no"}, {"frame_ms": -1},
        {"memory": "much"}, {"pages": ["p"] * 33}, {"build": "v" * 65}, {"skew_ms": "late"}, {"hidden": None},
        {"held": ["1"] * 17}, {"held": ["<1>"]},
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(changes):
    with pytest.raises(msgspec.ValidationError):
        read(orjson.dumps(SAID | changes))


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"null", b" " * (MAX_BYTES + 1), b'{"skew_ms": NaN}'])
def test_odd_bodies_are_refused(body):
    with pytest.raises(ValueError):
        read(body)


def test_a_page_that_is_not_ours_is_refused(city):
    with pytest.raises(KeyError):
        city.report(pages=["uji", "rahasia"])
    assert city.roll.screens() == []


def test_the_shipped_numbers_flag_within_a_minute():
    limits = Limits()
    # Silence is counted from the last report; what is not painted is noticed with the next one.
    assert limits.silent <= timedelta(seconds=MINUTE_S)
    assert limits.still + timedelta(seconds=2 * REPORT_S) <= timedelta(seconds=MINUTE_S)
    assert limits.silent >= 3 * timedelta(seconds=REPORT_S), "one report that got lost is no alarm"
    assert limits.skew == timedelta(seconds=5)


def shown(city, language="id"):
    made = Words(config(region=config().region.model_dump() | {"language": language}))
    found = city.roll.screens()
    return html_of(draw(found, city.roll.counts(found), "0.1.0+aa", made, city.at))


def test_the_page_says_what_is_wrong_and_escapes_what_screens_say(city):
    city.report("a1b2c3d4e5f60718", build="<b>x</b>")
    city.later(40)
    city.report("b", skew_ms=-90_000, scene="uji", memory=None)
    text = shown(city)
    for told in (
        "Hilang", "Layar a1b2c3", "40 dtk lalu", "&lt;b&gt;x&lt;/b&gt;", "48 MB", "Jam salah", "−2 mnt", "1920 × 1080",
        "dari 2 layar", "bermasalah lebih dulu", "/wall/uji", "sebelum diam", "mutakhir",
    ):  # fmt: skip
        assert told in text, told
    assert text.index("Hilang</") < text.index("Jam salah</")
    assert "Lost" in shown(city, "en") and "Hilang" not in shown(city, "en")


def test_an_empty_roll_says_so():
    assert "Belum ada layar yang melapor" in shown(City())


def test_what_a_screen_does_not_say_is_a_dash_and_not_a_zero():
    city = City(lambda: {"7": ("wall-1", None)})
    row = shown(city).split("<tbody>")[1]
    assert row.count("–") == 7
    assert ">0<" not in row


def test_a_report_is_small():
    assert len(orjson.dumps(SAID)) < MAX_BYTES / 4
    assert set(SAID) | {"bye", "held"} == set(Report.__struct_fields__)
