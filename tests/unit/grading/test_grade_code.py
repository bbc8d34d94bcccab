"""The code grader: from a problems file and generations to grades, metrics and what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from snakeval.grading.grade import grade
from snakeval.grading.graders.code import UnfitProblem
from snakeval.grading.graders.code_problems import ProblemError
from snakeval.problems.prepare import prepare
from snakeval.sandbox import Isolation, SandboxError, choice
from snakeval.schema import Benchmark, Grader, Reasoning
from snakeval.scoring.aggregate import aggregate, combine
from snakeval.system.tables import read_notes, read_rows, write_rows
from snakeval.types import Generation, Grade
from unit.sandbox.code_sandbox import needs_sandbox

ROW = Generation("p0", 0, "d", ({"role": "user", "content": "?"},), 1, "5", None, "stop", 3, 4, 0.1)
HUMANEVAL: list[dict[str, Any]] = [
    {
        "task_id": "T/0",
        "prompt": 'def add(a, b):\n    """Sum."""\n',
        "entry_point": "add",
        "canonical_solution": "    return a + b\n",
        "test": "def check(candidate):\n    assert candidate(1, 2) == 3\n",
    }
]
MBPP: list[dict[str, Any]] = [
    {
        "task_id": 7,
        "text": "Sum a list of pairs.",
        "code": """\
import math
class Pair:
    def __init__(self, a):
        self.a = a
def sum(x):
    return x
