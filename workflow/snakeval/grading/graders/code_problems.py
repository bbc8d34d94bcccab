"""A code benchmark's rows as problems that the examiner can put to a program."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from snakeval.answers.programs import Language
from snakeval.types import Json

# EvalPlus' limits: a test may take four times what the reference solution takes, all tests a minute.
FACTOR, TOTAL_SECONDS = 4.0, 60.0
SECONDS, MOST_STDIO_SECONDS = 2.0, 3600.0


class ProblemError(ValueError):
    """A row lacks what its format needs; the message names the problem and the column."""


@dataclass(frozen=True, slots=True)
class CodeProblem:
    """One problem: `prompt` may hold the beginning of its program, `exam` is the examiner's JSON."""

    problem_id: str
    entry_point: str
    prompt: str
    exam: str
    wall: float
    languages: tuple[Language, ...] = ()


def code_problem(
    problem_id: str, reference: str, row: Json, format: str, suite: str, timeout: float
) -> CodeProblem:
    """A problem of one of the FORMATS from its row (the other columns and `problem`) and its reference."""
    try:
        return FORMATS[format](problem_id, reference, row, suite, timeout)
    except (KeyError, TypeError, ValueError, SyntaxError) as error:
        what = f"column {error}" if isinstance(error, KeyError) else str(error)
        raise ProblemError(f"problem '{problem_id}' is none of format '{format}': {what}") from error


def _humaneval(problem_id: str, reference: str, row: Json, suite: str, timeout: float) -> CodeProblem:
    """OpenAI's: `prompt` begins the function, `test` defines check(candidate). One limit for all of it."""
    exam = {
        "id": problem_id,
        "kind": "check",
        "entry_point": row["entry_point"],
        "setup": row["problem"] + "\n    pass\n",
        "names": [row["entry_point"]],
        "tests": row["test"],
        "timeout": timeout,
    }
    return CodeProblem(problem_id, row["entry_point"], row["problem"], json.dumps(exam), timeout)


def _mbpp(problem_id: str, reference: str, row: Json, suite: str, timeout: float) -> CodeProblem:
    """Google's: `test_list` (or `test`) of assertions, names as in the reference solution."""
    tests: list[str] = row["test_list"] if "test_list" in row else row["test"]
    tests = [*tests, *(row.get("challenge_test_list", []) if suite == "plus" else [])]
    imports = [node for node in _parsed(reference).body if isinstance(node, ast.Import | ast.ImportFrom)]
    source = "\n".join([*map(ast.unparse, imports), row.get("test_setup_code", ""), *tests])
    defined = defined_names(reference)
    used = {node.id for node in ast.walk(_parsed(source)) if isinstance(node, ast.Name)}
    called = [node.id for node in calls(source) if node.id in defined]
    exam = {
        "id": problem_id,
        "kind": "asserts",
        "entry_point": called[0],
        "setup": "",
        "names": sorted(defined & used),
        "tests": source,
        "timeout": timeout,
    }
    return CodeProblem(problem_id, called[0], "", json.dumps(exam), timeout)


def defined_names(source: str) -> set[str]:
    """What a program defines at top level."""
    names: set[str] = set()
    for node in _parsed(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def calls(source: str) -> list[ast.Name]:
    """The plain names that a program calls, outermost first."""
    nodes = (node.func for node in ast.walk(_parsed(source)) if isinstance(node, ast.Call))
    return [node for node in nodes if isinstance(node, ast.Name)]


def _evalplus(problem_id: str, reference: str, row: Json, suite: str, timeout: float) -> CodeProblem:
    """EvalPlus': inputs, expected outputs from the reference solution; each with its own limit."""
    prompt, inputs = row["problem"], list(row["base_input"])
    if suite == "plus":
        inputs += row["plus_input"]
    exam = {
        "id": problem_id,
        "kind": "inputs",
        "entry_point": row["entry_point"],
        "reference": prompt + reference,
        "inputs": inputs,
        "tolerance": row["atol"],
        "timeout": timeout,
        "factor": FACTOR,
        "total": TOTAL_SECONDS,
    }
    beginning = prompt if re.search(rf"^def {row['entry_point']}\b", prompt, re.MULTILINE) else ""
    return CodeProblem(
        problem_id, row["entry_point"], beginning, json.dumps(exam), 2 * TOTAL_SECONDS + timeout
    )


def stdio_problem(
    problem_id: str, row: Json, archive: str | None, include: str | None, memory_mib: int, language: str
) -> CodeProblem:
    """A problem of programs that read and write: its archive, or the columns `tests` (input, output),
    `time_limit` (seconds), `memory_limit` (MiB) and `checker` (source, language). Raises ProblemError.
    """
    exam: Json = {"archive": archive, "include": include}
    try:
        if archive is None:
            exam["tests"] = [{"input": str(t["input"]), "output": str(t["output"])} for t in row["tests"]]
            exam["seconds"] = float(row.get("time_limit") or SECONDS)
            exam["memory_mib"] = int(row.get("memory_limit") or memory_mib)
            exam["checker"] = row.get("checker") or None
    except (KeyError, TypeError, ValueError) as error:
        raise ProblemError(f"problem '{problem_id}' is none of format 'stdio': {error!r}") from error
    languages: dict[str, tuple[Language, ...]] = {"any": ("cpp", "python"), "cpp": ("cpp",)}
    chosen = languages.get(language, ("python",))
    return CodeProblem(problem_id, "", "", json.dumps(exam), MOST_STDIO_SECONDS, chosen)


FORMATS: dict[str, Callable[[str, str, Any, str, float], CodeProblem]] = {
    "humaneval": _humaneval,
    "mbpp": _mbpp,
    "evalplus": _evalplus,
}


def _parsed(source: str) -> ast.Module:
    """A program's tree. Old solutions have escapes that Python warns of; a warning is none of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)
