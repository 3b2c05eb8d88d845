"""How often and how long we wait for a host: retries with back-off, Retry-After honoured, each try in its turn."""

from typing import Any

from urllib3.exceptions import InvalidHeader, MaxRetryError
from urllib3.util.retry import Retry

from collectors.pace import Pace

#: The longest Retry-After that is waited for; who asks for more is not asked again in this run.
MAX_RETRY_AFTER_S = 30


class Patience(Retry):
    """Retries that take their turn at the host like any other request, unless more patience is asked than we have."""

    pace: Pace

    def new(self, **changes: Any) -> "Patience":
        """As urllib3 makes the next of a series."""
        made = super().new(**changes)
        made.pace = self.pace
        return made

    def increment(self, *args: Any, **options: Any) -> "Patience":
        """After an answer that may be better the next time."""
        response = options.get("response")
        if response is not None and after_s(response.headers) > MAX_RETRY_AFTER_S:
            raise MaxRetryError(options["_pool"], str(args[1:2]), None)  # the answer is given as it is
        made = super().increment(*args, **options)
        if pool := options.get("_pool"):
            self.pace.wait(pool.host)
        return made

    def get_retry_after(self, response: Any) -> float | None:
        """The seconds that ``response`` asks us to wait."""
        return after_s(response.headers) or None


def after_s(headers: Any) -> float:
    """The seconds of a Retry-After header, in either of its forms; 0 without one that can be read."""
    try:
        return Retry().parse_retry_after(str(headers.get("Retry-After", "0")))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
