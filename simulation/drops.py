"""The agencies that export files: a day a file, written whole and then renamed into the drop folder.

sipadek/      memo_id, jenis, urgensi, opd, tahap, waktu, simulated       one row per step (event log)
darurat_112/  id, masuk, selesai, hasil, kecamatan, simulated             one row per call
rumah_sakit/  waktu, rumah_sakit, kapasitas, tersedia, tunggu_menit, tunggu_pendaftaran_menit,
              tunggu_poli_menit, tunggu_farmasi_menit, simulated          every ten minutes; stages on the hour
kepesertaan/  waktu, penduduk, peserta, aktif, simulated                  one row at seven in the morning
dbd/          waktu, kecamatan, kasus, simulated                          one row per district at seven
ktp_el/       waktu, wajib_ktp, terekam, simulated                        one row at seven
tte/          waktu, opd, dinilai, siap, simulated                        one row per agency at seven
spm/          waktu, opd, sasaran, terlayani, simulated                   one row per agency at seven
ikm/          waktu, unit, u1 to u9, simulated                            one row per unit at seven
"""

import csv
import io
import os
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from simulation import health_office, service_office
from simulation.places import ZONE
from simulation.town import MEMO_DAYS, Town

_STAGES = ("tunggu_pendaftaran_menit", "tunggu_poli_menit", "tunggu_farmasi_menit")
#: How the whole wait divides over registration, clinic and pharmacy.
_SHARES = (0.2, 0.5, 0.3)
_HEADS = {
    "sipadek": ("memo_id", "jenis", "urgensi", "opd", "tahap", "waktu", "simulated"),
    "darurat_112": ("id", "masuk", "selesai", "hasil", "kecamatan", "simulated"),
    "rumah_sakit": ("waktu", "rumah_sakit", "kapasitas", "tersedia", "tunggu_menit", *_STAGES, "simulated"),
    "kepesertaan": ("waktu", "penduduk", "peserta", "aktif", "simulated"),
    "dbd": ("waktu", "kecamatan", "kasus", "simulated"),
    "ktp_el": ("waktu", "wajib_ktp", "terekam", "simulated"),
    "tte": ("waktu", "opd", "dinilai", "siap", "simulated"),
    "spm": ("waktu", "opd", "sasaran", "terlayani", "simulated"),
    "ikm": ("waktu", "unit", *(f"u{number}" for number in range(1, 10)), "simulated"),
}


def write(town: Town, folder: Path, now: datetime, days: int) -> None:
    """Write the running day as it stands at ``now``, and each day of history whose file is not whole."""
    today = now.astimezone(ZONE).date()
    for back in range(days, -1, -1):
        day = today - timedelta(days=back)
        for name, rows in _SOURCES.items():
            file = folder / name / f"{day.isoformat()}.csv"
            if not _is_whole(file, day):
                _replace(file, _table(_HEADS[name], rows(town, day, now)), now, touch=back > 0)


def _is_whole(file: Path, day: date) -> bool:
    """A file of a day that was last written before the day ended (we were stopped) lacks its rest."""
    ended = datetime.combine(day + timedelta(days=1), time(), ZONE)
    return file.exists() and file.stat().st_mtime >= ended.timestamp()


def _memos(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    """Every step taken on the day, also of memos received earlier, as they happened."""
    received = [memo for back in range(MEMO_DAYS, -1, -1) for memo in town.memos(day - timedelta(days=back))]
    steps = [(at, stage, memo) for *memo, taken in received for stage, at in taken if at.date() == day and at <= now]
    for at, stage, memo in sorted(steps):
        yield *memo, stage, _stamp(at), "true"


def _calls(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    for key, at, ended, outcome, district in town.calls(day):
        if at <= now:
            yield key, _stamp(at), _stamp(ended) if ended <= now else "", outcome, district, "true"


def _hospitals(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    for at, name, beds, free, wait in town.hospitals(day):
        if at <= now:
            stages = [str(round(wait * share)) if at.minute == 0 else "" for share in _SHARES]
            yield _stamp(at), name, str(beds), str(free), str(wait), *stages, "true"


def _members(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    if (at := health_office.exported(day)) <= now:
        yield _stamp(at), *map(str, health_office.members(town, day)), "true"


def _dengue(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    if (at := health_office.exported(day)) <= now:
        for district, count in health_office.dengue(town, day):
            yield _stamp(at), district, str(count), "true"


def _cards(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    if (at := health_office.exported(day)) <= now:
        yield _stamp(at), *map(str, service_office.cards(town, day)), "true"


def _signatures(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    if (at := health_office.exported(day)) <= now:
        for agency, ready in service_office.signatures(town, day):
            yield _stamp(at), agency, "1", str(ready), "true"


def _standards(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    if (at := health_office.exported(day)) <= now:
        for agency, target, served in service_office.standards(town, day):
            yield _stamp(at), agency, str(target), str(served), "true"


def _satisfaction(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    if (at := health_office.exported(day)) <= now:
        for unit, means in service_office.satisfaction(town, day):
            yield _stamp(at), unit, *map(str, means), "true"


_SOURCES: dict[str, Callable[[Town, date, datetime], Iterable[tuple[str, ...]]]] = {
    "sipadek": _memos,
    "darurat_112": _calls,
    "rumah_sakit": _hospitals,
    "kepesertaan": _members,
    "dbd": _dengue,
    "ktp_el": _cards,
    "tte": _signatures,
    "spm": _standards,
    "ikm": _satisfaction,
}


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return buffer.getvalue()


def _replace(file: Path, text: str, now: datetime, *, touch: bool) -> None:
    """Put the new content in place at once. The file's own time says up to when it tells; `_is_whole` reads it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    same = file.exists() and file.read_text(encoding="utf-8") == text
    fresh = file if same else file.with_name(f".{file.name}.new")
    if not same:
        fresh.write_text(text, encoding="utf-8")
    # A reader waits until a file has rested, so today's is left alone while nothing happens.
    if touch or not same:
        os.utime(fresh, (now.timestamp(), now.timestamp()))
        fresh.replace(file)
