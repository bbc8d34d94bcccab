"""Kept servers with a stand-in for the engine: started, found, asked, missed and cancelled."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from snakeval import servers
from snakeval.asking.endpoints import ServerGone
from snakeval.asking.kept import KeptHandle
from snakeval.config.endpoints import FOLDER_VARIABLE, servers_folder
from snakeval.serving.kept import registry
from snakeval.serving.kept import start as kept_start
from snakeval.serving.kept.registry import KeptError, Server
from snakeval.serving.spec import ServeSpec
from snakeval.system import processes
from unit.serving import fake_slurm
from unit.serving.fake_engine import processes_with, wait_until

TESTS = Path(__file__).parents[3]
OWNER = """
import sys
from pathlib import Path
from unit.serving.fake_engine import launch
from snakeval.serving.kept import owner as kept_owner
kept_owner.launch = lambda spec: launch(*spec.engine_args)
sys.exit(kept_owner.KeptOwner(Path(sys.argv[1])).run())
"""
SPEC = ServeSpec("the-model", "org/model", restarts=1, start_timeout=20)
ON_SLURM = ["--partition=gpu"]
Start = Callable[..., list[Server]]


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """Every process of a test carries this in its environment; none may outlive the test."""
    value = uuid.uuid4().hex
    path = fake_slurm.install(tmp_path / "bin", ["n1"])
    monkeypatch.setenv("PATH", f"{path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", f"{TESTS}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    monkeypatch.setenv("TEST_MARK", value)
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path / "servers"))
    monkeypatch.setattr(kept_start, "OWNER", (sys.executable, "-c", OWNER))
    yield value
    left = processes_with(value)
    processes.kill_all(lambda: set(left) & set(processes_with(value)))
    assert left == {}


@pytest.fixture
def start(mark: str) -> Iterator[Start]:
    """Starts servers with a stand-in for the engine; they are cancelled after the test."""

    def begin(*engine_args: str, model: str = "m", count: int = 1, **more: object) -> list[Server]:
        spec = dataclasses.replace(SPEC, engine_args=engine_args)
        return kept_start.start(model, spec, count, **more)  # type: ignore[arg-type]

    yield begin
    for entry in registry.servers():
        kept_start.cancel(entry)


def run(*words: str) -> int:
    return servers.main(words)


def state(name: str = "m/1") -> str:
    return next(entry.status for entry in registry.servers() if entry.name == name)


def owner_of(name: str = "m/1") -> int:
    entry = next(entry for entry in registry.servers() if entry.name == name)
    assert entry.state is not None
    return entry.state.pid


@pytest.mark.parametrize("sbatch", [None, ON_SLURM], ids=["local", "slurm"])
def test_a_life(
    start: Start, mark: str, capsys: pytest.CaptureFixture[str], sbatch: list[str] | None, tmp_path: Path
) -> None:
    (entry,) = start(sbatch=sbatch)
    assert entry.name == "m/1"
    assert run("health", "--wait", "20") == 0
    assert capsys.readouterr().out == "m/1: healthy\n"
    assert run("list") == 0
    shown = capsys.readouterr().out
    job = "100" if sbatch else rf"pid {owner_of()}"
    assert re.search(rf"^m/1 +ready +\S+ +http://127\.0\.0\.1:\d+/v1 +{job} +0m\d\ds$", shown, re.MULTILINE)
    key = registry.key_file("m").read_text().strip()
    assert key not in shown
    assert run("cancel", "m") == 0
    assert processes_with(mark) == {}
    assert registry.servers() == []
    assert not registry.key_file("m").exists()
    if sbatch:
        assert " --partition=gpu " in (tmp_path / "bin/sbatch.log").read_text()


def test_the_key_is_for_nobody_else(start: Start, mark: str) -> None:
    start()
    wait_until(lambda: state() == "ready")
    file = registry.key_file("m")
    key = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert not any(key in command for command in processes_with(mark).values())
    for path in servers_folder().rglob("*"):
        if path.is_file() and path != file:
            assert key not in path.read_text(), path


def test_env(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    start(count=2)
    start("--name", "another", model="other.model")
    wait_until(lambda: {entry.status for entry in registry.servers()} == {"ready", "failed"})
    assert run("env") == 0
    said = capsys.readouterr()
    assert "# other.model/1 is left out: the engine of 'the-model' serves ['another'] instead" in said.err
    script = f"{said.out}\nprintf '%s\\n' $SNAKEVAL_M_URLS $OPENAI_API_BASE $OPENAI_API_KEY_FILE"
    told = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split()
    urls = ",".join(str(entry.url) for entry in registry.servers("m"))
    assert told == [urls, urls, str(registry.key_file("m"))]
    key = registry.key_file("m").read_text().strip()
    assert key not in said.out
    assert run("env", "m", "--show-key") == 0
    assert f"export OPENAI_API_KEY={key}" in capsys.readouterr().out


def test_as_many_as_asked_for(start: Start, capsys: pytest.CaptureFixture[str]) -> None:
    assert [entry.name for entry in start(count=2)] == ["m/1", "m/2"]
    assert start(count=2) == []
    assert run("health", "--wait", "20", "--min", "2") == run("health", "--min", "1") == 0
    assert run("health", "--wait", "20", "--min", "3") == 1  # at once: no third can come
    os.kill(owner_of("m/1"), signal.SIGKILL)
    wait_until(lambda: state("m/1") == "dead")
    assert [run("health", "--min", number) for number in ("1", "2")] == [0, 1]
    capsys.readouterr()
    assert run("urls", "m") == 0
    (alive,) = [str(entry.url) for entry in registry.servers() if entry.status == "ready"]
    assert capsys.readouterr() == (f"{alive}\n", f"# m/1 is left out: process {owner_of('m/1')} is gone\n")
    assert [entry.name for entry in start(count=3)] == ["m/1", "m/3"]


@pytest.mark.parametrize("sbatch", [None, ON_SLURM], ids=["local", "slurm"])
def test_a_dead_entry_is_not_trusted(
    start: Start, mark: str, capsys: pytest.CaptureFixture[str], sbatch: list[str] | None
) -> None:
    start(sbatch=sbatch)
    wait_until(lambda: state() == "ready")
    os.kill(owner_of(), signal.SIGKILL)
    wait_until(lambda: processes_with(mark) == {})
    assert state() == "dead"
    assert run("health", "--wait", "20") == 1
    said = capsys.readouterr().out
    assert re.fullmatch(r"m/1: Slurm job 100 has ended\n" if sbatch else r"m/1: process \d+ is gone\n", said)
    assert run("env") == 1
    assert capsys.readouterr().out == ""
    with pytest.raises(ServerGone, match=r"no server of 'm' lives: m/1: dead (process|Slurm job) \d+"):
        KeptHandle("m", None).demand()


def test_an_engine_that_dies_is_started_again_with_the_same_key(start: Start, mark: str) -> None:
    start()
    wait_until(lambda: state() == "ready")
    first = asyncio.run(KeptHandle("m", None).wait_ready(20))
    leader = next(
        pid
        for pid, line in processes_with(mark).items()
        if "fake_engine.py" in line and "guardian" not in line
    )
    os.kill(leader, signal.SIGKILL)
    wait_until(lambda: state() == "starting")
    second = asyncio.run(KeptHandle("m", None).wait_ready(20))
    assert second.api_key == first.api_key
    assert second.base_urls != first.base_urls


def test_an_engine_that_never_comes_up(start: Start, mark: str, capsys: pytest.CaptureFixture[str]) -> None:
    start("--exit", "3")
    wait_until(lambda: state() == "failed")
    wait_until(lambda: processes_with(mark) == {})
    assert run("health", "--wait", "20") == 1
    assert "ended before it was ready (exit code 3)" in capsys.readouterr().out
    with pytest.raises(ServerGone, match=r"m/1: failed the engine of 'the-model' ended before"):
        asyncio.run(KeptHandle("m", None).wait_ready(5))


def test_somebody_elses_server_is_noticed(start: Start) -> None:
    start("--any-key")
    wait_until(lambda: state() == "failed")
    assert "answers 200 instead of 401" in registry.servers()[0].why


def test_a_client_uses_all_that_are_healthy(start: Start) -> None:
    start(count=2)
    wait_until(lambda: {entry.status for entry in registry.servers()} == {"ready"})
    handle = KeptHandle("m", None)
    endpoint = asyncio.run(handle.wait_ready(20))
    assert sorted(endpoint.base_urls) == sorted(str(entry.url) for entry in registry.servers())
    for url in endpoint.base_urls:
        headers = {"Authorization": f"Bearer {endpoint.api_key}"}
        with urllib.request.urlopen(urllib.request.Request(f"{url}/models", headers=headers)) as response:
            assert json.load(response)["data"][0]["id"] == endpoint.served_model_name
    kept_start.cancel(registry.servers()[0])
    handle._looked = float("-inf")
    assert len(asyncio.run(handle.wait_ready(20)).base_urls) == 1
    assert handle.gone() is None


def test_a_queued_job_is_waited_for(start: Start, tmp_path: Path) -> None:
    start(sbatch=ON_SLURM)
    wait_until(lambda: state() == "ready")
    jobs = json.loads((tmp_path / "bin/jobs.json").read_text())
    jobs["100"]["state"] = "PENDING"
    (tmp_path / "bin/jobs.json").write_text(json.dumps(jobs))
    assert state() == "queued"
    with pytest.raises(ServerGone, match=r"healthy within 0\.1 s: m/1: queued Slurm: pending"):
        asyncio.run(KeptHandle("m", None).wait_ready(0.1))


def test_slurm_that_does_not_answer(start: Start, tmp_path: Path) -> None:
    start(sbatch=ON_SLURM)
    wait_until(lambda: state() == "ready")
    working = (tmp_path / "bin/squeue").read_text()
    (tmp_path / "bin/squeue").write_text("#!/bin/sh\nexit 1\n")
    assert state() == "unknown"
    assert start(sbatch=ON_SLURM) == []  # it may well live
    assert run("health") == 0  # it answers, to our key
    (tmp_path / "bin/squeue").write_text(working)


def test_a_submission_that_is_refused(start: Start, tmp_path: Path) -> None:
    (tmp_path / "bin/sbatch").write_text("#!/bin/sh\necho invalid partition >&2; exit 1\n")
    with pytest.raises(KeptError, match="invalid partition"):
        start(sbatch=ON_SLURM)
    assert registry.servers() == []


def test_a_process_of_another_machine(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    start()
    with monkeypatch.context() as patch:
        patch.setattr(processes, "machine", lambda: "elsewhere_1234")
        (entry,) = registry.servers()
        assert entry.status == "unknown"
        with pytest.raises(KeptError, match="it is a process of"):
            kept_start.cancel(entry)
    assert len(registry.servers()) == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("health", "x"), "no server 'x' is kept in"),
        (("cancel",), "Name servers or models, or give --all"),
        (("cancel", "m/7"), "there are: none"),
    ],
)
def test_mistakes(
    mark: str, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], expected: str
) -> None:
    assert run(*words) == 1
    assert expected in capsys.readouterr().err


OPTIONS = [
    ({}, 1, ServeSpec("m", "m"), 0, "--nodes=1 --ntasks=1 --ntasks-per-node=1 --cpus-per-task=1"),
    (
        {
            "slurm_account": "a",
            "slurm_partition": "p",
            "runtime": 60,
            "mem_mb": 1000,
            "qos": "q",
            "constraint": "c",
        },
        4,
        ServeSpec("m", "m", nodes=2),
        8,
        "--nodes=2 --ntasks=2 --ntasks-per-node=1 --cpus-per-task=4 --account=a --partition=p --time=60 "
        "--mem=1000 --constraint=c --qos=q --gres=gpu:8",
    ),
    ({"gpu_model": "h100", "cpus_per_gpu": 4}, 1, ServeSpec("m", "m"), 2, "-task=8 --gres=gpu:h100:2"),
    ({"gres": "gpu:a100:4", "slurm_extra": "--exclusive '--comment=a b'"}, 1, ServeSpec("m", "m"), 2, "a b"),
]


@pytest.mark.parametrize(("resources", "threads", "spec", "gpus", "expected"), OPTIONS)
def test_options_of_sbatch(
    resources: dict[str, object], threads: int, spec: ServeSpec, gpus: int, expected: str
) -> None:
    assert " ".join(kept_start.sbatch_options(resources, threads, spec, gpus)).endswith(expected)


def test_ages() -> None:
    assert [servers.age(seconds) for seconds in (5, 61, 4000, 90000)] == ["0m05s", "1m01s", "1h06m", "1d01h"]
    assert servers.variable("vllm-qwen-qwen3-8b.1") == "SNAKEVAL_VLLM_QWEN_QWEN3_8B_1"
