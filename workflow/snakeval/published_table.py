"""A table as arena-hard-auto publishes it, from its own files: battles or judgments, and answers for tokens.

    python -m snakeval.published_table --baseline gpt-4-0314 --battles data/arena_hard_battles.jsonl \\
        --answers data/arena-hard-v0.1/model_answer
    python -m snakeval.published_table --baseline gpt-4-0314 --convention snakeval \\
        --judgments data/arena-hard-v0.1/model_judgment/gpt-4-1106-preview

It prints the lines of show_result.py; `--csv` writes its leaderboard file. Battles hold a strong verdict
several times already. Judgments are read in the order of their files' names and become battles with
`--weight`. The published program takes them in the order of the file system, on which its hundred rounds
depend: from judgments the scores are the published ones and the intervals differ by what rounds differ by,
from battles both are the published ones.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import get_args

from snakeval.arena.conventions import CONVENTIONS, Convention
from snakeval.formats.arena_hard import OfficialError, lines, read_answers
from snakeval.judging.verdicts import normalized
from snakeval.statistics.battles import BASELINE, Game
from snakeval.statistics.labels import LABELS, Label, mirrored
from snakeval.statistics.scores import Options
from snakeval.statistics.style import CONTROLS, Control, Styles, style_of
from snakeval.system.files import write_text
from snakeval.types import Json

WINNERS: dict[str, Label] = {"model_a": "A>B", "tie": "A=B", "tie (bothbad)": "A=B", "model_b": "B>A"}
JUDGED = " (judged)"


@dataclass(frozen=True, slots=True)
class Row:
    """One row under the names of the published csv: figures in percent, None where there are none."""

    model: str
    score: float | None
    rating_q025: float | None
    rating_q975: float | None
    CI: str
    avg_tokens: float | None


def read_battles(path: Path, baseline: str) -> Iterator[Game]:
    """Battles as games that count once; others than the baseline meet each other. Raises OfficialError."""
    for where, row in lines(path):
        try:
            question, a, b, winner = (row[key] for key in ("question_id", "model_a", "model_b", "winner"))
            label = WINNERS[winner]
        except KeyError as error:
            raise OfficialError(f"{where}: no battle: {error!r}") from error
        if b == baseline and a != baseline:
            a, b, label = b, a, mirrored(label)
        model = b + JUDGED if a == b else b
        yield Game(question, model, label, swapped=False, opponent=BASELINE if a == baseline else a)


def read_judgments(
    folder: Path, baseline: str, convention: Convention, category: str | None = None
) -> Iterator[Game]:
    """Games of all files of a folder, by the stored labels; what a convention takes for no label is none.

    The baseline's judgments against itself, which some forks have, are those of `baseline (judged)`.
    """
    for path in sorted(folder.glob("*.jsonl")):
        for where, row in lines(path):
            try:
                question, model = row.get("question_id") or row["uid"], row["model"]
                games: Sequence[Json | None] = row["games"]
            except KeyError as error:
                raise OfficialError(f"{where}: no judgment: {error!r}") from error
            if category is not None and row.get("category") != category:
                continue
            name = model + JUDGED if model == baseline else model
            for game, swapped in zip(games, (False, True), strict=False):
                stored = game["score"] if game else None
                five = next((label for label in LABELS if label == stored), None)
                strict = convention in ("arena-hard-v0.1", "nemo-skills")
                yield Game(question, name, five if strict else normalized(stored), swapped)


def tokens_and_styles(folder: Path) -> tuple[dict[str, float], Styles]:
    """Mean tokens of an answer by model, and styles by question and model, where the files count tokens."""
    found: dict[str, list[float]] = {}
    styles = {}
    for path in sorted(folder.glob("*.jsonl")):
        for answer in read_answers(path):
            if answer.tokens is not None:
                found.setdefault(answer.model, []).append(answer.tokens)
                styles[answer.question_id, answer.model] = style_of(answer.text, answer.tokens)
    return {model: sum(counts) / len(counts) for model, counts in found.items()}, styles


def table(
    games: Sequence[Game],
    baseline: str,
    *,
    convention: Convention = "arena-hard-v0.1",
    weight: int = 1,
    answers: Path | None = None,
    control: tuple[Control, ...] = (),
) -> list[Row]:
    """All models and the baseline, best first, with the 95% interval, or the 90% one where that is all."""
    tokens, styles = tokens_and_styles(answers) if answers else ({}, {})
    known = {
        (question, BASELINE if model == baseline else model): style
        for (question, model), style in styles.items()
    }
    known |= {(q, baseline + JUDGED): style for (q, model), style in styles.items() if model == baseline}
    found = CONVENTIONS[convention](games, Options(weight=weight, control=control, styles=known))
    rows = [_row(baseline, 50.0, 50.0, 50.0, tokens)]
    for model, score in found.models.items():
        ends = (score.lower, score.upper) if score.lower is not None else (score.lower90, score.upper90)
        rows.append(_row(model, score.score, *ends, tokens))
    return sorted(rows, key=lambda row: (row.score is None, -(row.score or 0), row.model))


def to_csv(rows: Sequence[Row]) -> str:
    """The rows as the published csv, without its date."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(field.name for field in fields(Row))
    writer.writerows(["" if value is None else value for value in asdict(row).values()] for row in rows)
    return out.getvalue()


