"""Programs in the sandbox: reference solutions, OpenAI's example samples, CodeT's 16,400 CodeGen samples."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from golden.figure import Figure, json_lines
from snakeval.dag.identity import VERSIONS
from snakeval.grading.graders import Answer
from snakeval.grading.graders.code import outcomes
from snakeval.grading.graders.code_problems import CodeProblem, code_problem
from snakeval.problems.fetch import cache_folder
from snakeval.sandbox import choose
from snakeval.sandbox.types import MIB
from snakeval.statistics.passk import mean_pass_at_k

FOLDER = "code"
HUMANEVAL = "code/humaneval/HumanEval.jsonl.gz"
CODET = "code/codet_codegen16b_samples"
SAMPLES = "HumanEval_codegen16B_temp0.8_topp0.95_num100_max300_code_solution.jsonl"
PUBLISHED = {1: 22.09, 2: 30.77, 5: 42.01, 10: 50.37, 50: 68.69, 100: 73.78}
CODET_SECONDS = 2.0
# One more sample of each passes than when the published scores were measured.
PASSING_HERE = {"HumanEval/14": 38, "HumanEval/66": 69}
WHY_CODET = (
    "two samples more pass here; every sample of these problems that does also passes in a bare subprocess, "
    "in a quarter of a second, so it was no program's own time that met the limit of 2 s elsewhere"
)
Row = dict[str, Any]


def humaneval(data: Path) -> Iterator[Figure]:
    """The reference solutions of HumanEval, and the example that its repository gives with its score."""
    rows = packed(data / HUMANEVAL)
    problems = {row["task_id"]: problem(row, "humaneval", "base", 3.0) for row in rows}
    answers = [Answer(row["task_id"], "", row["canonical_solution"]) for row in rows]
    yield solved("HumanEval solutions", answers, problems, len(rows))
    (example,) = json_lines(data / "code/humaneval/example_problem.jsonl")
    samples = json_lines(data / "code/humaneval/example_samples.jsonl")
    texts = [Answer(example["task_id"], "", row["completion"]) for row in samples]
    known = {example["task_id"]: problem(example, "humaneval", "base", 3.0)}
    share = sum(passed(texts, known)) / len(texts)
    yield Figure("HumanEval example_samples", "pass@1", 0.5, share, 1e-9)


def humaneval_plus(data: Path) -> Iterator[Figure]:
    """The reference solutions of HumanEval+ on all its inputs."""
    yield _plus("HumanEval+ solutions", packed(data / "code/humanevalplus/HumanEvalPlus.jsonl.gz"), str)


def mbpp_plus(data: Path) -> Iterator[Figure]:
    """The reference solutions of MBPP+ on all its inputs; some of these take half a minute."""
    yield _plus("MBPP+ solutions", packed(data / "code/mbppplus/MbppPlus.jsonl.gz"), _fenced)


def mbpp(data: Path) -> Iterator[Figure]:
    """The reference solutions of all 974 MBPP problems."""
    rows = json_lines(data / "code/mbpp/mbpp.jsonl")
    problems = {
        str(row["task_id"]): code_problem(
            str(row["task_id"]), row["code"], {**row, "problem": row["text"]}, "mbpp", "plus", 20.0
        )
        for row in rows
    }
    answers = [Answer(str(row["task_id"]), "", _fenced(row["code"])) for row in rows]
    yield solved("MBPP solutions", answers, problems, len(rows))


def codet(data: Path) -> Iterator[Figure]:
    """pass@k of CodeT's samples, 100 a HumanEval problem; verdicts are kept, so a run can go on later."""
    counts = codet_counts(data)
    expected = stored_counts(data)
    differing = [f"{n}: {counts[n]}, not {expected[n]}" for n in counts if counts[n] != expected[n]]
    total = sum(counts.values())
    known = all(counts[n] in (expected[n], PASSING_HERE.get(n)) for n in counts)
    why = WHY_CODET if differing and known else None
    yield Figure("CodeT's samples", "passing of 16,400", 3622, total, 0, differing, why)
    scores = 100 * mean_pass_at_k([100] * len(counts), list(counts.values()))
    for k, published in PUBLISHED.items():
        yield Figure("CodeT's samples", f"pass@{k}", published, float(scores[k - 1]), 0.005, (), why)


