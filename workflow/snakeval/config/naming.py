"""What a model's name says beyond where it is, its provider, agent and slug; and where that name stands."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from snakeval.config.found import Checkpoint
from snakeval.models.names import filled, is_pattern, is_s3, joined, left_open, provider_of, slug, telling
from snakeval.schema import Model
from snakeval.schema.values import NAME

AGENT = "+"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is described: in a file of its own, or by `name`, the value of one key elsewhere."""

    file: str
    name: str | None = None

    def key(self, field: str) -> str:
        """The key to name in a report about a field of the model."""
        return field if self.name is None else self.name


def split_agent(name: str, files: Collection[str], root: Path) -> tuple[str, str | None]:
    """Split `model+agent`; the name of a file in config/models or of a folder is returned whole."""
    model, _, agent = name.rpartition(AGENT)
    whole = not model or not re.fullmatch(NAME, agent) or name in files
    return (name, None) if whole or (root / Path(name).expanduser()).is_dir() else (model, agent)


def with_agent(model: Model, agent: str) -> Model:
    """The model as another participant, which an agent asks."""
    label = f"{model.label}, {agent}" if model.label else None
    return model.model_copy(update={"agent": agent, "label": label})


def base_slug(model: Model, slug: str) -> str:
    """The slug that the same model has without its agent."""
    return slug.removesuffix(f"-agent-{model.agent}".lower()) if model.agent else slug


def named(model: Model, folder: Path | None = None, pattern: str | None = None) -> str:
    """A model's slug: what its file sets, or what its name gives; with its agent's name behind it.

    `pattern` is what its folder, or URL on S3, was found by, if it was.
    """
    found = model.slug
    if found is None and (folder is not None or is_s3(model.model)):
        found = slug(model.model, engine=model.engine, folder=folder, pattern=pattern)
    elif found is None:
        found = slug(model.model, model.revision, engine=model.engine, hosted=model.hosted)
    return f"{found}-agent-{model.agent}".lower() if model.agent else found


def adapter_slug(model: Model, slug: str, adapter: str, pattern: str | None, root: Path) -> str:
    """The slug of a base model with an adapter: its file's, or its base's and the adapter's telling parts.

    Raises ValueError where a pattern's template does not fit.
    """
    if model.slug:
        return filled(model.slug, pattern, adapter) if pattern else model.slug
    folder = root / adapter
    where = os.path.abspath(folder) if folder.is_dir() else adapter.partition("@")[0]  # noqa: PTH100
    return joined([slug, "lora", *telling(where, pattern)])


def member(model: Model, name: str, found: Checkpoint, root: Path) -> tuple[Model, str]:
    """A checkpoint as a model, with its slug: `name` is the pattern, or the URL, that it was found by.

    Raises ValueError where a pattern's template of slugs does not fit it.
    """
    pattern = name if is_pattern(name) else None
    own, label = model.slug, model.label
    if pattern is not None:
        own = filled(own, pattern, found.path) if own else None
        label = " ".join([label, *left_open(found.path, pattern)]) if label else None
    changes = {"model": found.path, "label": label, "revision": found.revision, "slug": own}
    entry = model.model_copy(update=changes)
    # A revision on S3 is the digest of its content, and no part of the name.
    folder = None if is_s3(name) else root / found.path
    return entry, named(entry.model_copy(update={"revision": None}), folder, pattern)


def hosted(model: Model) -> Model:
    """A model of a provider's API known by its name; what the file sets stands."""
    provider = provider_of(model.model)
    assert provider is not None
    defaults = {
        "engine": "external",
        "hosted": True,
        "base_urls": (provider.base_url,),
        "api_key_env": provider.api_key_env,
    }
    missing = {key: value for key, value in defaults.items() if key not in model.model_fields_set}
    refused = dict.fromkeys(provider.refuses)
    name = model.model.rpartition("/")[2]
    return model.model_copy(update={**missing, "model": name, "extra_body": {**refused, **model.extra_body}})
