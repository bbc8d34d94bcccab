"""Write the numbers of parameters of the models in architectures.json, counted on transformers' classes.

    .venv/engine/bin/python tests/unit/models/count_architectures.py [--print]

Run in the engine's environment, which has torch; with --print nothing is written.
Each class is built without memory for its weights, on torch's meta device, of the config as its publisher has
it (the keys that say sizes). The file holds what came out, so that the tests that read it need no torch;
tests/golden/test_architectures.py counts again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("architectures.json")


def read() -> dict[str, dict[str, Any]]:
    """Name -> `config`, `parameters`."""
    found: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def count(config: dict[str, Any]) -> int | None:
    """Parameters of a model with this config; None where the installed transformers has no class for it."""
    import torch
    from transformers import CONFIG_MAPPING, AutoModelForCausalLM, AutoModelForImageTextToText
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES as CAUSAL

    kind = config["model_type"]
    if kind not in CONFIG_MAPPING:
        return None
    auto = AutoModelForCausalLM
    if "vision_config" in config or kind not in CAUSAL:
        auto = AutoModelForImageTextToText
    with torch.device("meta"):
        model = auto.from_config(CONFIG_MAPPING[kind].from_dict(dict(config)))
    return sum(int(parameter.numel()) for parameter in model.parameters())


def main() -> None:
    rows = read()
    if "--print" in sys.argv:
        print("COUNTED", json.dumps({name: count(row["config"]) for name, row in rows.items()}))
        return
    for row in rows.values():
        row["parameters"] = count(row["config"]) or row["parameters"]
    lines = (f"{json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(rows.items()))
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
