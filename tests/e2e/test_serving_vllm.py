"""The real engine on the CPU, with the demo's model: start, answer, stop, and kill -9 of everybody."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lora import write_adapter
from project import PATIENCE
from snakeval.answers.reasoning import separate
from snakeval.asking.endpoints import Endpoint, ServerGone
from snakeval.asking.service import ServiceHandle
from snakeval.models.infer import inferred
from snakeval.schema import Gpus, Model, Reasoning
from snakeval.serving.service import read_record
from snakeval.system import processes

pytestmark = pytest.mark.e2e

DEMO = Path(__file__).resolve().parents[2] / "demo"
MODEL = DEMO / "models/late"
TASK = r"Solve the problem step by step. Put the final number in \boxed{}."
PROBLEMS = DEMO / "data/problems.jsonl"
PROMPTS = [f"What is {a} + {b}?" for a in range(12, 20) for b in range(3, 7)]
# With the scale of their second factor.
ADAPTERS = {"untrained": 0.0, "trained": 0.5}
Start = Callable[..., subprocess.Popen[bytes]]
Process = tuple[int, int]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "late.json"


@pytest.fixture
def start(tmp_path: Path, file: Path) -> Iterator[Start]:
    """Starts a service for the demo's model; `changes` to its spec."""
    owners = []

    def start(**changes: Any) -> subprocess.Popen[bytes]:
        spec = {
            "served_model_name": "demo-late",
            "model": str(MODEL),
            "max_model_len": 1024,
            "gpus": {"per_node": 0, "memory_gib": 80},
            "start_timeout": PATIENCE,
            **changes,
        }
        arguments = ["--file", str(file), "--log", str(tmp_path / "log"), "--spec", json.dumps(spec)]
        owners.append(subprocess.Popen([sys.executable, "-m", "snakeval.serving.service", *arguments]))
        deadline = time.monotonic() + PATIENCE
        while not file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return owners[-1]

    yield start
    for owner in owners:
        owner.terminate()
        owner.wait(30)
    if file.exists():  # an owner that was killed leaves its control folder
        shutil.rmtree(read_record(file).control, ignore_errors=True)


def ready(file: Path) -> Endpoint:
    handle = ServiceHandle(file)
    handle.demand()
    return asyncio.run(handle.wait_ready(PATIENCE))


