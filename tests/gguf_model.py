"""A GGUF file of one of the demo's models, which are Llamas with a byte-level vocabulary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# The tensors of a layer, by what llama.cpp calls them.
LAYER = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}


def write_gguf(folder: Path, file: Path, template: bool = True) -> Path:
    """Write the model in a folder as a GGUF file of 32-bit numbers, with its chat template or without."""
    import gguf

    config = json.loads((folder / "config.json").read_text())
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_name(folder.name)
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_parameters"]["rope_theta"])
    writer.add_rope_dimension_count(config["head_dim"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    _vocabulary(writer, gguf, folder)
    if template:
        writer.add_chat_template((folder / "chat_template.jinja").read_text())
    for name, tensor in _tensors(folder, config):
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _vocabulary(writer: Any, gguf: Any, folder: Path) -> None:
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    added = {each["id"]: each for each in tokenizer["added_tokens"]}
    tokens = {number: text for text, number in tokenizer["model"]["vocab"].items()}
    tokens |= {number: each["content"] for number, each in added.items()}
    kinds = [
        gguf.TokenType.NORMAL
        if number not in added
        else (gguf.TokenType.CONTROL if added[number]["special"] else gguf.TokenType.USER_DEFINED)
        for number in sorted(tokens)
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")  # digits one by one, the rest as GPT-2
    writer.add_token_list([tokens[number] for number in sorted(tokens)])
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["model"]["merges"]])
    writer.add_eos_token_id(1)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)


def _stored(file: Path) -> dict[str, Any]:
    """The tensors of a safetensors file of bfloat16, as 32-bit numbers."""
    import numpy

    content = file.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            assert entry["dtype"] == "BF16", entry
            first, last = (start + offset for offset in entry["data_offsets"])
            upper = numpy.frombuffer(content[first:last], dtype="<u2").astype("<u4") << 16
            found[name] = upper.view("<f4").reshape(entry["shape"])
    return found


def _tensors(folder: Path, config: dict[str, Any]) -> list[tuple[str, Any]]:
    loaded = _stored(folder / "model.safetensors")
    heads = config["num_attention_heads"]
    found = [("token_embd.weight", loaded["model.embed_tokens.weight"])]
    found += [("output_norm.weight", loaded["model.norm.weight"])]
    for layer in range(config["num_hidden_layers"]):
        for ours, theirs in LAYER.items():
            tensor = loaded[f"model.layers.{layer}.{theirs}.weight"]
            if ours in ("attn_q", "attn_k"):  # llama.cpp rotates neighbours, where the halves were trained
                rows, columns = tensor.shape
                split = tensor.reshape(heads, 2, rows // heads // 2, columns)
                tensor = split.swapaxes(1, 2).reshape(rows, columns)
            found.append((f"blk.{layer}.{ours}.weight", tensor))
    return found
