"""The agencies that export files: a day a file, written whole and then renamed into the drop folder.

sipadek/      memo_id, urgensi, opd, tahap, waktu, simulated       one row per step (event log)
darurat_112/  id, masuk, selesai, hasil, kecamatan, simulated      one row per call
rumah_sakit/  waktu, rumah_sakit, kapasitas, tersedia, tunggu_menit, simulated   every ten minutes
"""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path

from simulation.town import ZONE, Town

_HEADS = {
    "sipadek": ("memo_id", "urgensi", "opd", "tahap", "waktu", "simulated"),
    "darurat_112": ("id", "masuk", "selesai", "hasil", "kecamatan", "simulated"),
    "rumah_sakit": ("waktu", "rumah_sakit", "kapasitas", "tersedia", "tunggu_menit", "simulated"),
}
#: A memo is finished within this many days, so a file of one day needs the memos of so many before it.
_MEMO_DAYS = 12


def write(town: Town, folder: Path, now: datetime, days: int) -> None:
    """Write every missing day of history and the running day as it stands at ``now``."""
    today = now.astimezone(ZONE).date()
    for back in range(days, -1, -1):
        for name, rows in _SOURCES.items():
            day = today - timedelta(days=back)
            file = folder / name / f"{day.isoformat()}.csv"
            # Yesterday is written once more after midnight: its last minutes belong to it.
            if back <= 1 or not file.exists():
                _replace(file, _HEADS[name], rows(town, day, now))


def _memos(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    for back in range(_MEMO_DAYS, -1, -1):
        for key, urgency, office, steps in town.memos(day - timedelta(days=back)):
            for stage, at in steps:
                if at.date() == day and at <= now:
                    yield key, urgency, office, stage, _stamp(at), "true"


def _calls(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    for key, at, ended, outcome, district in town.calls(day):
        if at <= now:
            yield key, _stamp(at), _stamp(ended) if ended <= now else "", outcome, district, "true"


def _hospitals(town: Town, day: date, now: datetime) -> Iterable[tuple[str, ...]]:
    for at, name, beds, free, wait in town.hospitals(day):
        if at <= now:
            yield _stamp(at), name, str(beds), str(free), str(wait), "true"


_SOURCES: dict[str, Callable[[Town, date, datetime], Iterable[tuple[str, ...]]]] = {
    "sipadek": _memos,
    "darurat_112": _calls,
    "rumah_sakit": _hospitals,
}


def _stamp(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _replace(file: Path, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    text = buffer.getvalue()
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return
    fresh = file.with_name(f".{file.name}.new")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(file)
