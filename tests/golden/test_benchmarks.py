"""The benchmarks that ship with the project, prepared from copies of their sources.

Each golden answer is then graded as if a model had boxed it: all are right. With the comparison of texts
switched off all but seven are right by value too; these are listed below, each with its reason.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from mirror import fill
from snakeval.answers.extract import ALTERNATIVE, answer_is, boxed
from snakeval.config.jsonschema import CONFIG
from snakeval.generation.recorded import import_answers
from snakeval.grading.grade import grade
from snakeval.grading.graders import Answer, Task, equivalence, verdict
from snakeval.grading.graders.math import outcomes
from snakeval.grading.instructions.checkers import CHECKERS
from snakeval.problems.prepare import prepare
from snakeval.schema import Benchmark, Grader, Reasoning, Source
from snakeval.scoring.aggregate import aggregate
from snakeval.system.tables import read_rows
from snakeval.types import COMPLETION, Problem

pytestmark = pytest.mark.golden
ROOT = CONFIG.parent
MATH = {
    "aime_2024": 30,
    "aime_2025": 30,
    "aime_2026": 30,
    "hmmt_2025": 30,
    "amc": 83,
    "math_500": 500,
    "minerva": 272,
    "olympiadbench": 675,
    "math_qwen": 5000,
    "gsm8k_cot": 1319,
    "gsm8k_cot_completion": 1319,
}
# Golden answers that are right only as text, not by value, with the reason; there are no others.
TEXTUAL: dict[str, dict[str, str]] = {
    "minerva": {
        "27": "a differential equation whose symbols math-verify does not read",
    },
    "olympiadbench": {
        "1782": "an equation for m_{\\max}, a name that math-verify does not read",
        "2045": "the source has $t(0,4]$, where \\in is lost",
    },
    "math_qwen": {
        "655": "a date, June 20",
        "696": "words are compared as text, VW",
        "1714": r"\frac \pi4 without braces is not read whole",
        "3078": "a number with its base is compared as written, -221_3",
        "3118": "a number with its base is compared as written, 0.0011_{2}",
    },
}


def benchmark(name: str) -> Benchmark:
    return Benchmark.model_validate(yaml.safe_load((CONFIG / "benchmarks" / f"{name}.yaml").read_text()))


def problems(name: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Problem]:
    chosen = benchmark(name)
    fill(tmp_path / "cache", data_dir, chosen)
    monkeypatch.setenv("SNAKEVAL_CACHE", str(tmp_path / "cache"))
    tmp_path.mkdir(exist_ok=True)
    prepare(name, chosen, ROOT, tmp_path / "problems.parquet")
    return list(read_rows(tmp_path / "problems.parquet", Problem))


@pytest.mark.parametrize("name", MATH)
def test_golden_answers_are_right(
    name: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = problems(name, data_dir, tmp_path, monkeypatch)
    assert len(rows) == MATH[name]
    pairs = [(row, part) for row in rows for part in (row.reference or "").split(ALTERNATIVE)]
    answers = [Answer(row.problem_id, row.reference or "", rf"So \boxed{{{part}}}.") for row, part in pairs]
    assert {found.verdict for found in outcomes(answers, 60, 2, asked=["boxed"])} == {"correct"}
    for module in (equivalence, verdict):
        monkeypatch.setattr(module, "same_text", lambda one, other: False)
    by_text = set()
    for row, part in pairs:
        if equivalence.compare(Task(part, part, "boxed")).status != "correct":
            by_text.add(row.problem_id)
            print(f"{name}: {row.problem_id}: {part!r} is right as text only")
    print(f"{name}: {len(rows)} problems, {len(pairs)} golden answers, {len(by_text)} problems by text only")
    assert by_text == TEXTUAL.get(name, {}).keys()


@pytest.mark.parametrize("name", ["aime_2024", "aime_2025", "aime_2026", "amc", "gsm8k_cot"])
def test_the_next_number_is_wrong(
    name: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = problems(name, data_dir, tmp_path, monkeypatch)
    for row in rows:
        assert row.reference is not None
        number = float(row.reference.replace(",", ""))
        for answer, status in ((f"{number:.0f}", "correct"), (f"{number + 1:.0f}", "incorrect")):
            assert equivalence.compare(Task(row.reference, answer, "boxed")).status == status, row


def test_all_prompts_of_ifbench_are_asked_as_they_are(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = problems("ifbench", data_dir, tmp_path, monkeypatch)
    assert len(rows) == 300
    names = [name for row in rows for name in json.loads(row.metadata)["instruction_id_list"]]
    assert set(names) == set(CHECKERS)
    assert rows[0].messages[0]["content"] == json.loads(rows[0].metadata)["problem"]


def test_worked_examples_are_before_the_problem(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = problems("gsm8k_cot", data_dir, tmp_path / "chat", monkeypatch)[0].messages
    assert [message["role"] for message in chat] == ["user", "assistant"] * 8 + ["user"]
    assert "ducks" in chat[-1]["content"]
    (text,) = problems("gsm8k_cot_completion", data_dir, tmp_path / "text", monkeypatch)[0].messages
    assert text["role"] == COMPLETION
    assert text["content"].count("Question: ") == 9
    assert text["content"].count("The answer is") == 8
    assert text["content"].endswith("\nAnswer:")


def test_the_examples_of_our_own_end_with_their_answers() -> None:
    for name, count in (("gsm8k_cot_examples", 8), ("math_qwen_examples", 4)):
        rows = json.loads((CONFIG / "prompts" / f"{name}.json").read_text(encoding="utf-8"))
        assert len(rows) == count
        for row in rows:
            last = answer_is(row["response"])
            assert last is not None
            box = boxed(row["response"])
            assert box is None or equivalence.compare(Task(box, last, "marked")).status == "correct"
            for left, right in re.findall(r"(\d[\d .*/+-]*[*/+-] \d[\d.]*) = (\d+)", row["response"]):
                assert eval(left) == int(right), row


# GSM8K's published example solutions, graded by us as recorded answers: right of 1,319.
RECORDED = {"6b_finetuning": 286, "6b_verification": 515, "175b_finetuning": 458, "175b_verification": 742}


@pytest.mark.parametrize("model", RECORDED)
def test_recorded_answers_get_their_published_score(
    model: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems("gsm8k_cot", data_dir, tmp_path, monkeypatch)
    published = (data_dir / "gsm8k" / "example_model_solutions.jsonl").read_bytes().splitlines()
    rows = [json.loads(line) for line in published]
    made = [{"problem": row["question"], "response": row[model]["solution"]} for row in rows]
    (tmp_path / "made.jsonl").write_text("".join(json.dumps(row) + "\n" for row in made))
    asked, generations, grades = (tmp_path / f"{name}.parquet" for name in ("problems", "made", "grades"))
    import_answers(Source(file="made.jsonl"), tmp_path, asked, generations, "gsm8k_cot")
    grade(asked, generations, grades, Grader(type="math"), Reasoning(), workers=2)
    found = aggregate(asked, generations, grades, data_source="gsm8k", model=model, grader="math", rounds=9)
    assert (found["num_problems"], found["n_samples"]) == (1319, 1)
    assert round(found["mean_reward"] * 1319) == RECORDED[model]
    assert sum(found["found_by"].values()) == 1319 - found["validity"]["unextracted"]
