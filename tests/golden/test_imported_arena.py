"""A published run of Arena-Hard through Snakemake: recorded baseline, imported judgments."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from project import Project

pytestmark = pytest.mark.golden
MODEL = """model: truth_model
slug: truth_model
engine: recorded
answers: {ten: {file: published/model_answer/truth_model.jsonl}}
"""
QUESTIONS = """source: {file: published/question.jsonl}
fields: {problem_id: uid, problem: prompt, reference: null}
prompt: config/prompts/arena_hard_question.jinja
"""
ARENA = """questions: ten
baseline: truth_model
judges: [gpt-4-1106-preview]
prompt: config/prompts/arena_hard_pair.jinja
weight: 1
imported: published
thresholds: {judge_null: 1}
"""


def test_published_scores(data_dir: Path, project: Project) -> None:
    """62.5 and the others from judgments and answers that lie in a folder; the judge is never asked."""
    source = data_dir / "arena_hard" / "fork_binaryfiddler_10q"
    if not source.is_dir():
        pytest.skip(f"no published data: {source} is not there")
    published = project.folder / "published"
    for name in ("model_judgment", "model_answer"):
        shutil.copytree(source / name, published / name, copy_function=shutil.copyfile)
    shutil.copyfile(
        data_dir / "arena_hard" / "official_v0.1" / "question.jsonl", published / "question.jsonl"
    )
    files = {"models/truth_model": MODEL, "benchmarks/ten": QUESTIONS, "arenas/ten": ARENA}
    for name, text in files.items():
        (project.folder / "config" / f"{name}.yaml").write_text(text)
    target = "results/arena/ten/gpt-4-1106-preview/leaderboard.csv"
    arguments = (target, "--config", "models=truth_model", "benchmarks=", "arenas=ten")
    project.run(*arguments, OPENAI_API_KEY="unused")
    with (project.folder / target).open() as lines:
        rows = {row["model"]: row for row in csv.DictReader(lines)}
    assert len(rows) == 6
    scores = sorted((float(row["score"]) for row in rows.values()), reverse=True)
    # Sixth is the baseline, at 50: that it was also compared with itself (42.5) is no model's score here.
    assert scores == [62.5, 60.0, 52.5, 52.5, 50.0, 47.5]
    assert float(rows["mistral-7b"]["score"]) == 62.5
    assert float(rows["mistral-7b"]["tokens"]) > 100
