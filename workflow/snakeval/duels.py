"""Pairwise games as Arena-Hard plays them: two a question, with the positions swapped.

In game 1 the baseline is assistant A and the model B, in game 2 the other way round. The protocol is
that of Li et al. 2024 (arXiv 2406.11939); the prompts are the arena's own files.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path

from snakeval.config import Config, Model
from snakeval.files import write_text
from snakeval.grade import answer_of
from snakeval.graders.judge import problem_text
from snakeval.judging import Answer, Bench, Question
from snakeval.prompts import Prompt
from snakeval.tables import read_rows
from snakeval.types import Generation, Json, Problem
from snakeval.verdicts import extract_label

log = logging.getLogger(__name__)


def answers_of(generations: Path, model: Model) -> dict[str, tuple[str, int]]:
    """(answer without reasoning, output tokens) a question; an answer that can't be had is missing."""
    found = {}
    for row in read_rows(generations, Generation):
        if row.sample_index == 0 and row.error is None:
            _, text = answer_of(row, model.reasoning)
            found[row.problem_id] = (text or "", row.completion_tokens or 0)
    return found


class Games:
    """Renders the two games of a question."""

    def __init__(self, prompt: Path, system: Path | None) -> None:
        self._prompt = Prompt(prompt)
        self._system = Prompt(system) if system else None

    def of(self, problem: Problem, baseline: str, answer: str) -> tuple[Question, Question]:
        """The game with the baseline as assistant A, then the one with the model as assistant A."""
        return self._game(problem, baseline, answer, 1), self._game(problem, answer, baseline, 2)

    def _game(self, problem: Problem, answer_a: str, answer_b: str, game: int) -> Question:
        values = {"question": problem_text(problem), "answer_a": answer_a, "answer_b": answer_b}
        system = self._system.render(values) if self._system else None
        return Question(f"{problem.problem_id}/{game}", system, self._prompt.render(values))


def judge_duels(
    config: Config,
    arena: str,
    judge: str,
    slug: str,
    *,
    problems: Path,
    baseline_generations: Path,
    generations: Path,
    serving: Path,
    service: Path | None,
    journal: Path,
    output: Path,
) -> None:
    """Write results/arena/{arena}/{judge}/judgments/{model}.jsonl, one line a question.

    A question that either side could not answer has two games without a label and says why.
    """
    chosen = config.arenas[arena]
    baseline = answers_of(baseline_generations, config.served[config.baseline_slug[arena]])
    answers = answers_of(generations, config.served[slug])
    render = Games(Path(chosen.prompt), Path(chosen.system) if chosen.system else None)
    asked = list(read_rows(problems, Problem))
    games = {
        problem.problem_id: render.of(
            problem, baseline[problem.problem_id][0], answers[problem.problem_id][0]
        )
        for problem in asked
        if problem.problem_id in baseline and problem.problem_id in answers
    }
    bench = Bench(config, judge, "arena_judge", serving=serving, service=service, journal=journal)
    verdicts = bench.ask([game for pair in games.values() for game in pair], extract_label)
    lines = []
    for problem in asked:
        pair = games.get(problem.problem_id)
        lines.append(
            {
                "question_id": problem.problem_id,
                "category": json.loads(problem.metadata).get("category"),
                "model": slug,
                "baseline": config.baseline_slug[arena],
                "judge": judge,
                "games": _games([verdicts[game] for game in pair] if pair else None),
                "tokens": answers.get(problem.problem_id, ("", 0))[1],
            }
        )
    write_text(output, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def _games(answers: list[Answer[str]] | None) -> list[Json]:
    missing: Answer[str] = Answer(None, None, "an answer to this question could not be had")
    return [
        {"score": answer.label, "judgment": answer.text, "swapped": swapped, "error": answer.error}
        for answer, swapped in zip(answers or [missing, missing], (False, True), strict=True)
    ]
