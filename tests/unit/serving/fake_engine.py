"""An engine for tests: an HTTP server that behaves as its options say. Run as a script.

It takes its API key from VLLM_API_KEY as vLLM does, and serves GET /v1/models on a port of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from snakeval.serving.launches import Launch

SLEEPER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
LISTENER = "import socket, time; sock = socket.create_server(('127.0.0.1', 0)); time.sleep(600)"
ORPHAN = """
import subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1]], start_new_session=True)
"""


def launch(*options: str, **env: str) -> Launch:
    """How to start this script with these options."""
    return Launch((sys.executable, __file__, *options), env)


def processes_with(mark: str) -> dict[int, str]:
    """Living processes whose environment holds `mark`, with their command lines."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and mark.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


def wait_until(condition: object, seconds: float = 60) -> None:
    """Wait until a callable returns something true; fail after so many seconds."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


class Models(BaseHTTPRequestHandler):
    """GET /v1/models for those who have the key, /health for all."""

    name = "the-model"
    key: str | None = None

    def do_GET(self) -> None:
        refused = (
            self.path != "/health"
            and self.key is not None
            and self.headers["Authorization"] != f"Bearer {self.key}"
        )
        body = json.dumps({"data": [{"id": self.name}]}).encode()
        self.send_response(401 if refused else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--name", default="the-model")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--any-key", action="store_true")
    parser.add_argument("--never-listen", action="store_true")
    parser.add_argument("--exit", type=int, help="print the environment's secrets and exit with this code")
    parser.add_argument("--ignore-sigterm", action="store_true")
    parser.add_argument("--worker", action="store_true", help="have a child in the same process group")
    parser.add_argument("--daemon", action="store_true", help="have a child in a session of its own")
    parser.add_argument("--silent-worker", action="store_true", help="have a child that listens and is mute")
    parser.add_argument("--die-without-worker", action="store_true")
    options = parser.parse_args(arguments)
    print("loading", flush=True)
    if options.ignore_sigterm:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.worker or options.die_without_worker:
        worker = subprocess.Popen([sys.executable, "-c", SLEEPER])
    if options.silent_worker:
        subprocess.Popen([sys.executable, "-c", LISTENER])
        time.sleep(0.5)
    if options.daemon:
        subprocess.run([sys.executable, "-c", ORPHAN, SLEEPER], check=True)
    if options.exit is not None:
        for number in range(100):
            print(f"line {number}")
        print("secrets:", os.environ["VLLM_API_KEY"], os.environ.get("HF_TOKEN"), flush=True)
        sys.exit(options.exit)
    if options.never_listen:
        time.sleep(600)
    Models.name = options.name
    Models.key = None if options.any_key else os.environ["VLLM_API_KEY"]
    with ThreadingHTTPServer(("127.0.0.1", options.port), Models) as server:
        if options.die_without_worker:
            threading.Thread(target=lambda: os._exit(0 if worker.wait() else 1), daemon=True).start()
        server.serve_forever()


if __name__ == "__main__":
    main()
