"""A look at a server says nothing of the key, whatever the server says."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from snakeval.serving.kept.health import unhealthy
from snakeval.system import keys

KEY = "0123456789-abcdefghij"


class Echo(BaseHTTPRequestHandler):
    """Lists the key that it got as a model's name; knows that one key alone."""

    def do_GET(self) -> None:
        given = self.headers.get("Authorization", "")
        known = self.path == "/health" or given.endswith(KEY)
        body = json.dumps({"data": [{"id": f"model for {given}"}]}).encode() if known else b"{}"
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(keys, "_known", set())
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def test_a_server_that_lists_the_key(url: str) -> None:
    assert unhealthy(url, KEY, "m") == "serves model for Bearer [key] instead of m"
