"""pass@k, pass^k, G-Pass@k and maj@k: what k samples of a problem are worth.

pass@k is the unbiased estimator of Chen et al. 2021 (arXiv 2107.03374, equation 1): with c of n samples
correct, 1 - C(n-c, k) / C(n, k) is the chance that k samples drawn without replacement hold a correct one.
A sample is correct when its reward reaches PASS, so of a graded reward only full marks count here; its mean
is the other half of the picture. Problems may have differing n: k then goes up to the smallest n.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
Ties = Literal["first", "share"]

PASS = 1.0


class Cells(NamedTuple):
    """Problems grouped by what pass@k depends on: each has (n, c), `problems` of them; all shaped (U,)."""

    n: IntArray
    c: IntArray
    problems: IntArray


def outcome_counts(rewards: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    """Samples n and correct samples c, each shaped (P,), of a reward matrix shaped (P, n).

    NaN stands for a reward that nobody knows and counts as incorrect.
    """
    matrix = np.asarray(rewards, dtype=np.float64)
    if matrix.ndim != 2:
        raise ValueError(f"rewards need the shape (problems, samples), not {matrix.shape}")
    c = np.count_nonzero(matrix >= PASS, axis=1).astype(np.int64)
    return np.full(len(matrix), matrix.shape[1], dtype=np.int64), c


def cells(n: npt.ArrayLike, c: npt.ArrayLike) -> Cells:
    """Group problems by (n, c).

    There are at most max(n) + 1 cells where all n agree, however many the problems: that is what makes
    every k of a million samples cheap.
    """
    samples, correct = _checked(n, c)
    base = samples.max() + 1
    codes, problems = np.unique(samples * base + correct, return_counts=True)
    return Cells(codes // base, codes % base, problems.astype(np.int64))


def pass_at_k(n: npt.ArrayLike, c: npt.ArrayLike, max_k: int | None = None) -> FloatArray:
    """pass@k of each problem for k = 1..max_k, shaped (P, max_k); max_k defaults to the smallest n.

    C(n-c, k) / C(n, k) is the product of (n-c-j) / (n-j) over j < k. As a running product it gives all k
    in one pass, never leaves [0, 1], and loses one rounding a factor: about 1e-12 at n = 10,000.
    """
    samples, correct = _checked(n, c)
    drawn = np.arange(_top(samples, max_k))
    wrong_left = np.maximum((samples - correct)[:, None] - drawn, 0)
    none_correct = np.cumprod(wrong_left / (samples[:, None] - drawn), axis=1)
    return np.asarray(1.0 - none_correct, dtype=np.float64)


def pass_hat_k(n: npt.ArrayLike, c: npt.ArrayLike, max_k: int | None = None) -> FloatArray:
    """pass^k of each problem for k = 1..max_k, shaped (P, max_k): that all of k drawn samples are correct.

    C(c, k) / C(n, k) (Yao et al. 2024, arXiv 2406.12045, section 3), the product of (c-j) / (n-j) over j < k.
    """
    samples, correct = _checked(n, c)
    drawn = np.arange(_top(samples, max_k))
    correct_left = np.maximum(correct[:, None] - drawn, 0)
    return np.asarray(np.cumprod(correct_left / (samples[:, None] - drawn), axis=1), dtype=np.float64)


def _top(samples: IntArray, max_k: int | None) -> int:
    top = int(samples.min()) if max_k is None else max_k
    if not 1 <= top <= samples.min():
        raise ValueError(f"k goes from 1 to the smallest number of samples, {samples.min()}, not to {top}")
    return top


def mean_pass_at_k(n: npt.ArrayLike, c: npt.ArrayLike) -> FloatArray:
    """pass@k averaged over problems, for k = 1..min(n), shaped (min(n),)."""
    grouped = cells(n, c)
    return np.asarray(grouped.problems @ pass_at_k(grouped.n, grouped.c) / grouped.problems.sum())


def maj_at_k(
    answers: Sequence[Sequence[Hashable | None]],
    rewards: Sequence[Sequence[float]],
    k: int,
    ties: Ties = "first",
) -> FloatArray:
    """Reward of the answer most of a problem's first k samples gave, shaped (P,).

    Answers that are equal are one answer; samples without one (None) do not vote, and a problem without a
    vote scores 0. An answer is worth the mean reward of its samples. Ties go to the answer seen
    first ("first", as in the Qwen and lighteval figures) or share the credit ("share", NeMo-Skills' way: the
    expected score when the winner is drawn).
    """
    return np.array([_vote(a[:k], r[:k], ties) for a, r in zip(answers, rewards, strict=True)])


def _vote(answers: Sequence[Hashable | None], rewards: Sequence[float], ties: Ties) -> float:
    votes = Counter(answer for answer in answers if answer is not None)
    if not votes:
        return 0.0
    most = max(votes.values())
    winners = [answer for answer, count in votes.items() if count == most]
    chosen = winners[:1] if ties == "first" else winners
    worth = [
        sum(reward for answer, reward in zip(answers, rewards, strict=True) if answer == winner) / most
        for winner in chosen
    ]
    return sum(worth) / len(worth)


def _checked(n: npt.ArrayLike, c: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    samples, correct = np.asarray(n, dtype=np.int64), np.asarray(c, dtype=np.int64)
    if samples.ndim != 1 or samples.shape != correct.shape or samples.size == 0:
        raise ValueError(f"n and c need one shape (problems,), not {samples.shape} and {correct.shape}")
    if (samples < 1).any() or (correct < 0).any() or (correct > samples).any():
        raise ValueError("each problem needs n >= 1 samples and 0 <= c <= n correct ones")
    return samples, correct


def g_pass_at_k(n: npt.ArrayLike, c: npt.ArrayLike, k: int, threshold: float) -> FloatArray:
    """G-Pass@k of each problem, shaped (P,): the chance that of k drawn samples a share is correct.

    The share is at least `threshold` of k, and at least one sample (Liu et al. 2024, arXiv 2412.13147,
    equation 3: a hypergeometric tail). Threshold 0 gives pass@k, 1 that all k are correct.
    """
    from scipy.stats import hypergeom

    samples, correct = _checked(n, c)
    if not 1 <= k <= samples.min():
        raise ValueError(f"k goes from 1 to the smallest number of samples, {samples.min()}, not to {k}")
    least = max(1, int(np.ceil(threshold * k - 1e-9)))
    return np.asarray(hypergeom.sf(least - 1, samples, correct, k), dtype=np.float64)


def mg_pass_at_k(n: npt.ArrayLike, c: npt.ArrayLike, k: int) -> FloatArray:
    """mG-Pass@k of each problem, shaped (P,): twice the area under G-Pass@k for thresholds from 1/2 to 1.

    The sum of equation 5 of the same paper: 2/k times G-Pass@k at i/k for i from ceil(k/2) + 1 to k.
    """
    shares = [i / k for i in range(int(np.ceil(k / 2)) + 1, k + 1)]
    values = [g_pass_at_k(n, c, k, share) for share in shares]
    return np.asarray(2.0 / k * np.sum(values, axis=0) * np.ones(len(np.atleast_1d(n))))
