"""`self_eval_sequential`: an answer, then evaluation and refinement in turn, by the same model."""

from __future__ import annotations

from snakeval.generation.agents.turns import PASSED, Ended, Play, Prompts, Step, Turn, score_of
from snakeval.schema import Agent
from snakeval.types import Problem


def play(agent: Agent, prompts: Prompts, problem: Problem, seed: int) -> Play:
    """Play one sample: at most 1 + 2 x `iterations` turns; the last usable answer counts.

    It ends as "iterations", as "passed" at a score of 1 (with `stop_when_passed`), or where a turn has no
    usable text: "no_answer", "no_evaluation", "no_refinement".
    """
    (best,) = yield Step([Turn("generate", 0, prompts.generate(problem))], None)
    if best.answer is None:
        return Ended(best, "no_answer")
    for index in range(agent.iterations):
        turn = Turn("evaluate", index, prompts.evaluate(problem, best.answer))
        (evaluation,) = yield Step([turn], best)
        if evaluation.answer is None:
            return Ended(best, "no_evaluation")
        score = score_of(evaluation.answer)
        if agent.stop_when_passed and score == PASSED:
            return Ended(best, "passed", score)
        turn = Turn("refine", index, prompts.refine(problem, best.answer, evaluation.answer))
        (refined,) = yield Step([turn], best)
        if refined.answer is None:
            return Ended(best, "no_refinement", score)
        best = refined
    return Ended(best, "iterations")