def codet_counts(
    data: Path, names: Iterable[str] | None = None, *, keep: bool = True, seconds: float = CODET_SECONDS
) -> dict[str, int]:
    """Samples that pass, by problem, of all or those named; with `keep`, known verdicts are not run again."""
    problems, answers = codet_samples(data, seconds)
    wanted = set(problems if names is None else names)
    chosen = [answer for answer in answers if answer.problem_id in wanted]
    known = _Kept() if keep else None
    verdicts = list(known.passed(chosen, problems)) if known else passed(chosen, problems)
    counts = dict.fromkeys((name for name in problems if name in wanted), 0)
    for answer, right in zip(chosen, verdicts, strict=True):
        counts[answer.problem_id] += right
    return counts


def codet_samples(data: Path, seconds: float) -> tuple[dict[str, CodeProblem], list[Answer]]:
    """CodeT's prompts (HumanEval's without examples) with HumanEval's tests; the samples in their order."""
    prompts = {row["prompt"]: row for row in json_lines(data / CODET / "HumanEval_for_code_generation.jsonl")}
    tests = {row["task_id"]: row for row in packed(data / HUMANEVAL)}
    problems: dict[str, CodeProblem] = {}
    answers: list[Answer] = []
    for row in json_lines(data / CODET / SAMPLES):
        name = prompts[row["prompt"]]["task_id"]
        asked = {**tests[name], "prompt": row["prompt"]}
        problems[name] = problem(asked, "humaneval", "base", seconds)
        answers += [Answer(name, "", sample) for sample in row["samples"]]
    return problems, answers


def stored_counts(data: Path) -> dict[str, int]:
    """How many samples of each problem passed when the published scores were measured."""
    found: dict[str, int] = json.loads(
        (data / CODET / "codet_codegen16b_counts_measured_here.json").read_text(encoding="utf-8")
    )
    return found


class _Kept:
    """Verdicts in a file of the cache, a line each, so that sixteen thousand runs can be interrupted."""

    def __init__(self) -> None:
        self._path = cache_folder() / "golden" / "codet.jsonl"
        self._known: dict[str, bool] = {}
        if self._path.is_file():
            for line in self._path.read_text(encoding="utf-8").splitlines():
                key, right = json.loads(line)
                self._known[key] = right

    def passed(self, answers: list[Answer], problems: dict[str, CodeProblem]) -> list[bool]:
        """A verdict an answer; those that are not known are found out and kept."""
        keys = [_key(answer, problems) for answer in answers]
        new = {key: answer for key, answer in zip(keys, answers, strict=True) if key not in self._known}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            for key, right in zip(new, _each_passed(list(new.values()), problems), strict=True):
                self._known[key] = right
                file.write(json.dumps([key, right]) + "\n")
                file.flush()
        return [self._known[key] for key in keys]


def _key(answer: Answer, problems: dict[str, CodeProblem]) -> str:
    parts = (str(VERSIONS["grade_code"]), problems[answer.problem_id].exam, answer.text)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def packed(path: Path) -> list[Row]:
    """The rows of a compressed JSON-lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def problem(row: Row, format: str, suite: str, seconds: float) -> CodeProblem:
    """A problem as the grader gets it from a HumanEval or EvalPlus row."""
    meta = {**row, "problem": row["prompt"]}
    return code_problem(row["task_id"], row["canonical_solution"], meta, format, suite, seconds)


def passed(answers: list[Answer], problems: dict[str, CodeProblem]) -> list[bool]:
    """Whether each answer passes."""
    return list(_each_passed(answers, problems))


def _each_passed(answers: list[Answer], problems: dict[str, CodeProblem]) -> Iterator[bool]:
    for outcome in outcomes(answers, problems, choose(), 2, 4096 * MIB):
        yield outcome.verdict == "correct"


def solved(source: str, answers: list[Answer], problems: dict[str, CodeProblem], count: int) -> Figure:
    """All reference solutions must pass; those that do not are named."""
    right = passed(answers, problems)
    failing = [answer.problem_id for answer, good in zip(answers, right, strict=True) if not good]
    return Figure(source, "passing", count, sum(right), 0, failing)


def _plus(source: str, rows: list[Row], form: Callable[[str], str]) -> Figure:
    problems = {row["task_id"]: problem(row, "evalplus", "plus", 4.0) for row in rows}
    answers = [Answer(row["task_id"], "", form(row["canonical_solution"])) for row in rows]
    return solved(source, answers, problems, len(rows))


def _fenced(source: str) -> str:
    return f"```python\n{source}\n```"
