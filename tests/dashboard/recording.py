"""What a screen was sent, written down, and what it showed at a moment because of that."""

import asyncio
import threading
from datetime import datetime
from typing import Any

from tests.dashboard import screens

States = list[dict[str, Any]]


class Recorder:
    """Writes down every state that a screen is sent."""

    def __init__(self, url: str, until: int) -> None:
        self.states: States = []
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen(url, until)))
        self._thread.start()

    async def _listen(self, url: str, until: int) -> None:
        def enough(heard: list[tuple[str, dict[str, Any]]]) -> bool:
            self.states = [state for event, state in heard if event == "panel"]
            return bool(self.states) and self.states[-1]["seq"] >= until

        await screens.events(url, "uji", enough)

    def stop(self) -> States:
        """What was heard, once there is enough of it."""
        self._thread.join(30)
        return self.states


def published(state: dict[str, Any]) -> datetime:
    """When the state was published."""
    return datetime.fromisoformat(state["published_at"])


def as_streamed(states: States, at: datetime) -> dict[str, dict[str, Any]]:
    """What a screen that heard ``states`` showed at ``at``; a state without a body shows the body of its hash."""
    bodies = {state["hash"]: state["body"] for state in states if "body" in state}
    return {
        state["panel"]: {"body": bodies[state["hash"]]} | state
        for state in sorted(states, key=lambda one: one["seq"])
        if published(state) <= at
    }
