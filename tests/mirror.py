"""The download cache filled from the published data at hand: benchmarks prepared without a network."""

from __future__ import annotations

import csv
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pytest

from snakeval.schema import Benchmark
from snakeval.schema.benchmark import Source


def by_sha256(data_dir: Path) -> dict[str, Path]:
    """The files of the data folder by their SHA-256, as its list of sources has them."""
    listed = data_dir / "sources.tsv"
    if not listed.is_file():
        pytest.skip(f"{listed} is not there")
    with listed.open(encoding="utf-8", newline="") as file:
        return {row["sha256"]: data_dir / row["file"] for row in csv.DictReader(file, delimiter="\t")}


def fill(cache: Path, data_dir: Path, benchmark: Benchmark) -> None:
    """Put the files behind a benchmark's URLs into the cache, or skip, saying which is missing."""
    files = by_sha256(data_dir)
    sources = [benchmark.source, *([benchmark.few_shot.source] if benchmark.few_shot else [])]
    for source in sources:
        if source.file is None:
            _fill(cache, files, source)


def _fill(cache: Path, files: dict[str, Path], source: Source) -> None:
    found = files.get(source.sha256 or "")
    if found is None or not found.is_file():
        pytest.skip(f"no copy of {source.url or source.dataset} among the published data")
    assert source.url is not None
    assert source.sha256 is not None
    link = cache / "urls" / source.sha256 / PurePosixPath(urlsplit(source.url).path).name
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(found)
