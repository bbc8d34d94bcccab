"""What a pattern of checkpoint folders, or a URL on S3, stands for at this moment."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from snakeval.config.errors import Report, listed
from snakeval.config.found import Checkpoint
from snakeval.models.checkpoints import missing
from snakeval.models.names import is_pattern, is_s3, natural_key


@dataclass(frozen=True, slots=True)
class Matches:
    """The complete checkpoints in the order of their steps; of the others, what they lack."""

    complete: tuple[Checkpoint, ...]
    incomplete: Mapping[str, str]


def look(name: str, root: Path, report: Report, file: str, key: str) -> tuple[Checkpoint, ...]:
    """The complete checkpoints that a pattern of folders below `root`, or a URL on S3, stands for.

    Of others a warning says what they lack. That there is none at all is a mistake, noted at `key` of `file`.
    """
    # Imported late: most configurations have no model on S3.
    from snakeval.models.s3 import S3Error

    try:
        found = _stored(name) if is_s3(name) else _folders(name, root)
    except S3Error as error:
        report.add(file, key, str(error))
        return ()
    incomplete = listed([f"{path} ({reason})" for path, reason in found.incomplete.items()])
    if not found.complete:
        what = f"the pattern '{name}' matches" if is_pattern(name) else f"'{name}' is"
        why = f"no complete checkpoint: {incomplete}" if found.incomplete else "no folder"
        report.add(file, key, f"{what} {why}")
    elif found.incomplete:
        report.warn(file, key, f"left out, because not complete (yet): {incomplete}")
    return found.complete


def _folders(pattern: str, root: Path) -> Matches:
    # Path.glob takes no absolute pattern.
    paths = glob.glob(pattern, root_dir=root)  # noqa: PTH207
    folders = sorted((path for path in paths if (root / path).is_dir()), key=natural_key)
    lacking = {path: missing(root / path) for path in folders}
    return Matches(
        tuple(Checkpoint(path) for path, reason in lacking.items() if not reason),
        {path: reason for path, reason in lacking.items() if reason},
    )


def _stored(url: str) -> Matches:
    from snakeval.models.s3 import prefixes

    found = sorted(prefixes(url), key=lambda prefix: natural_key(prefix.url))
    return Matches(
        tuple(Checkpoint(entry.url, entry.digest, entry.names) for entry in found if not entry.lacking),
        {entry.url: entry.lacking for entry in found if entry.lacking},
    )
