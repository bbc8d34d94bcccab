"""Versions that programs tell, and what is remembered of them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from snakeval.system.versions import VersionError, remembered, version_of
from unit.serving.fake_engine import processes_with


def script(path: Path, text: str) -> str:
    """An executable; it notes each call beside itself."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$@" >> {path}.calls\n{text}\n')
    path.chmod(0o755)
    return str(path)


def calls(program: str) -> list[str]:
    return Path(f"{program}.calls").read_text().splitlines()


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("0.32.0", "0.32.0"),
        ("0.22.1+cu129", "0.22.1+cu129"),
        ("vllm 0.22.1", "0.22.1"),
        ("vLLM version 0.22.1", "0.22.1"),
        ("v0.22.1", "0.22.1"),
        ("0.23.0rc2.dev14+gabc1234", "0.23.0rc2.dev14+gabc1234"),
        ("0.23.0-rc1", "0.23.0-rc1"),
        ("Loading module cuda/12.9\nPython 3.11.7\n0.22.1", "0.22.1"),
        ("INFO 12-01 10:00:00 [a.py:12] Automatically detected platform cpu.\n0.22.1", "0.22.1"),
        ("0.22.1\nW1201 01:00:21.234000 21800 torch/_library/triton.py:53] Triton not available", "0.22.1"),
    ],
)
def test_what_is_a_version(printed: str, expected: str, tmp_path: Path) -> None:
    program = script(tmp_path / "vllm", f"cat <<'E'\n{printed}\nE")
    assert version_of([program], tmp_path / "memory") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("echo no such option: --version >&2; exit 2", r"exit code 2\): no such option"),
        ("echo 0.22.1; exit 1", "exit code 1"),
        ("echo 4", r"exit code 0\): 4"),
        ("echo 12-01 10:00 loaded 0.22.1 of 3", "loaded 0.22.1 of 3"),
        ("exit 0", "it printed nothing"),
        ("kill -9 $$", "exit code 137"),
    ],
)
def test_what_is_none(text: str, words: str, tmp_path: Path) -> None:
    program = script(tmp_path / "vllm", text)
    with pytest.raises(VersionError, match=words):
        version_of([program], tmp_path / "memory")
    assert remembered([program], tmp_path / "memory") is None


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VersionError, match="can't start /nowhere/vllm"):
        version_of(["/nowhere/vllm"], tmp_path)


def test_it_is_asked_once_until_its_files_change(tmp_path: Path) -> None:
    program = script(tmp_path / "env/bin/vllm", "cat $(dirname $0)/said")
    (tmp_path / "env/bin/said").write_text("1.0\n")
    packages = tmp_path / "env/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    command, memory = [program, "x"], tmp_path / "memory"
    assert [version_of(command, memory) for _ in range(3)] == ["1.0"] * 3
    assert calls(program) == ["x --version"]
    assert version_of([program], memory) == "1.0", "other words are another command"
    (tmp_path / "env/bin/said").write_text("2.0\n")
    assert version_of(command, memory) == "1.0", "nothing of the program's changed"
    (packages / "vllm-2.0.dist-info").mkdir()
    os.utime(packages, ns=(1, 1))
    assert version_of(command, memory) == "2.0"
    os.utime(program, ns=(1, 1))
    assert remembered(command, memory) is None


def test_words_that_are_no_files(tmp_path: Path) -> None:
    program = script(tmp_path / "vllm", "echo 1.0")
    assert version_of([program, "exec /x; " * 999, "~nobody-here/x"], tmp_path / "memory") == "1.0"


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file")
    program = script(tmp_path / "vllm", "echo 1.0")
    assert version_of([program], tmp_path / "memory") == "1.0"


@pytest.mark.parametrize(
    "text",
    ["sleep 600", "trap '' TERM; sleep 600", "setsid sleep 600 & sleep 600", "env -i setsid sleep 600"],
)
def test_the_wait_is_bounded_and_leaves_nothing(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_MARK", str(tmp_path))
    program = script(tmp_path / "vllm", text)
    began = time.monotonic()
    with pytest.raises(VersionError, match=r"did not tell its version within 0\.5 s"):
        version_of([program], tmp_path / "memory", seconds=0.5)
    assert time.monotonic() - began < 60
    assert processes_with(str(tmp_path)).keys() <= {os.getpid()}


def test_a_daemon_that_keeps_the_output_open_is_not_waited_for(tmp_path: Path) -> None:
    program = script(tmp_path / "vllm", "setsid sleep 600 & echo 1.0")
    assert version_of([program], tmp_path / "memory", seconds=300) == "1.0"
