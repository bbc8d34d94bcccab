"""How many numbers of which dtype the weights' files hold, by the headers of safetensors files."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path

from snakeval.models.checkpoints import LONGEST_HEADER
from snakeval.models.values import whole

# Bits of an element, by the names of the format (safetensors 0.8).
BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("I8", "U8", "BOOL", "F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}
# What an engine makes into the dtype that it serves; all else it takes as it is.
FLOATS = ("F64", "F32", "F16", "BF16")
# Several quantized weights in one element, so that elements tell no number of parameters.
PACKED = ("U8", "I32", "U32", "I64", "U64")


def elements_of(paths: Iterable[Path]) -> dict[str, int]:
    """The elements of each dtype in safetensors files; nothing where a file can't be read."""
    total: Counter[str] = Counter()
    for path in paths:
        try:
            total.update(_elements(path))
        except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return {}
    return dict(total)


def _elements(path: Path) -> Counter[str]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > LONGEST_HEADER:
            raise ValueError("no header is so long")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    found: Counter[str] = Counter()
    for entry in header.values():
        found[str(entry["dtype"])] += prod(map(int, entry["shape"]))
    return found


def known_elements(stated: object) -> dict[str, int]:
    """The same from what the hub says of a model's files; nothing where it says nothing of the kind."""
    if not isinstance(stated, Mapping):
        return {}
    found = {str(dtype): whole(count) for dtype, count in stated.items()}
    known = {dtype: count for dtype, count in found.items() if count is not None and dtype in BITS}
    return known if len(known) == len(found) else {}


def count(elements: Mapping[str, int]) -> int | None:
    """The number of parameters; None where it can't be told, because some are packed or none are known."""
    return None if not elements or any(elements.get(dtype) for dtype in PACKED) else sum(elements.values())


def served_bytes(elements: Mapping[str, int], float_bytes: int) -> int:
    """Bytes of the tensors when floating-point numbers are served as `float_bytes` each."""
    bits = ((8 * float_bytes if dtype in FLOATS else BITS.get(dtype, 8)) * n for dtype, n in elements.items())
    return -(-sum(bits) // 8)
