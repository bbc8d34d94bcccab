"""LiveCodeBench's problems, of our own in its format: tests packed and plain, programs and functions."""

from __future__ import annotations

import base64
import json
import os
import pickle
import zlib
from typing import Any

import pytest

from snakeval.answers.programs import whole_program
from snakeval.grading.graders.code_livecodebench import livecodebench_problem, same_lines, same_value
from snakeval.grading.graders.code_problems import ProblemError
from snakeval.grading.graders.code_stdio import judge
from snakeval.sandbox import choose
from unit.sandbox.code_sandbox import needs_sandbox


def packed(value: object) -> str:
    return base64.b64encode(zlib.compress(pickle.dumps(value))).decode()


def row(kind: str, tests: list[tuple[str, str]], name: str | None = None) -> dict[str, Any]:
    """The first test is public, the others are private."""
    cases = [{"input": given, "output": wanted, "testtype": kind} for given, wanted in tests]
    return {
        "public_test_cases": json.dumps(cases[:1]),
        "private_test_cases": packed(json.dumps(cases[1:])),
        "metadata": json.dumps({"func_name": name} if name else {}),
    }


SUM = row("stdin", [("2\n1 2\n", "3\n"), ("3\n1 2 3\n", "6\n")])
PAIR = row("functional", [("[1, 2, 3]\n3", "[0, 1]"), ("[5, 1, 4]\n9", "[0, 2]")], "twoSum")
HALF = row("functional", [("4", "2.0"), ("5", "2.5")], "half")
SOLUTION = """\
class Solution:
    def twoSum(self, nums: List[int], target: int) -> List[int]:
        for i, j in combinations(range(len(nums)), 2):
            if nums[i] + nums[j] == target:
                return [i, j]
"""


@needs_sandbox
@pytest.mark.parametrize(
    ("problem", "source", "expected"),
    [
        (SUM, "input()\nprint(sum(map(int, input().split())))", "AC"),
        (SUM, "input()\nprint(float(sum(map(int, input().split()))))", "AC"),
        (SUM, "print(3)", "WA on test 2"),
        (SUM, "input()\nprint(sum(map(int, input().split())), 'is it')", "WA on test 1"),
        (SUM, "1 / 0", "RE on test 1"),
        (SUM, "if __name__ == '__main__':\n    input()\n    print(sum(map(int, input().split())))", "AC"),
        (SUM, "_, *rest = sys.stdin\nprint(reduce(add, map(int, chain(*map(str.split, rest)))))", "AC"),
        (SUM, "import sys\ninput()\nprint(sum(map(int, input().split())))\nsys.exit(0)", "AC"),
        (SUM, "def f(n):\n    return n and 1 + f(n - 1)\nf(20000)\nprint(6)", "WA on test 1"),
        (PAIR, SOLUTION, "AC"),
        (PAIR, f"{SOLUTION}\nprint(Solution().twoSum([1, 2], 3))\n", "AC"),
        (PAIR, f"{SOLUTION}\nif __name__ == '__main__':\n    1 / 0\n", "AC"),
        (PAIR, SOLUTION.replace("return [i, j]", "print('found'); return (i, j)"), "AC"),
        (PAIR, "def twoSum(nums, target):\n    return [0, 1]\n", "WA on test 2"),
        (PAIR, SOLUTION.replace("twoSum", "two_sum"), "RE on test 1"),
        (PAIR, SOLUTION.replace("return [i, j]", "return {i, j}"), "RE on test 1"),
        (
            PAIR,
            "class Solution:\n    def twoSum(self, nums, target):\n        print([0, 1])\n",
            "WA on test 1",
        ),
        (HALF, "def half(n):\n    return n / 2\n", "AC"),
        (HALF, "def half(n):\n    return n // 2 if n % 2 == 0 else n / 2\n", "AC"),
        (HALF, "def half(n):\n    return n // 2\n", "WA on test 2"),
        (HALF, "def half(n):\n    return str(n / 2)\n", "WA on test 1"),
    ],
)
def test_verdicts(problem: dict[str, Any], source: str, expected: str) -> None:
    result = judge(livecodebench_problem("p", problem, 256).exam, source, "python", choose())
    assert (result.detail or "AC") == expected


def test_a_class_in_an_answer_is_its_program() -> None:
    found = whole_program(f"So:\n```python\n{SOLUTION}```\nIt is O(n^2).", ("python",))
    assert found is not None
    assert found.source.strip() == SOLUTION.strip()


class Call:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, ("touch /tmp/should-not-be-there",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"private_test_cases": packed(Call())}, "test cases that want posix.system"),
        ({"private_test_cases": "no base64"}, "none of format 'livecodebench'"),
        ({"private_test_cases": base64.b64encode(b"no zlib").decode()}, "none of format"),
        ({"private_test_cases": "{}"}, "no list"),
        ({"public_test_cases": "[]", "private_test_cases": "[]"}, "not of one of stdin, functional"),
        ({"private_test_cases": '[{"input": "1", "output": "1", "testtype": "functional"}]'}, "of the types"),
    ],
)
def test_rows_that_are_refused(changes: dict[str, str], words: str) -> None:
    with pytest.raises(ProblemError, match=words):
        livecodebench_problem("p", {**SUM, **changes}, 256)


def test_a_function_needs_its_name_and_expected_values_as_json() -> None:
    with pytest.raises(ProblemError, match="func_name"):
        livecodebench_problem("p", {**PAIR, "metadata": "{}"}, 256)
    with pytest.raises(ProblemError, match="none of format"):
        livecodebench_problem("p", row("functional", [("1", "one")], "f"), 256)


@pytest.mark.parametrize(
    ("output", "wanted", "same"),
    [
        ("1 2\n3\n", "1 2\n3", True),
        (" 1 2 \n3", "1 2\n3\n\n", True),
        ("1.0", "1", True),
        ("1.00 2", "1 2.0", True),
        ("yes", "yes", True),
        ("1 2 3", "1 2\n3", False),
        ("1\n\n2", "1\n2", False),
        ("1.0000001", "1", False),
        ("Yes", "yes", False),
        ("a 1.0", "a 1", False),
        ("", "1", False),
    ],
)
def test_lines(output: str, wanted: str, same: bool) -> None:
    assert same_lines(output, wanted) is same


@pytest.mark.parametrize(
    ("output", "wanted", "same"),
    [
        ("[1, 2]", "[1,2]", True),
        ("2", "2.0", True),
        ("true", "true", True),
        ('"a"', '"a"', True),
        ("[1, 2]", "[2, 1]", False),
        ('"2"', "2", False),
        ("2.0000001", "2", False),
        ("null", "0", False),
        ("", "0", False),
        ("[1", "[1]", False),
        ("[" * 100_000, "[]", False),
        ("NaN", "NaN", False),
    ],
)
def test_values(output: str, wanted: str, same: bool) -> None:
    assert same_value(output, wanted) is same
