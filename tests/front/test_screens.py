"""``run.py screens``: what waits, may look or may not, and the three things an admin can do about it."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from city import paired
from city.database import Database
from front import cli
from front.settings import clock


@pytest.fixture
def run(tmp_path: Path, database: Database, capsys, monkeypatch):
    """Runs the command in this process; returns exit code, output and what was said besides."""
    monkeypatch.setenv("KENDALI_DATA", str(tmp_path / "data"))
    region = {"code": "15.71", "name": "Kota Jambi", "timezone": "Asia/Jakarta"}
    path = tmp_path / "region.yaml"
    path.write_text(yaml.safe_dump({"region": region, "sources": {}, "screens_paired": True}))

    def once(*words: str):
        code = cli.main(["screens", *words, "--config", str(path), "--database", database.url])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return once


def asks(engine: sa.Engine, code: str, at=None) -> None:
    with engine.begin() as connection:
        assert paired.ask(connection, "15.71", paired.digest(code), code, at or clock())


def test_an_admin_lists_approves_revokes_and_forgets(run, engine):
    assert run() == (0, "no screens\n", "")
    asks(engine, "K7M3PX")
    asks(engine, "ACEFHJ", clock() - timedelta(minutes=9))
    _, shown, _ = run()
    head, *lines = shown.splitlines()
    assert head.split() == ["state", "screen", "since", "last", "seen"]
    assert [line.split()[:2] for line in lines] == [["waiting", "ACE-FHJ"], ["waiting", "K7M-3PX"]]
    assert run("approve", "k7m3px", "--name", "wall-1") == (0, "wall-1 may look\n", "")
    assert run("revoke", "wall-1") == (0, "wall-1 may not look any more\n", "")
    assert [line.split()[:2] for line in run("list")[1].splitlines()[1:]] == [
        ["waiting", "ACE-FHJ"],
        ["revoked", "wall-1"],
    ]
    assert run("forget", "wall-1")[0] == 0
    assert "wall-1" not in run()[1]


def test_a_code_that_ran_out_is_not_listed(run, engine):
    asks(engine, "K7M3PX", clock() - timedelta(minutes=11))
    assert run() == (0, "no screens\n", "")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["approve", "K7M3PX", "--name", "wall-1"], "no screen shows the code K7M3PX now"),
        (["approve", "K7M3PX"], "--name wall-1"),
        (["approve"], "approve what?"),
        (["revoke"], "revoke what?"),
        (["revoke", "wall-9"], "no approved screen is called wall-9; approved: none"),
    ],
)
def test_mistakes_are_told_in_one_line(run, words, told):
    code, out, err = run(*words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert told in err
