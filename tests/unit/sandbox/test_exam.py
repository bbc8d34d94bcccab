"""Exams: what passes, what does not, and every way to claim a pass that was not earned."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest

from snakeval.sandbox import Limits, SandboxError, choose
from snakeval.sandbox.exam import Examiner, Result
from snakeval.sandbox.types import MIB
from unit.sandbox import code_sandbox
from unit.sandbox.code_sandbox import EXAMINERS, needs_sandbox, tree_is_gone
from unit.sandbox.forgeries import FORGED, OBJECTS

pytestmark = needs_sandbox
LIMITS = Limits(wall=120, cpu=10, memory=128 * MIB, processes=16)
CHECK = {
    "id": "p",
    "kind": "check",
    "entry_point": "f",
    "setup": """\
from typing import List


def helper(x):
    return x + 1


def f(a: List[int]) -> int:
    pass
""",
    "names": ["f"],
    "tests": """\
def check(candidate):
    assert candidate([1, 2]) == 3
    assert candidate([helper(0)]) == f([1])
    assert candidate([]) == 0, 'nothing'
""",
    "timeout": 60,  # by the clock, of a machine that may be busy
}
RIGHT = "def f(a):\n    return sum(a)\n"


@pytest.fixture(scope="module", params=EXAMINERS)
def examiner(request: pytest.FixtureRequest) -> Iterator[Examiner]:
    """The same exams in every sandbox that there is, and with limits alone."""
    with code_sandbox.examiner(request.param) as made:
        yield cast("Examiner", made)
    assert tree_is_gone()


def check(examiner: Examiner, program: str, **changes: Any) -> Result:
    return examiner.examine(json.dumps({**CHECK, **changes}), program, LIMITS)


def test_right_and_wrong(examiner: Examiner) -> None:
    assert check(examiner, RIGHT) == Result("passed", None)
    assert check(examiner, "def f(a):\n    return sum(a) + 1\n").verdict == "failed"
    assert (
        check(examiner, "def f(a):\n    return sum(a) if a else None\n").detail == "AssertionError: nothing"
    )


@pytest.mark.parametrize("name", FORGED)
def test_a_pass_can_not_be_forged(examiner: Examiner, name: str) -> None:
    result = check(examiner, FORGED[name])
    assert result.verdict == "failed", result
    assert check(examiner, RIGHT).verdict == "passed"  # and the examiner is as it was


@pytest.mark.parametrize(
    "program",
    [
        "def f(a):\n    while True:\n        pass\n",
        "import time\ntime.sleep(60)\n",
        "import signal, time\nfor s in range(1, 32):\n    try:\n        signal.signal(s, signal.SIG_IGN)\n"
        "    except (OSError, ValueError):\n        pass\ndef f(a):\n    time.sleep(60)\n",
        "def f(a):\n    return 9 ** 9 ** 9\n",
    ],
    ids=["loop", "sleep at top level", "signals ignored", "one long instruction"],
)
def test_too_slow(examiner: Examiner, program: str) -> None:
    began = time.monotonic()
    assert check(examiner, program, timeout=0.7).verdict == "timed_out"
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("program", "times"), [("import time\ntime.sleep(60)\n", 2), ("def f(a):\n    return 1\n", 1), (RIGHT, 1)]
)
def test_who_ran_out_of_time_without_the_cpu_is_examined_once_more(
    examiner: Examiner, monkeypatch: pytest.MonkeyPatch, program: str, times: int
) -> None:
    """On a busy machine a program may only have waited for its turn; one that sleeps is no better for it."""
    if not isinstance(examiner, Examiner):
        pytest.skip("this one runs in another user's process, where its exams can't be counted")
    found: list[Result] = []
    examine = Examiner._examine

    def counted(self: Examiner, *args: Any) -> tuple[Result, bool]:
        result, starved = examine(self, *args)
        found.append(result)
        return result, starved

    monkeypatch.setattr(Examiner, "_examine", counted)
    assert check(examiner, program, timeout=0.3) == found[-1]
    assert len(found) == times


def test_what_a_program_prints_is_no_answer(examiner: Examiner) -> None:
    program = f"import sys, os\nprint('x' * 10**6)\nos.write(1, b'y')\nsys.stderr.write('z')\n{RIGHT}"
    assert check(examiner, program).verdict == "passed"
    assert check(examiner, f"x = input()\n{RIGHT}").detail == "EOFError: EOF when reading a line"


VALUES = [
    "1",
    "-(10**30)",
    "10**4000",
    "1.5",
    "float('inf')",
    "-0.0",
    "True",
    "None",
    "'a\"\\\\\\n\\x00é\\ud800😀'",
    "b'\\x00\\xff'",
    "(1, [2, (3,)], {4}, frozenset({5}))",
    "{(1, 2): {'a': [None]}, None: 2.5}",
    "[1.5, 2] * 100",
    "1 + 2j",
    "range(3)",
    "[]",
    "()",
    "{}",
    "set()",
]


@pytest.mark.parametrize("value", VALUES)
def test_values_go_there_and_back_as_they_are(examiner: Examiner, value: str) -> None:
    tests = (
        f"def check(candidate):\n    value = {value}\n    found = candidate(value)\n"
        "    assert found == value and type(found) is type(value), found\n"
        "    assert repr(found) == repr(value)\n"
    )
    assert check(examiner, "def f(a):\n    return a\n", tests=tests) == Result("passed", None)


@pytest.mark.parametrize("name", OBJECTS)
def test_objects_of_the_program(examiner: Examiner, name: str) -> None:
    tests, program = OBJECTS[name]
    result = check(examiner, program, kind="asserts", setup="", names=["f", "Pair"], tests=tests)
    assert result == Result("passed", None)


INPUTS = {
    "id": "Mbpp/2",
    "kind": "inputs",
    "entry_point": "f",
    "reference": "def f(a, b):\n    return [x / 3 for x in a if x in b]\n",
    "inputs": [[[1, 2, 3], [2, 3]], [[], []]],
    "tolerance": 0,
    "timeout": 60.0,
    "factor": 4,
    "total": 600,
}


def test_outputs_like_the_reference(examiner: Examiner) -> None:
    def inputs(program: str, **changes: Any) -> Result:
        return examiner.examine(json.dumps({**INPUTS, **changes}), program, LIMITS)

    assert inputs("def f(a, b):\n    return [x * (1 / 3) for x in a if x in b]\n").verdict == "passed"
    assert inputs("def f(a, b):\n    return [x / 3.01 for x in a if x in b]\n").verdict == "failed"
    assert inputs("def f(a, b):\n    return tuple(x / 3 for x in a if x in b)\n").verdict == "failed"
    types = "def f(a, b):\n    return str(type(a))\n"
    assert inputs(types, reference=types).verdict == "passed"  # tuples, as Mbpp/2 has them
    assert inputs("def f(a, b):\n    return str([])\n", reference=types).verdict == "failed"
    unfit = inputs(RIGHT, reference="def f(a, b):\n    return 1 / 0\n", id="q")
    assert unfit.verdict == "unfit"
    assert "ZeroDivisionError" in str(unfit.detail)


def test_a_long_output_is_compared_by_its_digest_or_in_full(examiner: Examiner) -> None:
    exam = {**INPUTS, "id": "q", "inputs": [[60_000]], "reference": "def f(n):\n    return list(range(n))\n"}
    for program, verdict in {
        "def f(n):\n    return list(range(n))\n": "passed",
        "def f(n):\n    return [float(i) for i in range(n)]\n": "passed",
        "def f(n):\n    return [*range(n - 1), 7]\n": "failed",
        "def f(n):\n    return tuple(range(n))\n": "failed",
    }.items():
        assert examiner.examine(json.dumps(exam), program, LIMITS).verdict == verdict, program


def test_a_sandbox_that_does_not_start_is_no_verdict() -> None:
    with Examiner(choose()) as made, pytest.raises(SandboxError, match="did not start"):
        made.examine(json.dumps(CHECK), RIGHT, Limits(wall=120, memory=128 * MIB, open_files=1))
