"""LoRA adapters: whether the engine can load one, where it is, and its rank.

Standard library only, but for adapters on the hub: folders are looked at while the workflow is parsed. What
vLLM 0.32 loads is in its lora/peft_helper.py (PEFTHelper._validate_features), its ranks in config/lora.py.
"""

from __future__ import annotations

import glob
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from snakeval.models.checkpoints import IncompleteError, tensors
from snakeval.models.hub import HubError, explained
from snakeval.models.kinds import ADAPTER
from snakeval.models.names import natural_key, split_revision

WEIGHTS = ("adapter_model.safetensors", "adapter_model.bin")
RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
REFUSED = (
    "use_dora",
    "lora_bias",
    "alora_invocation_tokens",
    "layer_replication",
    "use_bdlora",
    "use_qalora",
)
HEADS = {"classifier", "score"}
INITS = {"gaussian", "eva", "orthogonal", "mica", "lora_ga"}
MERGED = "merge it into its base (peft: merge_and_unload) and name the merged folder"


class AdapterError(ValueError):
    """An adapter can't be served; the message says why."""


def unfit(folder: Path) -> str | None:
    """Why a folder is no adapter that can be served, in words; None where it is one."""
    if not folder.is_dir():
        return "no folder"
    config = _config(folder)
    if config is None:
        return f"no {ADAPTER}"
    weights = next((folder / name for name in WEIGHTS if (folder / name).is_file()), None)
    if weights is None:
        return f"no {' or '.join(WEIGHTS)}"
    if weights.suffix == ".safetensors":
        try:
            tensors(weights)
        except IncompleteError as error:
            return str(error)
    if config.get("peft_type", "LORA") != "LORA":
        return f"its peft_type is {config['peft_type']}, and vLLM serves LORA only: {MERGED}"
    if not isinstance(config.get("r"), int):
        return f"{ADAPTER} has no rank 'r'"
    if used := _refused(config):
        return f"it has {', '.join(used)}, which vLLM doesn't serve: {MERGED}"
    if rank(folder) > RANKS[-1]:
        return f"its rank is {rank(folder)}, and vLLM serves up to {RANKS[-1]}: {MERGED}"
    return None


def _refused(config: Mapping[str, Any]) -> list[str]:
    """Settings of an adapter that vLLM refuses."""
    used = [key for key in REFUSED if config.get(key)]
    saved, init = config.get("modules_to_save"), config.get("init_lora_weights")
    if saved and not set(saved) <= HEADS:
        used.append(f"modules_to_save ({', '.join(map(str, saved))})")
    if isinstance(init, str) and init.lower() not in INITS:
        used.append(f"init_lora_weights '{init}'")
    if config.get("bias", "none") != "none":
        used.append(f"bias '{config['bias']}'")
    return used


def matching(pattern: str, root: Path) -> tuple[list[str], dict[str, str]]:
    """The adapters that a pattern of folders stands for, and of others what they lack, in order of steps."""
    # Path.glob takes no absolute pattern.
    paths = glob.glob(pattern, root_dir=root)  # noqa: PTH207
    folders = sorted((path for path in paths if (root / path).is_dir()), key=natural_key)
    lacking = {path: why for path in folders if (why := unfit(root / path))}
    return [path for path in folders if path not in lacking], lacking


def located(adapter: str, root: Path = Path()) -> Path:
    """The folder of an adapter: one below `root`, or that of a commit on the hub, fetched once.

    Raises AdapterError where it can't be had or served.
    """
    folder = root / Path(adapter).expanduser()
    if not folder.is_dir():
        name, revision = split_revision(adapter)
        from huggingface_hub import snapshot_download

        try:
            with explained(f"adapter '{name}'", revision):
                found = snapshot_download(name, revision=revision, allow_patterns=["adapter_*"])
        except HubError as error:
            raise AdapterError(str(error)) from error
        folder = Path(found)
    if why := unfit(folder):
        raise AdapterError(f"the adapter '{adapter}' can't be served: {why}")
    return folder.absolute()


def rank(folder: Path) -> int:
    """The largest rank of an adapter's modules."""
    config = _config(folder) or {}
    pattern = config.get("rank_pattern")
    several = pattern.values() if isinstance(pattern, dict) else ()
    return max(value for value in (config.get("r"), *several, 1) if isinstance(value, int))


def engine_rank(folders: Iterable[Path]) -> int:
    """The smallest rank that the engine can be started with for all of these adapters."""
    most = max(map(rank, folders))
    return next(allowed for allowed in RANKS if allowed >= most)


def _config(folder: Path) -> dict[str, Any] | None:
    try:
        value = json.loads((folder / ADAPTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
