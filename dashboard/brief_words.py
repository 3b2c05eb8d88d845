"""How the daily brief says its numbers, whatever the form: values, the usual, reasons, ages. Pure."""

from datetime import datetime

from city.brief import Brief, Changed, Figure, Late
from city.change import Part
from city.config import Config
from city.metrics import KINDS
from city.model import State
from city.scorecard import Card, Line, shown
from city.silence import Silent
from city.sources import SourceState
from city.texts import N_
from dashboard import kpi_words
from dashboard.words import NONE, Words

TITLE = N_("Ringkasan harian")
STATE = {
    State.STALE: N_("basi"),
    State.EXPIRED: N_("tidak terlihat"),
    State.MISSING: N_("belum pernah ada data"),
    State.FAILED: N_("gagal"),
}


def speaking(config: Config, language: str) -> Words:
    """The words of a region in one of its languages."""
    region = config.region.model_copy(update={"language": language})
    return Words(config.model_copy(update={"region": region}))


def day(brief: Brief, words: Words) -> str:
    """``Senin, 23 Nov 2026``: the day that it is about."""
    at = datetime.combine(brief.day, datetime.min.time(), words.zone)
    return f"{words.weekday(brief.day)}, {words.date(at).partition(', ')[2]}"


def made(brief: Brief, words: Words) -> str:
    """``dibuat Sel, 24 Nov 2026, 07.00 WIB``."""
    at = f"{words.date(brief.at)}, {words.time(brief.at)} {words.zone_name(brief.at)}"
    return words.t("dibuat {at}", at=at)


def age(as_of: datetime | None, brief: Brief, words: Words) -> str:
    """``5 mnt``; an en dash of what was never collected."""
    return NONE if as_of is None else kpi_words.age((brief.at - as_of).total_seconds(), words)


def title(figure: Figure, words: Words) -> str:
    """What a number is called."""
    return words.t(words.metric(figure.metric))


def goal(line: Line, words: Words) -> str:
    """What a line of the scorecard is called."""
    return words.t(kpi_words.title(line, words))


def note(figure: Figure, words: Words) -> str:
    """Beside a number: ``biasanya 96–131``, where it lies to that, or why it does not hold."""
    if figure.why:
        said = words.t(kpi_words.BECAUSE[figure.why])
        named = f" ({', '.join(figure.sources)})" if figure.sources else ""
        return said + named
    if figure.band is None:
        return words.t("belum ada kebiasaan untuk dibandingkan")
    span = words.span(figure.band, figure.metric.unit)
    return {
        -1: words.t("di bawah biasanya {span}", span=span),
        0: words.t("biasanya {span}", span=span),
        1: words.t("di atas biasanya {span}", span=span),
    }[side(figure, words)]


def usual(figure: Figure, words: Words) -> str:
    """The same in a column of its own: ``96–131``, ``di atas 96–131``."""
    if figure.why or figure.band is None:
        return note(figure, words)
    span = words.span(figure.band, figure.metric.unit)
    return {-1: words.t("di bawah {span}", span=span), 0: span, 1: words.t("di atas {span}", span=span)}[
        side(figure, words)
    ]


def side(figure: Figure, words: Words) -> int:
    """-1 below, 0 within, 1 above the usual, as it is written: what rounds to an end of it lies within."""
    if figure.band is None or figure.value is None or figure.why:
        return 0
    (low, high), value = figure.band, figure.value
    ends = (min(low, value), max(high, value))
    if words.span(ends, figure.metric.unit) == words.span(figure.band, figure.metric.unit):
        return 0
    return (value > high) - (value < low)


def score(card: Card, words: Words) -> tuple[str, str]:
    """The score, and what it changed by since the period before; an en dash where nothing counts."""
    if card.score is None:
        return NONE, words.t("tidak ada metrik yang dapat dihitung")
    if card.change is None:
        return words.number(shown(card.score), 1), ""
    before = kpi_words.low(card.lines[0].periods[-2], words)
    told = words.t("{points} dari {period}", points=kpi_words.points(float(card.change), words), period=before)
    if not card.like_for_like:
        told += f", {words.t('metrik yang dihitung berbeda')}"
    return words.number(shown(card.score), 1), told


