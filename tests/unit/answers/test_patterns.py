"""Expressions of a configuration: found as `re` finds them, and given up where that takes too long."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

from snakeval.answers import patterns
from snakeval.answers.patterns import Match, found
from snakeval.grading.graders.points import points_in
from snakeval.judging.bench import answer_verdict
from snakeval.schema import Points, Verdicts

# What takes longer than anybody waits, and a text of some dozen letters that it takes that on.
ENDLESS = {
    r"(a+)+$": "a" * 60 + "!",
    r"(?:a|a)*b": "a" * 60,
    r"(\w+\s?)+x:": "word " * 30 + "!",
    r"(.*?,){25}P": "1," * 60,
    r"^(([a-z])+.)+[A-Z]([a-z])+$": "a" * 60,
}


@pytest.fixture(scope="module", autouse=True)
def short_limit() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patterns, "LIMIT_SECONDS", 0.5)
        patterns._pool.cache_clear()
        yield
    patterns._pool.cache_clear()


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a", "banana"),
        ("(b)?a", "banana"),
        (r"\d+(?=\D)", "1a22b333"),
        ("x", ""),
        ("(é)|n", "né"),
        ("(?i)A", "bAna"),
    ],
)
def test_as_re_finds_them(pattern: str, text: str) -> None:
    expected = [
        Match(*match.span(), match[1] if match.re.groups else None) for match in re.finditer(pattern, text)
    ]
    assert found(text, pattern, pattern) == [expected, expected]


@pytest.mark.parametrize("pattern", ENDLESS)
def test_an_expression_without_an_end(pattern: str, caplog: pytest.LogCaptureFixture) -> None:
    text, ungrouped = ENDLESS[pattern], re.sub(r"\((?!\?)", "(?:", pattern)
    with caplog.at_level(logging.WARNING):
        assert found(text, pattern) is None
    assert "it counts as not found" in caplog.text
    assert answer_verdict(text, Verdicts(correct=pattern, incorrect="no")) is None
    assert answer_verdict("yes", Verdicts(correct="yes", incorrect="no")) is True
    assert points_in(text, Points(pattern=f"({ungrouped})", maximum=3)) is None
    assert points_in("2 of 3", Points(pattern="([0-9]) of", maximum=3)) == 2
