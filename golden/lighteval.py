"""lighteval's own test cases of pass@k, G-Pass@k, maj@k and avg@k.

Answers count as right when they equal a gold choice, or, in math, when our verifier says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from golden.figure import Figure
from snakeval.grading.graders import Answer
from snakeval.grading.graders.math import outcomes
from snakeval.scoring.votes import votes
from snakeval.statistics.passk import g_pass_at_k, maj_at_k, mean_pass_at_k, mg_pass_at_k, outcome_counts

FOLDER = "code/lighteval_pass_at_k_fixtures"
SUITES = (
    *("pass_at_k", "pass_at_k_math", "pass_at_k_letters", "avg_at_k", "avg_at_k_math", "maj_at_k"),
    *("g_pass_at_k", "g_pass_at_k_math", "g_pass_at_k_latex"),
)
LETTER = "the case expects 0 although the answer is the very letter"
UNDELIMITED = "the case's extractor reads no formula that has no delimiters; ours does"
SIX_DIGITS = "the case expects 0 for 3.14159; to us it is pi, correctly rounded to six digits"
WHY = {
    "G Pass At K Latex - Edge Case Single Sample": SIX_DIGITS,
    "Pass at K Letters - Correct Letters": LETTER,
    "Pass at K Letters - Multiple Attempts": LETTER,
    "Avg at K - Multiple Correct": "the case compares with the first gold choice alone",
    "G Pass At K Math - Mixed Correct and Incorrect": UNDELIMITED,
    "G Pass At K Math - High K Value": UNDELIMITED,
}
Case = Mapping[str, Any]


def figures(data: Path) -> Iterator[Figure]:
    for suite in SUITES:
        cases = json.loads((data / FOLDER / f"{suite}.json").read_text(encoding="utf-8"))["test_cases"]
        for case, rewards in zip(cases, _rewards(suite, cases), strict=True):
            for metric, expected in case["expected_output"].items():
                ours = _value(metric, case, rewards)
                close = abs(expected - ours) <= case["tolerance"]
                why = None if close else WHY.get(case["name"])
                yield Figure(
                    f"lighteval {suite}",
                    f"{case['name']}: {metric}",
                    expected,
                    ours,
                    case["tolerance"],
                    (),
                    why,
                )


def _rewards(suite: str, cases: Sequence[Case]) -> list[list[float]]:
    """Rewards of each case's answers; in math all cases are verified at once."""
    texts = [case["model_response"]["text"] for case in cases]
    golden = [_golden(case) for case in cases]
    if not suite.endswith(("math", "latex")):
        return [[float(text in gold) for text in case] for gold, case in zip(golden, texts, strict=True)]
    pairs = [(gold[0], text) for gold, case in zip(golden, texts, strict=True) for text in case]
    answers = [Answer(str(i), gold, text) for i, (gold, text) in enumerate(pairs)]
    verdicts = (float(outcome.verdict == "correct") for outcome in outcomes(answers, 30, 2))
    return [[next(verdicts) for _ in case] for case in texts]


def _golden(case: Case) -> list[str]:
    index = case["doc"]["gold_index"]
    return [case["doc"]["choices"][i] for i in (index if isinstance(index, list) else [index])]


def _value(metric: str, case: Case, rewards: list[float]) -> float:
    k = case["metric_params"]["k"]
    if metric.startswith("avg@"):
        return sum(rewards[:k]) / int(k)
    if metric.startswith("maj@"):
        return float(maj_at_k([votes(case["model_response"]["text"], rewards)], [rewards], k)[0])
    counts = outcome_counts([rewards[: case["metric_params"]["n"]]])
    if metric.startswith("pass@"):
        return float(mean_pass_at_k(*counts)[k - 1])
    if "g-pass@" in metric and "_" in metric.partition("g-pass@")[2]:
        return float(g_pass_at_k(*counts, k, float(metric.rpartition("_")[2]))[0])
    return float(mg_pass_at_k(*counts, k)[0])
