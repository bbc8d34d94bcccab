"""An S3 server on loopback with one bucket, for the tests of models on S3."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "models"
SECRET = "a-secret-that-must-not-be-written-anywhere"


@dataclass(frozen=True)
class S3:
    """The server's client, and the environment that leads to it."""

    client: Any
    environment: Mapping[str, str]

    def upload(self, folder: Path, prefix: str) -> None:
        """Put the files directly in a folder below a prefix."""
        for path in sorted(folder.iterdir()):
            self.put(f"{prefix}/{path.name}", path.read_bytes())

    def put(self, key: str, content: bytes = b"{}") -> None:
        """Write one object."""
        self.client.put_object(Bucket=BUCKET, Key=key, Body=content)


@contextmanager
def s3_server() -> Iterator[S3]:
    """A server of its own, empty but for its bucket, until the block ends."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # one line a request would hide what failed
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    client = boto3.client(
        "s3",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id="an-id",
        aws_secret_access_key=SECRET,
        region_name="us-east-1",
    )
    try:
        client.create_bucket(Bucket=BUCKET)
        yield S3(client, environment)
        client.close()
    finally:
        server.stop()
