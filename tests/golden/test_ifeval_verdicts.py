"""IFEval: the published verdicts of four models on 541 prompts, instruction by instruction."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.graders import Answer
from snakeval.graders.ifeval import outcomes
from snakeval.parts import part_figures
from snakeval.tables import write_rows
from snakeval.types import Grade

pytestmark = pytest.mark.golden
MODELS = [
    "claude-3-haiku-20240307",
    "gpt-4o-2024-08-06",
    "mistralai__Mistral-7B-Instruct-v0.3",
    "Qwen__Qwen2.5-0.5B-Instruct-GPTQ-Int4",
]
# What the published checkers drew by lot: a random letter in place of "#" (1122) and "!" (1129), and
# langdetect without a seed, on texts that mix languages or hold hardly any words.
BY_LOT = {
    ("1122", "keywords:letter_frequency"),
    ("1129", "keywords:letter_frequency"),
    ("1645", "change_case:english_capital"),
    ("3456", "change_case:english_capital"),
    ("3112", "language:response_language"),
}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def answers(folder: Path, published: list[dict[str, Any]]) -> list[Answer]:
    """Their ids carry the language, `en:`; ours are IFEval's own."""
    problems = {row["prompt"]: row for row in lines(folder / "en_input_data.jsonl")}
    found = []
    for row in published:
        problem = problems[row["prompt"]]
        ids = [name.removeprefix("en:") for name in problem["instruction_id_list"]]
        metadata = json.dumps({**problem, "instruction_id_list": ids})
        found.append(Answer(str(problem["key"]), "", row["response"], metadata))
    return found


@pytest.mark.parametrize("loose", [False, True], ids=["strict", "loose"])
@pytest.mark.parametrize("model", MODELS)
def test_every_verdict_is_the_published_one(data_dir: Path, model: str, loose: bool) -> None:
    folder = data_dir / "ifeval" / "m-ifeval_en"
    published = lines(folder / f"{model}.eval_results_{'loose' if loose else 'strict'}.jsonl")
    asked = answers(folder, published)
    differing = []
    for answer, outcome, row in zip(asked, outcomes(asked, loose=loose), published, strict=True):
        ours = [part == 1.0 for part in outcome.parts or ()]
        assert len(ours) == len(row["follow_instruction_list"])
        names = [name.removeprefix("en:") for name in row["instruction_id_list"]]
        pairs = zip(names, ours, row["follow_instruction_list"], strict=True)
        differing += [(answer.problem_id, name) for name, mine, theirs in pairs if mine != theirs]
        if not differing or differing[-1][0] != answer.problem_id:
            assert (outcome.verdict == "correct") == row["follow_all_instructions"]
    print(f"{model}: {sum(len(row['follow_instruction_list']) for row in published)} verdicts, {differing}")
    assert len(published) == 541
    assert set(differing) <= BY_LOT


def test_nemo_skills_accuracies(data_dir: Path, tmp_path: Path) -> None:
    """Its fixture: 33.33% of prompts, 60.0% of instructions, strict and loose, as its metrics file says."""
    folder = data_dir / "nemo_skills_eval_fixtures" / "eval-results"
    published = json.loads((folder / "metrics.json-test").read_text())["ifeval"]["pass@1"]
    for kind in ("strict", "loose"):
        followed = [
            row[f"{kind}_eval"]["follow_instruction_list"]
            for row in lines(folder / "ifeval" / "output-rs0.jsonl-test")
        ]
        grades = [
            Grade(str(i), 0, "d", float(all(parts)), None, "correct", parts=tuple(map(float, parts)))
            for i, parts in enumerate(followed)
        ]
        write_rows(tmp_path / "grades.parquet", Grade, grades)
        found = part_figures(tmp_path / "grades.parquet", 10, 0)
        assert found is not None
        assert 100 * found["mean_reward"] == pytest.approx(published[f"instruction_{kind}_accuracy"])
        prompts = [float(all(parts)) for parts in followed]
        assert 100 * sum(prompts) / len(prompts) == pytest.approx(published[f"prompt_{kind}_accuracy"])