def greedy(endpoint: Endpoint, prompts: Sequence[str] = PROMPTS, **sampling: Any) -> list[str]:
    """What the model says to each prompt."""
    texts = []
    for index, prompt in enumerate(prompts):
        body = {
            "model": endpoint.served_model_name,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": 40,
            "temperature": 0,
            "seed": index,
            **sampling,
        }
        request = urllib.request.Request(
            f"{endpoint.base_urls[0]}/chat/completions",
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {endpoint.api_key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            choice = json.load(response)["choices"][0]
        assert choice["finish_reason"] in ("stop", "length")
        texts.append(choice["message"]["content"])
    return texts


def family(owner: int) -> dict[Process, str]:
    """Everything below the owner, by id and start time, with its name."""
    found = {}
    for pid in processes.descendants(owner):
        process = processes.process(pid)
        if process is not None:
            name = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            found[pid, process.start] = name
    return found


def assert_all_gone(members: dict[Process, str], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while left := [name for process, name in members.items() if processes.alive(*process)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def seconds_of_cpu(members: dict[Process, str]) -> float:
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid, _ in members]
    return sum(int(field) for line in fields for field in line[11:15]) / os.sysconf("SC_CLK_TCK")


def test_it_serves_hides_its_key_and_stops(start: Start, file: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    made = {name: write_adapter(MODEL, tmp_path / name, scale) for name, scale in ADAPTERS.items()}
    owner = start(adapters={name: str(folder) for name, folder in made.items()})
    endpoint = ready(file)
    members = family(owner.pid)
    took, cpu = time.monotonic() - began, seconds_of_cpu(members)
    print(f"ready after {took:.1f} s, {cpu:.1f} s of CPU, {len(members)} processes")
    # A guard against a second import of vLLM in the engine's process, which costs 8 s and more.
    assert len(members) == 3, members
    plain, *adapted = (greedy(replace(endpoint, served_model_name=name)) for name in ("demo-late", *ADAPTERS))
    assert len(set(plain)) > 1
    # Several adapters of one base, by their names, on one server: one of them is as before its training.
    assert adapted[0] == plain
    assert len({*plain}.intersection(adapted[1])) < len(set(plain))
    assert endpoint.api_key is not None
    assert not any(endpoint.api_key in name for name in members.values())
    owner.terminate()
    assert owner.wait(20) == 0
    assert_all_gone(members)
    assert endpoint.api_key not in (tmp_path / "log").read_text()


def test_forking_the_engine_changes_no_answer(start: Start, file: Path) -> None:
    owner = start()
    forked = greedy(ready(file))
    owner.terminate()
    assert owner.wait(20) == 0
    file.unlink()
    owner = start(engine_args=["--distributed-executor-backend", "mp"])
    spawned = ready(file)
    assert len(family(owner.pid)) > 3  # engine and worker in processes of their own
    assert greedy(spawned) == forked


@pytest.mark.parametrize("killed", ["owner", "guardian", "leader", "engine"])
def test_kill_9_of_one_leaves_nothing(start: Start, file: Path, killed: str) -> None:
    owner = start(restarts=0)
    ready(file)
    members = family(owner.pid)
    [guardian] = processes.children(owner.pid)
    [leader] = processes.children(guardian)
    core = next(pid for (pid, _), name in members.items() if "EngineCore" in name)
    os.kill(
        {"owner": owner.pid, "guardian": guardian, "leader": leader, "engine": core}[killed], signal.SIGKILL
    )
    assert_all_gone(members)
    if killed != "owner":
        with pytest.raises(ServerGone, match="ended while it served"):
            asyncio.run(ServiceHandle(file).wait_ready(20))


def test_kill_9_of_the_engine_brings_another(start: Start, file: Path) -> None:
    owner = start()
    first = ready(file)
    members = family(owner.pid)
    core = next(pid for (pid, _), name in members.items() if "EngineCore" in name)
    os.kill(core, signal.SIGKILL)
    assert_all_gone(members)
    second = ready(file)
    assert read_record(file).engine_starts == 2
    assert second.base_urls != first.base_urls
    assert second.api_key != first.api_key
    assert greedy(second)


def thinking(folder: Path) -> Path:
    """The demo's model, two words of its answers made special tokens that mark reasoning, as Mistral's."""
    shutil.copytree(MODEL, folder)
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_text())
    words = tokenizer["model"]
    renamed = {"First": "[THINK]", "\u0120The": "[/THINK]"}
    words["merges"] = [pair for pair in words["merges"] if not {*pair, "".join(pair)} & {*renamed}]
    for word, mark in renamed.items():
        number = words["vocab"].pop(word)
        words["vocab"][mark] = number
        tokenizer["added_tokens"].append(tokenizer["added_tokens"][0] | {"id": number, "content": mark})
    path.chmod(0o644)
    path.write_text(json.dumps(tokenizer))
    return folder


def test_marks_that_are_special_tokens_reach_the_answer(start: Start, file: Path, tmp_path: Path) -> None:
    """vLLM drops special tokens from its texts; what infer_config finds keeps them there."""
    folder = thinking(tmp_path / "thinking")
    config = inferred("thinking", Model(model=str(folder)), Gpus(per_node=0))
    assert config.sampling["skip_special_tokens"] is False
    start(model=str(folder))
    endpoint = ready(file)
    problems = [f"{TASK}\n\n{json.loads(line)['problem']}" for line in PROBLEMS.read_text().splitlines()[:6]]
    [dropped, kept] = [
        greedy(endpoint, problems, max_tokens=80, **sampling)
        for sampling in ({}, {"skip_special_tokens": config.sampling["skip_special_tokens"]})
    ]
    marks = Reasoning(**config.reasoning)
    for bare, whole in zip(dropped, kept, strict=True):
        assert whole.replace("[THINK]", "").replace("[/THINK]", "") == bare
        assert whole.startswith("[THINK], ")
        assert separate(bare, marks) == bare  # the reasoning would be graded
        assert separate(whole, marks) == whole.partition("[/THINK]")[2].strip() != ""


def test_a_broken_model_is_named(start: Start, file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(MODEL, broken)
    weights = broken / "model.safetensors"
    weights.chmod(0o644)
    weights.write_bytes(weights.read_bytes()[:100_000])
    owner = start(model=str(broken))
    with pytest.raises(ServerGone) as caught:
        ready(file)
    assert "ended before it was ready (exit code 1)" in str(caught.value)
    assert "SafetensorError: Error while deserializing header" in str(caught.value)
    assert processes.children(owner.pid) == set()
