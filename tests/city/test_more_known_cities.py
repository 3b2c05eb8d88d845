"""`run.py metric` gives the figures of four more real data sets, each loaded by the settings in docs/examples.

Every figure of a facts.json that the closed vocabulary of measures can say is compared, to its last digit. It has no
measure for: a mean of durations; the number of variants; how many events a case or an activity has. The emergency
room numbers its events, so there each event is a case of its own and counted; those of the help desk have no number.
A share "within 60 minutes" is asked for by its quantiles, an hour of the day by adding up hours, a share as two counts.
petabencana has a kind of source of its own; lapor-observed holds words and counts of topics, but no case and no time.
"""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from city import documents
from city.times import instant
from collectors import args_of
from front import cli
from tests.city.test_known_cities import QUANTILES

pytestmark = pytest.mark.proof
ROOT = Path(__file__).resolve().parents[2]


class City:
    """One example of docs/examples, loaded whole, and asked as a person asks on the command line."""

    def __init__(self, name, database, capsys, *, whole):
        self.path = ROOT / "docs" / "examples" / f"{name}.yaml"
        self.everywhere = ["--config", str(self.path), "--database", database.url]
        self.capsys, self.whole = capsys, ["--from", whole[0], "--to", whole[1]]

    def load(self, source):
        code = cli.main(["once", source, *self.everywhere])
        return code, self.capsys.readouterr().out.splitlines()[0].split(": ", 1)[1]

    def ask(self, metric, *options):
        """What `run.py metric --json` prints, over all time unless told."""
        span = [] if {"--from", "--at"} & set(options) else self.whole
        code = cli.main(["metric", metric, "--json", *span, *map(str, options), *self.everywhere])
        shown = self.capsys.readouterr()
        assert code == 0, shown.err
        return json.loads(shown.out)

    def value(self, metric, *options):
        (row,) = self.ask(metric, *options)["rows"]
        return row["value"]

    def quantiles(self, metric, fact, per_hour):
        """What the command says of a duration, and what the facts say: its number and each of its quantiles."""
        asked = {name: self.ask(metric, "--quantile", q) for name, q in QUANTILES.items()}
        told = {name: round(answer["rows"][0]["value"] * per_hour, 4) for name, answer in asked.items()}
        told["n"] = {answer["n"] for answer in asked.values()}
        return told, {name: fact[name] for name in QUANTILES} | {"n": {fact["n"]}}

    def months(self, metric):
        counted = Counter({row["bucket"][:7]: row["value"] for row in self.ask(metric, "--grain", "month")["rows"]})
        return dict(+counted)  # the facts leave out months without any


@pytest.fixture
def city(shared, database, capsys, monkeypatch):
    monkeypatch.setenv("KENDALI_SHARED", str(shared))
    return lambda name, **more: City(name, database, capsys, **more)


def facts(shared, name):
    return json.loads((shared / "data" / name).read_text())


def equal(pair):
    """Both sides of a comparison, so that pytest shows where they differ."""
    told, expected = pair
    assert told == expected
    return True


@pytest.fixture
def helpdesk(city):
    made = city("helpdesk", whole=("2010-01-01", "2014-01-31"))
    assert made.load("helpdesk") == (0, "fetched 21348  saved 4580  revised 0  rejected 0")
    return made


def test_the_help_desk_opens_and_finishes_so_many_tickets_a_month(shared, helpdesk):
    fact = facts(shared, "helpdesk-tickets/facts.json")
    assert helpdesk.months("tickets_opened") == fact["cases_started_per_month"]
    assert helpdesk.months("tickets_closed") == fact["cases_finished_per_month"]
    assert helpdesk.value("tickets_opened") == fact["cases"]
    for at, count in fact["backlog_at"].items():
        assert helpdesk.value("tickets_open", "--at", at) == count


def test_the_help_desk_takes_so_long_for_a_ticket_and_to_resolve_it(shared, helpdesk):
    fact = facts(shared, "helpdesk-tickets/facts.json")
    assert equal(helpdesk.quantiles("tickets_time_to_close", fact["throughput"], 1 / 24))
    assert equal(helpdesk.quantiles("tickets_to_resolved", fact["time_to_resolve_days"], 1 / 24))


def test_the_help_desk_closes_all_tickets_but_21(shared, helpdesk):
    closed = facts(shared, "helpdesk-tickets/facts.json")["closed"]
    reached, opened = helpdesk.ask("tickets_to_closed")["n"], helpdesk.ask("tickets_opened")["n"]
    assert (reached, opened, round(reached / opened, 6)) == (closed["n"], closed["of"], closed["share"])


def edges(made, metrics, fact):
    """Hours the oldest case stands an hour after the first event; cases open just before and at the last event."""
    first, last = (
        instant(fact[name] + "+00:00"[: 6 * (len(fact[name]) < 20)]) for name in ("first_event", "last_event")
    )
    tick = timedelta(microseconds=1)
    oldest = made.value(f"{metrics}_oldest_open", "--at", (first + timedelta(hours=1)).isoformat())
    return oldest, *(made.value(f"{metrics}_open", "--at", at.isoformat()) > 0 for at in (last - tick, last))


def test_the_help_desk_begins_and_ends_with_its_first_and_last_event(shared, helpdesk):
    assert edges(helpdesk, "tickets", facts(shared, "helpdesk-tickets/facts.json")) == (1, True, False)


@pytest.fixture
def room(city):
    made = city("emergency-room", whole=("2013-11-01", "2015-06-30"))
    assert made.load("patients") == (0, "fetched 15214  saved 1050  revised 0  rejected 0")
    return made


