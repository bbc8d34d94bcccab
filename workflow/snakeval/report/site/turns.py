"""The turns of an agent's samples, as they are journalled."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from snakeval.journal.lines import decode_line
from snakeval.journal.reading import list_files
from snakeval.types import Generation, Json

# A sample, the turn and, in a pool, the digest of the proof that it is about.
TURN = re.compile(r"(.*#\d+) (\w+(?: [0-9a-f]+)?)", re.DOTALL)
MOST = 48  # turns of one sample that are shown


class Turns:
    """The turns of one output's journal by sample; a turn's key starts with its sample's."""

    def __init__(self, journal: Path) -> None:
        self._of: dict[str, list[Json]] = defaultdict(list)
        for name in list_files(journal):
            with (journal / name).open("rb") as lines:
                for line in lines:
                    self._take(line)

    def _take(self, line: bytes) -> None:
        try:
            row = decode_line(line)
        except ValueError:
            return  # torn by a kill; whoever writes the journal mends it
        found = TURN.fullmatch(str(row.get("problem_id")))
        if found is None or row.get("text") is None:
            return
        shown = self._of[found[1]]
        if len(shown) < MOST:
            keys = ("text", "reasoning", "finish_reason", "completion_tokens")
            shown.append({"turn": f"{found[2]} {row['sample_index']}", **{key: row.get(key) for key in keys}})

    def of(self, sample: Generation) -> list[Json]:
        """The turns of one sample in the order in which they were answered; none for what is no agent's."""
        return self._of.get(f"{sample.problem_id}#{sample.sample_index}", [])
