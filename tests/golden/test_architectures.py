"""What the tests of sizes hold against our estimates, asked of transformers' and vLLM's own classes again."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import engine
from snakeval.models import architecture
from snakeval.models.attention import heads_of, rank_of
from snakeval.models.layers import layers_of
from unit.models import count_architectures

pytestmark = pytest.mark.golden
ROWS = count_architectures.read()
# vLLM reads the size of a head from the model's own module there, or has layers that differ.
OWN_HEADS = ("openbmb/MiniCPM3-4B", "XiaomiMiMo/MiMo-V2-Flash")


# What vLLM's classes say of each layer's heads, of the rows on stdin.
READER = """
import json, sys
import vllm.config  # first: it and the converters import each other
from transformers import CONFIG_MAPPING
from vllm.transformers_utils.config import get_hf_text_config
from vllm.transformers_utils.model_arch_config_convertor import (
    MODEL_ARCH_CONFIG_CONVERTORS,
    ModelArchConfigConvertorBase,
)

def heads(config):
    whole = CONFIG_MAPPING[config["model_type"]].from_dict(dict(config))
    convertor = MODEL_ARCH_CONFIG_CONVERTORS.get(whole.model_type, ModelArchConfigConvertorBase)
    made = convertor(whole, get_hf_text_config(whole))
    several = made.get_per_layer_hf_configs()
    found = set()
    for layer in [made] if several is None else [convertor(*pair) for pair in several]:
        compressed = layer.is_deepseek_mla()
        found.add(layer.get_head_size() * (1 if compressed else 2 * layer.get_total_num_kv_heads()))
    return sorted(found)

print("HEADS", json.dumps({name: heads(config) for name, config in json.load(sys.stdin).items()}))
"""


def told(word: str, *arguments: str, given: str = "") -> dict[str, Any]:
    """What a script in the engine's environment, which has the classes, says after a word."""
    done = subprocess.run(
        [engine.python(), *arguments], input=given, capture_output=True, text=True, check=False
    )
    lines = [line.partition(" ")[2] for line in done.stdout.splitlines() if line.startswith(word)]
    assert lines, done.stderr[-3000:]
    return dict(json.loads(lines[0]))


@pytest.fixture(scope="module")
def counted() -> dict[str, int | None]:
    return told("COUNTED", str(Path(count_architectures.__file__)), "--print")


@pytest.fixture(scope="module")
def heads() -> dict[str, list[int]]:
    rows = {name: row["config"] for name, row in ROWS.items() if name not in OWN_HEADS}
    return told("HEADS", "-c", READER, given=json.dumps(rows))


@pytest.mark.parametrize("name", ROWS)
def test_parameters_of_the_class(name: str, counted: dict[str, int | None]) -> None:
    if counted[name] is None:
        pytest.skip(f"transformers has no class for {ROWS[name]['config']['model_type']}")
    assert counted[name] == ROWS[name]["parameters"]


def per_layer(config: dict[str, Any]) -> set[int]:
    """Numbers that our layers with attention keep of a token."""
    text, _ = architecture.with_defaults(architecture.text_part(config))
    found = set()
    for layer in layers_of(text):
        heads = heads_of(layer.config)
        if layer.attends and heads:
            rank = rank_of(layer.config)
            rotary = layer.config.get("qk_rope_head_dim", 0)
            found.add(rank + rotary if rank else heads.kv * (heads.size + heads.value))
    return found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in ROWS if name not in OWN_HEADS])
def test_heads_of_vllm(name: str, heads: dict[str, list[int]]) -> None:
    ours, theirs = per_layer(ROWS[name]["config"]), set(heads[name])
    assert ours <= theirs | {0}
    assert ours or theirs == {0}
