"""The command lines of an engine's ranks."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from snakeval.serving import engines, ray_node
from snakeval.serving.allocation import Meeting
from snakeval.serving.engines import launch
from snakeval.serving.launches import Launch
from snakeval.serving.several_nodes import options
from snakeval.serving.spec import ServeSpec

MEETING = Meeting("10.0.0.1", 4321, ("n2", "n3"))
ON_CPU = {"per_node": 0, "memory_gib": 80}
HEAD_AT = ("--master-addr", "10.0.0.1", "--master-port", "4321")
COPIES_AT = ("--data-parallel-address", "10.0.0.1", "--data-parallel-rpc-port", "4321")


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engines, "meet", lambda nodes: Meeting("10.0.0.1", 4321, MEETING.others[: nodes - 1]))
    (tmp_path / "vllm").touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))


def made(**values: Any) -> Launch:
    return launch(ServeSpec(**{"served_model_name": "name", "model": "org/model", **values}))


def flat(*values: Any, **more: Any) -> tuple[str, ...]:
    return tuple(word for option in options(*values, **more) for word in option)


RANKS: list[tuple[str, dict[str, Any], list[tuple[str, ...]]]] = [
    (
        "stages",
        {"tensor_parallel_size": 8, "pipeline_parallel_size": 3, "nodes": 3},
        [
            ("--nnodes", "3", "--node-rank", "0", *HEAD_AT),
            ("--nnodes", "3", "--node-rank", "1", *HEAD_AT, "--headless"),
            ("--nnodes", "3", "--node-rank", "2", *HEAD_AT, "--headless"),
        ],
    ),
    (
        "copies",
        {"data_parallel_size": 6, "nodes": 3},
        [
            ("--data-parallel-size-local", "2", *COPIES_AT),
            ("--data-parallel-size-local", "2", *COPIES_AT, "--headless", "--data-parallel-start-rank", "2"),
            ("--data-parallel-size-local", "2", *COPIES_AT, "--headless", "--data-parallel-start-rank", "4"),
        ],
    ),
    ("Ray, one copy", {"pipeline_parallel_size": 2, "nodes": 2, "distributed_executor_backend": "ray"}, [()]),
    (
        "Ray, copies",
        {"data_parallel_size": 4, "nodes": 2, "distributed_executor_backend": "ray"},
        [
            (
                "--data-parallel-backend",
                "ray",
                "--data-parallel-address",
                "10.0.0.1",
                "--data-parallel-size-local",
                "2",
            )
        ],
    ),
]


@pytest.mark.parametrize(("values", "expected"), [row[1:] for row in RANKS], ids=[row[0] for row in RANKS])
def test_options(values: dict[str, Any], expected: list[tuple[str, ...]]) -> None:
    spec = ServeSpec("name", "org/model", **values)
    assert [flat(spec, MEETING, rank) for rank in range(len(expected))] == expected


@pytest.mark.usefixtures("meeting")
def test_the_ranks_differ_in_nothing_else() -> None:
    result = made(tensor_parallel_size=8, pipeline_parallel_size=2, nodes=2, engine_args=("--seed", "1"))
    assert result.others is not None
    assert (result.others.address, result.others.hosts) == ("10.0.0.1", ("n2",))
    (other,) = result.others.commands
    assert set(other) - set(result.command) == {"--headless"}
    assert "--headless" in other
    assert other[other.index("--node-rank") + 1] == "1"
    assert result.command[result.command.index("--node-rank") + 1] == "0"
    for option in ("--tensor-parallel-size", "--pipeline-parallel-size", "--seed", "--master-port"):
        where = result.command.index(option)
        assert other[other.index(option) + 1] == result.command[where + 1]
    assert result.env["VLLM_HOST_IP"] == "10.0.0.1"
    # The API is for the consumers on this node.
    assert result.command[result.command.index("--host") + 1] == "127.0.0.1"


@pytest.mark.usefixtures("meeting")
def test_on_the_cpu_no_engine_is_forked(tmp_path: Path) -> None:
    result = made(data_parallel_size=2, nodes=2, gpus=ON_CPU)
    assert result.command[0] == str(tmp_path / "vllm")
    assert result.env["VLLM_HOST_IP"] == "10.0.0.1"


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize(
    ("program", "ray"),
    [
        (None, "{folder}/ray"),
        (("vllm",), "ray"),
        (("apptainer", "exec", "a b.sif", "/opt/bin/vllm"), "apptainer exec 'a b.sif' /opt/bin/ray"),
    ],
)
def test_over_ray(program: tuple[str, ...] | None, ray: str, tmp_path: Path) -> None:
    result = made(pipeline_parallel_size=2, nodes=2, distributed_executor_backend="ray", program=program)
    assert result.others is not None
    join = (
        sys.executable,
        "-P",
        "-m",
        "snakeval.serving.ray_node",
        "--address",
        "10.0.0.1",
        "--port",
        "4321",
        "--ray",
        ray.format(folder=tmp_path),
    )
    assert result.others.commands == (join,)
    assert result.command[: len(join) + 3] == (*join, "--nodes", "2", "--")
    server = result.command[len(join) + 3 :]
    assert server[server.index("serve") + 1] == "org/model"
    assert server[server.index("--distributed-executor-backend") + 1] == "ray"
    assert "--nnodes" not in server


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize(
    "argument", ["--nnodes=2", "-n", "--master_port", "--data-parallel-size-local", "-dpp", "--headless"]
)
def test_what_ranks_are_told_is_not_the_users_to_set(argument: str) -> None:
    with pytest.raises(ValueError, match=r"engine_args: --.* can't be given"):
        made(engine_args=(argument,))


@pytest.mark.usefixtures("meeting")
@pytest.mark.parametrize("given", [("--api-server-count", "2"), ("--api_server_count=2",)])
def test_only_the_head_has_api_servers(given: tuple[str, ...]) -> None:
    result = made(data_parallel_size=2, nodes=2, engine_args=("--seed", "1", *given, "--max-num-seqs", "8"))
    assert result.others is not None
    assert result.command[-len(given) - 4 :] == ("--seed", "1", *given, "--max-num-seqs", "8")
    assert result.others.commands[0][-4:] == ("--seed", "1", "--max-num-seqs", "8")


STATUS = """\
======== Autoscaler status: 2026-01-01 10:00:00 ========
Node status
---------------------------------------------------------------
Active:
 1 node_4f3c
 1 node_77aa
