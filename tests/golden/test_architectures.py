"""What the tests of sizes hold against our estimates, asked of transformers' and vLLM's own classes again."""

from __future__ import annotations

from typing import Any

import pytest

from snakeval.models import architecture
from snakeval.models.attention import heads_of, rank_of
from snakeval.models.layers import layers_of
from unit.models.count_architectures import count, read

pytestmark = pytest.mark.golden
ROWS = read()
# vLLM reads the size of a head from the model's own module there, or has layers that differ.
OWN_HEADS = ("openbmb/MiniCPM3-4B", "XiaomiMiMo/MiMo-V2-Flash")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a class is scripted
@pytest.mark.parametrize("name", ROWS)
def test_parameters_of_the_class(name: str) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    counted = count(ROWS[name]["config"])
    if counted is None:
        pytest.skip(f"transformers has no class for {ROWS[name]['config']['model_type']}")
    assert counted == ROWS[name]["parameters"]


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
def test_heads_of_vllm(name: str) -> None:
    pytest.importorskip("vllm.config")
    from transformers import CONFIG_MAPPING
    from vllm.transformers_utils.config import get_hf_text_config
    from vllm.transformers_utils.model_arch_config_convertor import (
        MODEL_ARCH_CONFIG_CONVERTORS,
        ModelArchConfigConvertorBase,
    )

    config = ROWS[name]["config"]
    ours = per_layer(config)
    whole = CONFIG_MAPPING[config["model_type"]].from_dict(dict(config))
    convertor = MODEL_ARCH_CONFIG_CONVERTORS.get(whole.model_type, ModelArchConfigConvertorBase)
    made = convertor(whole, get_hf_text_config(whole))
    several = made.get_per_layer_hf_configs()
    each = [made] if several is None else [convertor(*pair) for pair in several]
    theirs = set()
    for layer in each:
        compressed = layer.is_deepseek_mla()
        theirs.add(layer.get_head_size() * (1 if compressed else 2 * layer.get_total_num_kv_heads()))
    assert ours <= theirs | {0}
    assert ours or theirs == {0}
