"""A contest problem's zip file, as LiveCodeBench-Pro has them: config.yaml, testdata/, a checker."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

import yaml

SECONDS, MEMORY_MIB = 1.0, 256
_UNITS = {
    "": 1.0,
    "s": 1.0,
    "ms": 0.001,
    "k": 1 / 1024,
    "kb": 1 / 1024,
    "m": 1.0,
    "mb": 1.0,
    "g": 1024.0,
    "gb": 1024.0,
}
_HEADER = "testlib.h"
USUAL_CHECKERS = ("checker.cpp", "checker.cc", "chk.cpp", "chk.cc")


class ArchiveError(ValueError):
    """A problem's archive can't be read; the message names it and what is missing."""


@dataclass(frozen=True, slots=True)
class Checker:
    """A program that takes the files of input, output and answer; 0 means right, as testlib has it."""

    source: str
    language: str
    headers: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Archive:
    """A problem's limits (`seconds` of CPU, MiB), its checker, and the names of its tests' files."""

    seconds: float
    memory_mib: int
    checker: Checker | None
    interactive: bool
    names: tuple[tuple[str, str], ...]

    def tests(self, path: Path) -> Iterator[tuple[bytes, bytes]]:
        """Input and answer of each test, one in memory at a time."""
        with ZipFile(path) as archive:
            for given, wanted in self.names:
                yield archive.read(given), archive.read(wanted)


@lru_cache(maxsize=64)
def read_archive(path: Path, include: str | None) -> Archive:
    """Read what there is in an archive; `include` is a folder with testlib.h, where the archive has none.

    Raises ArchiveError.
    """
    try:
        with ZipFile(path) as archive:
            members = {name: PurePosixPath(name) for name in archive.namelist() if not name.endswith("/")}
            config = next((name for name, member in members.items() if member.name == "config.yaml"), None)
            settings: Any = (yaml.safe_load(archive.read(config)) if config else None) or {}
            names = _tests(path, members, settings)
            checker = _checker(archive, members, settings, include)
    except (OSError, BadZipFile, yaml.YAMLError, UnicodeDecodeError) as error:
        raise ArchiveError(f"{path}: {error}") from error
    if not names:
        raise ArchiveError(f"{path}: no tests: no files NAME.in with NAME.ans or NAME.out")
    return Archive(
        seconds=_quantity(settings, ("time", "time_limit"), SECONDS),
        memory_mib=round(_quantity(settings, ("memory", "memory_limit"), MEMORY_MIB)),
        checker=checker,
        interactive=settings.get("type") == "interactive" or "interactor" in settings,
        names=names,
    )


def _tests(path: Path, members: dict[str, PurePosixPath], settings: Any) -> tuple[tuple[str, str], ...]:
    """Pairs of files in the order of the numbers in their names; as many as config.yaml declares.

    Its `subtasks` declare `n_cases`, numbered from 1; files beyond them are not used, as the original judge
    does not. Fewer, or one without its answer, is an error: the archive is not whole.
    """
    given, wanted = settings.get("input_suffix", ".in"), settings.get("output_suffix")
    pairs: list[tuple[str, str]] = []
    for name in members:
        if name.endswith(given):
            stem = name.removesuffix(given)
            answers = [stem + suffix for suffix in ([wanted] if wanted else [".ans", ".out", ".a"])]
            if not (there := [answer for answer in answers if answer in members]):
                raise ArchiveError(f"{path}: '{name}' has no answer '{answers[0]}'")
            pairs.append((name, there[0]))
    pairs.sort(key=lambda pair: [int(n) for n in re.findall(r"\d+", pair[0])] or [0])
    subtasks = settings.get("subtasks") or []
    if declared := sum(int(subtask.get("n_cases", 0)) for subtask in subtasks):
        numbered = [
            pair for pair in pairs if members[pair[0]].name.split(".")[0] in map(str, range(1, declared + 1))
        ]
        if len(numbered) != declared:
            raise ArchiveError(f"{path}: {len(numbered)} tests, config.yaml declares {declared}")
        pairs = numbered
    return tuple(pairs)


def _quantity(settings: Any, keys: tuple[str, ...], default: float) -> float:
    """A number with its unit: seconds for times, MiB for sizes."""
    value = next((settings[key] for key in keys if key in settings), default)
    match = re.fullmatch(r"([\d.]+)\s*([a-z]*)", str(value).lower())
    if match is None or match[2] not in _UNITS:
        raise ArchiveError(
            f"config.yaml: {keys[0]} is {value!r}, expected a number with a unit as in 2s or 256m"
        )
    return float(match[1]) * _UNITS[match[2]]


def _checker(
    archive: ZipFile, members: dict[str, PurePosixPath], settings: Any, include: str | None
) -> Checker | None:
    usual = (name for name, member in members.items() if member.name in USUAL_CHECKERS)
    named = settings.get("checker") or next(usual, None)
    if not named:
        return None
    name = next((name for name, member in members.items() if member.name == PurePosixPath(named).name), None)
    if name is None:
        raise ArchiveError(f"{archive.filename}: config.yaml names the checker '{named}', which is not there")
    headers = {member.name: archive.read(path) for path, member in members.items() if member.suffix == ".h"}
    if _HEADER not in headers and include and Path(include, _HEADER).is_file():
        headers[_HEADER] = Path(include, _HEADER).read_bytes()
    language = "python" if name.endswith(".py") else "cpp"
    return Checker(archive.read(name).decode(), language, tuple(headers.items()))
