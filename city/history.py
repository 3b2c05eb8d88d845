"""How long what the screens showed is kept: the shape of ``history`` in ``config.yaml``."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from city.times import duration

Duration = Annotated[timedelta, BeforeValidator(duration)]


class History(BaseModel):
    """How long the states of the screens are kept, for replay.

    Every state up to ``thin_stamps_after``; from then on those that only say "still the same" are thinned to one
    a panel and minute, from ``thin_after`` on all are; after ``keep`` none is left but the one still shown.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    keep: Duration = timedelta(days=30)
    thin_stamps_after: Duration = timedelta(days=1)
    thin_after: Duration = timedelta(days=2)

    @model_validator(mode="after")
    def _in_order(self) -> "History":
        if self.thin_after < self.thin_stamps_after:
            raise ValueError("thin_after is shorter than thin_stamps_after: what only moves an age is thinned first")
        if self.keep < self.thin_after:
            raise ValueError("keep is shorter than thin_after: what is forgotten cannot be thinned")
        if self.thin_stamps_after < timedelta(minutes=1):
            raise ValueError("thin_stamps_after is shorter than a minute, to which states are thinned")
        return self
