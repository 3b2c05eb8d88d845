"""When a case is due under the promises of its region; one for every run of a source."""

from datetime import date, datetime

from city.calendar import due_at, promise_for, years
from city.config import Config
from city.model import Case
from city.working import paused


class Promises:
    """The promises, the office hours and the holidays of a region, looked up once a year of them."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._closed: dict[range, frozenset[date]] = {}

    def due_at(self, case: Case, category: str | None) -> datetime | None:
        """When ``case``, of this category of the region, is due; None without a promise, or while its clock stands.

        What stopped the clock is told by the history that comes with the case.
        """
        config = self._config
        promise = promise_for(config.sla, case.kind, category, case.priority)
        if promise is None:
            return None
        spans, standing = paused(case.events, config.calendar.pauses.get(case.kind, ()), case.closed_at)
        if standing is not None:
            return None
        closed = self._closed_days(years(case.opened_at, promise))
        return due_at(case.opened_at, promise, config.region.zone, closed, week=config.calendar.week, paused=spans)

    def _closed_days(self, of: range) -> frozenset[date]:
        if of not in self._closed:
            self._closed[of] = self._config.calendar.closed_days(self._config.region.country, of) if of else frozenset()
        return self._closed[of]
