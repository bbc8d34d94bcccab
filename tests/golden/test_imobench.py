"""IMO-Bench as its authors publish it: its defects are named, and mended where the config says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mirror import fill
from snakeval.config.errors import Report
from snakeval.config.jsonschema import CONFIG
from snakeval.config.reading import read_yaml
from snakeval.formats.prompts import Prompt
from snakeval.grading.graders import Task
from snakeval.grading.graders.equivalence import compare
from snakeval.problems.prepare import PrepareError, prepare
from snakeval.schema import Benchmark, Corrections
from snakeval.system.tables import read_rows
from snakeval.types import Problem

pytestmark = pytest.mark.golden


def benchmark(name: str) -> Benchmark:
    found = read_yaml(CONFIG / "benchmarks" / f"{name}.yaml", name, Report())
    return Benchmark.model_validate(found)


@pytest.fixture
def problems(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Problems:
    monkeypatch.setenv("SNAKEVAL_CACHE", str(tmp_path / "cache"))
    return Problems(data_dir, tmp_path)


class Problems:
    """Prepares benchmarks that ship with the project."""

    def __init__(self, data_dir: Path, folder: Path) -> None:
        self._data_dir, self._folder = data_dir, folder

    def of(self, name: str, corrected: bool = True) -> dict[str, Problem]:
        """The problems by their ids, with the corrections that the benchmark names or without."""
        chosen = benchmark(name)
        fill(self._folder / "cache", self._data_dir, chosen)
        corrections: Corrections | None = None
        if chosen.corrections and corrected:
            raw = read_yaml(CONFIG / "corrections" / f"{chosen.corrections}.yaml", "", Report())
            corrections = Corrections.model_validate(raw)
        output = self._folder / f"{name}.parquet"
        prepare(name, chosen, CONFIG.parent, output, corrections.corrections if corrections else ())
        return {row.problem_id: row for row in read_rows(output, Problem)}


def test_the_broken_row_of_version_2_is_named(problems: Problems) -> None:
    words = (
        r"line 150 \('imo-bench-algebra-036'\): not CSV: ',' expected after '\"' in the record that starts"
    )
    with pytest.raises(PrepareError, match=words):
        problems.of("imo_answerbench", corrected=False)


def test_version_2_corrected(problems: Problems) -> None:
    rows = problems.of("imo_answerbench")
    first = problems.of("imo_answerbench_v1")
    assert rows.keys() == first.keys()
    assert len(rows) == 400
    corrected = {name for name, row in rows.items() if "corrected" in json.loads(row.metadata)}
    assert corrected == {
        "imo-bench-algebra-036",
        "imo-bench-geometry-004",
        "imo-bench-geometry-096",
        "imo-bench-number_theory-055",
    }
    for name in ("imo-bench-algebra-036", "imo-bench-geometry-004"):
        assert (rows[name].reference or "").strip() == (first[name].reference or "").strip()
    assert (
        rows["imo-bench-number_theory-055"]
        .messages[0]["content"]
        .endswith(
            'considered "good" if it is a single-digit number, or if removing one of its digits results in a '
            "divisor of $m$ that is also a good number.\n\nFind the largest good number.\n"
        )
    )


def test_the_answers_of_both_versions_are_graded(problems: Problems) -> None:
    for name in ("imo_answerbench", "imo_answerbench_v1"):
        for row in problems.of(name).values():
            assert row.reference is not None
            assert compare(Task(row.reference, row.reference.strip(), "boxed")).status == "correct", row


def test_the_answer_of_number_theory_055(problems: Problems) -> None:
    """Both versions are right: the first of distinct digits, the second of distinct digits that are not 0."""
    name = "imo-bench-number_theory-055"
    second = problems.of("imo_answerbench")[name].reference or ""
    assert second.strip("$") == str(largest_good_number("123456789"))
    assert problems.of("imo_answerbench_v1")[name].reference == str(largest_good_number("0123456789"))


def largest_good_number(digits: str) -> int:
    good = layer = {int(digit) for digit in "123456789"}
    while layer:
        longer = (
            (int(f"{text[:place]}{digit}{text[place:]}"), part)
            for part in layer
            for text in [str(part)]
            for digit in digits
            if digit not in text
            for place in range(digit == "0", len(text) + 1)
        )
        layer = {number for number, part in longer if number % part == 0} - good
        good = good | layer
    return max(good)


@pytest.mark.parametrize("level", ["basic", "advanced"])
def test_proofs_by_level(level: str, problems: Problems) -> None:
    rows = problems.of(f"imo_proofbench_{level}")
    assert len(rows) == 30
    assert all(name.startswith(f"PB-{level.capitalize()}-") for name in rows)
    for row in rows.values():
        assert row.reference
        guidelines = json.loads(row.metadata)["guidelines"]
        assert guidelines == json.loads(row.metadata)["Grading guidelines"] != ""
        assert guidelines not in row.messages[0]["content"]
        assert row.reference not in row.messages[0]["content"]


def test_gradingbench_asks_what_the_judge_is_asked() -> None:
    said = {"problem": "P", "response": "R"}
    judge = Prompt(CONFIG / "prompts/imo_proof_judge.jinja").render(
        {**said, "reference": "S", "guidelines": "G"}
    )
    asked = Prompt(CONFIG / "prompts/imo_gradingbench.jinja").render(
        {**said, "solution": "S", "grading_guidelines": "G"}
    )
    assert judge == asked
