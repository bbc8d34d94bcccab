"""The command that starts vLLM, and its version: who is asked, when, and what follows from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from snakeval.config import ConfigError, commands
from snakeval.dag import identity, plan
from unit.config.example_project import Mistake, check_mistake, edit, load, write_project
from unit.system.test_versions import calls, script

SMALL, LATE = "vllm-folders-small", "vllm-folders-late"
FILE = "config/models/small.yaml"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(commands.VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    script(tmp_path / "programs/vllm", "echo 0.22.1")
    script(tmp_path / "programs/other", "echo 0.23.0")
    return write_project(tmp_path)


def test_without_a_command_nothing_is_asked_and_no_identity_changes(root: Path) -> None:
    config = load(root)
    for model in config.served.values():
        assert (model.vllm, model.vllm_version) == (None, None)
    assert "vllm_version" not in identity.generate(config, "sums", SMALL, 0)
    assert json.loads(plan.serve_spec(config, SMALL))["program"] is None
    assert not (root / commands.MEMORY).exists()


def test_one_command_for_all_and_one_model_with_its_own(root: Path) -> None:
    edit(root, FILE, "label: Small", "label: Small\nvllm: [programs/other, serve-it]")
    config = load(root, vllm="programs/vllm")
    small, late = config.models[SMALL], config.models[LATE]
    assert (small.vllm, small.vllm_version) == ((str(root / "programs/other"), "serve-it"), "0.23.0")
    assert (late.vllm, late.vllm_version) == ((str(root / "programs/vllm"),), "0.22.1")
    assert json.loads(plan.serve_spec(config, LATE))["program"] == [str(root / "programs/vllm")]
    assert '"vllm_version": "0.22.1"' in identity.generate(config, "sums", LATE, 0)
    assert all(model.vllm is None for model in config.served.values() if model.engine != "vllm")
    load(root, vllm="programs/vllm")
    assert calls("programs/vllm") == ["--version"]
    assert calls("programs/other") == ["serve-it --version"]


def test_another_way_to_the_same_version_makes_nothing_stale(root: Path) -> None:
    before = load(root, vllm=["programs/vllm"])
    after = load(root, vllm=["env", "A=b", "programs/vllm"])
    assert before.models[LATE].vllm != after.models[LATE].vllm
    assert identity.generate(before, "sums", LATE, 0) == identity.generate(after, "sums", LATE, 0)
    newer = load(root, vllm="programs/other")
    assert identity.generate(before, "sums", LATE, 0) != identity.generate(newer, "sums", LATE, 0)


def test_a_version_by_hand_is_not_asked_for(root: Path) -> None:
    config = load(root, vllm=["apptainer-of-the-nodes", "vllm.sif"], vllm_version="0.22.1")
    assert config.models[SMALL].vllm_version == "0.22.1"
    edit(root, FILE, "label: Small", "label: Small\nvllm_version: '0.9'")
    assert load(root).models[SMALL].vllm_version == "0.9"
    assert load(root).models[LATE].vllm_version is None
    config = load(root, vllm="programs/vllm", vllm_version="0.22.1")
    assert [config.models[slug].vllm_version for slug in (SMALL, LATE)] == ["0.9", "0.22.1"]


def test_the_settings_version_is_not_that_of_a_models_own_command(root: Path) -> None:
    edit(root, FILE, "label: Small", "label: Small\nvllm: programs/other")
    config = load(root, vllm="programs/vllm", vllm_version="0.1")
    assert [config.models[slug].vllm_version for slug in (SMALL, LATE)] == ["0.23.0", "0.1"]


def test_jobs_take_what_the_main_process_has_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = load(root, vllm="programs/vllm")
    monkeypatch.setenv(commands.VARIABLE, "")
    commands.hand_on(started.served)
    script(root / "programs/vllm", "echo 9.9")  # replaced while the workflow runs
    job = load(root, check_data=False, vllm="programs/vllm")
    assert job.models == started.models
    assert load(root, vllm="programs/vllm").models[LATE].vllm_version == "9.9"


def test_a_job_of_nobody_asks_nobody(root: Path) -> None:
    assert load(root, check_data=False, vllm="programs/vllm").models[LATE].vllm_version is None
    load(root, vllm="programs/vllm")
    assert load(root, check_data=False, vllm="programs/vllm").models[LATE].vllm_version == "0.22.1"
    assert calls("programs/vllm") == ["--version"]


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("vllm", ("vllm",)),
        ("programs/vllm", ("{root}/programs/vllm",)),
        ("./programs/vllm", ("{root}/programs/vllm",)),
        ("~/vllm", ("{root}/vllm",)),
        ("/bin/sh", ("/bin/sh",)),
        ("programs/nothing", ("programs/nothing",)),
        (("apptainer", "exec", "./image.sif", "vllm"), ("apptainer", "exec", "{root}/image.sif", "vllm")),
        (
            ("apptainer", "exec", "docker://vllm/vllm-openai"),
            ("apptainer", "exec", "docker://vllm/vllm-openai"),
        ),
        (("sh", "-c", 'exec programs/vllm "$@"', "vllm"), ("sh", "-c", 'exec programs/vllm "$@"', "vllm")),
        (("env", "A=/b", "vllm"), ("env", "A=/b", "vllm")),
        (("~nobody-here/vllm",), ("~nobody-here/vllm",)),
        (("sh", "-c", "exec /x; " * 999, "vllm"), ("sh", "-c", "exec /x; " * 999, "vllm")),
    ],
)
def test_words(
    named: str | tuple[str, ...], expected: tuple[str, ...], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(root))
    for name in ("vllm", "image.sif"):
        (root / name).touch()
    assert commands.words(named, root) == tuple(word.format(root=root) for word in expected)


MISTAKES: dict[str, Mistake] = {
    "not there": (
        FILE,
        "label: Small",
        "vllm: /nowhere/vllm",
        FILE,
        "vllm",
        ["can't start", "vllm_version: "],
    ),
    "several words in a text": (
        FILE,
        "label: Small",
        "vllm: module load vllm",
        FILE,
        "vllm",
        ["'module load vllm' does not tell its version", "a list"],
    ),
    "no version": (FILE, "label: Small", "vllm: /bin/cat", FILE, "vllm", ["/bin/cat", "version"]),
    "no words": (FILE, "label: Small", "vllm: []", FILE, "vllm", ["names no program"]),
    "docker": (FILE, "label: Small", "vllm: [docker, run, image]", FILE, "vllm", ["goes through 'docker'"]),
    "another node": (
        FILE,
        "label: Small",
        "vllm: [/usr/bin/ssh, gpu1, vllm]",
        FILE,
        "vllm",
        ["through '/usr/bin/ssh'"],
    ),
    "of an endpoint": (
        "config/models/referee.yaml",
        "engine: external",
        "engine: external\nvllm: vllm",
        "config/models/referee.yaml",
        "vllm",
        ["no effect with 'engine: external'"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes(name: str, root: Path) -> None:
    check_mistake(root, MISTAKES[name])


def test_a_mistake_in_the_settings_is_reported_once_where_it_is(root: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load(root, vllm="/nowhere/vllm")
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == ("the command line", "vllm")
