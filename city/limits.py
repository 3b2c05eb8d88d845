"""When a number needs somebody: the limits of metrics, and the stages of the city.

The shape of ``limits`` and ``stages`` in ``config.yaml``; what follows from it is :mod:`city.watch` and
:mod:`city.criteria`.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from city.times import checked_window, duration


class Limit(BaseModel):
    """Values at which a metric warns (priority 3) and breaches (priority 2).

    ``clear``: how far it must come back before it counts as no longer passed; ``for``: how long it must be
    beyond a value, or back, before that counts; ``window``: what a flow is looked at over, today unless told.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    warn: float | None = Field(default=None, allow_inf_nan=False)
    breach: float | None = Field(default=None, allow_inf_nan=False)
    clear: float | None = Field(default=None, allow_inf_nan=False)
    delay: Annotated[timedelta, BeforeValidator(duration)] = Field(default=timedelta(), alias="for")
    window: Annotated[str, AfterValidator(checked_window)] | None = None


class Stage(BaseModel):
    """A stage of the city: its word, its colour and shape (a priority's mark), and the rule that proposes it.

    ``when``: see :mod:`city.criteria`; the first stage is proposed when no other is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    word: str = Field(min_length=1)
    mark: Literal["p1", "p2", "p3"] | None = None
    when: dict[str, Any] | None = None
