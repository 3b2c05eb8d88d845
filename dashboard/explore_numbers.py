"""The five numbers of /explore, each with what it is compared to and how many cases it rests on. Pure."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from city.explored import Explored
from city.metrics import FEW
from city.model import Reading
from dashboard import definition
from dashboard.words import MINUS, Words


def draw(found: Explored, words: Words) -> Component:
    """The row of numbers."""
    t, numbers = words.t, found.numbers
    overdue = [t("tertua"), f" {words.duration_text(found.oldest_h)}"] if found.oldest_h is not None else []
    parts = [
        _one(_named(t("Kasus masuk"), numbers["opened"], found, words), [words.number(_count(numbers["opened"]))],
             _opened(found, words)),
        _ratio(t("Selesai tepat waktu"), "on_time_ratio", found, words),
        _ratio(t("Median penyelesaian"), "time_to_close", found, words),
        _one(_named(t("Lewat tenggat sekarang"), found.overdue, found, words), [words.number(_count(found.overdue))],
             overdue),
        _one(_named(t("Dibuka kembali"), numbers["reopened"], found, words),
             [words.number(_count(numbers["reopened"]))], _was("reopened", found, words)),
    ]  # fmt: skip
    return html.Div(parts, className="nums")


def _one(label: list[Any], value: list[Any], beside: list[Any]) -> Component:
    return html.Div([html.Span(label), html.B(value), html.Em(beside)])


def _named(label: str, of: Reading, found: Explored, words: Words) -> list[Any]:
    """The name of a number, and its definition over what is looked at."""
    return [label, " ", definition.button(of.metric, words, found.selection, label)]


def _ratio(label: str, measure: str, found: Explored, words: Words) -> Component:
    of = found.numbers[measure]
    return _one(_named(label, of, found, words), _value(of, words), _was(measure, found, words))


def _count(reading: Reading) -> int:
    return int(reading.value or 0)


def _opened(found: Explored, words: Words) -> list[str]:
    now, parts = _count(found.numbers["opened"]), []
    if then := found.others.get("opened"):
        change = now - _count(then)
        sign = "+" if change > 0 else MINUS if change < 0 else "±"
        change_text = f"{sign}{words.number(abs(change))}"
        parts.append(words.t("{change} dari {before}", change=change_text, before=words.number(_count(then))))
    if found.selection.where and (everything := found.count("all")):
        share = words.percent(now / everything, 0) if everything >= FEW else ""
        parts.append(words.t("{share} dari {all}", share=share, all=words.number(everything)).strip())
    return [", ".join(parts)]


def _few(reading: Reading) -> bool:
    return reading.value is None or reading.n < FEW


def _value(reading: Reading, words: Words) -> list[Any]:
    if reading.value is None:
        return ["–"]
    if reading.n < FEW:
        return [f"n={words.number(reading.n)}"]
    return words.value(reading.value, reading.unit)


def _was(measure: str, found: Explored, words: Words) -> list[str]:
    """What it was, and of how many cases it is now."""
    reading, then = found.numbers[measure], found.others.get(measure)
    parts = []
    if then is not None:
        text = words.number(_count(then)) if measure == "reopened" else words.text(then.value, then.unit)
        few = measure != "reopened" and _few(then)
        parts.append(words.t("dari {before}", before="–" if few else text))
    if measure != "reopened":
        few = reading.n < FEW and bool(reading.n)
        parts.append(words.t("terlalu sedikit") if few else words.t("{n} selesai", n=words.number(reading.n)))
    return [", ".join(parts)]
