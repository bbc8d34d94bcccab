"""`deepseek_math`: a pool of proofs, each verified many times, the best of them refined, round after round.

The high-compute search of DeepSeekMath-V2 (Shao et al. 2025, arXiv:2511.22570), with its parameters as the
schema's defaults: 64 proofs, 64 verifications of each, scored 0, 0.5 or 1; the 64 proofs with the highest
mean score are each paired with 8 analyses chosen at random, those that found issues (0 or 0.5) first; each
pair gives one refined proof for the pool; for at most 16 rounds, or until a proof passes all verifications.
Its published program (deepseek-ai/DeepSeek-Math-V2) can also rate verifications; this has no such step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from snakeval.asking.build import sample_seed
from snakeval.generation.agents.turns import PASSED, Ended, Play, Prompts, Reply, Step, Turn, score_of
from snakeval.schema import Agent
from snakeval.types import Problem


@dataclass(slots=True)
class Proof:
    """A proof in the pool: the scores of its verifications, None for unreadable ones, and some of these.

    `analyses` are those that refinements start from.
    """

    reply: Reply
    text: str
    scores: list[float | None] = field(default_factory=list)
    analyses: list[str] = field(default_factory=list)

    @property
    def score(self) -> float | None:
        """The mean of the readable scores."""
        readable = [score for score in self.scores if score is not None]
        return sum(readable) / len(readable) if readable else None

    @property
    def passed(self) -> bool:
        """Whether each verification gave 1; an unreadable one did not."""
        return bool(self.scores) and all(score == PASSED for score in self.scores)

    def verified(self, replies: Iterable[Reply], seed: int, kept: int) -> None:
        """Take the scores, and `kept` of the analyses with one: those with issues first, else at random."""
        found = []
        for index, reply in enumerate(replies):
            score = score_of(reply.answer)
            self.scores.append(score)
            if score is not None and reply.answer is not None:
                rank = score == PASSED, sample_seed(seed, self.reply.row.digest, index)
                found.append((rank, reply.answer))
                # Thousands of proofs with dozens of analyses each would not fit into memory.
                found = sorted(found)[:kept]
        self.analyses = [text for _, text in found]


def play(agent: Agent, prompts: Prompts, problem: Problem, seed: int) -> Play:
    """Play one sample; the proof with the highest mean score counts, of equal ones the earliest.

    It ends as "passed", "rounds", or with nothing to go on with: "no_answer" where no text is usable (the
    first one is returned as it is), "no_evaluation" where no verification is readable.
    """
    messages = prompts.generate(problem)
    replies = yield Step([Turn("generate", index, messages) for index in range(agent.proofs)], None)
    answers = list(replies)
    fresh = _proofs(answers)
    if not fresh:
        return Ended(answers[0], "no_answer")
    pool = list(fresh)
    for number in range(agent.rounds + 1):
        replies = yield Step(_verifications(agent, prompts, problem, fresh), _best(pool).reply)
        for proof in fresh:
            proof.verified(islice(replies, agent.verifications), seed, agent.analyses)
        for proof in fresh:
            if proof.passed:
                return Ended(proof.reply, "passed", proof.score)
        best = _best(pool)
        if number == agent.rounds:
            return Ended(best.reply, "rounds", best.score)
        turns = _refinements(agent, prompts, problem, pool, number)
        if not turns:
            return Ended(best.reply, "no_evaluation", best.score)
        replies = yield Step(turns, best.reply)
        fresh = _proofs(replies)
        pool += fresh
    raise AssertionError("the last round returns")


def _proofs(replies: Iterable[Reply]) -> list[Proof]:
    return [Proof(reply, reply.answer) for reply in replies if reply.answer is not None]


def _ranked(pool: list[Proof]) -> list[Proof]:
    """Highest mean score first, then the earliest; those that nobody could score last."""
    return sorted(pool, key=lambda proof: -1.0 if proof.score is None else proof.score, reverse=True)


def _best(pool: list[Proof]) -> Proof:
    return _ranked(pool)[0]


def _verifications(agent: Agent, prompts: Prompts, problem: Problem, fresh: list[Proof]) -> list[Turn]:
    """A proof is named by the digest of its own request: a larger pool keeps what is known of the smaller."""
    turns = []
    for proof in fresh:
        messages, name = prompts.evaluate(problem, proof.text), f"verify {proof.reply.row.digest}"
        turns += [Turn(name, index, messages) for index in range(agent.verifications)]
    return turns


def _refinements(
    agent: Agent, prompts: Prompts, problem: Problem, pool: list[Proof], number: int
) -> list[Turn]:
    return [
        Turn(f"refine {proof.reply.row.digest}", number * agent.analyses + index, messages)
        for proof in _ranked(pool)[: agent.refined]
        for index, messages in enumerate(
            prompts.refine(problem, proof.text, analysis) for analysis in proof.analyses
        )
    ]
