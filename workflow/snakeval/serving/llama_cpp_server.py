"""llama.cpp's server in this process: python -m snakeval.serving.llama_cpp_server --model FILE ...

Options are the parameters of xllamacpp.CommonParams, with '-' for '_'; `--context` is the room of one
request. The key is taken from LLAMA_API_KEY. What a request leaves out is as in OpenAI's API, and not
llama.cpp's own: a temperature of 0.8, top_k 40, top_p 0.95 and min_p 0.05.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Requests worked on at a time, each with room of its own for a whole context.
SLOTS = 4
# Temperature comes first, as in vLLM and SGLang; llama.cpp cuts before it and so keeps other tokens.
SAMPLERS = "penalties;dry;temperature;min_p;top_k;typ_p;top_p;top_n_sigma;xtc"
NEUTRAL = {"temp": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "penalty_last_n": -1, "samplers": SAMPLERS}


def options_of(words: Sequence[str]) -> dict[str, str]:
    """Parameters by name, from `--n-batch 512` or `--n-batch=512`. Raises ValueError."""
    found: dict[str, str] = {}
    rest = list(words)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if not name.startswith("--") or not (equals or rest):
            raise ValueError(f"engine_args: '{name}' is no '--name=value' of a parameter of llama.cpp")
        found[name.removeprefix("--").replace("-", "_")] = value if equals else rest.pop(0)
    return found


def apply(parameters: Any, options: dict[str, str]) -> None:
    """Set parameters of xllamacpp.CommonParams, of the type that each has. Raises ValueError."""
    for name, text in options.items():
        *holders, last = name.split(".")
        holder = parameters
        for each in holders:
            holder = getattr(holder, each, None)
        old = getattr(holder, last, None)
        if isinstance(old, bool):
            if text.lower() not in ("true", "false"):
                raise ValueError(f"engine_args: {name} is true or false, not '{text}'")
            setattr(holder, last, text.lower() == "true")
        elif isinstance(old, int | float | str):
            try:
                setattr(holder, last, type(old)(text))
            except ValueError:
                raise ValueError(f"engine_args: {name} is a number, not '{text}'") from None
        else:
            raise ValueError(f"engine_args: llama.cpp has no parameter '{name}' that can be set")


def configured(xllamacpp: Any, words: Sequence[str], key: str) -> Any:
    """The parameters of a server that these options ask for. Raises ValueError."""
    options = options_of(words)
    parameters = xllamacpp.CommonParams()
    parameters.model.path = options.pop("model")
    parameters.model_alias = {options.pop("model_alias")}
    parameters.hostnames = [options.pop("hostnames")]
    parameters.api_keys = [key]
    parameters.port = 0
    parameters.n_parallel = SLOTS
    parameters.endpoint_metrics = True
    # What the model writes is the text, with its reasoning.
    parameters.reasoning_format = xllamacpp.common_reasoning_format.COMMON_REASONING_FORMAT_NONE
    parameters.force_pure_content_parser = True
    parameters.prefill_assistant = False
    parameters.fit_params = False  # it would make the context shorter, in silence
    for name, value in NEUTRAL.items():
        setattr(parameters.sampling, name, value)
    # These are set: what a GGUF file recommends does not stand over them.
    parameters.sampling.user_sampling_config = sum(map(int, xllamacpp.common_params_sampling_config))
    context, template = options.pop("context", None), options.pop("chat_template", None)
    apply(parameters, options)
    if context is not None and "n_ctx" not in options:
        parameters.n_ctx = int(context) * parameters.n_parallel
    if template is not None:
        parameters.chat_template = Path(template).read_text(encoding="utf-8")
    return parameters


def main() -> int:
    """Serve until a signal comes."""
    import xllamacpp

    try:
        parameters = configured(xllamacpp, sys.argv[1:], os.environ["LLAMA_API_KEY"])
    except ValueError as error:
        print(f"snakeval.serving.llama_cpp_server: {error}", file=sys.stderr)
        return 1
    server = xllamacpp.Server(parameters)
    print(f"llama.cpp {xllamacpp.__version__} listens at {server.listening_address}", flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)  # the library's handlers end its threads, not this one
    signal.pause()
    return 0


if __name__ == "__main__":
    sys.exit(main())
