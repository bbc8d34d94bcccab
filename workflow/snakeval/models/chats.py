"""Whether the engine can make a prompt of a chat: by a template, or in a way of its own.

vLLM 0.32 answers chats of a model without a chat template with an error. Which models it has templates for,
or tokenizers that need none, is in its transformers_utils/chat_templates/registry.py, config/model.py and
tokenizers/registry.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeval.models.gguf import GgufError, read_gguf
from snakeval.models.serving_config import ServingConfig

if TYPE_CHECKING:
    from snakeval.schema import Model

OWN_TEMPLATES = frozenset(
    {"blip-2", "clip", "colpali", "deepseek_ocr", "deepseek_ocr2", "unlimited-ocr", "unlimited_ocr"}
    | {"deepseek_vl_v2", "minicpmv", "minicpmv4_6", "minicpmv4_7", "paligemma", "siglip", "siglip2"}
)
OWN_TOKENIZERS = (
    "MoonshotKimia",
    "KimiK3",
    "DeepseekV32",
    "DeepseekV4",
    "Inkling",
)
# With one of these the engine is told another template or tokenizer, or runs the model's own code.
TOLD = ("--chat-template", "--tokenizer", "--tokenizer-mode", "--hf-overrides", "--trust-remote-code")
TOKENIZERS = ("tokenizer.json", "tokenizer_config.json", "tokenizer.model", "vocab.json")


class NoTemplateError(ValueError):
    """A model is asked in chats that its engine could make no prompt of; the message says what to write."""


def check_chats(slug: str, model: Model, serving: ServingConfig, asked_by: Sequence[str], root: Path) -> None:
    """Raise NoTemplateError for a model without a chat template that `asked_by` ask in chats.

    Looked at is what is here: the model's folder, or what the hub's cache holds of its small files.
    """
    folder = _folder(serving, root)
    if asked_by and folder is not None and lacks_template(model, folder):
        raise NoTemplateError(f"config/models ({slug}): {said(model, asked_by)}")


def said(model: Model, asked_by: Sequence[str]) -> str:
    """What is wrong, and what to write."""
    return (
        f"'{model.model}' has no chat template, and {asked_by[0]} asks in chats: name a template's file as "
        "'chat_template' in the model's file, or set 'endpoint: completions' where it is asked"
    )


def lacks_template(model: Model, folder: Path) -> bool:
    """Whether a model that is served here has no way to make a prompt of a chat; its folder tells."""
    if model.engine == "llama_cpp":  # it would take ChatML's in silence
        return not model.chat_template and _gguf_template(folder) is None
    told = {word.partition("=")[0].replace("_", "-") for word in model.engine_args}
    if model.engine not in ("vllm", "sglang") or model.chat_template or told.intersection(TOLD):
        return False
    names = {path.name for path in folder.iterdir()}
    if not names.intersection(TOKENIZERS) or "tekken.json" in names:
        return False  # what its tokenizer knows is not here, or Mistral's own library knows it
    if names.intersection(("chat_template.jinja", "chat_template.json", "additional_chat_templates")):
        return False
    return not _object(folder / "tokenizer_config.json").get("chat_template") and not _own(folder)


def _gguf_template(path: Path) -> str | None:
    """The chat template in a GGUF file, or in that of a folder."""
    try:
        return read_gguf(path).chat_template
    except (GgufError, OSError):
        return None


def _own(folder: Path) -> bool:
    config = _object(folder / "config.json")
    if "vision_config" in config or "audio_config" in config:
        return True  # a processor may have the template
    names = config.get("architectures")
    known = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return config.get("model_type") in OWN_TEMPLATES or any(name.startswith(OWN_TOKENIZERS) for name in known)


def _folder(serving: ServingConfig, root: Path) -> Path | None:
    folder = root / Path(serving.model).expanduser()
    if folder.exists():
        return folder
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(serving.model, "config.json", revision=serving.resolved_revision)
    except HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def _object(path: Path) -> Mapping[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
