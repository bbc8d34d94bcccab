"""One published figure beside ours."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Figure:
    """`rows` are those whose verdicts differ; `why` explains a difference.

    Figures agree when they differ by at most `tolerance`, half of the last published digit.
    """

    source: str
    name: str
    published: float
    ours: float
    tolerance: float = 0.0
    rows: Sequence[str] = ()
    why: str | None = None

    @property
    def agrees(self) -> bool:
        """Equal to the published precision, and so is every row."""
        return abs(self.published - self.ours) <= self.tolerance + 1e-9 and not self.rows

    @property
    def settled(self) -> bool:
        """It agrees, or its difference is explained."""
        return self.agrees or self.why is not None


def json_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
