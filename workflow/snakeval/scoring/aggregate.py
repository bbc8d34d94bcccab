"""Grades of one model on one benchmark -> its metrics; metrics of several benchmarks -> their aggregate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from snakeval.scoring import steadiness, validity
from snakeval.scoring.groups import by_column
from snakeval.scoring.parts import part_figures
from snakeval.scoring.points import found_by, point_figures
from snakeval.scoring.samples import Samples, read_samples
from snakeval.scoring.votes import votes
from snakeval.statistics import passk
from snakeval.statistics.bootstrap import mean_interval
from snakeval.system.tables import read_notes
from snakeval.types import Json

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
FOREIGN = "foreign_reasoning"  # what graders note of a file: answers with marks not known to be the model's
SANDBOX = "sandbox"  # what the code grader notes of its file: how programs were kept apart


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over problems, 95% intervals (2, ...): reward, maj@k (None without answers), pass@k (K,).

    `steady` are the columns of `snakeval.scoring.steadiness`.
    """

    reward: float
    reward_ci: FloatArray
    maj: float | None
    maj_ci: FloatArray
    passes: FloatArray
    passes_ci: FloatArray
    steady: FloatArray
    steady_ci: FloatArray


def aggregate(
    problems: Path,
    generations: Path,
    grades: Path,
    *,
    data_source: str,
    model: str,
    grader: str,
    n_samples: int | None = None,
    rounds: int = 1000,
    seed: int = 0,
    by: Sequence[str] = (),
) -> Json:
    """Metrics of one model on one benchmark under one grader, as a JSON object.

    Figures are fractions in [0, 1] and averages over problems: `mean_reward`, `pass_at_k` for every k up to
    the smallest number of samples a problem has (`n_samples`), `maj_at_k` for that k alone (over its first
    k samples, by value as `snakeval.scoring.votes` says, ties to the answer seen first; empty where the
    grader extracts no answers), `pass_hat_k`, `g_pass_at_k` and `mg_pass_at_k` (see
    `snakeval.scoring.steadiness`), each with its 95% interval under `ci95`. Unknown rewards count as 0.
    `bounds` holds [if all truncated samples had been wrong, if right]. `num_samples` counts all samples,
    `mean_seconds` and `mean_completion_tokens` are per sample that was had. `by` holds the same
    figures for the values of each column named there (see `snakeval.scoring.groups`). `parts` is there where
    answers are graded in parts (see `snakeval.scoring.parts`), `points` where they got points, `found_by`
    where graders say how answers were found and `answered_by`, samples by their servers' names, where
    it said one. `validity` also counts `foreign_reasoning`, answers whose reasoning had marks that are not
    known to be the model's. Raises SamplesError where the three files do not belong together.
    """
    samples = read_samples(problems, generations, grades, n_samples)
    notes = read_notes(grades)
    foreign = int(notes.pop(FOREIGN, 0))
    if SANDBOX in notes:  # programs: two that differ are no two answers to vote on
        samples = replace(samples, answers=[None] * len(samples.answers))

    def scores(part: Samples) -> Json:
        return _scores(_figures(part, rounds, seed))

    had = ~samples.failed
    total = len(samples.rewards)
    return {
        "data_source": data_source,
        "model": model,
        "grader": grader,
        **notes,
        "num_problems": len(samples.problem_ids),
        "num_samples": total,
        **scores(samples),
        **({"by": by_column(problems, samples, by, scores)} if by else {}),
        **({"parts": parts} if (parts := part_figures(grades, rounds, seed)) else {}),
        **({"points": points} if (points := point_figures(problems, grades)) else {}),
        **({"found_by": found} if (found := found_by(grades)) else {}),
        "bounds": _bounds(samples),
        "validity": {
            **validity.counts(samples.verdicts, samples.truncated, samples.failed, requested=total),
            FOREIGN: foreign,
            **validity.notes(samples.models, samples.other_model, samples.replaced),
        },
        **({"answered_by": dict(named.most_common())} if (named := _names(samples)) else {}),
        "mean_completion_tokens": _mean(samples.completion_tokens[had]),
        "mean_seconds": _mean(samples.seconds[had]),
        "bootstrap": {"rounds": rounds, "seed": seed},
    }


def _names(samples: Samples) -> Counter[str]:
    return Counter(name for name in samples.models if name is not None)


