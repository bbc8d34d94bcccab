"""HTTP/1.1 to engines: connections that are kept, one request at a time on each.

An engine on this machine shares its processors with the client, so a request must cost little: this takes
about half of what aiohttp takes (`benchmarks/generate.py`). The parser is httptools, which uvicorn and so
vLLM's own server use. Hosted APIs go through the openai package instead (`asking.hosted`): here is no
proxy, no redirect, no compression.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlsplit

import httptools

from snakeval.asking.failures import MOST_BYTES

# The engine closes idle connections after 5 s; ours go first, so that none is used again half dead.
IDLE_SECONDS = 3.0
CONNECT_SECONDS = 30.0


class NotSent(ConnectionError):
    """No connection, so the server has seen nothing of the request."""


class TooLong(OSError):
    """The answer has more than MOST_BYTES."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class _Address:
    host: str
    port: int
    secure: bool
    target: str
    named: str


@lru_cache(maxsize=1024)
def _address(url: str) -> _Address:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NotSent(f"{url} is no http:// or https:// address")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or (443 if secure else 80)
    return _Address(parts.hostname, port, secure, target, parts.netloc.rpartition("@")[2])


class _Connection(asyncio.Protocol):
    """One connection; `ask` may be called again once its answer is there and `open` still holds."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self.open = True
        self._left = MOST_BYTES
        self._transport: asyncio.Transport
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._until_end = False

    def ask(self, data: bytes) -> asyncio.Future[Answer]:
        """Send a request; its answer comes in the future, or a ConnectionError."""
        self._waiting = asyncio.get_running_loop().create_future()
        self._left = MOST_BYTES
        self._transport.write(data)
        return self._waiting

    def close(self) -> None:
        """End it at once, whatever is under way."""
        self.open = False
        self._transport.abort()

    # What asyncio calls:

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Parse what came; without a request under way nothing should."""
        if self._waiting is None:
            self.close()
            return
        self._left -= len(data)
        if self._left < 0:
            self._fail(TooLong(f"the answer is longer than {MOST_BYTES} bytes"))
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"the answer is not HTTP: {error}"))

    def connection_lost(self, error: Exception | None) -> None:
        """An answer of unknown length ends so; every other is cut."""
        self.open = False
        if self._until_end and not error:
            self._finish()
        else:
            self._fail(ConnectionError(f"the server closed the connection{f': {error}' if error else ''}"))

    # What the parser calls:

    def on_message_begin(self) -> None:
        """Forget the answer before."""
        self._headers, self._body, self._until_end = {}, [], False

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Without a length the answer ends with the connection."""
        self._until_end = self._headers.keys().isdisjoint(("content-length", "transfer-encoding"))

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body."""
        self._body.append(data)

    def on_message_complete(self) -> None:
        """Hand over the answer; 1xx only says that one is to come."""
        if self._parser.get_status_code() >= 200:
            self.open = self.open and self._parser.should_keep_alive()
            self._finish()

    def _finish(self) -> None:
        answer = Answer(self._parser.get_status_code(), self._headers, b"".join(self._body))
        waiting, self._waiting = self._waiting, None
        if waiting and not waiting.done():
            waiting.set_result(answer)

    def _fail(self, cause: OSError) -> None:
        waiting, self._waiting = self._waiting, None
        self.close()
        if waiting and not waiting.done():
            waiting.set_exception(cause)


class HttpPool:
    """Connections to any number of servers; use it as an asynchronous context manager."""

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._idle: dict[tuple[str, int, bool], list[_Connection]] = defaultdict(list)
        self._tls: ssl.SSLContext | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in [one for several in self._idle.values() for one in several]:
            connection.close()
        self._idle.clear()
        await asyncio.sleep(0)  # the transports close themselves on the loop's next turn

    async def get(self, url: str, api_key: str | None = None) -> Answer:
        """The answer to a plain GET; raises as `post` does."""
        address = _address(url)
        head = f"GET {address.target} HTTP/1.1\r\nHost: {address.named}\r\n{_bearer(api_key)}\r\n"
        return await self._ask(address, head.encode())

    async def post(self, url: str, api_key: str | None, body: bytes) -> Answer:
        """The answer to a JSON body, within the pool's time-out.

        Raises NotSent without a connection, TooLong, another OSError where it broke, TimeoutError.
        """
        address = _address(url)
        head = (
            f"POST {address.target} HTTP/1.1\r\nHost: {address.named}\r\n{_bearer(api_key)}"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return await self._ask(address, head.encode() + body)

    async def _ask(self, address: _Address, data: bytes) -> Answer:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._timeout
        idle = self._idle[address.host, address.port, address.secure]
        connection = _usable(idle) or await self._connect(address)
        waiting = connection.ask(data)
        timer = loop.call_at(deadline, _time_out, waiting)
        try:
            answer = await waiting
        except BaseException:
            connection.close()
            raise
        finally:
            timer.cancel()
        if connection.open:
            connection.idle_since = time.monotonic()
            idle.append(connection)
        else:
            connection.close()
        return answer

    async def _connect(self, address: _Address) -> _Connection:
        if address.secure and self._tls is None:
            self._tls = ssl.create_default_context()
        tls = self._tls if address.secure else None
        loop = asyncio.get_running_loop()
        seconds = min(CONNECT_SECONDS, self._timeout)
        try:
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(_Connection, address.host, address.port, ssl=tls)
        except TimeoutError:
            raise NotSent(f"no connection to {address.named} within {seconds:g} s") from None
        except OSError as error:
            raise NotSent(f"no connection to {address.named}: {error}") from None
        return connection


def _bearer(api_key: str | None) -> str:
    return f"Authorization: Bearer {api_key}\r\n" if api_key else ""


def _usable(idle: list[_Connection]) -> _Connection | None:
    """The connection that was used last, if it is still good; those idle for too long are closed."""
    while idle:
        connection = idle.pop()
        if connection.open and time.monotonic() - connection.idle_since < IDLE_SECONDS:
            return connection
        connection.close()
    return None


def _time_out(waiting: asyncio.Future[Answer]) -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())
