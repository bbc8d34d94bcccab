"""Judge texts parsed a second: our reader of labels beside the published tools' own way.

    python benchmarks/verdicts.py [--texts 100000] [--rounds 5]

Texts have the lengths and forms of published judgments: reasoning of some 1,500 characters, brackets that are
no verdicts, and one verdict at the end in one of several spellings. Peers are the published conventions, as
they stand in this package and as arena-hard-auto's get_score runs them, patterns compiled for each text.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time
from collections.abc import Callable

from snakeval.judging.verdicts import CONVENTIONS
from snakeval.statistics.labels import LABELS

WORDS = (
    "the",
    "assistant",
    "gives",
    "a",
    "correct",
    "answer",
    "to",
    "[1]",
    "this",
    "question",
    "but",
    "misses",
)
FORMS = ("[[{}]]", "**[[{}]]**", "[[ {} ]]", "My final verdict is: [[{}]].", "[{}]")


def texts(count: int) -> list[str]:
    """Seeded texts, a twentieth of them without a verdict."""
    rng = random.Random(0)
    made = []
    for _ in range(count):
        body = " ".join(rng.choices(WORDS, k=300))
        verdict = rng.choice(FORMS).format(rng.choice(LABELS)) if rng.random() > 0.05 else "No verdict."
        made.append(f"{body}\n\n{verdict}")
    return made


def published(text: str) -> str | None:
    """The label as arena-hard-auto v2.0 finds it: patterns compiled anew, the whole text in capitals."""
    for source in (r"\[\[([AB<>=]+)\]\]", r"\[([AB<>=]+)\]"):
        found = [match for match in re.compile(source).findall(text.upper()) if match]
        if found:
            return str(found[-1])
    return None


def seconds(read: Callable[[str], object], made: list[str]) -> float:
    """How long one pass takes."""
    started = time.perf_counter()
    for text in made:
        read(text)
    return time.perf_counter() - started


def main() -> None:
    """Print medians and ratios; the readers take turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--texts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    made = texts(options.texts)
    readers: dict[str, Callable[[str], object]] = {**CONVENTIONS, "as published": published}
    taken: dict[str, list[float]] = {name: [] for name in readers}
    for _ in range(options.rounds):
        for name, read in readers.items():
            taken[name].append(seconds(read, made))
    characters = sum(map(len, made)) / len(made)
    print(f"{len(made):,} texts of {characters:,.0f} characters, medians of {options.rounds} rounds")
    peer = statistics.median(taken["as published"])
    for name, values in taken.items():
        median = statistics.median(values)
        print(
            f"{name}: {median:.2f} s, {len(made) / median:,.0f} texts/s, {peer / median:.2f} of as published"
        )
    labels = sum(CONVENTIONS["snakeval"](text) is not None for text in made)
    print(f"labels found: {labels:,}")


if __name__ == "__main__":
    main()
