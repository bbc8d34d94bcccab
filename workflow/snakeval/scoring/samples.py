"""Problems, generations and grades of one model on one benchmark, joined and checked to belong together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from snakeval.answers.finish import ending, withheld
from snakeval.system.tables import parquet_writer, read_rows, read_table
from snakeval.types import COMPLETION, Generation, Grade, Problem

KEY = ["problem_id", "sample_index"]
PROBLEMS_PER_GROUP = 100
EXPORT = pa.schema(
    [
        ("data_source", pa.string()),
        ("problem_id", pa.string()),
        ("problem", pa.string()),
        ("ground_truth", pa.string()),
        ("responses", pa.list_(pa.string())),
        ("rewards", pa.list_(pa.float64())),
    ]
)
FloatArray = npt.NDArray[np.float64]


class SamplesError(ValueError):
    """The files of problems, generations and grades do not belong together; the message names them."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One entry a sample (N,), sorted by problem, then sample index.

    `problem` indexes `problem_ids` (P,), which are sorted. `rewards` holds NaN where nobody knows the reward,
    `failed` where there is no sample, `truncated` where it was cut; `seconds` and `completion_tokens` hold
    NaN where unknown. `models` are the names that the samples' servers go by, `other_model` says where that
    is not the name asked for, `replaced` where a text had characters that no file can hold.
    """

    problem_ids: list[str]
    problem: npt.NDArray[np.int64]
    rewards: FloatArray
    verdicts: npt.NDArray[np.str_]
    answers: list[str | None]
    truncated: npt.NDArray[np.bool_]
    failed: npt.NDArray[np.bool_]
    completion_tokens: FloatArray
    seconds: FloatArray
    models: list[str | None]
    other_model: npt.NDArray[np.bool_]
    replaced: npt.NDArray[np.bool_]


def read_samples(problems: Path, generations: Path, grades: Path, n_samples: int | None = None) -> Samples:
    """Read and join the three files; texts are left out, so a million samples fit in memory.

    Raises SamplesError where a problem has no samples (or not `n_samples` of them), where a sample is there
    twice, or where a grade is missing or was given to another generation than the one in the file.
    """
    known = sorted(read_table(problems, Problem, ["problem_id"])["problem_id"].to_pylist())
    columns = [*KEY, "digest", "finish_reason", "completion_tokens", "seconds", "error"]
    columns += ["model", "other_model", "replaced"]
    asked = _sorted(read_table(generations, Generation, columns))
    graded = _sorted(read_table(grades, Grade, [*KEY, "digest", "reward", "extracted", "verdict"]))
    _check_digests(asked, graded, generations, grades)
    problem = pc.index_in(asked["problem_id"], pa.array(known, pa.string()))
    _check_problems(problem, known, n_samples, problems, generations)
    return Samples(
        problem_ids=known,
        problem=problem.to_numpy().astype(np.int64),
        rewards=_floats(graded["reward"]),
        verdicts=np.array(graded["verdict"].to_pylist(), dtype=np.str_),
        answers=graded["extracted"].to_pylist(),
        truncated=_truncated(asked["finish_reason"]),
        failed=pc.is_valid(asked["error"]).to_numpy(),
        completion_tokens=_floats(asked["completion_tokens"]),
        seconds=_floats(asked["seconds"]),
        models=pc.coalesce(asked["other_model"], asked["model"]).to_pylist(),
        other_model=pc.is_valid(asked["other_model"]).to_numpy(),
        replaced=pc.is_valid(asked["replaced"]).to_numpy(),
    )


def commonest_error(generations: Path, grades: Path) -> str | None:
    """What most samples that could not be had, or else not be graded, say of the cause."""
    table = read_table(generations, Generation, ["error", "finish_reason"])
    errors = table["error"].drop_null()
    if len(errors) == 0:
        named = [f"finish_reason '{each}'" for each in _given_up(table["finish_reason"])]
        errors = pa.array(named, pa.string())
    if len(errors) == 0:
        graded = read_table(grades, Grade, ["verdict", "detail"])
        errors = graded.filter(pc.equal(graded["verdict"], "infrastructure_failed"))["detail"].drop_null()
    counted = Counter(errors.to_pylist()).most_common(1)
    return f"{counted[0][0]} ({counted[0][1]} of {len(errors)})" if counted else None


def lost(generations: Path) -> bool:
    """Whether there are samples that could not be had, or were given up, other than by a filter."""
    table = read_table(generations, Generation, ["error", "finish_reason"])
    errors = table["error"].drop_null().to_pylist()
    return bool(_given_up(table["finish_reason"])) or any(not withheld(None, error) for error in errors)


def asked(problem: Problem) -> str | None:
    """What a problem asks: its last user message, or the text that is to be continued."""
    prompts = [turn["content"] for turn in problem.messages if turn["role"] in ("user", COMPLETION)]
    return prompts[-1] if prompts else None


def write_export(
    problems: Path, generations: Path, grades: Path, out: Path, data_source: str, *, publish: bool = True
) -> None:
    """Write the per-problem table that other tools read: one row a problem, in the order of the generations.

    `problem` is the last user message, null where it may not be published; `responses` and `rewards`
    are lists by sample index. As in the metrics, an unknown reward is 0, and a sample that could not be had
    is an empty response: the mean of `rewards` is the mean reward. Texts of at most
    PROBLEMS_PER_GROUP problems are in memory at a time where the generations are ordered by problem.
    """
    samples = read_samples(problems, generations, grades)
    starts = np.searchsorted(samples.problem, np.arange(len(samples.problem_ids) + 1))
    span = {name: slice(starts[i], starts[i + 1]) for i, name in enumerate(samples.problem_ids)}
    rewards = np.nan_to_num(samples.rewards)
    known = {row.problem_id: row for row in read_rows(problems, Problem)}
    with parquet_writer(out, EXPORT) as writer:
        rows: list[dict[str, object]] = []
        for name, responses in _responses(generations, {key: s.stop - s.start for key, s in span.items()}):
            rows.append(
                {
                    "data_source": data_source,
                    "problem_id": name,
                    "problem": asked(known[name]) if publish else None,
                    "ground_truth": known[name].reference,
                    "responses": responses,
                    "rewards": rewards[span[name]],
                }
            )
            if len(rows) == PROBLEMS_PER_GROUP:
                writer.write_table(pa.Table.from_pylist(rows, schema=EXPORT))
                rows.clear()
        if rows:
            writer.write_table(pa.Table.from_pylist(rows, schema=EXPORT))


def _responses(generations: Path, samples_of: dict[str, int]) -> Iterator[tuple[str, list[str]]]:
    """Yield each problem with its responses by sample index, as soon as all of them have been read."""
    waiting: dict[str, dict[int, str]] = {}
    with pq.ParquetFile(generations) as file:
        for batch in file.iter_batches(1_000, columns=[*KEY, "text"]):
            for name, index, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                texts = waiting.setdefault(name, {})
                texts[index] = text or ""
                if len(texts) == samples_of[name]:
                    yield name, [texts[key] for key in sorted(waiting.pop(name))]


def _sorted(table: pa.Table) -> pa.Table:
    return table.sort_by([(name, "ascending") for name in KEY])


def _given_up(reasons: pa.ChunkedArray) -> list[str]:
    return [reason for reason in reasons.to_pylist() if ending(reason) == "failed"]


def _truncated(reasons: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    cut = [reason for reason in reasons.unique().to_pylist() if ending(reason) == "truncated"]
    found: npt.NDArray[np.bool_] = pc.is_in(reasons, pa.array(cut, pa.string())).to_numpy()
    return found


def _floats(column: pa.ChunkedArray) -> FloatArray:
    values: FloatArray = column.cast(pa.float64()).to_numpy()
    return values


def _check_digests(asked: pa.Table, graded: pa.Table, generations: Path, grades: Path) -> None:
    for table, path in ((asked, generations), (graded, grades)):
        distinct = table.group_by(KEY).aggregate([]).num_rows
        if distinct < table.num_rows:
            raise SamplesError(
                f"{path}: {table.num_rows - distinct} rows repeat a (problem_id, sample_index)"
            )
    columns = [*KEY, "digest"]
    if asked.select(columns).equals(graded.select(columns)):
        return
    wanted, given = _digests(asked), _digests(graded)
    causes = {
        "samples have no grade": wanted.keys() - given.keys(),
        "grades have no sample": given.keys() - wanted.keys(),
        "grades were given to another generation": {
            key for key in wanted.keys() & given.keys() if wanted[key] != given[key]
        },
    }
    found = [
        f"{len(keys)} {cause}, the first: problem '{min(keys)[0]}', sample {min(keys)[1]}"
        for cause, keys in causes.items()
        if keys
    ]
    raise SamplesError(
        f"{grades} does not grade {generations}: {'; '.join(found)}. Delete {grades} to have it made anew."
    )


def _digests(table: pa.Table) -> dict[tuple[str, int], str]:
    names, indices, digests = (table[name].to_pylist() for name in (*KEY, "digest"))
    return dict(zip(zip(names, indices, strict=True), digests, strict=True))


def _check_problems(
    problem: pa.ChunkedArray, known: list[str], n_samples: int | None, problems: Path, generations: Path
) -> None:
    if not known:
        raise SamplesError(f"{problems}: there is no problem in it")
    if problem.null_count:
        raise SamplesError(f"{generations}: {problem.null_count} samples are of problems not in {problems}")
    found = np.bincount(problem.to_numpy(), minlength=len(known))
    wrong = np.flatnonzero(found != n_samples if n_samples else found == 0)
    if wrong.size:
        first = wrong[0]
        raise SamplesError(
            f"{generations}: {wrong.size} of the {len(known)} problems in {problems} have not "
            f"{n_samples or 'any'} samples; '{known[first]}' has {found[first]}"
        )
