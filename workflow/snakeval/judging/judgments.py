"""Files of judgments, as `arena_judge` writes them: one line a question, with its two games."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from snakeval.statistics.battles import Game
from snakeval.statistics.labels import LABELS, Label
from snakeval.types import Json

# The error of a game that was not played because a provider's filter withheld one of its answers.
WITHHELD = "an answer to this question was withheld by a filter"
# That of one that was not played because an answer could not be had.
UNANSWERED = "an answer to this question could not be had"


class LeaderboardError(ValueError):
    """A file of judgments cannot be used; the message names the file, the line and the key."""


@dataclass(frozen=True, slots=True)
class Judgment:
    """One line of a file of judgments: the games of one model on one question.

    `texts` are what the judge wrote in each game and `retests` the verdicts of games that were asked again,
    by their index; `failed` counts the games that could not be played, `filtered` those of them of whose
    answers a filter withheld one; `tokens` is the length of the model's answer.
    """

    games: tuple[Game, ...]
    failed: int
    tokens: int | None
    baseline: str
    category: str | None = None
    subcategory: str | None = None
    texts: tuple[str | None, ...] = ()
    retests: tuple[tuple[int, Label | None], ...] = ()
    filtered: int = 0

    @property
    def categories(self) -> set[str]:
        """The category and what it is divided into: Arena-Hard v2.0's coding and math are hard prompts."""
        return {name for name in (self.category, self.subcategory) if name is not None}

    @property
    def key(self) -> tuple[str, str]:
        """Question and model."""
        return self.games[0].question, self.games[0].model


def read_lines(path: Path) -> list[str]:
    """A file's lines, each a question's judgments as JSON."""
    # Texts may hold Unicode's line separators, which splitlines() would split at.
    return path.read_text(encoding="utf-8").rstrip("\n").split("\n")


def read_judgments(path: Path, baselines: Collection[str]) -> Iterator[Judgment]:
    """The lines of a file; raises LeaderboardError for one not of a model against one of `baselines`."""
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(read_lines(path), start=1):
        where = f"{path}, line {number}"
        try:
            found = _judgment(json.loads(line))
        except (ValueError, TypeError, KeyError, IndexError) as error:
            raise LeaderboardError(f"{where}: not a judgment: {error!r}") from error
        question, model = found.key
        if found.baseline not in baselines or model == found.baseline:
            raise LeaderboardError(
                f"{where}: '{model}' against '{found.baseline}', "
                f"not a model against {' or '.join(map(repr, sorted(baselines)))}"
            )
        if found.key in seen:
            raise LeaderboardError(f"{where}: question '{question}' stands there twice")
        labels = [game.label for game in found.games] + [label for _, label in found.retests]
        unknown = [label for label in labels if label not in (None, *LABELS)]
        if unknown:
            raise LeaderboardError(f"{where}: games.score is {unknown[0]!r}, not null or one of {LABELS}")
        seen.add(found.key)
        yield found


def _judgment(row: Json) -> Judgment:
    question, model, games = row["question_id"], row["model"], row["games"]
    if not games:
        raise ValueError(f"question '{question}' has no games")
    return Judgment(
        games=tuple(Game(question, model, game["score"], game["swapped"]) for game in games),
        failed=sum(game.get("error") is not None for game in games),
        tokens=row.get("tokens") or None,
        baseline=row["baseline"],
        category=row.get("category"),
        subcategory=row.get("subcategory"),
        texts=tuple(game.get("judgment") for game in games),
        retests=tuple((i, game["retest"]["score"]) for i, game in enumerate(games) if game.get("retest")),
        filtered=sum(game.get("error") == WITHHELD for game in games),
    )
