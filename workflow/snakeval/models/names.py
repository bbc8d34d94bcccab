"""How a model is named in the configuration, and the slug that it has in file names."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

SCHEME = "s3://"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_OTHER_CHARACTERS = re.compile(r"[^a-z0-9._-]+")
_NUMBERS = re.compile(r"(\d+)")
_MAGIC = re.compile(r"[*?[]")


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
    return found if found and organisation in ("", found.name) else None


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
) -> str:
    """Name of a model in file names: lower case, anything but letters, digits, '.', '_' and '-' a '-'.

    `vllm-<org>-<name>[-<revision>]` for one that the workflow serves, `vllm-<parent>-<name>` for a
    local `folder`, `<provider>-<name>` for a hosted API and `external-<org>-<name>` for an endpoint
    that somebody else keeps running.
    """
    if folder is not None:
        # Symbolic links stay: a user who evaluates `runs/latest` wants that name.
        path = Path(os.path.abspath(folder))  # noqa: PTH100
        parts = [engine, path.parent.name, path.name]
    else:
        parts = model.split("/")[-2:]
        known = provider_of(model)
        if not hosted:
            parts.insert(0, engine)
        elif len(parts) == 1:
            parts.insert(0, known.name if known else "hosted")
    parts += [revision] if revision else []
    cleaned = (_OTHER_CHARACTERS.sub("-", part.lower()).strip("-") for part in parts)
    return "-".join(part for part in cleaned if part)
