"""Ask a judge, and ask it again where its verdict can't be read.

A judge's answers are journalled like any model's. An unreadable verdict is asked for again, with
another seed and at a temperature of at least `RETRY_TEMPERATURE` (the same question at temperature 0
would get the same text), at most `max_attempts` times; then it is null. It is never guessed.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from snakeval.config import Config, Model, Sampling
from snakeval.config.schema import Judge, RateLimits, Verdicts
from snakeval.digests import RequestDigests, sample_seed
from snakeval.generate import handle_of, limits_of, request_body, request_identity
from snakeval.infer import ServingConfig, read_serving_config
from snakeval.meter import Meter
from snakeval.plan import JOURNAL
from snakeval.request import Request
from snakeval.retries import note_failures
from snakeval.rows import complete, rows_of
from snakeval.types import Json, Message

log = logging.getLogger(__name__)
RETRY_TEMPERATURE = 0.7
# The attempt that a retest counts as, beyond any that max_attempts might reach.
RETEST = 1_000_000
Label = TypeVar("Label")


@dataclass(frozen=True, slots=True)
class Question:
    """What a judge is asked, under a key that seeds it. Equal questions are asked once."""

    key: str
    system: str | None
    prompt: str

    @property
    def messages(self) -> tuple[Message, ...]:
        """The chat."""
        user: Message = {"role": "user", "content": self.prompt}
        return (user,) if self.system is None else ({"role": "system", "content": self.system}, user)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Label]):
    """A judge's verdict: None with its text if unreadable, None with an error if there is no text."""

    label: Label | None
    text: str | None
    error: str | None


class Bench:
    """One judge at work: where it answers, its journal, its sampling."""

    def __init__(
        self, config: Config, judge: str, stage: str, *, serving: Path, service: Path | None, journal: Path
    ) -> None:
        self._judge = config.judges[judge]
        self._model: Model = config.served[config.judge_slug[judge]]
        self._serving: ServingConfig = read_serving_config(serving)
        self._seed = config.settings.seed
        self._stage = stage
        self._journal = journal
        self._handle = handle_of(self._model, service)
        limited = self._judge.rate_limits != RateLimits()
        meter = Meter(config, judge, Path(JOURNAL)) if limited or self._judge.price else None
        self._limits = replace(limits_of(self._model), meter=meter)

    def ask(
        self, questions: Sequence[Question], parse: Callable[[str], Label | None]
    ) -> dict[Question, Answer[Label]]:
        """A verdict a question; `parse` reads a label from a judge's text or returns None."""
        answers: dict[Question, Answer[Label]] = {}
        open_questions = list(dict.fromkeys(questions))
        for attempt in range(self._judge.max_attempts):
            answers |= self._round(open_questions, attempt, parse)
            open_questions = [q for q in open_questions if answers[q].label is None and not answers[q].error]
            if not open_questions:
                break
            log.info("%d verdicts unreadable at attempt %d", len(open_questions), attempt + 1)
        failures = [answer.error for answer in answers.values() if answer.error]
        note_failures(self._journal, sum(not error.startswith("permanent") for error in failures))
        return answers

    def again(
        self, questions: Sequence[Question], count: int, parse: Callable[[str], Label | None]
    ) -> dict[Question, Answer[Label]]:
        """A second verdict on `count` of the questions, as at first but for the seed: how do verdicts repeat?

        Which ones is drawn by the seed. An unreadable one is not asked for again.
        """
        drawn = sorted(dict.fromkeys(questions), key=lambda q: sample_seed(self._seed, q.key, RETEST))[:count]
        return self._round(drawn, RETEST, parse) if drawn else {}

    def _round(
        self, questions: Sequence[Question], attempt: int, parse: Callable[[str], Label | None]
    ) -> dict[Question, Answer[Label]]:
        sampling = self._judge.sampling
        # Where no temperature is set the model's own counts, and some models refuse any other.
        cold = sampling.temperature is not None and sampling.temperature < RETRY_TEMPERATURE
        if cold and attempt not in (0, RETEST):
            sampling = sampling.model_copy(update={"temperature": RETRY_TEMPERATURE})
        requests = self._requests(questions, attempt, sampling)
        index = complete(requests, self._journal, self._handle, self._limits)
        return {
            question: Answer(parse(visible(row.text, self._model, row.reasoning)), row.text, None)
            if row.text is not None
            else Answer(None, None, row.error)
            for question, row in zip(questions, rows_of(requests, index), strict=True)
        }

    def _requests(self, questions: Sequence[Question], attempt: int, sampling: Sampling) -> list[Request]:
        body = judge_body(self._judge, request_body(self._model, self._serving, sampling))
        digests = RequestDigests(request_identity(self._stage, self._model, self._serving, body))
        requests = []
        for question in questions:
            seed = sample_seed(self._seed, question.key, attempt)
            digest = digests.of(question.key, question.messages, attempt, seed)
            requests.append(Request(question.key, attempt, digest, question.messages, seed, body))
        return requests


def judge_body(judge: Judge, body: Json) -> Json:
    """A judge's own parameters over its model's; who knows `max_completion_tokens` refuses `max_tokens`."""
    effort = {} if judge.reasoning_effort is None else {"reasoning_effort": judge.reasoning_effort}
    body = {**body, **effort, **judge.extra_body}
    if body.get("max_completion_tokens") is not None:
        body.pop("max_tokens", None)
    return body


def visible(text: str, model: Model, server_reasoning: str | None = None) -> str:
    """A judge's text without its reasoning; an unclosed reasoning block holds no verdict."""
    from snakeval.reasoning import separate

    return separate(text, model.reasoning, server_reasoning) or ""


def answer_verdict(text: str, verdicts: Verdicts) -> bool | None:
    """True for correct, False for incorrect, None where neither pattern is found; the last match counts."""
    found = [
        (match.start(), correct)
        for pattern, correct in ((verdicts.correct, True), (verdicts.incorrect, False))
        for match in re.finditer(pattern, text)
    ]
    ends = {correct for start, correct in found if start == max(found)[0]}
    return ends.pop() if len(ends) == 1 else None
