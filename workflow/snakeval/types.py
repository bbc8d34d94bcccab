"""The rows that pass between the stages, each beside the schema of the parquet file that holds it.

One class is one row. Column order and types in the files are exactly those of the schemas here;
`snakeval.system.tables` refuses a file that differs and says in which column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict, get_args

import pyarrow as pa

# The role of a text that is to be continued, at the endpoint for plain completions, rather than answered.
COMPLETION = "completion"


class Message(TypedDict):
    """One chat message in the form every OpenAI-compatible endpoint takes, or one text to be continued."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a benchmark, ready to be sent.

    `reference` is the golden answer, None where the benchmark has none (an arena's questions).
    `metadata` holds the source row's remaining columns as one JSON object.
    """

    problem_id: str
    messages: tuple[Message, ...]
    reference: str | None
    metadata: str = "{}"


@dataclass(frozen=True, slots=True)
class Generation:
    """One sample: what was asked, what came back.

    `sample_index` counts from 0. `seconds` is the wall time of the request that succeeded.
    `text` is the answer as the server gave it; `reasoning` is the server's own separate reasoning
    field, None where it has none. `error` is None for a sample and the named cause for a sample
    that could not be had: such a row has no text and is asked for again by the next run.
    `digest` identifies the request (see `snakeval.dag.identity`).
    `model` and `system_fingerprint` are what the server said of itself, and `other_model` is another name
    than the one asked for, by which it said it or lists what it serves; None where it said nothing, or what
    it should. `replaced` counts the lone surrogates that stand in the texts as U+FFFD, None for none.
    """

    problem_id: str
    sample_index: int
    digest: str
    messages: tuple[Message, ...]
    seed: int
    text: str | None
    reasoning: str | None
    finish_reason: str | None
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float | None
    error: str | None = None
    model: str | None = None
    system_fingerprint: str | None = None
    other_model: str | None = None
    replaced: int | None = None


Verdict = Literal[
    "correct",
    "incorrect",
    "filtered",
    "empty",
    "unclosed",
    "unextracted",
    "timed_out",
    "judge_null",
    "infrastructure_failed",
]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of one sample.

    `reward` lies in [0, 1]; it is None for `judge_null` and `infrastructure_failed`, where nobody
    knows it, and 0 for `filtered` (a provider's filter withheld the answer, or part of it), `empty`,
    `unclosed`, `unextracted` and `timed_out`. `extracted` is the answer that was
    compared (a program, where programs are graded) and `how` it was found, `judge_text` what a judge wrote,
    `digest` that of the graded generation.
    `parts` are the rewards of what the answer is made of (the instructions of a prompt), None where it is
    one whole. `points` are a judge's, where it gives points: the reward is their share of the most there are.
    `detail` says why a program did not pass or nothing could be compared.
    """

    problem_id: str
    sample_index: int
    digest: str
    reward: float | None
    extracted: str | None
    verdict: Verdict
    judge_text: str | None = None
    parts: tuple[float, ...] | None = None
    how: str | None = None
    points: float | None = None
    detail: str | None = None


_MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))

PROBLEMS = pa.schema(
    [
        ("problem_id", pa.string()),
        ("messages", _MESSAGES),
        ("reference", pa.string()),
        ("metadata", pa.string()),
    ]
)
GENERATIONS = pa.schema(
    [
        ("problem_id", pa.string()),
        ("sample_index", pa.int32()),
        ("digest", pa.string()),
        ("messages", _MESSAGES),
        ("seed", pa.int64()),
        ("text", pa.string()),
        ("reasoning", pa.string()),
        ("finish_reason", pa.string()),
        ("prompt_tokens", pa.int32()),
        ("completion_tokens", pa.int32()),
        ("seconds", pa.float64()),
        ("error", pa.string()),
        ("model", pa.string()),
        ("system_fingerprint", pa.string()),
        ("other_model", pa.string()),
        ("replaced", pa.int32()),
    ]
)
# Columns that files of earlier versions lack; there they are null.
ADDED = frozenset({"model", "system_fingerprint", "other_model", "replaced"})
GRADES = pa.schema(
    [
        ("problem_id", pa.string()),
        ("sample_index", pa.int32()),
        ("digest", pa.string()),
        ("reward", pa.float64()),
        ("extracted", pa.string()),
        ("verdict", pa.string()),
        ("judge_text", pa.string()),
        ("parts", pa.list_(pa.float64())),
        ("how", pa.string()),
        ("points", pa.float64()),
        ("detail", pa.string()),
    ]
)

Json = dict[str, Any]
