"""Connections that end in time, whatever the server does: time-outs of sockets begin anew with every byte.

The status line and the headers must all have come within the read time-out. A :class:`Watch` ends a body that
drips. An answer that is thrown away (before a retry) is not read to its end, which it may not have.
"""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse


class Watch:
    """Calls ``end`` once ``seconds`` have passed, unless the block is left before; then ``late`` is true."""

    def __init__(self, seconds: float, end: Callable[[], Any]) -> None:
        self.late, self._end = False, end
        self._timer = threading.Timer(seconds, self._over)
        self._timer.daemon = True

    def _over(self) -> None:
        self.late = True
        # It may have ended or broken off just now.
        with contextlib.suppress(OSError, RuntimeError, ValueError):
            self._end()

    def __enter__(self) -> "Watch":
        self._timer.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._timer.cancel()


def hang_up(answer: Any) -> None:
    """Ends the reading of an answer from another thread: a close would wait for it."""
    answer.raw.shutdown()


class _Punctual(HTTPConnection):
    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        """The status and headers of the answer. Raises TimeoutError when they have not all come in time."""
        link, seconds = self.sock, self.timeout
        if not isinstance(seconds, int | float):
            return _undrained(super().getresponse())
        with Watch(seconds, lambda: link.shutdown(socket.SHUT_RDWR)) as watch:
            try:
                answer = super().getresponse()
            except Exception as error:
                if not watch.late:
                    raise
                raise TimeoutError("the headers did not come in time") from error
        if watch.late:  # what was cut off may look like headers that end
            answer.close()
            raise TimeoutError("the headers did not come in time")
        return _undrained(answer)


def _undrained(answer: HTTPResponse) -> HTTPResponse:
    def drop() -> None:
        answer.close()
        answer.release_conn()

    answer.drain_conn = drop  # type: ignore[method-assign]
    return answer


class _PunctualSecure(_Punctual, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Punctual


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _PunctualSecure


_POOLS = {"http": _Pool, "https": _SecurePool}


class Punctual(HTTPAdapter):
    """An adapter of requests whose connections end in time, also those through a proxy."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = _POOLS
        return manager
