"""Command lines of SGLang and llama.cpp, and the file that a key is given in."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from snakeval.models.gguf import GgufError
from snakeval.serving import sglang
from snakeval.serving.allocation import Meeting
from snakeval.serving.engines import launch
from snakeval.serving.launches import EngineMissing, Launch
from snakeval.serving.llama_cpp_server import NEUTRAL, apply, configured, options_of
from snakeval.serving.server import EngineServer
from snakeval.serving.spec import ServeSpec
from unit.serving.fake_engine import wait_until

MEETING = Meeting("10.0.0.1", 4321, ("n2", "n3"))


def made(engine: str, **values: Any) -> Launch:
    return launch(
        ServeSpec(**{"served_model_name": "name", "model": "org/model", "engine": engine, **values})
    )


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    (tmp_path / "sglang").touch()
    return str(tmp_path / "sglang")


def test_sglang(program: str) -> None:
    result = made("sglang", revision="abc", max_model_len=4096, dtype="bfloat16", tensor_parallel_size=2)
    assert result.command[:4] == (program, "serve", "--model-path", "org/model")
    words = dict(zip(result.command[4:-1:2], result.command[5::2], strict=True))
    assert int(words.pop("--port")) > 0
    assert words == {
        "--host": "127.0.0.1",
        "--served-model-name": "name",
        "--revision": "abc",
        "--context-length": "4096",
        "--dtype": "bfloat16",
        "--tp-size": "2",
        "--sampling-defaults": "openai",
        "--log-level-http": "warning",
    }
    assert result.command[-1] == "--enable-metrics"
    assert (result.key_option, result.health) == ("--config", "/health_generate")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"adapters": {"a": "folder"}}, "with vLLM only"),
        ({"nodes": 2, "data_parallel_size": 2}, "one copy over several nodes"),
        ({"engine_args": ("--api-key", "x")}, "--api-key can't be given"),
        ({"engine_args": ("--api_key=x",)}, "--api-key can't be given"),
        ({"engine_args": ("--config", "x.yaml")}, "--config can't be given"),
        ({"engine_args": ("--model=x",)}, "--model-path can't be given"),
        ({"engine_args": ("--nccl-init-addr=x:1",)}, "--dist-init-addr can't be given"),
        ({"engine_args": ("--tokenizer-worker-num=4",)}, "--tokenizer-worker-num can't be given"),
    ],
)
def test_what_sglang_can_not_be_told(program: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        made("sglang", **values)


def test_sglang_on_several_nodes(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sglang, "meet", lambda nodes: MEETING)
    result = made("sglang", nodes=3, tensor_parallel_size=24, engine_args=("--tp", "12"))
    assert result.others is not None
    assert result.others.hosts == ("n2", "n3")
    ranks = [result.command, *result.others.commands]
    for number, words in enumerate(ranks):
        assert words[-2:] == ("--tp", "12")
        assert "--tp-size" not in words
        assert words[-8:-2] == (
            "--nnodes",
            "3",
            "--node-rank",
            str(number),
            "--dist-init-addr",
            "10.0.0.1:4321",
        )


def test_programs_that_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EngineMissing, match="environment of its own"):
        made("sglang")
    with pytest.raises(EngineMissing, match="'llama-cpp'"):
        made("llama_cpp")


def test_llama_cpp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: True)
    file = tmp_path / "model.gguf"
    file.touch()
    (tmp_path / "mmproj-model.gguf").touch()
    gpus = {"per_node": 0, "memory_gib": 80}
    result = made(
        "llama_cpp", model=str(tmp_path), max_model_len=512, gpus=gpus, engine_args=("--n-parallel=2",)
    )
    assert options_of(result.command[4:]) == {
        "model": str(file),
        "model_alias": "name",
        "hostnames": "127.0.0.1",
        "context": "512",
        "n_gpu_layers": "0",
        "n_parallel": "2",
    }
    assert result.key_variable == "LLAMA_API_KEY"
    for given, words in (
        ("--port=1", "--port can't be given"),
        ("--api-keys=x", "--api-keys can't be given"),
    ):
        with pytest.raises(ValueError, match=words):
            made("llama_cpp", model=str(file), engine_args=(given,))
    with pytest.raises(GgufError, match="no such file"):
        made("llama_cpp", model=str(tmp_path / "other.gguf"))


def parameters() -> SimpleNamespace:
    """As xllamacpp.CommonParams, as far as it is looked at."""
    threads = SimpleNamespace(n_threads=-1)
    return SimpleNamespace(
        n_ctx=0, n_parallel=1, flash=False, chat_template="", rope=1.0, cpuparams=threads, model=object()
    )


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (["--n-ctx", "512"], "n_ctx", 512),
        (["--n_ctx=512"], "n_ctx", 512),
        (["--flash=true"], "flash", True),
        (["--flash", "False"], "flash", False),
        (["--rope=0.5"], "rope", 0.5),
        (["--n-ctx=1", "--n-ctx=2"], "n_ctx", 2),
    ],
)
def test_parameters_of_llama_cpp(words: list[str], name: str, value: object) -> None:
    found = parameters()
    apply(found, options_of(words))
    assert getattr(found, name) == value


def test_a_parameter_within_another() -> None:
    found = parameters()
    apply(found, options_of(["--cpuparams.n-threads=4"]))
    assert found.cpuparams.n_threads == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--nctx=5"], "no parameter 'nctx'"),
        (["--cpuparams=5"], "no parameter 'cpuparams'"),
        (["--model.path.x=5"], "no parameter"),
        (["--n-ctx=many"], "n_ctx is a number, not 'many'"),
        (["--flash=1"], "flash is true or false"),
        (["n-ctx=5"], "'n-ctx' is no '--name=value'"),
        (["--flash"], "'--flash' is no '--name=value'"),
    ],
)
def test_mistakes_in_parameters_of_llama_cpp(words: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        apply(parameters(), options_of(words))


def test_the_real_parameters_of_llama_cpp(tmp_path: Path) -> None:
    xllamacpp = pytest.importorskip("xllamacpp")
    (tmp_path / "t.jinja").write_text("{{ messages }}")
    words = ["--model=m.gguf", "--model-alias=name", "--hostnames=127.0.0.1", "--context=512"]
    template = f"--chat-template={tmp_path / 't.jinja'}"
    found = configured(xllamacpp, [*words, template, "--n-parallel=3", "--cpuparams.n-threads=2"], "the key")
    assert (found.model.path, found.n_ctx, found.n_parallel) == ("m.gguf", 1536, 3)
    assert (found.api_keys, found.chat_template) == (["the key"], "{{ messages }}")
    assert found.cpuparams.n_threads == 2
    assert {name: getattr(found.sampling, name) for name in NEUTRAL} == NEUTRAL


def test_a_key_in_a_file(tmp_path: Path) -> None:
    said = 'cat "$2"; stat -c %a "$2"; echo "$2"'
    starts = Launch(("sh", "-c", said, "sh"), key_option="--config")
    server = EngineServer(starts, "name", tmp_path / "log", api_key="the key")
    with server:
        wait_until(lambda: not server.alive())
    content, mode, file = (tmp_path / "log").read_text().splitlines()
    assert (content, mode) == ('api-key: "the key"', "600")
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    assert not Path(file).parent.exists()
