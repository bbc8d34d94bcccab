"""A LoRA adapter of one of the demo's models, as PEFT saves it, of random numbers."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

RANK = 4
MODULES = ("q_proj", "v_proj")


def write_adapter(base: Path, folder: Path, scale: float) -> Path:
    """Write an adapter of the model in `base`; with `scale` 0, as before training, it changes nothing."""
    config = json.loads((base / "config.json").read_text())
    size, numbers = config["hidden_size"], np.random.default_rng(1)
    tensors: dict[str, np.ndarray] = {}
    for layer in range(config["num_hidden_layers"]):
        for module in MODULES:
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            tensors[f"{name}.lora_A.weight"] = _random(numbers, RANK, size, 0.1)
            tensors[f"{name}.lora_B.weight"] = _random(numbers, size, RANK, scale)
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": str(base),
        "r": RANK,
        "lora_alpha": 2 * RANK,
        "target_modules": list(MODULES),
        "bias": "none",
    }
    (folder / "adapter_config.json").write_text(json.dumps(settings))
    return folder


def _random(numbers: np.random.Generator, rows: int, columns: int, scale: float) -> np.ndarray:
    return numbers.standard_normal((rows, columns)).astype(np.float32) * np.float32(scale)
