"""The command that looks at an unknown address, file or database and proposes the settings for it."""

import os
import re
import sys
from argparse import Namespace
from difflib import get_close_matches
from urllib.parse import urlsplit

from city.model import SourceError
from collectors import probe as prober
from collectors.http import Session
from collectors.probe.sql import NoTable
from front import settings


def probe(options: Namespace) -> int:
    """Print a proposal for ``options.target``; 1 when it cannot be read."""
    name = options.name or _named(options.table or options.target)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise settings.WrongUsage("--name: small letters, digits and _, beginning with a letter")
    variables = dict(_header(text) for text in options.header)
    sent = {title: os.environ[variable] for title, variable in variables.items()}
    try:
        with Session(retries=1) as session:
            sample = prober.sampled(options.target, session, settings.clock(), table=options.table, headers=sent)
        if variables and options.target.startswith("http"):
            sample.args["headers"] = {title: f"${{{variable}}}" for title, variable in variables.items()}
        print(prober.proposed(name, sample), end="")
    except NoTable as found:
        return _tables(found, options.table)
    except SourceError as error:
        print(f"run.py probe: ({error.code}) {error}", file=sys.stderr)
        return 1
    return 0


def _header(text: str) -> tuple[str, str]:
    title, equals, variable = text.partition("=")
    if not (title and equals and re.fullmatch(r"[A-Za-z_]\w*", variable)):
        raise settings.WrongUsage("--header: write NAME=VARIABLE; the value comes from that environment variable")
    if not os.environ.get(variable):
        raise settings.WrongUsage(f"--header: the variable {variable} is not set")
    return title, variable


def _tables(found: NoTable, asked: str | None) -> int:
    if asked is not None:
        close = get_close_matches(asked, found.tables, 1, 0.5)
        raise settings.WrongUsage(f"no table '{asked}'." + (f" Did you mean '{close[0]}'?" if close else ""))
    print("Tables and views; choose one with --table:")
    for table, columns in sorted(found.tables.items()):
        print(f"  {table}  ({columns} columns)")
    return 0


def _named(target: str) -> str:
    """A name for the source from the last part of where it is: ``export/Pengaduan 2026.xlsx`` -> pengaduan_2026."""
    last = re.split(r"[/\\]", urlsplit(target).path.rstrip("/") if "://" in target else target)[-1]
    name = re.sub(r"[^a-z0-9]+", "_", last.rpartition(".")[0].lower() or last.lower()).strip("_")
    return name if name[:1].isalpha() else "source"
