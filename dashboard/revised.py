"""Which panels of a past moment would say something else with what is known now.

The rule, and what it can and cannot see, is in docs/replay.md. A panel is computed again, from the facts as
they are known now, for the moments at which what was shown may have been computed: when it was published, a
tick of the publisher before (or when it was first on the screens since), and the moment its data describe
(``as_of``). It counts as revised when what is written on it then differs from what was shown, each time: a number
that only moved on with the clock, or a case that only arrived with the source's next reading, agrees with one.
Only what can be read of the figures is compared: not places and lengths in charts, axes, what the layout itself
says, nor what stands beside a figure: the band of the usual, which is a reference that is made once an hour, and how
its limit stood, which is kept as it was seen.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from city.config import Config
from city.health import SourceHealth
from city.queries import Queries, SourceState
from dashboard import panels
from dashboard.states import encode
from dashboard.words import Words

#: A publisher asks its first question this long before the state is stored, at most; usually much less.
BEFORE = timedelta(milliseconds=20)
#: A publisher computes every panel anew this often (see dashboard/publish.py); in between it moves only the age.
TICK = timedelta(seconds=15)

_OF = "from panel_states where region = :region and page = :page and panel = :panel"
#: A tick before the state was published, if that body was shown then already; else since when it was.
_COMPUTED = f"""
select case when (select hash {_OF} and published_at <= :from order by published_at desc, seq desc limit 1) = :hash
    then :from else (select min(published_at) {_OF} and hash = :hash and published_at > :from and published_at <= :to)
    end
"""
#: Classes of what surrounds a figure: axes and their labels, legends, and the marks of limits.
_AROUND = frozenset({"xt", "yt", "mleg", "kyw", "mk"})

log = logging.getLogger("kendali.revised")


class _Figures(Queries):
    """Queries of the past: no expected band (eight weeks of answers for a line that is not compared).

    How the sources are doing is known of the present only: a panel that shows it cannot be computed for the past.
    So is how limits stand, but that only marks figures: they are compared without it.
    """

    def standing(self, read: Callable[..., Any]) -> Any:
        """Nothing stands."""
        return {}

    def source_states(self) -> list[SourceState]:
        """Raises LookupError."""
        raise LookupError("known of the present only")

    def source_health(self) -> list[SourceHealth]:
        """Raises LookupError."""
        raise LookupError("known of the present only")

    def usual(self, name: str, **how: Any) -> None:  # type: ignore[override]
        """None: what is usual is not looked for."""


class Revisions:
    """Computes panels for the past. ``found`` blocks; call it in a thread."""

    def __init__(self, engine: Engine, config: Config) -> None:
        self._engine, self._config, self._words = engine, config, Words(config)

    def found(self, page: Any, shown: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
        """The revised ones of ``shown`` (states with bodies): panel -> what differs, ``then → now`` each."""
        asked: dict[datetime, Queries] = {}

        def at(moment: datetime) -> Queries:
            return asked.setdefault(moment, _Figures(self._engine, self._config, lambda: moment))

        # What is watched is kept as it was seen, with delays and silences: later facts do not revise it.
        figures = {name for name, panel in page.panels.items() if not panels.watches(panel.module)}
        known = {name: state for name, state in shown.items() if name in figures and not state["missing"]}
        told = {name: self._differs(page.panels[name], state, at) for name, state in known.items()}
        return {name: words for name, words in told.items() if words}

    def _differs(self, panel: Any, state: Mapping[str, Any], at: Callable[[datetime], Queries]) -> list[str]:
        then, told = self._figures(panel, state["body"]), list[str]()
        for moment in self._moments(state):
            figures = self._again(panel, at(moment))
            if figures is None or figures == then:
                return []
            told = told or changes(then, figures)
        return told

    def _moments(self, state: Mapping[str, Any]) -> Iterator[datetime]:
        """When what a state shows may have been computed, the likeliest first."""
        published = datetime.fromisoformat(state["published_at"])
        yield published - BEFORE
        yield datetime.fromisoformat(state["as_of"])
        place = {"region": self._config.region.code, "page": state["page"], "panel": state["panel"]}
        place |= {"hash": bytes.fromhex(state["hash"]), "from": published - TICK, "to": published}
        with self._engine.connect() as connection:
            computed: datetime = connection.execute(sa.text(_COMPUTED), place).scalar_one()
        yield computed - BEFORE

    def _again(self, panel: Any, queries: Queries) -> list[str] | None:
        try:
            reading = panel.module.load(panel.args, queries)
            body = None if reading is None else panel.module.draw(panel.args, reading, self._words)
        except Exception as error:  # a panel that cannot be computed says nothing about the past
            log.info("panel %s cannot be computed for the past: %s", panel.name, type(error).__name__)
            return None
        return self._figures(panel, orjson.loads(encode(body)))

    def _figures(self, panel: Any, body: Any) -> list[str]:
        beside = (self._words.t("biasanya"), self._words.t("lewat batas"))
        said = set(_strings(panel.args.model_dump()))
        return [text for text in texts(body) if text and text not in said and not text.startswith(beside)]


def texts(body: Any) -> Iterator[str]:
    """What can be read of the figures in a body (components as JSON), in order."""
    if isinstance(body, list):
        for part in body:
            yield from texts(part)
    elif isinstance(body, Mapping):
        props = body.get("props", {})
        classes = set((props.get("className") or "").split())
        if not (classes & _AROUND or "lb" in classes and "last" not in classes):
            yield from texts(props.get("children"))
    elif body is not None:
        yield str(body)


def _strings(said: Any) -> Iterator[str]:
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping | list | tuple):
        for part in said.values() if isinstance(said, Mapping) else said:
            yield from _strings(part)


def changes(then: list[str], now: list[str]) -> list[str]:
    """The first differing words, ``17 → 18``; an ellipsis where the two are not built alike."""
    if len(then) != len(now):
        return ["…"]
    return [f"{old} → {new}" for old, new in zip(then, now, strict=True) if old != new][:3]
