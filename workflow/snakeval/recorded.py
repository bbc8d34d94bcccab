"""Answers that somebody has published -> generations, so that a baseline need not be served."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

from snakeval.config.schema import Source
from snakeval.fetch import fetch_url
from snakeval.graders.judge import problem_text
from snakeval.official import OfficialAnswer, OfficialError, read_answers
from snakeval.tables import read_rows, write_rows
from snakeval.types import Generation, Problem

log = logging.getLogger(__name__)
MISSING = "permanent: no answer to this problem is recorded"


def import_answers(source: Source, root: Path, problems: Path, output: Path) -> None:
    """Write results/generations/{benchmark}/{model}.parquet from a file in Arena-Hard's format.

    One row a problem, in their order; a problem without an answer is a row with an error. Raises
    OfficialError where a problem is answered twice, or an answer is to another text than the problem's.
    """
    path = source_file(source, root)
    answers: dict[str, OfficialAnswer] = {}
    for answer in read_answers(path):
        if answer.question_id in answers:
            raise OfficialError(f"{path}: question '{answer.question_id}' is answered twice")
        answers[answer.question_id] = answer
    asked = list(read_rows(problems, Problem))
    if not answers.keys() & {problem.problem_id for problem in asked}:
        raise OfficialError(f"{path}: answers none of the {len(asked)} problems in {problems}")

    def rows() -> Iterator[Generation]:
        for problem in asked:
            yield _row(problem, answers.get(problem.problem_id), path)

    count = sum(problem.problem_id not in answers for problem in asked)
    write_rows(output, Generation, rows())
    log.info("%s: %d answers, %d problems without one", output, len(asked) - count, count)


def source_file(source: Source, root: Path) -> Path:
    """The local file of a source: downloaded and checked, or below `root`."""
    if source.url is not None and source.sha256 is not None:
        return fetch_url(source.url, source.sha256)
    if source.file is None:
        raise OfficialError("recorded answers come from a 'file' or a 'url'")
    return root / Path(source.file).expanduser()


def _row(problem: Problem, answer: OfficialAnswer | None, path: Path) -> Generation:
    key = f"{path.name}\n{problem.problem_id}\n{answer.text if answer else ''}"
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    common = (problem.problem_id, 0, digest, problem.messages, 0)
    if answer is None:
        return Generation(*common, None, None, None, None, None, None, error=MISSING)
    said = problem_text(problem)
    if answer.asked is not None and answer.asked.strip() != said.strip():
        raise OfficialError(
            f"{path}: the answer to '{problem.problem_id}' is to another text, {answer.asked[:60]!r}, "
            f"not {said[:60]!r}"
        )
    return Generation(*common, answer.text, None, "stop", None, answer.tokens, None)
