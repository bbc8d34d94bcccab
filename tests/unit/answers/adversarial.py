"""Texts made to keep extractors busy, and how the time that one takes grows with their length."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise

LENGTHS = (1_000, 10_000, 100_000)
MOST_RATIO = 15  # for ten times the length
SHORTEST = 0.0005  # seconds, below which nothing is told from noise
TRIES = 20

Text = Callable[[int], str]


def repeated(unit: str, end: str = "", start: str = "") -> Text:
    """Texts of any length that repeat a piece."""
    return lambda length: start + unit * (length // len(unit)) + end


def nested(opening: str, closing: str) -> Text:
    """Texts of pairs around pairs."""

    def text(length: int) -> str:
        depth = length // (len(opening) + len(closing))
        return opening * depth + "1" + closing * depth

    return text


# Ten families: what `re` may try from each place, or at each length, in vain.
FAMILIES: dict[str, tuple[Text, ...]] = {
    "white space": (
        repeated(" ", "x"),
        repeated("\n", "x"),
        repeated(" \n", "!"),
        repeated("\t"),
        repeated("\r\n"),
    ),
    "blanks behind a beginning": (
        repeated("\n", "", r"\boxed{1}"),
        repeated(" ", "x", "#### $"),
        repeated(" ", "z", r"1\text{"),
        repeated(" ", "", "answer is"),
        repeated(" ", "x", r"\frac{"),
        repeated(" ", "x", "1"),
        repeated(" ", "", "[[A"),
    ),
    "openings without an end": (
        *map(
            repeated,
            (r"\boxed{", "<answer> ", "<answer>\n", "<think>", r"\begin{cases}", r"\color[a", "(", "{"),
        ),
        *map(
            repeated,
            ("[BEGIN]\n", "[[", '{"answer": "', r"\left(", r"\text{a", "```python\n", "<|channel|>analysis"),
        ),
    ),
    "ends without an opening": tuple(
        map(
            repeated,
            ("}", "</answer>", "</think>", "[DONE]\n", r"\end{cases}", "]]", ")", "```\n", r"\right)"),
        )
    ),
    "nested": (
        *(nested(*pair) for pair in (("{", "}"), (r"\boxed{", "}"), ("(", ")"), (r"\left(", r"\right)"))),
        nested("<think>", "</think>"),
    ),
    "signs and fences": tuple(
        map(repeated, ("`", "~", "*", "_", "#", "$", "-", "\\", ">", "'", '"', "'''\n"))
    ),
    "digits": tuple(
        map(
            repeated,
            ("1", "1.", "1,", "1 ", "1,111", r"1\,", "1.1e", "1/", "1:", "12th ", "1^", "-1 ", "0.1 "),
        )
    ),
    "words": tuple(
        map(
            repeated,
            ("a", "a ", "A ", "A, ", "(A) ", "A. x\n", "km ", "m / ", "and ", "the answer is A or ", "x = "),
        )
    ),
    "markers": (
        *map(
            repeated, (r"\boxed{1} ", r"-\boxed{1}, ", "<answer></answer>", "#### ", "#### 1\n", "answer is ")
        ),
        *map(
            repeated, ("answer: .", "<think></think>", "`<think>` ", "assistantcommentary", "[[A>B]] ", "**a")
        ),
        *map(repeated, ('{"answer": 1}', "__a", "- a\n", "1. a\n", "```a``` ", "C is correct. ", r"\boxed ")),
        *map(repeated, ("answer is ", "**a", "1\n\n- ")),
        repeated("</s>", "", "#### 1"),
        repeated("=", "", "[[A>"),
    ),
    "programs": (
        *map(
            repeated,
            ("def f(x): return 1\n", "class A: pass\n", "a=lambda:0\n", "import os\n", "x = 'a' ", "main("),
        ),
        *map(
            repeated, ("```python\ndef f(x): return g(1)\n```\n", "```cpp\n#include <a>\n```\n", "f = f(x)\n")
        ),
        repeated("@aaaaaaaaaaaaaaaaaa\n", "The", "def f(x): return 1\n"),
        repeated("    x = 1\n", "```", "```python\ndef f(x):\n"),
        repeated("This is prose.\n", "", "def f(x):\n    return x\n"),
    ),
}


def seconds(work: Callable[[str], object], text: str) -> float:
    """What one call takes of this process' CPU time; what it raises does not matter."""
    gc.disable()
    try:
        started = time.process_time()
        with suppress(ValueError, RecursionError, MemoryError):
            work(text)
        return time.process_time() - started
    finally:
        gc.enable()


def growth(work: Callable[[str], object], text: Text) -> float:
    """The largest ratio of times for ten times the length; where it is large, of the least times."""
    texts = [text(length) for length in LENGTHS]
    times = [seconds(work, each) for each in texts]
    for _ in range(TRIES):
        if _ratio(times) < MOST_RATIO:
            break
        times = [min(known, seconds(work, each)) for known, each in zip(times, texts, strict=True)]
    return _ratio(times)


def _ratio(times: list[float]) -> float:
    known = [max(each, SHORTEST) for each in times]
    return max(longer / shorter for shorter, longer in pairwise(known))
