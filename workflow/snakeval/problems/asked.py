"""What a problem is asked with: its prompt, worked examples before it, as a chat or as one text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snakeval.formats.prompts import Prompt, PromptError
from snakeval.formats.rows import Row
from snakeval.types import COMPLETION, Message, Problem

if TYPE_CHECKING:
    from snakeval.schema import FewShot

# Between the worked examples of one text, and between an example's prompt and its response.
BETWEEN_EXAMPLES, BEFORE_RESPONSE = "\n\n", " "


@dataclass(frozen=True, slots=True)
class Asking:
    """Renders the messages of a benchmark's problems. Prompts of one key each, in the order of a chat."""

    prompt: Prompt
    system: Prompt | None = None
    few_shot: FewShot | None = None
    examples: tuple[Row, ...] = ()
    completion: bool = False

    def messages(self, values: Mapping[str, object]) -> tuple[Message, ...]:
        """The messages for a problem's values; one with the role COMPLETION is a text to be continued.

        Raises PromptError.
        """
        text = self._text(values)
        if self.few_shot and self.few_shot.form == "text":
            few_shot = self.few_shot
            solved = (
                self._text(row) + BEFORE_RESPONSE + self._response(row, few_shot) for row in self.examples
            )
            text = BETWEEN_EXAMPLES.join([*solved, text])
        if self.completion:
            return ({"role": COMPLETION, "content": text},)
        messages: list[Message] = []
        if self.system is not None:
            messages.append({"role": "system", "content": self._not_empty(self.system, values)})
        if self.few_shot and self.few_shot.form == "turns":
            for row in self.examples:
                messages.append({"role": "user", "content": self._text(row)})
                messages.append({"role": "assistant", "content": self._response(row, self.few_shot)})
        return (*messages, {"role": "user", "content": text})

    def _text(self, values: Mapping[str, object]) -> str:
        return self._not_empty(self.prompt, values)

    @staticmethod
    def _not_empty(prompt: Prompt, values: Mapping[str, object]) -> str:
        text = prompt.render(values)
        if not text.strip():
            raise PromptError(f"{prompt.path}: renders to nothing")
        return text

    @staticmethod
    def _response(row: Row, few_shot: FewShot) -> str:
        response = row.get(few_shot.response)
        if not isinstance(response, str) or not response.strip():
            raise PromptError(f"few_shot.response: an example has no text in '{few_shot.response}'")
        return response


def problem_text(problem: Problem) -> str:
    """The problem as its source words it; failing that, what was asked."""
    return str(json.loads(problem.metadata).get("problem") or problem.messages[-1]["content"])
