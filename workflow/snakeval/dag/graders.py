"""What of a grader's keys is its identity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from snakeval.schema import Grader

if TYPE_CHECKING:  # the types bring pyarrow, which parsing the workflow does not need
    from snakeval.types import Json


def identity_of(grader: Grader) -> Json:
    """A grader's keys. What stands beside the usual is there only where it is set: a convention for numbers,
    and packages for programs, as names and versions."""
    keys = grader.model_dump(exclude={"numbers"} if grader.numbers == "exact" else None)
    if grader.code is not None:
        folder = keys["code"].pop("packages")
        if folder is not None:
            keys["code"]["packages"] = installed(Path(folder))
    return keys


def installed(folder: Path) -> list[str]:
    """Names and versions as pip notes them, such as numpy-2.3.1; none where the folder is not there."""
    return sorted(path.name.removesuffix(".dist-info") for path in folder.glob("*.dist-info"))
