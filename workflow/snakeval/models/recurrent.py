"""Parameters of what mixes tokens by a recurrent state, or by a short convolution, in place of attention."""

from __future__ import annotations

from snakeval.models.values import Config, integer, part, word


def state_parameters(config: Config, hidden: int) -> int:
    """The parameters of one layer's recurrent part, by the keys that its family has."""
    if integer(config, "linear_num_value_heads"):
        return _gated_delta(config, hidden)
    if integer(config, "linear_num_heads") or part(config, "linear_attn_config"):
        return _kimi_delta(config, hidden)
    if integer(config, "conv_L_cache"):
        return 4 * hidden * hidden
    if width := integer(config, "lru_width"):
        heads = integer(config, "num_attention_heads") or 1
        return 3 * hidden * width + 2 * width * width // heads
    if mamba2 := _mamba2(config, hidden):
        return mamba2
    if mamba := _mamba(config, hidden):
        return mamba
    if width := integer(config, "attention_hidden_size"):
        return 4 * hidden * width  # RWKV
    size = (integer(config, "num_attention_heads") or 0) * (integer(config, "head_dim") or 0) or hidden
    return 5 * hidden * size  # lightning attention: queries, keys, values, gate, output


def _gated_delta(config: Config, hidden: int) -> int:
    heads = integer(config, "linear_num_value_heads") or 0
    values = heads * (integer(config, "linear_value_head_dim") or 0)
    keys = (integer(config, "linear_num_key_heads") or 0) * (integer(config, "linear_key_head_dim") or 0)
    return hidden * (2 * keys + 3 * values + 2 * heads)


def _kimi_delta(config: Config, hidden: int) -> int:
    own = part(config, "linear_attn_config")
    heads = integer(config, "linear_num_heads") or integer(own, "num_heads") or 0
    size = integer(config, "linear_head_dim") or integer(own, "head_dim") or 0
    # Queries, keys, values, output; decay and gate by two low ranks each; beta.
    return hidden * (4 * heads * size + 2 * size + heads) + 2 * size * heads * size


def _mamba2(config: Config, hidden: int) -> int:
    """Mamba 2 (arXiv:2405.21060): one projection in for gate, input, B, C and the steps, one out."""
    heads = integer(config, "mamba_n_heads", "mamba_num_heads", "n_mamba_heads")
    size = integer(config, "mamba_d_head", "mamba_head_dim", "mamba_headdim")
    if word(config, "model_type") == "mamba2":
        heads, size = integer(config, "num_heads"), integer(config, "head_dim")
    expand = integer(config, "mamba_expand", "expand") or 2
    if word(config, "model_type") == "zamba2" and heads:
        size = size or expand * hidden // heads
    if not heads or not size:
        return 0
    inner = integer(config, "mamba_d_ssm") or heads * size
    state = integer(config, "mamba_d_state", "ssm_state_size", "state_size") or 0
    groups = integer(config, "mamba_n_groups", "n_groups", "mamba_ngroups") or 1
    return hidden * (2 * inner + 2 * groups * state + heads) + inner * hidden


def _mamba(config: Config, hidden: int) -> int:
    """Mamba (arXiv:2312.00752)."""
    state = integer(config, "mamba_d_state", "state_size")
    if not state:
        return 0
    inner = (integer(config, "mamba_expand", "expand") or 2) * hidden
    if word(config, "model_type") in ("mamba", "falcon_mamba"):
        inner = integer(config, "intermediate_size") or inner
    rank = integer(config, "mamba_dt_rank", "time_step_rank") or -(-hidden // 16)
    return 3 * hidden * inner + inner * (rank + 2 * state) + rank * inner + inner * state
