"""What kind of thing a folder or a repository holds, by its files' names, where that is no model to serve.

Standard library only: folders are looked at while the workflow is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path, PurePath

ADAPTER = "adapter_config.json"
WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".gguf")
INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
EXTERNAL = "serve it elsewhere and set 'engine: external' with 'base_urls'"
# Saved beside a model by trainers, and no weights of it.
NO_WEIGHTS = ("training_args.bin", "optimizer", "scheduler", "rng_state", "random_states", "scaler")


def weights_in(names: Collection[str]) -> list[str]:
    """The files of a model's own weights, by suffix; those of an adapter or an optimizer are none."""
    found = [name for name in names if name.endswith(WEIGHTS)]
    return [name for name in found if not PurePath(name).name.startswith(("adapter_", *NO_WEIGHTS))]


def other_than_a_model(names: Collection[str], base: str | None = None) -> str | None:
    """What files of these names are instead of a model that vLLM 0.32 can load, and what to write; else None.

    `base` is the base model that an adapter says it is of.
    """
    weights = weights_in(names)
    beside = any(name.startswith("adapter_model.") for name in names)
    if ADAPTER in names and (not weights or (beside and not any(name in names for name in INDEXES))):
        of = f"'{base}'" if base else "its base"
        if not weights:
            merged = (
                f"name it as '{base or 'base'}+adapter', or merge it (peft: merge_and_unload) and name that"
            )
            return f"is a LoRA adapter ({ADAPTER}) without the weights of {of}: {merged}"
        return (
            f"holds a LoRA adapter ({ADAPTER}) beside weights, and vLLM would load both as one model: "
            "move the adapter's files elsewhere"
        )
    if weights and all(name.endswith(".gguf") for name in weights):
        return (
            "has its weights in GGUF only, which vLLM doesn't serve: download one of the files and name that "
            f"('engine: llama_cpp' serves it), name the original model, or {EXTERNAL}"
        )
    if "config.json" not in names and "params.json" in names:
        return (
            "is in Mistral's own format (params.json): name the model in the common one, with config.json "
            f"and model*.safetensors, or {EXTERNAL}"
        )
    return None


def base_of(folder: Path) -> str | None:
    """The base model that a folder's adapter says it is of."""
    try:
        found = json.loads((folder / ADAPTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    base = found.get("base_model_name_or_path") if isinstance(found, dict) else None
    return base if isinstance(base, str) and base else None
