"""Two-stage parsing against the parser's own way, on the answers of published benchmarks: no difference."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from math_verify import parse, parser
from sympy import srepr  # type: ignore[import-untyped]

from snakeval.answers.extract import boxed
from snakeval.grading.graders import two_stage
from snakeval.grading.graders.latex import as_latex

pytestmark = pytest.mark.golden
EVERY = 3  # of the distinct answers, to keep this below a minute


def answers(data_dir: Path) -> list[str]:
    """Distinct answers of MATH's test set, OlympiadBench, Gaokao 2023 and Minerva, as many as are there."""

    def read() -> Iterator[str]:
        for path in sorted((data_dir / "math").glob("*/*.jsonl")):
            for line in path.read_bytes().splitlines():
                row = json.loads(line)
                found = row.get("answer", row.get("final_answer")) or boxed(row.get("solution", ""))
                yield from map(str, found if isinstance(found, list) else [found])

    return list(dict.fromkeys(answer for answer in read() if answer.strip()))[::EVERY]


def parse_all(texts: list[str]) -> tuple[list[list[str]], float]:
    """What each parses to, by structure, and the CPU seconds for all."""
    parser.parse_latex_cached.cache_clear()
    parser.extract_latex.cache_clear()
    before = time.process_time()
    parsed = [parse(as_latex(text), parsing_timeout=None) for text in texts]
    seconds = time.process_time() - before
    return [[value if isinstance(value, str) else srepr(value) for value in row] for row in parsed], seconds


def test_no_answer_parses_differently(data_dir: Path) -> None:
    texts = answers(data_dir)
    if not texts:
        pytest.skip(f"{data_dir / 'math'} holds no *.jsonl")
    try:
        two_stage.uninstall()
        expected, seconds = parse_all(texts)
    finally:
        two_stage.install()
    found, fewer = parse_all(texts)
    print(f"{len(texts)} answers: {seconds:.1f} s of CPU the parser's own way, {fewer:.1f} s in two stages")
    assert [(t, e, f) for t, e, f in zip(texts, expected, found, strict=True) if e != f] == []
    assert fewer < seconds