def combine(metrics: Mapping[str, Json]) -> Json:
    """Metrics by data set -> `{data set: ..., "_aggregate": ...}`, each figure weighted by problems.

    pass@k of the aggregate is there for the k that all data sets have: the pooled mean over all problems.
    Its interval combines those of the data sets, which are independent, by the squares of their arms (MOVER:
    Zou and Donner 2008, Statistics in Medicine 27, 1693-1702); its validity is the sum of their counts.
    """
    if not metrics:
        raise ValueError("nothing to combine: no metrics given")
    parts = list(metrics.values())
    sizes = np.array([part["num_problems"] for part in parts], dtype=np.float64)
    weights = sizes / sizes.sum()
    ks = [k for k in parts[0]["pass_at_k"] if all(k in part["pass_at_k"] for part in parts)]
    rewards = [(part["mean_reward"], part["ci95"]["mean_reward"]) for part in parts]
    passes = {k: [(part["pass_at_k"][k], part["ci95"]["pass_at_k"][k]) for part in parts] for k in ks}
    pooled = {k: _pool(entries, weights) for k, entries in passes.items()}
    reward, reward_ci = _pool(rewards, weights)
    total = {
        "num_problems": int(sizes.sum()),
        "num_samples": sum(part["num_samples"] for part in parts),
        "mean_reward": reward,
        "pass_at_k": {k: value for k, (value, _) in pooled.items()},
        "ci95": {"mean_reward": reward_ci, "pass_at_k": {k: interval for k, (_, interval) in pooled.items()}},
        "validity": {
            key: sum(part["validity"].get(key, 0) for part in parts) for key in parts[0]["validity"]
        },
    }
    shown = {name: {key: part[key] for key in total} for name, part in metrics.items()}
    for name, part in metrics.items():
        shown[name] |= {SANDBOX: part[SANDBOX]} if SANDBOX in part else {}
    if kinds := sorted(
        {part[SANDBOX] for part in parts if SANDBOX in part}, key=lambda kind: kind[:4] != "none"
    ):
        total[SANDBOX] = ", ".join(kinds)
    return {**shown, "_aggregate": total}


def _pool(entries: list[tuple[float, list[float]]], weights: FloatArray) -> tuple[float, list[float]]:
    values = np.array([value for value, _ in entries])
    lower, upper = np.array([interval for _, interval in entries]).T
    mean = float(weights @ values)
    arms = [np.sqrt(((weights * (values - bound)) ** 2).sum()) for bound in (lower, upper)]
    return mean, [max(0.0, mean - float(arms[0])), min(1.0, mean + float(arms[1]))]


def _scores(figures: Figures) -> Json:
    n = str(len(figures.passes))
    return {
        "n_samples": len(figures.passes),
        "mean_reward": figures.reward,
        "pass_at_k": _by_k(figures.passes.tolist()),
        "maj_at_k": {} if figures.maj is None else {n: figures.maj},
        **steadiness.by_name(figures.steady, len(figures.passes)),
        "ci95": {
            "mean_reward": figures.reward_ci.tolist(),
            "pass_at_k": _by_k(figures.passes_ci.T.tolist()),
            "maj_at_k": {} if figures.maj is None else {n: figures.maj_ci.tolist()},
            **steadiness.by_name(figures.steady_ci.T, len(figures.passes)),
        },
    }


def _figures(samples: Samples, rounds: int, seed: int) -> Figures:
    """All figures from one bootstrap over problems sorted by outcome.

    Problems with one outcome are one row of the table, and pass@1 and the mean of 0/1 rewards, the same
    figure, get the same interval, whatever the order of the problems in the file.
    """
    rewards = np.nan_to_num(samples.rewards)
    n, c = _outcomes(samples, rewards)
    means = np.bincount(samples.problem, weights=rewards) / n
    votes = _votes(samples, rewards, int(n.min()))
    columns = [n, c, means, np.zeros_like(means) if votes is None else votes]
    kinds, problems = np.unique(np.column_stack(columns), axis=0, return_counts=True)
    top = int(n.min())
    passes, steady = (of(kinds[:, 0], kinds[:, 1], top) for of in (passk.pass_at_k, steadiness.columns))
    table = np.hstack([kinds[:, 2:], passes, steady])
    figures = problems @ table / problems.sum()
    intervals = mean_interval(table, rounds, seed, problems)
    return Figures(
        reward=float(figures[0]),
        reward_ci=intervals[:, 0],
        maj=None if votes is None else float(figures[1]),
        maj_ci=intervals[:, 1],
        passes=figures[2 : 2 + top],
        passes_ci=intervals[:, 2 : 2 + top],
        steady=figures[2 + top :],
        steady_ci=intervals[:, 2 + top :],
    )


def _outcomes(samples: Samples, rewards: FloatArray) -> tuple[IntArray, IntArray]:
    n = np.bincount(samples.problem)
    c = np.bincount(samples.problem, weights=rewards >= passk.PASS)
    return n, c.astype(np.int64)


def _votes(samples: Samples, rewards: FloatArray, k: int) -> FloatArray | None:
    if all(answer is None for answer in samples.answers):
        return None
    starts = np.flatnonzero(np.diff(samples.problem, prepend=-1, append=len(samples.problem_ids)))
    spans = list(pairwise(starts.tolist()))
    worth = [rewards[a : a + k].tolist() for a, _ in spans]
    given = [votes(samples.answers[a : a + k], each) for (a, _), each in zip(spans, worth, strict=True)]
    return passk.maj_at_k(given, worth, k)


def _bounds(samples: Samples) -> Json:
    ends = validity.bounds(np.nan_to_num(samples.rewards), samples.truncated)
    n = np.bincount(samples.problem)
    rewards = [float((np.bincount(samples.problem, weights=end) / n).mean()) for end in ends]
    passes = [passk.mean_pass_at_k(*_outcomes(samples, end)) for end in ends]
    return {"mean_reward": rewards, "pass_at_k": _by_k(np.stack(passes, axis=1).tolist())}


def _by_k(values: list[object]) -> Json:
    return {str(k): value for k, value in enumerate(values, start=1)}


def _mean(values: FloatArray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None
