"""Comparisons a second: the math grader on two workers against math-verify in one process.

    python benchmarks/verifier.py [--pairs 1500] [--rounds 5] [--limit 3]

The peer parses the reference, parses the answer's text and compares, an answer at a time, as math-verify's
README shows it, with its default time limits. Both get the same answers in turn, new ones each round:

- MATH, distinct: test problems, each with its own solution and with another problem's. Every pair of
  reference and box occurs once, so comparing equal pairs once gains nothing.
- respelt, distinct: generated; one answer a reference and none spelt like it, so that parsing a reference
  once and comparing texts gain nothing either: the hardest case for us.
- MATH, 8 samples: real samples of a model, with all that grading a run gains.

Start-up (imports, warm-up) is timed apart for both. On a machine with other load the clock's ratio
suffers; the ratio of CPU seconds (without the gain of the second core) does so less, and tasks that only
sleep show what the pool makes of two workers. Last, what a hanging input costs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from snakeval.answers.extract import boxed
from snakeval.grading.graders import Answer
from snakeval.grading.graders.math import outcomes
from snakeval.system.workers import Pool

WORKERS = 2
HANGING = r"9^{9^{9^{9}}}"
DATA = Path(os.environ.get("SNAKEVAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
Maker = Callable[[random.Random], tuple[str, str, str]]  # reference, right answer, wrong answer


def fraction(rng: random.Random) -> tuple[str, str, str]:
    a, b, k = rng.randrange(1, 9999), rng.randrange(2, 999), rng.randrange(2, 9)
    return rf"\frac{{{a}}}{{{b}}}", rf"\frac{{{a * k}}}{{{b * k}}}", rf"\frac{{{a * k + 1}}}{{{b * k}}}"


def polynomial(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.randrange(1, 400), rng.randrange(1, 400)
    return f"x^2 + {a + b}x + {a * b}", f"(x + {a})(x + {b})", f"(x + {a})(x + {b + 1})"


def surd(rng: random.Random) -> tuple[str, str, str]:
    a, b = rng.randrange(2, 400), rng.choice([2, 3, 5, 6, 7, 10, 11])
    return rf"{a}\sqrt{{{b}}}", rf"\sqrt{{{a * a * b}}}", rf"\sqrt{{{a * a * b + 1}}}"


def point(rng: random.Random) -> tuple[str, str, str]:
    a, b, c = (rng.randrange(-99, 99) for _ in range(3))
    return f"({a}, {b}, {c})", rf"(\frac{{{2 * a}}}{{2}}, {b}, {c})", rf"(\frac{{{a}}}{{2}}, {c}, {b})"


def solutions(rng: random.Random) -> tuple[str, str, str]:
    a, b, c = rng.sample(range(-999, 999), 3)
    return f"{a}, {b}, {c}", rf"\{{{c}, {a}, {b}\}}", rf"\{{{c}, {a}, {b + 1000}\}}"


def interval(rng: random.Random) -> tuple[str, str, str]:
    a, b = sorted(rng.sample(range(-999, 999), 2))
    return rf"[{a}, {b}) \cup (0, 1)", rf"(0, 1) \cup [{a}, {b})", rf"(0, 1) \cup [{a}, {b}]"


MAKERS: tuple[Maker, ...] = (fraction, polynomial, surd, point, solutions, interval)


def solution(rng: random.Random, answer: str, characters: int) -> str:
    """About `characters` of reasoning with formulas, then the box."""
    steps: list[str] = []
    while sum(map(len, steps)) < characters:
        a, b = rng.randrange(2, 99), rng.randrange(2, 99)
        steps.append(rf"As ${a} \cdot {b} = {a * b}$, the next term is $\frac{{{a}}}{{{b}}} x^2 + {a}$. ")
    return "".join(steps) + rf"So the answer is $\boxed{{{answer}}}$."


def make_pairs(count: int, characters: int, seed: int) -> list[Answer]:
    """Distinct references, one answer each."""
    rng = random.Random(seed)
    pairs: dict[str, Answer] = {}
    while len(pairs) < count:
        reference, right, wrong = rng.choice(MAKERS)(rng)
        text = solution(rng, right if rng.random() < 0.5 else wrong, characters)
        pairs.setdefault(reference, Answer(str(len(pairs)), reference, text))
    return list(pairs.values())


def math_pairs(count: int, seed: int) -> list[Answer]:
    """Two answers a reference of the MATH test set, one of them right; all pairs distinct."""
    rows = read(DATA / "math" / "hendrycks_math_5000" / "test.jsonl")
    solutions = {box: row["solution"] for row in rows if (box := boxed(row["solution"]))}
    rng = random.Random(seed)
    references = rng.sample(sorted(solutions), min(count // 2, len(solutions)))
    others = references[1:] + references[:1]
    return [
        Answer(reference, reference, solutions[box])
        for reference, other in zip(references, others, strict=True)
        for box in (reference, other)
    ]


def sampled_pairs() -> list[Answer]:
    """100 MATH problems with 8 sampled solutions each (Qwen2.5-Math's example outputs)."""
    rows = read(DATA / "math_outputs" / "qwen_rm_maj_example" / "math_cot_100.jsonl")
    return [Answer(str(row["idx"]), row["gt"], text) for row in rows for text in row["code"]]


def read(path: Path) -> list[dict[str, Any]]:
    """A file of JSON lines, nothing where it is not there."""
    return [json.loads(line) for line in path.read_bytes().splitlines()] if path.is_file() else []


@dataclass(frozen=True)
class Run:
    """One timed run: wall and CPU seconds of the comparisons, wall seconds of the start-up, the verdicts."""

    seconds: float
    cpu: float
    start: float
    correct: list[bool]


def run_peer(pairs: list[Answer]) -> Run:
    """math-verify in one fresh process."""
    began = time.perf_counter()
    command = [sys.executable, __file__, "--peer"]
    lines = json.dumps([[pair.reference, pair.text] for pair in pairs])
    done = subprocess.run(command, input=lines, stdout=subprocess.PIPE, text=True, check=True)
    seconds, cpu, correct = json.loads(done.stdout)
    return Run(seconds, cpu, time.perf_counter() - began - seconds, correct)


def peer() -> None:
    """The body of `run_peer`'s process."""
    from math_verify import parse, verify

    pairs = json.load(sys.stdin)
    verify(parse(r"$\frac{1}{2}$"), parse(r"so $\boxed{x^2 + 1}$"))
    wall, cpu = time.perf_counter(), time.process_time()
    correct = [verify(parse(f"${reference}$"), parse(text)) for reference, text in pairs]
    json.dump([time.perf_counter() - wall, time.process_time() - cpu, correct], sys.stdout)


def run_ours(pairs: list[Answer], limit: float = 10) -> Run:
    """The math grader: its extraction in this process, its comparisons in the workers."""
    began = time.perf_counter()
    cpu_before = cpu_seconds()
    clock: list[float] = []

    def timed() -> Iterator[Answer]:
        clock.append(time.perf_counter())
        yield from pairs

    verdicts = [outcome.verdict for outcome in outcomes(timed(), limit, WORKERS)]
    ended = time.perf_counter()
    correct = [verdict == "correct" for verdict in verdicts]
    return Run(ended - clock[0], cpu_seconds() - cpu_before, clock[0] - began, correct)


def cpu_seconds() -> float:
    """Of this process and of all that it has waited for, workers included."""
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def compare(name: str, make: Callable[[int], list[Answer]], rounds: int) -> None:
    """Alternate both on the same pairs and print the medians; nothing where the data are not there."""
    count = len(make(0))
    if not count:
        return
    start_cpu = statistics.median(run_ours([]).cpu for _ in range(3))
    runs = [(run_peer(pairs), run_ours(pairs)) for pairs in map(make, range(rounds))]
    for label, side in (("math-verify, 1 process", 0), (f"snakeval, {WORKERS} workers", 1)):
        rate = statistics.median(count / run[side].seconds for run in runs)
        start = statistics.median(run[side].start for run in runs)
        print(f"{name:18} {label:24} {rate:8.0f} answers/s  start {start:.1f} s")
    ratio = statistics.median(one.seconds / ours.seconds for one, ours in runs)
    cpu = statistics.median(one.cpu / (ours.cpu - start_cpu) for one, ours in runs)
    print(f"{name:18} ratio {ratio:.2f} by the clock, {cpu:.2f} in CPU seconds", flush=True)
    for pairs, (one, ours) in zip(map(make, range(rounds)), runs, strict=True):
        for pair, theirs, mine in zip(pairs, one.correct, ours.correct, strict=True):
            if theirs != mine:
                print(f"verdicts differ: {pair.reference} | {pair.text[-80:]} | peer {theirs}, ours {mine}")


def hanging(limit: float) -> None:
    """What one input that never ends costs: by itself, and beside others."""
    pairs = make_pairs(400, 300, seed=-1)
    trap = Answer("trap", "2", rf"It is $\boxed{{{HANGING}}}$.")
    without, alone = run_ours(pairs, limit), run_ours([trap], limit)
    among = run_ours([*pairs[:200], trap, *pairs[200:]], limit)
    alike = among.correct[:200] + among.correct[201:] == without.correct
    print(
        f"a hanging input, limit {limit:g} s: by itself {alone.seconds:.2f} s, its reference read alone "
        f"included; 400 others {without.seconds:.2f} s without it, {among.seconds:.2f} s with it; "
        f"the others are graded {'alike' if alike else 'differently'}"
    )


def nap(_: object) -> None:
    """A task that takes a millisecond and no CPU."""
    time.sleep(0.001)


def napping(count: int = 2000) -> None:
    """What the pool makes of its workers, whatever else the machine does."""
    began = time.perf_counter()
    for number in range(count):
        nap(number)
    serial = time.perf_counter() - began
    with Pool("verifier:nap", WORKERS, 10) as pool:
        list(pool.map(range(100)))
        began = time.perf_counter()
        list(pool.map(range(count)))
        pooled = time.perf_counter() - began
    print(f"tasks that sleep 1 ms: {serial / pooled:.2f} times as many a second on {WORKERS} workers")


def main() -> None:
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=3)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        return peer()
    compare("MATH, distinct", lambda seed: math_pairs(options.pairs, seed), options.rounds)
    compare("respelt, distinct", lambda seed: make_pairs(options.pairs, 1000, seed), options.rounds)
    compare("MATH, 8 samples", lambda seed: sampled_pairs(), options.rounds)
    napping()
    hanging(options.limit)


if __name__ == "__main__":
    main()
