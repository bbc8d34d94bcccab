"""How far a model is on a benchmark, by what lies under results/."""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from snakeval.asking.note import NAME, Note, spec_key
from snakeval.config import Config, load_config
from snakeval.dag import lanes, plan
from snakeval.journal.lines import encode_line
from snakeval.status import slurm
from snakeval.status.cells import Cell, Part, cells
from snakeval.status.counted import Counts, journalled
from snakeval.status.failures import how_ended
from snakeval.status.slurm import SlurmJob
from snakeval.system import origin, processes
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Problem

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {"models": ["demo-late"], "benchmarks": ["demo-arithmetic"], "arenas": ["demo"]}
MODEL, BENCHMARK = "demo-late", "demo-arithmetic"
JOURNAL = plan.journal("generations", BENCHMARK, MODEL)
WANTED = 2 * 8
ME = processes.process(os.getpid())
assert ME is not None
RUNNING = Note(
    "asking", WANTED, 6, 1, 2, 3, 400, 4.0, 5, host=socket.gethostname(), pid=ME.pid, start=ME.start
)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    for part in ("config", "demo"):
        shutil.copytree(ROOT / part, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(origin, "_said", {})
    monkeypatch.setattr(origin, "_specs", {})
    return load_config(SETTINGS, tmp_path)


def prepared() -> None:
    problems = [Problem(f"p{number}", (), "1") for number in range(2)]
    write_rows(Path(f"results/problems/{BENCHMARK}.parquet"), Problem, problems)


def finished(config: Config, *, error: str | None = None, spec: str | None = None) -> None:
    """The file of generations, its first sample truncated, its last perhaps with an error."""
    path = f"results/generations/{BENCHMARK}/{MODEL}.parquet"
    origin.say([path], spec or plan.generate_spec(config, BENCHMARK, MODEL), {})
    reasons = ["length", *["stop"] * (WANTED - 1)]
    rows = [
        Generation(f"p{i // 8}", i % 8, f"{i:032x}", (), 0, "x", None, reason, 1, 1, 1.0)
        for i, reason in enumerate(reasons)
    ]
    if error:
        rows[-1] = replace(rows[-1], text=None, finish_reason=None, error=error)
    write_rows(Path(path), Generation, rows)


def note(config: Config, **changes: object) -> None:
    JOURNAL.mkdir(parents=True, exist_ok=True)
    spec = spec_key(plan.generate_spec(config, BENCHMARK, MODEL))
    (JOURNAL / NAME).write_text(json.dumps({**asdict(RUNNING), "spec": spec, **changes}))


def rows(*texts: bytes) -> None:
    JOURNAL.mkdir(parents=True, exist_ok=True)
    (JOURNAL / "1.jsonl").write_bytes(b"".join(texts))


def line(number: int, ok: bool = True, **row: object) -> bytes:
    return encode_line(row, f"{number:032x}", ok)


def graded() -> None:
    for grader in ("math", "demo-answer"):
        path = Path(f"results/grades/{BENCHMARK}/{MODEL}/{grader}.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def cell(config: Config, job: SlurmJob | None = None) -> Cell:
    found = cells(config, {(MODEL, BENCHMARK): job} if job else {})
    (one,) = [entry for entry in found if (entry.model, entry.benchmark) == (MODEL, BENCHMARK)]
    return one


def log(name: str, *records: str) -> None:
    path = Path(f"results/logs/{name}.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"2026-11-30 10:00:0{i},000 {record}\n" for i, record in enumerate(records)))


ERROR = ("INFO x: 16 samples wanted", "ERROR snakeval: Traceback", "ERROR snakeval: ServerGone: it died")
STOPPED = ("INFO x: 16 samples wanted", "ERROR snakeval: Interrupted: stopped by SIGTERM")
GENERATE = f"generate/{BENCHMARK}/{MODEL}"
Make = Callable[[Config], object]
# What lies there, and (state, samples, truncated, errors, exact).
STATES: dict[str, tuple[list[Make], tuple[str, Part, int | None, int | None, bool]]] = {
    "nothing": ([], ("waiting", Part(0, None), 0, 0, True)),
    "problems": ([lambda c: prepared()], ("waiting", Part(0, WANTED), 0, 0, True)),
    "a job that asks": ([lambda c: prepared(), note], ("running", Part(6, WANTED), 3, 1, True)),
    "a job before problems are known here": ([note], ("running", Part(6, WANTED), 3, 1, True)),
    "one that ended, not finished": (
        [lambda c: prepared(), lambda c: note(c, state="ended")],
        ("waiting", Part(6, WANTED), 3, 1, True),
    ),
    "one of other settings that ended": (
        [lambda c: prepared(), lambda c: note(c, state="ended", spec="0")],
        ("waiting", Part(0, WANTED), 0, 0, True),
    ),
    "one that was killed": (
        [lambda c: prepared(), lambda c: note(c, start=1), lambda c: rows(line(1), line(2), line(3))],
        ("waiting", Part(3, WANTED), 0, 0, False),
    ),
    "rows without a note": (
        [
            lambda c: prepared(),
            lambda c: rows(line(1, finish_reason="length"), line(2), line(3, False, error="x")),
        ],
        ("waiting", Part(2, WANTED), 1, 1, False),
    ),
    "more rows than are wanted": (
        [lambda c: prepared(), lambda c: rows(*(line(i) for i in range(20)))],
        ("waiting", Part(WANTED, WANTED), 0, 0, False),
    ),
    "finished, not graded": ([lambda c: prepared(), finished], ("waiting", Part(WANTED, WANTED), 1, 0, True)),
    "finished and graded": (
        [lambda c: prepared(), finished, lambda c: graded()],
        ("complete", Part(WANTED, WANTED), 1, 0, True),
    ),
    "finished without one": (
        [lambda c: prepared(), lambda c: finished(c, error="transient: x"), lambda c: graded()],
        ("complete", Part(WANTED - 1, WANTED), 1, 1, True),
    ),
    "finished with other settings": (
        [lambda c: prepared(), lambda c: finished(c, spec='{"n_samples": 4}'), lambda c: graded()],
        ("waiting", Part(0, WANTED), 0, 0, True),
    ),
    "a job that failed": (
        [lambda c: prepared(), lambda c: note(c, state="ended"), lambda c: log(GENERATE, *ERROR)],
        ("failed", Part(6, WANTED), 3, 1, True),
    ),
    "a job that was stopped": (
        [lambda c: prepared(), lambda c: note(c, state="ended"), lambda c: log(GENERATE, *STOPPED)],
        ("stopped", Part(6, WANTED), 3, 1, True),
    ),
    "a job that failed and is tried again": (
        [lambda c: prepared(), note, lambda c: log(GENERATE, *ERROR)],
        ("running", Part(6, WANTED), 3, 1, True),
    ),
    "a grader that failed": (
        [lambda c: prepared(), finished, lambda c: log(f"grade/{BENCHMARK}/{MODEL}/math", *ERROR)],
        ("failed", Part(WANTED, WANTED), 1, 0, True),
    ),
}


@pytest.mark.parametrize("case", STATES)
def test_how_far_it_is(config: Config, case: str) -> None:
    made, expected = STATES[case]
    for make in made:
        make(config)
    found = cell(config)
    assert (found.state, found.samples, found.truncated, found.errors, found.exact) == expected


def test_the_pace_of_a_job_that_asks(config: Config) -> None:
    prepared()
    note(config)
    found = cell(config)
    assert (found.rate, found.left) == (100.0, (WANTED - 6) * 4.0 / 4)


def test_settings_that_changed_are_said(config: Config) -> None:
    prepared()
    finished(config, spec="{}")
    assert cell(config).remark == "its settings have changed since it was made"


# Slurm's job, and the state of a cell where nothing has begun.
JOBS = [
    (SlurmJob("7", "PENDING", "", "Priority"), "waiting"),
    (SlurmJob("7", "RUNNING", "cpu01"), "running"),
    (SlurmJob("7", "CONFIGURING", "cpu01"), "running"),
    (None, "waiting"),
]


@pytest.mark.parametrize(("job", "state"), JOBS)
def test_a_job_of_slurm(config: Config, job: SlurmJob | None, state: str) -> None:
    found = cell(config, job)
    assert (found.state, found.job) == (state, job)


def test_a_job_that_waits_for_its_server(config: Config) -> None:
    note(config, state="waiting", since=time.time() - 40)
    service = Path(lanes.services(config, BENCHMARK, MODEL)[0])
    service.parent.mkdir(parents=True)
    Path("engine.log").write_text("Starting to load model m\n")
    alive = {"host": socket.gethostname(), "pid": RUNNING.pid, "pid_start": RUNNING.start}
    service.write_text(json.dumps({"state": "starting", "log": "engine.log", **alive}))
    assert cell(config).server.startswith("waited for, 40 s, loading: loading weights")
    service.write_text(json.dumps({"state": "starting", "log": "engine.log", **alive, "pid_start": 1}))
    assert cell(config).server == "waited for, 40 s", "the service of a run that was killed"


def test_an_arena_counts_questions_and_games(config: Config) -> None:
    problems = [Problem(f"q{number}", (), None) for number in range(3)]
    write_rows(Path("results/problems/demo-questions.parquet"), Problem, problems)
    (found,) = [entry for entry in cells(config, {}) if entry.questions is not None]
    assert (found.questions, found.games) == (Part(0, 3), Part(0, 6))
    path = Path("results/arena/demo/demo-pair/judgments/demo-late.jsonl")
    path.parent.mkdir(parents=True)
    path.touch()
    (found,) = [entry for entry in cells(config, {}) if entry.questions is not None]
    assert (found.questions, found.games) == (Part(3, 3), Part(6, 6))


# The records of a log, and how its job ended.
LOGS: list[tuple[list[str], str | None]] = [
    ([], None),
    (["INFO x: all is well"], None),
    (["WARNING x: 3 samples could not be had"], None),
    ([*ERROR], "failed"),
    ([*STOPPED], "stopped"),
    ([*ERROR, "INFO x: 16 samples wanted, 9 in the journal"], None),
    ([*STOPPED, *ERROR], "failed"),
    (["ERROR snakeval: KeyboardInterrupt: "], "stopped"),
    (["ERROR snakeval: ValueError: said 'Interrupted: '"], "failed"),
    (["ERROR snakeval: ValueError: two\nlines"], "failed"),
]


@pytest.mark.parametrize(("records", "expected"), LOGS)
def test_how_a_log_says_that_its_job_ended(
    records: list[str], expected: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log("x", *records)
    assert how_ended(Path("results/logs/x.log")) == expected
    assert how_ended(Path("results/logs/none.log")) is None


# The content of a journal's file, and what is counted.
TEXTS: list[tuple[bytes, Counts]] = [
    (b"", Counts(0, 0, 0)),
    (line(1) + line(2, False), Counts(1, 0, 1)),
    (line(1) + line(2)[:-9], Counts(1, 0, 0)),
    (line(1, text='","ok":1,"row":'), Counts(1, 0, 0)),
    (line(1, text='"finish_reason":"length"', finish_reason="stop"), Counts(1, 0, 0)),
    (line(1, text="x" * 9_000_000, finish_reason="length") + line(2), Counts(2, 1, 0)),
    (b"\x00\xff\n" + line(1), Counts(1, 0, 0)),
]


@pytest.mark.parametrize(("content", "expected"), TEXTS)
def test_rows_are_counted(content: bytes, expected: Counts, tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").write_bytes(content)
    (tmp_path / "2.jsonl").mkdir()
    assert journalled(tmp_path) == expected
    assert journalled(tmp_path / "none") == Counts(0, 0, 0)


def test_jobs_of_slurm_by_what_they_are_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ["7|PENDING||Priority", "8|RUNNING|cpu01|None", "9|RUNNING|cpu02|None", "torn", "10|RUN"]
    squeue = tmp_path / "squeue"
    squeue.write_text("#!/bin/sh\ncat <<'END'\n" + "\n".join(lines) + "\nEND\n")
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    slurm.note_jobs({"7": [("a", "x"), ("a", "y")], "8": [("a", "y")], "99": [("b", "x")]})
    assert slurm.queued(slurm.noted()) == {
        ("a", "x"): SlurmJob("7", "PENDING", "", "Priority"),
        ("a", "y"): SlurmJob("8", "RUNNING", "cpu01", ""),
    }


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"7": 3}', '{"7": [3]}'])
def test_what_is_no_note_of_jobs(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    slurm.JOBS.parent.mkdir(parents=True)
    slurm.JOBS.write_text(text)
    assert slurm.noted() == {}
