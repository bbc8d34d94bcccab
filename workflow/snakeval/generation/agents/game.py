"""One sample of an agent under way: what its turns gave, and the row that comes of them."""

from __future__ import annotations

from collections.abc import Iterator

from snakeval.answers.finish import ending
from snakeval.answers.reasoning import separate
from snakeval.asking.request import Request
from snakeval.generation.agents.turns import Ended, Play, Reply, Step
from snakeval.schema import Reasoning
from snakeval.types import COMPLETION, Generation, Json

# What a parquet file's column of token counts can hold.
MOST = 2**31 - 1


class TurnFailed(Exception):
    """A turn could not be had, but may be had in another run; the text is its row's error."""


class Game:
    """One sample under way: its agent, what it has used, and how it ended."""

    def __init__(self, sample: Request, play: Play, reasoning: Reasoning, budget: int) -> None:
        self.sample = sample
        self.ended: Ended | None = None
        self.error: str | None = None
        self.turns: list[Request] = []  # the step's
        self.had: dict[str, Generation] = {}  # the rows of those that were answered in this run, by digest
        self.lacking = 0  # how many of them are still to be answered
        self._play, self._reasoning, self._budget = play, reasoning, budget
        self._used = {"prompt_tokens": 0, "completion_tokens": 0}
        self._seconds, self._heard = 0.0, 0
        self.step = next(play)

    @property
    def open(self) -> bool:
        """Whether there are turns to ask for."""
        return self.ended is None and self.error is None

    def hear(self, known: Iterator[Generation]) -> None:
        """Come to the next step, or to the end. `known` has the turns' rows, in order, as the run began."""
        rows = (self.had.get(row.digest, row) for row in known)
        try:
            self.step = self._play.send(self._replies(rows))
            if sum(self._used.values()) >= self._budget and self.step.best is not None:
                self.ended = Ended(self.step.best, "budget")
        except StopIteration as end:
            self.ended = end.value
        except TurnFailed as failure:
            self.error = str(failure)
        self.turns, self.had = [], {}
        if not self.open:  # what a pool holds is large
            self._play.close()
            self.step = Step((), None)

    def _replies(self, rows: Iterator[Generation]) -> Iterator[Reply]:
        for row in rows:
            if row.error is not None and not row.error.startswith("permanent"):
                raise TurnFailed(row.error)
            for key in self._used:
                self._used[key] += getattr(row, key) or 0
            self._seconds += row.seconds or 0
            self._heard += 1
            yield Reply(row, usable(row, self._reasoning))

    def row(self) -> tuple[Generation, Json]:
        """The sample's row, and what else its journal says of it."""
        if self.ended is None:
            return self.sample.failed(self.error or "transient: not asked"), {}
        best = self.ended.best.row
        if best.error is not None:
            return self.sample.failed(best.error), {}
        prompt, completion = (count if count <= MOST else None for count in self._used.values())
        said = {
            "ended": self.ended.why,
            "score": self.ended.score,
            "chosen": best.digest,
            "turns": self._heard,
            **self._used,
        }
        row = Generation(
            problem_id=self.sample.problem_id,
            sample_index=self.sample.sample_index,
            digest=self.sample.digest,
            messages=self.sample.messages,
            seed=self.sample.seed,
            text=best.text,
            reasoning=best.reasoning,
            finish_reason=best.finish_reason,
            prompt_tokens=prompt,
            completion_tokens=completion,
            seconds=round(self._seconds, 4),
            model=best.model,
            system_fingerprint=best.system_fingerprint,
            other_model=best.other_model,
            replaced=best.replaced,
        )
        return row, {"agent": said}


def usable(row: Generation, reasoning: Reasoning) -> str | None:
    """A turn's text without reasoning; None if it is empty, was cut or filtered, or could not be had."""
    if row.text is None or ending(row.finish_reason) != "finished":
        return None
    chat = all(message["role"] != COMPLETION for message in row.messages)
    answer = separate(row.text, reasoning, row.reasoning, chat=chat)
    return answer.strip() or None if answer is not None else None
