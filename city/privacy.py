"""What of a city is about people's health, and how small a count of it may be shown: ``health`` in the settings."""

from pydantic import BaseModel, ConfigDict, Field


class Privacy(BaseModel):
    """Cases of ``kinds``, and the counts of ``metrics``, are about patients.

    Such cases are never listed one by one. Counts of 1 to ``suppress_below`` - 1 are hidden (:mod:`city.small_cells`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kinds: tuple[str, ...] = ("claim",)
    metrics: tuple[str, ...] = ()
    suppress_below: int = Field(default=5, ge=2, le=100)

    def covers(self, name: str, kind: str | None, unit: str) -> bool:
        """Whether a small count of the metric ``name`` could be somebody: of such a kind of case, or of patients."""
        return name in self.metrics or kind in self.kinds or unit == "patients"
