"""What is said of a judge, against judges whose faults are known; people's verdicts, wider intervals."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from snakeval.formats.people import HumanFileError, read_pairs, read_points
from snakeval.judging.agreement import agreement
from snakeval.judging.human import pair_agreement
from snakeval.judging.instrument import measured, position_shift
from snakeval.judging.judgments import Judgment
from snakeval.statistics.agreement import kappa, point_agreement
from snakeval.statistics.battles import Game
from snakeval.statistics.intervals import widened
from snakeval.statistics.labels import Label
from snakeval.statistics.scores import Options, Score
from snakeval.statistics.style import Style
from snakeval.types import Json

OPTIONS = Options(rounds=200)
Pair = tuple[Label | None, Label | None]


def judged(pairs: list[Pair], model: str = "m", **extra: object) -> list[Judgment]:
    """Judgments of one model, one a pair of labels."""
    found = []
    for i, labels in enumerate(pairs):
        games = tuple(
            Game(f"q{i}", model, label, swapped) for label, swapped in zip(labels, (False, True), strict=True)
        )
        found.append(Judgment(games, 0, None, "base", **extra))  # type: ignore[arg-type]
    return found


def of(rows: list[Judgment], styles: dict[tuple[str, str], Style] | None = None) -> Json:
    return measured(rows, styles or {}, OPTIONS, {row.key[0]: "base" for row in rows})


def test_a_judge_that_always_takes_the_first_contradicts_itself() -> None:
    found = of(judged([("A>B", "A>>B")] * 10))["position"]
    assert (found["flip"]["value"], found["contradiction"]["value"]) == (1, 1)
    assert (found["prefers_first"]["count"], found["prefers_first"]["of"]) == (20, 20)


def test_a_judge_that_does_not_mind_the_places_never_flips() -> None:
    found = of(judged([("B>A", "A>B"), ("A>>B", "B>A"), ("A=B", "A=B")] * 5))["position"]
    assert found["flip"]["value"] == 0
    assert found["prefers_first"]["value"] == 0.5


def test_a_tie_on_one_side_is_a_flip_but_no_contradiction() -> None:
    found = of(judged([("B>A", "A=B"), ("B>A", "A>B"), ("B>A", None)]))["position"]
    assert (found["flip"]["count"], found["flip"]["of"], found["contradiction"]["count"]) == (1, 2, 0)


def test_null_verdicts_are_shares_of_the_games_played() -> None:
    found = of(judged([("B>A", None), ("B>A", "A>B")]))
    assert (found["null"]["count"], found["null"]["of"], found["null"]["value"]) == (1, 4, 0.25)
    assert found["null"]["lower"] <= 0.25 <= found["null"]["upper"]


def test_a_judge_of_length_alone() -> None:
    rng = np.random.default_rng(0)
    pairs: list[Pair] = []
    styles = {}
    for i in range(200):
        mine, other = (int(n) for n in rng.integers(50, 500, 2))
        styles[f"q{i}", "m"], styles[f"q{i}", "base"] = Style(mine, 0, 0, 0), Style(other, 0, 0, 0)
        wins = mine > other if rng.random() < 0.8 else mine < other
        pairs.append(("B>A", "A>B") if wins else ("A>B", "B>A"))
    found = of(judged(pairs), styles)["length"]
    assert found["longer"]["value"] == pytest.approx(0.8, abs=0.08)
    assert found["longer"]["lower"] > 0.5
    assert found["effect"]["lower"] > 0.5
    assert of(judged(pairs))["length"] is None


def test_retests() -> None:
    rows = judged([("A>B", "A>B")] * 4, retests=((0, "A>B"),))
    rows += judged([("B>A", "A>B")] * 4, model="n", retests=((1, "A>>B"), (0, None)))
    rows += judged([("A=B", "A>B")] * 2, model="o", retests=((0, "B>A"),))
    found = of(rows)["retest"]
    assert (found["games"], found["without_verdict"]) == (14, 4)
    assert found["same_preference"]["value"] == pytest.approx(8 / 10)
    assert found["same_label"]["value"] == pytest.approx(4 / 10)
    assert of(judged([("A>B", "A>B")]))["retest"] is None


def test_kappa_by_hand() -> None:
    # Agreement 0.7 where chance gives 0.5 x 0.6 + 0.5 x 0.4 = 0.5 (Cohen 1960).
    first, second = [1] * 5 + [0] * 5, [1, 1, 1, 1, 0, 1, 1, 0, 0, 0]
    assert kappa(first, second) == pytest.approx((0.7 - 0.5) / 0.5)
    assert kappa([1, 1], [1, 1]) is None


def test_two_judges() -> None:
    one = judged([("A>>B", "B>A"), ("A>B", "A=B"), ("A=B", None)])
    other = judged([("A>B", "A>B"), ("A>B", "A=B"), ("B>A", "A>B")])
    found = agreement(one, other)
    assert found["games"] == 5
    assert found["same_preference"] == pytest.approx(3 / 5)
    assert found["same_label"] == pytest.approx(2 / 5)
    assert found["by_strength"]["strong"] == {"games": 1, "same_preference": 1.0}
    assert found["by_strength"]["tie"] == {"games": 2, "same_preference": 0.5}
    assert sum(map(sum, found["table"])) == 5
    assert found["table"][0][1] == 1
    assert agreement(one, [])["kappa"] is None


def test_people_and_the_judges_bias_against_them() -> None:
    won: list[Pair] = [("B>A", "A>B")]
    pairs: list[Pair] = [*won * 3, ("A>B", "A>B")]
    rows = judged(pairs)
    people: dict[tuple[str, str, str], Label] = {
        ("q0", "m", "base"): "B>A",
        ("q1", "m", "base"): "A>>B",
        ("q3", "m", "base"): "A=B",
        ("q9", "m", "base"): "A=B",
    }
    found = pair_agreement(rows, people, 3)
    assert found is not None
    assert found["questions"] == 3
    assert found["agreement"] == pytest.approx(2 / 3)
    assert found["agreement_without_ties"] == 0.5
    assert found["bias"] == pytest.approx(100 / 3)
    assert found["bias_se"] == pytest.approx(np.std([0, 100, 0], ddof=1) / 3**0.5)
    assert pair_agreement(rows, {}, 3) is None


def test_points_beside_peoples() -> None:
    found = point_agreement([1.0, 0.0, 1.0, 0.5], [1.0, 0.0, 0.0, 1.0])
    assert found is not None
    assert (found["answers"], found["accuracy"], found["mae"]) == (4, 0.5, 0.375)
    assert found["pearson"] == pytest.approx(np.corrcoef([1, 0, 1, 0.5], [1, 0, 0, 1])[0, 1])
    assert point_agreement([], []) is None
    constant = point_agreement([1.0, 1.0], [1.0, 0.0])
    assert constant
    assert constant["pearson"] is None


def test_intervals_widen_by_the_formula() -> None:
    won: list[Pair] = [("B>A", "A>B")]
    first: list[Pair] = [("A>B", "A>B")]
    pairs = won * 5 + first * 5
    rows = judged(pairs)
    assert position_shift(rows, 3) == pytest.approx(50 - 100)
    score = Score(50.0, 40.0, 55.0, 42.0, 54.0)
    by_place = widened(score, ("position",), position_shift(rows, 3), None)
    more = 1.959964 * 50 / 12**0.5
    assert by_place.lower == pytest.approx(50 - (10**2 + more**2) ** 0.5)
    assert by_place.upper == pytest.approx(50 + (5**2 + more**2) ** 0.5)
    people = {"bias": 3.0, "bias_se": 4.0}
    both = widened(score, ("human",), None, people)
    assert both.lower90 == pytest.approx(50 - (8**2 + (1.644854 * 5) ** 2) ** 0.5)
    assert widened(score, (), None, people) == score
    assert widened(score, ("human",), None, None) == score
    assert widened(Score(95.0, 90.0, 99.0, 91.0, 98.0), ("position",), -50.0, None).upper == 100


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 2: not JSON"),
        ("[]", "line 2: all keys missing"),
        ('{"question": "q"}', "line 2: baseline, label, model missing"),
        ('{"question": "q", "model": "m", "baseline": "b", "label": "A"}', "label is 'A', not one of"),
        ('{"question": "q0", "model": "m", "baseline": "b", "label": "A>B"}', "stands there twice"),
    ],
)
def test_files_of_people_are_checked_line_by_line(tmp_path: Path, line: str, words: str) -> None:
    path = tmp_path / "people.jsonl"
    row = {"question": "q0", "model": "m", "baseline": "b", "label": "A=B"}
    path.write_text(json.dumps(row) + "\n" + line + "\n")
    with pytest.raises(HumanFileError, match=words):
        read_pairs(path)


def test_files_of_points(tmp_path: Path) -> None:
    path = tmp_path / "points.jsonl"
    path.write_text('{"problem_id": "p", "model": "m", "points": 0.5}\n\n')
    assert read_points(path) == {("p", "m", 0): 0.5}
    path.write_text('{"problem_id": "p", "model": "m", "points": 7}\n')
    with pytest.raises(HumanFileError, match="points is 7, not a number from 0 to 1"):
        read_points(path)
