"""What was sent of the daily brief, and when the rest is tried again: from ``brief.at`` on, never twice for a day.

Remembered in the data folder (``briefs/<day>.json``), written after every delivery: the process that sends owns that
folder, and what was sent stays known when the database is away or made anew. A try that dies between the server's yes
and our note is made again, under the same Message-ID. What is not taken by midnight is given up.
"""

import fcntl
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from city.brief_settings import BriefSettings
from city.config import Config
from city.periods import last_complete
from dashboard.brief_html import without_face
from front import brief_kept, hooks, mailing
from front.brief_kept import Made
from front.mailing import Undelivered

FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=30)
Known = dict[str, dict[str, Any]]
Make = Callable[[datetime], Sequence[Made]]

log = logging.getLogger("kendali.brief")


def channels(settings: BriefSettings) -> list[str]:
    """The ways it is sent."""
    return [name for name in ("folder", "email", "webhook") if getattr(settings, name) is not None]


def languages(config: Config) -> list[str]:
    """The languages that the brief is made in."""
    return list(dict.fromkeys(config.brief.languages if config.brief else ())) or [config.region.language]


class Deliveries:
    """Sends a day's brief. ``folder``: where is remembered; ``base``: from where a relative ``brief.folder`` counts."""

    def __init__(
        self, config: Config, folder: Path, base: Path, env: Mapping[str, str], clock: Callable[[], datetime]
    ) -> None:
        self._config, self._settings = config, config.brief or BriefSettings()
        self._folder, self._base, self._env, self._clock = folder, base, env, clock

    def due(self, make: Make) -> None:
        """Send what is due and not sent; call it every minute. A failure is told in the log and tried again."""
        now = self._clock()
        if now.astimezone(self._config.region.zone).time() < self._settings.at:
            return
        day = last_complete("day", now, self._config.region.zone).first.isoformat()
        with self._alone():
            known = self._known(day)
            wanted = {name: to for name, to in self._all().items() if _is_due(known.get(name), now)}
            if not wanted:
                return
            made = self._made(day, make)
            for name, (language, send) in wanted.items():
                known[name] = self._try(name, send, made[language], known.get(name, {}))
                self._note(day, known)
            brief_kept.forget(self._folder)

    def send_now(self, made: Sequence[Made]) -> dict[str, str | None]:
        """Send everything at once, whatever was sent before; delivery -> why it failed, or None."""
        by_language = {one.language: one for one in made}
        found: dict[str, str | None] = {}
        with self._alone():
            known = self._known(made[0].day)
            for name, (language, send) in self._all().items():
                if language in by_language:
                    known[name] = self._try(name, send, by_language[language], {})
                    found[name] = known[name].get("error")
                    self._note(made[0].day, known)
        return found

    def _made(self, day: str, make: Make) -> Mapping[str, Made]:
        """The brief by language: as it was made at the first try, or made now."""
        made = brief_kept.kept(self._folder, day, languages(self._config))
        if made is None:
            made = list(make(self._clock()))
            brief_kept.keep(made, self._folder)
        return {one.language: one for one in made}

    def _all(self) -> dict[str, tuple[str, Callable[[Made], None]]]:
        """Every delivery by name, its language and how it is sent: one for each language and receiver."""
        found: dict[str, tuple[str, Callable[[Made], None]]] = {}
        for language in languages(self._config):
            if self._settings.folder is not None:
                found[f"folder {language}"] = language, self._write
            if self._settings.email:
                for to in self._settings.email.to:
                    found[f"email {language} {to}"] = language, self._mailing(to)
            if self._settings.webhook:
                found[f"webhook {language}"] = language, self._post
        return found

    def _write(self, made: Made) -> None:
        try:
            brief_kept.write(made, self._base / (self._settings.folder or ""))
        except OSError as error:
            raise Undelivered(f"brief.folder cannot be written: {error.strerror}") from None

    def _mailing(self, to: str) -> Callable[[Made], None]:
        def send(made: Made) -> None:
            email = self._settings.email
            assert email is not None
            forms = {**made.forms, "html": without_face(made.forms["html"].decode()).encode()}
            letter = mailing.letter(email, to, made.subject, forms, self._name(made), self._clock())
            mailing.send(email, letter, self._env)

        return send

    def _post(self, made: Made) -> None:
        webhook, region = self._settings.webhook, self._config.region
        assert webhook is not None
        body = {"region": region.code, "name": region.name, "day": made.day, "language": made.language,
                "subject": made.subject, "text": made.forms["text"].decode(),
                "html": without_face(made.forms["html"].decode())}  # fmt: skip
        hooks.post(webhook, body, self._name(made), self._clock(), self._env)

    def _name(self, made: Made) -> str:
        return f"{self._config.region.code}-{made.day}-{made.language}"

    def _try(self, name: str, send: Callable[[Made], None], made: Made, before: Mapping[str, Any]) -> dict[str, Any]:
        """Try a delivery; what is to be remembered of it. A failure is told once, not at every try."""
        tries = before.get("tries", 0) + 1
        try:
            send(made)
        except Undelivered as error:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 10))
            if str(error) != before.get("error"):
                log.warning("the daily brief was not sent (%s): %s; it is tried again", name, error)
            return {"tries": tries, "error": str(error), "next_at": (self._clock() + wait).isoformat()}
        log.info("the daily brief was sent (%s)", name)
        return {"tries": tries, "sent_at": self._clock().isoformat()}

    def _known(self, day: str) -> Known:
        try:
            found: Known = json.loads((self._folder / f"{day}.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return found

    def _note(self, day: str, known: Known) -> None:
        brief_kept.put(self._folder / f"{day}.json", json.dumps(known, ensure_ascii=False, indent=1).encode())

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The command and the schedule never send at once. The folder is its owner's only: it names receivers."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self._folder / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _is_due(one: Mapping[str, Any] | None, now: datetime) -> bool:
    return one is None or "sent_at" not in one and datetime.fromisoformat(one["next_at"]) <= now
