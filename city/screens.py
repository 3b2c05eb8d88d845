"""The walls of a room: how large each is, how far its farthest seat is, which scenes it shows and how bright.

The shape of ``screens`` in ``config.yaml``; what follows from it (unit, seams, legibility) is the dashboard's.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Pixels = Annotated[int, Field(ge=320, le=30_720)]
#: A local time of day, in quotes: unquoted, YAML reads 18:00 as a number.
TimeOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Night(BaseModel):
    """From when to when (local time) the wall is dimmed, and to what share of its brightness."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    begin: TimeOfDay = Field(alias="from")
    end: TimeOfDay = Field(alias="to")
    dim: float = Field(default=0.7, ge=0.2, le=1)


class Screen(BaseModel):
    """One wall.

    ``size`` is the whole of it in CSS pixels, ``diagonal_in`` the diagonal of one display in inches,
    ``distance_m`` the way to the farthest seat; ``columns`` and ``rows`` count the displays it is made of.
    ``scenes`` are names of pages, each shown for ``seconds``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: tuple[Pixels, Pixels]
    diagonal_in: float = Field(gt=5, le=400)
    distance_m: float = Field(gt=0.2, le=100)
    columns: int = Field(default=1, ge=1, le=12)
    rows: int = Field(default=1, ge=1, le=8)
    scenes: tuple[str, ...] = Field(min_length=1)
    seconds: float = Field(default=60, ge=5, le=86_400)
    theme: Literal["dark", "light"] = "dark"
    night: Night | None = None

    @model_validator(mode="after")
    def _whole_displays(self) -> "Screen":
        if self.size[0] % self.columns or self.size[1] % self.rows:
            raise ValueError(f"{self.columns}x{self.rows} displays do not divide {self.size[0]}x{self.size[1]} px")
        if len(set(self.scenes)) < len(self.scenes):
            raise ValueError("scenes: a scene stands here twice; it has its turn once a round")
        return self
