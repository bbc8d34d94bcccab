"""SGLang's own parser and classes take the command lines and bodies that are made for it.

Its wheel is had from PyPI without its dependencies, which need CUDA; of those its parser imports orjson,
which comes along, and triton and IPython, in whose place are empty modules: nothing of them is called.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

import engine
from project import PATIENCE, REPOSITORY
from snakeval.asking import replicas
from snakeval.models.dialects import SGLANG
from snakeval.serving import sglang
from snakeval.serving.allocation import Meeting
from snakeval.serving.engines import launch
from snakeval.serving.spec import ServeSpec
from unit.models.test_refused import SGLANG_ANSWERED, SGLANG_REFUSED

pytestmark = pytest.mark.e2e

VERSION, ORJSON = "0.5.23", "3.13.0"
MODEL = str(REPOSITORY / "demo/models/late")
READER = """
import json, sys
from importlib.machinery import ModuleSpec
from unittest.mock import MagicMock

class Empty:
    def find_spec(self, name, path=None, target=None):
        ours = name.partition(".")[0] in ("triton", "IPython")
        return ModuleSpec(name, self, is_package=True) if ours else None

    def create_module(self, spec):
        made = MagicMock()
        made.__name__, made.__spec__, made.__path__, made.__version__ = spec.name, spec, [], "3.9.0"
        return made

    def exec_module(self, module):
        pass

sys.meta_path.insert(0, Empty())
from sglang.srt.sampling.sampling_params import SamplingParams
from sglang.srt.server_args import ServerArgs, prepare_server_args

class Tokenizer:
    def encode(self, text, add_special_tokens):
        return [1]

lines, bodies = json.loads(sys.stdin.read())
keys = ("model_path", "host", "port", "served_model_name", "context_length", "dtype", "tp_size", "pp_size",
        "dp_size", "nnodes", "node_rank", "dist_init_addr", "api_key", "sampling_defaults", "enable_metrics",
        "reasoning_parser", "chat_template", "revision", "tool_call_parser")
parsed = [prepare_server_args(words) for words in lines]
told = {"parsed": [{key: getattr(each, key) for key in keys} for each in parsed], "answered": []}
for body in bodies:
    try:
        asked = SamplingParams(**body)
        asked.normalize(Tokenizer())
        asked.verify(1000)
        told["answered"].append(True)
    except (TypeError, ValueError):
        told["answered"].append(False)
import argparse
parser = argparse.ArgumentParser()
ServerArgs.add_cli_args(parser)
told["options"] = [option for action in parser._actions for option in action.option_strings]
print("TOLD", json.dumps(told), flush=True)
"""
SPECS: dict[str, dict[str, Any]] = {
    "one": {
        "revision": "abc",
        "chat_template": "template.jinja",
        "engine_args": ("--mem-fraction-static=0.8",),
    },
    "copies": {"tensor_parallel_size": 2, "data_parallel_size": 4, "engine_args": ("--dp", "2")},
    "nodes": {"tensor_parallel_size": 8, "pipeline_parallel_size": 2, "nodes": 3},
}


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The folder that SGLang's wheel is unpacked to, once on this machine."""
    folder = Path(tempfile.gettempdir(), f"snakeval-sglang-{VERSION}")
    if not folder.is_dir():
        made = Path(tempfile.mkdtemp(prefix=f"{folder.name}-", dir=folder.parent))
        packages = [f"sglang=={VERSION}", f"orjson=={ORJSON}"]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(made)]
        subprocess.run([*pip, *packages], check=True, timeout=PATIENCE)
        made.rename(folder)
    return folder


