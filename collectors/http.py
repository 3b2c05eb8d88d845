"""One HTTP session for every collector: time-outs, retries, size cap, and clear errors.

Retries answers 429, 502, 503, 504 and broken connections three times with back-off and jitter, and honours
Retry-After: one that is too long to wait for ends it. A session with a breaker leaves a failing host in peace.
Everything that goes wrong becomes a SourceError; bodies are never quoted.
"""

import logging
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from city.model import NotUnderstood, Refused, Unreachable
from collectors.breaker import Breaker
from collectors.deadline import Punctual, Watch, hang_up
from collectors.pace import SHARED, Pace
from collectors.patience import MAX_RETRY_AFTER_S, Patience, after_s

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 5.0, 20.0
#: For a whole body: a server that drips a byte a second never times out otherwise.
BODY_TIMEOUT_S = 120.0
MAX_BYTES = 64 * 1024 * 1024
#: What is kept of the body of an HTTP error.
_REFUSAL_BYTES = 65_536
#: mark -> the header that gives it, the header that asks with it
_MARKS = {"etag": ("ETag", "If-None-Match"), "modified": ("Last-Modified", "If-Modified-Since")}
USER_AGENT = "Kendali/0.1 (city operations centre)"


class Session(requests.Session):
    """A requests session with the house's limits; ``body`` and ``answer`` give bodies that were read whole."""

    def __init__(
        self,
        *,
        retries: int = 3,
        read_timeout_s: float = READ_TIMEOUT_S,
        body_timeout_s: float = BODY_TIMEOUT_S,
        max_bytes: int = MAX_BYTES,
        pace: Pace = SHARED,
        breaker: Breaker | None = None,
    ) -> None:
        super().__init__()
        # Its warnings about retries quote the whole address, and with it the key.
        logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
        policy = Patience(
            total=retries,
            backoff_factor=0.2,
            backoff_jitter=0.2,
            status_forcelist=(429, 502, 503, 504),
            respect_retry_after_header=True,
            raise_on_status=False,
        )
        self.pace = policy.pace = pace
        self.mount("http://", Punctual(max_retries=policy))
        self.mount("https://", Punctual(max_retries=policy))
        self.headers["User-Agent"] = USER_AGENT
        self.max_redirects = 5
        #: What ``collectors.auth`` keeps here: tokens, and the names of headers that hold secrets.
        self.tokens: dict[Any, tuple[str, float]] = {}
        self.secret_headers: set[str] = set()
        self.warnings: list[str] = []
        #: What ``fetch`` wants to find in ``since`` the next time, kept with the cursor of a good run.
        self.marks: dict[str, Any] = {}
        self._timeout, self._body_timeout_s = (CONNECT_TIMEOUT_S, read_timeout_s), body_timeout_s
        self._max_bytes, self._breaker = max_bytes, breaker

    def body(self, url: str, *, method: str = "GET", **options: Any) -> bytes:
        """The body ``url`` answers with. Raises Unreachable, Refused or NotUnderstood (empty, too large, cut off)."""
        return self.answer(url, method=method, **options)[0]

    def answer(self, url: str, *, method: str = "GET", **options: Any) -> tuple[bytes, CaseInsensitiveDict[str]]:
        """As :meth:`body`, with the headers of the answer."""
        with self._breaker.guarding(host_of(url)) if self._breaker else nullcontext():
            return self._exchange(url, method, options)

    def _exchange(self, url: str, method: str, options: dict[str, Any]) -> tuple[bytes, CaseInsensitiveDict[str]]:
        try:
            with self.request(method, url, timeout=self._timeout, stream=True, **options) as answer:
                if answer.status_code >= 400:
                    with Watch(self._body_timeout_s, lambda: hang_up(answer)):
                        raise _refused(answer, url)
                content = self._in_time(answer, url)
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            raise NotUnderstood("the answer broke off or is packed wrongly", where=place(url)) from error
        except requests.RequestException as error:
            raise Unreachable(_reason(error), where=place(url)) from error
        if answer.status_code == 304:
            raise _NotModified("answered that nothing has changed, unasked", where=place(url))
        if not content.strip():
            raise NotUnderstood("the answer is empty", where=place(url))
        return content, answer.headers

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        """As requests does, redirections too, each in its turn at the host."""
        self.pace.wait(urlsplit(str(request.url)).hostname or "")
        return super().send(request, **options)

    def changed(self, url: str, known: Mapping[str, Any], **options: Any) -> tuple[bytes, dict[str, str]] | None:
        """The body of ``url`` and its marks, or None when the server says that it is as it was with marks ``known``.

        Marks are ``etag`` and ``modified``; where a server gives none, the body comes always. Errors as :meth:`body`.
        """
        asked = {ask: known[mark] for mark, (_, ask) in _MARKS.items() if known.get(mark)}
        options["headers"] = {**options.get("headers", {}), **asked}
        try:
            content, headers = self.answer(url, **options)
        except _NotModified:
            if not asked:
                raise
            return None
        return content, {mark: headers[name] for mark, (name, _) in _MARKS.items() if name in headers}

    def warn(self, text: str) -> None:
        """Note something odd about the source that does not stop the run; it is kept with the run."""
        if text not in self.warnings:
            self.warnings.append(text)

    def rebuild_auth(self, prepared_request: requests.PreparedRequest, response: requests.Response) -> None:
        """Secrets do not follow a redirection to another host: requests itself knows of ``Authorization`` only."""
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]
        there = str(prepared_request.url)
        if self.should_strip_auth(str(response.request.url), there):  # type: ignore[no-untyped-call]
            for name in self.secret_headers:
                prepared_request.headers.pop(name, None)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where ``resp`` redirects to. Its body is dropped: requests would read it whole, however long it is."""
        there: str | None = super().get_redirect_target(resp)
        if there:
            resp._content = b""
            resp.close()
        return there

    def _in_time(self, answer: requests.Response, url: str) -> bytes:
        with Watch(self._body_timeout_s, lambda: hang_up(answer)) as watch:
            try:
                content = self._read(answer, url)
            except requests.RequestException:
                if not watch.late:
                    raise
        if watch.late:  # what was cut off may look whole
            raise Unreachable(f"the answer took longer than {self._body_timeout_s:g} s", where=place(url))
        return content

    def _read(self, answer: requests.Response, url: str) -> bytes:
        parts, size = [], 0
        declared = answer.headers.get("Content-Length", "")
        if not declared.isdecimal() or int(declared) <= self._max_bytes:
            # Unpacked by at most so much at a time (urllib3 from 2.6 on): a small body may unpack to a huge one.
            for part in answer.iter_content(65_536):
                size += len(part)
                if size > self._max_bytes:
                    break
                parts.append(part)
            else:
                return b"".join(parts)
        raise NotUnderstood(f"the answer is larger than {self._max_bytes} bytes", where=place(url))


class _NotModified(NotUnderstood):
    """304: right as the answer to a condition, and to nothing else."""


def _refused(answer: requests.Response, url: str) -> Refused:
    wait_s = after_s(answer.headers)
    told = f"; it may be asked again in {wait_s:.0f} s" if wait_s > MAX_RETRY_AFTER_S else ""
    what = f"answered HTTP {answer.status_code}{told}"
    refused = Refused(what, where=place(url), status=answer.status_code, after_s=wait_s)
    with suppress(requests.RequestException, HTTPError):  # the status says enough
        refused.content = next(answer.iter_content(_REFUSAL_BYTES), b"")
    return refused


def _reason(error: requests.RequestException) -> str:
    # After retries, and in the middle of a body, the time-out hides inside a ConnectionError.
    cause = error.args[0] if error.args else None
    inner = getattr(cause, "reason", cause)
    late = isinstance(error, requests.Timeout) or isinstance(inner, ReadTimeoutError | ConnectTimeoutError)
    if late and not isinstance(inner, NewConnectionError):  # urllib3 counts a refused connection as a time-out
        return "no answer in time"
    if isinstance(error, requests.TooManyRedirects):
        return "it redirects in a circle"
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection (TLS)"
    if isinstance(inner, NameResolutionError):
        return "no such host name"
    return "no connection" if isinstance(error, requests.ConnectionError) else type(error).__name__


def place(url: str) -> str:
    """The address without user, password and query: they hold secrets."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def host_of(url: str) -> str:
    """The host and port of an address, without user and password."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()


def json_of(content: bytes, where: str) -> Any:
    """``content`` as JSON; NotUnderstood says when it is HTML or broken."""
    if content.lstrip()[:1] == b"<":
        raise NotUnderstood("answered with HTML or XML instead of JSON", where=where)
    try:
        return msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise NotUnderstood("the JSON is broken or cut off", where=where) from error
