"""The stage of the city, as a person declared it; and the rules, where they propose another one.

Asks    the log of the stages and what is watched for the rules.
Shows   since when, the number, one bar a stage, the word; what the rules propose or cannot see.
Limits  a stage that nobody declared is a dash: the rules only propose.
"""

from typing import Any

from dash import html
from dash.development.base_component import Component

from city import criteria, judging, stage_log, watch
from city.config import Args as BaseArgs
from city.config import Config
from city.limits import Stage
from city.model import Reading
from city.queries import Queries
from city.stage_log import Standing
from dashboard import marks
from dashboard.words import NONE, Words


class Args(BaseArgs):
    """It has no settings of its own: the stages are the region's."""


def metrics(args: Args) -> tuple[str, ...]:
    """None that a layout names."""
    return ()


def watched(config: Config) -> tuple[str, ...]:
    """The metrics of the rules."""
    return criteria.asked(config)


def load(args: Args, queries: Queries) -> Reading:
    """What stands, the stages there are and which rules cannot be told."""
    names, kept, now = criteria.asked(queries.config), queries.standing(watch.standing), queries.clock()
    states = {name: kept[name] for name in names if name in kept}
    stands = queries.standing(stage_log.standing)
    told = judging.told(queries.config, queries.metrics, kept)
    proposal = criteria.propose(criteria.rules(queries.config), told, stands.proposed)
    return Reading(
        metric="stage",
        unit="",
        rows=[{"value": stands.stage, "n": len(states)}],
        n=len(states),
        as_of=min((state.looked_at for state in states.values()), default=now),
        simulated=any(state.simulated for state in states.values()),
        extra={
            "stands": stands,
            "stages": queries.config.stages,
            "unseen": proposal.unseen if proposal else (),
            "now": now,
        },
    )


def draw(args: Args, reading: Reading, words: Words) -> list[Component]:
    """Since when, number, bars, word, as in the header of a wall."""
    stands, stages, said = reading.extra["stands"], reading.extra["stages"], reading.extra
    stage: int | None = stands.stage
    # A stage that the settings no longer know is said by its number.
    known: Stage | None = stages[stage - 1] if stage and stage <= len(stages) else None
    colour = known.mark if known and known.mark else ""
    since = f"{words.t('sejak')} {words.moment(stands.since, said['now'])}" if stage else words.t("belum ditetapkan")
    shape = (
        [html.Span(marks.mark(int(colour[1]), words, solid=True, small=True), **{"aria-hidden": "true"})]
        if colour
        else []
    )
    return [
        html.Div([html.B(words.t("Siaga kota")), html.Span(since)], className="two"),
        html.Span(str(stage or NONE), className=f"num n {'abn ' + colour if colour else ''}".strip()),
        _bars(stage, len(stages), colour, words),
        *shape,
        html.Div([html.B(known.word if known else NONE), _second(said, stands, len(stages), words)], className="two"),
    ]


def _bars(stage: int | None, count: int, colour: str, words: Words) -> Component:
    bars = [html.I(className="on" if stage and number <= stage else "") for number in range(1, count + 1)]
    label = f"{words.t('Tingkat')} {stage or NONE} {words.t('dari')} {count}"
    return html.Span(bars, className=f"pips {colour}".strip(), role="img", **{"aria-label": label})


def _second(said: Any, stands: Standing, count: int, words: Words) -> Component:
    """The rules before the plain count: they ask a person to look."""
    if stands.proposed and stands.proposed != stands.stage:
        return html.Span(f"{words.t('usulan aturan')} {stands.proposed}", className="asks")
    if said["unseen"]:
        blind = ", ".join(map(str, said["unseen"]))
        return html.Span(f"{words.t('aturan')} {blind} {words.t('tidak terlihat')}", className="abn un")
    return html.Span(f"{words.t('dari')} {count} {words.many('tingkat', count)}")
