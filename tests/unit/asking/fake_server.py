"""A server that answers chat completions, or fails in the way a test scripts. For tests of faults only."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request, dict[str, Any], int], Awaitable[web.StreamResponse]]


def completion(text: str = "4", finish_reason: str = "stop") -> web.Response:
    """A well-formed chat completion."""
    choice = {"index": 0, "finish_reason": finish_reason, "message": {"role": "assistant", "content": text}}
    return web.json_response(
        {"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": len(text)}}
    )


def plain_completion(text: str = "4", finish_reason: str = "stop") -> web.Response:
    """A well-formed completion of a text."""
    choice = {"index": 0, "finish_reason": finish_reason, "text": text, "logprobs": None}
    return web.json_response(
        {"choices": [choice], "usage": {"prompt_tokens": 7, "completion_tokens": len(text)}}
    )


class FakeServer:
    """Counts requests and answers each with `answer(request, body, number)`; numbers start at 0.

    `models` are the names that it lists, None for a server that lists none.
    """

    def __init__(self, answer: Answer, models: list[str] | None = None) -> None:
        self._answer = answer
        self._models = models
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.base_url = ""

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        number = len(self.bodies)
        self.bodies.append(body)
        self.keys.append(request.headers.get("Authorization"))
        return await self._answer(request, body, number)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if self._models is None:
            return web.Response(status=404)
        return web.json_response({"object": "list", "data": [{"id": name} for name in self._models]})

    async def _serve(self, started: threading.Event, stop: asyncio.Event) -> None:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._handle)
        app.router.add_post("/v1/completions", self._handle)
        app.router.add_get("/v1/models", self._list)
        runner = web.AppRunner(app, shutdown_timeout=0, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{port}/v1"
        started.set()
        await stop.wait()
        await runner.cleanup()

    @contextmanager
    def running(self) -> Iterator[FakeServer]:
        """Serve in a thread of its own until the block ends."""
        loop, started, stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

        def main() -> None:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(self._serve(started, stop))
            loop.close()

        thread = threading.Thread(target=main, daemon=True)
        thread.start()
        assert started.wait(10)
        try:
            yield self
        finally:
            loop.call_soon_threadsafe(stop.set)
            thread.join(10)
