"""Play an agent over all samples of a benchmark, so that each turn is asked for once in a lifetime.

The next turns of all samples that are not finished go out together, as ordinary requests of the output's
journal; a run that starts anew plays each sample again over what is journalled and asks from there. A
finished sample is journalled under its own digest, which covers the agent, and is not played again.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from snakeval.agents import deepseek_math, self_eval
from snakeval.agents.turns import Ended, Play, Prompts, Reply, Step
from snakeval.asking import COLUMNS
from snakeval.config import Config, Model
from snakeval.config.schema import Agent
from snakeval.digests import RequestDigests, sample_seed
from snakeval.generate import request_body, request_identity, sampling_of
from snakeval.infer import ServingConfig
from snakeval.journal import JournalWriter
from snakeval.journal_index import JournalIndex, scan
from snakeval.pace import note_finished
from snakeval.reasoning import separate
from snakeval.request import Request
from snakeval.rows import rows_of
from snakeval.types import Generation, Json, Problem

log = logging.getLogger(__name__)
KINDS: dict[str, Callable[[Agent, Prompts, Problem, int], Play]] = {
    "self_eval_sequential": self_eval.play,
    "deepseek_math": deepseek_math.play,
}
# What a parquet file's column of token counts can hold.
MOST = 2**31 - 1


class Ask(Protocol):
    """`rows.complete` for one output."""

    def __call__(self, requests: Sequence[Request], *, what: str = "samples") -> JournalIndex: ...


class TurnFailed(Exception):
    """A turn could not be had, but may be had in another run; the text is its row's error."""


class Game:
    """One sample under way: its agent, what it has used, and how it ended."""

    def __init__(self, sample: Request, play: Play, model: Model, budget: int) -> None:
        self.sample = sample
        self.ended: Ended | None = None
        self.error: str | None = None
        self._play, self._model, self._budget = play, model, budget
        self._used = {"prompt_tokens": 0, "completion_tokens": 0}
        self._seconds, self._turns = 0.0, 0
        self.step = next(play)

    @property
    def open(self) -> bool:
        """Whether there are turns to ask for."""
        return self.ended is None and self.error is None

    def hear(self, rows: Iterator[Generation]) -> None:
        """Take the rows of the step's turns and come to the next step, or to the end."""
        try:
            self.step = self._play.send(self._replies(rows))
            if sum(self._used.values()) >= self._budget and self.step.best is not None:
                self.ended = Ended(self.step.best, "budget")
        except StopIteration as end:
            self.ended = end.value
        except TurnFailed as failure:
            self.error = str(failure)
        deque(rows, maxlen=0)  # after a failure: the next sample's rows come behind these
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
            self._turns += 1
            yield Reply(row, usable(row, self._model))

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
            "turns": self._turns,
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
        )
        return row, {"agent": said}


class Agents:
    """The agent of one model on one benchmark. `ask` completes requests from and into the journal."""

    def __init__(
        self, config: Config, benchmark: str, slug: str, serving: ServingConfig, journal: Path, ask: Ask
    ) -> None:
        self._model = config.served[slug]
        assert self._model.agent is not None
        self._agent = config.agents[self._model.agent]
        self._prompts = Prompts(self._agent, Path())
        self._seed = config.settings.seed
        self._body = request_body(self._model, serving, sampling_of(config, benchmark, slug))
        # Without the agent's parameters: what they don't change is not asked again when they change.
        self._digests = RequestDigests(request_identity("generate", self._model, serving, self._body))
        self._journal, self._ask = journal, ask

    def finish(self, samples: Sequence[Request], problems: Sequence[Problem]) -> JournalIndex:
        """Play each sample that is not finished until it is, or has failed; return the journal's index."""
        index = scan(self._journal)
        missing = [samples[int(i)] for i in index.missing([sample.digest for sample in samples])]
        if not missing:
            log.info("%d samples wanted, all in the journal", len(samples))
            return index
        asked = {problem.problem_id: problem for problem in problems}
        games = [self._game(sample, asked[sample.problem_id]) for sample in missing]
        open_games, asked_any = games, False
        with JournalWriter(self._journal) as writer:
            while open_games:
                requests = [request for game in open_games for request in self._requests(game)]
                log.info("%d samples under way, %d turns", len(open_games), len(requests))
                asked_any |= len(index.missing([request.digest for request in requests])) > 0
                index = self._ask(requests, what="turns")
                rows = rows_of(requests, index)
                for game in open_games:
                    game.hear(islice(rows, len(game.step.turns)))
                    if not game.open:
                        row, said = game.row()
                        values = {**{name: getattr(row, name) for name in COLUMNS}, **said}
                        writer.append(values, row.digest, row.error is None)
                open_games = [game for game in open_games if game.open]
        ends = Counter(game.ended.why if game.ended else "failed" for game in games)
        log.info("samples ended: %s", ", ".join(f"{why} {count}" for why, count in sorted(ends.items())))
        if asked_any:
            note_finished(self._journal, sum(game.ended is not None for game in games))
        return scan(self._journal)

    def _game(self, sample: Request, problem: Problem) -> Game:
        play = KINDS[self._agent.kind](self._agent, self._prompts, problem, self._seed)
        return Game(sample, play, self._model, self._agent.max_total_tokens)

    def _requests(self, game: Game) -> Iterator[Request]:
        """A turn's key starts with its sample's, so that a transcript can be found in the journal."""
        for turn in game.step.turns:
            key = f"{game.sample.problem_id}#{game.sample.sample_index} {turn.name}"
            seed = sample_seed(self._seed, key, turn.index)
            digest = self._digests.of(key, turn.messages, turn.index, seed)
            yield Request(key, turn.index, digest, turn.messages, seed, self._body)


def usable(row: Generation, model: Model) -> str | None:
    """A turn's text without reasoning; None if it is empty, was cut or could not be had."""
    if row.text is None or row.finish_reason == "length":
        return None
    answer = separate(row.text, model.reasoning, row.reasoning)
    return answer.strip() or None if answer is not None else None
