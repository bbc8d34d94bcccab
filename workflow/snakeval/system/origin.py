"""What an output is of, kept in the output: the `spec` it was made with, and the digests of its inputs.

A job says it once (`say`), `keep` writes it: a JSON object has it under its first two keys, every other
text in a file beside it, a parquet file in its metadata (`snakeval.system.tables`). `read` finds it again,
wherever the output was copied to. It needs the standard library alone, as the workflow's parsing asks it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

NOTE = "snakeval."
SPEC, INPUTS = "spec", "inputs"
DIGESTED = 100 << 20  # bytes; what is larger counts by its time (max-checksum-file-size in profiles/default)
TAIL = 16 << 10
MAGIC = b"PAR1"

Inputs = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Origin:
    """An identity, and the inputs by path, each with its digest (`sha256:...`) or None for what has none.

    `inputs` is None where they have other names for Snakemake than for the job.
    """

    spec: str
    inputs: Inputs | None = None


_said: dict[Path, Callable[[], Origin]] = {}
_specs: dict[Path, str] = {}


def say(outputs: Iterable[str], spec: str, inputs: Mapping[str, str] | None) -> None:
    """Note what this process' outputs are of. `inputs` are paths by their names for Snakemake.

    Inputs are digested when the first output is written.
    """
    known: list[Origin] = []

    def origin() -> Origin:
        if not known:
            known.append(Origin(spec, inputs and {name: digest(path) for name, path in inputs.items()}))
        return known[0]

    paths = list(map(Path, outputs))
    _said.update(dict.fromkeys(paths, origin))
    _specs.update(dict.fromkeys(paths, spec))


def any_spec() -> str | None:
    """The spec of what this process makes; None where nobody has said it."""
    return next(iter(_specs.values()), None)


def digest(path: str) -> str | None:
    """A file's digest as Snakemake spells it; None for a folder, a large file or one that is not there."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - thousands of calls
            if os.fstat(file.fileno()).st_size > DIGESTED:
                return None
    except OSError:
        return None
    return f"sha256:{_sha256(path)}"


def _sha256(path: str | Path) -> str:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return hashlib.file_digest(file, "sha256").hexdigest()


def said(path: Path) -> Origin | None:
    """What this process has said that its output is of."""
    origin = _said.get(path)
    return origin and origin()


def notes_of(path: Path) -> dict[str, str]:
    """The metadata of a parquet file that say what it is of; none where nobody has said it."""
    origin = _said.get(path)
    if origin is None:
        return {}
    said = origin()
    return {f"{NOTE}{SPEC}": said.spec, f"{NOTE}{INPUTS}": json.dumps(said.inputs)}


def keep(path: Path, written: Path | None = None) -> None:
    """Keep with the output `path`, which is `written` under this name so far, what it is of.

    Without `written` the output is a folder, and has it in the file beside it.
    """
    said = _said.get(path)
    if said is None or path.suffix == ".parquet":
        return
    origin = asdict(said())
    if written is not None and path.suffix == ".json":
        text = written.read_text(encoding="utf-8")
        if text.startswith("{"):
            written.write_text(_with_first(text, origin), encoding="utf-8")
            return
    if written is not None:
        origin["sha256"] = _sha256(written)
    beside(path).write_text(json.dumps(origin) + "\n", encoding="utf-8")


def beside(path: Path) -> Path:
    """The file that says of another what it is of."""
    return path.with_name(f".{path.name}.{SPEC}")


def _with_first(text: str, added: Mapping[str, Any]) -> str:
    """A JSON object's text with keys more before its own, in its own layout."""
    rest = text[1:].lstrip()
    gap = text[1 : len(text) - len(rest)]
    pairs = [f'"{key}": {json.dumps(value)}' for key, value in added.items()]
    if rest.startswith("}"):
        return "{" + ", ".join(pairs) + rest
    return "{" + gap + f",{gap or ' '}".join([*pairs, rest])


def content_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What a JSON output, or a file's notes, hold beside what it is of."""
    return {key: value for key, value in document.items() if key not in (SPEC, INPUTS)}


def read(path: str) -> Origin | None:
    """What an output says it is of; None where it says nothing, or not of this content."""
    try:
        found = _read(path)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if not isinstance(found, dict) or not isinstance(found.get(SPEC), str):
        return None
    inputs = found.get(INPUTS)
    return Origin(found[SPEC], inputs if isinstance(inputs, dict) else None)


def _read(path: str) -> Any:
    if path.endswith(".parquet"):
        return _footer(path)
    if path.endswith(".json"):
        found = json.loads(_bytes(path))
        if isinstance(found, dict):
            return found
    folder, _, name = path.rpartition("/")
    found = json.loads(_bytes(f"{folder or '.'}/.{name}.{SPEC}"))
    if os.path.isfile(path) and found["sha256"] != _sha256(path):  # noqa: PTH113
        return None
    return found


def _bytes(path: str) -> bytes:
    """A file's content, in half the time that a buffered file or a path takes."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.readall()


def _footer(path: str) -> dict[str, Any]:
    """A parquet file's two notes, out of its footer as it stands there (Thrift's compact protocol)."""
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        size = file.seek(0, os.SEEK_END)
        tail = os.pread(file.fileno(), TAIL, max(0, size - TAIL))
        if tail[-4:] != MAGIC:
            raise ValueError(path)
        length = int.from_bytes(tail[-8:-4], "little") + 8
        if length > len(tail):
            tail = os.pread(file.fileno(), length, size - length)
    footer = tail[-length:-8]
    inputs = _value(footer, f"{NOTE}{INPUTS}")
    return {SPEC: _value(footer, f"{NOTE}{SPEC}"), INPUTS: None if inputs is None else json.loads(inputs)}


def _value(footer: bytes, key: str) -> str | None:
    """The value of a key: two strings one after the other, each a field header, a length and its bytes.

    The metadata stand behind the row groups, whose statistics hold texts of rows: the last place counts.
    """
    name = key.encode()
    mark = bytes([0x18, len(name)]) + name + b"\x18"
    at = footer.rfind(mark)
    if at < 0:
        return None
    at, length, shift = at + len(mark), 0, 0
    while True:
        length |= (footer[at] & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if footer[at - 1] < 0x80:
            return footer[at : at + length].decode()
