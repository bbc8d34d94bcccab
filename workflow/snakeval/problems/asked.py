"""What a problem is asked with: its prompt, worked examples before it, as a chat or as one text."""

from __future__ import annotations

import json
import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from snakeval.formats.prompts import Prompt, PromptError
from snakeval.formats.rows import Row
from snakeval.types import COMPLETION, Message, Problem

if TYPE_CHECKING:
    from snakeval.schema import FewShot

# Between the worked examples of one text, and between an example's prompt and its response.
BETWEEN_EXAMPLES, BEFORE_RESPONSE = "\n\n", " "
# What a text may be written with or without: space, invisible characters, the marks around formulas in LaTeX.
_UNSAID = re.compile(r"[\s\u00ad\u200b-\u200d\u2060\ufeff$]+|\\[()\[\],;:! ]")
_SPELT = str.maketrans("\u2018\u2019\u201c\u201d\u2010\u2011\u2012\u2013\u2014\u2212", "''\"\"------")

log = logging.getLogger(__name__)


def normalised(text: str) -> str:
    """A text without what two copies of the same problem may differ in: case, space, fonts, last mark."""
    spelt = unicodedata.normalize("NFKC", text).casefold().translate(_SPELT)
    return _UNSAID.sub("", spelt).rstrip(".?!:;")


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: its row, its number in the source, and its problem's normalised text."""

    number: int
    row: Row
    text: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Renders the messages of a benchmark's problems. Prompts of one key each, in the order of a chat.

    The examples are the first `few_shot.n` of the pool. One that is the problem itself is left out for it,
    and the next of the pool takes its place if there is one.
    """

    prompt: Prompt
    system: Prompt | None = None
    few_shot: FewShot | None = None
    pool: Sequence[Example] = ()
    completion: bool = False

    def messages(self, values: Mapping[str, object]) -> tuple[Message, ...]:
        """The messages for a problem's values; one with the role COMPLETION is a text to be continued.

        Raises PromptError.
        """
        text = self._text(values)
        if self.few_shot and self.few_shot.form == "text":
            few_shot = self.few_shot
            solved = (
                self._text(row) + BEFORE_RESPONSE + self._response(row, few_shot)
                for row in self._shots(values)
            )
            text = BETWEEN_EXAMPLES.join([*solved, text])
        if self.completion:
            return ({"role": COMPLETION, "content": text},)
        messages: list[Message] = []
        if self.system is not None:
            messages.append({"role": "system", "content": self._not_empty(self.system, values)})
        if self.few_shot and self.few_shot.form == "turns":
            for row in self._shots(values):
                messages.append({"role": "user", "content": self._text(row)})
                messages.append({"role": "assistant", "content": self._response(row, self.few_shot)})
        return (*messages, {"role": "user", "content": text})

    def _shots(self, values: Mapping[str, object]) -> list[Row]:
        """The rows that a problem's examples are."""
        assert self.few_shot is not None, "only benchmarks with examples come here"
        text = normalised(str(values.get("problem")))
        for example in islice(self.pool, self.few_shot.n):
            if example.text == text:
                log.warning(
                    "few_shot: row %d of the examples (counted from 0) is a problem that is asked, and left "
                    "out for it: %.80r",
                    example.number,
                    values.get("problem"),
                )
        return [each.row for each in islice((e for e in self.pool if e.text != text), self.few_shot.n)]

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
