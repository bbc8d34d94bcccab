"""What a GGUF file says of its model: the header's metadata, and how many numbers its tensors hold.

The format: github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little endian.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

SUFFIX = ".gguf"
# Numbers of values' types, as struct spells them; 8 is a text, 9 an array.
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
TEXT, ARRAY = 8, 9
# The longest array that is kept: those of vocabularies are skipped.
LONGEST_ARRAY = 4096
# Keys of a config.json by those of an architecture's metadata.
CONFIG = {
    "max_position_embeddings": "context_length",
    "num_hidden_layers": "block_count",
    "hidden_size": "embedding_length",
    "num_attention_heads": "attention.head_count",
    "num_key_value_heads": "attention.head_count_kv",
    "head_dim": "attention.key_length",
    "sliding_window": "attention.sliding_window",
}
PART = re.compile(r"-(\d{5})-of-(\d{5})\.gguf$")
# Beside the weights of a language model: what it sees with.
PROJECTOR = re.compile(r"mmproj", re.IGNORECASE)


class GgufError(ValueError):
    """A file or folder is no GGUF model; the message says what it is instead."""


@dataclass(frozen=True, slots=True)
class Gguf:
    """`metadata` without long arrays, `parameters` the numbers of all tensors, `size` in bytes."""

    metadata: Mapping[str, Any]
    parameters: int
    size: int

    @property
    def chat_template(self) -> str | None:
        """The text of the chat template."""
        found = self.metadata.get("tokenizer.chat_template")
        return found if isinstance(found, str) else None

    def config(self) -> dict[str, Any]:
        """What a config.json would say of the model."""
        architecture = self.metadata.get("general.architecture")
        found = {ours: self.metadata.get(f"{architecture}.{theirs}") for ours, theirs in CONFIG.items()}
        known = {key: value for key, value in found.items() if value is not None}
        return {**known, "quantization_config": {"quant_method": "gguf"}}


def weights_file(path: Path) -> Path:
    """The file that is loaded: `path`, or the one in that folder, or the first of its parts.

    Raises GgufError.
    """
    if path.is_file():
        files = [path]
    elif path.is_dir():
        found = sorted(each for each in path.iterdir() if each.suffix.lower() == SUFFIX)
        files = [each for each in found if not PROJECTOR.search(each.name)]
    else:
        raise GgufError("there is no such file or folder")
    first = [each for each in files if (part := PART.search(each.name)) is None or int(part[1]) == 1]
    if len(first) != 1:
        names = ", ".join(each.name for each in first)
        raise GgufError(f"has several models ({names}): name one" if first else "has no GGUF file")
    return first[0]


def parts_of(first: Path) -> list[Path]:
    """All files of a model, of which this is the first. Raises GgufError where one is missing."""
    found = PART.search(first.name)
    if found is None:
        return [first]
    stem = first.name[: found.start()]
    parts = [first.with_name(f"{stem}-{n:05d}-of-{found[2]}.gguf") for n in range(1, int(found[2]) + 1)]
    if missing := [part.name for part in parts if not part.is_file()]:
        raise GgufError(f"is not complete: {', '.join(missing)} is missing")
    return parts


def read_gguf(path: Path) -> Gguf:
    """What the file, or the file in the folder, at `path` says. Raises GgufError and OSError."""
    first = weights_file(path)
    stat = first.stat()
    return _read(first, stat.st_mtime_ns, stat.st_size)


@cache
def _read(first: Path, *state: int) -> Gguf:
    parts = parts_of(first)
    read = [_header(part) for part in parts]
    return Gguf(read[0][0], sum(count for _, count in read), sum(part.stat().st_size for part in parts))


def _header(path: Path) -> tuple[dict[str, Any], int]:
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise GgufError(f"{path.name} is no GGUF file")
            version, tensors, values = (_number(file, form) for form in ("I", "Q", "Q"))
            if version not in (2, 3):
                raise GgufError(f"{path.name} has version {version} of the format, known are 2 and 3")
            metadata = {_text(file): _value(file, _number(file, "I")) for _ in range(values)}
            return metadata, sum(_tensor(file) for _ in range(tensors))
    except (struct.error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise GgufError(f"{path.name} is cut short or damaged: {error}") from error


def _number(file: BinaryIO, form: str) -> Any:
    size = struct.calcsize(f"<{form}")
    return struct.unpack(f"<{form}", file.read(size))[0]


def _text(file: BinaryIO) -> str:
    return file.read(_number(file, "Q")).decode()


def _value(file: BinaryIO, kind: int) -> Any:
    if kind in NUMBERS:
        return _number(file, NUMBERS[kind])
    if kind == TEXT:
        return _text(file)
    if kind != ARRAY:
        raise GgufError(f"{Path(file.name).name} is damaged: a value of type {kind}")
    inner, length = _number(file, "I"), _number(file, "Q")
    if inner in NUMBERS and length > LONGEST_ARRAY:
        file.seek(length * struct.calcsize(f"<{NUMBERS[inner]}"), 1)
        return None
    values = [_value(file, inner) for _ in range(length)]
    return values if length <= LONGEST_ARRAY else None


def _tensor(file: BinaryIO) -> int:
    """How many numbers the next tensor has; its name, type and place are passed over."""
    _text(file)
    shape = [_number(file, "Q") for _ in range(_number(file, "I"))]
    file.seek(12, 1)
    return prod(shape)
