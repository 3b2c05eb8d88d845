"""What stands open, counted by hand: by age, and how it came to stand."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from city import standing
from city.model import CaseEvent, Status
from city.times import Window
from tests.city.test_queries import DAY, HOUR, NOW, City, complaint

TODAY = Window(NOW - 14 * HOUR - timedelta(minutes=5), NOW)
EDGES = (DAY, 3 * DAY, 7 * DAY)


@pytest.fixture
def city(engine):
    return City(engine)


def ages(city, name="complaints_open"):
    return [(row["band"], row["value"], row["oldest_s"]) for row in standing.ages(city.queries, name, EDGES).rows]


def flow(city, by=(), window=TODAY):
    (row,) = standing.flow(city.queries, "complaints_open", by=by, window=window).rows
    return tuple(row[name] for name in ("before", "opened", "closed", "reopened", "open", "gap"))


def event(hours_ago, stage):
    return CaseEvent(NOW - hours_ago * HOUR, stage)


# by age


def test_every_band_is_counted_and_an_age_on_an_edge_is_beyond_it(city):
    city.saves(
        complaint(1, NOW - HOUR),
        complaint(2, NOW - DAY + timedelta(seconds=1)),
        complaint(3, NOW - DAY),
        complaint(4, NOW - 9 * DAY),
        complaint(5, NOW - 40 * DAY),
        complaint(6, NOW - 2 * DAY, closed_at=NOW - HOUR),
    )
    assert ages(city) == [(0, 2, 86_399), (1, 1, 86_400), (2, 0, None), (3, 2, 40 * 86_400)]
    assert standing.ages(city.queries, "complaints_open", EDGES).n == 5


def test_the_age_of_an_overdue_case_counts_from_its_promise(city):
    city.saves(
        complaint(1, NOW - 40 * DAY, due_at=NOW - 2 * HOUR),
        complaint(2, NOW - 40 * DAY, due_at=NOW - 4 * DAY),
        complaint(3, NOW - 40 * DAY, due_at=NOW + HOUR),
        complaint(4, NOW - 40 * DAY),
    )
    assert ages(city, "complaints_overdue") == [(0, 1, 7200), (1, 0, None), (2, 1, 4 * 86_400), (3, 0, None)]


def test_a_case_of_a_clock_that_is_fast_is_not_counted_before_its_time(city):
    city.saves(complaint(1, NOW + HOUR), complaint(2, NOW))
    assert ages(city)[0] == (0, 1, 0)


def test_ages_follow_the_filters_of_their_metric_and_only_what_waits_has_one(city):
    city.saves(complaint(1, NOW - HOUR, category="jalan"), complaint(2, NOW - HOUR, category="sampah"))
    assert ages(city, "roads_open")[0] == (0, 1, 3600)
    with pytest.raises(ValueError, match="complaints_closed is no age"):
        standing.ages(city.queries, "complaints_closed", EDGES)


# how it came to stand


def test_what_stood_came_and_went_makes_what_stands(city):
    city.saves(
        complaint(1, NOW - 3 * DAY),
        complaint(2, NOW - 3 * DAY, closed_at=NOW - HOUR),
        complaint(3, NOW - 2 * HOUR),
        complaint(4, NOW - 3 * HOUR, closed_at=NOW - HOUR),
        complaint(5, NOW - 3 * DAY, closed_at=NOW - 2 * DAY),
    )
    assert flow(city) == (2, 2, 2, 0, 2, 0)


def test_a_rejected_case_has_gone(city):
    city.saves(complaint(1, NOW - 3 * DAY, closed_at=NOW - HOUR, status=Status.REJECTED), complaint(2, NOW - DAY))
    assert flow(city) == (2, 0, 1, 0, 1, 0)


def test_a_reopened_case_did_not_wait_all_the_time(city):
    reopened = (event(50, "received"), event(30, "done"), event(2, "in_progress"))
    city.saves(
        complaint(1, NOW - 50 * HOUR, events=reopened),
        complaint(2, NOW - 50 * HOUR, events=(*reopened, event(1, "done")), closed_at=NOW - HOUR),
    )
    assert flow(city) == (0, 0, 1, 2, 1, 0)


def test_what_closes_and_reopens_inside_the_window_has_waited_all_the_time(city):
    inside = (event(50, "received"), event(5, "done"), event(2, "in_progress"))
    before = (event(50, "received"), event(40, "rejected"), event(30, "in_progress"))
    city.saves(complaint(1, NOW - 50 * HOUR, events=inside), complaint(2, NOW - 50 * HOUR, events=before))
    assert flow(city) == (2, 0, 0, 0, 2, 0)


def test_a_late_delivery_counts_where_it_happened(city):
    city.saves(complaint(1, NOW - DAY))
    city.now = NOW + HOUR
    window = Window(TODAY.start, city.now)
    assert flow(city, window=window) == (1, 0, 0, 0, 1, 0)
    city.saves(
        complaint(2, NOW - 5 * DAY),
        complaint(3, NOW - 5 * DAY, closed_at=NOW - 2 * DAY),
        complaint(1, NOW - DAY, closed_at=NOW - 20 * HOUR),
        complaint(4, NOW - HOUR),
    )
    assert flow(city, window=window) == (1, 1, 0, 0, 2, 0)


def test_records_that_contradict_each_other_are_a_gap_not_a_silence(city):
    unsaid = (event(50, "received"), event(30, "done"))
    city.saves(complaint(1, NOW - 50 * HOUR, events=unsaid))
    assert flow(city) == (0, 0, 0, 0, 1, 1)
    city.saves(
        complaint(2, NOW - 50 * HOUR, events=(*unsaid, event(2, "in_progress")), closed_at=NOW - 30 * HOUR),
        complaint(3, NOW - HOUR, closed_at=NOW - 30 * HOUR),
    )
    assert flow(city) == (0, 1, 0, 1, 1, -1)


def test_every_group_adds_up_on_its_own_and_a_case_counts_where_it_is_now(city):
    city.saves(
        complaint(1, NOW - DAY, agency="pupr"),
        complaint(2, NOW - DAY, agency="dlh", closed_at=NOW - HOUR),
        complaint(3, NOW - HOUR, agency="dlh"),
        complaint(4, NOW - 9 * DAY, agency="dishub", closed_at=NOW - 8 * DAY),
    )
    city.saves(complaint(1, NOW - DAY, agency="dlh"))
    assert flow(city, by=("agency",)) == (2, 1, 1, 0, 2, 0)


def test_the_figures_of_a_flow_are_those_of_the_metrics(city):
    city.saves(*(complaint(key, NOW - key * 5 * HOUR, closed_at=NOW - HOUR if key % 3 else None) for key in range(12)))
    _, opened, closed, _, waiting, gap = flow(city)
    asked = [city.ask(f"complaints_{name}", window=TODAY).value for name in ("opened", "closed")]
    assert [opened, closed, gap] == [*asked, 0]
    assert waiting == city.ask("complaints_open", at=NOW - timedelta(microseconds=1)).value
    with pytest.raises(ValueError, match="does not count open cases"):
        standing.flow(city.queries, "complaints_opened", by=(), window=TODAY)


def listed(city):
    return {row["key"] for row in city.queries._run("select key from open_again", {})}


def test_the_list_of_what_is_open_again_follows_every_delivery(city):
    done, back = event(30, "done"), event(2, "in_progress")
    city.saves(complaint(1, NOW - 50 * HOUR, events=(done, back)), complaint(2, NOW - 50 * HOUR))
    assert listed(city) == {"1"}
    city.saves(complaint(2, NOW - 50 * HOUR, events=(done,), closed_at=NOW - 30 * HOUR))
    assert listed(city) == {"1"}, "what is closed needs no list"
    city.saves(complaint(2, NOW - 50 * HOUR, events=(back,)), complaint(1, NOW - 50 * HOUR, closed_at=NOW - HOUR))
    assert listed(city) == {"2"}, "its closing is known of an earlier delivery"


def test_a_flow_reads_the_history_of_few_cases_however_many_are_open(city, engine):
    """Of 400 open cases one was closed before: the plan looks into the history of that one only."""
    rows = [complaint(key, NOW - 3 * DAY, events=(event(72, "received"),)) for key in range(400)]
    city.saves(*rows, complaint(999, NOW - 50 * HOUR, events=(event(30, "done"), event(2, "in_progress"))))
    asked = []
    run = city.queries._run
    city.queries._run = lambda sql, values: asked.append((sql, values)) or run(sql, values)
    assert flow(city) == (400, 0, 0, 1, 401, 0)
    sql, values = next(one for one in asked if "open_again" in one[0])
    with engine.connect() as connection:
        plan = "\n".join(connection.scalars(sa.text(f"explain (analyze, costs off, timing off) {sql}"), values))
    searched = [int(found) for found in re.findall(r"SubPlan.*\n.*actual rows=\S+ loops=(\d+)", plan)]
    assert searched and max(searched) < 10, plan
