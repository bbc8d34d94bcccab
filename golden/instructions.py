"""IFBench: the verdicts of its authors on 294 answers to its 300 prompts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from golden.figure import Figure, json_lines
from snakeval.grading.graders import Answer, following
from snakeval.grading.graders.ifbench import check
from snakeval.system import punkt

FOLDER = "ifbench"
# The authors' file has a whole block of prompts in the place of this one's.
GARBLED = "custom:csv_city"
UNTAGGED = "words:start_verb"


def figures(data: Path) -> Iterator[Figure]:
    """Two figures a metric: the accuracy of prompts and that of instructions, in percent.

    Without the tagger's data the prompts that need it are left out on both sides, and the names say so.
    """
    problems = json_lines(data / FOLDER / "IFBench_test.jsonl")
    by_prompt = {problem["prompt"].strip(): problem for problem in problems}
    garbled = next(problem for problem in problems if GARBLED in problem["instruction_id_list"])
    tagged = not punkt.missing_for("ifbench")
    for kind in ("strict", "loose"):
        rows = json_lines(data / FOLDER / f"eval_results_{kind}.jsonl")
        asked = [(row, by_prompt.get(row["prompt"].strip(), garbled)) for row in rows]
        if not tagged:
            asked = [(row, problem) for row, problem in asked if UNTAGGED not in row["instruction_id_list"]]
        name = kind if tagged else f"{kind} without {UNTAGGED}"
        yield from _figures(name, asked, loose=kind == "loose")


def _figures(name: str, asked: list[tuple[dict[str, Any], dict[str, Any]]], loose: bool) -> Iterator[Figure]:
    answers = [Answer(problem["key"], "", row["response"], json.dumps(problem)) for row, problem in asked]
    found = following.outcomes(answers, check, loose=loose)
    ours = [[part == 1.0 for part in outcome.parts or ()] for outcome in found]
    theirs = [row["follow_instruction_list"] for row, _ in asked]
    differing = [
        f"{problem['key']} {instruction}"
        for (_, problem), mine, published in zip(asked, ours, theirs, strict=True)
        for instruction, a, b in zip(problem["instruction_id_list"], mine, published, strict=True)
        if a != b
    ]
    prompts, flat = (
        [100 * sum(values) / len(values) for values in sides]
        for sides in (
            [[all(parts) for parts in side] for side in (theirs, ours)],
            [[part for parts in side for part in parts] for side in (theirs, ours)],
        )
    )
    yield Figure("IFBench", f"{name}, prompts", prompts[0], prompts[1])
    yield Figure("IFBench", f"{name}, instructions", flat[0], flat[1], rows=differing)
