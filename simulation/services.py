"""The other systems of the simulated city, each under a path of its own on the same server.

A service is a function of the town and a request; it knows nothing of sockets. Faults on demand
(``POST /_faults`` with its prefix) spoil its answers as they spoil those of the complaints desk.
"""

from collections.abc import Callable

from simulation import air, bmkg, bpjs, open_data, petabencana, river
from simulation.messages import Answer, Request
from simulation.town import Town

Service = Callable[[Town, Request], Answer]
#: prefix -> service
SERVICES: dict[str, Service] = {
    "/air/": air.answer,
    "/bmkg/": bmkg.answer,
    "/bpjs/": bpjs.answer,
    "/ckan/": open_data.answer,
    "/petabencana/": petabencana.answer,
    "/river/": river.answer,
}


def find(path: str) -> tuple[str, Service] | None:
    """The prefix and the service that answer ``path``."""
    return next(((prefix, service) for prefix, service in SERVICES.items() if path.startswith(prefix)), None)
