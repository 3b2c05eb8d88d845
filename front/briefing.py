"""The daily brief made: the command ``brief`` and what the collecting part does every morning (docs/brief.md)."""

import logging
import os
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.engine import Engine

from city import brief as briefs
from city.brief import Brief
from city.config import Config
from city.queries import Queries
from dashboard import brief_html, brief_pdf, brief_text
from dashboard.brief_words import TITLE, day, speaking
from front import settings
from front.answers import asked
from front.brief_kept import FORMATS, Made, write
from front.deliveries import Deliveries, channels, languages
from front.scoring import moment

LOOK_EVERY_S = 60
#: After a start the sources are read first: a brief made at once would tell that all of them were away.
FIRST_LOOK_S = 180

log = logging.getLogger("kendali.brief")


def brief(options: Namespace) -> int:
    """Print the brief, write it to ``--out``, or ``--send`` it; 1 when a part of that was not possible."""
    config = settings.read(options.config)
    at = moment(options.at, config) if options.at else None
    if at and at > settings.clock():
        raise settings.WrongUsage("--at is in the future")
    if options.send and (config.brief is None or not channels(config.brief)):
        raise settings.WrongUsage(f"{options.config} names no folder, email or webhook under `brief`")
    if options.format == "pdf" and options.out is None and not options.send:
        raise settings.WrongUsage("a PDF needs a folder: add --out FOLDER")
    found = asked(options, config, lambda queries: briefs.read(queries, at))
    formats = [options.format] if options.format else FORMATS if options.out or options.send else ["text"]
    chosen = [options.language] if options.language else languages(config)
    made = [make(config, found, language, FORMATS if options.send else formats) for language in chosen]
    return max(_lacks(made), _given(config, options, made))


def _lacks(made: Sequence[Made]) -> int:
    lacks = {one.lack for one in made if one.lack}
    for lack in lacks:
        log.warning("no PDF: %s", lack)
    return int(bool(lacks))


def _given(config: Config, options: Namespace, made: Sequence[Made]) -> int:
    """Write, send or print what was made; 1 when a delivery failed."""
    if options.out:
        try:
            print(*(path for one in made for path in write(one, options.out)), sep="\n")
        except OSError as error:
            raise settings.WrongUsage(f"--out {options.out}: {error.strerror}") from error
    if options.send:
        results = _deliveries(config, options.config, settings.clock).send_now(made)
        for name, lack in results.items():
            print(f"{name}: {lack or 'sent'}")
        return int(any(results.values()))
    if not options.out:
        print(*(body.decode() for one in made for body in one.forms.values()), sep="\n", end="")
    return 0


def make(config: Config, found: Brief, language: str, formats: Sequence[str]) -> Made:
    """The brief in a language. A PDF that cannot be printed is missing and told; the other forms are there."""
    words = speaking(config, language)
    page, lack = brief_html.page(found, words, faces=True), None
    forms = {"text": brief_text.text(found, words).encode(), "html": page.encode()}
    if "pdf" in formats:
        try:
            forms["pdf"] = brief_pdf.pdf(page)
        except brief_pdf.NoPdf as error:
            lack = str(error)
    subject = f"{words.t(TITLE)} {found.region}, {day(found, words)}"
    if found.simulated:
        subject = f"[{words.t('DATA SIMULASI')}] {subject}"
    forms = {name: body for name, body in forms.items() if name in formats}
    return Made(found.day.isoformat(), language, subject, forms, lack)


def _deliveries(config: Config, path: Path, clock: Callable[[], datetime]) -> Deliveries:
    return Deliveries(config, settings.data_dir() / "briefs", path.parent, os.environ, clock)


def schedule(scheduler: BackgroundScheduler, engine: Engine, config: Config, path: Path) -> None:
    """Look every minute whether a brief is due; nothing where the settings name nobody to send it to.

    Not at one moment a day: what was missed while the machine was off, or not taken by a server, is due until sent.
    """
    if config.brief is None or not channels(config.brief):
        return
    sending = _deliveries(config, path, settings.clock)

    def daily(at: datetime) -> list[Made]:
        found = briefs.read(Queries(engine, config, settings.clock), at)
        made = [make(config, found, language, FORMATS) for language in languages(config)]
        _lacks(made)
        return made

    def look() -> None:
        try:
            sending.due(daily)
        except Exception as error:  # the database is away, a full disk, a mistake of ours: the next minute tries again
            log.warning("the daily brief cannot be made (%s); tried again in a minute", type(error).__name__)

    scheduler.add_executor(ThreadPoolExecutor(max_workers=1), "brief")  # a slow mail server holds up no source
    scheduler.add_job(
        look, "interval", seconds=LOOK_EVERY_S, id="daily brief", executor="brief", coalesce=True, max_instances=1,
        next_run_time=settings.clock() + timedelta(seconds=FIRST_LOOK_S),
    )  # fmt: skip
