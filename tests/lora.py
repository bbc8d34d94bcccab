"""A LoRA adapter of one of the demo's models, as PEFT saves it, of random numbers."""

from __future__ import annotations

import json
from pathlib import Path

RANK = 4
MODULES = ("q_proj", "v_proj")


def write_adapter(base: Path, folder: Path, scale: float) -> Path:
    """Write an adapter of the model in `base`; with `scale` 0, as before training, it changes nothing."""
    import torch
    from safetensors.torch import save_file

    config = json.loads((base / "config.json").read_text())
    size, numbers = config["hidden_size"], torch.Generator().manual_seed(1)
    tensors = {}
    for layer in range(config["num_hidden_layers"]):
        for module in MODULES:
            name = f"base_model.model.model.layers.{layer}.self_attn.{module}"
            tensors[f"{name}.lora_A.weight"] = torch.randn(RANK, size, generator=numbers) * 0.1
            tensors[f"{name}.lora_B.weight"] = torch.randn(size, RANK, generator=numbers) * scale
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
