"""LiveCodeBench's problems (Jain et al. 2024, arXiv 2403.07974): programs of input and output, and functions.

Its release `code_generation_lite` has `public_test_cases` as JSON and `private_test_cases` as JSON or
mostly as base64 of a compressed pickle of it. A test has `input`, `output` and `testtype`: `stdin`, or
`functional`, where the lines of `input` are a function's arguments and `output` its value, as JSON; the
function is named by `func_name` of `metadata`, and is a method of the class Solution or stands alone.
"""

from __future__ import annotations

import base64
import io
import json
import pickle
import zlib
from decimal import Decimal, InvalidOperation
from typing import Any

from snakeval.grading.graders.code_problems import MOST_STDIO_SECONDS, CodeProblem, ProblemError
from snakeval.types import Json

SECONDS = 6.0  # of CPU a test, as in the authors' program
MOST_BYTES = 1 << 30
FUNCTIONAL = "functional"
# Whose names a program finds without importing them, and the depth of calls, as in the authors' program.
GIVEN = (
    "string re datetime collections heapq bisect copy math random statistics itertools functools operator io "
    "sys json builtins typing"
)
BEGINNING = f"""\
import json, os, sys
_space = {{**globals(), "__name__": "solution" if NAME else "__main__"}}
for _given in "{GIVEN}".split():
    exec(f"from {{_given}} import *", _space)
exec("import " + ", ".join("{GIVEN}".split()), _space)
sys.setrecursionlimit(50_000)
_program = compile(open("solution.py", encoding="utf-8").read(), "solution.py", "exec")
"""
PROGRAM = BEGINNING + "exec(_program, _space)\n"
# What a function prints is no part of its value. Its file is no main program.
FUNCTION = f"""\
{BEGINNING}
_said = os.dup(1)
os.dup2(2, 1)
exec(_program, _space)
_of = _space["Solution"]() if "Solution" in _space else None
_call = getattr(_of, NAME) if hasattr(_of, NAME) else _space[NAME]
_value = _call(*[json.loads(line) for line in sys.stdin.read().split("\\n") if line.strip()])
sys.stdout.flush()
with open(_said, "w") as _out:
    json.dump(_value, _out)
"""


def livecodebench_problem(problem_id: str, row: Json, memory_mib: int) -> CodeProblem:
    """A problem from its row, with all its tests, public and private. Raises ProblemError."""
    try:
        tests = [*_tests(row["public_test_cases"]), *_tests(row["private_test_cases"])]
        kinds = {test["testtype"] for test in tests}
        if kinds not in ({"stdin"}, {FUNCTIONAL}):
            raise ValueError(f"its tests are of the types {sorted(kinds)}, not of one of stdin, functional")
        exam: Json = {"archive": None, "include": None, "checker": None, "seconds": SECONDS}
        exam |= {"memory_mib": memory_mib, "compare": "lines", "driver": f"NAME = None\n{PROGRAM}"}
        if kinds == {FUNCTIONAL}:
            name = _loaded(row["metadata"])["func_name"]
            exam |= {"compare": "json", "driver": f"NAME = {str(name)!r}\n{FUNCTION}"}
            for test in tests:
                json.loads(test["output"])
        exam["tests"] = [{"input": str(test["input"]), "output": str(test["output"])} for test in tests]
    except (KeyError, TypeError, ValueError, EOFError, pickle.UnpicklingError, zlib.error) as error:
        raise ProblemError(f"problem '{problem_id}' is none of format 'livecodebench': {error!r}") from error
    return CodeProblem(problem_id, "", "", json.dumps(exam), MOST_STDIO_SECONDS, ("python",))


def _loaded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _tests(value: Any) -> list[Any]:
    """Tests as a list, as JSON, or packed."""
    try:
        found = _loaded(value)
    except json.JSONDecodeError:
        packed = zlib.decompressobj().decompress(base64.b64decode(value, validate=True), MOST_BYTES)
        found = json.loads(_Text(io.BytesIO(packed)).load())
    if not isinstance(found, list):
        raise ValueError("its test cases are no list")
    return found


class _Text(pickle.Unpickler):
    """Reads a pickled text; a pickle may name any function of any module, and none is wanted here."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"test cases that want {module}.{name}")


def same_lines(output: str, wanted: str) -> bool:
    """Line by line, white space around each left out: the same text, or the same numbers, exactly."""
    one, two = ([line.strip() for line in text.strip().split("\n")] for text in (output, wanted))
    return len(one) == len(two) and all(map(_same_line, one, two))


def _same_line(one: str, two: str) -> bool:
    if one == two:
        return True
    first, second = _numbers(one), _numbers(two)
    return first is not None and first == second


def _numbers(line: str) -> list[Decimal] | None:
    try:
        return [Decimal(word) for word in line.split()]
    except InvalidOperation:
        return None


def same_value(output: str, wanted: str) -> bool:
    """Whether two JSON texts have one value, as Python compares them: 2 is 2.0, and true is 1."""
    try:
        return bool(json.loads(output) == json.loads(wanted))
    except (ValueError, RecursionError):
        return False


COMPARISONS = {"lines": same_lines, "json": same_value}
