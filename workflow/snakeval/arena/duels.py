"""Pairwise games as Arena-Hard plays them: two a question, with the positions swapped.

In game 1 the baseline is assistant A and the model B, in game 2 the other way round. The protocol is
that of Li et al. 2024 (arXiv 2406.11939). A category of questions may have a baseline and a system message
of its own; the prompts are those of the arena's file of prompts (`snakeval.arena.wordings`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from snakeval.arena.adopt import finished_verdicts
from snakeval.arena.wordings import Prompts
from snakeval.config import Config
from snakeval.formats.arena_hard import to_jsonl
from snakeval.grading.gradable import answer_of
from snakeval.judging.bench import Answer, Bench, Question
from snakeval.judging.judgments import UNANSWERED, WITHHELD
from snakeval.judging.verdicts import extract_label
from snakeval.problems.asked import problem_text
from snakeval.schema import Arena, Reasoning
from snakeval.statistics.labels import Label
from snakeval.system.files import write_text
from snakeval.system.tables import read_rows
from snakeval.types import Generation, Json, Message, Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reply:
    """A participant's answer to a question, without its reasoning, and its length in output tokens.

    One that a provider's filter `withheld` is never shown to a judge: it is no answer, or half of one.
    """

    text: str
    tokens: int | None
    withheld: bool = False


Replies = Mapping[str, Reply]  # by question
Verdicts = Mapping[Question, Answer[Label]]


class ArenaError(ValueError):
    """An arena's files do not fit its configuration; the message names both."""


@dataclass(frozen=True, slots=True)
class Duel:
    """One question on which a model meets its baseline; the games are () if one of them has no answer.

    `withheld` says that a filter is the cause.
    """

    question_id: str
    category: str | None
    subcategory: str | None
    baseline: str
    games: tuple[Question, ...]
    withheld: bool = False


def replies_of(generations: Path, reasoning: Reasoning) -> dict[str, Reply]:
    """A model's reply to each question; one that can't be had is missing."""
    found = {}
    for row in read_rows(generations, Generation):
        if row.sample_index == 0:
            verdict, text = answer_of(row, reasoning)
            if verdict == "filtered":
                found[row.problem_id] = Reply("", None, withheld=True)
            elif verdict != "infrastructure_failed":
                found[row.problem_id] = Reply(text or "", row.completion_tokens)
    return found


def pair_up(
    problems: Sequence[Problem],
    arena: Arena,
    slug: str,
    baselines: Mapping[str, str],
    replies: Mapping[str, Replies],
    prompts: Prompts,
) -> list[Duel]:
    """The duels of the model `slug`, one a question but for those whose baseline it is itself.

    `baselines` are by category, "" for all others; `replies` are those of each of them and of the model.
    Raises ArenaError for a category of the configuration that no question has.
    """
    asked = [(problem, json.loads(problem.metadata)) for problem in problems]
    known = {str(metadata.get(arena.category_field)) for _, metadata in asked}
    if unknown := sorted(arena.categories.keys() - known):
        raise ArenaError(
            f"categories: no question's {arena.category_field} is {', '.join(unknown)}, "
            f"but {', '.join(sorted(known))}"
        )
    duels = []
    for problem, metadata in asked:
        name, category = problem.problem_id, metadata.get(arena.category_field)
        baseline = baselines.get(category or "", baselines[""])
        games: tuple[Question, ...] = ()
        sides = [replies[side][name] for side in (baseline, slug) if name in replies[side]]
        withheld = any(reply.withheld for reply in sides)
        if len(sides) == 2 and not withheld:
            games = _games(problem, category, (sides[0].text, sides[1].text), prompts)
        if baseline != slug:
            duels.append(Duel(name, category, metadata.get("subcategory"), baseline, games, withheld))
    return duels


def _games(
    problem: Problem, category: str | None, sides: tuple[str, str], prompts: Prompts
) -> tuple[Question, ...]:
    question = problem_text(problem)
    games = []
    for number, (a, b) in enumerate((sides, sides[::-1]), start=1):
        chat = prompts.messages(category, {"question": question, "answer_a": a, "answer_b": b})
        system = chat[0]["content"] if len(chat) > 1 else None
        games.append(Question(f"{problem.problem_id}/{number}", system, chat[-1]["content"]))
    return tuple(games)


def judge_duels(
    config: Config,
    arena: str,
    judge: str,
    slug: str,
    *,
    problems: Path,
    generations: Mapping[str, Path],
    prompts: Path,
    serving: Path,
    service: Path | None,
    journal: Path,
    output: Path,
    reasoning: Mapping[str, Reasoning] | None = None,
) -> None:
    """Write results/arena/{arena}/{judge}/judgments/{model}.jsonl, one line a question.

    `generations` are those of the model and of each baseline, `reasoning` the marks of each one's reasoning,
    where they are not just those that its file sets. A question that either side could not answer
    has two games without a label and says why.
    """
    chosen, wording = config.arenas[arena], Prompts(prompts)
    baselines = {"": config.baseline_slug[arena], **config.category_baselines[arena]}
    marks = {name: config.served[name].reasoning for name in generations} | dict(reasoning or {})
    replies = {name: replies_of(path, marks[name]) for name, path in generations.items()}
    duels = pair_up(list(read_rows(problems, Problem)), chosen, slug, baselines, replies, wording)
    bench = Bench(config, judge, "arena_judge", serving=serving, service=service, journal=journal)
    games = [game for duel in duels for game in duel.games]
    if known := finished_verdicts(config, judge, journal, serving):
        bench.take(games, known, extract_label)
    verdicts: tuple[dict[Question, Answer[Label]], dict[Question, Answer[Label]]]
    verdicts = bench.ask_some_twice(games, chosen.retest, extract_label)
    lines = [_line(duel, slug, judge, replies, verdicts, wording) for duel in duels]
    write_text(output, to_jsonl(lines))


def _line(
    duel: Duel,
    slug: str,
    judge: str,
    replies: Mapping[str, Replies],
    verdicts: tuple[Verdicts, Verdicts],
    prompts: Prompts,
) -> Json:
    """One line; `verdicts` are the first ones, and those of a retest.

    `uid`, `model`, `category` and the games' scores are what arena-hard-auto reads as well.
    """

    def tokens(name: str) -> int:
        reply = replies[name].get(duel.question_id)
        return (reply.tokens or 0) if reply else 0

    return {
        "question_id": duel.question_id,
        "uid": duel.question_id,
        "category": duel.category,
        "subcategory": duel.subcategory,
        "model": slug,
        "baseline": duel.baseline,
        "judge": judge,
        "games": _judged(duel, *verdicts),
        "tokens": tokens(slug),
        "baseline_tokens": tokens(duel.baseline),
        "prompts": {"wording": prompts.wording, "sha256": prompts.sha256},
    }


def _judged(duel: Duel, verdicts: Verdicts, again: Verdicts) -> list[Json]:
    cause = WITHHELD if duel.withheld else UNANSWERED
    missing: Answer[Label] = Answer(None, None, cause)
    found: list[tuple[Answer[Label], list[Message] | None]]
    found = [(verdicts[game], list(game.messages)) for game in duel.games] or [(missing, None)] * 2
    judged: list[Json] = [
        {
            "score": answer.label,
            "judgment": answer.text,
            "swapped": swapped,
            "error": answer.error,
            "prompt": messages,
        }
        for (answer, messages), swapped in zip(found, (False, True), strict=True)
    ]
    for entry, game in zip(judged, duel.games, strict=False):
        if (second := again.get(game)) is not None:
            entry["retest"] = {"score": second.label, "judgment": second.text, "error": second.error}
    return judged
