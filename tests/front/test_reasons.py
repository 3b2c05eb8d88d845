"""What `why`, `league`, `silent` and `sla` print, by running run.py itself."""

import json
from pathlib import Path

import pytest

from city.database import Database
from tests.front.test_cli import CONFIG, run

HEADER = "id,masuk,selesai,kecamatan\n"


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory, shared_database: Database) -> tuple[Path, Path, Database]:
    """A region whose calls of two days, 6 and 9, have been read."""
    folder = tmp_path_factory.mktemp("reasons")
    (folder / "drop").mkdir()
    rows = [f"{day}-{number},{day} 08:00,{day} {9 + number % 3:02}:00,Jelutung\n"
            for day, count in (("2026-11-19", 6), ("2026-11-20", 9)) for number in range(count)]  # fmt: skip
    (folder / "drop" / "calls.csv").write_text(HEADER + "".join(rows))
    config = folder / "region.yaml"
    config.write_text(CONFIG.format(folder=folder / "drop"))
    shown = run("once", "darurat", "--config", config, data=folder, database=shared_database)
    assert shown.returncode == 0, shown.stderr
    return config, folder, shared_database


DAY = ("--from", "2026-11-20", "--to", "2026-11-20")


def asked(read: tuple[Path, Path, Database], *arguments: str) -> str:
    config, folder, database = read
    shown = run(*arguments, "--config", config, data=folder, database=database)
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def test_why_says_what_each_group_had_to_do_with_the_change(read: tuple[Path, Path, Database]) -> None:
    answer = json.loads(
        asked(read, "why", "calls_opened", "--by", "district", "--by", "district,agency", *DAY, "--json")
    )
    assert answer["value"] == {"then": 6, "now": 9, "usual": None}
    assert answer["taken_apart"] == {"then": 6, "now": 9, "change": 3}
    first, second = answer["splits"]
    assert (first["by"], second["by"]) == (["district"], ["district", "agency"])
    assert [(part["district"], part["change"]) for part in first["parts"]] == [("15.71.08", 3)] and first[
        "rest"
    ] is None
    text = asked(read, "why", "calls_time_to_close", *DAY)
    assert "a quantile has no parts; taken apart is the share that took longer than 2.0 h" in text
    assert "15.71.08  33.3 %  33.3 %     0.0" in text


def test_league_sla_and_silent_answer_in_words_and_as_json(read: tuple[Path, Path, Database]) -> None:
    assert "0 of 1 differ by more than chance (99.8% limits)" in asked(
        read, "league", "calls_time_to_close", "--by", "district", *DAY
    )
    league = json.loads(asked(read, "league", "calls_rejected_ratio", "--by", "district", *DAY, "--json"))
    assert [(unit["name"], unit["n"], unit["rank"], unit["verdict"]) for unit in league["units"]] == [
        ("15.71.08", 9, 1, None)
    ]
    (row,) = json.loads(asked(read, "sla", "call", "--by", "district", *DAY, "--json"))["rows"]
    assert (row["district"], row["opened"], row["solved"], row["breached"]) == ("15.71.08", 9, 9, 0)
    assert "solved" in asked(read, "sla", "call", *DAY) and asked(read, "sla", "memo", *DAY).startswith("(none)\n")
    assert json.loads(asked(read, "silent", "call", "--json"))["silent"] == []
    assert "0 of 0 agencies without a sign for 3 working days or more (call)" in asked(read, "silent", "call")
    assert "never collected, so nobody can be called silent" in asked(read, "silent", "memo")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("why", "calls_oldest_open"), "has no parts"),
        (("why", "calls_opend"), "Did you mean 'calls_opened'?"),
        (("why", "calls_opened", "--against", "weekdays"), "weeks of history are too few"),
        (("why", "calls_opened", "--limit", "0"), "at least 1 group"),
        (("league", "calls_opened"), "without the number of people"),
        (("league", "calls_rejected_ratio", "--by", "opd"), "unknown dimension 'opd'"),
        (("silent", "call", "--days", "0"), "at least 1"),
        (("sla", "cal"), "unknown metric"),
    ],
)
def test_what_cannot_be_answered_is_told(
    read: tuple[Path, Path, Database], arguments: tuple[str, ...], message: str
) -> None:
    config, folder, database = read
    shown = run(*arguments, "--config", config, data=folder, database=database)
    assert (shown.returncode, "Traceback" in shown.stderr) == (2, False) and message in shown.stderr
