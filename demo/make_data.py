"""Writes demo/data: held-out problems with answers, and other ones for the arena.

python -m demo.make_data
"""

import json
from pathlib import Path

from demo.task import held_out_problems

DATA = Path(__file__).parent / "data"
SEED = 2026
PROBLEMS = 48
QUESTIONS = 24


def records() -> dict[str, list[dict[str, str]]]:
    """The lines of each file. No operands occur in both."""
    drawn = held_out_problems(SEED)
    problems = [next(drawn) for _ in range(PROBLEMS)]
    questions = [next(drawn) for _ in range(QUESTIONS)]
    return {
        "problems.jsonl": [
            {"id": f"demo-{i:03}", "problem": problem.text, "answer": str(problem.answer)}
            for i, problem in enumerate(problems)
        ],
        "questions.jsonl": [
            {"id": f"demo-arena-{i:03}", "problem": problem.text, "category": problem.category}
            for i, problem in enumerate(questions)
        ],
    }


def lines(rows: list[dict[str, str]]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def main() -> None:
    DATA.mkdir(exist_ok=True)
    for name, rows in records().items():
        (DATA / name).write_text(lines(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
