"""Answers that were made elsewhere -> generations, so that their model need not be served."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

from snakeval.config.tries import original
from snakeval.formats.arena_hard import OfficialAnswer, OfficialError, is_official, read_answers
from snakeval.generation.rollouts import Rollout, rollouts
from snakeval.problems.asked import problem_text
from snakeval.problems.fetch import fetch_url
from snakeval.problems.sources import read_rows as read_source
from snakeval.schema import Source
from snakeval.system.surrogates import replaced
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Problem

log = logging.getLogger(__name__)
MISSING = "permanent: no answer to this problem is recorded"


def import_answers(source: Source, root: Path, problems: Path, output: Path, benchmark: str = "") -> None:
    """Write results/generations/{benchmark}/{model}.parquet from a file of answers made elsewhere.

    The file is in Arena-Hard's format, or in one of those of `rollouts`. A problem has as many rows as
    the file has samples of any problem; what is missing is a row with an error. Raises OfficialError and
    RolloutError where a sample is there twice, or an answer is to another text than the problem's.
    """
    asked = list(read_rows(problems, Problem))
    if source.dataset is None and is_official(path := source_file(source, root)):
        _import_official(path, asked, problems, output)
        return
    found = rollouts(read_source(source, root), asked, original(benchmark))
    most = max(len(samples) for samples in found.values())
    lacking = {problem.problem_id: most - len(found.get(problem.problem_id, ())) for problem in asked}
    if missing := [f"'{name}' ({count})" for name, count in lacking.items() if count]:
        log.warning(
            "answers missing, of %d a problem, to %d problems: %s", most, len(missing), ", ".join(missing)
        )
    count = write_rows(output, Generation, _rollout_rows(asked, found, most))
    log.info("%s: %d answers, %d a problem", output, count, most)


def _rollout_rows(asked: list[Problem], found: dict[str, list[Rollout]], most: int) -> Iterator[Generation]:
    for problem in asked:
        samples = found.get(problem.problem_id, [])
        for index in range(most):
            sample = samples[index] if index < len(samples) else None
            text = None if sample is None else sample.text
            digest = _digest(problem.problem_id, str(index), text or "")
            common = (problem.problem_id, index, digest, problem.messages, 0)
            if sample is None or text is None:
                yield Generation(*common, None, None, None, None, None, None, error=MISSING)
                continue
            tokens = sample.completion_tokens
            text, spoilt = replaced(text)
            yield Generation(
                *(*common, text, sample.reasoning, sample.finish_reason, None, tokens, None),
                replaced=spoilt or None,
            )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def _import_official(path: Path, asked: list[Problem], problems: Path, output: Path) -> None:
    answers: dict[str, OfficialAnswer] = {}
    for answer in read_answers(path):
        if answer.question_id in answers:
            raise OfficialError(f"{path}: question '{answer.question_id}' is answered twice")
        answers[answer.question_id] = answer
    if not answers.keys() & {problem.problem_id for problem in asked}:
        raise OfficialError(f"{path}: answers none of the {len(asked)} problems in {problems}")
    count = sum(problem.problem_id not in answers for problem in asked)
    write_rows(output, Generation, (_row(each, answers.get(each.problem_id), path) for each in asked))
    log.info("%s: %d answers, %d problems without one", output, len(asked) - count, count)


def source_file(source: Source, root: Path) -> Path:
    """The local file of a source: downloaded and checked, or below `root`."""
    if source.url is not None and source.sha256 is not None:
        return fetch_url(source.url, source.sha256)
    if source.file is None:
        raise OfficialError("recorded answers come from a 'file' or a 'url'")
    return root / Path(source.file).expanduser()


def _row(problem: Problem, answer: OfficialAnswer | None, path: Path) -> Generation:
    digest = _digest(path.name, problem.problem_id, answer.text if answer else "")
    common = (problem.problem_id, 0, digest, problem.messages, 0)
    if answer is None:
        return Generation(*common, None, None, None, None, None, None, error=MISSING)
    said = problem_text(problem)
    if answer.asked is not None and answer.asked.strip() != said.strip():
        raise OfficialError(
            f"{path}: the answer to '{problem.problem_id}' is to another text, {answer.asked[:60]!r}, "
            f"not {said[:60]!r}"
        )
    text, spoilt = replaced(answer.text)
    return Generation(*common, text, None, "stop", None, answer.tokens, None, replaced=spoilt or None)
