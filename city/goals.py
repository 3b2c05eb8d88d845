"""What the city has set itself to reach: the shape of ``scorecard`` in ``config.yaml``.

How a goal is scored is :mod:`city.scorecard`; that its metric exists is :mod:`city.goal_checks`.
"""

from datetime import date
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, model_validator

#: Calendar periods, the shortest first; ``year`` is the year to date.
PeriodKind = Literal["day", "week", "month", "quarter", "year"]


class Target(BaseModel):
    """What is to be reached, in the unit of the metric, in periods that end on ``from`` or later."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    since: date = Field(alias="from")
    value: float = Field(gt=0, allow_inf_nan=False)


class Goal(BaseModel):
    """One line of the scorecard: a metric, who answers for it, what it weighs and what it is to reach.

    ``field`` (*bidang*) is the heading it stands under; ``owner`` an agency, none = all of them. ``per``: the
    period that the target of a count is for, because a count grows with its period.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    metric: str
    where: dict[str, str | list[str]] = Field(default_factory=dict)
    title: str | None = None
    field: str = Field(min_length=1)
    owner: str | None = None
    weight: float = Field(default=1, gt=0, allow_inf_nan=False)
    per: PeriodKind | None = None
    targets: tuple[Target, ...]

    @model_validator(mode="after")
    def _in_order(self) -> "Goal":
        if not self.targets:
            raise ValueError("targets: write at least one, e.g. {from: 2026-01-01, value: 0.85}")
        days = [target.since for target in self.targets]
        if days != sorted(set(days)):
            raise ValueError("targets: each must be in force from a later day than the one before it")
        return self

    def target(self, last_day: date) -> float | None:
        """The target in force on ``last_day`` of a period; None before the first of them."""
        return next((one.value for one in reversed(self.targets) if one.since <= last_day), None)

    @property
    def name(self) -> str:
        """The goal in an address and in a follow-up: ``memos_overdue``, ``calls_opened?district=15.71.01``."""
        where = urlencode(sorted(self.where.items()), doseq=True, safe="")
        return f"{self.metric}?{where}" if where else self.metric

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it another goal: the metric and its filters."""
        return self.metric, repr(sorted(self.where.items()))


class Scorecard(BaseModel):
    """The goals of the city. ``cap``: what one can score at most; ``basis``: where the targets are laid down."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cap: float = Field(default=125, ge=100, allow_inf_nan=False)
    basis: str = ""
    goals: tuple[Goal, ...]

    @model_validator(mode="after")
    def _some_goals(self) -> "Scorecard":
        if not self.goals:
            raise ValueError("goals: write at least one, or leave the section out")
        return self
