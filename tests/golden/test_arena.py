"""Arena-Hard: labels stored with published judgments."""

from __future__ import annotations

from pathlib import Path

import pytest

from published import BINARYFIDDLER, MYASHKA, judgments
from snakeval.judging.verdicts import CONVENTIONS

pytestmark = pytest.mark.golden

# Where ours reads another label than v0.1's tool stored: (question, game, stored, read). That one text says
# `[[A>>A]]`: no label, so null for us, where the published tools keep the string.
NO_LABEL = ("6225fbb8f3084d57852db56882e972ba", 1, "A>>A", None)


@pytest.mark.parametrize(
    ("convention", "differing"), [("arena_hard_v0_1", []), ("arena_hard_v2_0", []), ("snakeval", [NO_LABEL])]
)
def test_stored_labels(arena: Path, convention: str, differing: list[object]) -> None:
    """All labels that forks of the published tool stored come out of the judge's texts."""
    read = CONVENTIONS[convention]
    games = [
        (row["question_id"], number, game["score"], read(game["judgment"]))
        for fork in (BINARYFIDDLER, MYASHKA)
        for row in judgments(arena / fork)
        for number, game in enumerate(row["games"])
    ]
    assert len(games) == 120 + 282
    assert [game for game in games if game[2] != game[3]] == differing