@pytest.fixture(scope="module")
def told(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What SGLang makes of the command lines, by spec and rank, and of the bodies; its options."""
    folder = tmp_path_factory.mktemp("sglang")
    key = folder / "options.yaml"
    key.write_text('api-key: "123e4"\n')
    lines = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sglang, "executable", lambda name, remedy: name)
        patch.setattr(sglang, "meet", lambda nodes: Meeting("10.0.0.1", 4321, ("n2", "n3")[: nodes - 1]))
        for values in SPECS.values():
            made = launch(ServeSpec("name", MODEL, "sglang", max_model_len=512, dtype="float16", **values))
            ranks = [(*made.command, str(made.key_option), str(key))]
            ranks += made.others.commands if made.others else ()
            lines += [list(rank[2:]) for rank in ranks]
    bodies = [{NATIVE.get(key, key): value for key, value in body.items()} for body in BODIES]
    done = subprocess.run(
        [engine.python(), "-P", "-W", "ignore", "-c", READER],  # which has torch
        input=json.dumps([lines, bodies]),
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    found = [line.partition(" ")[2] for line in done.stdout.splitlines() if line.startswith("TOLD")]
    assert found, done.stderr[-3000:]
    read: dict[str, Any] = json.loads(found[0])
    return read


# The API's names by those of the class that checks them.
NATIVE = {"max_tokens": "max_new_tokens", "min_tokens": "min_new_tokens", "seed": "sampling_seed"}
IGNORED = [body for body, key, _ in SGLANG_REFUSED if key not in SGLANG.ranges and key != "stop"]
CHECKED = [body for body, _, _ in SGLANG_REFUSED if body not in IGNORED]
BODIES = [*CHECKED, *SGLANG_ANSWERED]


def test_command_lines(told: dict[str, Any]) -> None:
    one, copies, *nodes = told["parsed"]
    for each in (one, copies, nodes[0]):
        assert each["api_key"] == "123e4"
    for each in told["parsed"]:
        assert (each["model_path"], each["served_model_name"]) == (MODEL, "name")
        assert (each["context_length"], each["dtype"], each["host"]) == (512, "float16", "127.0.0.1")
        # Requests say how they are sampled, and texts come with their reasoning.
        assert (each["sampling_defaults"], each["enable_metrics"]) == ("openai", True)
        assert (each["reasoning_parser"], each["tool_call_parser"]) == (None, None)
    assert (one["chat_template"], one["revision"]) == ("template.jinja", None)  # a folder has no revisions
    assert (one["tp_size"], one["pp_size"], one["dp_size"], one["nnodes"]) == (1, 1, 1, 1)
    assert (copies["tp_size"], copies["dp_size"]) == (2, 2)  # the user's stands over ours
    for rank, each in enumerate(nodes):
        assert (each["tp_size"], each["pp_size"], each["nnodes"], each["node_rank"]) == (8, 2, 3, rank)
        assert each["dist_init_addr"] == "10.0.0.1:4321"
    assert [each["api_key"] for each in nodes[1:]] == [None, None]


def test_options_have_the_names_that_are_looked_for(told: dict[str, Any]) -> None:
    known = {*told["options"], "--tp", "--pp", "--dp"}  # argparse takes a beginning for the whole
    assert {*sglang.REFUSED, *sglang.ALIASES, *sglang.ALIASES.values()} <= known


def test_parameters_are_refused_as_sglang_refuses_them(told: dict[str, Any]) -> None:
    assert told["answered"] == [False] * len(CHECKED) + [True] * len(SGLANG_ANSWERED)


def test_names_in_its_source(wheel: Path) -> None:
    source = wheel / "sglang/srt"
    classes = {
        node.name: node
        for node in ast.parse((source / "entrypoints/openai/protocol.py").read_text()).body
        if isinstance(node, ast.ClassDef)
    }

    def fields(name: str) -> set[str]:
        node = classes[name]
        own = {
            each.target.id
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        }
        bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
        return own.union(*map(fields, bases))

    read = fields("ChatCompletionRequest") | fields("CompletionRequest")
    assert {name for name in read if not name.startswith("_")} == set(SGLANG.known or ())
    collector = (source / "observability/metrics_collector.py").read_text()
    for names in (replicas.RUNNING, replicas.WAITING):
        assert any(f'"{name}"' in collector for name in names)
    assert '@app.get("/health_generate")' in (source / "entrypoints/http_server.py").read_text()
