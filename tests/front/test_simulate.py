"""The simulated city writes into our own database and into no other, whatever the city's settings name."""

from argparse import Namespace
from pathlib import Path

import pytest

from front import parts
from simulation import __main__ as simulated

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def told(tmp_path, monkeypatch):
    """Starts the part; what the simulation was told."""
    monkeypatch.setenv("KENDALI_DATA", str(tmp_path))
    said = []
    monkeypatch.setattr(simulated, "main", said.extend)

    def start(**env):
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        assert parts.simulate(Namespace(config=ROOT / "config.yaml")) == 0
        return said

    return start


def test_a_memo_system_of_the_city_is_never_written(told):
    assert "--database" not in told(MEMO_DATABASE_URL="postgresql://kendali@memo.example/sipadek")


def test_what_up_says_is_where_the_memo_system_is_kept(told):
    said = told(MEMO_DATABASE_URL="postgresql://memo.example/a", KENDALI_SIMULATION_DATABASE="postgresql://ours/b")
    assert said[said.index("--database") + 1] == "postgresql://ours/b"
    assert "postgresql://memo.example/a" not in said
