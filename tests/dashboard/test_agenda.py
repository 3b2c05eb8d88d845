"""The order in which panels are computed."""

from types import SimpleNamespace

import pytest

from dashboard.agenda import Agenda


class Watch:
    """A clock that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def panel(name):
    return ("overview", SimpleNamespace(name=name))


@pytest.fixture
def watch():
    return Watch()


@pytest.fixture
def agenda(watch):
    made = Agenda(watch)
    made.took(panel("dear"), 1.0)
    made.took(panel("cheap"), 0.01)
    return made


def taken(agenda):
    names = []
    while agenda:
        names.append(agenda.take()[1].name)
    return names


def test_the_cheap_panel_goes_first_and_each_goes_once(agenda):
    agenda.add([panel("dear"), panel("cheap"), panel("dear")])
    assert taken(agenda) == ["cheap", "dear"]


def test_a_dear_panel_is_not_overtaken_for_ever(agenda, watch):
    agenda.add([panel("dear")])
    watch.now += 5.5
    agenda.add([panel("cheap")])
    assert taken(agenda) == ["dear", "cheap"]


def test_a_tick_leaves_a_dear_panel_out_until_it_has_rested(agenda, watch):
    watch.now += 15
    agenda.tick([panel("dear"), panel("cheap"), panel("new")])
    assert sorted(taken(agenda)) == ["cheap", "new"]
    watch.now += 35
    agenda.tick([panel("dear")])
    assert taken(agenda) == ["dear"]


def test_news_does_not_wait_for_rest(agenda):
    agenda.add([panel("dear")])
    assert taken(agenda) == ["dear"]


def test_an_empty_agenda_has_nothing_to_take(agenda):
    with pytest.raises(LookupError):
        agenda.take()
