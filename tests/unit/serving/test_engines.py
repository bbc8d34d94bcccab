"""Command lines and environments of the engines."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from snakeval.models.adapters import AdapterError
from snakeval.models.dialects import DIALECTS
from snakeval.serving import engines
from snakeval.serving.engines import launch
from snakeval.serving.launches import EngineMissing, Launch
from snakeval.serving.spec import ServeSpec

ON_CPU = {"per_node": 0, "memory_gib": 80}
MIB = 1 << 20


@pytest.fixture(autouse=True)
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a Python and a vllm beside it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    (folder / "vllm").touch()
    return folder


def made(**values: Any) -> Launch:
    return launch(ServeSpec(**{"served_model_name": "name", "model": "org/model", **values}))


def options(command: tuple[str, ...]) -> dict[str, str | None]:
    """Each option of a command line with its value, None for a switch; none may come twice."""
    words = command[command.index("serve") + 2 :]
    found: dict[str, str | None] = {}
    for word, following in zip(words, (*words[1:], "--"), strict=True):
        if word.startswith("--"):
            assert word not in found
            found[word] = None if following.startswith("--") else following
    return found


def test_on_gpus(bin_folder: Path) -> None:
    result = made(revision="abc", max_model_len=4096, dtype="bfloat16", tensor_parallel_size=2)
    assert result.command[:3] == (str(bin_folder / "vllm"), "serve", "org/model")
    assert options(result.command) == {
        "--host": "127.0.0.1",
        "--port": "0",
        "--served-model-name": "name",
        "--revision": "abc",
        "--max-model-len": "4096",
        "--dtype": "bfloat16",
        "--tensor-parallel-size": "2",
        "--generation-config": "vllm",
        "--disable-uvicorn-access-log": None,
    }
    assert result.env == {"VLLM_NO_USAGE_STATS": "1"}
    assert result.key_variable == "VLLM_API_KEY"


def test_on_the_cpu() -> None:
    result = made(gpus=ON_CPU)
    assert result.command[:4] == (sys.executable, "-P", engines.VLLM_CPU, "serve")
    assert options(result.command) == {
        "--host": "127.0.0.1",
        "--port": "0",
        "--served-model-name": "name",
        "--generation-config": "vllm",
        "--kv-cache-memory-bytes": str(256 * MIB),
        "--disable-uvicorn-access-log": None,
        "--enforce-eager": None,
        "--no-enable-chunked-prefill": None,
    }
    assert result.env == {
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_HOST_IP": "127.0.0.1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "OMP_NUM_THREADS": "1",
        "TORCHDYNAMO_DISABLE": "1",
        "VLLM_USE_AOT_COMPILE": "0",
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    }


def test_stages_on_the_cpu_warm_up() -> None:
    """Which vLLM skips when it is told to be eager; the first request would then end the second stage."""
    assert "--enforce-eager" in options(made(gpus=ON_CPU, tensor_parallel_size=2).command)
    assert "--enforce-eager" not in options(made(gpus=ON_CPU, pipeline_parallel_size=2).command)


@pytest.mark.parametrize(
    ("kv_cache_bytes", "expected"), [(None, 256), (MIB, 256), (128 * MIB, 256), (400 * MIB, 800)]
)
def test_the_cpu_cache_holds_two_full_sequences(kv_cache_bytes: int | None, expected: int) -> None:
    given = options(made(gpus=ON_CPU, kv_cache_bytes=kv_cache_bytes).command)
    assert given["--kv-cache-memory-bytes"] == str(expected * MIB)


@pytest.mark.parametrize(
    "values",
    [
        {"tensor_parallel_size": 2},
        {"data_parallel_size": 2},
        {"engine_args": ("-tp", "2")},
        {"engine_args": ("-pp=2",)},
        {"engine_args": ("--distributed_executor_backend", "mp")},
        {"env": {"OMP_NUM_THREADS": "4"}},
    ],
)
def test_the_engine_is_forked_only_alone_and_with_one_thread(
    bin_folder: Path, values: dict[str, Any]
) -> None:
    result = made(gpus=ON_CPU, **values)
    assert result.command[0] == str(bin_folder / "vllm")
    assert "VLLM_ENABLE_V1_MULTIPROCESSING" not in result.env


def test_a_local_folder_needs_no_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model").mkdir()
    monkeypatch.chdir(tmp_path)
    result = made(model="model", revision="abc")
    assert str(tmp_path / "model") in result.command
    assert "--revision" not in result.command
    assert result.env["HF_HUB_OFFLINE"] == "1"
    assert "HF_HUB_OFFLINE" not in made().env


@pytest.mark.parametrize(
    ("given", "dropped"),
    [
        (("--dtype", "float16"), "--dtype"),
        (("--dtype=float16",), "--dtype"),
        (("--max_model_len", "128"), "--max-model-len"),
        (("-tp", "4"), "--tensor-parallel-size"),
        (("-dp=4",), "--data-parallel-size"),
        (("--enable-chunked-prefill",), "--no-enable-chunked-prefill"),
        (("--no-enforce-eager",), "--enforce-eager"),
        (("--kv-cache-memory-bytes", "1G"), "--kv-cache-memory-bytes"),
        (("--generation-config", "auto"), "--generation-config"),
        (("--host", "0.0.0.0"), None),
    ],
)
def test_engine_args_stand_over_ours(given: tuple[str, ...], dropped: str | None) -> None:
    values: dict[str, Any] = {
        "dtype": "bfloat16",
        "max_model_len": 64,
        "tensor_parallel_size": 2,
        "data_parallel_size": 2,
        "gpus": ON_CPU,
    }
    before, after = made(**values).command, made(**values, engine_args=given).command
    assert after[-len(given) :] == given
    if dropped:
        assert dropped in before
        assert dropped not in after[: -len(given)]
    else:
        assert after.count("--host") == 1


def test_env_stands_over_ours() -> None:
    result = made(gpus=ON_CPU, env={"VLLM_HOST_IP": "10.0.0.1", "MORE": "x"})
    assert result.env["VLLM_HOST_IP"] == "10.0.0.1"
    assert result.env["MORE"] == "x"


@pytest.mark.parametrize(
    "argument", ["--api-key", "--api_key=k", "--port=80", "--served-model-name", "--uds"]
)
def test_arguments_that_would_hide_the_server_are_refused(argument: str) -> None:
    with pytest.raises(ValueError, match=r"engine_args: --.* can't be given"):
        made(engine_args=(argument, "x"))


def test_the_engine_has_an_environment_of_its_own(bin_folder: Path) -> None:
    """Which counts before what stands beside the workflow's Python."""
    own = bin_folder.parent / "engine/bin"
    own.mkdir(parents=True)
    (own / "vllm").touch()
    assert made().command[0] == str(own / "vllm")
    assert made(gpus=ON_CPU).command[:3] == (str(own / "python"), "-P", engines.VLLM_CPU)


