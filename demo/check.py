"""Measures the demo's models on held-out problems and prints one line a figure.

    python -m demo.check
    python -m demo.check --served early=http://127.0.0.1:8001 --served late=...

The models run in this process, save those of which a server's address is given.
"""

import argparse
import random
from itertools import islice
from math import comb
from pathlib import Path
from typing import Protocol

import torch

from demo import chat, lessons, task
from demo.chat import Message
from demo.sampler import Sampler
from demo.served import Served
from demo.task import Problem
from snakeval.judging.verdicts import extract_label

MODELS = Path(__file__).parent / "models"
NAMES = ("early", "late", "pair_judge")
SEED = 7
SAMPLES = 16
RANK = {text[2:-2]: rank for rank, text in lessons.VERDICTS.items()}


class Replier(Protocol):
    def replies(
        self, prompts: list[list[Message]], *, temperature: float = 0.0, longest: int = 120
    ) -> list[str]: ...


def share(hits: list[bool]) -> str:
    return f"{sum(hits) / len(hits):.3f} of {len(hits)}" if hits else "none"


def pass_at(k: int, right: int, of: int) -> float:
    return 1 - comb(of - right, k) / comb(of, k)


def is_right(problem: Problem, response: str) -> bool:
    return task.final_answer(response) == str(problem.answer)


def check_solver(name: str, model: Replier, problems: list[Problem]) -> list[tuple[Problem, str]]:
    """Prints the figures of a solver; returns its samples at temperature 0.8."""
    prompts = [chat.solve_messages(problem.text) for problem in problems]
    greedy = model.replies(prompts)
    repeated = [prompt for prompt in prompts for _ in range(SAMPLES)]
    replies = model.replies(repeated, temperature=0.8)
    samples = list(zip((p for p in problems for _ in range(SAMPLES)), replies, strict=True))
    rights = [is_right(*sample) for sample in samples]
    counts = [sum(rights[i : i + SAMPLES]) for i in range(0, len(rights), SAMPLES)]
    for k in (1, 8):
        mean = sum(pass_at(k, count, SAMPLES) for count in counts) / len(counts)
        print(f"{name}: pass@{k} at temperature 0.8: {mean:.3f} of {len(counts)}")
    print(f"{name}: greedy: {share([is_right(*s) for s in zip(problems, greedy, strict=True)])}")
    boxed = [task.final_answer(reply) is not None for reply in replies]
    print(f"{name}: with a boxed answer: {share(boxed)}", flush=True)
    return samples + list(zip(problems, greedy, strict=True))


def check_answer_judge(name: str, model: Replier, samples: list[tuple[Problem, str]]) -> None:
    asked = [(p, task.final_answer(reply) or "") for p, reply in samples]
    replies = model.replies([chat.answer_messages(p.text, str(p.answer), answer) for p, answer in asked])
    hits: dict[bool, list[bool]] = {True: [], False: []}
    for (problem, answer), reply in zip(asked, replies, strict=True):
        truth = answer == str(problem.answer)
        hits[truth].append(task.final_answer(reply) == ("Correct" if truth else "Incorrect"))
    print(f"{name} as answer judge: right: {share(hits[True] + hits[False])}")
    print(f"{name} as answer judge: right answers: {share(hits[True])}")
    print(f"{name} as answer judge: wrong answers: {share(hits[False])}", flush=True)


def pairs_of(
    first: list[tuple[Problem, str]], second: list[tuple[Problem, str]], count: int
) -> list[tuple[Problem, str, str]]:
    """Two answers to one problem, of either model, in random order."""
    rng = random.Random(SEED)
    by_problem: dict[str, list[str]] = {}
    for problem, reply in first + second:
        by_problem.setdefault(problem.text, []).append(reply)
    problems = {problem.text: problem for problem, _ in first}
    texts = sorted(problems)
    pairs = []
    for text in rng.choices(texts, k=count):
        a, b = rng.sample(by_problem[text], 2)
        pairs.append((problems[text], a, b))
    return pairs


def verdict(reply: str) -> int | None:
    label = extract_label(reply)
    return None if label is None else RANK[label]


def sign(number: int) -> int:
    return (number > 0) - (number < 0)


def check_pair_judge(name: str, model: Replier, pairs: list[tuple[Problem, str, str]]) -> None:
    """Every pair is judged in both orders."""
    games = [(p, x, y) for p, a, b in pairs for x, y in ((a, b), (b, a))]
    prompts = [chat.pair_messages(p.text, a, b) for p, a, b in games]
    verdicts = [verdict(reply) for reply in model.replies(prompts)]
    truths = [task.merit(p, a) - task.merit(p, b) for p, a, b in games]
    exact = [v == t for v, t in zip(verdicts, truths, strict=True)]
    direction: dict[int, list[bool]] = {1: [], 0: [], -1: []}
    for v, t in zip(verdicts, truths, strict=True):
        direction[sign(t)].append(v is not None and sign(v) == sign(t))
    swapped = zip(verdicts[::2], verdicts[1::2], strict=True)
    agree = [v is not None and w is not None and v == -w for v, w in swapped]
    print(f"{name}: exact verdict: {share(exact)}")
    print(f"{name}: direction: {share([hit for hits in direction.values() for hit in hits])}")
    for key, label in ((1, "A is better"), (-1, "B is better"), (0, "they tie")):
        print(f"{name}: direction where {label}: {share(direction[key])}")
    print(f"{name}: same after swapping: {share(agree)}")
    print(f"{name}: no verdict: {sum(v is None for v in verdicts)} of {len(verdicts)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=MODELS)
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--served", metavar="MODEL=URL", action="append", default=[])
    options = parser.parse_args()
    served = dict(pair.split("=", 1) for pair in options.served)
    if unknown := served.keys() - set(NAMES):
        parser.error(f"no such model: {', '.join(sorted(unknown))}")
    early, late, pair_judge = (
        Served(name, served[name]) if name in served else Sampler(options.folder / name) for name in NAMES
    )
    torch.manual_seed(SEED)
    problems = list(islice(task.held_out_problems(SEED), options.problems))
    samples_early = check_solver("early", early, problems)
    samples_late = check_solver("late", late, problems)
    check_answer_judge("late", late, samples_early + samples_late)
    check_pair_judge("pair_judge", pair_judge, pairs_of(samples_early, samples_late, 500))


if __name__ == "__main__":
    main()
