"""What every command needs first: the checked settings, the data folder, the secrets, the database."""

import hmac
import os
import secrets
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import ArgumentError, OperationalError

import collectors
from city import database as city_database
from city import documents
from city.config import Config

if TYPE_CHECKING:
    from dashboard.page import Page

#: Set for the parts that `up` starts: the database is migrated already, and standard input ends with the parent.
SUPERVISED = "KENDALI_SUPERVISED"


class WrongUsage(Exception):
    """The command cannot be done as it was given."""


def clock() -> datetime:
    """The present."""
    return datetime.now(UTC)


def data_dir() -> Path:
    """Where the embedded database, the secrets and the simulated city live."""
    return Path(os.environ.get("KENDALI_DATA", "data"))


def environment(path: Path) -> dict[str, str]:
    """What settings are filled from: the environment, then what the simulated city has told (``simulation.env``).

    Settings that name SIMULATION_SECRET get one of this installation's own, made once.
    """
    told = dict(line.split("=", 1) for line in _lines(data_dir() / "simulation.env") if "=" in line)
    wanted = "SIMULATION_SECRET" not in told.keys() | os.environ.keys()
    if wanted and path.is_file() and "${SIMULATION_SECRET" in path.read_text(encoding="utf-8", errors="replace"):
        told["SIMULATION_SECRET"] = secrets.token_urlsafe(32)
        tell(told)
    return told | dict(os.environ)


def tell(values: dict[str, str]) -> None:
    """Keep ``values`` in ``simulation.env``, readable by its owner only."""
    path = data_dir() / "simulation.env"
    path.parent.mkdir(parents=True, exist_ok=True)
    known = dict(line.split("=", 1) for line in _lines(path) if "=" in line) | values
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.writelines(f"{name}={value}\n" for name, value in known.items())


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.is_file() else []


def read(path: Path) -> Config:
    """The settings, checked. Raises ConfigError with every mistake."""
    return documents.load(path, collectors.args_of, environment(path))


def read_all(path: Path) -> tuple[Config, "list[Page]"]:
    """The settings and their pages, checked. Raises ConfigError with every mistake of all files."""
    from dashboard.page import load_page

    config = read(path)
    loaded: list[Page] = []
    problems: list[documents.Problem] = []
    for layout in config.pages:
        try:
            loaded.append(load_page(path.parent / layout, config))
        except documents.ConfigError as error:
            problems += error.problems
    if problems:
        raise documents.ConfigError(problems)
    return config, loaded


def illegible(path: Path, config: Config, pages: "list[Page]") -> list[documents.Problem]:
    """What could not be read from the farthest seat: each scene of each screen whose panels are too small on it."""
    from dashboard.fitting import fit

    document = documents.read_yaml(path, environment(path))
    known = {page.name: page for page in pages}
    return [
        document.problem(("screens", name, "scenes", index), f"scene '{scene}' cannot be legible: {lack}")
        for name, screen in config.screens.items()
        for index, scene in enumerate(screen.scenes)
        for lack in fit(known[scene], screen).lacks
    ]


@contextmanager
def database(options: Namespace) -> Iterator[city_database.Database]:
    """The database of this command, up and migrated. Raises WrongUsage when it cannot be opened."""
    url = options.database or os.environ.get("DATABASE_URL")
    try:
        opened = city_database.open_database(url, data_dir())
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise WrongUsage("DATABASE_URL is not an address; write postgresql://user:password@host/database") from error
    try:
        if SUPERVISED not in os.environ:
            _migrate(opened.url)
        yield opened
    finally:
        opened.close()


def _migrate(url: str) -> None:
    made = city_database.engine(url)
    try:
        city_database.migrate(made)
    except OperationalError as error:
        raise WrongUsage(f"the database cannot be opened: {city_database.reason(error)}. Check DATABASE_URL") from error
    finally:
        made.dispose()


def secret_key(folder: Path) -> str:
    """The key that signs what screens bring back: made once, readable by its owner only."""
    path = folder / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_key(path)
    with os.fdopen(handle, "w") as file:
        file.write(f"secret_key={secrets.token_urlsafe(48)}\n")
    return _read_key(path)


def intake_token(folder: Path) -> str:
    """What the web process shows at the intake: made from the secret key, so that it is as old and as private."""
    return hmac.new(secret_key(folder).encode(), b"intake", sha256).hexdigest()


def intake_port(folder: Path) -> Path:
    """The file in which the collecting part says at which port of this machine it takes what is sent."""
    return folder / "intake.port"


def _read_key(path: Path) -> str:
    for line in path.read_text().splitlines():
        name, _, value = line.partition("=")
        if name == "secret_key" and value:
            return value
    raise WrongUsage(f"{path} has no line secret_key=...; delete the file to have a new one made")


def api_keys(folder: Path, variable: str) -> list[str]:
    """The keys that open single cases to the data API: those of the environment, or one made once, for its owner only.

    It is made from the secret key and lies in ``api_key``, where an operator finds it.
    """
    if given := os.environ.get(variable):
        return [key for key in given.split(",") if len(key) >= 16]
    key = hmac.new(secret_key(folder).encode(), b"api", sha256).hexdigest()
    path = folder / "api_key"
    if not path.exists() or path.read_text().strip() != key:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"{key}\n")
    return [key]
