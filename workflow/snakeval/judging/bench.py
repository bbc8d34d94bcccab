"""Ask a judge, and ask it again where its verdict can't be read.

A judge's answers are journalled like any model's. An unreadable verdict is asked for again, with
another seed and at a temperature of at least `RETRY_TEMPERATURE` (the same question at temperature 0
would get the same text), at most `max_attempts` times; then it is null. It is never guessed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

from snakeval.answers.finish import ending, withheld
from snakeval.answers.patterns import found
from snakeval.answers.reasoning import separate
from snakeval.asking.again import note_errors
from snakeval.asking.ask import keep
from snakeval.asking.build import RequestDigests, request_body, request_identity, sample_seed
from snakeval.asking.handles import handle_of, limits_of
from snakeval.asking.lengths import fitting
from snakeval.asking.meter import Meter
from snakeval.asking.request import Request
from snakeval.asking.rows import complete, finished
from snakeval.config import Config, Model
from snakeval.dag.plan import JOURNAL
from snakeval.journal.index import JournalIndex
from snakeval.journal.writer import JournalWriter
from snakeval.models.serving_config import ServingConfig, read_serving_config, with_inferred
from snakeval.schema import Judge, RateLimits, Reasoning, Verdicts
from snakeval.types import Generation, Json, Message

log = logging.getLogger(__name__)
RETRY_TEMPERATURE = 0.7
# The attempt that a retest counts as, beyond any that max_attempts might reach.
RETEST = 1_000_000
# Characters between two verdicts that are one statement, as in "A or B"; a second thought takes more.
CONTRADICTS_WITHIN = 12
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
    """A judge's verdict: None with its text if unreadable, None with an error if there is no text.

    Words of a filter that refused the question count as a text without a verdict.
    """

    label: Label | None
    text: str | None
    error: str | None


Chat = tuple[tuple[str, str], ...]


def chat_of(messages: Sequence[Message]) -> Chat:
    """A chat as a key: roles and contents."""
    return tuple((message["role"], message["content"]) for message in messages)


class Bench:
    """One judge at work: where it answers, its journal, its sampling."""

    def __init__(
        self, config: Config, judge: str, stage: str, *, serving: Path, service: Path | None, journal: Path
    ) -> None:
        self._judge = config.judges[judge]
        self._model: Model = config.served[config.judge_slug[judge]]
        self._serving: ServingConfig = read_serving_config(serving)
        self._reasoning = with_inferred(self._model.reasoning, self._serving)
        self._seed = config.settings.seed
        self._stage, self._file = stage, f"config/judges/{judge}.yaml"
        self._journal = journal
        self._handle = handle_of(self._model, service)
        limited = self._judge.rate_limits != RateLimits()
        meter = Meter(config, judge, Path(JOURNAL)) if limited or self._judge.price else None
        self._fit = fitting(self._model, self._serving)
        self._limits = replace(limits_of(self._model), meter=meter)

    def take(
        self,
        questions: Sequence[Question],
        known: Mapping[Chat, tuple[Label, str]],
        parse: Callable[[str], Label | None],
    ) -> None:
        """Journal what is known of questions, a label and the judge's text, as the answers to them.

        Not where the label is not what is read in that text alone: the judge is asked then.
        """
        asked = [question for question in dict.fromkeys(questions) if chat_of(question.messages) in known]
        count = 0
        with JournalWriter(self._journal) as writer:
            for request in self._requests([(question, 0) for question in asked]):
                label, text = known[chat_of(request.messages)]
                if parse(visible(text, self._reasoning)) == label:
                    answer = request.failed("")
                    keep(writer, replace(answer, text=text, finish_reason="stop", error=None), {})
                    count += 1
        log.info("%d verdicts were taken from the finished output", count)

    def ask(
        self, questions: Sequence[Question], parse: Callable[[str], Label | None]
    ) -> dict[Question, Answer[Label]]:
        """A verdict a question; `parse` reads a label from a judge's text or returns None."""
        return self.ask_some_twice(questions, 0, parse)[0]

    def ask_some_twice(
        self, questions: Sequence[Question], count: int, parse: Callable[[str], Label | None]
    ) -> tuple[dict[Question, Answer[Label]], dict[Question, Answer[Label]]]:
        """A verdict a question, and a second one on `count` of them: how do verdicts repeat?

        Which ones are asked twice is drawn by the seed, and only their sampling's seed differs. Both go out
        together. An unreadable second verdict is not asked for again.
        """
        open_questions = list(dict.fromkeys(questions))
        drawn = sorted(open_questions, key=lambda q: sample_seed(self._seed, q.key, RETEST))[:count]
        first = self._round([(q, 0) for q in open_questions] + [(q, RETEST) for q in drawn], parse)
        answers = dict(zip(open_questions, first, strict=False))
        again = dict(zip(drawn, first[len(open_questions) :], strict=True))
        for attempt in range(1, self._judge.max_attempts):
            open_questions = [q for q in open_questions if answers[q].label is None and not answers[q].error]
            if not open_questions:
                break
            log.info("%d verdicts unreadable at attempt %d", len(open_questions), attempt)
            later = self._round([(q, attempt) for q in open_questions], parse)
            answers |= zip(open_questions, later, strict=True)
        errors = {q.key: answer.error for q, answer in answers.items() if answer.error}
        errors |= {f"{q.key}/retest": answer.error for q, answer in again.items() if answer.error}
        note_errors(self._journal, errors)
        return answers, again

    def _round(
        self, asked: Sequence[tuple[Question, int]], parse: Callable[[str], Label | None]
    ) -> list[Answer[Label]]:
        """The answers to questions, each at its attempt, in their order."""
        requests = self._requests(asked)

        def finish(missing: Sequence[Request]) -> JournalIndex:
            return complete(missing, self._journal, self._handle, self._limits, fit=self._fit)

        return finished(requests, finish, lambda rows: [self._answer(row, parse) for row in rows])

    def _answer(self, row: Generation, parse: Callable[[str], Label | None]) -> Answer[Label]:
        """The verdict in a judge's text; none where a filter cut that short, or refused the question."""
        if withheld(row.finish_reason, row.error):
            return Answer(None, row.text or row.error, None)
        if row.text is None:
            return Answer(None, None, row.error)
        whole = ending(row.finish_reason) != "failed"
        label = parse(visible(row.text, self._reasoning, row.reasoning)) if whole else None
        return Answer(label, row.text, None)

    def _requests(self, asked: Sequence[tuple[Question, int]]) -> list[Request]:
        made: dict[bool, tuple[Json, RequestDigests]] = {}
        for warm in {self._warm(attempt) for _, attempt in asked}:
            sampling = self._judge.sampling
            if warm:
                sampling = sampling.model_copy(update={"temperature": RETRY_TEMPERATURE})
            body = judge_body(self._judge, request_body(self._model, self._serving, sampling, self._file))
            identity = request_identity(self._stage, self._model, self._serving, body)
            made[warm] = body, RequestDigests(identity)
        requests = []
        for question, attempt in asked:
            body, digests = made[self._warm(attempt)]
            seed, messages = sample_seed(self._seed, question.key, attempt), question.messages
            digest = digests.of(question.key, messages, attempt, seed)
            requests.append(Request(question.key, attempt, digest, messages, seed, body))
        return requests

    def _warm(self, attempt: int) -> bool:
        """Whether an attempt is made at RETRY_TEMPERATURE.

        Where no temperature is set the model's own counts, and some models refuse any other.
        """
        temperature = self._judge.sampling.temperature
        return attempt not in (0, RETEST) and temperature is not None and temperature < RETRY_TEMPERATURE


