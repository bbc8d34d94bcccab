"""How large a model is: numbers of its weights, their bytes as served, one sequence's KV cache."""

from __future__ import annotations

from math import log

from snakeval.models import architecture, tensors
from snakeval.models.draft import Draft
from snakeval.models.files import ModelFiles
from snakeval.models.values import Config


def add_sizes(draft: Draft, files: ModelFiles, text: Config) -> None:
    stored, method = architecture.dtype(files.config), architecture.quantization(files.config)
    if stored == "float32":
        draft.add("dtype", "bfloat16", "inferred: config.json has float32, which vLLM serves as bfloat16")
    if stored in architecture.DTYPE_BYTES:
        draft.add("dtype", stored, "config.json: dtype")
    draft.add("dtype", "auto", "inferred: config.json names no dtype to serve in, the engine chooses")
    bytes_each = architecture.DTYPE_BYTES.get(draft.get("dtype"), 2)
    draft.add("num_parameters", tensors.count(files.elements), "inferred: the tensors in the weights' files")
    if files.elements and method is None:
        words = f"inferred: the tensors in the weights' files, {bytes_each} bytes a number"
        draft.add("weight_bytes", tensors.served_bytes(files.elements, bytes_each), words)
    estimate, weights = architecture.parameters(text), files.weight_bytes
    if estimate is not None:
        estimate += architecture.tower_parameters(files.config)
    if weights is not None and method is None and not files.elements:
        on_disk = _stored_bytes(stored, weights, estimate)
        words = f"inferred: size of the weights' files / {on_disk} bytes"
        draft.add("num_parameters", weights // on_disk, words)
        each = f"inferred: num_parameters * {bytes_each} bytes"
        draft.add("weight_bytes", draft.get("num_parameters") * bytes_each, each)
    draft.add("num_parameters", estimate, "inferred: estimated from the layers in config.json")
    draft.add("weight_bytes", weights, f"inferred: size of the weights' files, quantized ({method})")
    if estimate is not None and method is None:
        draft.add("weight_bytes", estimate * bytes_each, f"inferred: num_parameters * {bytes_each} bytes")
    draft.add("num_attention_heads", architecture.attention_heads(text), "config.json")
    draft.add("num_key_value_heads", architecture.key_value_heads(text), "config.json")


def _stored_bytes(stored: str | None, weights: int, estimate: int | None) -> int:
    """Bytes of a number in the files: what config.json says, unless another is closer to the estimate."""
    stated = architecture.DTYPE_BYTES.get(stored or "", 2)
    if not estimate or not weights:
        return stated
    return min((stated, 2, 4), key=lambda each: abs(log(weights) - log(each * estimate)))


def add_cache(draft: Draft, text: Config, *, windows: bool) -> None:
    if tokens := draft.get("max_model_len"):
        cache = cache_of(draft, text, tokens, windows=windows)
        draft.add("kv_cache_bytes", cache, "inferred: one sequence of max_model_len tokens")


def cache_of(draft: Draft, text: Config, tokens: int, *, windows: bool = True) -> int | None:
    """Bytes of one sequence's cache; on the CPU vLLM keeps what has left a window as well."""
    if draft.cache_dtype in (None, "auto"):
        bytes_each = architecture.DTYPE_BYTES.get(draft.get("dtype"), 2)
    else:
        bytes_each = architecture.DTYPE_BYTES.get(draft.cache_dtype or "", 1)
    return architecture.kv_cache_bytes(text, tokens, bytes_each, windows=windows)