def to_text(rows: Sequence[Row]) -> str:
    """The rows as show_result.py of v0.1 prints them."""
    printed = []
    for row in rows:
        if row.score is None or row.rating_q025 is None or row.rating_q975 is None:
            printed.append(f"{row.model: <30} | no verdict")
            continue
        arms = str((round(row.rating_q025 - row.score, 1), round(row.rating_q975 - row.score, 1)))
        tokens = "" if row.avg_tokens is None else int(row.avg_tokens)
        printed.append(
            f"{row.model: <30} | score: {round(row.score, 1): ^5} | 95% CI: {arms: ^12} | "
            f"average #tokens: {tokens}"
        )
    return "\n".join(printed) + "\n"


def _row(
    model: str, score: float | None, lower: float | None, upper: float | None, tokens: dict[str, float]
) -> Row:
    shown = _two(score), _two(lower), _two(upper)
    arms = ""
    if score is not None and lower is not None and upper is not None:
        arms = f"(-{score - lower:.2f}, +{upper - score:.2f})"
    mean = tokens.get(model.removesuffix(JUDGED))
    return Row(model, *shown, arms, None if mean is None else float(int(mean)))


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--battles", type=Path, help="a file of battles, such as arena_hard_battles.jsonl")
    source.add_argument("--judgments", type=Path, help="a folder of judgment files, one a model")
    parser.add_argument("--baseline", required=True)
    parser.add_argument("--answers", type=Path, help="a folder of answer files, for tokens and style")
    parser.add_argument("--category", help="of judgments, those of this category only, as in hard_prompt")
    parser.add_argument("--convention", choices=get_args(Convention), default="arena-hard-v0.1")
    parser.add_argument("--weight", type=int, help="battles of a strong verdict; 3 for judgments")
    parser.add_argument("--style-control", nargs="*", choices=CONTROLS, default=[])
    parser.add_argument("--csv", type=Path, help="write the table there too")
    given = parser.parse_args(arguments)
    if given.battles:
        games, weight = list(read_battles(given.battles, given.baseline)), given.weight or 1
    else:
        games = list(read_judgments(given.judgments, given.baseline, given.convention, given.category))
        weight = given.weight or 3
    rows = table(
        games,
        given.baseline,
        convention=given.convention,
        weight=weight,
        answers=given.answers,
        control=tuple(given.style_control),
    )
    sys.stdout.write(to_text(rows))
    if given.csv:
        write_text(given.csv, to_csv(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
