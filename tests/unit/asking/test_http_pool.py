"""The HTTP client for engines, against servers that answer in every way HTTP/1.1 allows, and in others."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from snakeval.asking import http_pool
from snakeval.asking.clients import LocalClient
from snakeval.asking.failures import RequestFailed
from snakeval.asking.http_pool import Answer, HttpPool, NotSent

PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Answers each request with the next reply; counts connections, keeps what was asked."""

    def __init__(self, replies: list[bytes | Reply]) -> None:
        self.replies = replies
        self.connections = 0
        self.asked: list[bytes] = []

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")]
                body = await reader.readexactly(int(length[0][16:])) if length else b""
                self.asked.append(head + body)
                reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
                if isinstance(reply, bytes):
                    writer.write(reply)
                    if b"close" in reply or (b"Length" not in reply and b"chunked" not in reply):
                        return
                else:
                    await reply(writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
        server = await asyncio.start_server(self.handle, "127.0.0.1", 0, ssl=tls)
        try:
            yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/x"
        finally:
            server.close()


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def late(seconds: float) -> Reply:
    """A reply that comes so late, and is another one than PLAIN."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(seconds)
        writer.write(PLAIN.replace(b"{}", b"[]"))

    return reply


def run(work: Coroutine[Any, Any, Any]) -> Any:
    return uvloop.run(asyncio.wait_for(work, 20))


async def ask(server: Server, times: int = 1, timeout: float = 5) -> list[Answer]:
    async with server.running() as url, HttpPool(timeout) as pool:
        return [await pool.post(url, "secret", b'{"a": 1}') for _ in range(times)]


def test_a_request_is_what_an_engine_expects_and_its_connection_is_used_again() -> None:
    server = Server([PLAIN])
    answers = run(ask(server, 3))
    assert answers == [Answer(200, {"content-length": "2"}, b"{}")] * 3
    assert server.connections == 1
    head, body = server.asked[0].split(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/x HTTP/1.1"
    assert lines[1].startswith("Host: 127.0.0.1:")
    assert {"Authorization: Bearer secret", "Content-Type: application/json"} <= set(lines)
    assert body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("reply", "connections"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", 2),
        (b"HTTP/1.0 200 OK\r\n\r\n{}", 2),
        (b"HTTP/1.1 102 Processing\r\n\r\n" + PLAIN, 1),
    ],
    ids=["chunked", "connection: close", "until the end", "1xx first"],
)
def test_an_answer_is_whole_however_its_end_is_told(reply: bytes, connections: int) -> None:
    server = Server([reply])
    assert [(answer.status, answer.body) for answer in run(ask(server, 2))] == [(200, b"{}")] * 2
    assert server.connections == connections


def test_an_answer_in_single_bytes_is_whole() -> None:
    async def slowly(writer: asyncio.StreamWriter) -> None:
        for i in range(len(PLAIN)):
            writer.write(PLAIN[i : i + 1])
            await writer.drain()
            await asyncio.sleep(0.001)

    assert run(ask(Server([slowly])))[0].body == b"{}"


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nConnection: close\r\n\r\n{}", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: close\r\n\r\n5\r\n{", "closed the connection"),
        (b"close", "is not HTTP"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "is not HTTP"),
    ],
    ids=["cut", "cut chunk", "nonsense", "another protocol"],
)
def test_an_answer_that_is_cut_or_none_is_a_broken_connection(reply: bytes, said: str) -> None:
    with pytest.raises(ConnectionError, match=said) as caught:
        run(ask(Server([reply])))
    assert not isinstance(caught.value, NotSent)


def test_a_status_and_its_headers_come_through() -> None:
    reply = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
    (answer,) = run(ask(Server([reply])))
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")


def test_a_server_that_has_moved_ends_the_job_and_says_where_it_is() -> None:
    reply = b"HTTP/1.1 308 Permanent Redirect\r\nLocation: https://other/v1\r\nContent-Length: 0\r\n\r\n"

    async def moved() -> None:
        async with Server([reply]).running() as url, LocalClient(5) as client:
            await client.complete(url, None, {"messages": []})

    with pytest.raises(RequestFailed, match="308: it is at https://other/v1 now; put") as caught:
        run(moved())
    assert caught.value.kind == "fatal"


def test_nobody_there_means_that_nothing_was_sent(free_port: int) -> None:
    async def refused() -> None:
        async with HttpPool(5) as pool:
            await pool.post(f"http://127.0.0.1:{free_port}/v1", None, b"{}")

    with pytest.raises(NotSent, match=f"127.0.0.1:{free_port}"):
        run(refused())


def test_an_address_that_is_none_is_named() -> None:
    async def wrong() -> None:
        async with HttpPool(5) as pool:
            await pool.post("localhost:8000/v1", None, b"{}")

    with pytest.raises(NotSent, match="localhost:8000/v1 is no http"):
        run(wrong())


def test_a_silent_server_times_out_and_its_connection_is_not_used_again() -> None:
    async def twice(server: Server) -> Answer:
        async with server.running() as url, HttpPool(0.3) as pool:
            with pytest.raises(TimeoutError):
                await pool.post(url, None, b"{}")
            return await pool.post(url, None, b"{}")

    server = Server([late(0.6), PLAIN])
    assert run(twice(server)).body == b"{}"
    assert server.connections == 2


def test_a_cancelled_request_takes_its_connection_with_it() -> None:
    async def cancelled(server: Server) -> Answer:
        async with server.running() as url, HttpPool(5) as pool:
            task = asyncio.create_task(pool.post(url, None, b"{}"))
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await pool.post(url, None, b"{}")

    server = Server([late(0.3), PLAIN])
    assert run(cancelled(server)).body == b"{}"
    assert server.connections == 2


def test_connections_idle_for_long_closed_or_talked_on_unasked_are_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answers_and_closes(writer: asyncio.StreamWriter) -> None:
        writer.write(PLAIN)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.close()

    async def answers_and_talks(writer: asyncio.StreamWriter) -> None:
        writer.write(PLAIN)
        await asyncio.sleep(0.05)
        writer.write(PLAIN)

    async def thrice(server: Server) -> None:
        async with server.running() as url, HttpPool(5) as pool:
            for _ in range(3):
                assert (await pool.post(url, None, b"{}")).body == b"{}"
                await asyncio.sleep(0.2)
            monkeypatch.setattr(http_pool, "IDLE_SECONDS", 0.1)
            await pool.post(url, None, b"{}")

    server = Server([answers_and_closes, answers_and_talks, PLAIN, PLAIN])
    run(thrice(server))
    assert server.connections == 4


def test_an_encrypted_server_is_asked_if_its_certificate_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = (
        f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout {key} -out {certificate} -subj /CN=x"
    )
    subprocess.run(
        [*command.split(), "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    async def encrypted() -> Answer:
        async with Server([PLAIN]).running(tls) as url, HttpPool(5) as pool:
            return await pool.post(url, None, b"{}")

    with pytest.raises(NotSent, match="certificate verify failed"):
        run(encrypted())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert run(encrypted()).body == b"{}"
