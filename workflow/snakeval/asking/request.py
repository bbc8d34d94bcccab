"""One sample to ask for, the rows that can come of it, and where a job's requests come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from snakeval.asking.completions import Completion
from snakeval.system.surrogates import without
from snakeval.types import Generation, Json, Message


@dataclass(frozen=True, slots=True)
class Request:
    """One sample to ask for. `body` holds the other parameters; a `seed` in it stands over the sample's."""

    problem_id: str
    sample_index: int
    digest: str
    messages: tuple[Message, ...]
    seed: int
    body: Json

    def answered(self, completion: Completion, seconds: float, other_model: str | None = None) -> Generation:
        """The row of a sample that was had, from another model than the one asked if that has a name."""
        return Generation(
            problem_id=self.problem_id,
            sample_index=self.sample_index,
            digest=self.digest,
            messages=self.messages,
            seed=self.seed,
            text=completion.text,
            reasoning=completion.reasoning,
            finish_reason=completion.finish_reason,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            seconds=round(seconds, 4),
            model=completion.model,
            system_fingerprint=completion.system_fingerprint,
            other_model=other_model,
            replaced=completion.replaced or None,
        )

    def failed(self, cause: str) -> Generation:
        """The row of one that could not be had."""
        common = (self.problem_id, self.sample_index, self.digest, self.messages, self.seed)
        return Generation(*common, None, None, None, None, None, None, error=without(cause))


class Source(Protocol):
    """What a job asks for; some of it may come to be only when other requests have been answered."""

    what: Literal["samples", "turns"]
    total: int | None
    """How many there will be; None if that is not known."""

    @property
    def finished(self) -> int | None:
        """Samples that came to their end; None where each request is one."""

    def more(self) -> bool:
        """Whether there is one to take now."""

    def take(self) -> Request | None:
        """The next one; None where there is none now."""

    def answered(self, row: Generation) -> None:
        """Hear of a row, of a sample or of its error, that the journal has."""


class Listed:
    """Requests that are all known from the start."""

    what: Literal["samples", "turns"] = "samples"

    def __init__(self, requests: Iterator[Request], total: int) -> None:
        self.total: int | None = total
        self._requests = requests
        self._ended = total == 0

    @property
    def finished(self) -> int | None:
        """Each request is a sample."""
        return None

    def more(self) -> bool:
        """Whether there may be one; known for sure once one was wanted in vain."""
        return not self._ended

    def take(self) -> Request | None:
        """The next one."""
        request = next(self._requests, None)
        self._ended = request is None
        return request

    def answered(self, row: Generation) -> None:
        """Nothing follows from it."""
