"""Programs in the sandbox: a sample of CodeT's 16,400, and MBPP+ without its slowest problems.

The whole of both: python -m golden --only codet mbpp-plus.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from golden import code
from snakeval.grading.graders import Answer
from unit.sandbox.code_sandbox import needs_sandbox

pytestmark = [pytest.mark.golden, needs_sandbox]
SLOW = {"Mbpp/255", "Mbpp/599", "Mbpp/123"}  # their reference solutions take most of the time


def test_codet_samples_pass_as_often_as_stored(data_dir: Path) -> None:
    """Four problems drawn by a seed, 400 samples; with three times the limit, as other tests run beside."""
    if not (data_dir / code.CODET).is_dir():
        pytest.skip(f"no published data: {data_dir / code.CODET} is not there")
    expected = code.stored_counts(data_dir)
    names = random.Random(4).sample(sorted(expected), 4)
    found = code.codet_counts(data_dir, names, keep=False, seconds=3 * code.CODET_SECONDS)
    assert found == {name: code.PASSING_HERE.get(name, expected[name]) for name in names}


def test_mbpp_plus_solutions_pass(data_dir: Path) -> None:
    path = data_dir / "code/mbppplus/MbppPlus.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"no published data: {path} is not there")
    rows = [row for row in code.packed(path) if row["task_id"] not in SLOW]
    rows = random.Random(4).sample(rows, 60)
    problems = {row["task_id"]: code.problem(row, "evalplus", "plus", 4.0) for row in rows}
    answers = [Answer(row["task_id"], "", f"```python\n{row['canonical_solution']}\n```") for row in rows]
    assert code.solved("MBPP+", answers, problems, len(rows)).agrees
