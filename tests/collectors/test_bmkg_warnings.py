"""Warnings of BMKG: whether they meet the city, from when to when, and what ends them before their time."""

from datetime import timedelta

import pytest

from city.model import NotUnderstood, SourceError
from city.times import instant
from collectors import RowError, bmkg
from collectors.bmkg import warnings
from collectors.bmkg.settings import area
from tests.collectors.conftest import NOW
from tests.collectors.test_bmkg import DISTRICTS, JAMBI, args

#: lat,lon rings round the city and beside it.
OVER, BESIDE = (f"{s},{w} {s},{e} {n},{e} {n},{w} {s},{w}" for s, n, w, e in (
    (-1.7, -1.5, 103.5, 103.7), (-3.1, -2.9, 104.6, 104.8)))  # fmt: skip


def at(minutes):
    return (NOW + timedelta(minutes=minutes)).isoformat()


def cap(name="A", sort="Alert", *, sent=-10, starts=0, expires=180, ring=OVER, refers="", status="Actual", **more):
    """A message; times in minutes from NOW. ``refers`` names the messages it refers to."""
    parts = {"language": "id", "event": "Hujan Lebat dan Petir", "severity": "Moderate", "effective": at(starts),
             "expires": "" if expires is None else at(expires)} | more  # fmt: skip
    texts = "".join(f"<{key}>{text}</{key}>" for key, text in parts.items())
    references = " ".join(f"bmkg,{other},{at(-60)}" for other in refers)
    polygon = f"<polygon>{ring}</polygon>" if ring else ""
    return (f'<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{name}</identifier>'
            f"<sent>{at(sent)}</sent><status>{status}</status><msgType>{sort}</msgType><references>{references}</references><info>{texts}"
            f"<description>Budi di Jalan Mawar 7</description><area>{polygon}</area></info></alert>")  # fmt: skip


def feed(system, *messages, **broken):
    """The feed lists the messages, and ``broken`` answers under their own names."""
    found = {f"M{number}": (200, {}, text.encode()) for number, text in enumerate(messages)} | broken
    links = "".join(f"<item><link>{system.url}/{name}.xml</link></item>" for name in found)
    rss = (200, {}, f"<rss><channel>{links}</channel></rss>".encode())
    system.routes = {"/api": lambda query, body: rss}
    system.routes |= {f"/{name}.xml": lambda query, body, said=said: said for name, said in found.items()}


@pytest.fixture
def post(system, desk):
    made = desk("bmkg", {"service": "warnings", "url": f"{system.url}/api"},
                region={"districts": DISTRICTS}, source={"kind": "warning"})  # fmt: skip

    def run(*messages, now=0, **broken):
        feed(system, *messages, **broken)
        made.now = NOW + timedelta(minutes=now)
        result = made.run()
        assert result.ok, result.error
        return result

    made.post = run
    return made


