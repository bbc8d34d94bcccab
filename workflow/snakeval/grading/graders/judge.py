"""The answer judge: a model compares each answer with the golden one."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from snakeval.answers.extract import boxed
from snakeval.config import Config
from snakeval.formats.prompts import Prompt
from snakeval.grading.gradable import ALL_REASONING, FOREIGN, gradable, reward_of
from snakeval.grading.graders.points import points_in
from snakeval.judging.bench import Answer, Bench, Question, answer_verdict
from snakeval.problems.asked import problem_text
from snakeval.problems.prepare import GUIDELINES
from snakeval.schema import Judge, Points, Reasoning
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Grade, Problem, Verdict

log = logging.getLogger(__name__)


class Questions:
    """Renders one question to the judge a generation."""

    def __init__(self, judge: Judge, problems: Path, reasoning: Reasoning) -> None:
        assert judge.prompt is not None, "checked when the configuration was read"
        self._prompt = Prompt(Path(judge.prompt))
        self._system = Prompt(Path(judge.system)) if judge.system else None
        self._problems = {problem.problem_id: problem for problem in read_rows(problems, Problem)}
        self._reasoning = reasoning
        self.foreign = self.odd = 0
        self._in_points = judge.points is not None

    def of(self, row: Generation) -> tuple[Question | None, str | None, Verdict | None]:
        """(question, extracted answer, None), or (None, None, verdict) where there is nothing to judge."""
        found = gradable(row, self._reasoning)
        self.foreign += found.foreign
        self.odd += found.detail is not None
        if (text := found.text) is None:
            return None, None, found.verdict
        problem = self._problems[row.problem_id]
        answer = boxed(text) or text.strip()
        values = {
            "problem": problem_text(problem),
            "reference": problem.reference or "",
            "guidelines": json.loads(problem.metadata).get(GUIDELINES),
            "answer": answer,
            "response": text,
        }
        system = self._system.render(values) if self._system else None
        # A proof has no answer that could be compared or voted on.
        extracted = None if self._in_points else answer
        return Question(row.problem_id, system, self._prompt.render(values)), extracted, None


def grade_by_judge(
    config: Config,
    benchmark: str,
    slug: str,
    grader: str,
    *,
    problems: Path,
    generations: Path,
    serving: Path,
    service: Path | None,
    journal: Path,
    output: Path,
    reasoning: Reasoning | None = None,
) -> None:
    """Write the judge's grades of one generations file, in its order.

    `reasoning` are the marks of the model's reasoning, those that its file sets where it is None.
    """
    name = next(entry.judge for entry in config.benchmarks[benchmark].graders if entry.name == grader)
    assert name is not None, "checked when the configuration was read"
    judge = config.judges[name]
    asked = Questions(judge, problems, reasoning or config.served[slug].reasoning)
    rows = [(row, *asked.of(row)) for row in read_rows(generations, Generation)]
    if asked.odd:
        log.warning("%d of %d samples: %s", asked.odd, len(rows), ALL_REASONING)
    bench = Bench(config, name, "grade_judge", serving=serving, service=service, journal=journal)
    questions = [question for _, question, _, _ in rows if question]
    answers = bench.ask(questions, reader(judge))

    def grades() -> Iterator[Grade]:
        for row, question, extracted, verdict in rows:
            judged = answers[question] if question else None
            yield _grade(row, extracted, verdict, judged, judge.points)

    write_rows(output, Grade, grades(), lambda: {FOREIGN: str(asked.foreign)})


def reader(judge: Judge) -> Callable[[str], float | None]:
    """What reads a judge's text: its points, or 1 for correct and 0 for incorrect; None is unreadable."""
    points, verdicts = judge.points, judge.verdicts
    if points is not None:
        return lambda text: points_in(text, points)
    assert verdicts is not None, "checked when the configuration was read"

    def read(text: str) -> float | None:
        label = answer_verdict(text, verdicts)
        return None if label is None else float(label)

    return read


def _grade(
    row: Generation,
    extracted: str | None,
    verdict: Verdict | None,
    judged: Answer[float] | None,
    points: Points | None,
) -> Grade:
    key = (row.problem_id, row.sample_index, row.digest)
    if judged is None:
        assert verdict is not None
        return Grade(*key, reward_of(verdict), extracted, verdict)
    if judged.error:
        return Grade(*key, None, extracted, "infrastructure_failed", judged.error)
    if judged.label is None:
        return Grade(*key, None, extracted, "judge_null", judged.text)
    reward = judged.label / (points.maximum if points else 1)
    verdict = "correct" if reward == 1 else "incorrect"
    return Grade(*key, reward, extracted, verdict, judged.text, points=judged.label if points else None)
