"""Play an agent over the samples of a benchmark, so that each turn is asked for once in a lifetime.

Turns are ordinary requests of the output's journal. A sample's next turns are asked for as soon as it has the
replies before them, whatever others wait for; another sample is begun where a place is free. A run that
starts anew plays each sample again over what is journalled and asks from there. A finished sample is
journalled under its own digest, which covers the agent, and is not played again.
"""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from snakeval.asking.ask import Limits, keep
from snakeval.asking.build import RequestDigests, request_body, request_identity, sample_seed, sampling_of
from snakeval.asking.endpoints import Handle
from snakeval.asking.pace import note_finished
from snakeval.asking.progress import LOG_EVERY_SECONDS
from snakeval.asking.request import Request
from snakeval.asking.rows import complete_from, in_place, rows_of
from snakeval.asking.shards import Shard
from snakeval.config import Config
from snakeval.generation.agents import deepseek_math, self_eval
from snakeval.generation.agents.game import Game
from snakeval.generation.agents.turns import Play, Prompts
from snakeval.journal.checksums import Positions
from snakeval.journal.index import JournalIndex
from snakeval.journal.writer import JournalWriter
from snakeval.models.serving_config import ServingConfig, with_inferred
from snakeval.schema import Agent
from snakeval.types import Generation, Problem

log = logging.getLogger(__name__)
KINDS: dict[str, Callable[[Agent, Prompts, Problem, int], Play]] = {
    "self_eval_sequential": self_eval.play,
    "deepseek_math": deepseek_math.play,
}


class Agents:
    """The agent of one model on the problems of one benchmark."""

    def __init__(
        self, config: Config, benchmark: str, slug: str, serving: ServingConfig, problems: Sequence[Problem]
    ) -> None:
        self._model = config.served[slug]
        assert self._model.agent is not None
        self._agent = config.agents[self._model.agent]
        self._reasoning = with_inferred(self._model.reasoning, serving)
        self._prompts = Prompts(self._agent, Path())
        self._seed = config.settings.seed
        self._problems = {problem.problem_id: problem for problem in problems}
        self._body = request_body(self._model, serving, *sampling_of(config, benchmark, slug))
        # Without the agent's parameters: what they don't change is not asked again when they change.
        self._digests = RequestDigests(request_identity("generate", self._model, serving, self._body))

    def finish(
        self, samples: Sequence[Request], journal: Path, handle: Handle, limits: Limits, shard: Shard
    ) -> JournalIndex:
        """Play each sample that is not finished until it is, or has failed; return the journal's index."""
        begun: list[Table] = []

        def table(missing: Positions, index: JournalIndex, writer: JournalWriter) -> Table:
            begun.append(Table(self, [samples[i] for i in missing], index, writer))
            return begun[-1]

        wanted = [sample.digest for sample in samples]
        try:
            return complete_from(table, wanted, journal, handle, limits, shard)
        finally:
            for each in begun:
                each.note(journal)

    def game(self, sample: Request) -> Game:
        """A sample at its first step."""
        problem = self._problems[sample.problem_id]
        play = KINDS[self._agent.kind](self._agent, self._prompts, problem, self._seed)
        return Game(sample, play, self._reasoning, self._agent.max_total_tokens)

    def requests(self, game: Game) -> Iterator[Request]:
        """A step's turns. Their keys start with the sample's, so that a transcript can be found."""
        for turn in game.step.turns:
            key = f"{game.sample.problem_id}#{game.sample.sample_index} {turn.name}"
            seed = sample_seed(self._seed, key, turn.index)
            digest = self._digests.of(key, turn.messages, turn.index, seed)
            yield Request(key, turn.index, digest, turn.messages, seed, self._body)


class Table:
    """The samples of one job as a source of requests; finished ones go into the journal.

    `index` is what the journal had when the job began.
    """

    what: Literal["samples", "turns"] = "turns"
    total: int | None = None

    def __init__(
        self, agents: Agents, samples: Sequence[Request], index: JournalIndex, writer: JournalWriter
    ) -> None:
        self._agents = agents
        self._samples, self._wanted = iter(samples), len(samples)
        self._index, self._writer = index, writer
        self._ready: deque[Request] = deque()
        self._waiting: dict[str, Game] = {}  # by the digest of a turn that is ready or asked
        self._ends: Counter[str] = Counter()
        self._logged = time.monotonic()
        self._asked = False

    @property
    def finished(self) -> int | None:
        """Samples that have ended here, however."""
        return self._ends.total()

    def more(self) -> bool:
        """Whether there is a turn to ask for now; begins samples until there is."""
        while not self._ready:
            sample = next(self._samples, None)
            if sample is None:
                return False
            self._go_on(self._agents.game(sample))
        return True

    def take(self) -> Request | None:
        """The next turn: those of samples under way come before those of new ones."""
        return self._ready.popleft() if self.more() else None

    def answered(self, row: Generation) -> None:
        """Take a turn's row; with the last of a step its sample goes on."""
        self._asked = True
        game = self._waiting.pop(row.digest)
        game.had[row.digest] = row
        game.lacking -= 1
        if game.lacking == 0:
            game.hear(rows_of(game.turns, self._index))
            self._go_on(game)
        if time.monotonic() - self._logged >= LOG_EVERY_SECONDS:
            self._logged = time.monotonic()
            ended, under_way = self._ends.total(), len(set(self._waiting.values()))
            log.info("%d of %d samples ended, %d under way", ended, self._wanted, under_way)

    def note(self, journal: Path) -> None:
        """Log how samples ended, and record it for whoever plans the next run."""
        ends = ", ".join(f"{why} {count}" for why, count in sorted(self._ends.items()))
        log.info("%d of %d samples ended: %s", self._ends.total(), self._wanted, ends or "none")
        if self._asked:
            note_finished(journal, self._ends.total() - self._ends["failed"])

    def _go_on(self, game: Game) -> None:
        """As far as the journal knows; then its missing turns are ready, or its row is written."""
        while game.open:
            game.turns = in_place(list(self._agents.requests(game)), self._index)
            absent = self._index.missing([turn.digest for turn in game.turns])
            missing = {game.turns[i].digest: i for i in absent}
            if missing:
                game.lacking = len(missing)
                self._waiting |= dict.fromkeys(missing, game)
                self._ready.extend(game.turns[i] for i in missing.values())
                return
            game.hear(rows_of(game.turns, self._index))
        row, said = game.row()
        keep(self._writer, row, said)
        self._ends[game.ended.why if game.ended else "failed"] += 1
