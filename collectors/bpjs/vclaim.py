"""VClaim monitoring: visits and claims of a hospital, counted here and now.

Every row has a patient's name, card number and diagnosis. They are counted in memory and let go: what leaves
this module is day, kind of service, clinic or class or state of the claim, and a number.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from city.model import ChangedShape
from collectors import RowError
from collectors.bpjs.client import Client, rows_in
from collectors.bpjs.fields import Row, amount
from collectors.records import text

#: JnsPelayanan -> the ``channel`` of its numbers
_SERVICES = {1: "rawat inap", 2: "rawat jalan"}
#: Status of a claim -> the ``category`` of its numbers
_STATES = {1: "proses verifikasi", 2: "pending", 3: "klaim"}
_AMOUNTS = {"byPengajuan": "jkn_claims_submitted_rp", "bySetujui": "jkn_claims_approved_rp"}
#: Rupiah of one claim: below ten thousand million.
_RUPIAH_DIGITS = 10
#: More unreadable amounts than this mean another shape, not bad rows.
_MAX_BAD_RATIO = 0.1


def rows(client: Client, days: list[date]) -> Iterator[Row]:
    """Counts of visits and claims of these local days, as ``metric``, ``day``, ``channel``, ``category``, ``value``."""
    if "visits" in client.args.reads:
        for service, channel in _SERVICES.items():
            yield from _visits(client, days, service, channel)
    if "claims" in client.args.reads:
        for day in days:
            for service, channel in _SERVICES.items():
                for state, category in _STATES.items():
                    path = f"Monitoring/Klaim/Tanggal/{day:%Y-%m-%d}/JnsPelayanan/{service}/Status/{state}"
                    yield from _claims(client, path, {"day": day, "channel": channel, "category": category})


def _visits(client: Client, days: list[date], service: int, channel: str) -> Iterator[Row]:
    counted: dict[date, Counter[str | None]] = {}
    simulated = False
    for day in days:
        path = f"Monitoring/Kunjungan/Tanggal/{day:%Y-%m-%d}/JnsPelayanan/{service}"
        answer = client.unsealed(path)
        simulated = simulated or answer.simulated
        found = rows_in(answer, "sep", client.where(path))
        counted[day] = Counter(_clinic(row, service, client.where(path)) for row in found)
    # A clinic that had visits on one of these days has none, and not an unknown number, on the others: a day read
    # again corrects what was withdrawn meanwhile.
    known = set[str | None]().union(*counted.values()) or {None}
    for day, visits in counted.items():
        for category in known:
            counts = {"metric": "jkn_visits", "value": visits[category], "simulated": simulated}
            yield counts | {"day": day, "channel": channel, "category": category, "facility": client.facility.title}


def _clinic(row: Row, service: int, where: str) -> str | None:
    """The clinic of an outpatient, the class of an inpatient; unknown when empty."""
    field = "kelasRawat" if service == 1 else "poli"
    try:
        found = text(row, field)
    except RowError as error:
        raise ChangedShape(f"{field} is neither a short text nor a number", where=where) from error
    return f"Kelas {found}" if found and service == 1 else found


def _claims(client: Client, path: str, common: dict[str, Any]) -> Iterator[Row]:
    answer = client.unsealed(path)
    claims = rows_in(answer, "klaim", client.where(path))
    sums, bad = dict.fromkeys(_AMOUNTS.values(), 0.0), Counter[str]()
    for claim in claims:
        costs = claim.get("biaya")
        for field, metric in _AMOUNTS.items():
            try:
                sums[metric] += _rupiah(costs, field)
            except RowError:
                bad[field] += 1
    for field, times in bad.items():
        what = f"{field} of {times} of {len(claims)} claims is not an amount"
        if times > _MAX_BAD_RATIO * len(claims):
            raise ChangedShape(what, where=client.where(path))
        client.session.warn(f"{client.facility.title}: {what}; they are counted, their rupiah are not")
    for metric, value in {"jkn_claims": len(claims), **sums}.items():
        counts = {"metric": metric, "value": value, "simulated": answer.simulated}
        yield common | counts | {"facility": client.facility.title}


def _rupiah(costs: Any, field: str) -> float:
    if not isinstance(costs, dict) or field not in costs:
        raise RowError(field, "missing")
    # Nothing is approved before the verification: null or empty until then.
    return 0.0 if costs[field] in (None, "") else amount(costs, field, _RUPIAH_DIGITS)
