"""Samples a second: the code grader in its sandboxes against a bare subprocess a sample, on two cores.

    python benchmarks/sandbox.py [--samples 300] [--rounds 5]

Both get HumanEval's reference solutions with their tests, where the published data are there (SNAKEVAL_DATA),
else problems of our own that import what HumanEval's prompts do. The peer starts the same interpreter with
the same options, program and tests in one file, two at a time, its output read, with a time limit: no limits
otherwise, no isolation, and a pass is an exit code that any program can forge. Both sides are timed in turn;
the grader's start (its worker processes) apart.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from snakeval.grading.graders import Answer
from snakeval.grading.graders.code import outcomes
from snakeval.grading.graders.code_problems import CodeProblem, code_problem
from snakeval.sandbox import Isolation, choose
from snakeval.sandbox.commands import environment, python

WORKERS = 2
DATA = Path(os.environ.get("SNAKEVAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
HUMANEVAL = DATA / "code" / "humaneval" / "HumanEval.jsonl.gz"
TIMEOUT = 10.0


def rows(count: int) -> list[dict[str, Any]]:
    """As many problems, each with its solution and its tests."""
    if HUMANEVAL.is_file():
        with gzip.open(HUMANEVAL, "rt") as file:
            return list(islice(cycle(json.loads(line) for line in list(file)), count))
    prompt = "from typing import List\n\n\ndef total(numbers: List[int]) -> int:\n"
    tests = "def check(candidate):\n" + "".join(
        f"    assert candidate([{n}, 1, 2]) == {n + 3}\n" for n in range(7)
    )
    row = {"task_id": "own", "prompt": prompt, "entry_point": "total", "test": tests}
    return [{**row, "canonical_solution": "    return sum(numbers)\n"}] * count


def run_peer(samples: list[dict[str, Any]]) -> float:
    """Seconds that bare subprocesses take; all must pass."""

    def passes(row: dict[str, Any]) -> bool:
        program = f"{row['prompt']}{row['canonical_solution']}\n{row['test']}\ncheck({row['entry_point']})\n"
        done = subprocess.run(
            [*python(), "-c", program],
            env=environment(Isolation("none")),
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
        return done.returncode == 0

    began = time.perf_counter()
    with ThreadPoolExecutor(WORKERS) as pool:
        assert all(pool.map(passes, samples))
    return time.perf_counter() - began


def run_ours(samples: list[dict[str, Any]], problems: dict[str, CodeProblem]) -> tuple[float, float]:
    """Seconds of grading and of the start before it; all must pass."""
    answers = [Answer(row["task_id"], "", row["canonical_solution"]) for row in samples]
    began = time.perf_counter()
    marks: list[float] = []

    def timed() -> Iterator[Answer]:
        yield from answers[:WORKERS]  # the workers' own sandboxes are part of the start
        marks.append(time.perf_counter())
        yield from answers

    found = outcomes(timed(), problems, choose(), WORKERS)
    verdicts = [outcome.verdict for outcome in islice(found, WORKERS)]
    first = time.perf_counter()
    verdicts += [outcome.verdict for outcome in found]
    assert set(verdicts) == {"correct"}, verdicts
    return time.perf_counter() - marks[0], first - began


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    samples = rows(options.samples)
    problems = {
        row["task_id"]: code_problem(
            row["task_id"], "", {**row, "problem": row["prompt"]}, "humaneval", "base", TIMEOUT
        )
        for row in samples
    }
    print(f"{len(samples)} samples of {len(problems)} problems, sandbox: {choose().label}", flush=True)
    ratios = []
    for number in range(options.rounds):
        peer = run_peer(samples)
        ours, start = run_ours(samples, problems)
        ratios.append(peer / ours)
        print(
            f"round {number}: subprocess {len(samples) / peer:6.1f}/s, "
            f"sandboxed {len(samples) / ours:6.1f}/s, ratio {ratios[-1]:.2f}; start {start:.2f} s",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
