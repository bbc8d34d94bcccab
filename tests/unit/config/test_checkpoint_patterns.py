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
