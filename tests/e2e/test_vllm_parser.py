"""vLLM's own parser and configuration take every rank's command line, also those that need GPUs or Ray."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import engine
from project import PATIENCE
from snakeval.models.adapters import unfit
from snakeval.serving import engines
from snakeval.serving.allocation import Meeting
from snakeval.serving.engines import launch
from snakeval.serving.spec import ServeSpec
from unit.models.test_refused import ANSWERED, REFUSED

pytestmark = pytest.mark.e2e

MODEL = str(Path(__file__).resolve().parents[2] / "demo/models/late")
MEETING = Meeting("127.0.0.1", 4321, ("n2", "n3", "n4"))
# What each rank makes of its command line: one process, because vLLM takes ten seconds to import.
READER = """
import json, sys
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.utils.argparse_utils import FlexibleArgumentParser

KEYS = ("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "data_parallel_size_local",
        "data_parallel_rank", "nnodes", "node_rank", "master_addr", "master_port", "data_parallel_master_ip",
        "data_parallel_rpc_port", "data_parallel_hybrid_lb", "data_parallel_external_lb")
for line in sys.stdin:
    words = json.loads(line)
    parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(words[words.index("serve") + 1 :])
    parsed.model = parsed.model_tag
    validate_parsed_serve_args(parsed)
    told = {key: getattr(parsed, key, None) for key in ("host", "port", "headless", "data_parallel_backend",
            "distributed_executor_backend")}
    if "ray" not in (parsed.distributed_executor_backend, parsed.data_parallel_backend):
        config = AsyncEngineArgs.from_cli_args(parsed).create_engine_config(headless=parsed.headless)
        told |= {key: getattr(config.parallel_config, key) for key in KEYS}
    print("PARSED", json.dumps(told), flush=True)
"""
SPECS: dict[str, dict[str, Any]] = {
    "stages": {"tensor_parallel_size": 2, "pipeline_parallel_size": 2, "nodes": 2},
    "layers": {"tensor_parallel_size": 4, "nodes": 2},
    "copies": {"data_parallel_size": 4, "nodes": 2},
    "ray": {"pipeline_parallel_size": 2, "nodes": 2, "distributed_executor_backend": "ray"},
    "ray copies": {"data_parallel_size": 4, "nodes": 2, "distributed_executor_backend": "ray"},
}


@pytest.fixture(scope="module")
def parsed() -> dict[str, list[dict[str, Any]]]:
    """What vLLM reads from the command line of each rank of each spec."""
    lines: list[tuple[str, list[str]]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "meet", lambda nodes: Meeting("127.0.0.1", 4321, MEETING.others[: nodes - 1]))
        for name, values in SPECS.items():
            gpus = {"per_node": 0, "memory_gib": 80}
            made = launch(ServeSpec("name", MODEL, max_model_len=512, gpus=gpus, **values))
            assert made.others is not None
            ranks = [made.command, *made.others.commands]
            lines += [(name, list(rank)) for rank in ranks if "serve" in rank]
    done = subprocess.run(
        [engine.python(), "-c", READER],
        input="\n".join(json.dumps(words) for _, words in lines),
        env={**made.env, "PATH": "/usr/bin:/bin", "HOME": "/tmp"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    told = [line.partition(" ")[2] for line in done.stdout.splitlines() if line.startswith("PARSED")]
    assert len(told) == len(lines), done.stderr[-3000:]
    found: dict[str, list[dict[str, Any]]] = {}
    for (name, _), line in zip(lines, told, strict=True):
        found.setdefault(name, []).append(json.loads(line))
    return found


@pytest.mark.parametrize(("name", "tensor", "stages"), [("stages", 2, 2), ("layers", 4, 1)])
def test_one_copy(parsed: dict[str, list[dict[str, Any]]], name: str, tensor: int, stages: int) -> None:
    head, other = parsed[name]
    for rank, told in enumerate((head, other)):
        assert (told["tensor_parallel_size"], told["pipeline_parallel_size"]) == (tensor, stages)
        assert (told["nnodes"], told["node_rank"], told["headless"]) == (2, rank, rank > 0)
        assert (told["master_addr"], told["master_port"]) == ("127.0.0.1", 4321)
    assert (head["host"], head["port"]) == ("127.0.0.1", 0)


def test_copies(parsed: dict[str, list[dict[str, Any]]]) -> None:
    head, other = parsed["copies"]
    for told in (head, other):
        assert (told["data_parallel_size"], told["data_parallel_size_local"]) == (4, 2)
        assert (told["data_parallel_master_ip"], told["data_parallel_rpc_port"]) == ("127.0.0.1", 4321)
        # One API for all copies, rather than one a node.
        assert (told["data_parallel_hybrid_lb"], told["data_parallel_external_lb"]) == (False, False)
    assert (head["headless"], head["data_parallel_rank"]) == (False, 0)
    assert (other["headless"], other["data_parallel_rank"]) == (True, 2)


def test_ray(parsed: dict[str, list[dict[str, Any]]]) -> None:
    (one,), (copies,) = parsed["ray"], parsed["ray copies"]
    assert one["distributed_executor_backend"] == "ray"
    assert (copies["data_parallel_backend"], copies["headless"]) == ("ray", False)


# What vLLM's own classes make of a request's parameters.
ASKED = """
import json, sys
from vllm.entrypoints.openai.chat_completion.protocol import ChatCompletionRequest

