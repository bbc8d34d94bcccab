"""IFEval: verdicts of four models on 541 prompts, in M-IFEval's English form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from golden.figure import Figure, json_lines
from snakeval.grading.graders import Answer
from snakeval.grading.graders.ifeval import outcomes

MODELS = (
    "claude-3-haiku-20240307",
    "gpt-4o-2024-08-06",
    "mistralai__Mistral-7B-Instruct-v0.3",
    "Qwen__Qwen2.5-0.5B-Instruct-GPTQ-Int4",
)
# What the published checkers drew by lot: a random letter in place of "#" (1122) and "!" (1129), and
# langdetect without a seed, on texts that mix languages or hold hardly any words.
BY_LOT = {
    "1122 keywords:letter_frequency",
    "1129 keywords:letter_frequency",
    "1645 change_case:english_capital",
    "3456 change_case:english_capital",
    "3112 language:response_language",
}
WHY = "the published checkers drew lots here: a random letter for '#' and '!', langdetect without a seed"


def figures(data: Path) -> Iterator[Figure]:
    """Two figures a model and metric: the accuracy of prompts and that of instructions, in percent."""
    folder = data / "ifeval" / "m-ifeval_en"
    problems = {row["prompt"]: row for row in json_lines(folder / "en_input_data.jsonl")}
    for model in MODELS:
        for kind in ("strict", "loose"):
            rows = json_lines(folder / f"{model}.eval_results_{kind}.jsonl")
            yield from _model(f"{model} {kind}", rows, problems, loose=kind == "loose")


def _model(
    name: str, rows: list[dict[str, Any]], problems: dict[str, dict[str, Any]], loose: bool
) -> Iterator[Figure]:
    asked = [_answer(row, problems[row["prompt"]]) for row in rows]
    ours = [[part == 1.0 for part in outcome.parts or ()] for outcome in outcomes(asked, loose=loose)]
    theirs = [row["follow_instruction_list"] for row in rows]
    differing = [
        f"{answer.problem_id} {instruction}"
        for answer, row, mine, published in zip(asked, rows, ours, theirs, strict=True)
        for instruction, a, b in zip(_names(row), mine, published, strict=True)
        if a != b
    ]
    why = WHY if differing and set(differing) <= BY_LOT else None
    prompts = [100 * sum(map(all, found)) / len(found) for found in (theirs, ours)]
    flat = [[part for parts in found for part in parts] for found in (theirs, ours)]
    instructions = [100 * sum(parts) / len(parts) for parts in flat]
    yield Figure("IFEval", f"{name}, prompts", prompts[0], prompts[1], why=why)
    name = f"{name}, instructions"
    yield Figure("IFEval", name, instructions[0], instructions[1], rows=differing, why=why)


def _names(row: dict[str, Any]) -> list[str]:
    """Their ids carry the language, `en:`; ours are IFEval's own."""
    return [name.removeprefix("en:") for name in row["instruction_id_list"]]


def _answer(row: dict[str, Any], problem: dict[str, Any]) -> Answer:
    metadata = json.dumps({**problem, "instruction_id_list": _names(problem)})
    return Answer(str(problem["key"]), "", row["response"], metadata)
