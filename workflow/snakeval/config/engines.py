"""What of a model's file its engine can follow, and which models are GGUF files, that llama.cpp serves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from snakeval.config.errors import Report, did_you_mean
from snakeval.config.naming import named
from snakeval.config.places import Place
from snakeval.models.gguf import SUFFIX, GgufError, parts_of, weights_file
from snakeval.models.kinds import weights_in
from snakeval.models.names import elsewhere, is_pattern
from snakeval.models.serving_config import SIZES
from snakeval.schema import Model

Add = Callable[[str, str], None]


def gguf_model(model: Model, place: Place, root: Path, report: Report) -> list[tuple[Model, str]] | None:
    """A model that is a GGUF file, or a folder of one, with its slug; None where it is none.

    Without an `engine` in its file llama.cpp serves it. Names that only other programs know are mistakes,
    which are noted, as is a file that can't be served.
    """
    path = root / Path(model.model).expanduser()
    chosen = "engine" in model.model_fields_set
    why: str | None
    if path.suffix.lower() == SUFFIX and not path.exists() and not is_pattern(model.model):
        why = _missing(path)
    elif model.engine != "llama_cpp" and (chosen or not _is_gguf(path)):
        why = None if path.is_dir() else elsewhere(model.model)
    else:
        why = _unfit(model, path)
        if why is None:
            sizes = {key: getattr(model, key) or 1 for key in SIZES}
            own = str(Path(model.model).expanduser())
            model = model.model_copy(update={"engine": "llama_cpp", "model": own, **sizes})
            return [(model, named(model, path))]
    if why is None:
        return None
    report.add(place.file, place.key("model"), f"'{model.model}' {why}")
    return []


def check_engine(model: Model, add: Add) -> None:
    """Note what vLLM could follow and another engine can't."""
    if model.engine == "vllm":
        return
    name = {"sglang": "SGLang", "llama_cpp": "llama.cpp"}[model.engine]
    if model.distributed_executor_backend:
        add("distributed_executor_backend", f"has no effect with {name}: it is vLLM's")
    if model.engine == "sglang" and (model.nodes or 1) > 1 and (model.data_parallel_size or 1) > 1:
        add("data_parallel_size", "SGLang has one copy over several nodes: set 1, or 'nodes: 1'")
    if model.engine == "llama_cpp":
        if model.dtype:
            add("dtype", "has no effect with llama.cpp: the file has its own")
        for key in ("pipeline_parallel_size", "data_parallel_size", "nodes"):
            if (getattr(model, key) or 1) > 1:
                add(key, "must be 1 with llama.cpp, which spreads over tensor_parallel_size GPUs")


def _is_gguf(path: Path) -> bool:
    if path.is_file():
        return path.suffix.lower() == SUFFIX
    names = {each.name for each in path.iterdir()} if path.is_dir() else set()
    weights = weights_in(names)
    return bool(weights) and all(name.endswith(SUFFIX) for name in weights)


def _missing(path: Path) -> str:
    siblings = [each.name for each in path.parent.iterdir()] if path.parent.is_dir() else []
    near = did_you_mean(path.name, siblings)
    return f"is no file here{near}; a GGUF file on the hub is to be downloaded, and llama.cpp serves it then"


def _unfit(model: Model, path: Path) -> str | None:
    """Why llama.cpp can't serve what is there, None where it can."""
    if model.revision:
        return "is a file here, which has no revisions: leave out 'revision'"
    try:
        parts_of(weights_file(path))
    except GgufError as error:
        return f"{error}, and 'engine: llama_cpp' serves a GGUF file, or a folder of one"
    return None
