"""Each stage's version is pinned to a digest of its code, so that forgetting to raise it is noticed.

A comment, a docstring or formatting does not count. When code changed and the stage's output is the same,
pin again with `python tests/unit/test_versions.py`; when it differs, raise the number in
workflow/snakeval/identity.py first.
"""

from __future__ import annotations

import ast
import hashlib
import json
from pathlib import Path

import pytest

from snakeval.identity import VERSIONS

PINS = Path(__file__).with_name("versions.json")
SOURCES = Path(__file__).resolve().parents[2] / "workflow" / "snakeval"
REQUESTS = ["request.py", "clients.py", "http_pool.py", "hosted.py", "asking.py", "rows.py", "generate.py"]
STAGES = {
    "infer_config": ["infer.py", "serving_config.py", "architecture.py", "model_files.py"],
    "prepare": [
        "sources.py",
        "fetch.py",
        "corrections.py",
        "prompts.py",
        "asked.py",
        "extract.py",
        "prepare.py",
        "cells.py",
    ],
    "generate": REQUESTS,
    "agent": [
        *("agents/turns.py", "agents/self_eval.py", "agents/deepseek_math.py", "agents/game.py"),
        *("agents/run.py", "prompts.py", "reasoning.py", "digests.py"),
    ],
    "grade_math": [
        *("reasoning.py", "extract.py", "grade.py", "graders/math.py", "graders/equivalence.py"),
        *("graders/latex.py", "graders/two_stage.py"),
    ],
    "grade_exact": ["reasoning.py", "extract.py", "grade.py", "graders/exact.py", "graders/latex.py"],
    "grade_ifeval": ["reasoning.py", "grade.py", "graders/ifeval.py"],
    "grade_points": ["reasoning.py", "grade.py", "graders/points.py"],
    "grade_code": [
        *("reasoning.py", "grade.py", "programs.py", "graders/code.py", "graders/code_problems.py"),
        *(
            "graders/code_stdio.py",
            "graders/code_archive.py",
            "graders/code_worker.py",
            "sandbox/exam.py",
            "sandbox/examiner.py",
            "sandbox/forks.py",
            "sandbox/zygote.py",
        ),
        *(
            "sandbox/candidate.py",
            "sandbox/remote.py",
            "sandbox/scalars.py",
            "sandbox/compare.py",
            "sandbox/types.py",
        ),
    ],
    "grade_judge": [
        *REQUESTS,
        "reasoning.py",
        "extract.py",
        "grade.py",
        "judging.py",
        "prompts.py",
        "graders/judge.py",
        "graders/points.py",
    ],
    "aggregate": [
        "parts.py",
        "passk.py",
        "bootstrap.py",
        "validity.py",
        "samples.py",
        "points.py",
        "aggregate.py",
    ],
    "import_judgments": ["official.py", "exchange.py", "verdicts.py"],
    "import_answers": ["official.py", "recorded.py", "rollouts.py", "sources.py", "fetch.py"],
    "arena_prompts": ["wordings.py"],
    "lm_eval": ["harness.py", "harness_table.py"],
    "arena_judge": [
        *REQUESTS,
        "reasoning.py",
        "grade.py",
        "judging.py",
        "prompts.py",
        "duels.py",
        "official.py",
        "wordings.py",
        "verdicts.py",
    ],
    "costs": ["spending.py"],
    "leaderboard": [
        *("battles.py", "bradley_terry.py", "scores.py", "conventions.py", "published_style.py", "style.py"),
        *("answer_styles.py", "intervals.py", "winrates.py", "instrument.py", "human.py", "human_files.py"),
        "separability.py",
        *("judgments.py", "leaderboard.py", "leaderboard_tables.py", "bootstrap.py", "verdicts.py"),
        "validity.py",
    ],
    "agree": ["judge_agreement.py", "instrument.py", "judgments.py"],
    "compare": ["comparisons.py", "passk.py", "bootstrap.py"],
    "gate": ["gate.py", "comparisons.py", "passk.py"],
    "calibrate": ["calibration.py", "human.py", "human_files.py"],
    "summary": [
        "summary.py",
        "aggregate.py",
        "leaderboard.py",
        "leaderboard_tables.py",
        "judge_tables.py",
        "validity.py",
    ],
    "report": [
        *("report.py", "templates/report.html", "summary.py", "leaderboard.py", "leaderboard_tables.py"),
        *("judge_tables.py", "validity.py"),
    ],
}


def code_digest(names: list[str]) -> str:
    """Digest of the modules' syntax trees without docstrings; of other files' bytes."""
    digest = hashlib.sha256()
    for name in names:
        path = SOURCES / name
        digest.update(name.encode())
        digest.update(_tree(path.read_text()).encode() if path.suffix == ".py" else path.read_bytes())
    return digest.hexdigest()[:16]


def _tree(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.dump(tree)


def test_every_stage_is_pinned() -> None:
    assert set(STAGES) == set(VERSIONS) == set(json.loads(PINS.read_text()))


@pytest.mark.parametrize("stage", STAGES)
def test_changed_code_has_a_decided_version(stage: str) -> None:
    pinned = json.loads(PINS.read_text())[stage]
    now = {"version": VERSIONS[stage], "code": code_digest(STAGES[stage])}
    assert now == pinned, (
        f"the code of stage '{stage}' changed. Does its output differ? Then raise VERSIONS['{stage}'] in "
        "workflow/snakeval/identity.py. Either way pin it: python tests/unit/test_versions.py"
    )


def test_comments_and_docstrings_do_not_count() -> None:
    assert _tree("def f():\n    'doc'\n    return 1  # why\n") == _tree("def f():\n    return 1\n")
    assert _tree("def f():\n    return 1\n") != _tree("def f():\n    return 2\n")


if __name__ == "__main__":
    pins = {stage: {"version": VERSIONS[stage], "code": code_digest(STAGES[stage])} for stage in STAGES}
    PINS.write_text(json.dumps(pins, indent=2) + "\n")
