"""How a model marks its reasoning: inferred from its chat template and tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeval.answers.kinds import kinds_in
from snakeval.models.chat_template import (
    TemplateError,
    answer_prefix,
    special_tokens,
    template_of,
    tokens_of,
)
from snakeval.models.files import ModelFiles

if TYPE_CHECKING:
    from snakeval.schema import Model

# Arguments of the engine that change what its answers look like.
PARSER, TEMPLATE = "--reasoning-parser", "--chat-template"
KWARGS = "--default-chat-template-kwargs"
UNKNOWN = {"start": None, "end": None, "prefilled": None}
# Whose reasoning vLLM separates whatever it is told.
SEPARATED = ("gpt_oss",)


@dataclass(frozen=True, slots=True)
class Marks:
    """`values` are those of `Reasoning`'s keys, None where unknown, `origins` say of each where it is from.

    `dropped` is a special token among the marks that the engine would leave out of its answers.
    """

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    dropped: str | None = None


def infer_marks(model: Model, files: ModelFiles, root: Path = Path()) -> Marks:
    """The marks that a model's chat template and added tokens have, and whether the template opens reasoning.

    A template that can't be read or rendered leaves unknown what it would say; nothing is raised.
    """
    chosen = option(model, TEMPLATE) or model.chat_template
    named = f"chat template ({chosen or files.chat_template or 'none'})"
    tokens, template, prefix, fault = tokens_of(files.path), None, "", "there is no chat template"
    try:
        template = template_of(files, chosen, root)
        if template is not None:
            prefix, fault = answer_prefix(template, _variables(model, files)), ""
    except TemplateError as error:
        fault = f"the {named} {error}"
    known = kinds_in("\n".join(tokens)) + kinds_in(template or "")
    starts, ends = (tuple(dict.fromkeys(mark for kind in known for mark in kind[side])) for side in (0, 1))
    places = [
        place
        for place, text in (("added tokens", "\n".join(tokens)), (named, template))
        if kinds_in(text or "")
    ]
    where = " and ".join(places) or f"inferred: no known mark in the {named} nor among the tokens"
    prefilled, origin = _prefilled(model, files, prefix, fault, named)
    special = (token for token, is_special in tokens.items() if is_special)
    return Marks(
        {"start": list(starts) or None, "end": list(ends) or None, "prefilled": prefilled},
        {"start": where, "end": where, "prefilled": origin},
        _dropped(special, (*starts, *ends)) if _ours(model, files) else None,
    )


def _variables(model: Model, files: ModelFiles) -> dict[str, Any]:
    """What a template sees besides the messages: special tokens, what the engine and requests are told."""
    variables: dict[str, Any] = dict(special_tokens(files.path))
    with suppress(ValueError, TypeError):
        variables |= json.loads(option(model, KWARGS) or "{}")
    if (effort := model.extra_body.get("reasoning_effort")) is not None:
        variables["reasoning_effort"] = effort
    asked = model.extra_body.get("chat_template_kwargs")
    return variables | (asked if isinstance(asked, dict) else {})


def _prefilled(
    model: Model, files: ModelFiles, prefix: str, fault: str, named: str
) -> tuple[bool | None, str]:
    if option(model, PARSER) is not None:
        return False, f"inferred: the engine separates reasoning ({PARSER} in engine_args)"
    if files.config.get("model_type") in SEPARATED and model.engine == "vllm":
        return False, f"inferred: vLLM separates the reasoning of {files.config['model_type']} itself"
    if fault:
        return None, f"unknown: {fault}"
    return _opens(prefix), f"inferred: end of the prompt, {named}"


def _opens(prefix: str) -> bool:
    """Whether what stands before an answer opens reasoning and leaves it open."""
    kinds = kinds_in(prefix)
    last = [max((prefix.rfind(mark) for kind in kinds for mark in kind[side]), default=-1) for side in (0, 1)]
    return last[0] > last[1]


def option(model: Model, name: str) -> str | None:
    """The value of an argument among the model's `engine_args`, in either spelling; the last one counts."""
    found = None
    for word, value in pairwise((*model.engine_args, "")):
        option, attached, rest = word.partition("=")
        if option.replace("_", "-") == name:
            found = rest if attached else value
    return found


def _ours(model: Model, files: ModelFiles) -> bool:
    """Whether answers come as the model wrote them, from an engine of ours that separates nothing."""
    alone = model.engine in ("vllm", "sglang") and not model.hosted
    return alone and option(model, PARSER) is None and files.config.get("model_type") not in SEPARATED


def _dropped(special: Iterable[str], marks: tuple[str, ...]) -> str | None:
    return next((token for token in special if any(token in mark for mark in marks)), None)
