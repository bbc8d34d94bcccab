"""Configuration and what lies under results/ -> one cell a model and benchmark: how far it is."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from snakeval.asking.note import Note, read_notes, spec_key, total
from snakeval.config import Config
from snakeval.dag import lanes, plan
from snakeval.status.counted import Counts, journalled, problem_count, written
from snakeval.status.failures import how_ended
from snakeval.status.servers import doing
from snakeval.status.slurm import SlurmJob
from snakeval.system import origin

State = Literal["complete", "running", "waiting", "stopped", "failed"]
# A problem is put to an arena's judge twice, with the answers in either order.
GAMES = 2


@dataclass(frozen=True, slots=True)
class Part:
    """`done` of `wanted`; either is None where it is not known."""

    done: int | None
    wanted: int | None

    @property
    def whole(self) -> bool:
        """Whether nothing is left to do."""
        return self.done is not None and self.done == self.wanted


@dataclass(frozen=True, slots=True)
class Cell:
    """How far one model is on one benchmark. Times in seconds, rates in output tokens a second.

    `exact` is False where rows of a journal were counted, which may hold those of other settings. `graded`
    counts samples times graders, `questions` and `games` those of all arenas and judges; None without any.
    `server` says what the model's server is doing, `remark` what else there is to know.
    """

    model: str
    benchmark: str
    state: State
    samples: Part
    exact: bool
    truncated: int | None
    errors: int | None
    rate: float | None
    left: float | None
    graded: Part | None
    questions: Part | None
    games: Part | None
    job: SlurmJob | None
    server: str
    remark: str


def cells(config: Config, jobs: Mapping[tuple[str, str], SlurmJob]) -> list[Cell]:
    """One cell a model and benchmark, model by model; `jobs` are Slurm's by (model, benchmark)."""
    problems = {name: problem_count(name) for name in config.benchmarks}
    pairs = list(dict.fromkeys([*plan.answered(config), *_recorded(config)]))
    return [_cell(config, model, name, problems[name], jobs.get((model, name))) for name, model in pairs]


def _recorded(config: Config) -> list[tuple[str, str]]:
    models = [model for model, chosen in config.models.items() if chosen.engine == "recorded"]
    return [(name, model) for model in models for name in config.settings.benchmarks]


@dataclass(frozen=True, slots=True)
class _Samples:
    """What is known of a cell's samples; `note` is that of a job that lives."""

    there: bool
    counts: Counts
    wanted: int | None
    exact: bool
    note: Note | None
    remark: str

    @property
    def part(self) -> Part:
        most = self.counts.done if self.exact or self.wanted is None else self.wanted
        return Part(min(self.counts.done, most), self.wanted)


def _cell(config: Config, model: str, benchmark: str, problems: int | None, job: SlurmJob | None) -> Cell:
    known = _samples(config, model, benchmark, problems)
    note = known.note
    if note and note.job and job is None:
        job = SlurmJob(note.job, "RUNNING", note.host)
    graded = _graded(config, model, benchmark, known.wanted)
    questions, games = _judged(config, model, benchmark, problems)
    complete = known.there and all(part.whole for part in (graded, games) if part is not None)
    ended = None if complete or note else _ended(config, benchmark, model, known.there)
    state: State = "complete" if complete else ended or ("running" if note else "waiting")
    if job and not complete:
        state = "running" if job.runs else "waiting"
    asked = not known.there and config.served[model].engine != "recorded"
    return Cell(
        model,
        benchmark,
        state,
        known.part,
        known.exact,
        known.counts.truncated,
        known.counts.errors,
        note.rate if note else None,
        note.left if note else None,
        graded,
        questions,
        games,
        job,
        _server(config, model, benchmark, note) if asked else "",
        known.remark,
    )


