"""llama.cpp as a plain function: a GGUF file goes in, the command line of its server comes out.

The server is that of the package xllamacpp, llama.cpp's own in a Python module; `llama_cpp_server` starts it.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from snakeval.models.gguf import weights_file
from snakeval.serving.launches import EngineMissing, Launch, merged, options
from snakeval.serving.spec import ServeSpec

REFUSED = frozenset({"--api-keys", "--hostnames", "--model", "--model-alias", "--port"})


def llama_cpp(spec: ServeSpec) -> Launch:
    """llama.cpp's server on this machine; `engine_args` are its parameters, as `--n-parallel=8`.

    Raises EngineMissing, and ValueError for what llama.cpp can't do or is not the user's to set.
    """
    if spec.adapters:
        raise ValueError("adapter: is served with vLLM only")
    if importlib.util.find_spec("xllamacpp") is None:
        raise EngineMissing(
            f"no package 'xllamacpp' for {sys.executable}: install Snakeval with its optional dependency "
            "'llama-cpp'"
        )
    values: dict[str, str | int | None] = {
        "--model": str(weights_file(Path(spec.model).expanduser()).absolute()),
        "--model-alias": spec.served_model_name,
        "--hostnames": spec.host,
        "--context": spec.max_model_len,
        "--chat-template": spec.chat_template,
        "--n-gpu-layers": 0 if spec.on_cpu else None,
    }
    program = (sys.executable, "-P", "-m", "snakeval.serving.llama_cpp_server")
    arguments = merged(options(values), spec.engine_args, REFUSED, {})
    return Launch((*program, *arguments), dict(spec.env), key_variable="LLAMA_API_KEY")
