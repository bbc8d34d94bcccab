"""Inference engines as plain functions: what to serve goes in, a command line and an environment come out.

Here is vLLM's, and the table of all of them. An engine has a free port; `snakeval.serving.server` finds out
which. Its API key goes by environment or a private file, where other users of the machine can't read it,
never on the command line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from snakeval.models.adapters import engine_rank, located
from snakeval.serving import several_nodes
from snakeval.serving.allocation import Meeting, meet
from snakeval.serving.launches import Launch, above_one, executable, merged, option_name, options, python_of
from snakeval.serving.llama_cpp import llama_cpp
from snakeval.serving.several_nodes import Others
from snakeval.serving.sglang import sglang
from snakeval.serving.spec import ServeSpec

# With another port, name or key Snakeval would not know its own server.
REFUSED = frozenset(
    {
        "--api-key",
        "--grpc",
        "--model",
        "--port",
        "--served-model-name",
        "--ssl-certfile",
        "--ssl-keyfile",
        "--uds",
    }
    | several_nodes.OURS
)
ALIASES = {
    "-tp": "--tensor-parallel-size",
    "-pp": "--pipeline-parallel-size",
    "-dp": "--data-parallel-size",
}
# With any of these the engine has workers in processes of their own.
PARALLEL = frozenset({*ALIASES.values(), "--distributed-executor-backend"})
ALIASES |= several_nodes.SHORT
MIB = 1 << 20
# Each takes memory for its weights at the largest rank; requests of further ones wait for their turn.
MOST_ADAPTERS_AT_ONCE = 8
# Without a GPU models are tiny: 131,072 tokens of one that takes 2 KiB of cache a token.
CPU_KV_CACHE_BYTES = 256 * MIB
VLLM_CPU = str(Path(__file__).with_name("vllm_cpu.py"))
MISSING = (
    "install it into an environment of its own (python3 -m venv {folder}; {folder}/bin/pip install vllm), "
    "name its command ('vllm:' in the settings or in a model's file), or point the model's base_urls at a "
    "server that runs"
)
CPU_VARIABLES = {
    "VLLM_HOST_IP": "127.0.0.1",
    # The default binding puts the workers of all servers on core 0.
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
    # Otherwise the first request with logprobs compiles for 10 s.
    "TORCHDYNAMO_DISABLE": "1",
    # Without --enforce-eager vLLM would insist on compiling.
    "VLLM_USE_AOT_COMPILE": "0",
}


def vllm(spec: ServeSpec) -> Launch:
    """`vllm serve`; `engine_args` and `env` stand over what is chosen here.

    The model's own sampling defaults are ignored: each request says how it is sampled. With several
    nodes this one must be in a Slurm job with as many. Raises EngineMissing, AllocationError, and
    ValueError for an argument that is not the user's to set.
    """
    meeting = meet(spec.nodes) if spec.nodes and spec.nodes > 1 else None
    folder = Path(spec.model)
    model = str(folder.absolute()) if folder.is_dir() else spec.model
    ours = _vllm_arguments(spec, local=folder.is_dir())
    if spec.adapters and "--lora-modules" in map(_name, spec.engine_args):
        raise ValueError("engine_args: --lora-modules can't be given to the server of an adapter")
    arguments = _merge(ours, spec.engine_args)
    variables = {"VLLM_NO_USAGE_STATS": "1"}
    if folder.is_dir():
        variables["HF_HUB_OFFLINE"] = "1"
    if spec.on_cpu:
        variables |= CPU_VARIABLES
    if meeting:
        variables["VLLM_HOST_IP"] = meeting.address
    variables |= spec.env
    program = spec.program or (executable("vllm", MISSING),)
    alone = PARALLEL.isdisjoint(map(_name, arguments)) and variables.get("OMP_NUM_THREADS") == "1"
    python = None if spec.program else python_of("vllm")
    if spec.on_cpu and alone and python:
        # By its file: there is no Snakeval in the engine's environment.
        program = (python, "-P", VLLM_CPU)
        # Keeps the worker in the engine's process.
        variables["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
    if meeting is None:
        return Launch((*program, "serve", model, *arguments), variables)

    def rank(number: int) -> tuple[str, ...]:
        own = [*ours, *several_nodes.options(spec, meeting, number)]
        given = several_nodes.without_api(spec.engine_args) if number else spec.engine_args
        return (*program, "serve", model, *_merge(own, given))

    return _on_nodes(spec, meeting, program, rank, variables)


def _on_nodes(
    spec: ServeSpec,
    meeting: Meeting,
    program: tuple[str, ...],
    rank: Callable[[int], tuple[str, ...]],
    variables: Mapping[str, str],
) -> Launch:
    if spec.distributed_executor_backend == "ray":
        # Ray is where vLLM is: beside its file, or on the same PATH.
        ray = (*program[:-1], str(Path(program[-1]).with_name("ray")))
        command, commands = several_nodes.over_ray(ray, rank(0), meeting)
    else:
        command, commands = rank(0), tuple(rank(number + 1) for number in range(len(meeting.others)))
    return Launch(command, variables, others=Others(meeting.address, meeting.others, commands))


ENGINES: dict[str, Callable[[ServeSpec], Launch]] = {"vllm": vllm, "sglang": sglang, "llama_cpp": llama_cpp}


def launch(spec: ServeSpec) -> Launch:
    """How to start the engine that a spec names. Raises EngineMissing and ValueError."""
    if spec.engine not in ENGINES:
        raise ValueError(f"spec: engine is {spec.engine!r}; known are {', '.join(ENGINES)}")
    return ENGINES[spec.engine](spec)


def _vllm_arguments(spec: ServeSpec, local: bool) -> list[tuple[str, ...]]:
    sizes = {
        "--tensor-parallel-size": spec.tensor_parallel_size,
        "--pipeline-parallel-size": spec.pipeline_parallel_size,
        "--data-parallel-size": spec.data_parallel_size,
    }
    values: dict[str, str | int | None] = {
        "--host": spec.host,
        "--port": 0,
        "--served-model-name": spec.served_model_name,
        "--revision": None if local else spec.revision,
        "--max-model-len": spec.max_model_len,
        "--dtype": spec.dtype,
        **above_one(sizes),
        "--distributed-executor-backend": spec.distributed_executor_backend,
        "--chat-template": spec.chat_template,
        "--generation-config": "vllm",
    }
    switches = ["--disable-uvicorn-access-log"]
    if spec.on_cpu:
        values["--kv-cache-memory-bytes"] = max(CPU_KV_CACHE_BYTES, 2 * (spec.kv_cache_bytes or 0))
        # A seeded request whose prefill is chunked kills the engine on the CPU.
        switches.append("--no-enable-chunked-prefill")
        # A stage makes what it receives into while it warms up, which the CPU's eager worker does not.
        if (spec.pipeline_parallel_size or 1) == 1:
            switches.append("--enforce-eager")
    return [*options(values), *_adapters(spec.adapters), *((switch,) for switch in switches)]


def _adapters(adapters: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Options for LoRA adapters. Raises AdapterError where one can't be had or served."""
    if not adapters:
        return []
    folders = {name: located(adapter) for name, adapter in adapters.items()}
    return [
        ("--enable-lora",),
        ("--max-lora-rank", str(engine_rank(folders.values()))),
        ("--max-loras", str(min(len(folders), MOST_ADAPTERS_AT_ONCE))),
        ("--lora-modules", *(f"{name}={folder}" for name, folder in folders.items())),
    ]


def _merge(ours: Sequence[tuple[str, ...]], given: Sequence[str]) -> list[str]:
    return merged(ours, given, REFUSED, ALIASES)


def _name(argument: str) -> str:
    return option_name(argument, ALIASES)
