"""How much of a score can be trusted: counts of what went wrong, bounds, and thresholds on them.

A sample whose reward nobody knows (`judge_null`, `infrastructure_failed`) counts as 0 in every score. That is
conservative and never silent: the counts stand beside the score, and a threshold fails the rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

CAUSES = (
    "truncated",
    "filtered",
    "empty",
    "unclosed",
    "unextracted",
    "timed_out",
    "judge_null",
    "infrastructure_failed",
)
# What else is said of samples, that makes none of them invalid by itself.
NOTED = ("other_model", "renamed", "replaced")


class ValidityError(Exception):
    """More of a score's samples are invalid than the configuration allows, by these causes."""

    def __init__(self, text: str, causes: Sequence[str]) -> None:
        super().__init__(text)
        self.causes = causes


def counts(
    verdicts: npt.ArrayLike, truncated: BoolArray, failed: BoolArray, requested: int
) -> dict[str, int]:
    """The validity block: samples requested, generated, and invalid by cause.

    `verdicts`, `truncated` (cut at a limit of length) and `failed` (the sample could not be had) are shaped
    (N,), one entry a sample. A sample may be counted under two causes: truncated and, so, unclosed. One whose
    prompt a filter refused could not be had, and counts as `filtered` alone.
    """
    names = np.asarray(verdicts)
    by_verdict = {cause: int((names == cause).sum()) for cause in CAUSES[1:-1]}
    lost = (failed & (names != "filtered")) | (names == "infrastructure_failed")
    return {
        "requested": requested,
        "generated": int((~failed).sum()),
        "truncated": int(truncated.sum()),
        **by_verdict,
        "infrastructure_failed": int(lost.sum()),
    }


def notes(models: Sequence[str | None], other_model: BoolArray, replaced: BoolArray) -> dict[str, int]:
    """What is noted of samples besides, in numbers of them.

    `other_model`: answered under another name than the one asked for; `renamed`: under another name than
    most of the same samples, as when a hosted alias moves within a run; `replaced`: with U+FFFD for what no
    file can hold.
    """
    named = Counter(name for name in models if name is not None)
    renamed = named.total() - max(named.values(), default=0)
    return {"other_model": int(other_model.sum()), "renamed": renamed, "replaced": int(replaced.sum())}


def bounds(rewards: FloatArray, truncated: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Rewards (N,) as they would be had all truncated samples been wrong, and had all been right."""
    return np.where(truncated, 0.0, rewards), np.where(truncated, 1.0, rewards)


def exceeded(validity: Mapping[str, int], thresholds: Mapping[str, float | None]) -> list[str]:
    """The causes whose share of the requested samples is above their threshold; None allows any share."""
    requested = validity["requested"]
    return [
        cause
        for cause, limit in thresholds.items()
        if limit is not None and validity.get(cause, 0) > limit * requested
    ]


def check(
    validity: Mapping[str, int],
    thresholds: Mapping[str, float | None],
    what: str = "",
    error: Callable[[], str | None] = lambda: None,
) -> None:
    """Raise ValidityError with the counts when more samples are invalid than `thresholds` allows.

    `thresholds` has the keys of the configuration's `thresholds` and fractions of the requested samples as
    values; `what` names the score in the message, which ends in the `error` that most samples had,
    looked up only then.
    """
    causes = exceeded(validity, thresholds)
    if not causes:
        return
    requested = validity["requested"]
    lines = [
        f"  {cause}: {validity[cause]} of {requested} ({validity[cause] / requested:.2%}), "
        f"thresholds.{cause} allows {thresholds[cause]:.2%}"
        for cause in causes
    ]
    listed = ", ".join(f"{key} {value}" for key, value in validity.items())
    raise ValidityError(
        f"{what or 'score'}: too many invalid samples\n" + "\n".join(lines) + f"\nall counts: {listed}\n"
        "Mend the cause, or raise that key under 'thresholds' in config.yaml or in the benchmark's file."
        + (f"\nThe commonest error: {said}" if (said := error()) else ""),
        causes,
    )
