"""Which checkpoints a pattern stood for when the workflow started.

Every job parses the workflow anew, while a training run may be adding checkpoints. The main process
therefore hands on what it found, in the environment, and its jobs evaluate those and no others.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Mapping
from typing import NamedTuple


class Checkpoint(NamedTuple):
    """A folder; or a URL on S3 with the digest of its content and the names of its files."""

    path: str
    revision: str | None = None
    files: tuple[str, ...] = ()


# The checkpoints of each pattern or URL.
Found = Mapping[str, tuple[Checkpoint, ...]]
VARIABLE = "SNAKEVAL_CHECKPOINTS"


def hand_on(found: Found) -> None:
    """Let the processes started from now on, here or by a cluster, know the checkpoints of this run."""
    # Compressed, because an environment variable has at most 128 KiB: enough for some ten thousand.
    packed = zlib.compress(json.dumps(dict(found)).encode())
    os.environ[VARIABLE] = base64.b64encode(packed).decode()


def handed_on() -> Found:
    """What the main process found; nothing in a process that it did not start."""
    if VARIABLE not in os.environ:
        return {}
    found = json.loads(zlib.decompress(base64.b64decode(os.environ[VARIABLE])))
    return {
        pattern: tuple(Checkpoint(path, revision, tuple(files)) for path, revision, files in entries)
        for pattern, entries in found.items()
    }