""",
        "test_setup_code": "p = Pair(3)",
        "test_list": ["assert sum([p, Pair(1)]) == 4", "assert sum([]) == math.floor(0.5)"],
        "challenge_test_list": ["assert sum([p] * 3) == 9"],
    }
]
PLUS: list[dict[str, Any]] = [
    {
        "task_id": "T/0",
        "prompt": 'def add(a, b):\n    """Sum."""\n',
        "entry_point": "add",
        "canonical_solution": "    return a + b\n",
        "base_input": [[1, 2]],
        "plus_input": [[-1, 5]],
        "atol": 0,
    }
]
FIELDS = {
    "humaneval": {"problem_id": "task_id", "problem": "prompt", "reference": "canonical_solution"},
    "mbpp": {"problem_id": "task_id", "problem": "text", "reference": "code"},
    "evalplus": {"problem_id": "task_id", "problem": "prompt", "reference": "canonical_solution"},
}


def graded(
    folder: Path, rows: list[dict[str, Any]], answers: list[str | None], format: str, **code: Any
) -> tuple[list[Grade], dict[str, Any]]:
    """The grades of answers to the first problem, and their metrics."""
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "prompt.jinja").write_text("{{ problem }}")
    source = {"source": {"file": "rows.jsonl"}, "fields": FIELDS[format], "prompt": "prompt.jinja"}
    problems, generations, output = (
        folder / f"{name}.parquet" for name in ("problems", "generations", "grades")
    )
    prepare("x", Benchmark.model_validate(source), folder, problems)
    name = str(rows[0]["task_id"])
    samples = [
        replace(ROW, problem_id=name, sample_index=i, digest=f"d{i}", text=t) for i, t in enumerate(answers)
    ]
    write_rows(generations, Generation, samples)
    grader = Grader.model_validate({"type": "code", "timeout": 8, "code": {"format": format, **code}})
    grade(problems, generations, output, grader, Reasoning(), workers=2)
    metrics = aggregate(problems, generations, output, data_source="x", model="m", grader="code", rounds=10)
    return list(read_rows(output, Grade)), metrics


@needs_sandbox
def test_humaneval(tmp_path: Path) -> None:
    answers = [
        "    return a + b\n",
        "```python\ndef add(a, b):\n    return a - b\n```",
        "I don't know.",
        "<think>x</think>```python\ndef add(a, b):\n    return b + a\n```",
        "    while True: pass\n",
        "",
        "```python\nimport os\nos._exit(0)\ndef add(a, b): pass\n```",
    ]
    grades, metrics = graded(tmp_path, HUMANEVAL, list(answers), "humaneval")
    verdicts = ["correct", "incorrect", "unextracted", "correct", "timed_out", "empty", "incorrect"]
    assert [row.verdict for row in grades] == verdicts
    assert [row.reward for row in grades] == [1, 0, 0, 1, 0, 0, 0]
    assert grades[0].extracted == HUMANEVAL[0]["prompt"] + answers[0]
    assert grades[1].detail == "AssertionError: "
    assert grades[6].detail == "Gone: it ended before the tests did"
    assert read_notes(tmp_path / "grades.parquet") == {"sandbox": "bubblewrap", "foreign_reasoning": "1"}
    assert metrics["sandbox"] == "bubblewrap"
    assert metrics["pass_at_k"]["1"] == pytest.approx(2 / 7)
    assert metrics["maj_at_k"] == {}  # programs are no answers to vote on
    assert metrics["validity"]["timed_out"] == 1


@needs_sandbox
@pytest.mark.parametrize(("suite", "verdicts"), [("base", [1, 1, 0]), ("plus", [1, 0, 0])])
def test_mbpp(tmp_path: Path, suite: str, verdicts: list[int]) -> None:
    pair = "class Pair:\n    def __init__(self, a):\n        self.a = a\n"
    answers: list[str | None] = [
        f"```python\n{pair}\ndef sum(x):\n    t = 0\n    for p in x:\n        t += p.a\n    return t\n```",
        f"```python\n{pair}\ndef sum(x):\n    return 4 if x else 0\n```",
        "```python\ndef sum(x):\n    return 4 if x else 0\n```",
    ]
    grades, _ = graded(tmp_path, MBPP, answers, "mbpp", suite=suite)
    assert [row.reward for row in grades] == verdicts, [row.detail for row in grades]


@needs_sandbox
@pytest.mark.parametrize(("suite", "verdicts"), [("base", [1, 1]), ("plus", [1, 0])])
def test_evalplus(tmp_path: Path, suite: str, verdicts: list[int]) -> None:
    answers: list[str | None] = ["    return a + b\n", "    return abs(a) + b\n"]
    grades, _ = graded(tmp_path, PLUS, answers, "evalplus", suite=suite)
    assert [row.reward for row in grades] == verdicts, [row.detail for row in grades]


@needs_sandbox
def test_a_reference_that_fails_blames_the_problem(tmp_path: Path) -> None:
    rows = [{**PLUS[0], "canonical_solution": "    return a +\n"}]
    with pytest.raises(UnfitProblem, match=r"'T/0'.*SyntaxError"):
        graded(tmp_path, rows, ["    return 1\n"], "evalplus")


@needs_sandbox
def test_rows_of_another_format_are_named(tmp_path: Path) -> None:
    with pytest.raises(ProblemError, match=r"'T/0' is none of format 'humaneval': column 'test'"):
        graded(tmp_path, PLUS, ["    return 1\n"], "humaneval")


def test_without_a_sandbox_nothing_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_found", lambda image: (None, ("bubblewrap: no user namespaces",)))
    with pytest.raises(SandboxError, match=r"no user namespaces.*unsafe: true"):
        graded(tmp_path, HUMANEVAL, ["    return a + b\n"], "humaneval")
    assert not (tmp_path / "grades.parquet").exists()


def test_unsafe_scores_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "_found", lambda image: (None, ("bubblewrap: no user namespaces",)))
    answers: list[str | None] = ["    return a + b\n", "    return a\n", "    while True: pass\n"]
    grades, metrics = graded(tmp_path, HUMANEVAL, answers, "humaneval", unsafe=True)
    assert [row.verdict for row in grades] == ["correct", "incorrect", "timed_out"]
    assert metrics["sandbox"] == "none (unsafe)"
    together = combine({"x": metrics, "y": {**metrics, "sandbox": "bubblewrap"}})
    assert together["_aggregate"]["sandbox"] == "none (unsafe), bubblewrap"


@needs_sandbox
def test_unsafe_is_not_used_where_there_is_a_sandbox() -> None:
    assert choice.choose(unsafe=True).kind == "bubblewrap"


def test_the_apptainer_command_line() -> None:
    """It can't be run here; its arguments are those of its manual."""
    from snakeval.sandbox.commands import apptainer

    command = apptainer(Isolation("apptainer", image="python.sif"), "/tmp/files")
    words = " ".join(command)
    assert words.startswith("apptainer --silent exec --containall --cleanenv --no-home --no-privs --net ")
    assert "--network none" in words
    assert "--bind /tmp/files:/job:ro" in words
    assert words.endswith("""python.sif /bin/sh -c cp -r /job/. . && exec "$@" sh""")
    assert "--env PATH=/usr/local/bin:/usr/bin:/bin" in words
