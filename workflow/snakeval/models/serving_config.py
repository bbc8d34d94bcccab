"""A model's serving config as a file: each value with where it came from.

Needs neither pydantic nor pyarrow to be read, so that every parse of the workflow may do it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
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
    from snakeval.schema import Gpus, Reasoning

SET_IN = "set in "
# What of a placement a model's file may set.
SIZES = ("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "nodes")


GROUPS = ("sampling", "reasoning")  # fields that hold several values, each with an origin of its own


class ServingConfigError(ValueError):
    """A file is no serving config; the message names it."""


@dataclass(frozen=True, slots=True)
class ServingConfig:
    """How a model is served and asked. Lengths are tokens, sizes bytes.

    `max_model_len` = `prompt_margin` + `max_tokens`: what the engine is started with, the room kept
    for the prompt, and the longest answer. `weight_bytes` are the weights as served, and
    `kv_cache_bytes` one sequence's cache. None: not known, or not ours to choose because somebody
    else serves the model; it is then not sent. The parallel sizes and `nodes` are those of
    `models.placement` when the file was made. `sampling` holds the model's own defaults, `reasoning` how it
    marks its reasoning (see `models.marks`), empty where an earlier version made the file. `provenance` says
    of each field, and of each `sampling.<key>` and `reasoning.<key>`, where it came from.
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
    reasoning: Mapping[str, Any] = field(default_factory=dict)

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


def single_fields() -> list[str]:
    """The fields that hold one value each."""
    names = [entry.name for entry in dataclasses.fields(ServingConfig)]
    return [name for name in names if name not in (*GROUPS, "provenance")]


def write_serving_config(path: Path, config: ServingConfig) -> None:
    """Write a serving config as YAML, each value as `{value: ..., from: ...}`."""

    def entry(key: str, value: Any) -> dict[str, Any]:
        return {"value": value, "from": config.provenance[key]}

    document: dict[str, Any] = {name: entry(name, getattr(config, name)) for name in single_fields()}
    document["sampling"] = {key: entry(f"sampling.{key}", value) for key, value in config.sampling.items()}
    if config.reasoning:
        found = {key: entry(f"reasoning.{key}", value) for key, value in config.reasoning.items()}
        document["reasoning"] = found
    write_text(path, yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=1000))


def read_serving_config(path: Path) -> ServingConfig:
    """Read what `write_serving_config` wrote. Raises ServingConfigError for a file with other keys."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), SafeLoader)
        # Files of earlier versions lack these two.
        document.setdefault("pipeline_parallel_size", {"value": None, "from": "unknown"})
        groups = {"sampling": document.pop("sampling"), "reasoning": document.pop("reasoning", {})}
        entries = dict(document)
        for name, group in groups.items():
            entries |= {f"{name}.{key}": entry for key, entry in group.items()}
        return ServingConfig(
            **{key: entry["value"] for key, entry in document.items()},
            sampling={key: entry["value"] for key, entry in groups["sampling"].items()},
            reasoning={key: entry["value"] for key, entry in groups["reasoning"].items()},
            provenance={key: entry["from"] for key, entry in entries.items()},
        )
    except (yaml.YAMLError, AttributeError, KeyError, TypeError) as error:
        raise ServingConfigError(
            f"{path}: no serving config: {error}. Delete the file to have it made anew."
        ) from error


def with_inferred(reasoning: Reasoning, serving: ServingConfig | None) -> Reasoning:
    """What a model's file sets, which `model_fields_set` still names, and for the rest what was inferred.

    `serving` is None for recorded answers, and has nothing of the kind if an earlier version wrote it.
    """
    if serving is None or not serving.reasoning:
        return reasoning
    found = {key: tuple(each) if isinstance(each, list) else each for key, each in serving.reasoning.items()}
    set_to = {key: getattr(reasoning, key) for key in reasoning.model_fields_set}
    given = {key: value for key, value in set_to.items() if value is not None or key == "start"}
    if "end" in given and set(_several(given["end"])).isdisjoint(found["end"] or ()):
        found["prefilled"] = None  # the template opens what none of the file's marks closes
    return type(reasoning).model_construct(_fields_set=set(given), **{**found, **given})


def _several(marks: str | tuple[str, ...] | None) -> tuple[str, ...]:
    return (marks,) if isinstance(marks, str) else marks or ()
