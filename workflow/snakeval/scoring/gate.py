"""A gate for checkpoints: fails where one is worse than its parent by more than a margin.

A checkpoint fails on a benchmark where its mean difference to its parent is below -margin and the one-sided
test of that (McNemar's exact one for single samples and no margin, else a paired t-test over problems of the
differences against -margin) has a p-value below alpha, corrected after Holm over all of the gate's tests.
With alpha 1 the differences decide alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tabulate import tabulate

from snakeval.scoring.comparisons import ComparisonError, p_value
from snakeval.statistics.bootstrap import FloatArray
from snakeval.statistics.paired import Outcomes, corrected, mcnemar, paired_t
from snakeval.statistics.passk import pass_at_k


class GateError(Exception):
    """A checkpoint is worse than its parent; the message is the table."""


@dataclass(frozen=True, slots=True)
class Check:
    """One checkpoint against its parent on one benchmark; figures are fractions."""

    benchmark: str
    grader: str
    model: str
    parent: str
    value: float
    parent_value: float
    difference: float
    p: float
    p_holm: float
    failed: bool


def checks(
    pairs: Mapping[tuple[str, str, str, str], tuple[Outcomes, Outcomes]],
    *,
    k: int,
    margin: float,
    alpha: float,
) -> list[Check]:
    """A check for each (benchmark, grader, model, parent), whose outcomes are the model's and the parent's.

    Raises ComparisonError where there is nothing to check, or a model has fewer than k samples a problem.
    """
    if not pairs:
        raise ComparisonError("no model has a parent: name a pattern of checkpoints, or gate.parents")
    found = []
    for key, (model, parent) in pairs.items():
        ours, theirs = (_pass_at(side, k, key) for side in (model, parent))
        if model.problems != parent.problems:
            raise ComparisonError(f"{key[2]} and {key[3]} do not have the same problems of {key[0]}")
        single = margin == 0 and int(max(model.n.max(), parent.n.max())) == 1
        differences = ours - theirs
        p = mcnemar(differences, "less") if single else paired_t(differences, -margin, "less")
        found.append((key, float(ours.mean()), float(theirs.mean()), float(differences.mean()), p))
    holm = corrected([entry[4] for entry in found])
    return [
        Check(*key, value, parent, difference, p, q, difference < -margin and (q < alpha or alpha >= 1))
        for (key, value, parent, difference, p), q in zip(found, holm, strict=True)
    ]


def to_table(found: Sequence[Check], tablefmt: str = "simple") -> str:
    """The checks, the failed ones marked, figures in percentage points."""
    header = ["", "benchmark", "grader", "model", "parent", "model, %", "parent, %", "difference", "p (Holm)"]
    rows = [
        [
            "WORSE" if check.failed else "ok",
            *(check.benchmark, check.grader, check.model, check.parent),
            *(f"{100 * value:.2f}" for value in (check.value, check.parent_value)),
            f"{100 * check.difference:+.2f}",
            p_value(check.p_holm),
        ]
        for check in found
    ]
    align = ["left"] * 5 + ["right"] * 4
    return tabulate(rows, header, tablefmt=tablefmt, disable_numparse=True, colalign=align) + "\n"


def enforce(found: Sequence[Check], metric: str, margin: float, alpha: float) -> None:
    """Raise GateError with the table where a check has failed."""
    failed = sum(check.failed for check in found)
    if failed:
        raise GateError(
            f"{failed} of {len(found)} checks failed: {metric} is below the parent's by more than "
            f"{100 * margin:g} percentage points (alpha {alpha:g})\n\n{to_table(found)}"
        )


def _pass_at(side: Outcomes, k: int, key: tuple[str, str, str, str]) -> FloatArray:
    if int(side.n.min()) < k:
        raise ComparisonError(f"gate.metric is pass@{k}, but {key[0]} has {side.n.min()} samples a problem")
    return pass_at_k(side.n, side.c, k)[:, k - 1]