def _samples(config: Config, model: str, benchmark: str, problems: int | None) -> _Samples:
    recorded = config.served[model].engine == "recorded"
    journal = plan.journal("generations", benchmark, model)
    n = config.benchmarks[benchmark].n_samples
    wanted = None if problems is None or recorded else problems * n
    there, remark = _there(config, model, benchmark, recorded)
    spec = None if recorded else spec_key(plan.generate_spec(config, benchmark, model))
    note = total(read_notes(journal))
    if note and note.spec not in (None, spec) and not note.alive():
        note = None  # of other settings
    lives = note if note and note.alive() else None
    said = Counts(note.done, note.truncated, note.errors) if note else Counts()
    if there:
        fits = note and said.truncated is not None and note.done + note.errors == wanted
        counts = said if fits else written(benchmark, model)
        wanted = counts.done + (counts.errors or 0) if recorded else wanted
        return _Samples(True, counts, wanted, True, lives, remark)
    if note and (lives or note.state == "ended"):
        return _Samples(False, said, note.wanted if wanted is None else wanted, True, lives, remark)
    counts = journalled(journal)
    return _Samples(False, counts, wanted, counts.done == 0, None, remark)


def _there(config: Config, model: str, benchmark: str, recorded: bool) -> tuple[bool, str]:
    """Whether the samples are there, of the settings as they are now; and what to say of it."""
    path = Path(f"results/generations/{benchmark}/{model}.parquet")
    if not path.is_file():
        return False, ""
    made = None if recorded else origin.read(str(path))
    if made is None:
        return True, ""
    now = plan.generate_spec(config, benchmark, model)
    if spec_key(made.spec) != spec_key(now):
        return False, "its settings have changed since it was made"
    return True, ""


def _server(config: Config, model: str, benchmark: str, note: Note | None) -> str:
    found = doing(lanes.services(config, benchmark, model))
    if note and note.state == "waiting":
        return f"waited for, {time.time() - note.since:.0f} s" + (f", {found}" if found else "")
    return found or ("answering" if note else "")


def _graded(config: Config, model: str, benchmark: str, wanted: int | None) -> Part | None:
    graders = config.benchmarks[benchmark].graders
    if model not in config.models or benchmark not in config.settings.benchmarks or not graders:
        return None
    done = 0
    for grader in graders:
        parts = (benchmark, model, grader.name)
        if Path("results/grades", *parts[:2], f"{grader.name}.parquet").is_file():
            done += wanted or 0
        elif grader.judge and (note := total(read_notes(plan.journal("grades", *parts)))) and note.alive():
            done += min(note.done, wanted or note.done)
    return Part(done, None if wanted is None else wanted * len(graders))


def _judged(
    config: Config, model: str, benchmark: str, problems: int | None
) -> tuple[Part | None, Part | None]:
    """Questions and games of the arenas that take this benchmark's answers of this model."""
    games = questions = judges = 0
    for arena, chosen in config.arenas.items():
        if chosen.questions != benchmark or model not in config.arena_models[arena]:
            continue
        for judge in chosen.judges:
            judges += 1
            path = Path("results/arena", arena, judge, "judgments", f"{model}.jsonl")
            if path.is_file():
                questions += problems or 0
                games += GAMES * (problems or 0)
            elif note := total(read_notes(plan.journal("arena", arena, judge, model))):
                questions += min(note.done // GAMES, problems or note.done)
                games += min(note.done, GAMES * (problems or note.done))
    if not judges:
        return None, None
    wanted = None if problems is None else problems * judges
    return Part(questions, wanted), Part(games, None if wanted is None else GAMES * wanted)


def _ended(config: Config, benchmark: str, model: str, there: bool) -> State | None:
    """How the last job that is of concern now ended, by its log; None where it did not end badly."""
    logs = [Path(f"results/logs/generate/{benchmark}/{model}.log")]
    if there:
        named = [(grader.judge, grader.name) for grader in config.benchmarks[benchmark].graders]
        logs = [
            Path(f"results/logs/grade{'_judge' if judge else ''}/{benchmark}/{model}/{name}.log")
            for judge, name in named
            if not Path(f"results/grades/{benchmark}/{model}/{name}.parquet").is_file()
        ]
    found = [ended for log in logs if (ended := how_ended(log)) is not None]
    return "failed" if "failed" in found else found[0] if found else None