def judge_body(judge: Judge, body: Json) -> Json:
    """A judge's own parameters over its model's.

    The bound of length that `asking.clients.sent` would leave out is left out here already, as it is no part
    of the identity that judges' verdicts have been kept under.
    """
    effort = {} if judge.reasoning_effort is None else {"reasoning_effort": judge.reasoning_effort}
    body = {**body, **effort, **judge.extra_body}
    if body.get("max_completion_tokens") is not None:
        body.pop("max_tokens", None)
    return body


def visible(text: str, reasoning: Reasoning, server_reasoning: str | None = None) -> str:
    """A judge's text without its reasoning; an unclosed reasoning block holds no verdict."""
    return separate(text, reasoning, server_reasoning) or ""


def answer_verdict(text: str, verdicts: Verdicts) -> bool | None:
    """True for correct, False for incorrect, None where neither pattern is found; the last match counts.

    None, too, where it contradicts the one before with hardly a word between them, as in "A or B", and where
    it is not found within `patterns.LIMIT_SECONDS`.
    """
    several = found(text, verdicts.correct, verdicts.incorrect) or []
    said = sorted(
        (match.start, match.end, correct)
        for matches, correct in zip(several, (True, False), strict=False)
        for match in matches
    )
    if not said:
        return None
    start, _, last = said[-1]
    near = {correct for _, end, correct in said if start - end <= CONTRADICTS_WITHIN}
    return last if near == {last} else None
