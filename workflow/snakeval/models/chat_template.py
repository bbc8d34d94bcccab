"""A model's chat template and tokens: read from its files, rendered once to see how an answer begins."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeval.models.files import ModelFiles

if TYPE_CHECKING:
    import jinja2

    from snakeval.types import Message

# What the user says; what follows it in the prompt is the template's.
QUESTION = "What is six times seven?"


class TemplateError(ValueError):
    """A chat template can't be read or rendered; the message says why."""


def template_of(files: ModelFiles, chosen: str | None, root: Path) -> str | None:
    """The text of the chat template: that of the file `chosen`, else the model's own; None without one.

    Of several named ones the `default` counts, as in transformers. Raises TemplateError.
    """
    name = chosen or files.chat_template
    if name is None:
        return None
    if not chosen and files.template is not None:
        return files.template
    path = root / Path(name).expanduser() if chosen else files.path / name
    return template_text(path, bool(chosen))


def template_text(path: Path, alone: bool) -> str | None:
    """The template in a file, which holds it `alone`, or, if JSON, under a key. Raises TemplateError."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"can't be read: {error}") from error
    if alone or path.suffix != ".json":
        return text
    found = _object(text).get("chat_template")
    if isinstance(found, list):
        named = {each.get("name"): each.get("template") for each in found if isinstance(each, dict)}
        found = named.get("default", next(iter(named.values()), None))
    return found if isinstance(found, str) else None


def tokens_of(folder: Path) -> dict[str, bool]:
    """The added tokens of a tokenizer by their text, and whether each is special: servers leave those out."""
    tokens: dict[str, bool] = {}
    settings, tokenizer = _file(folder / "tokenizer_config.json"), _file(folder / "tokenizer.json")
    decoder = settings.get("added_tokens_decoder")
    listed = tokenizer.get("added_tokens")
    entries = [
        *(decoder.values() if isinstance(decoder, dict) else ()),
        *(listed if isinstance(listed, list) else ()),
    ]
    for entry in entries:
        if isinstance(entry, dict) and isinstance(text := entry.get("content"), str):
            tokens[text] = tokens.get(text, False) or bool(entry.get("special"))
    control = _file(folder / "tekken.json").get("special_tokens")  # Mistral's own tokenizer
    for entry in control if isinstance(control, list) else ():
        if isinstance(entry, dict) and isinstance(text := entry.get("token_str"), str):
            tokens[text] = bool(entry.get("is_control", True))
    for name in _file(folder / "added_tokens.json"):
        tokens.setdefault(name, False)
    for value in special_tokens(folder).values():
        tokens.update(dict.fromkeys([value] if isinstance(value, str) else value, True))
    return tokens


def special_tokens(folder: Path) -> dict[str, str | list[str]]:
    """Special tokens by their roles, `bos_token` and so on, as templates name them."""
    found: dict[str, str | list[str]] = {}
    for settings in (_file(folder / "tokenizer_config.json"), _file(folder / "special_tokens_map.json")):
        for key, value in settings.items():
            if key.endswith("_token") and (text := _text(value)):
                found[key] = text
            if key == "additional_special_tokens" and isinstance(value, list):
                found[key] = [text for each in value if (text := _text(each))]
    return found


def answer_prefix(template: str, variables: Mapping[str, Any]) -> str:
    """What a template writes between the user's message and the answer.

    `variables` are the special tokens and what requests send as `chat_template_kwargs`. Raises TemplateError.
    """
    try:
        compiled = _compiled(template)
        for content in (QUESTION, [{"type": "text", "text": QUESTION}]):
            messages = [{"role": "user", "content": content}]
            ask = {"messages": messages, "tools": None, "documents": None, **variables}
            prompt = compiled.render(**{"add_generation_prompt": True, **ask})
            if QUESTION not in prompt:
                continue  # a template for messages in parts
            without = compiled.render(**{**ask, "add_generation_prompt": False})
            if len(prompt) > len(without) and prompt.startswith(without):
                return prompt[len(without) :]
            return prompt.rpartition(QUESTION)[2]
    except Exception as error:  # whatever a stranger's template does
        raise TemplateError(f"can't be rendered: {error or type(error).__name__}") from error
    raise TemplateError("can't be rendered: it leaves out the user's message")


def rendered(template: str, messages: Sequence[Message], variables: Mapping[str, Any]) -> str:
    """The prompt that a template makes of messages, up to where the answer begins. Raises TemplateError."""
    ask = {"messages": list(messages), "tools": None, "documents": None, "add_generation_prompt": True}
    try:
        return _compiled(template).render(**{**ask, **variables})
    except Exception as error:  # whatever a stranger's template does
        raise TemplateError(f"can't be rendered: {error or type(error).__name__}") from error


@cache
def _compiled(template: str) -> jinja2.Template:
    return _environment().from_string(template)


def _environment() -> jinja2.Environment:
    """Jinja as transformers sets it up for chat templates."""
    import jinja2.ext
    import jinja2.sandbox

    class Generation(jinja2.ext.Extension):
        """The block that marks what the assistant wrote, for training; its content stands."""

        tags = frozenset({"generation"})  # type: ignore[assignment]

        def parse(self, parser: Any) -> Any:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    def tojson(value: Any, **options: Any) -> str:
        return json.dumps(value, **{"ensure_ascii": False, **options})

    def raise_exception(message: str) -> None:
        raise jinja2.TemplateError(message)

    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = raise_exception
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment


def _text(value: object) -> str | None:
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else None


def _file(path: Path) -> dict[str, Any]:
    try:
        return _object(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, TemplateError):
        return {}


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TemplateError(f"is not JSON: {error}") from error
    return value if isinstance(value, dict) else {}
