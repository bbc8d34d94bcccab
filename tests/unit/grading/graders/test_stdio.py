"""Problems of input and output, of our own: verdicts in Python and C++, checkers, archives."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from snakeval.grading.grade import grade
from snakeval.grading.graders.code_archive import ArchiveError, read_archive
from snakeval.grading.graders.code_problems import ProblemError, stdio_problem
from snakeval.grading.graders.code_stdio import Unbuilt, judge
from snakeval.problems.fetch import FetchError, archives
from snakeval.sandbox import choose
from snakeval.schema import Grader, Reasoning
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import Generation, Grade, Problem
from unit.sandbox.code_sandbox import install, needs_sandbox

pytestmark = needs_sandbox
needs_compiler = pytest.mark.skipif(install("g++", "g++") is not None, reason=str(install("g++", "g++")))

SUM = {
    "tests": [
        {"input": "2\n1 2\n", "output": "3\n"},
        {"input": "3\n1 2 3\n", "output": "6\n"},
        {"input": "0\n\n", "output": "0"},
    ],
    "time_limit": 0.5,
    "memory_limit": 64,
}
CHECKER = """\
import sys
given, output, answer = (open(name).read().split() for name in sys.argv[1:4])
ok = len(output) == 2 and all(x.isdigit() for x in output) and sum(map(int, output)) == int(given[0])
sys.exit(0 if ok else 1)
"""
SPLIT = {
    "tests": [{"input": "7\n", "output": "3 4\n"}, {"input": "10\n", "output": "5 5\n"}],
    "checker": {"language": "python", "source": CHECKER},
}
PYTHON = {
    "AC": "n = input()\nprint(sum(map(int, input().split())))\n",
    "AC with other spaces": "n = input()\nprint(' ', sum(map(int, input().split())), '\\n\\n')\n",
    "WA on test 3": "n = input()\nprint(sum(map(int, input().split())) or 1)\n",
    "WA on test 1": "",
    "RE on test 3": "n = input()\nprint(sum(map(int, input().split())) or 1 / 0)\n",
    "RE on test 1": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
    "RE on test 1 (exit)": "import os\nprint(3, flush=True)\nos._exit(7)\n",
    "TLE on test 1": "while True: pass\n",
    "TLE on test 2": "import time\nif input() == '3': time.sleep(60)\nprint(3)\n",
    "MLE on test 1": "x = []\nwhile True: x.append(bytearray(b'1' * (1 << 20)))\n",
    "MLE on test 1 (at once)": "x = bytearray(1 << 40)\n",
    "OLE on test 1": "while True: print('x' * 1000000)\n",
}
SUM_IN_CPP = """\
#include <iostream>
int main() {
    long n, x, s = 0;
    std::cin >> n;
    while (std::cin >> x) s += x;
    std::cout << s;
}
"""
BOMB_IN_CPP = """\
#include <cstdlib>
#include <cstring>
int main() {
    for (;;) memset(malloc(1 << 20), 1, 1 << 20);
}
"""
CHECKER_IN_CPP = """\
#include "testlib.h"
#include <fstream>
int main(int, char** a) {
    std::ifstream given(a[1]), output(a[2]);
    long n, x, y;
    given >> n;
    return (output >> x >> y) && x + y == n ? OK : WRONG;
}
"""
CPP = {
    "AC": SUM_IN_CPP,
    "CE": "int main() { return x; }\n",
    "CE (a file outside)": '#include "/etc/shadow"\nint main() {}\n',
    "CE (without end)": '#include "/dev/zero"\nint main() {}\n',
    "RE on test 1": "int main() { return 3; }\n",
    "RE on test 1 (signal)": "#include <cstdlib>\nint main() { abort(); }\n",
    "TLE on test 1": "int main() { for (volatile int i = 0;; i = i + 1) {} }\n",
    "MLE on test 1": BOMB_IN_CPP,
    "MLE on test 1 (at once)": "#include <vector>\nint main() { std::vector<char> v(1LL << 40, 1); }\n",
}


def verdict(row: dict[str, Any], source: str, language: str) -> str:
    problem = stdio_problem("p", row, None, None, 256, language)
    result = judge(problem.exam, source, language, choose())
    assert (
        result.verdict == ("timed_out" if str(result.detail).startswith("TLE") else "failed")
        or not result.detail
    )
    return str(result.detail or "AC")


@pytest.mark.parametrize("name", PYTHON)
def test_python(name: str) -> None:
    assert verdict(SUM, PYTHON[name], "python") == name.partition(" (")[0].partition(" with")[0]


@needs_compiler
@pytest.mark.parametrize("name", CPP)
def test_cpp(name: str) -> None:
    found = verdict(SUM, CPP[name], "cpp")
    expected = name.partition(" (")[0]
    assert found == expected or (expected == "CE" and found.startswith("CE: ")), found


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("n = int(input())\nprint(1, n - 1)", "AC"),
        ("n = int(input())\nprint(n - 1)", "WA on test 1"),
        ("print(3, 4)", "WA on test 2"),
        ("import os; os.symlink('/etc/shadow', 'answer.txt'); print(0, input())", "AC"),
    ],
)
def test_a_checker_decides(program: str, expected: str) -> None:
    assert verdict(SPLIT, program, "python") == expected


def test_a_checker_that_fails_is_nobodys_wrong_answer() -> None:
    row = {**SPLIT, "checker": {"language": "python", "source": "raise SystemExit(3)"}}
    with pytest.raises(Unbuilt, match="the checker fails: exited 3"):
        verdict(row, "print(3, 4)", "python")


@needs_compiler
def test_an_archive_with_a_checker_in_cpp(tmp_path: Path) -> None:
    path = tmp_path / "1A.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("config.yaml", "type: default\ntime: 500ms\nmemory: 64m\nsubtasks: [{n_cases: 3}]\n")
        archive.writestr("chk.cc", CHECKER_IN_CPP)
        for number in (10, 3, 2, 1):
            archive.writestr(f"testdata/{number}.in", f"{number}\n")
            archive.writestr(f"testdata/{number}.ans", f"0 {number}\n")
    (tmp_path / "testlib.h").write_text("enum { OK = 0, WRONG = 1 };\n")
    found = read_archive(path, str(tmp_path))
    assert (found.seconds, found.memory_mib, found.interactive) == (0.5, 64, False)
    assert [pair[0] for pair in found.names] == [f"testdata/{n}.in" for n in (1, 2, 3)]
    problem = stdio_problem("1A", {}, archives(str(tmp_path))("1A"), str(tmp_path), 256, "any")
    assert judge(problem.exam, "print(0, input())", "python", choose()).verdict == "passed"
    result = judge(problem.exam, "n = input()\nprint(0, n if n != '3' else 1)", "python", choose())
    assert result.detail == "WA on test 3"


def test_archives_that_can_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("config.yaml", "time: soon\n")
        archive.writestr("1.in", "")
        archive.writestr("1.out", "")
    with pytest.raises(ArchiveError, match="time is 'soon'"):
        read_archive(path, None)
    for config, message in {
        "subtasks: [{n_cases: 1}, {n_cases: 2}]": "1 tests, config.yaml declares 3",
        "output_suffix: .answer": r"'1\.in' has no answer '1\.answer'",
        "checker: a.cpp": "names the checker 'a.cpp', which is not there",
        "input_suffix: .txt": "no tests",
    }.items():
        read_archive.cache_clear()
        with ZipFile(path, "w") as archive:
            for name, text in {"config.yaml": config, "1.in": "", "1.out": ""}.items():
                archive.writestr(name, text)
        with pytest.raises(ArchiveError, match=message):
            read_archive(path, None)
    path.write_bytes(b"no zip")
    read_archive.cache_clear()
    with pytest.raises(ArchiveError, match=r"x\.zip: File is not a zip file"):
        read_archive(path, None)
    with pytest.raises(FetchError, match="no such file"):
        archives(str(tmp_path))("y")
    with pytest.raises(ProblemError, match="'p' is none of format 'stdio': KeyError"):
        stdio_problem("p", {}, None, None, 256, "cpp")


def test_graded_from_files(tmp_path: Path) -> None:
    problems, generations, output = (tmp_path / f"{name}.parquet" for name in ("p", "g", "grades"))
    write_rows(problems, Problem, [Problem("a", (), None, json.dumps({**SUM, "problem": "Add."}))])
    answers = [f"```python\n{PYTHON['AC']}```", f"```python\n{PYTHON['WA on test 3']}```", "No."]
    if shutil.which("g++"):
        answers.append(f"```cpp\n{CPP['AC']}```")
    row = Generation("a", 0, "d", (), 1, "", None, "stop", 3, 4, 0.1)
    rows = [replace(row, sample_index=i, digest=f"d{i}", text=text) for i, text in enumerate(answers)]
    write_rows(generations, Generation, rows)
    grader = Grader.model_validate({"type": "code", "code": {"format": "stdio", "language": "any"}})
    grade(problems, generations, output, grader, Reasoning(), workers=2)
    found = [(grade.verdict, grade.detail) for grade in read_rows(output, Grade)]
    assert found[:3] == [("correct", None), ("incorrect", "WA on test 3"), ("unextracted", None)]
    assert found[3:] in ([], [("correct", None)])
