"""Judgment files -> boards, and what is refused."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from snakeval.arena.board import Board, read_board, to_json
from snakeval.arena.conventions import Convention
from snakeval.arena.leaderboard import Rules, leaderboard
from snakeval.arena.tables import tables_to_csv, to_csv, to_markdown, to_table
from snakeval.judging.judgments import WITHHELD, LeaderboardError
from snakeval.scoring.validity import ValidityError
from snakeval.statistics.style import Style
from snakeval.types import Json

Labels = list[tuple[str | None, str | None]]


def judgment(model: str, question: str, labels: tuple[str | None, str | None], **changed: object) -> Json:
    games = [
        {"score": label, "judgment": "text", "swapped": swapped, "error": None}
        for label, swapped in zip(labels, (False, True), strict=True)
    ]
    row = {"question_id": question, "model": model, "baseline": "base", "judge": "j", "games": games}
    return {**row, "tokens": 100, **changed}


def write(folder: Path, model: str, labels: Labels, **changed: object) -> Path:
    path = folder / f"{model}.jsonl"
    rows = [judgment(model, f"q{i}", pair, **changed) for i, pair in enumerate(labels)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def board_of(*paths: Path, thresholds: dict[str, float | None] | None = None) -> Board:
    rules = Rules("base", rounds=100, seed=3, thresholds=thresholds or {})
    return leaderboard(paths, rules, arena="ar", judge="j")


@pytest.fixture
def board(tmp_path: Path) -> Board:
    strong = write(tmp_path, "strong", [("B>>A", "A>>B"), ("B>A", "A=B"), ("B>A", None)], tokens=250)
    weak = write(tmp_path, "weak", [("A>B", "B>A"), ("A>B", "A=B")], tokens=0)
    return board_of(strong, weak)


def test_standings_are_ranked_around_the_baseline(board: Board) -> None:
    assert [row.model for row in board.standings] == ["strong", "base", "weak"]
    assert [row.rank for row in board.standings] == [1, 2, 3]
    strong, base, weak = board.standings
    assert strong.score == pytest.approx(100 * 8.5 / 9)
    assert weak.score == pytest.approx(100 * 0.5 / 4)
    assert (base.score, base.lower, base.upper, base.tokens) == (50, 50, 50, None)
    assert (strong.questions, strong.games, strong.null_games, strong.failed_games) == (3, 5, 1, 0)
    assert (strong.tokens, weak.tokens) == (250, None)


def test_games_that_could_not_be_played_are_counted_apart(tmp_path: Path) -> None:
    path = write(tmp_path, "m", [("B>A", None)])
    row = json.loads(path.read_text())
    row["games"][1]["error"] = "no answer"
    path.write_text(json.dumps(row))
    standing = board_of(path).standings[0]
    assert (standing.games, standing.null_games, standing.failed_games) == (1, 0, 1)
    with pytest.raises(
        ValidityError, match=r"arena ar, judge j, model m: .*\n  infrastructure_failed: 1 of 2"
    ):
        board_of(path, thresholds={"infrastructure_failed": 0.0})


def test_games_of_filtered_answers_have_a_threshold_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, "m", [("B>A", "B>A"), (None, None)])
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for game in lines[1]["games"]:
        game["error"] = WITHHELD
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    board = board_of(path, thresholds={"infrastructure_failed": 0.0, "filtered": 0.5})
    (standing,) = [row for row in board.standings if row.model == "m"]
    assert (standing.games, standing.failed_games) == (2, 2)
    with pytest.raises(ValidityError, match=r"\n  filtered: 2 of 4"):
        board_of(path, thresholds={"infrastructure_failed": 0.0, "filtered": 0.4})


def test_too_many_missing_verdicts_fail(tmp_path: Path) -> None:
    path = write(tmp_path, "m", [("B>A", None), ("B>A", "A>B")])
    assert board_of(path, thresholds={"judge_null": 0.25}).standings[0].null_games == 1
    with pytest.raises(ValidityError, match=r"judge_null: 1 of 4 \(25.00%\)"):
        board_of(path, thresholds={"judge_null": 0.2})


def test_a_model_without_a_verdict_stands_last(tmp_path: Path) -> None:
    board = board_of(write(tmp_path, "mute", [(None, None)]), write(tmp_path, "weak", [("A>>B", "B>>A")]))
    assert [row.model for row in board.standings] == ["base", "weak", "mute"]
    assert board.standings[-1].score is None
    assert list(csv.DictReader(io.StringIO(to_csv(board))))[-1]["score"] == ""


def test_json_comes_back_whole(board: Board, tmp_path: Path) -> None:
    path = tmp_path / "board.json"
    path.write_text(to_json(board))
    assert read_board(path) == board


def test_csv_has_a_column_a_field(board: Board) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(board))))
    assert rows[0]["model"] == "strong"
    assert rows[0]["score"] == "94.44"
    assert rows[1]["tokens"] == ""


def test_tables_show_labels_and_arms_and_escape_pipes(board: Board) -> None:
    table = to_table(board, label=lambda key: f"{key} | x")
    assert "strong \\| x" in table
    assert "base \\| x (baseline)" in table
    assert "(+0.00, +0.00)" in table
    assert "strong | x" in to_table(board, "simple", label=lambda key: f"{key} | x")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not a judgment"),
        ("[]", "not a judgment"),
        ('{"question_id": "q"}', "KeyError\\('model'\\)"),
        (json.dumps(judgment("m", "q", ("A>B", "A>B"), baseline="other")), "'m' against 'other'"),
        (json.dumps(judgment("base", "q", ("A>B", "A>B"))), "'base' against 'base'"),
        (json.dumps(judgment("m", "q", ("A>B", "A>>A"))), "games.score is 'A>>A'"),
        (json.dumps(judgment("m", "q", ("A>B", "A>B"), games=[])), "'q' has no games"),
        (json.dumps(judgment("m", "q0", ("A>B", "A>B"))), "'q0' .*stands there twice"),
    ],
)
def test_other_lines_are_refused_by_file_and_line(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps(judgment("m", "q0", ("A>B", "A>B"))) + "\n" + line + "\n")
    with pytest.raises(LeaderboardError, match=f"m.jsonl, line 2: .*{words}"):
        board_of(path)


def test_line_separators_inside_a_text_do_not_split_a_line(tmp_path: Path) -> None:
    row = judgment("m", "q0", ("B>A", "A>B"))
    row["games"][0]["judgment"] = "one\u2028two\x85three"
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    assert board_of(path).standings[0].games == 2


def test_categories_style_win_rates_and_the_judge_are_on_the_board(tmp_path: Path) -> None:
    rows = [
        judgment("m", f"q{i}", ("B>A", "A>B") if i % 3 else ("A>B", "B>A"), category="xy"[i % 2])
        for i in range(12)
    ]
    path = tmp_path / "m.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    styles = {(f"q{i}", name): Style(100 + 7 * i, 0, 0, 0) for i in range(12) for name in ("m", "base")}
    styles |= {(f"q{i}", "m"): Style(90 + i**2, 0, 0, 0) for i in range(12)}
    rules = Rules("base", rounds=50, style_control=("length",), styles=styles)
    board = leaderboard([path], rules, arena="ar", judge="j")
    assert [(table.category, table.control) for table in board.tables] == [
        (None, ("length",)),
        ("x", ()),
        ("x", ("length",)),
        ("y", ()),
        ("y", ("length",)),
    ]
    assert board.tables[1].standings[0].questions == 6
    assert list(board.tables[0].effects) == ["length"]
    assert board.instrument
    assert board.instrument["position"]["flip"]["value"] == 0
    assert board.matrix
    assert board.matrix["models"] == ["m", "base"]
    lacking = Rules("base", rounds=50, style_control=("length",), styles={})
    with pytest.raises(LeaderboardError, match=r"style_control: no answer.*q0"):
        leaderboard([path], lacking, arena="ar", judge="j")
    out = tmp_path / "board.json"
    out.write_text(to_json(board))
    assert read_board(out) == board
    page = to_markdown(board)
    for words in ("## Category x, length held constant", "## The judge", "Effects of style"):
        assert words in page
    assert len(to_csv(board).splitlines()) == 1 + 2
    (first, *_, last) = list(csv.DictReader(io.StringIO(tables_to_csv(board))))
    assert (first["category"], first["style_control"], first["rank"]) == ("", "length", "1")
    assert (last["category"], last["style_control"]) == ("y", "length")


def test_each_question_has_its_own_baseline(tmp_path: Path) -> None:
    """Two baselines, one a category: a model that is one of them plays in the other's category only."""
    rows = [judgment("m", "q0", ("B>A", "A>B"), category="x"), judgment("m", "q1", ("A>B", "B>A"))]
    rows[1] |= {"baseline": "other", "category": "y"}
    path = tmp_path / "m.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    board = leaderboard([path], Rules("base", rounds=20), arena="ar", judge="j", baselines=["other"])
    assert {row.model for row in board.tables[1].standings} == {"m", "other"}
    assert board.tables[1].standings[0].model == "other"
    with pytest.raises(LeaderboardError, match="not a model against 'base'"):
        board_of(path)


@pytest.mark.parametrize(
    ("convention", "expected"), [("snakeval", 50.0), ("arena-hard-v0.1", 0.0), ("nemo-skills", 0.0)]
)
def test_a_convention_reads_the_judges_texts_its_own_way(
    tmp_path: Path, convention: Convention, expected: float
) -> None:
    """`A<B` is a win for the model in game 1; v0.1 knows no such label: only the lost game 2 counts there."""
    row = judgment("m", "q0", ("B>A", "B>A"))
    for game, text in zip(row["games"], ("[[A<B]]", "[[B>A]]"), strict=True):
        game["judgment"] = text
    path = tmp_path / "m.jsonl"
    path.write_text(json.dumps(row) + "\n")
    board = leaderboard([path], Rules("base", rounds=20, convention=convention), arena="ar", judge="j")
    score = next(standing.score for standing in board.standings if standing.model == "m")
    assert score == pytest.approx(expected)