for line in sys.stdin:
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}], **json.loads(line)}
    try:
        ChatCompletionRequest.model_validate(body).to_sampling_params(body.get("max_tokens", 16), {})
        print("ASKED answered", flush=True)
    except Exception:
        print("ASKED refused", flush=True)
"""


def test_parameters_are_refused_as_vllm_refuses_them() -> None:
    ignored = ("guided_", "seed")  # accepted and ignored; a seed is checked by another class
    refused = [body for body, key, _ in REFUSED if not key.startswith(ignored)]
    bodies = [*refused, *ANSWERED]
    done = subprocess.run(
        [engine.python(), "-c", ASKED],
        input="".join(json.dumps(body) + "\n" for body in bodies),
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("ASKED ")]
    assert said == ["refused"] * len(refused) + ["answered"] * len(ANSWERED), done.stderr[-2000:]


# What vLLM's parser, and its own check of adapters, make of a command line and of adapter_config.json.
ADAPTERS = """
import json, sys
from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.entrypoints.launchers.cli_args import make_arg_parser, validate_parsed_serve_args
from vllm.lora.peft_helper import PEFTHelper
from vllm.utils.argparse_utils import FlexibleArgumentParser

words, configs = json.loads(sys.stdin.read())
parsed = make_arg_parser(FlexibleArgumentParser()).parse_args(words[words.index("serve") + 1 :])
parsed.model = parsed.model_tag
validate_parsed_serve_args(parsed)
lora = AsyncEngineArgs.from_cli_args(parsed).create_engine_config().lora_config
told = {"modules": [[each.name, each.path] for each in parsed.lora_modules]}
told |= {"rank": lora.max_lora_rank, "at_once": lora.max_loras, "refused": []}
for config in configs:
    try:
        PEFTHelper.from_dict(config).validate_legal(lora)
    except Exception:
        told["refused"].append(config)
print("TOLD", json.dumps(told), flush=True)
"""


def test_adapters(tmp_path: Path) -> None:
    plain = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, "target_modules": ["q_proj"]}
    bad: list[dict[str, Any]] = [
        {**plain, "use_dora": True},
        {**plain, "modules_to_save": ["embed_tokens"]},
        {**plain, "init_lora_weights": "pissa"},
        {**plain, "bias": "all", "lora_bias": True},
    ]
    good = [{**plain, "init_lora_weights": "gaussian"}, {**plain, "use_rslora": True}]
    folders = []
    for index, config in enumerate([plain, *bad, *good]):
        folder = tmp_path / str(index)
        folder.mkdir()
        (folder / "adapter_config.json").write_text(json.dumps(config))
        (folder / "adapter_model.bin").touch()
        folders.append(folder)
    ours = [json.loads((each / "adapter_config.json").read_text()) for each in folders if unfit(each)]
    assert ours == bad
    gpus = {"per_node": 0, "memory_gib": 80}
    adapters = {"one": str(folders[0]), "two": str(folders[-1])}
    made = launch(ServeSpec("name", MODEL, max_model_len=512, gpus=gpus, adapters=adapters))
    done = subprocess.run(
        [engine.python(), "-c", ADAPTERS],
        input=json.dumps([list(made.command), [*bad, *good]]),
        env={**made.env, "PATH": "/usr/bin:/bin", "HOME": "/tmp"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = [line.partition(" ")[2] for line in done.stdout.splitlines() if line.startswith("TOLD")]
    assert told, done.stderr[-3000:]
    found = json.loads(told[0])
    assert found == {
        "modules": [list(pair) for pair in adapters.items()],
        "rank": 8,
        "at_once": 2,
        "refused": bad,
    }
