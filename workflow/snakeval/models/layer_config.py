"""The config of one layer: what config.json says of all of them, and of this one alone."""

from __future__ import annotations

from snakeval.models.values import Config, entries, integer, number, part, truth

# Nemotron's searched models round the width of a layer up to a multiple of this.
WIDTH_MULTIPLE = 256


def config_at(text: Config, index: int, count: int, *, windowed: bool = False) -> Config:
    """The config of a layer: of each list with an entry a layer its own, and what is set for it alone.

    `windowed` says that it attends to a window, for which some models have sizes of their own.
    """
    view = dict(text)
    for key in [key for key, value in text.items() if isinstance(value, list)]:
        if len(text[key]) >= count:  # longer where extra prediction layers follow
            view[key.removesuffix("_per_layer")] = text[key][index]
    own_keys = part(text, "per_layer_config")
    view |= part(own_keys, f"{index:02d}", f"{index:03d}", str(index))
    if windowed:
        swapped = {key.removeprefix("swa_"): value for key, value in view.items() if key.startswith("swa_")}
        view |= {key: value for key, value in swapped.items() if value is not None}
    elif (head := integer(text, "global_head_dim")) and not own_keys:
        view["head_dim"] = head
        if truth(text, "attention_k_eq_v") and (heads := integer(text, "num_global_key_value_heads")):
            view["num_key_value_heads"] = heads
    blocks = entries(text, "block_configs")
    if len(blocks) == count:
        view.update(_block(view, blocks[index]))
    return view


def _block(view: Config, block: object) -> Config:
    """A block's own sizes, by the names that other models have for them."""
    if not isinstance(block, dict):
        return {}
    own = {key: value for key, value in block.items() if not isinstance(value, (dict, list))}
    heads, group = integer(view, "num_attention_heads"), integer(part(block, "attention"), "n_heads_in_group")
    if heads and group:
        own["num_key_value_heads"] = heads // group
    feed = part(block, "ffn")
    multiple, hidden = number(feed.get("ffn_mult")), integer(view, "hidden_size")
    if multiple and hidden:
        own["intermediate_size"] = -(-int(2 * multiple * hidden / 3) // WIDTH_MULTIPLE) * WIDTH_MULTIPLE
    elif size := integer(feed, "intermediate_size"):
        own["intermediate_size"] = size
    return own