def stand(made):
    """Key -> (minutes it began and ends, status)."""
    rows = made.ask("select key, opened_at, closed_at, status from cases order by key")
    minutes = [(key, *((moment - NOW) // timedelta(minutes=1) for moment in moments)) for key, *moments, _ in rows]
    return {key: (begin, end, rows[number][3]) for number, (key, begin, end) in enumerate(minutes)}


def in_force(made, minutes):
    moment = NOW + timedelta(minutes=minutes)
    return made.ask(f"select count(*) from cases where opened_at <= '{moment}' and closed_at > '{moment}'")[0][0]


def test_a_warning_over_the_city_is_a_case_until_its_own_expiry(post):
    post.post(cap())
    assert stand(post) == {"A": (0, 180, "in_progress")}
    assert post.ask("select kind, category, priority, district from cases") == [
        ("warning", "Hujan Lebat dan Petir", "Moderate", None)
    ]
    assert "Budi" not in str(post.ask("select * from cases") + post.ask("select * from cursors"))


def test_a_warning_that_vanishes_from_the_feed_ends_at_its_expiry_all_the_same(post):
    post.post(cap())
    post.post(now=60)
    assert (in_force(post, 60), in_force(post, 179), in_force(post, 181)) == (1, 1, 0)
    assert stand(post)["A"] == (0, 180, "in_progress")
    post.post(now=200)
    assert stand(post)["A"] == (0, 180, "done")
    assert post.store.cursor("desk")["warnings"] == {}


def test_a_feed_that_stands_still_shows_nothing_in_force(post):
    post.post(cap(), now=600)
    assert (stand(post), in_force(post, 600)) == ({"A": (0, 180, "done")}, 0)


def test_the_same_feed_again_changes_nothing(post):
    post.post(cap())
    result = post.post(cap(), now=5)
    assert (result.fetched, result.saved, result.revised) == (1, 0, 0)


def test_a_warning_beside_the_city_is_none_of_its_own(post):
    assert post.post(cap(ring=BESIDE)).saved == 0


@pytest.mark.parametrize("status", ["Exercise", "Test", "Draft", "System", ""])
def test_an_exercise_warns_nobody(post, status):
    assert post.post(cap(status=status)).saved == 0


def test_an_update_ends_what_it_refers_to_and_stands_for_it(post):
    post.post(cap())
    post.post(cap(), cap("B", "Update", sent=50, starts=50, expires=240, refers="A"), now=60)
    assert stand(post) == {"A": (0, 50, "done"), "B": (50, 240, "in_progress")}
    assert in_force(post, 60) == 1


def test_a_warning_that_the_feed_has_forgotten_is_ended_too(post):
    post.post(cap())
    post.post(cap("B", "Update", sent=50, starts=50, expires=240, refers="A"), now=60)
    assert stand(post)["A"] == (0, 50, "done")
    post.post(now=70)
    assert stand(post)["A"] == (0, 50, "done")


def test_an_update_that_leaves_the_city_ends_the_warning_and_brings_none(post):
    post.post(cap())
    post.post(cap("B", "Update", sent=50, ring=BESIDE, refers="A"), now=60)
    assert stand(post) == {"A": (0, 50, "done")}


def test_a_cancellation_ends_the_warning_and_needs_no_polygon(post):
    post.post(cap())
    post.post(cap("C", "Cancel", sent=30, ring="", refers="A"), now=40)
    assert stand(post) == {"A": (0, 30, "done")}


def test_a_warning_withdrawn_before_it_began_was_never_in_force(post):
    post.post(cap(starts=60, expires=120), cap("C", "Cancel", sent=30, ring="", refers="A"), now=40)
    assert [in_force(post, minute) for minute in (30, 61, 119)] == [0, 0, 0]


def test_a_cancellation_of_somebody_elses_warning_says_nothing(post):
    assert post.post(cap("C", "Cancel", ring="", refers="X")).fetched == 0


def test_a_warning_that_does_not_say_how_long_lasts_three_hours(post):
    post.post(cap(expires=None, starts=30))
    assert stand(post)["A"] == (30, 210, "in_progress")


def test_its_onset_is_when_a_warning_begins():
    found = warnings.message_of(cap(onset=at(45)).encode(), "here", args("warnings"))
    assert instant(found["starts"]) == NOW + timedelta(minutes=45)


def test_a_warning_that_ends_before_it_begins_is_rejected():
    row = {"id": "A", "starts": at(60), "ends": at(0), "event": "x", "severity": "", "simulated": False, "cut": None}
    row |= {"now": NOW}
    with pytest.raises(RowError, match="expires: before the warning begins"):
        bmkg.parse(row, args("warnings"))


@pytest.mark.parametrize(
    "broken, problem",
    [
        ((404, {}, b"gone"), "HTTP 404"), ((200, {}, b"<html>"), "the XML is broken"),
        ((200, {}, cap(ring="1,2 3").encode()), "not a ring"), ((200, {}, cap(ring="").encode()), "without a polygon"),
        ((200, {}, cap(name="").encode()), "without identifier"), ((200, {}, cap()[:200].encode()), "cut off"),
        ((200, {}, cap(ring="nan,1 2,nan x,y 1,1").encode()), "not a ring"),
        ((200, {}, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), "the XML is broken"),
    ],
)  # fmt: skip
def test_one_unreadable_message_is_told_and_hides_no_other(post, broken, problem):
    result = post.post(cap(), B=broken)
    (told,) = result.notes["warnings"]
    assert told.startswith("1 of 2 warnings could not be read, first: ") and problem in told and "Budi" not in told
    assert list(stand(post)) == ["A"]


def test_when_no_message_can_be_read_the_run_fails_and_what_is_known_stays(system, post):
    post.post(cap())
    feed(system, B=(500, {}, b"no"))
    result = post.run()
    assert (result.ok, result.error_code) == (False, "K-102")
    assert stand(post) == {"A": (0, 180, "in_progress")} and list(post.store.cursor("desk")["warnings"]) == ["A"]


def test_a_link_to_another_host_is_not_followed():
    rss = b"<rss><channel><item><link>http://10.0.0.1/secret</link></item></channel></rss>"
    with pytest.raises(NotUnderstood, match="lies on another host"):
        warnings.links_of(rss, "https://www.bmkg.go.id/alerts/nowcast/id/rss.xml")


def test_a_feed_without_end_is_not_followed():
    rss = b"".join(b"<item><link>/%d.xml</link></item>" % number for number in range(300))
    with pytest.raises(NotUnderstood, match="more than 200 messages"):
        warnings.links_of(b"<rss><channel>" + rss + b"</channel></rss>", "http://127.0.0.1/rss.xml")


def test_the_area_is_the_boundaries_or_else_the_hull_of_the_centres(tmp_path):
    assert area(args("warnings")).bounds == (103.56253, -1.6271, 103.65143, -1.59506)
    ring = [[103.0, -2.0], [104.0, -2.0], [104.0, -1.0], [103.0, -1.0], [103.0, -2.0]]
    file = tmp_path / "jambi.geojson"
    file.write_text(f'{{"features": [{{"properties": {{"kode": "15.71.01"}}, "geometry": '
                    f'{{"type": "Polygon", "coordinates": [{ring}]}}}}]}}')  # fmt: skip
    bounded = JAMBI.model_copy(update={"boundaries": str(file)})
    assert area(args("warnings", region=bounded)).bounds == (103.0, -2.0, 104.0, -1.0)
    alone = args("warnings", region=None, centre={"lat": -1.6, "lon": 103.6})
    assert area(alone).bounds == (103.6, -1.6, 103.6, -1.6)
    with pytest.raises(SourceError):
        area(args("warnings", region=None))


def test_the_recorded_messages_meet_the_places_they_were_sent_for(shared):
    made = args("warnings")
    banten, java = (warnings.message_of((shared / f"data/bmkg/cap_{name}.xml").read_bytes(), name, made)
                    for name in ("banten", "jateng"))  # fmt: skip
    assert (banten["id"], banten["event"], banten["severity"]) == (
        "2.49.0.1.360.0.2026.02.16.16.36.004", "Hujan Lebat dan Petir", "Moderate",
    )  # fmt: skip
    assert (instant(banten["starts"]), instant(banten["ends"])) == tuple(
        map(instant, ("2026-02-16T16:00:00Z", "2026-02-16T19:00:00Z"))
    )
    sajira, pekalongan = (area(args("warnings", region=None, centre={"lat": lat, "lon": lon}))
                          for lat, lon in ((-6.65, 106.415), (-6.881, 109.679)))  # fmt: skip
    assert warnings.covers(banten, sajira) and not warnings.covers(banten, pekalongan)
    assert warnings.covers(java, pekalongan) and not warnings.covers(java, area(made))


def test_the_recorded_feed_names_its_three_messages_once_each(shared):
    links = warnings.links_of((shared / "data/bmkg/rss_active.xml").read_bytes(), "https://www.bmkg.go.id/x/rss.xml")
    assert [link.rpartition("/")[2][:3] for link in links] == ["CBT", "CJG", "CSU"]


def test_the_worked_example_warns_when_it_rains_hard_and_stops_when_it_is_over(worked):
    made = worked("bmkg", instant("2026-12-04T07:30:00Z"))  # 14.30, the storm comes at 15 and goes on at 16
    assert made.go("peringatan").saved == 0
    assert made.measure("warnings_open").value == 0
    for hours, saved in ((0.5, 1), (1.5, 1)):
        made.now = instant("2026-12-04T07:30:00Z") + timedelta(hours=hours)
        assert made.go("peringatan").saved == saved
        assert (made.measure("warnings_open").value, made.measure("warnings_open").simulated) == (1, True)
    assert made.measure("warnings_opened").value == 2
    made.now += timedelta(hours=4)
    assert made.measure("warnings_open").value == 0  # whether or not anybody read the feed
    made.go("peringatan")
    assert made.ask("select count(*), min(status), max(status) from cases") == [(2, "done", "done")]
