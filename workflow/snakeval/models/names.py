"""How a model is named in the configuration, and the slug that it has in file names."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCHEME = "s3://"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_OTHER_CHARACTERS = re.compile(r"[^a-z0-9._-]+")
_NUMBERS = re.compile(r"(\d+)")
_MAGIC = re.compile(r"[*?[]")
# The tokens of a pattern, and the places in a template of a slug.
_TOKENS = re.compile(r"\[[!]?\]?[^\]]*\]|.", re.DOTALL)
_PLACES = re.compile(r"\{([1-9][0-9]*)\}")
# Folders in every run of a trainer: HF Trainer and TRL, verl, OpenRLHF, NeMo.
CONTAINERS = frozenset(
    {"checkpoints", "checkpoint", "ckpts", "ckpt", "actor", "policy", "huggingface", "hf", "hf_model"}
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A hosted API with an OpenAI-compatible endpoint, and the variable that holds the user's key."""

    name: str
    base_url: str
    api_key_env: str
    refuses: tuple[str, ...] = ()
    """Parameters of a request that the endpoint answers with an error."""


# Addresses as the providers' own documentation of their OpenAI-compatible endpoints gives them.
PROVIDERS = {
    "gpt-": Provider("openai", "https://api.openai.com/v1", "OPENAI_API_KEY"),
    "gemini-": Provider(
        "google", "https://generativelanguage.googleapis.com/v1beta/openai", "GEMINI_API_KEY", ("seed",)
    ),
    "claude-": Provider("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    "grok-": Provider("xai", "https://api.x.ai/v1", "XAI_API_KEY"),
}
# OpenAI's that have no "gpt-" in their names: o3, o4-mini, chatgpt-4o-latest.
_OPENAI = re.compile(r"(o[1-9]\d*|chatgpt|codex|computer-use)(-.*)?")
# Names that other programs give a provider before a model's.
ALIASES = {"x-ai": "xai", "gemini": "google"}
# Organisations before a model's name that are none on the hub, but ways to reach a model.
ROUTES = frozenset(
    {"azure", "azure_ai", "bedrock", "vertex_ai", "openrouter", "together_ai", "fireworks_ai", "ollama"}
    | {"ollama_chat", "sagemaker", "litellm", "lm_studio", "hosted_vllm"}
)
_ENDPOINT = "'engine: external' and 'base_urls', and 'hosted: true' with 'api_key_env' if it is an API"


# Named like models of an API, but these are weights to be served.
WITH_WEIGHTS = ("gpt-oss", "gpt-neo", "gpt-j")


def provider_of(name: str) -> Provider | None:
    """The provider behind the name of an API model, `gpt-4.1` or `openai/gpt-4.1`; None for any other name.

    Any other organisation's models have weights on the hub, and so have openai/gpt-oss-20b, xai-org/grok-1.
    """
    organisation, _, bare = name.lower().rpartition("/")
    if bare.startswith(WITH_WEIGHTS):
        return None
    found = next((provider for start, provider in PROVIDERS.items() if bare.startswith(start)), None)
    if found is None and _OPENAI.fullmatch(bare):
        found = PROVIDERS["gpt-"]
    return found if found and ALIASES.get(organisation, organisation) in ("", found.name) else None


def elsewhere(name: str) -> str | None:
    """Why a name is none of a model that can be served here, and what to write; None where it may be."""
    repository, _, tag = name.rpartition(":")
    gguf = f"':{tag}', which chooses a GGUF file for other engines" if repository and "/" not in tag else ""
    gguf = gguf or ("a GGUF file for other engines" if name.lower().endswith(".gguf") else "")
    if gguf:
        return (
            f"names {gguf}; vLLM serves none: download it and name the file, which llama.cpp serves "
            "('engine: llama_cpp'), name the original model, or write a file in config/models with "
            f"{_ENDPOINT}"
        )
    route, slash, rest = name.partition("/")
    if slash and route.lower() in ROUTES:
        return (
            f"is no Hugging Face id: '{route}/' is how other programs say where '{rest}' is. Write a file in "
            f"config/models with {_ENDPOINT}"
        )
    return None


def split_revision(name: str) -> tuple[str, str | None]:
    """Split `org/name@revision`; what is no Hugging Face id is returned whole."""
    hub_id, _, revision = name.partition("@")
    return (hub_id, revision) if revision and is_hub_id(hub_id) else (name, None)


def is_hub_id(name: str) -> bool:
    """Whether a name has the form of a Hugging Face id, `organisation/name`, without a revision."""
    return _HUB_ID.fullmatch(name) is not None


def is_path(name: str) -> bool:
    """Whether a name can only be that of a local folder (no Hugging Face id looks like it)."""
    return name.startswith((".", "/", "~")) or name.count("/") > 1 or name.endswith("/")


def is_s3(name: str) -> bool:
    """Whether a name is that of a folder on S3, `s3://bucket/folder`."""
    return name.startswith(SCHEME)


def local_folder(slug: str) -> str:
    """Where the files of a model on S3 are, once they are fetched."""
    return f"results/models/{slug}"


def is_pattern(name: str) -> bool:
    """Whether a name has wildcards, `*`, `?` or `[`."""
    return _MAGIC.search(name) is not None


def natural_key(text: str) -> list[tuple[int, str]]:
    """Sort key that orders numbers inside names by their value: step-9 before step-10."""
    parts = _NUMBERS.split(text)
    return [(int(part), "") if index % 2 else (0, part) for index, part in enumerate(parts)]


def field_name(column: str) -> str:
    """The name that a template can use for a column: "Grading guidelines" is grading_guidelines."""
    return column if column.isidentifier() else re.sub(r"\W+", "_", column.strip()).lower()


def slug(
    model: str,
    revision: str | None = None,
    *,
    engine: str = "vllm",
    hosted: bool = False,
    folder: Path | None = None,
    pattern: str | None = None,
) -> str:
    """Name of a model in file names: lower case, anything but letters, digits, '.', '_' and '-' a '-'.

    `vllm-<org>-<name>[-<revision>]` for one that the workflow serves, `<provider>-<name>` for a hosted API,
    `external-<org>-<name>` for an endpoint that somebody else keeps running. A local `folder` or a URL on S3,
    found by a `pattern` or named, is `vllm-` and the parts of `telling`.
    """
    known = provider_of(model)
    if folder is not None:
        # Symbolic links stay: a user who evaluates `runs/latest` wants that name.
        parts = [engine, *telling(os.path.abspath(folder), pattern)]  # noqa: PTH100
    elif is_s3(model):
        parts = [engine, *telling(model.removeprefix(SCHEME), pattern)]
    else:
        parts = model.split("/")[-2:]
        if not hosted:
            parts.insert(0, engine)
        elif len(parts) == 1:
            parts.insert(0, known.name if known else "hosted")
    parts += [revision] if revision else []
    return joined(parts)


def joined(parts: Sequence[str]) -> str:
    """Parts of a name as a slug has them."""
    cleaned = (_OTHER_CHARACTERS.sub("-", part.lower()).strip("-") for part in parts)
    return "-".join(part for part in cleaned if part)


def telling(path: str, pattern: str | None = None) -> list[str]:
    """The parts of a path that tell checkpoints apart: those that a pattern left open, and the last two.

    Folders that trainers put into every run alike (CONTAINERS) tell nothing: of
    `expA/checkpoints/checkpoint-100` they are `expA` and `checkpoint-100`, and of
    `run1/global_step_100/actor/huggingface` `run1` and `global_step_100`. So a checkpoint's name depends
    neither on what else matches nor, in the usual places, on how it was found.
    """
    parts = [part for part in path.split("/") if part]
    own = [index for index, part in enumerate(parts) if part.lower() not in CONTAINERS]
    chosen = {*(own or range(len(parts)))[-2:], *_open(parts, pattern or "")}
    return [parts[index] for index in sorted(chosen)]


def left_open(path: str, pattern: str) -> list[str]:
    """The parts of a path that stand where a pattern has wildcards."""
    parts = [part for part in path.split("/") if part]
    return [parts[index] for index in sorted(_open(parts, pattern))]


def _open(parts: Sequence[str], pattern: str) -> set[int]:
    """Where the wildcards of a pattern are in a path; both end in the same folder."""
    wild = [part for part in pattern.split("/") if part]
    return {
        len(parts) - 1 - i for i, part in enumerate(reversed(wild)) if is_pattern(part) and i < len(parts)
    }


def filled(template: str, pattern: str, path: str) -> str:
    """A slug from a template: {1} is what the pattern's first wildcard stands for in a path, and so on.

    Raises ValueError where the template asks for a wildcard that the pattern has not, or has none itself.
    """
    groups = [""]
    for token in _TOKENS.findall(pattern):
        wild = {"*": "([^/]*)", "?": "([^/])"}.get(token)
        if wild is None and token.startswith("[") and len(token) > 1:
            wild = f"([{token[1:-1].replace('!', '^', 1) if token[1] == '!' else token[1:-1]}])"
        groups.append(wild or re.escape(token))
    found = re.fullmatch("".join(groups), path)
    values = found.groups() if found else ("",) * sum(group.startswith("([") for group in groups)
    asked = {int(number) for number in _PLACES.findall(template)}
    if not asked:
        raise ValueError(
            f"is the same for all models of the pattern: name wildcards, as in '{template}-{{1}}'"
        )
    if beyond := sorted(number for number in asked if number > len(values)):
        raise ValueError(f"has {{{beyond[0]}}}, but the pattern has {len(values)} wildcards")
    return joined([_PLACES.sub(lambda place: values[int(place[1]) - 1], template)])
