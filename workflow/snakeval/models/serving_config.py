"""A model's serving config as a file: each value with where it came from.

Needs neither pydantic nor pyarrow to be read, so that every parse of the workflow may do it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from snakeval.models.placement import Placement, placement
from snakeval.system.files import write_text

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built without libyaml; the same, ten times slower.
    from yaml import SafeLoader  # type: ignore[assignment]

if TYPE_CHECKING:
    from snakeval.schema import Gpus

SET_IN = "set in "
# What of a placement a model's file may set.
SIZES = ("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "nodes")


class ServingConfigError(ValueError):
    """A file is no serving config; the message names it."""


@dataclass(frozen=True, slots=True)
class ServingConfig:
    """How a model is served and asked. Lengths are tokens, sizes bytes.

    `max_model_len` = `prompt_margin` + `max_tokens`: what the engine is started with, the room kept
    for the prompt, and the longest answer. `weight_bytes` are the weights as served, and
    `kv_cache_bytes` one sequence's cache. None: not known, or not ours to choose because somebody
    else serves the model; it is then not sent. The parallel sizes and `nodes` are those of
    `models.placement` when the file was made. `sampling` holds the model's own defaults. `provenance`
    says of each field, and of each `sampling.<key>`, where it came from.
    """

    model: str
    resolved_revision: str | None
    chat_template: str | None
    context_length: int | None
    prompt_margin: int | None
    max_tokens: int | None
    max_model_len: int | None
    dtype: str | None
    num_parameters: int | None
    weight_bytes: int | None
    num_attention_heads: int | None
    num_key_value_heads: int | None
    kv_cache_bytes: int | None
    tensor_parallel_size: int | None
    pipeline_parallel_size: int | None
    data_parallel_size: int | None
    nodes: int | None
    sampling: Mapping[str, Any]
    provenance: Mapping[str, str]

    def place(self, gpus: Gpus, by_hand: Mapping[str, int | None]) -> Placement:
        """Place the model anew on the GPUs there are; `by_hand` has the SIZES that the model's file sets.

        This file's own may be from another machine, or older than the model's. Raises PlacementError.
        """
        return placement(
            self.weight_bytes,
            self.num_attention_heads,
            gpus,
            num_key_value_heads=self.num_key_value_heads,
            kv_cache_bytes=self.kv_cache_bytes,
            **{key: by_hand.get(key) for key in SIZES},
        )


def write_serving_config(path: Path, config: ServingConfig) -> None:
    """Write a serving config as YAML, each value as `{value: ..., from: ...}`."""

    def entry(key: str, value: Any) -> dict[str, Any]:
        return {"value": value, "from": config.provenance[key]}

    fields = [field.name for field in dataclasses.fields(config)][:-2]
    document: dict[str, Any] = {name: entry(name, getattr(config, name)) for name in fields}
    document["sampling"] = {key: entry(f"sampling.{key}", value) for key, value in config.sampling.items()}
    write_text(path, yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000))


def read_serving_config(path: Path) -> ServingConfig:
    """Read what `write_serving_config` wrote. Raises ServingConfigError for a file with other keys."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), SafeLoader)
        sampling = document.pop("sampling")
        # Files of earlier versions lack it.
        document.setdefault("pipeline_parallel_size", {"value": None, "from": "unknown"})
        entries = {**document, **{f"sampling.{key}": entry for key, entry in sampling.items()}}
        return ServingConfig(
            **{key: entry["value"] for key, entry in document.items()},
            sampling={key: entry["value"] for key, entry in sampling.items()},
            provenance={key: entry["from"] for key, entry in entries.items()},
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise ServingConfigError(
            f"{path}: no serving config: {error}. Delete the file to have it made anew."
        ) from error
