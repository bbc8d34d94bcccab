"""The command that makes a published table from official files: scores, intervals and token counts."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import numpy as np
import pytest

from published import BINARYFIDDLER, MYASHKA, rows
from snakeval.published_table import main, read_battles, read_judgments, table, to_csv

pytestmark = pytest.mark.golden


def test_intervals_are_those_of_the_published_rounds(arena: Path) -> None:
    """Percentiles of the fork's own hundred rounds, which it has published, as its program takes them."""
    rounds = rows(arena / MYASHKA / "bootstrapping_results.jsonl")
    games = list(read_battles(arena / MYASHKA / "arena_hard_battles.jsonl", "gpt-4-0314"))
    found = {row.model: row for row in table(games, "gpt-4-0314")}
    assert set(found) == set(rounds[0])
    for model in set(found) - {"gpt-4-0314"}:
        ratings = np.percentile([row[model] for row in rounds], [2.5, 97.5])
        lower, upper = (100 / (1 + 10 ** ((1000 - float(rating)) / 400)) for rating in ratings)
        assert found[model].rating_q025 == pytest.approx(lower, abs=0.011)
        assert found[model].rating_q975 == pytest.approx(upper, abs=0.011)


def test_battles_and_judgments_give_one_table_with_tokens(
    arena: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = arena / BINARYFIDDLER
    answers = ["--baseline", "truth_model", "--answers", str(folder / "model_answer")]
    battles = ["--battles", str(folder / "arena_hard_battles.jsonl")]
    judged = ["--judgments", str(folder / "model_judgment" / "gpt-4-1106-preview"), "--weight", "1"]
    tables = []
    for source in (battles, judged):
        main([*answers, *source, "--csv", str(tmp_path / "t.csv")])
        tables.append(list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text()))))
    assert "mistral-7b                     | score: 62.5  | 95% CI: (-" in capsys.readouterr().out
    one, other = ({row["model"]: row for row in found} for found in tables)
    assert len(one) == 7
    for model, row in one.items():
        assert (row["score"], row["avg_tokens"]) == (other[model]["score"], other[model]["avg_tokens"])
        counts = [
            entry["choices"][0]["turns"][0]["token_len"]
            for entry in rows(folder / "model_answer" / f"{model.removesuffix(' (judged)')}.jsonl")
        ]
        assert float(row["avg_tokens"]) == math.floor(np.mean(counts))


def test_judgments_in_the_order_of_the_battles_give_the_battles_intervals(arena: Path) -> None:
    """Only the order of files, which the published program leaves to the file system, is between the two."""
    folder = arena / BINARYFIDDLER
    battles = list(read_battles(folder / "arena_hard_battles.jsonl", "truth_model"))
    judgments = list(
        read_judgments(folder / "model_judgment" / "gpt-4-1106-preview", "truth_model", "arena-hard-v0.1")
    )
    order = list(dict.fromkeys(game.model for game in battles))
    judgments.sort(key=lambda game: order.index(game.model))
    assert to_csv(table(judgments, "truth_model")) == to_csv(table(battles, "truth_model"))
