"""The demo's problems, their answers, the split, and what the judges are taught to say."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from demo import chat, lessons, make_data, task
from snakeval.judging.verdicts import extract_label

DEMO = Path(task.__file__).parent
LESSONS = (
    lessons.solver_lesson,
    lessons.answer_judge_lesson,
    lessons.pair_judge_lesson,
    lessons.pair_solver_lesson,
    lessons.sum_drill,
    lessons.answer_drill,
    lessons.pair_drill,
)
# The problems' answers once more, from their words alone.
ORACLE: dict[str, Callable[[int, int, int], float]] = {
    "bags": lambda a, b, c: a + b * c,
    "fills": lambda a, b, c: a * b - c,
    "found": lambda a, b, c: a + b - c,
    "on a table": lambda a, b, c: a - b - c,
    "Every day": lambda a, b, c: (a + b) * c,
    "equally": lambda a, b, c: a / b + c,
    "times as many": lambda a, b, c: (a - b) * c,
    "A shop": lambda a, b, c: a - b + c,
}


def operands_in(text: str) -> tuple[int, int, int]:
    a, b, c = (int(number) for number in re.findall(r"\d+", text))
    return a, b, c


def recomputed(text: str) -> float:
    (formula,) = [formula for words, formula in ORACLE.items() if words in text]
    return formula(*operands_in(text))


def rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (DEMO / "data" / name).read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[task.Problem]:
    """Every problem that is drawn, by whichever lesson."""
    problems: list[task.Problem] = []
    draw = task.draw

    def spy(rng: random.Random, **options: Any) -> task.Problem:
        problems.append(draw(rng, **options))
        return problems[-1]

    monkeypatch.setattr(task, "draw", spy)
    return problems


def test_no_lesson_draws_a_held_out_problem(drawn: list[task.Problem]) -> None:
    rng = random.Random(3)
    for _ in range(100):
        for lesson in LESSONS:
            lesson(rng)
    assert len(drawn) > 1000
    assert not [problem for problem in drawn if task.is_held_out(operands_in(problem.text))]


def test_about_one_problem_in_ten_is_held_out() -> None:
    triples = [(a, b, c) for a in range(10, 60) for b in range(2, 10) for c in range(2, 10)]
    assert 0.08 < sum(map(task.is_held_out, triples)) / len(triples) < 0.12


def test_answers_are_right() -> None:
    problems = list(islice(task.held_out_problems(5), 300))
    assert [recomputed(problem.text) for problem in problems] == [problem.answer for problem in problems]
    assert len({problem.operands for problem in problems}) == 300


def test_data_files_are_what_make_data_gives() -> None:
    for name, records in make_data.records().items():
        assert (DEMO / "data" / name).read_text(encoding="utf-8") == make_data.lines(records)


def test_data_files_hold_distinct_held_out_problems_and_right_answers() -> None:
    problems, questions = rows("problems.jsonl"), rows("questions.jsonl")
    assert (len(problems), len(questions)) == (48, 24)
    triples = [operands_in(row["problem"]) for row in problems + questions]
    assert len(set(triples)) == len(triples)
    assert all(map(task.is_held_out, triples))
    assert [int(row["answer"]) for row in problems] == [recomputed(row["problem"]) for row in problems]
    assert all("answer" not in row for row in questions)


def test_training_solutions_slip_and_carry_the_slip() -> None:
    rng = random.Random(1)
    wrong = 0
    for _ in range(200):
        text = "".join(part for part, learn in lessons.solver_lesson(rng) if learn)
        first, second = re.findall(r"(\d+) [-+*/] (\d+) = (\d+)", text)
        assert first[2] in second[:2]
        assert task.final_answer(text) == second[2]
        prompt = "".join(part for part, learn in lessons.solver_lesson(rng) if not learn)
        assert prompt.endswith("<|assistant|>")
        wrong += int(eval_step(text) != int(first[2]))
    assert 20 < wrong < 100


def eval_step(text: str) -> float:
    match = re.search(r"(\d+) ([-+*/]) (\d+) =", text)
    assert match
    a, operator, b = match.groups()
    return task.calculate(int(a), operator, int(b)) or -1


PROBLEM = task.Problem(
    "…", (10, 3, 4), (task.Step(3, "*", 4, 12), task.Step(10, "+", 12, 22)), "multiplying", "right"
)
RIGHT = "First, 3 * 4 = 12. Then, 10 + 12 = 22. The answer is \\boxed{22}."
HALF = "First, 3 * 4 = 12. Then, 10 + 12 = 23. The answer is \\boxed{23}."
WRONG = "First, 3 * 4 = 11. Then, 10 + 11 = 21. The answer is \\boxed{21}."
PAIRS = [
    (RIGHT, WRONG, "A>>B"),
    (RIGHT, HALF, "A>B"),
    (HALF, WRONG, "A>B"),
    (RIGHT, RIGHT, "A=B"),
    (WRONG, "no idea", "A=B"),
    (HALF, RIGHT, "B>A"),
    ("", RIGHT, "B>>A"),
]


@pytest.mark.parametrize(("a", "b", "label"), PAIRS)
def test_pair_verdicts(a: str, b: str, label: str) -> None:
    assert extract_label(lessons.verdict_on_pair(PROBLEM, (a, b))) == label


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        ("22", "22 vs 22 same. \\boxed{Correct}"),
        ("23", "22 vs 23 different. \\boxed{Incorrect}"),
        ("", "22 vs nothing different. \\boxed{Incorrect}"),
        ("First, 3 * 4", "22 vs nothing different. \\boxed{Incorrect}"),
    ],
)
def test_answer_verdicts(answer: str, reply: str) -> None:
    assert lessons.verdict_on_answer("22", answer) == reply


def test_pair_prompt_keeps_the_layout_of_arena_hard() -> None:
    system, user = chat.pair_messages("Q", "one", "two")
    assert (system["role"], user["role"]) == ("system", "user")
    positions = [user["content"].index(marker) for marker in chat.MARKERS]
    assert positions == sorted(positions)
    assert "one\n<|The End of Assistant A's Answer|>" in user["content"]
    assert chat.chat([system, user]).endswith("Answer|><|end|><|assistant|>")


@pytest.mark.parametrize("name", ["early", "late", "pair_judge"])
def test_saved_model_is_small_and_has_the_chat_template_of_the_lessons(name: str) -> None:
    folder = DEMO / "models" / name
    assert sum(path.stat().st_size for path in folder.iterdir()) < 6_000_000
    assert (folder / "chat_template.jinja").read_text(encoding="utf-8") == chat.CHAT_TEMPLATE
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["LlamaForCausalLM"]
    assert config["max_position_embeddings"] >= 512
