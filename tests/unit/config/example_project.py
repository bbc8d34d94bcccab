"""A small project with every kind of configuration file, written where a test wants it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from snakeval.config import Config, ConfigError, load_config
from snakeval.dag import digests

# The file that is edited, old text, new text; file and key of the mistake, words of its message.
Mistake = tuple[str, str, str, str, str, list[str]]

# A safetensors file: the length of its header, and the header.
NO_TENSORS = "\x02\0\0\0\0\0\0\0{}"
FILES = {
    "config/config.yaml": """\
models: [small, folders/late]
benchmarks: [sums]
arenas: [duel]
seed: 7
gpus: {per_node: 8, memory_gib: 80}
""",
    "config/models/small.yaml": """\
model: folders/small
label: Small
sampling: {temperature: 0.8}
""",
    "config/models/referee.yaml": """\
model: Referee/Big-7B
revision: v1.0
engine: external
base_urls: [http://localhost:8000/v1]
""",
    "config/benchmarks/sums.yaml": """\
source: {file: data/sums.jsonl}
fields: {problem_id: id, problem: question, reference: answer}
prompt: config/prompts/solve.jinja
n_samples: 4
k: [1, 4]
graders:
  - type: math
  - type: judge
    judge: answers
""",
    "config/benchmarks/open.yaml": """\
source: {file: data/open.csv}
fields: {problem_id: id, reference: null}
prompt: config/prompts/open.jinja
""",
    "config/judges/answers.yaml": """\
model: referee
prompt: config/prompts/judge.jinja
verdicts: {correct: 'RIGHT', incorrect: 'WRONG'}
""",
    "config/judges/pairs.yaml": "model: referee\n",
    "config/arenas/duel.yaml": """\
questions: open
baseline: small
judges: [pairs]
prompt: config/prompts/pair.jinja
""",
    "config/corrections/mends.yaml": """\
corrections:
  - {problem_id: s1, column: answer, old: "2", new: "3", reason: a slip, source: a page}
""",
    "config/prompts/solve.jinja": "Level {{ level }}. {{ question }}",
    "config/prompts/open.jinja": "{{ problem }}",
    "config/prompts/judge.jinja": "{{ problem }} {{ reference }} {{ answer }}",
    "config/prompts/pair.jinja": "{{ question }} A: {{ answer_a }} B: {{ answer_b }}",
    "data/sums.jsonl": "".join(
        json.dumps({"id": f"s{i}", "question": f"{i} + 1?", "answer": i + 1, "level": 1}) + "\n"
        for i in range(3)
    ),
    "data/open.csv": "id,problem\na,Why?\nb,How?\n",
    "folders/small/config.json": "{}",
    "folders/small/model.safetensors": NO_TENSORS,
    "folders/late/config.json": "{}",
    "folders/late/model.safetensors": NO_TENSORS,
    "folders/run/step10/config.json": "{}",
    "folders/run/step10/model.safetensors": NO_TENSORS,
    "folders/run/step9/config.json": "{}",
    "folders/run/step9/model.safetensors": NO_TENSORS,
}


def write_project(root: Path, files: dict[str, str] | None = None) -> Path:
    """Write the project's files, and `files` besides or in their place, below `root`."""
    for name, text in {**FILES, **(files or {})}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def fresh_project(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The project as the working directory, of which nothing is remembered and nothing set outside."""
    monkeypatch.chdir(root)
    monkeypatch.delenv("SNAKEVAL_CHECKPOINTS", raising=False)
    digests.folder_content.cache_clear()
    return write_project(root)


def edit(root: Path, name: str, old: str, new: str) -> None:
    """Replace text in a file; it must be there."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name}: no {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def load(root: Path, check_data: bool = True, **command_line: Any) -> Config:
    """Load the project below `root` as Snakemake would with `--config` and these values."""
    raw = yaml.safe_load((root / "config/config.yaml").read_text(encoding="utf-8"))
    return load_config({**raw, **command_line}, root, check_data)


def check_mistake(root: Path, mistake: Mistake) -> None:
    """Make a mistake in the project; it must be found, and nothing else."""
    edited, old, new, file, key, words = mistake
    if old:
        edit(root, edited, old, new)
    else:
        (root / edited).write_text(new, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(root)
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == (file, key)
    for word in words:
        assert word in problem.message
    assert str(problem) in str(raised.value)