Pending:
 (no pending nodes)
Recent failures:
 1 node_dead: NodeTerminated
"""


def test_nodes_that_ray_shows() -> None:
    assert ray_node.active_nodes(STATUS) == 2
    assert ray_node.active_nodes("Ray runtime could not be found") == 0


RAY = """\
#!{python}
import socket, sys, time
given = sys.argv[1:]
if given[0] == "status":
    print(open("{status}").read())
elif "--head" in given:
    port = next(int(word.partition("=")[2]) for word in given if word.startswith("--port="))
    with socket.create_server(("127.0.0.1", port)):
        time.sleep(20)
else:
    print("joined", *given)
"""


def test_a_stand_in_for_ray(tmp_path: Path) -> None:
    """The head starts Ray, waits for the nodes and becomes the server; another node joins."""
    (tmp_path / "status").write_text(STATUS)
    (tmp_path / "ray").write_text(RAY.format(python=sys.executable, status=tmp_path / "status"))
    (tmp_path / "ray").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    node = [sys.executable, "-m", "snakeval.serving.ray_node", "--address", "127.0.0.1", "--port", port]
    node += ["--ray", "ray"]
    server = ["--nodes", "2", "--", "/bin/sh", "-c", "echo $RAY_ADDRESS $$; exec sleep 20"]
    with guarded([*node, *server], path) as head, guarded(node, path) as worker:
        assert head.stdout is not None
        assert worker.stdout is not None
        assert head.stdout.readline() == f"127.0.0.1:{port} {head.pid}\n"
        said = worker.stdout.readline()
        assert said == f"joined start --block --address=127.0.0.1:{port} --node-ip-address=127.0.0.2\n"


@contextmanager
def guarded(command: list[str], path: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a process group that ends with the block."""
    environment = {**os.environ, "PATH": path, "VLLM_HOST_IP": "127.0.0.2"}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)
