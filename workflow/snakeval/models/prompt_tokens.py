"""How many tokens a prompt takes, by a model's own chat template and tokenizer; no network is asked.

vLLM does the same: the template is rendered and its text encoded, without special tokens of the tokenizer's
own; a text to be continued is encoded with them. Needs the package `tokenizers`, which engines bring along.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from snakeval.models.chat_template import TemplateError, rendered, special_tokens, template_text
from snakeval.models.serving_config import ServingConfig
from snakeval.types import COMPLETION, Message

log = logging.getLogger(__name__)
TOKENIZER = "tokenizer.json"
Count = Callable[[Sequence[Message]], int | None]


def counter(
    serving: ServingConfig, chat_template: str | None, variables: Mapping[str, Any], root: Path
) -> Count | None:
    """A function that counts a prompt's tokens; None where the model's files are not here to tell.

    `chat_template` is the file that the model's file names, relative to `root`; `variables` are what requests
    send as `chat_template_kwargs`. The function returns None for messages that the template can't render.
    """
    path = _tokenizer(serving, root)
    try:
        from tokenizers import Tokenizer
    except ImportError:
        path = None
    if path is None:
        log.warning("%s: its tokenizer is not here, so long prompts are not measured", serving.model)
        return None
    encode = Tokenizer.from_file(str(path)).encode
    template = _template(serving, chat_template, path.parent, root)
    known = {**special_tokens(path.parent), **variables}

    def count(messages: Sequence[Message]) -> int | None:
        if messages[0]["role"] == COMPLETION:
            return len(encode(messages[0]["content"]).ids)
        if template is None:
            return None
        try:
            return len(encode(rendered(template, messages, known), add_special_tokens=False).ids)
        except TemplateError:
            return None

    return count


def _tokenizer(serving: ServingConfig, root: Path) -> Path | None:
    folder = root / Path(serving.model).expanduser()
    if folder.is_dir():
        return folder / TOKENIZER if (folder / TOKENIZER).is_file() else None
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(serving.model, TOKENIZER, revision=serving.resolved_revision)
    except HFValidationError:
        return None
    return Path(found) if isinstance(found, str) else None


def _template(serving: ServingConfig, chosen: str | None, folder: Path, root: Path) -> str | None:
    name = chosen or serving.chat_template
    if name is None:
        return None
    try:
        return template_text(root / Path(name).expanduser() if chosen else folder / name, bool(chosen))
    except TemplateError:
        return None
