"""Exchange answers and judgments with lmarena/arena-hard-auto, both ways.

The command is `python -m snakeval.exchange`. Published answers come into a workflow as those of a model with
`engine: recorded`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from snakeval.formats.arena_hard import (
    Layout,
    OfficialAnswer,
    OfficialError,
    answer_line,
    lines,
    read_answers,
    to_jsonl,
)
from snakeval.grading.gradable import answer_of
from snakeval.judging.verdicts import normalized
from snakeval.models.serving_config import ServingConfig, read_serving_config, with_inferred
from snakeval.problems.asked import problem_text
from snakeval.schema import Reasoning
from snakeval.system.files import write_text
from snakeval.system.tables import read_rows
from snakeval.types import Generation, Json, Problem


def answers(
    generations: Path, problems: Path, model: str, serving: ServingConfig | None = None
) -> Iterator[OfficialAnswer]:
    """A model's first sample to each problem, without its reasoning; none that could not be had.

    How the model marks its reasoning is what its serving config says was inferred.
    """
    reasoning = with_inferred(Reasoning(), serving)
    asked = {problem.problem_id: problem_text(problem) for problem in read_rows(problems, Problem)}
    for row in read_rows(generations, Generation):
        verdict, text = answer_of(row, reasoning)
        if row.sample_index == 0 and verdict not in ("infrastructure_failed", "filtered"):
            said = asked[row.problem_id]
            yield OfficialAnswer(row.problem_id, model, text or "", row.completion_tokens, said)


def official_judgment(row: Json, layout: Layout) -> Json:
    """One line of our judgments as arena-hard-auto has it.

    A label that was imported in another spelling is written as it was. In v2.0 a game that could not be
    played is null; v0.1 knows no such game, and has null for its text and score.
    """
    games = [_official_game(game, layout) for game in row["games"]]
    if layout == "v0.1":
        named = {"question_id": row["question_id"], "model": row["model"], "judge": row["judge"]}
        return {**named, "games": games}
    return {
        "uid": row["question_id"],
        "category": row["category"],
        "judge": row["judge"],
        "model": row["model"],
        "baseline": row["baseline"],
        "games": games,
    }


def _official_game(game: Json, layout: Layout) -> Json | None:
    score, chat = game.get("stored_score", game["score"]), game.get("prompt")
    if layout == "v0.1":
        asked = chat[-1]["content"] if chat else None
        return {"user_prompt": asked, "judgment": game["judgment"], "score": score}
    if game["judgment"] is None:
        return None
    return {"score": score, "judgment": {"answer": game["judgment"]}, "prompt": chat}


def our_judgment(row: Json, baseline: str) -> Json:
    """One line of arena-hard-auto's judgments, in either layout, as ours; it does not say answers' lengths.

    The stored label stands, in our spelling; one that is none for us becomes null. `stored_score` keeps a
    label that is spelt otherwise.
    """
    question: str = row["question_id"] if "question_id" in row else row["uid"]
    games = zip(row["games"], (False, True), strict=True)
    against = row.get("baseline", baseline)
    return {
        "question_id": question,
        "uid": question,
        "category": row.get("category"),
        "subcategory": None,
        "model": row["model"],
        "baseline": against,
        "judge": row["judge"],
        "games": [_our_game(game, swapped) for game, swapped in games],
        "tokens": 0,
        "baseline_tokens": 0,
        "prompts": {"wording": "imported", "sha256": None},
    }


def _our_game(game: Json | None, swapped: bool) -> Json:
    if game is None:
        lost = {"score": None, "judgment": None, "swapped": swapped, "prompt": None}
        return {**lost, "error": "the published file has no such game"}
    judgment = game["judgment"]
    if "user_prompt" in game:
        chat = [{"role": "user", "content": game["user_prompt"]}] if game["user_prompt"] is not None else None
    else:
        chat, judgment = game.get("prompt"), judgment["answer"]
    label = normalized(game["score"])
    values = {"score": label, "judgment": judgment, "swapped": swapped, "error": None, "prompt": chat}
    return values if label == game["score"] else {**values, "stored_score": game["score"]}


def import_judgments(path: Path, baseline: str) -> Iterator[Json]:
    """Our lines of one published file of judgments. Raises OfficialError."""
    for where, row in lines(path):
        try:
            yield our_judgment(row, baseline)
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise OfficialError(f"{where}: no judgment in the published format: {error!r}") from error


def export_all(results: Path, arena: str, benchmark: str, to: Path, layout: Layout) -> list[Path]:
    """Write all answers of a benchmark and all judgments of an arena below `to`; return the files."""
    written = []
    for generations in sorted((results / "generations" / benchmark).glob("*.parquet")):
        problems = results / "problems" / f"{benchmark}.parquet"
        config = results / "configs" / f"{generations.stem}.yaml"
        serving = read_serving_config(config) if config.is_file() else None
        found = answers(generations, problems, generations.stem, serving)
        made = generations.stat().st_mtime
        target = to / "model_answer" / f"{generations.stem}.jsonl"
        write_text(target, to_jsonl(answer_line(answer, layout, made) for answer in found))
        written.append(target)
    for judgments in sorted((results / "arena" / arena).glob("*/judgments/*.jsonl")):
        judge = judgments.parent.parent.name
        target = to / "model_judgment" / judge / judgments.name
        write_text(target, to_jsonl(official_judgment(row, layout) for _, row in lines(judgments)))
        written.append(target)
    return written


def import_one(path: Path, to: Path, baseline: str, answered: Path | None) -> None:
    """Write our file of judgments for one published one; lengths come from the folder `answered`, if any."""
    rows = list(import_judgments(path, baseline))
    names = {row[key] for row in rows for key in ("model", "baseline")}
    files = [answered / f"{name}.jsonl" for name in sorted(names)] if answered else []
    found = [answer for file in files if file.is_file() for answer in read_answers(file)]
    tokens = {(answer.question_id, answer.model): answer.tokens for answer in found}
    for row in rows:
        row["tokens"] = tokens.get((row["question_id"], row["model"])) or 0
        row["baseline_tokens"] = tokens.get((row["question_id"], row["baseline"])) or 0
    write_text(to, to_jsonl(rows))


def import_all(folder: Path, to: Path, baseline: str, answered: Path | None) -> list[Path]:
    """Write our files of judgments for all of a judge's published ones; return them."""
    written = []
    for path in sorted(folder.glob("*.jsonl")):
        import_one(path, to / path.name, baseline, answered)
        written.append(to / path.name)
    if not written:
        raise OfficialError(f"{folder}: no *.jsonl in it")
    return written
