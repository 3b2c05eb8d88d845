"""The daily brief as plain text for messaging: at most 40 lines, without markup. Pure."""

from collections.abc import Iterator

from city.brief import Brief
from city.scorecard import Line, shown
from dashboard import brief_words as said
from dashboard.words import NONE, Words


def text(brief: Brief, words: Words) -> str:
    """The brief; every number with the age of its data in square brackets."""
    parts = (_head, _score, _yesterday, _late, _changed, _sources)
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part(brief, words)))) + "\n"


def _head(brief: Brief, words: Words) -> Iterator[str]:
    yield f"{words.t(said.TITLE)} {brief.region}".upper()
    yield f"{said.day(brief, words)}; {said.made(brief, words)}. {words.t('[..] = umur data')}"
    if brief.simulated:
        yield words.t("DATA SIMULASI, bukan keadaan sebenarnya")


def _score(brief: Brief, words: Words) -> Iterator[str]:
    card = brief.card
    if card is None:
        yield words.t("Skor kota: belum ada target")
        return
    score, change = said.score(card, words)
    told = f"{words.t('Skor kota')} {score}" + (f" ({change})" if change else "")
    yield f"{told}; {said.period(card, words)}"
    yield said.coverage(card, words)
    if card.counted:
        yield f"{words.t('Terburuk')}: {_ends(card.worst, brief, words)}"
    if card.best:
        yield f"{words.t('Terbaik')}: {_ends(card.best, brief, words)}"


def _ends(lines: list[Line], brief: Brief, words: Words) -> str:
    told = []
    for line in lines:
        assert line.achievement is not None
        reached = words.number(shown(line.achievement, 0), 0)
        told.append(f"{said.goal(line, words)} {reached} [{said.age(line.as_of, brief, words)}]")
    return ", ".join(told)


def _yesterday(brief: Brief, words: Words) -> Iterator[str]:
    if not brief.figures:
        return
    yield words.t("Kemarin, dibanding {weekday} biasanya", weekday=words.weekday(brief.day)).upper()
    for one in brief.figures:
        value = words.text(one.value, one.metric.unit) if one.value is not None else NONE
        yield f"- {said.title(one, words)}: {value}; {said.note(one, words)} [{said.age(one.as_of, brief, words)}]"


def _late(brief: Brief, words: Words) -> Iterator[str]:
    if not brief.late_as_of:
        return
    yield f"{words.t('Lewat tenggat per OPD').upper()} [{said.late_ages(brief, words)}]"
    for one in brief.late:
        name, count, parts = said.late(one, words)
        yield f"- {name} {count}: {parts}"
    if not brief.late and any(brief.late_as_of.values()):
        yield f"- {words.t('tidak ada yang lewat tenggat')}"
    if brief.silent:
        yield "- " + "; ".join(said.silent(*one, words) for one in brief.silent)


def _changed(brief: Brief, words: Words) -> Iterator[str]:
    if not brief.changed:
        return
    yield words.t("Paling berubah").upper()
    for one in brief.changed:
        name, points, values = said.changed(one, words)
        old = said.age(one.line.as_of, brief, words)
        yield f"- {name} {points}: {values} [{old}]. {said.reasons(one, words)}"


def _sources(brief: Brief, words: Words) -> Iterator[str]:
    yield f"{words.t('Sumber').upper()}: {said.alive(brief, words)}"
    if brief.away:
        yield "; ".join(said.away(*one, brief, words) for one in brief.away)
