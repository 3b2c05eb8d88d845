"""A system that sends by itself: JSON lines to `POST /ingest/<source>`, signed, each delivery with a key of its own.

Reads   nothing: the intake (collectors/intake.py) hands over the lines of a delivery; docs/add-a-source.md has a
        curl that sends one.
Yields  cases, cases with stages (`shape: event_log`) or observations; `fields` are JMESPath within a line.
Limits  the events of a case must come in one delivery; a line that is no JSON object refuses the delivery.
"""

from typing import Any

from pydantic import Field, model_validator

from collectors import expressions
from collectors.gather import gather
from collectors.mapping import Mapping

#: Nobody asks such a source; its data are as old as its last delivery.
POLLED = False
INSTEAD = "it sends by itself, to POST /ingest/<source>; docs/add-a-source.md has a curl that sends a delivery"


class Args(Mapping):
    """The mapping of a line, and what a sender may do."""

    secret: str = Field(min_length=16, description="shared with the sender; from the environment, never in the file")
    max_bytes: int = Field(default=5_000_000, ge=1, le=64_000_000)
    per_minute: int = Field(default=60, ge=1)

    @model_validator(mode="after")
    def _readable(self) -> "Args":
        expressions.check_columns(self)
        return self


def parser(args: Args) -> Any:
    """The compiled mapping of a whole delivery."""
    return expressions.record_parser(args)


def parse(record: dict[str, Any], args: Args) -> Any:
    """One line as an item. Raises RowError ``field: what is wrong``."""
    return parser(args)(record)


#: The events of each case belong together; other shapes pass through.
fold = gather
