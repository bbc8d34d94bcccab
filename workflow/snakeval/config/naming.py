"""What a model's name says beyond where it is, its provider, agent and slug; and where that name stands."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from snakeval.models.names import provider_of, slug
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


def named(model: Model, folder: Path | None = None) -> str:
    """A model's slug: what its file sets, or what its name gives; with its agent's name behind it."""
    found = model.slug
    if found is None and folder is not None:
        found = slug(model.model, folder=folder)
    elif found is None:
        found = slug(model.model, model.revision, engine=model.engine, hosted=model.hosted)
    return f"{found}-agent-{model.agent}".lower() if model.agent else found


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
