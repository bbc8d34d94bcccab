"""Checkpoint folders: whether one is complete, and a view of one whose safetensors index names other files.

Standard library only: folders are looked at while the workflow is parsed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from snakeval.models.fingerprint import fingerprint
from snakeval.models.kinds import WEIGHTS, base_of, other_than_a_model, weights_in

INDEX = "model.safetensors.index.json"
SHARD = re.compile(r"(.+)-(\d{5})-of-(\d{5})(\.\w+)")
VIEWS = Path("results/.views")
# No header is so long; what claims to be longer is no safetensors file.
LONGEST_HEADER = 100 << 20


class IncompleteError(ValueError):
    """A folder is no complete checkpoint (yet); the message says what is missing."""


def missing(folder: Path) -> str | None:
    """What a folder lacks to be a complete checkpoint, in words; None where nothing is missing.

    Looked at: config.json; that there are weights; that each safetensors file is as long as its header
    says; that all files are there which an index, or a name such as x-00001-of-00004, speaks of.
    """
    try:
        _check(folder)
    except IncompleteError as error:
        return str(error)
    return None


def _check(folder: Path) -> None:
    names = {path.name for path in folder.iterdir() if path.is_file()}
    if lacking := missing_files(names, base_of(folder)):
        raise IncompleteError(lacking)
    for name in sorted(names):
        if name.endswith(".safetensors"):
            tensors(folder / name)
    _read_json(folder / "config.json")
    corrected_index(folder)
    index = folder / "pytorch_model.bin.index.json"
    if index.is_file() and not any(name.endswith(".safetensors") for name in names):
        for name in sorted(set(_weight_map(index).values()) - names):
            raise IncompleteError(f"no {name}, which {index.name} names")


def missing_files(names: set[str], base: str | None = None) -> str | None:
    """What a folder with files of these names lacks, or is instead, as far as names tell; None if nothing.

    `base` is the base model of its adapter, where it says so.
    """
    if other := other_than_a_model(names, base):
        return other
    if "config.json" not in names:
        return "no config.json"
    if not weights_in(names):
        return f"no weights ({', '.join(f'*{suffix}' for suffix in WEIGHTS)})"
    absent = missing_shards(names)
    return f"no {absent}" if absent else None


def missing_shards(names: set[str]) -> str | None:
    """The first file of a set such as x-00001-of-00004 that is not among `names`; None if all are."""
    for match in filter(None, map(SHARD.fullmatch, sorted(names))):
        stem, _, total, suffix = match.groups()
        for number in range(1, int(total) + 1):
            name = f"{stem}-{number:05d}-of-{total}{suffix}"
            if name not in names:
                return name
    return None


def tensors(path: Path) -> set[str]:
    """Names of the tensors in a safetensors file. Raises IncompleteError where it is cut short.

    The format: 8 bytes with the length of the header (little endian), the header as JSON, which gives each
    tensor's range in the data that follows it.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(size - 8, LONGEST_HEADER):
            raise IncompleteError(f"{path.name} ends in its header, after {size} bytes")
        header = file.read(length)
    try:
        entries = json.loads(header)
        entries.pop("__metadata__", None)
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
    except (ValueError, AttributeError, KeyError, TypeError, IndexError) as error:
        raise IncompleteError(f"{path.name} has no readable header: {error!r}") from None
    if size < 8 + length + end:
        raise IncompleteError(f"{path.name} has {size} of {8 + length + end} bytes")
    return set(entries)


def corrected_index(folder: Path) -> dict[str, Any] | None:
    """A folder's safetensors index with the names that its files have; None if nothing has to be corrected.

    Of an index that names files which are not there, all tensors must be in files that are; or there are
    as many files as it names, so that they only bear other names. Raises IncompleteError otherwise.
    """
    index = folder / INDEX
    if not index.is_file():
        return None
    named = _weight_map(index)
    files = {path.name for path in folder.glob("*.safetensors")}
    absent = set(named.values()) - files
    if not absent:
        return None
    # A folder may hold the weights twice: files that the index knows come first, then model*.safetensors.
    known = set(named.values())
    order = sorted(files, key=lambda name: (name not in known, not name.startswith("model"), name))
    found: dict[str, str] = {}
    for name in order:
        if set(named) <= set(found):
            break
        for tensor in tensors(folder / name):
            found.setdefault(tensor, name)
    used = set(found.values())
    if not set(named) <= set(found) and len(used) != len(known):
        raise IncompleteError(f"no {min(absent)}, which {INDEX} names")
    return {**_read_json(index), "weight_map": dict(sorted(found.items()))}


def served_folder(folder: Path, views: Path = VIEWS) -> Path:
    """The folder that an engine can load: `folder`, or a view of it with a corrected index.

    A view is a folder of symbolic links below `views`; the original is never touched. Its name holds the
    fingerprint of the original, so that it is made once for each content. Raises IncompleteError.
    """
    index = corrected_index(folder)
    if index is None:
        return folder
    view = views / f"{folder.name}-{fingerprint(folder)}"
    if view.is_dir():
        return view
    views.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".", dir=views))
    temporary.chmod(0o755)
    for entry in folder.iterdir():
        if entry.name != INDEX:
            (temporary / entry.name).symlink_to(entry.absolute())
    (temporary / INDEX).write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")
    try:
        os.rename(temporary, view)  # noqa: PTH104 - fails where another process was faster
    except OSError:
        shutil.rmtree(temporary)
        if not view.is_dir():
            raise
    return view


def gather(files: Sequence[Path], folder: Path) -> None:
    """Put files of one model into a folder of their own; linked where the disk allows it, or copied.

    Links need no second copy on disk, and stay when Snakemake removes what it has retrieved.
    """
    folder.mkdir(parents=True)
    for path in files:
        try:
            os.link(path, folder / path.name)
        except OSError:
            shutil.copyfile(path, folder / path.name)


def _weight_map(index: Path) -> Mapping[str, str]:
    found = _read_json(index).get("weight_map")
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise IncompleteError(f"{index.name} has no weight_map of tensors to files")
    return found


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise IncompleteError(f"{path.name} is not (yet) JSON: {error}") from None
    if not isinstance(value, dict):
        raise IncompleteError(f"{path.name} holds no object")
    return value
