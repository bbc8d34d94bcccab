"""A `vllm serve` for tests that are about everything but the model: starts at once, answers at once.

Run as `python fake_vllm.py FOLDER serve MODEL ...` with vLLM's options. Its answers depend on the request
alone. Each start and each request becomes a line of FOLDER/starts.jsonl and FOLDER/requests.jsonl, and
FOLDER/behaviour.json is read at each: {"seconds": an answer takes, "exit": the code to end with at a request,
"broken": the code to end with at once}.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import re
import socket
import sys
import time
from pathlib import Path
from typing import Any

from aiohttp import web

ANSWERS = 7


def behaviour(folder: Path) -> dict[str, Any]:
    """What the test wants now."""
    file = folder / "behaviour.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def note(file: Path, **values: object) -> None:
    """Append a line in one write, so that servers may share a file."""
    with file.open("ab", buffering=0) as lines:
        lines.write(json.dumps(values).encode() + b"\n")


def reply(name: str, body: dict[str, Any]) -> str:
    """A solver's, an answer judge's or a pair judge's answer, by the model's name."""
    asked = {key: value for key, value in body.items() if key not in ("model", "stream")}
    if body.get("temperature") == 0:  # greedy: the seed changes nothing
        asked.pop("seed", None)
    number = int(hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest(), 16)
    if "answer-judge" in name:
        return rf"\boxed{{{'Correct' if number % 2 else 'Incorrect'}}}"
    if "pair-judge" in name:
        return f"My verdict is [[{('A>>B', 'A>B', 'A=B', 'B>A', 'B>>A')[number % 5]}]]"
    return rf"After {number % 10**6} thoughts: \boxed{{{number % ANSWERS}}}"


class Server:
    """Chat completions and the list of models, for those who have the key."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._key = os.environ.get("VLLM_API_KEY")
        self._memory = b""

    def _refused(self, request: web.Request) -> bool:
        return self._key is not None and request.headers.get("Authorization") != f"Bearer {self._key}"

    async def health(self, request: web.Request) -> web.Response:
        return web.Response()

    async def models(self, request: web.Request) -> web.Response:
        if self._refused(request):
            return web.json_response({"error": "Unauthorized"}, status=401)
        return web.json_response({"data": [{"id": self._name}]})

    async def chat(self, request: web.Request) -> web.Response:
        if self._refused(request):
            return web.json_response({"error": "Unauthorized"}, status=401)
        body, wanted = await request.json(), behaviour(self._folder)
        if "exit" in wanted:
            os._exit(wanted["exit"])
        self._memory = b"x" * (wanted.get("megabytes", 0) << 20)
        began = time.monotonic()
        while time.monotonic() - began < behaviour(self._folder).get("seconds", 0):  # it may change meanwhile
            await asyncio.sleep(0.05)
        text = reply(self._name, body)
        note(self._folder / "requests.jsonl", pid=os.getpid(), node=socket.gethostname(), body=body)
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 7, "completion_tokens": len(text.split())}
        return web.json_response({"choices": [choice], "usage": usage})


def serve(host: str, port: int, server: Server) -> None:
    """Answer until killed."""
    app = web.Application()
    app.router.add_get("/health", server.health)
    app.router.add_get("/v1/models", server.models)
    app.router.add_post("/v1/chat/completions", server.chat)
    web.run_app(app, host=host, port=port, shutdown_timeout=0, print=None, handle_signals=False)


def main() -> None:
    folder, command, model, *options = sys.argv[1:]
    assert command == "serve", command
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--served-model-name", required=True)
    known, rest = parser.parse_known_args(options)
    parallel = re.findall(r"--(tensor|data|pipeline)-parallel-size (\d+)", " ".join(rest))
    note(
        Path(folder, "starts.jsonl"),
        model=known.served_model_name,
        folder=model,
        node=socket.gethostname(),
        job=os.environ.get("SLURM_JOB_ID"),
        gpus=os.environ.get("CUDA_VISIBLE_DEVICES"),
        parallel={name: int(size) for name, size in parallel},
        options=options,
    )
    if "broken" in (wanted := behaviour(Path(folder))):
        sys.exit(wanted["broken"])
    server = Server(Path(folder), known.served_model_name)
    serve(known.host, known.port, server)


if __name__ == "__main__":
    main()
