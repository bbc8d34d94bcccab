"""The number of parameters of a multimodal model's encoders, estimated from its config.json."""

from __future__ import annotations

from collections.abc import Mapping

from snakeval.models.values import Config, integer, number, word

# The parts that hold a language model, and the parts of Qwen's Omni that speak, which nobody asks for.
TEXT_PARTS = ("text_config", "llm_config", "language_config", "thinker_config")
SPEAKING = ("talker_config", "token2wav_config", "code2wav_config")
HEAD_KEYS = ("num_attention_heads", "num_heads", "attention_heads", "encoder_attention_heads")
# Encoders whose layers have a gate although they name no activation.
GATED = ("pixtral", "qwen2_5_vl_vision", "glm4v_vision", "glm4v_moe_vision", "glm_ocr_vision")


def tower_parameters(config: Config) -> int:
    """Estimate the encoders of images and sound beside the text part, without what joins them to it."""
    total = 0
    for key, value in config.items():
        if isinstance(value, Mapping) and key not in SPEAKING:
            total += tower_parameters(value) if key in TEXT_PARTS else _tower(value)
    return total


def _tower(config: Config) -> int:
    width = integer(config, "embed_dim", "hidden_size", "d_model") or 0
    layers = integer(config, "num_hidden_layers", "num_blocks", "depth", "encoder_layers") or 0
    layers += integer(config, "num_global_layers") or 0
    inner = integer(config, "intermediate_size", "encoder_ffn_dim")
    if inner is None:
        inner = int(width * (number(config.get("mlp_ratio")) or 4))
    if not integer(config, *HEAD_KEYS):
        return 0
    gated = word(config, "hidden_act") == "silu" or word(config, "model_type") in GATED
    return layers * (4 * width * width + (3 if gated else 2) * width * inner)
