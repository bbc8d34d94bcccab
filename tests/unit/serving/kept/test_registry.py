"""What became of a kept server, from its files, Slurm's queue and the processes of this machine."""

from __future__ import annotations

import dataclasses
import os
import time
from pathlib import Path

import pytest

from snakeval.config.endpoints import FOLDER_VARIABLE
from snakeval.serving.kept import registry
from snakeval.serving.kept.registry import Started, State
from snakeval.system import processes

# Young however long the tests before these take.
NOW = time.time() + 3600
JOB = Started({"served_model_name": "m"}, NOW, "login", slurm=True, job="7")
HERE = Started({"served_model_name": "m"}, NOW, "login")
SAID = State("ready", "n1", "n1_boot", 1, 1, "7", "http://10.0.0.1:4/v1")

IN_SLURM = [
    ("running and ready", JOB, SAID, {"7": "RUNNING"}, "ready"),
    ("running, silent", JOB, None, {"7": "RUNNING"}, "starting"),
    ("pending", JOB, None, {"7": "PENDING"}, "queued"),
    ("preempted, to start again", JOB, SAID, {"7": "REQUEUED"}, "queued"),
    ("completing", JOB, SAID, {"7": "COMPLETING"}, "ending"),
    ("ended", JOB, SAID, {"8": "RUNNING"}, "dead"),
    ("failed and ended", JOB, dataclasses.replace(SAID, state="failed", error="x"), {}, "failed"),
    ("said by an earlier job", JOB, dataclasses.replace(SAID, job="6"), {"7": "RUNNING"}, "starting"),
    ("no answer of Slurm's", JOB, SAID, None, "unknown"),
    ("number not yet written down", dataclasses.replace(JOB, job=None), SAID, {"7": "RUNNING"}, "ready"),
    ("just submitted", dataclasses.replace(JOB, job=None), None, {}, "queued"),
    ("never submitted", dataclasses.replace(JOB, job=None, created=0.0), None, {}, "dead"),
]


@pytest.mark.parametrize(
    ("started", "state", "queue", "expected"), [row[1:] for row in IN_SLURM], ids=[row[0] for row in IN_SLURM]
)
def test_in_slurm(started: Started, state: State | None, queue: dict[str, str] | None, expected: str) -> None:
    assert registry._in_slurm(started, state, queue)[0] == expected


def mine() -> State:
    me = processes.process(os.getpid())
    assert me is not None
    return State("ready", "h", processes.machine(), me.pid, me.start, None, "http://127.0.0.1:4/v1")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "ready"),
        ({"state": "starting"}, "starting"),
        ({"state": "failed"}, "failed"),
        ({"pid_start": 1}, "dead"),
        ({"machine": "elsewhere_boot", "host": "elsewhere"}, "unknown"),
        ({"machine": "earlier", "host": processes.machine().rpartition("_")[0]}, "dead"),
    ],
)
def test_here(changes: dict[str, object], expected: str) -> None:
    state = dataclasses.replace(mine(), **changes)  # type: ignore[arg-type]
    assert registry._here(HERE, state)[0] == expected


def test_before_its_first_word() -> None:
    assert registry._here(HERE, None)[0] == "starting"
    assert registry._here(dataclasses.replace(HERE, created=0.0), None)[0] == "dead"


@pytest.mark.parametrize("text", ["", "{}", '{"spec": {}, "created": 1, "host": "h", "more": 1}'])
def test_what_is_no_entry_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / "m/1").mkdir(parents=True)
    (tmp_path / "m/1/server.json").write_text(text)
    assert registry.servers() == []


def test_a_key_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "servers"))
    first = registry.make_key("m").read_text()
    assert registry.make_key("m").read_text() == first
    assert registry.key_file("m").stat().st_mode & 0o777 == 0o600
    assert registry.make_key("n").read_text() != first
