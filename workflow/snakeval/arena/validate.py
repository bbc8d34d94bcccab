"""What an arena still lacks: which participants have answered which questions, and what has been judged.

Reads the files that are there and makes none: `snakemake validate` shows the table at any time.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tabulate import tabulate

from snakeval.config import Config
from snakeval.dag import plan
from snakeval.formats.arena_hard import lines
from snakeval.system.tables import read_table
from snakeval.types import Generation, Problem

IDS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class State:
    """Where one participant of an arena stands; what is not known is None, as nothing was made yet.

    `missing` are the questions that it has not answered, `unplayed` counts the games that are judged but
    have no verdict for want of an answer or an infrastructure, `null` those whose verdict is unreadable.
    """

    model: str
    role: str
    answers: int | None
    missing: tuple[str, ...]
    games: int | None = None
    null: int | None = None
    unplayed: int | None = None


def states(config: Config, arena: str, judge: str, results: Path) -> tuple[int | None, list[State]]:
    """The number of questions, None if they are not prepared, and the state of each participant."""
    questions = config.arenas[arena].questions
    path = results / "problems" / f"{questions}.parquet"
    asked = read_table(path, Problem, ["problem_id"])["problem_id"].to_pylist() if path.exists() else None
    baselines = plan.baselines(config, arena)
    names = dict.fromkeys([*baselines, *config.arena_models[arena]])
    found = []
    for name in names:
        answered = _answered(results / "generations" / questions / f"{name}.parquet")
        missing = () if answered is None else tuple(i for i in asked or () if i not in answered)
        role = "baseline" if name in baselines else "model"
        judged = results / "arena" / arena / judge / "judgments" / f"{name}.jsonl"
        found.append(
            State(name, role, None if answered is None else len(answered), missing, *_judged(judged))
        )
    return (None if asked is None else len(asked)), found


def _answered(path: Path) -> set[str] | None:
    if not path.exists():
        return None
    table = read_table(path, Generation, ["problem_id", "error"])
    rows = zip(table["problem_id"].to_pylist(), table["error"].to_pylist(), strict=True)
    return {name for name, error in rows if error is None}


def _judged(path: Path) -> tuple[int | None, int | None, int | None]:
    if not path.exists():
        return None, None, None
    games = [game for _, row in lines(path) for game in row["games"]]
    null = sum(game["score"] is None and game["error"] is None for game in games)
    return len(games), null, sum(game["error"] is not None for game in games)


def table(config: Config, results: Path) -> str:
    """One table an arena and judge."""
    parts = []
    for arena, chosen in config.arenas.items():
        for judge in chosen.judges:
            count, found = states(config, arena, judge, results)
            size = "not prepared yet" if count is None else f"{count} questions"
            header = ["model", "role", "answers", "lacks", "games judged", "no verdict", "not played"]
            body = tabulate([_cells(state, count) for state in found], header, disable_numparse=True)
            parts.append(f"{arena}, judged by {judge}: {size}\n{body}\n")
    return "\n".join(parts) or "the configuration names no arena\n"


def _cells(state: State, count: int | None) -> list[str]:
    more = "" if len(state.missing) <= IDS_SHOWN else f" and {len(state.missing) - IDS_SHOWN} more"
    lacks = ", ".join(state.missing[:IDS_SHOWN]) + more
    counts = (state.games, state.null, state.unplayed)
    return [
        state.model,
        state.role,
        "none yet" if state.answers is None else f"{state.answers} of {count}",
        lacks,
        *("" if number is None else str(number) for number in counts),
    ]
