"""Problems, generations and grades are joined only where they belong together; the export is their view."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from snakeval.scoring import samples
from snakeval.scoring.samples import EXPORT, SamplesError, commonest_error, read_samples, write_export
from snakeval.system.tables import write_rows
from snakeval.types import Generation, Grade, Problem

PROBLEMS = [
    Problem(name, ({"role": "system", "content": "s"}, {"role": "user", "content": f"What is {name}?"}), "1")
    for name in ("b", "a", "c")
]
ASKED = [
    Generation(
        p.problem_id, i, f"{p.problem_id}{i}", p.messages, 7, f"{p.problem_id}{i}!", None, "stop", 3, 10, 2.0
    )
    for p in PROBLEMS
    for i in range(2)
]
GRADED = [Grade(row.problem_id, row.sample_index, row.digest, 1.0, "1", "correct") for row in ASKED]


class Files:
    """The three files of one model, benchmark and grader in a folder."""

    def __init__(self, folder: Path) -> None:
        self.problems = folder / "problems.parquet"
        self.generations = folder / "generations.parquet"
        self.grades = folder / "grades.parquet"
        self.write()

    def write(
        self,
        problems: list[Problem] = PROBLEMS,
        asked: list[Generation] = ASKED,
        graded: list[Grade] = GRADED,
    ) -> None:
        """Write all three, the given rows instead of the usual ones."""
        write_rows(self.problems, Problem, problems)
        write_rows(self.generations, Generation, asked)
        write_rows(self.grades, Grade, graded)

    def paths(self) -> tuple[Path, Path, Path]:
        """In the order that every function takes them."""
        return self.problems, self.generations, self.grades


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_rows_come_sorted_whatever_their_order_in_the_files(files: Files) -> None:
    graded = [replace(row, extracted=row.digest) for row in GRADED]
    files.write(asked=ASKED[::-1], graded=graded[2:] + graded[:2])
    found = read_samples(*files.paths(), n_samples=2)
    assert found.problem_ids == ["a", "b", "c"]
    assert found.problem.tolist() == [0, 0, 1, 1, 2, 2]
    assert found.answers == ["a0", "a1", "b0", "b1", "c0", "c1"]


def test_unknown_values_become_nan_and_failures_are_marked(files: Files) -> None:
    lost = replace(
        ASKED[2], text=None, finish_reason=None, completion_tokens=None, seconds=None, error="gone"
    )
    cut = replace(ASKED[3], finish_reason="length")
    unknown = replace(GRADED[2], reward=None, extracted=None, verdict="infrastructure_failed")
    files.write(asked=[*ASKED[:2], lost, cut, *ASKED[4:]], graded=[*GRADED[:2], unknown, *GRADED[3:]])
    found = read_samples(*files.paths())
    assert found.failed.tolist() == [True, False, False, False, False, False]
    assert found.truncated.tolist() == [False, True, False, False, False, False]
    assert np.isnan([found.rewards[0], found.seconds[0], found.completion_tokens[0]]).all()
    assert found.verdicts[0] == "infrastructure_failed"
    assert found.answers[0] is None


def test_every_word_for_a_limit_of_length_is_truncated(files: Files) -> None:
    reasons = ["length", "MAX_TOKENS", "model_length", "stop", None, "content_filter"]
    files.write(asked=[replace(row, finish_reason=why) for row, why in zip(ASKED, reasons, strict=True)])
    ordered = sorted(zip(ASKED, reasons, strict=True), key=lambda pair: pair[0].problem_id)
    expected = [why in reasons[:3] for _, why in ordered]
    assert read_samples(*files.paths()).truncated.tolist() == expected
    assert sum(expected) == 3


def test_the_commonest_error_names_a_reason_to_finish_that_is_none(files: Files) -> None:
    files.write(asked=[replace(ASKED[0], finish_reason="error"), *ASKED[1:]])
    assert commonest_error(*files.paths()[1:]) == "finish_reason 'error' (1 of 1)"


def test_a_grade_of_another_generation_names_the_file(files: Files) -> None:
    files.write(graded=[*GRADED[:3], replace(GRADED[3], digest="older"), *GRADED[4:]])
    with pytest.raises(SamplesError) as caught:
        read_samples(*files.paths())
    message = str(caught.value)
    assert message.startswith(
        f"{files.grades} does not grade {files.generations}: 1 grades were given to another"
    )
    assert "problem 'a', sample 1" in message


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"graded": GRADED[:-1]}, "1 samples have no grade, the first: problem 'c', sample 1"),
        ({"asked": ASKED[:-1]}, "1 grades have no sample, the first: problem 'c', sample 1"),
        ({"asked": [*ASKED, ASKED[0]], "graded": [*GRADED, GRADED[0]]}, "1 rows repeat a"),
        ({"graded": [*GRADED, GRADED[0]]}, "grades.parquet: 1 rows repeat a"),
        ({"problems": PROBLEMS[:2]}, "2 samples are of problems not in"),
        ({"problems": []}, "there is no problem in it"),
        ({"asked": ASKED[:4], "graded": GRADED[:4]}, "have not 2 samples; 'c' has 0"),
        ({"asked": ASKED[:5], "graded": GRADED[:5]}, "have not 2 samples; 'c' has 1"),
    ],
)
def test_files_that_do_not_belong_together(
    files: Files, changed: dict[str, list[Problem]], words: str
) -> None:
    files.write(**changed)  # type: ignore[arg-type]
    with pytest.raises(SamplesError, match=words):
        read_samples(*files.paths(), n_samples=2)


def test_without_a_number_problems_may_have_differing_samples_but_not_none(files: Files) -> None:
    files.write(asked=ASKED[:5], graded=GRADED[:5])
    assert np.bincount(read_samples(*files.paths()).problem).tolist() == [2, 2, 1]
    files.write(asked=ASKED[:4], graded=GRADED[:4])
    with pytest.raises(SamplesError, match="have not any samples; 'c' has 0"):
        read_samples(*files.paths())


def test_the_export_has_one_row_a_problem(files: Files, tmp_path: Path) -> None:
    lost = replace(ASKED[3], text=None, error="gone")
    unknown = replace(GRADED[3], reward=None, verdict="infrastructure_failed")
    graded = [*GRADED[:2], replace(GRADED[2], reward=0.25), unknown, *GRADED[4:]]
    files.write(asked=[ASKED[1], ASKED[0], ASKED[2], lost, *ASKED[4:]], graded=graded)
    out = tmp_path / "export.parquet"
    write_export(*files.paths(), out, "aime")
    assert pq.read_schema(out).equals(EXPORT)
    rows = pq.read_table(out).to_pylist()
    assert [row["problem_id"] for row in rows] == ["b", "a", "c"]
    assert [row["problem"] for row in rows] == ["What is b?", "What is a?", "What is c?"]
    assert [row["responses"] for row in rows] == [["b0!", "b1!"], ["a0!", ""], ["c0!", "c1!"]]
    assert [row["rewards"] for row in rows] == [[1, 1], [0.25, 0], [1, 1]]
    assert {(row["data_source"], row["ground_truth"]) for row in rows} == {("aime", "1")}


def test_problems_that_are_not_to_be_published_are_not_in_the_export(files: Files, tmp_path: Path) -> None:
    files.write()
    out = tmp_path / "export.parquet"
    write_export(*files.paths(), out, "aime", publish=False)
    rows = pq.read_table(out).to_pylist()
    assert [row["problem"] for row in rows] == [None] * 3
    assert "What is a?" not in str(rows)


def test_the_export_is_complete_where_samples_are_out_of_order(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(samples, "PROBLEMS_PER_GROUP", 2)
    files.write(asked=ASKED[::2] + ASKED[1::2])
    out = tmp_path / "export.parquet"
    write_export(*files.paths(), out, "aime")
    rows = pq.read_table(out).to_pylist()
    assert {row["problem"][-2]: row["responses"] for row in rows} == {
        name: [f"{name}0!", f"{name}1!"] for name in "abc"
    }


def test_the_commonest_error_of_samples_or_else_of_grades(files: Files) -> None:
    assert commonest_error(files.generations, files.grades) is None
    graded = [replace(row, verdict="infrastructure_failed", detail="judge: no") for row in GRADED[:2]]
    files.write(graded=[*graded, *(replace(row, detail="a near miss") for row in GRADED[2:])])
    assert commonest_error(files.generations, files.grades) == "judge: no (2 of 2)"
    errors = ["permanent: 400 too long", "transient: 500", "permanent: 400 too long"]
    failed = [replace(row, text=None, error=e) for row, e in zip(ASKED, errors, strict=False)]
    files.write(asked=[*failed, *ASKED[3:]], graded=[*graded, *GRADED[2:]])
    assert commonest_error(files.generations, files.grades) == "permanent: 400 too long (2 of 3)"
