"""One sample to ask for, and the rows that can come of it."""

from __future__ import annotations

from dataclasses import dataclass

from snakeval.clients import Completion
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

    def answered(self, completion: Completion, seconds: float) -> Generation:
        """The row of a sample that was had."""
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
        )

    def failed(self, cause: str) -> Generation:
        """The row of one that could not be had."""
        common = (self.problem_id, self.sample_index, self.digest, self.messages, self.seed)
        return Generation(*common, None, None, None, None, None, None, error=cause)
