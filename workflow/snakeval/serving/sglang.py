"""SGLang as a plain function, as `engines` has vLLM: what to serve goes in, a command line comes out.

Names are those of SGLang 0.5.23, srt/arg_groups/fields; tests/e2e/test_sglang_parser.py has its own parser
read them.
"""

from __future__ import annotations

from pathlib import Path

from snakeval.serving.allocation import Meeting, free_port, meet
from snakeval.serving.launches import Launch, above_one, executable, merged, options
from snakeval.serving.several_nodes import Others
from snakeval.serving.spec import ServeSpec

# With another port, name, key or place Snakeval would not know its own server.
REFUSED = frozenset(
    {
        "--admin-api-key",
        "--api-key",
        "--config",
        "--dist-init-addr",
        "--enable-http2",
        "--grpc-mode",
        "--model-path",
        "--nnodes",
        "--node-rank",
        "--port",
        "--served-model-name",
        "--smg-grpc-mode",
        "--ssl-certfile",
        "--ssl-keyfile",
        # With several the server asks nobody for a key.
        "--tokenizer-worker-num",
        "--use-ray",
    }
)
ALIASES = {
    "--model": "--model-path",
    "--nccl-init-addr": "--dist-init-addr",
    "--tp": "--tp-size",
    "--tensor-parallel-size": "--tp-size",
    "--pp": "--pp-size",
    "--pipeline-parallel-size": "--pp-size",
    "--dp": "--dp-size",
    "--data-parallel-size": "--dp-size",
}
MISSING = (
    "install SGLang in an environment of its own, whose 'sglang' is on PATH (it pins packages that this one "
    "has in other versions), or point the model's base_urls at a server that runs"
)


def sglang(spec: ServeSpec) -> Launch:
    """`sglang serve`; `engine_args` and `env` stand over what is chosen here.

    The model's own sampling defaults are ignored, as with vLLM, and no parser takes reasoning out of the
    texts. The port is one that was free a moment ago: SGLang asks itself at the port that it was given.
    With several nodes this one must be in a Slurm job with as many. Raises EngineMissing, AllocationError,
    and ValueError for what SGLang can't do or is not the user's to set.
    """
    if spec.adapters:
        raise ValueError("adapter: is served with vLLM only")
    several = spec.nodes is not None and spec.nodes > 1
    if several and (spec.data_parallel_size or 1) > 1:
        raise ValueError("data_parallel_size: SGLang has one copy over several nodes: set 1, or 'nodes: 1'")
    meeting = meet(spec.nodes) if several and spec.nodes else None
    folder = Path(spec.model)
    model = str(folder.absolute()) if folder.is_dir() else spec.model
    program = (executable("sglang", MISSING), "serve", "--model-path", model)
    ours = _arguments(spec, free_port(spec.host), local=folder.is_dir())
    variables = {"HF_HUB_OFFLINE": "1"} if folder.is_dir() else {}
    variables |= spec.env

    def rank(number: int) -> tuple[str, ...]:
        own = ours if meeting is None else [*ours, *_rank(meeting, number)]
        return (*program, *merged(own, spec.engine_args, REFUSED, ALIASES))

    others = None
    if meeting is not None:
        commands = tuple(rank(number + 1) for number in range(len(meeting.others)))
        others = Others(meeting.address, meeting.others, commands)
    return Launch(rank(0), variables, key_option="--config", health="/health_generate", others=others)


def _arguments(spec: ServeSpec, port: int, local: bool) -> list[tuple[str, ...]]:
    sizes = {
        "--tp-size": spec.tensor_parallel_size,
        "--pp-size": spec.pipeline_parallel_size,
        "--dp-size": spec.data_parallel_size,
    }
    values: dict[str, str | int | None] = {
        "--host": spec.host,
        "--port": port,
        "--served-model-name": spec.served_model_name,
        "--revision": None if local else spec.revision,
        "--context-length": spec.max_model_len,
        "--dtype": spec.dtype,
        **above_one(sizes),
        "--chat-template": spec.chat_template,
        "--device": "cpu" if spec.on_cpu else None,
        "--sampling-defaults": "openai",
        "--log-level-http": "warning",
    }
    return [*options(values), ("--enable-metrics",)]


def _rank(meeting: Meeting, number: int) -> list[tuple[str, ...]]:
    """Which part of one copy over several nodes this is; only rank 0 has an API."""
    host = f"[{meeting.address}]" if ":" in meeting.address else meeting.address
    return [
        ("--nnodes", str(len(meeting.others) + 1)),
        ("--node-rank", str(number)),
        ("--dist-init-addr", f"{host}:{meeting.port}"),
    ]
