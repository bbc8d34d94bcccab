"""Which run there is, whose settings are shown, and the command line of `python -m snakeval.status`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from snakeval.config import load_config
from snakeval.dag import next_step
from snakeval.status.__main__ import main
from snakeval.status.show import print_status, running

ROOT = Path(__file__).resolve().parents[3]
ONE: dict[str, Any] = {"models": ["demo-early"], "benchmarks": ["demo-arithmetic"], "arenas": []}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for part in ("config", "demo"):
        shutil.copytree(ROOT / part, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(next_step, "heads", lambda folder: [])
    return tmp_path


def runs(monkeypatch: pytest.MonkeyPatch, settings: object = ONE, pid: int = 7) -> None:
    monkeypatch.setattr(next_step, "heads", lambda folder: [7])
    next_step.HEAD.parent.mkdir(parents=True)
    next_step.HEAD.write_text(json.dumps({"host": "here", "pid": pid, "config": settings}))


def test_no_run() -> None:
    assert running() == ("no Snakemake runs here", None)


def test_a_lock_alone(folder: Path) -> None:
    (folder / ".snakemake/locks").mkdir(parents=True)
    (folder / ".snakemake/locks/0.input.lock").touch()
    assert running()[0].endswith("the folder is locked")


def test_a_run_and_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch)
    assert running() == ("Snakemake runs here (process 7)", ONE)


def test_the_note_of_another_run_is_none_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, pid=8)
    assert running()[1] is None


# Arguments beside a run of one model, and the models that are shown.
SHOWN: list[tuple[list[str], set[str]]] = [
    ([], {"demo-early"}),
    (["--config", "models=demo-late", "arenas="], {"demo-late"}),
    (["--config", "arenas="], {"demo-early", "demo-late"}),
    (["--configfile", "other.yaml"], {"demo-late"}),
]


@pytest.mark.parametrize(("arguments", "models"), SHOWN)
def test_whose_settings_are_shown(
    arguments: list[str],
    models: set[str],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (folder / "other.yaml").write_text("models: [demo-late]\narenas: []\n")
    runs(monkeypatch)
    assert main(["--json", *arguments]) == 0
    assert {cell["model"] for cell in json.loads(capsys.readouterr().out)["cells"]} == models


@pytest.mark.parametrize(
    ("arguments", "model"), [(["status"], "early"), (["status", "--config", "a=b"], "late")]
)
def test_whose_settings_snakemake_status_shows(
    arguments: list[str], model: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs(monkeypatch)
    print_status(load_config({**ONE, "models": ["demo-late"]}, Path.cwd()), arguments)
    assert f"demo-{model}  demo-arithmetic" in capsys.readouterr().out


# Command lines that are wrong, and what is said.
WRONG = {
    "--config models": "write KEY=VALUE",
    "--config =3": "write KEY=VALUE",
    "--config modles=a": "did you mean 'models'?",
    "--config models=no-such": "no-such",
    "--configfile none.yaml": "none.yaml",
}


@pytest.mark.parametrize("line", WRONG)
def test_what_is_wrong_is_said(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line.split()) == 1
    assert WRONG[line] in capsys.readouterr().err


def test_watching_ends_with_ctrl_c(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    assert main(["--watch", "7"]) == 130
    assert slept == [7, 7]
    assert capsys.readouterr().out.count("no Snakemake runs here") == 2
