"""Seeds and digests of single requests: what makes a journalled row the answer to a request."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from snakeval.identity import dumps
from snakeval.types import Message


def sample_seed(base: int, problem_id: str, sample_index: int) -> int:
    """Seed of one sample: a function of (base seed, problem, index), so that no row depends on order."""
    text = dumps([base, problem_id, sample_index])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") & 0x7FFFFFFF


class RequestDigests:
    """Digests of the requests of one generation job, 32 hex characters each.

    `common` is what all its requests share: stage version, model, resolved revision, engine and
    sampling. What differs is hashed on top of it, which makes a digest cost a few microseconds.
    """

    def __init__(self, common: Mapping[str, object]) -> None:
        self._common = hashlib.sha256(dumps(common).encode())

    def of(self, problem_id: str, messages: Sequence[Message], sample_index: int, seed: int) -> str:
        """Digest of one sample's request."""
        digest = self._common.copy()
        digest.update(dumps([problem_id, list(messages), sample_index, seed]).encode())
        return digest.hexdigest()[:32]