@pytest.mark.parametrize("values", [{}, {"gpus": ON_CPU}, {"gpus": ON_CPU, "tensor_parallel_size": 2}])
def test_a_named_command_stands_for_the_program(values: dict[str, Any]) -> None:
    program = ("apptainer", "exec", "--nv", "vllm.sif", "vllm")
    result = made(program=program, **values)
    assert result.command[:7] == (*program, "serve", "org/model")
    assert "VLLM_ENABLE_V1_MULTIPROCESSING" not in result.env
    assert options(result.command) == options(made(**values).command)


def test_vllm_on_path_when_none_is_beside_python(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bin_folder / "vllm").unlink()
    monkeypatch.setattr(shutil, "which", lambda name: f"/opt/{name}")
    assert made(gpus=ON_CPU).command[0] == "/opt/vllm"
    assert "VLLM_ENABLE_V1_MULTIPROCESSING" not in made(gpus=ON_CPU).env


def test_no_vllm_at_all(bin_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bin_folder / "vllm").unlink()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(
        EngineMissing,
        match=r"no 'vllm' in .*/engine, beside .*/bin/pip install vllm.*'vllm:' in the settings",
    ):
        made()


def test_unknown_engine() -> None:
    with pytest.raises(ValueError, match="engine is 'tgi'; known are vllm, sglang, llama_cpp"):
        made(engine="tgi")
    assert list(engines.ENGINES) == list(DIALECTS)


def lora(folder: Path, **config: Any) -> str:
    """An adapter's folder."""
    folder.mkdir()
    (folder / "adapter_config.json").write_text(json.dumps({"peft_type": "LORA", "r": 16, **config}))
    (folder / "adapter_model.bin").touch()
    return str(folder)


@pytest.mark.parametrize(
    ("one", "other", "rank"),
    [
        ({}, {}, "16"),
        ({"r": 4}, {"r": 8}, "8"),
        ({"r": 20}, {}, "32"),
        ({"rank_pattern": {"q_proj": 100}}, {}, "128"),
        ({"r": 300}, {"r": 512}, "512"),
    ],
)
def test_adapters_are_served_beside_each_other(
    one: dict[str, int], other: dict[str, int], rank: str, tmp_path: Path
) -> None:
    adapters = {"step-1": lora(tmp_path / "one", **one), "step-2": lora(tmp_path / "other", **other)}
    command = made(adapters=adapters).command
    at = command.index("--lora-modules")
    assert command[at + 1 : at + 3] == tuple(f"{name}={path}" for name, path in adapters.items())
    assert command[at + 3].startswith("--")
    found = options(command)
    assert found["--enable-lora"] is None
    assert (found["--max-lora-rank"], found["--max-loras"]) == (rank, "2")
    assert "--lora-modules" not in made().command


def test_what_no_adapter_can_be_served_with(tmp_path: Path) -> None:
    folder = lora(tmp_path / "one")
    with pytest.raises(ValueError, match="--lora-modules can't be given"):
        made(adapters={"one": folder}, engine_args=("--lora-modules", "x=y"))
    assert "--max-loras" in made(adapters={"one": folder}, engine_args=("--max-loras", "3")).command
    with pytest.raises(AdapterError, match="use_dora"):
        made(adapters={"two": lora(tmp_path / "two", use_dora=True)})
    with pytest.raises(AdapterError, match=r"no adapter_config\.json"):
        made(adapters={"none": str(tmp_path)})