def test_the_emergency_room_receives_and_releases_so_many_patients_a_month(shared, room):
    fact = facts(shared, "sepsis-er/facts.json")
    assert room.months("patients_opened") == fact["cases_started_per_month"]
    assert room.months("patients_closed") == fact["cases_finished_per_month"]
    assert room.value("patients_opened") == fact["cases"]
    for at, count in fact["backlog_at"].items():
        assert room.value("patients_open", "--at", at) == count
    assert equal(room.quantiles("patients_time_to_close", fact["throughput"], 1))
    assert edges(room, "patients", fact) == (1, True, False)


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("wait_for_triage", "ER Registration -> ER Triage"),
        ("wait_for_sepsis_triage", "ER Registration -> ER Sepsis Triage"),
        ("wait_for_antibiotics", "ER Sepsis Triage -> IV Antibiotics"),
        ("wait_for_admission", "ER Registration -> Admission NC"),
    ],
)
def test_patients_wait_so_many_minutes_from_stage_to_stage(shared, room, metric, name):
    assert equal(room.quantiles(metric, facts(shared, "sepsis-er/facts.json")[name], 60))


def test_342_of_823_patients_have_antibiotics_within_an_hour(shared, room):
    fact = facts(shared, "sepsis-er/facts.json")["antibiotics_within_60_min"]
    assert round(fact["n"] / fact["of"], 6) == fact["share"]
    last_within, first_after = (
        room.value("wait_for_antibiotics", "--quantile", rank / (fact["of"] - 1)) for rank in (fact["n"] - 1, fact["n"])
    )
    assert (last_within <= 1 < first_after, room.ask("wait_for_antibiotics")["n"]) == (True, fact["of"])


def test_patients_register_at_each_hour_of_the_day(shared, room):
    by_hour = Counter()
    for row in room.ask("registrations", "--grain", "hour")["rows"]:
        by_hour[str(int(row["bucket"][11:13]))] += row["n"]
    assert dict(by_hour) == facts(shared, "sepsis-er/facts.json")["registrations_per_hour_of_day"]


def test_every_step_of_the_emergency_room_counts_under_its_name(shared, room):
    fact = facts(shared, "sepsis-er/facts.json")
    assert room.load("steps") == (0, "fetched 15214  saved 15214  revised 0  rejected 0")
    steps = {row["category"]: row["value"] for row in room.ask("steps_opened", "--by", "category")["rows"]}
    assert (steps, len(steps)) == (fact["events_per_activity"], fact["activities"])
    assert room.value("steps_opened") == fact["events"]


BEDS = {
    "covid": {"hospitals": "covid_hospitals", "igd_beds_free": "igd_beds_free", "patients_queued": "patients_queued",
              "stale_over_24h": "stale_over_24h"},
    "noncovid": {"hospitals": "hospitals", "class1_free": "class1_free", "class2_free": "class2_free",
                 "class3_free": "class3_free"},
}  # fmt: skip
JAMBI = ("1571", "1505")
#: The days whose file has no row of Muaro Jambi: the facts write 0, which is not known.
ABSENT = {"covid": ("2021-07-19", "2021-07-21", "2021-07-25"), "noncovid": ("2021-07-19", "2021-07-25")}


@pytest.mark.parametrize(
    ("sort", "source", "rows"), [("covid", "covid_beds", 24_097), ("noncovid", "other_beds", 13_128)]
)
def test_the_beds_of_two_districts_on_every_day_of_july(shared, city, sort, source, rows):
    made = city("beds", whole=("2021-07-01", "2021-07-31"))
    code, said = made.load(source)
    assert (code, said.split("  ")[0], said.split("  ")[-1]) == (0, f"fetched {rows}", "rejected 0")
    files = facts(shared, "siranap-2021-07/facts.json")["files"]
    expected, told = {}, {}
    for name, metric in BEDS[sort].items():
        answer = made.ask(metric, "--grain", "day", "--by", "district", *(f"--where=district={one}" for one in JAMBI))
        values = {(row["bucket"][:10], row["district"], name): row["value"] for row in answer["rows"]}
        told |= {key: value for key, value in values.items() if value is not None}
        for file, fact in files.items():
            if file.startswith(f"{sort}_"):
                day = date(2021, int(file[-8:-6]), int(file[-6:-4])).isoformat()
                expected |= {(day, one, name): fact[one][name] for one in JAMBI}
    absent = {key[:2] for key, value in expected.items() if key[2] == "hospitals" and value == 0}
    assert absent == {(day, "1505") for day in ABSENT[sort]}
    assert told == {key: value for key, value in expected.items() if key[:2] not in absent}
    assert len(told) == 4 * (2 * sum(file.startswith(f"{sort}_") for file in files) - len(absent))


@pytest.fixture
def quakes(city):
    made = city("earthquakes", whole=("2021-01-01", "2021-12-31"))
    assert made.load("quakes")[0] == 0
    return made


def test_the_earthquakes_of_2021_by_month_and_by_strength(shared, quakes):
    fact = facts(shared, "bmkg/quakes_2021.facts.json")
    assert quakes.months("quakes") == fact["per_month_utc"]
    assert quakes.value("quakes") == fact["rows"]
    assert {strength: quakes.value(f"quakes_m{strength}") for strength in fact["mag_ge"]} == fact["mag_ge"]


@pytest.mark.parametrize("name", ["helpdesk", "emergency-room", "beds", "earthquakes"])
def test_a_data_set_needs_at_most_40_lines_of_settings(name, monkeypatch):
    path = ROOT / "docs" / "examples" / f"{name}.yaml"
    assert len(path.read_text().splitlines()) <= 40
    assert documents.load(path, args_of, {}).sources
