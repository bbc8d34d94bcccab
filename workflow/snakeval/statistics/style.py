"""Style of an answer: its length and its Markdown, and how two answers differ in it.

What is counted is what Arena-Hard v2.0 counts (lmarena/arena-hard-auto, utils/add_markdown_info.py, commit
3bab2949d60f): headers of six levels, ordered and unordered items, bold text, all outside of code blocks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Literal, get_args

import numpy as np

from snakeval.statistics.battles import Battles, FloatArray

Control = Literal["length", "markdown"]
CONTROLS: tuple[Control, ...] = get_args(Control)
FEATURES = ("length", "headers", "lists", "bold")
COLUMNS: dict[Control, slice] = {"length": slice(0, 1), "markdown": slice(1, 4)}

_CODE = re.compile(r"```[^`]*```")
_COUNTED = (
    re.compile(r"^#{1,6}\s", re.MULTILINE),
    re.compile(
        r"^[^\S\n]*(?:\d+\.|[-*+])\s", re.MULTILINE
    ),  # of its own line: blank ones are many, and alike
    re.compile(r"\*\*[^*\n]+\*\*|__[^_\n]+__"),
)
Differences = Callable[[FloatArray, FloatArray], FloatArray]


@dataclass(frozen=True, slots=True)
class Style:
    """Tokens of an answer, and its Markdown elements."""

    tokens: float
    headers: int
    lists: int
    bold: int


Styles = Mapping[tuple[str, str], Style]  # by question and player


def style_of(text: str, tokens: float) -> Style:
    """Style of an answer of so many tokens."""
    plain = _CODE.sub("``````", text)
    headers, lists, bold = (len(pattern.findall(plain)) for pattern in _COUNTED)
    return Style(tokens, headers, lists, bold)


def densities(first: FloatArray, second: FloatArray) -> FloatArray:
    """Differences as Arena-Hard v2.0 takes them, from styles shaped (N, 4).

    Length: (a - b) / (a + b). Markdown: with densities x = count / tokens, (x_a - x_b) / (x_a + x_b + 1).
    """
    lengths = first[:, :1] + second[:, :1]
    length = _ratio(first[:, :1] - second[:, :1], lengths)
    one, other = (_ratio(side[:, 1:], side[:, :1]) for side in (first, second))
    return np.hstack([length, (one - other) / (one + other + 1)])


def counts(first: FloatArray, second: FloatArray) -> FloatArray:
    """Differences as Arena-Hard v0.1 takes them: (a - b) / (a + b + 1) of length and of each count."""
    return np.asarray((first - second) / (first + second + 1))


def features(
    battles: Battles,
    styles: Styles,
    control: Sequence[Control],
    differences: Differences = densities,
    centred: bool = False,
) -> FloatArray:
    """Features (N, F) of matches for the chosen controls, each divided by its deviation over battles.

    Not centred, a model's score is its chance with answers in the baseline's style; centred, as the published
    programs have it, with answers that differ from the baseline's by the average difference. Raises KeyError
    with the (question, player) of a match with battles whose style is not known.
    """
    weights = battles.outcomes.sum(axis=1)
    sides = [
        np.array(
            [
                astuple(_style(styles, battles, row, player)) if weights[row] else (0.0,) * 4
                for row, player in enumerate(players)
            ],
            dtype=np.float64,
        ).reshape(-1, 4)
        for players in (battles.first, battles.second)
    ]
    table = differences(*sides)
    columns = [index for name in CONTROLS if name in control for index in range(4)[COLUMNS[name]]]
    table = table[:, columns]
    total = max(weights.sum(), 2)
    mean = weights @ table / total
    spread = np.sqrt(weights @ (table - mean) ** 2 / (total - 1))
    scaled = (table - mean if centred else table) / np.where(spread > 0, spread, 1.0)
    return np.asarray(np.where((weights > 0)[:, None], scaled, 0.0))


def names(control: Sequence[Control]) -> list[str]:
    """Names of the features, in their order."""
    return [name for key in CONTROLS if key in control for name in FEATURES[COLUMNS[key]]]


def _style(styles: Styles, battles: Battles, row: int, player: int) -> Style:
    return styles[battles.questions[battles.question[row]], battles.players[player]]


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    zero = np.zeros(np.broadcast_shapes(numerator.shape, denominator.shape))
    return np.asarray(np.divide(numerator, denominator, out=zero, where=denominator != 0))
