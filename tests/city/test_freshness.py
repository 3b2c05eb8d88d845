"""How old is too old."""

from datetime import timedelta

import pytest

from city.freshness import state
from city.model import State
from tests.builders import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("age_min", "expected"),
    [(0, State.FRESH), (9.9, State.FRESH), (10, State.STALE), (59.9, State.STALE), (60, State.EXPIRED)],
)
def test_an_age_at_its_limit_has_passed_it(age_min, expected):
    assert state(NOW - age_min * MINUTE, NOW, 10 * MINUTE, 60 * MINUTE) is expected


def test_the_worst_state_wins():
    old = NOW - timedelta(days=1)
    assert state(old, NOW, MINUTE, MINUTE, failed=True, missing=True) is State.FAILED
    assert state(old, NOW, MINUTE, MINUTE, missing=True) is State.MISSING
    assert state(None, NOW, MINUTE, MINUTE) is State.MISSING
