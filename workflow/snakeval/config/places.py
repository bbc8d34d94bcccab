"""Where a model is described, for reports about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model is described: in a file of its own, or by `name`, the value of one key elsewhere."""

    file: str
    name: str | None = None

    def key(self, field: str) -> str:
        """The key to name in a report about a field of the model."""
        return field if self.name is None else self.name

    def __str__(self) -> str:
        return self.file if self.name is None else f"{self.file}: {self.name}"
