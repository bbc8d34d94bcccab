"""An `sglang serve` for tests: SGLang's HTTP dialect (0.5.23) and its options, with no model behind.

Run as `python fake_sglang.py FOLDER serve --model-path MODEL ...`. Each start and each request becomes a
line of FOLDER/starts.jsonl and FOLDER/requests.jsonl. It is not ready when it is first asked, aborts the
first request with half a text, and answers the second with an error of its scheduler.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web


def note(file: Path, **values: object) -> None:
    """Append a line in one write."""
    with file.open("ab", buffering=0) as lines:
        lines.write(json.dumps(values).encode() + b"\n")


def error(status: int, message: str, kind: str) -> web.Response:
    """SGLang's body of an error."""
    body = {"object": "error", "message": message, "type": kind, "param": None, "code": status}
    return web.json_response(body, status=status)


class Server:
    """The routes that are asked, each as SGLang's entrypoints/http_server.py has it."""

    def __init__(self, folder: Path, name: str, context: int, key: str) -> None:
        self._folder, self._name, self._context, self._key = folder, name, context, key
        self._health = self._asked = 0

    @web.middleware
    async def guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Health and metrics are for all, the rest for those who have the key."""
        free = request.path.startswith(("/health", "/ready", "/metrics"))
        if not free and request.headers.get("Authorization") != f"Bearer {self._key}":
            return web.json_response({"error": "Unauthorized"}, status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def health(self, request: web.Request) -> web.Response:
        self._health += 1
        return web.Response(status=503 if self._health == 1 else 200)

    async def models(self, request: web.Request) -> web.Response:
        card = {"id": self._name, "object": "model", "owned_by": "sglang", "root": self._name}
        return web.json_response({"object": "list", "data": [{**card, "max_model_len": self._context}]})

    async def info(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"version": "0.5.23", "served_model_name": self._name, "internal_states": []}
        )

    async def metrics(self, request: web.Request) -> web.Response:
        note(self._folder / "requests.jsonl", path=request.path)
        labels = f'engine_type="unified",model_name="{self._name}",pp_rank="0",priority="",tp_rank="0"'
        names = {"num_running_reqs": 3, "num_queue_reqs": 0}
        lines = [f"sglang:{name}{{{labels}}} {value}.0" for name, value in names.items()]
        return web.Response(text="\n".join(["# TYPE sglang:num_running_reqs gauge", *lines, ""]))

    async def chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        note(self._folder / "requests.jsonl", path=request.path, body=body)
        self._asked += 1
        if self._asked == 2:
            return error(503, "The request queue is full.", "ServiceUnavailableError")
        text, reason = (r"It is \boxed{3", "abort") if self._asked == 1 else (r"It is \boxed{34}", "stop")
        await asyncio.sleep(0.2)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text, "reasoning_content": None, "tool_calls": None},
            "logprobs": None,
            "finish_reason": reason,
            "matched_stop": 1 if reason == "stop" else None,
        }
        usage = {
            "prompt_tokens": 7,
            "total_tokens": 12,
            "completion_tokens": 5,
            "prompt_tokens_details": None,
        }
        found = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"]}
        metadata = {"weight_version": "default"}
        return web.json_response({**found, "choices": [choice], "usage": usage, "metadata": metadata})


def serve(host: str, port: int, server: Server) -> None:
    """Answer until killed."""
    app = web.Application(middlewares=[server.guard])
    app.router.add_get("/health_generate", server.health)
    app.router.add_get("/get_server_info", server.info)
    app.router.add_get("/metrics", server.metrics)
    app.router.add_get("/v1/models", server.models)
    app.router.add_post("/v1/chat/completions", server.chat)
    web.run_app(app, host=host, port=port, shutdown_timeout=0, print=None, handle_signals=False)


def main() -> None:
    folder, command, *options = sys.argv[1:]
    assert command == "serve", command
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--model-path", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=30000)
    parser.add_argument("--served-model-name", required=True)
    parser.add_argument("--context-length", type=int)
    parser.add_argument("--config", type=Path, required=True)
    known, _ = parser.parse_known_args(options)
    key = yaml.safe_load(known.config.read_text())["api-key"]
    command_line = Path("/proc/self/cmdline").read_bytes().decode()
    seen = key in command_line or any(key in value for value in os.environ.values())
    mode = known.config.stat().st_mode & 0o777
    note(Path(folder, "starts.jsonl"), options=options, key_seen=seen, mode=mode)
    print(f"server_args={{'api_key': '{key}'}}", flush=True)  # SGLang logs it
    server = Server(Path(folder), known.served_model_name, known.context_length, key)
    serve(known.host, known.port, server)


if __name__ == "__main__":
    main()
