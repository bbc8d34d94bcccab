"""All mistakes at once: one of form, such as a misspelt key, hides none of meaning in the same file."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from snakeval.config import ConfigError, load_config

ROOT = Path(__file__).resolve().parents[3]
DEMO = {"models": ["demo-early", "demo-late"], "benchmarks": ["demo-arithmetic"], "arenas": ["demo"]}
# A mistake of form in a benchmark's file, and one of meaning beside it.
BESIDE = [
    (("n_samples: 8", "n_sampels: 8"), ("demo/data/problems.jsonl", "demo/data/none.jsonl"), "source.file"),
    (("n_samples: 8", "n_samples: many"), ("demo_solve.jinja", "none.jinja"), "prompt"),
    (("n_samples: 8", "k: [0]"), ("demo/data/problems.jsonl", "demo/data/none.jsonl"), "source.file"),
    (("type: math", "type: maths"), ("demo_solve.jinja", "none.jinja"), "prompt"),
    (
        ("max_tokens: 160", "max_tokens: much"),
        ("reference: answer", "reference: solution"),
        "fields.reference",
    ),
    (("label: Demo", "lable: Demo"), ("judge: demo-answer", "judge: demo-anwser"), "graders[1].judge"),
]


@pytest.mark.parametrize(("form", "meaning", "key"), BESIDE)
def test_a_mistake_of_form_hides_none_of_meaning(
    form: tuple[str, str], meaning: tuple[str, str], key: str, tmp_path: Path
) -> None:
    for part in ("config", "demo"):
        copytree(ROOT / part, tmp_path / part)
    path = tmp_path / "config/benchmarks/demo-arithmetic.yaml"
    path.write_text(path.read_text().replace(*form).replace(*meaning))
    with pytest.raises(ConfigError) as found:
        load_config(DEMO, tmp_path)
    assert len(found.value.problems) >= 2, found.value
    assert key in [problem.key for problem in found.value.problems]
