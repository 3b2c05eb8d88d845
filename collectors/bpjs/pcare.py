"""P-Care: how many patients a puskesmas registered on a day, counted here and now.

The list names every patient with card number and complaint. It is counted in memory and let go.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from city.model import NotUnderstood
from collectors.bpjs.client import Client, rows_in
from collectors.bpjs.envelope import Answer
from collectors.bpjs.fields import Row

_MAX_PAGES = 1_000


def rows(client: Client, days: list[date]) -> Iterator[Row]:
    """Registrations of each of these local days; "No Content" is a day with none."""
    for day in days:
        number, simulated = _registered(client, day)
        counts = {"metric": "fktp_registrations", "value": number, "simulated": simulated}
        yield counts | {"day": day, "channel": None, "category": None, "facility": client.facility.title}


def _registered(client: Client, day: date) -> tuple[int, bool]:
    # From 0: whether rows count from 0 or 1 is not documented, and this loses none either way. What came
    # twice is counted once.
    seen: set[str] = set()
    received, announced, answer = 0, None, Answer(None)
    for _ in range(_MAX_PAGES):
        path = f"pendaftaran/tglDaftar/{day:%d-%m-%Y}/{received}/{client.args.page_size}"
        answer = client.unsealed(path)
        page, before = rows_in(answer, "list", client.where(path)), len(seen)
        seen.update(_key(row) for row in page)
        received += len(page)
        told = answer.response.get("count") if isinstance(answer.response, dict) else None
        announced = told if isinstance(told, int) else announced
        if len(seen) == before or announced == len(seen) > len(page):
            break
    else:
        raise NotUnderstood("the pages never end", where=client.args.url)
    if announced is not None and len(seen) < announced:
        client.session.warn(f"{client.facility.title}: {announced} registrations were announced and {len(seen)} came")
    return len(seen), answer.simulated


def _key(row: Row) -> str:
    # A queue number may be given by each clinic anew.
    if row.get("noUrut"):
        return str([row["noUrut"], _inner(row, "poli", "kdPoli"), _inner(row, "peserta", "noKartu")])
    return str(sorted((name, str(value)) for name, value in row.items()))


def _inner(row: Row, part: str, field: str) -> Any:
    inner = row.get(part)
    return inner.get(field) if isinstance(inner, dict) else None
