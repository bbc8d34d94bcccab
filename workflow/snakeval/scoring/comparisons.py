"""Paired comparisons of models on the same problems.

For each pair of models, benchmark, grader and k: the difference of pass@k, its 95% interval from a bootstrap
over problems drawn for both models together, and a two-sided p-value. Where both have one sample a problem
the test is McNemar's exact one (a binomial test of the problems that one model alone solved; McNemar 1947),
else a paired t-test over problems (as in Miller 2024, arXiv 2411.00640: a problem is a cluster of its
samples). Over the whole table p-values are corrected after Holm (1979, Scandinavian Journal of Statistics 6,
65-70).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
from tabulate import tabulate

from snakeval.statistics.bootstrap import mean_interval
from snakeval.statistics.paired import MCNEMAR, PAIRED_T, Outcomes, corrected, mcnemar, paired_t
from snakeval.statistics.passk import PASS, pass_at_k
from snakeval.system.tables import read_table
from snakeval.types import Grade


class ComparisonError(ValueError):
    """Models cannot be compared; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`model` against `other` on one benchmark; figures are fractions, `difference` is `model` minus `other`.

    `better` and `worse` count the problems on which pass@k of `model` is higher and lower; `p_holm` is
    corrected over the whole table.
    """

    benchmark: str
    grader: str
    metric: str
    model: str
    other: str
    problems: int
    value: float
    other_value: float
    difference: float
    lower: float
    upper: float
    better: int
    worse: int
    test: str
    p: float
    p_holm: float


def read_outcomes(grades: Path) -> Outcomes:
    """What a file of grades says of each problem; an unknown reward counts as wrong, as in every score."""
    table = read_table(grades, Grade, ["problem_id", "reward"])
    names = np.array(table["problem_id"].to_pylist(), dtype=np.str_)
    rewards = np.nan_to_num(table["reward"].to_numpy().astype(np.float64))
    problems, index = np.unique(names, return_inverse=True)
    correct = np.bincount(index, rewards >= PASS, len(problems)).astype(np.int64)
    return Outcomes(tuple(problems.tolist()), np.bincount(index, minlength=len(problems)), correct)


def compare(
    model: Outcomes, other: Outcomes, ks: Sequence[int], *, rounds: int, seed: int, names: Mapping[str, str]
) -> list[Comparison]:
    """The two models' pass@k for each k that both have samples for; without `ks` for the powers of two.

    `names` are the comparison's benchmark, grader, model and other. Raises ComparisonError where the problems
    are not the same.
    """
    if model.problems != other.problems:
        lacking = len({*model.problems} ^ {*other.problems})
        raise ComparisonError(
            f"{names['model']} and {names['other']} do not have the same problems of {names['benchmark']}: "
            f"{lacking} are of one of them alone; have both made anew"
        )
    top = int(min(model.n.min(), other.n.min()))
    single = int(max(model.n.max(), other.n.max())) == 1
    chosen = [k for k in ks or (2**i for i in range(top.bit_length())) if k <= top]
    ours, theirs = (pass_at_k(side.n, side.c, top)[:, [k - 1 for k in chosen]] for side in (model, other))
    differences = ours - theirs
    intervals = mean_interval(differences, rounds, seed)
    return [
        Comparison(
            **names,
            metric=f"pass@{k}",
            problems=len(model.problems),
            value=float(ours[:, i].mean()),
            other_value=float(theirs[:, i].mean()),
            difference=float(differences[:, i].mean()),
            lower=float(intervals[0, i]),
            upper=float(intervals[1, i]),
            better=int((differences[:, i] > 0).sum()),
            worse=int((differences[:, i] < 0).sum()),
            test=MCNEMAR if single else PAIRED_T,
            p=(mcnemar if single else paired_t)(differences[:, i]),
            p_holm=float("nan"),
        )
        for i, k in enumerate(chosen)
    ]


def holm(table: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with `p_holm` filled in: Holm's step-down correction over all of them."""
    return [replace(row, p_holm=p) for row, p in zip(table, corrected([r.p for r in table]), strict=True)]


def to_csv(table: Sequence[Comparison]) -> str:
    """One row a comparison, one column a field, fractions with six decimals."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(Comparison))
    for row in table:
        writer.writerow(f"{v:.6g}" if isinstance(v, float) else v for v in asdict(row).values())
    return out.getvalue()


def to_json(table: Sequence[Comparison]) -> str:
    """The comparisons as a list of objects, figures in full precision."""
    return json.dumps([asdict(row) for row in table], indent=2, ensure_ascii=False) + "\n"


def p_value(p: float) -> str:
    """A p-value as a table shows it."""
    return "<0.0001" if p < 0.0001 else f"{p:.4f}"


def to_table(table: Sequence[Comparison], tablefmt: str = "github") -> str:
    """The comparisons as one of tabulate's tables, figures in percentage points."""
    header = ["benchmark", "grader", "metric", "model", "against", "problems", "model, %", "against, %"]
    header += ["difference", "95% CI", "better", "worse", "p", "p (Holm)", "test"]
    rows = [
        [
            *(row.benchmark, row.grader, row.metric, row.model, row.other, str(row.problems)),
            *(f"{100 * value:.2f}" for value in (row.value, row.other_value)),
            f"{100 * row.difference:+.2f}",
            f"{100 * row.lower:+.2f} to {100 * row.upper:+.2f}",
            *(str(row.better), str(row.worse), p_value(row.p), p_value(row.p_holm), row.test),
        ]
        for row in table
    ]
    align = ["left"] * 5 + ["right"] * 9 + ["left"]
    return tabulate(rows, header, tablefmt=tablefmt, disable_numparse=True, colalign=align) + "\n"
