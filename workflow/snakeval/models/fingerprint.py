"""A fingerprint of a local model folder, cheap enough to take whenever the workflow is parsed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from snakeval.models.gguf import parts_of

SUFFIXES = frozenset(
    [".json", ".jinja", ".txt", ".model", ".tiktoken", ".py", ".safetensors", ".bin", ".pt", ".pth", ".gguf"],
)
WHOLE_BYTES = 1 << 20
HEAD_BYTES = 64 << 10
SAMPLES = 64
SAMPLE_BYTES = 4 << 10


def fingerprint(path: Path) -> str:
    """Return 16 hexadecimal digits that change when a model's own files change.

    Hashed are name, size and content of the GGUF file `path` and its further parts, or of the files directly
    in a folder whose suffix is one of `SUFFIXES`: of a file of at most 1 MiB all of it, of a larger one its
    first 64 KiB and 64 samples of 4 KiB spread evenly from there to its end. Spread, because a merged adapter
    leaves most tensors of a file untouched. Times of modification, hidden files and subfolders do not
    count, so a checkout, or a checkpoint saved below the folder, changes nothing.
    Raises FileNotFoundError for a folder that is not there or holds no such file.
    """
    if not path.is_dir() and not path.is_file():
        raise FileNotFoundError(f"{path}: no such folder")
    files = parts_of(path) if path.is_file() else sorted(each for each in path.iterdir() if _counts(each))
    if not files:
        raise FileNotFoundError(f"{path}: holds no file of a model ({' '.join(sorted(SUFFIXES))})")
    digest = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        digest.update(f"{len(file.name)}:{file.name}:{size}:".encode())
        _add_content(digest, file, size)
    return digest.hexdigest()[:16]


def _counts(path: Path) -> bool:
    return path.suffix in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _add_content(digest: hashlib._Hash, path: Path, size: int) -> None:
    # Unbuffered: a buffered read would fetch 128 KiB around each sample.
    with path.open("rb", buffering=0) as file:
        if size <= WHOLE_BYTES:
            digest.update(file.read())
            return
        digest.update(file.read(HEAD_BYTES))
        last = size - SAMPLE_BYTES
        for index in range(1, SAMPLES + 1):
            file.seek(HEAD_BYTES + (last - HEAD_BYTES) * index // SAMPLES)
            digest.update(file.read(SAMPLE_BYTES))
