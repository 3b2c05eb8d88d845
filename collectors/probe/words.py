"""The words of a status column, for a value map to complete. Only a small vocabulary is shown, and no numbers in it."""

import re

from city.model import CLOSING, Status
from collectors.probe.columns import SMALL, Column

#: Beginnings of words, Indonesian and English; the first that fits.
_MEANINGS: tuple[tuple[Status, str], ...] = (
    (Status.REJECTED, r"tolak|ditolak|reject|batal|cancel|invalid|arsip|bukan|denied|void"),
    (Status.IN_PROGRESS, r"belum selesai|in.progress|(di)?proses|dikerjakan|pending|(di)?tindak|work|wip|started"),
    (Status.RECEIVED, r"belum|baru|menunggu|new|received|diterima|masuk|tertunda|terverifikasi|submitted|draft|antri"),
    (Status.DONE, r"selesai|closed?|done|resolved|complete|tuntas|finish|ditutup|tutup"),
    (Status.ROUTED, r"disposisi|terdisposisi|rout|assign|open|diteruskan|koordinasi|referred|transfer|acknowledged"),
)  # fmt: skip


def shown(column: Column) -> list[str] | None:
    """The words that may be shown; None when the column is no small vocabulary."""
    if column.personal or column.written or not column.few:
        return None
    again = column.filled > SMALL
    plain = (word for word in column.texts if len(word) <= 40 and not re.search(r"\d{4}|@", word))
    # What was written once or twice may be a remark about a person, unless it is a word of the trade.
    return [word for word in plain if (again and column.texts[word] >= 3) or _is_known(word)]


def _is_known(word: str) -> bool:
    return any(re.fullmatch(beginnings, word, re.IGNORECASE) for _, beginnings in _MEANINGS)


def meaning(word: str) -> tuple[Status, float]:
    """The status a word most likely means, and how sure that is; unknown words are taken for work in progress."""
    for status, beginnings in _MEANINGS:
        if re.match(beginnings, word.strip(), re.IGNORECASE):
            return status, 0.8
    return Status.IN_PROGRESS, 0.0


def closes(words: list[str]) -> bool:
    """Whether one of the words closes a case."""
    return any(meaning(word)[0] in CLOSING for word in words)
