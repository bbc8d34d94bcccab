"""A serving config while it is inferred."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Any

from snakeval.models.marks import option
from snakeval.models.serving_config import SET_IN, ServingConfig, single_fields

if TYPE_CHECKING:
    from snakeval.schema import Model

# An argument of the engine; anything but the two types of 16 bits takes 8 a number, or less.
CACHE_DTYPE = "--kv-cache-dtype"


class Draft:
    """Values gathered so far; what the model's file sets is in it first and is never replaced."""

    def __init__(self, model: Model, source: str) -> None:
        self.source = source
        self.values: dict[str, Any] = {}
        self.provenance: dict[str, str] = {}
        self.reasoning: dict[str, Any] = {}
        self.cache_dtype = option(model, CACHE_DTYPE)
        for name in single_fields():
            if (value := getattr(model, name, None)) is not None:
                self.add(name, value, f"{SET_IN}{source}")

    def add(self, key: str, value: Any, origin: str) -> None:
        if key not in self.values and value is not None:
            self.values[key], self.provenance[key] = value, origin

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def copy(self) -> Draft:
        other = copy(self)
        other.values, other.provenance = dict(self.values), dict(self.provenance)
        return other

    def finish(self, sampling: Mapping[str, Any]) -> ServingConfig:
        names = single_fields()
        values: dict[str, Any] = {name: self.values.get(name) for name in names}
        origins = dict.fromkeys(names, "unknown") | self.provenance
        return ServingConfig(**values, sampling=sampling, provenance=origins, reasoning=self.reasoning)