def period(card: Card, words: Words) -> str:
    """``Minggu ke-47, 16–22 Nov 2026``."""
    return ", ".join(filter(None, [kpi_words.name(card.period, words), kpi_words.days(card.period, words)]))


def coverage(card: Card, words: Words) -> str:
    """``13 dari 15 metrik, 90% bobot. Tidak dihitung: Sampah (basi)``."""
    parts = {"n": len(card.counted), "all": len(card.lines), "share": words.percent(float(card.coverage), 0)}
    told = words.t("{n} dari {all} metrik, {share} bobot.", **parts)
    lacks = [f"{goal(line, words)} ({words.t(kpi_words.WHY[line.why]).lower()})"
             for line in card.uncounted if line.why]  # fmt: skip
    return f"{told} {words.t('Tidak dihitung')}: {', '.join(lacks)}." if lacks else told


def late(one: Late, words: Words) -> tuple[str, str, str]:
    """An agency, its overdue cases in all, and of which kinds."""
    parts = [f"{kind(name, words).lower()} {words.number(count)}" for name, count in one.overdue.items()]
    return words.name("agency", one.agency), words.number(sum(one.overdue.values())), ", ".join(parts)


def late_ages(brief: Brief, words: Words) -> str:
    """How old the data of each kind are; a kind that was never collected is named."""
    told = (
        f"{kind(name, words).lower()} {age(at, brief, words) if at else words.t('belum pernah ada data')}"
        for name, at in brief.late_as_of.items()
    )
    return ", ".join(told)


def kind(name: str, words: Words) -> str:
    """What a kind of case is called."""
    return words.t(KINDS.get(name, name.replace("_", " ").capitalize()))


def silent(name: str, found: tuple[Silent, ...], words: Words) -> str:
    """``Tanpa kegiatan, nota dinas: DLH 5 hari kerja``; the longest five."""
    said = [f"{words.name('agency', one.agency)} {words.many('{n} hari kerja', one.days)}" for one in found[:5]]
    more = [words.t("dan {n} lainnya", n=len(found) - 5)] if len(found) > 5 else []
    return f"{words.t('Tanpa kegiatan')}, {kind(name, words).lower()}: {', '.join([*said, *more])}"


def changed(one: Changed, words: Words) -> tuple[str, str, str]:
    """A line that moved the score: its name, by how many points, and from what to what."""
    unit = one.line.metric.unit
    was, came = (words.text(value.actual, unit) for value in (one.line.before, one.line.value))
    points = words.t("{points} poin skor", points=kpi_words.points(float(one.points), words))
    return goal(one.line, words), points, words.t("{was} menjadi {now}", was=was, now=came)


def reasons(one: Changed, words: Words) -> str:
    """What had most to do with it; in words where nothing has."""
    if not one.by or not one.parts:
        return words.t("Tidak ada OPD, kategori, atau kecamatan yang menonjol.")
    by = one.by
    parts = ", ".join(f"{words.name(by, part.group[0])} {_part(part, one, words)}" for part in one.parts)
    if one.beyond is not None:
        share = words.t("bagian yang lebih lama dari {time}", time=words.duration_text(one.beyond))
        return words.t("Terutama {parts} ({share}).", parts=parts, share=share)
    return words.t("Terutama {parts}.", parts=parts)


def _part(part: Part, one: Changed, words: Words) -> str:
    if one.share:
        return words.difference(part.change)
    return kpi_words.change(part.change, one.line.metric, words)


def away(source: SourceState, found: State, brief: Brief, words: Words) -> str:
    """``Aplicares: basi, terakhir 06.12 (48 mnt lalu)``."""
    last = source.last_ok_at
    said = f"{source.title}: {words.t(STATE[found])}"
    if last is None:
        return said
    return f"{said}, {words.t('terakhir')} {words.moment(last, brief.at)} ({age(last, brief, words)})"


def alive(brief: Brief, words: Words) -> str:
    """How many sources are read in time; of the past nobody knows."""
    if brief.away is None:
        return words.t("keadaan sumber pada waktu yang lalu tidak diketahui")
    return words.t("{n} dari {all} sumber terkini", n=brief.alive, all=brief.alive + len(brief.away))
