"""Problem, answer and verdicts of each sample in one table, for pandas, DuckDB and the like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa

from snakeval.report.joined import Joined, joined
from snakeval.schema import Reasoning
from snakeval.scoring.samples import asked
from snakeval.system.tables import parquet_writer, read_rows
from snakeval.types import GENERATIONS, GRADES, PROBLEMS, Json, Problem

ROWS_PER_GROUP = 2_000
SAMPLE = ("seed", "finish_reason", "prompt_tokens", "completion_tokens", "seconds", "error")
GRADE = ("verdict", "reward", "extracted", "how", "detail", "judge_text", "points", "parts")


def schema(graders: Sequence[str]) -> pa.Schema:
    """The columns: those of every table, then each grader's, as `verdict_math` of the grader `math`."""
    own = [
        ("benchmark", pa.string()),
        ("model", pa.string()),
        ("problem_id", pa.string()),
        ("sample_index", pa.int32()),
        ("problem", pa.string()),
        ("messages", PROBLEMS.field("messages").type),
        ("reference", pa.string()),
        ("metadata", pa.string()),
        ("reasoning", pa.string()),
        ("answer", pa.string()),
        ("text", pa.string()),
    ]
    own += [(name, GENERATIONS.field(name).type) for name in SAMPLE]
    return pa.schema(own + [(f"{key}_{name}", GRADES.field(key).type) for name in graders for key in GRADE])


def write_samples(
    problems: Path,
    generations: Path,
    grades: Mapping[str, Path],
    reasoning: Reasoning,
    out: Path,
    names: tuple[str, str],
) -> None:
    """Write one row a sample, in the order of the generations; `names` are the benchmark's and the model's.

    `text` is what the server gave, `answer` what of it was graded (null where there is none), `reasoning`
    the server's own field or else what stands before the answer. `messages` are those that were asked.
    """
    known = {row.problem_id: row for row in read_rows(problems, Problem)}
    columns = schema(list(grades))
    rows = iter(_rows(joined(known, generations, grades, reasoning), names))
    with parquet_writer(out, columns) as writer:
        while chunk := list(islice(rows, ROWS_PER_GROUP)):
            writer.write_table(pa.Table.from_pylist(chunk, schema=columns))


def _rows(samples: Iterable[Joined], names: tuple[str, str]) -> Iterable[Json]:
    for each in samples:
        sample, parts = each.generation, each.parts
        row: Json = {
            "benchmark": names[0],
            "model": names[1],
            "problem_id": sample.problem_id,
            "sample_index": sample.sample_index,
            "problem": asked(each.problem),
            "messages": list(sample.messages),
            "reference": each.problem.reference,
            "metadata": each.problem.metadata,
            "reasoning": sample.reasoning
            if sample.reasoning is not None
            else (parts and parts.before) or None,
            "answer": parts and parts.answer,
            "text": sample.text,
            **{name: getattr(sample, name) for name in SAMPLE},
        }
        for grader, grade in each.grades.items():
            row |= {f"{key}_{grader}": getattr(grade, key) for key in GRADE}
        yield row
