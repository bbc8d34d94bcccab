"""What of a source makes problems stale: what it gives, and never from where."""

from __future__ import annotations

from typing import Any

import pytest

from snakeval.dag.identity import prepare
from snakeval.schema import Benchmark

RAW = "https://raw.githubusercontent.com/QwenLM/Qwen2.5-Math"
WHOLE = "a45202bd16f1ec06f433442dc1152d0074773465"
PATH = "evaluation/data/olympiadbench/test.jsonl"
DATASET = {"dataset": "org/data", "revision": "c" * 40, "split": "test"}


def identity(source: dict[str, Any], **others: Any) -> str:
    return prepare(
        Benchmark.model_validate({"source": source, "prompt": "config/prompts/math.jinja", **others})
    )


def at(url: str, sha256: str = "5" * 64, **others: Any) -> dict[str, Any]:
    return {"url": url, "sha256": sha256, **others}


# (one source, another, whether the problems are the same)
PAIRS: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    (at(f"{RAW}/{WHOLE[:12]}/{PATH}"), at(f"{RAW}/{WHOLE}/{PATH}"), True),
    (at(f"{RAW}/{WHOLE[:7]}/{PATH}"), at(f"{RAW}/main/{PATH}"), True),
    (at(f"{RAW}/{WHOLE}/{PATH}"), at("https://mirror.org/test.jsonl"), True),
    (at(f"{RAW}/{WHOLE}/{PATH}"), at(f"{RAW}/{WHOLE}/{PATH}?raw=true"), True),
    (at(f"{RAW}/{WHOLE}/{PATH}", rows=675), at(f"{RAW}/{WHOLE}/{PATH}", licence="MIT"), True),
    (at(f"{RAW}/{WHOLE}/{PATH}"), at(f"{RAW}/{WHOLE}/{PATH}", "6" * 64), False),
    # The name says the format.
    (at(f"{RAW}/{WHOLE}/a/test.jsonl"), at(f"{RAW}/{WHOLE}/a/test.csv"), False),
    (at(f"{RAW}/{WHOLE}/a/test.jsonl"), at(f"{RAW}/{WHOLE}/a/test.jsonl", format="json"), False),
    (at(f"{RAW}/{WHOLE}/{PATH}"), at(f"{RAW}/{WHOLE}/{PATH}", where={"level": "5"}), False),
    (DATASET, {**DATASET, "revision": "d" * 40}, False),
    (DATASET, {**DATASET, "split": "train"}, False),
]


@pytest.mark.parametrize(("one", "other", "same"), PAIRS)
def test_problems_of_two_sources(one: dict[str, Any], other: dict[str, Any], same: bool) -> None:
    assert (identity(one) == identity(other)) is same
    shots = [{"few_shot": {"source": source, "n": 2}} for source in (one, other)]
    assert (identity(DATASET, **shots[0]) == identity(DATASET, **shots[1])) is same
