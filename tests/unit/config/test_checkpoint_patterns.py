"""Patterns of checkpoint folders: which models they stand for, and for how long."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from snakeval.config import ConfigError
from snakeval.config.found import VARIABLE, Checkpoint, hand_on, handed_on
from unit.config.example_project import load, write_project

PATTERN = "folders/run/step*"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, "")
    monkeypatch.delenv(VARIABLE)
    return write_project(tmp_path)


def another(root: Path, step: int) -> Path:
    """One more checkpoint."""
    return Path(shutil.copytree(root / "folders/run/step9", root / f"folders/run/step{step}"))


def test_jobs_evaluate_what_the_main_process_found(root: Path) -> None:
    started = load(root, models=PATTERN, arenas=None)
    hand_on(started.found)
    another(root, 11)
    job = load(root, check_data=False, models=PATTERN, arenas=None)
    assert list(job.models) == list(started.models) == ["vllm-run-step9", "vllm-run-step10"]
    assert job.served == started.served
    assert list(load(root, models=PATTERN, arenas=None).models) == [*job.models, "vllm-run-step11"]


def test_a_job_finds_a_checkpoint_that_was_removed_since(root: Path) -> None:
    """So that the jobs of the others, and the tables, still belong to the same run."""
    started = load(root, models=PATTERN, arenas=None)
    hand_on(started.found)
    shutil.rmtree(root / "folders/run/step9")
    assert load(root, check_data=False, models=PATTERN, arenas=None).models == started.models


def test_a_process_of_its_own_looks_itself(root: Path) -> None:
    assert handed_on() == {}
    config = load(root, check_data=False, models=PATTERN, arenas=None)
    assert list(config.models) == ["vllm-run-step9", "vllm-run-step10"]


def test_ten_thousand_checkpoints_fit_into_a_variable() -> None:
    found = {
        "runs/*": tuple(Checkpoint(f"runs/model-{i}/step-{i * 100}", f"{i:016x}") for i in range(10_000))
    }
    hand_on(found)
    try:
        assert handed_on() == found
        subprocess.run([sys.executable, "-c", ""], check=True)  # E2BIG if it were too long
    finally:
        del os.environ[VARIABLE]


def test_what_is_incomplete_is_said_with_the_reason(root: Path) -> None:
    (another(root, 11) / "model.safetensors").unlink()
    (another(root, 100) / "config.json").unlink()
    config = load(root, models=PATTERN, arenas=None)
    assert list(config.models) == ["vllm-run-step9", "vllm-run-step10"]
    (warning,) = config.warnings
    assert "left out, because not complete (yet): folders/run/step11 (no weights" in warning
    assert warning.endswith("folders/run/step100 (no config.json)")


def test_nothing_complete_is_a_mistake(root: Path) -> None:
    for step in (9, 10):
        (root / f"folders/run/step{step}/model.safetensors").unlink()
    with pytest.raises(ConfigError, match=r"matches no complete checkpoint: folders/run/step9 \(no weights"):
        load(root, models=PATTERN, arenas=None)


def test_a_folder_asked_for_by_name_must_be_complete(root: Path) -> None:
    (root / "folders/late/model.safetensors").write_bytes(b"\xff" * 9)
    with pytest.raises(ConfigError, match=r"'folders/late' is no complete model: model.safetensors ends in"):
        load(root, models="folders/late", arenas=None)


VERL, TRAINER = "runs/*/global_step_*/actor/huggingface", "runs/*/checkpoints/checkpoint-*"


def runs(root: Path, names: str, where: str) -> None:
    """Checkpoints 9 and 10 of runs, as a trainer saves them."""
    for run in names:
        for step in (9, 10):
            shutil.copytree(root / "folders/run/step9", root / where.format(run=run, step=step))


@pytest.mark.parametrize(
    ("where", "pattern", "step"),
    [
        ("runs/exp{run}/global_step_{step}/actor/huggingface", VERL, "global_step_"),
        ("runs/exp{run}/checkpoints/checkpoint-{step}", TRAINER, "checkpoint-"),
    ],
)
def test_runs_beside_each_other(where: str, pattern: str, step: str, root: Path) -> None:
    runs(root, "a", where)
    first = [f"vllm-expa-{step}9", f"vllm-expa-{step}10"]
    assert list(load(root, models=pattern, arenas=None).models) == first
    runs(root, "b", where)
    both = load(root, models=pattern, arenas=None)
    assert list(both.models) == [*first, f"vllm-expb-{step}9", f"vllm-expb-{step}10"]
    # A run's first checkpoint has no parent: another run's last is none.
    assert both.parents == {f"vllm-exp{run}-{step}10": f"vllm-exp{run}-{step}9" for run in "ab"}
    alone = load(root, models=[pattern.replace("*", "expb", 1), pattern.replace("*", "expa", 1)], arenas=None)
    assert sorted(alone.models) == sorted(both.models)
    folder = where.format(run="a", step=9)
    assert list(load(root, models=[folder], arenas=None).models) == first[:1]


def test_a_template_names_them(root: Path) -> None:
    runs(root, "ab", "runs/exp{run}/checkpoints/checkpoint-{step}")
    file = root / "config/models/runs.yaml"
    pattern = "runs/exp*/checkpoints/checkpoint-*"
    file.write_text(f'model: {pattern}\nslug: "exp-{{1}}-step-{{2}}"\nlabel: Mine\n')
    models = load(root, models="runs", arenas=None).models
    assert list(models) == ["exp-a-step-9", "exp-a-step-10", "exp-b-step-9", "exp-b-step-10"]
    assert models["exp-b-step-9"].label == "Mine expb checkpoint-9"


# (slug of a pattern's file, words of the mistake)
MISTAKEN = [
    ("mine", "'mine' is the same for all models of the pattern: name wildcards, as in 'mine-{1}'"),
    ("exp-{3}", "'exp-{3}' has {3}, but the pattern has 2 wildcards"),
    ("step-{2}", "gets the slug 'step-9', as another model does"),
]


@pytest.mark.parametrize(("slug", "words"), MISTAKEN)
def test_templates_that_do_not_tell_models_apart(slug: str, words: str, root: Path) -> None:
    runs(root, "ab", "runs/exp{run}/checkpoints/checkpoint-{step}")
    text = f'model: runs/exp*/checkpoints/checkpoint-*\nslug: "{slug}"\n'
    (root / "config/models/runs.yaml").write_text(text)
    with pytest.raises(ConfigError) as raised:
        load(root, models="runs", arenas=None)
    assert words in str(raised.value)


def test_a_template_without_a_pattern(root: Path) -> None:
    (root / "config/models/small.yaml").write_text('model: folders/small\nslug: "x-{1}"\n')
    with pytest.raises(ConfigError, match=r"slug: 'x-\{1\}' has places for a pattern's wildcards"):
        load(root)
