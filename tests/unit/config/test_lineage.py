"""Parents and pairs: from patterns, by name, and what is wrong with a name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from unit.config.example_project import Mistake, check_mistake, load, write_project

SMALL, LATE = "vllm-folders-small", "vllm-folders-late"


def project(
    tmp_path: Path, extra: str = "", models: str = "[small, folders/late, folders/run/step*]"
) -> Path:
    root = write_project(tmp_path)
    path = root / "config/config.yaml"
    path.write_text(path.read_text().replace("[small, folders/late]", models) + extra)
    return root


def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, extra: str = "") -> Any:
    root = project(tmp_path, extra)
    monkeypatch.chdir(root)
    return load(root)


def test_a_steps_parent_is_the_step_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = read(tmp_path, monkeypatch)
    assert config.parents == {"vllm-run-step10": "vllm-run-step9"}
    assert len(config.compared) == 6
    assert (LATE, SMALL) in config.compared


def test_named_parents_and_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = f"gate: {{parents: {{{LATE}: {SMALL}}}}}\ncompare: {{pairs: parents}}\n"
    config = read(tmp_path, monkeypatch, extra)
    assert config.parents == {"vllm-run-step10": "vllm-run-step9", LATE: SMALL}
    assert set(config.compared) == {("vllm-run-step10", "vllm-run-step9"), (LATE, SMALL)}
    named = read(tmp_path / "2", monkeypatch, f"compare: {{pairs: [[{SMALL}, {LATE}]]}}\n")
    assert named.compared == ((SMALL, LATE),)


FILE = "config/config.yaml"
MISTAKES: dict[str, Mistake] = {
    "unknown parent": (
        FILE,
        "seed: 7",
        f"seed: 7\ngate: {{parents: {{{LATE}: vllm-folders-smal}}}}",
        FILE,
        f"gate.parents.{LATE}",
        ["'vllm-folders-smal' is the slug of no model", SMALL],
    ),
    "own parent": (
        FILE,
        "seed: 7",
        f"seed: 7\ngate: {{parents: {{{LATE}: {LATE}}}}}",
        FILE,
        f"gate.parents.{LATE}",
        ["names the model itself"],
    ),
    "unknown pair": (
        FILE,
        "seed: 7",
        f"seed: 7\ncompare: {{pairs: [[{LATE}, x]]}}",
        FILE,
        "compare.pairs[0]",
        ["'x' is the slug of no model"],
    ),
    "no metric": (
        FILE,
        "seed: 7",
        "seed: 7\ngate: {metric: accuracy}",
        FILE,
        "gate.metric",
        ["pass@1"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path)
    monkeypatch.chdir(root)
    check_mistake(root, MISTAKES[mistake])
