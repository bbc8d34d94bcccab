"""A run's results -> the folder of the site: its page, its libraries and the data, chunk by chunk."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path

from snakeval.arena.board import Board
from snakeval.arena.tables import Shown
from snakeval.config import Config
from snakeval.dag import lanes, plan
from snakeval.dag.imports import imported
from snakeval.report import summary
from snakeval.report.joined import joined
from snakeval.report.site import anomalies, arenas, benchmarks, runs
from snakeval.report.site.anomalies import Anomaly
from snakeval.report.site.chunks import write_chunk
from snakeval.report.site.pairs import Facts, write_pair
from snakeval.report.site.turns import Turns
from snakeval.report.summary import COUNTED, Display
from snakeval.system.files import write_text
from snakeval.system.tables import read_rows
from snakeval.types import VERDICTS, Json, Problem

PARTS = Path(__file__).parent
DATA = "data"
RESULTS = Path("results")


@dataclass(frozen=True)
class Site:
    """What the site is made of; `tables` are shown on its first page as they are.

    Results are those below the folder that the process works in, as jobs find them.
    """

    config: Config
    display: Display
    metrics: Sequence[Json]
    boards: Sequence[Board]
    tables: Sequence[Shown]
    folder: Path
    found: list[Anomaly] = field(default_factory=list)

    @property
    def benchmarks(self) -> list[str]:
        """The benchmarks, then the questions of arenas."""
        return list(self.config.benchmarks)

    @cached_property
    def models(self) -> list[str]:
        """The models under test, then those of arenas alone."""
        others = [name for arena in self.config.arenas for name in plan.baselines(self.config, arena)]
        others += [name for names in self.config.arena_models.values() for name in names]
        return list(dict.fromkeys([*self.config.models, *others]))

    def generations(self, benchmark: str, model: str) -> Path:
        """The file of a model's samples of a benchmark."""
        return RESULTS / "generations" / benchmark / f"{model}.parquet"

    def published(self, benchmark: str) -> bool:
        """Whether texts of the benchmark may be shown."""
        return self.config.benchmarks[benchmark].publish


def build(site: Site) -> None:
    """Write the folder anew; its index.html, the last file, is there when all others are."""
    index = site.folder / "index.html"
    index.unlink(missing_ok=True)
    for name in ("app", "vendor", DATA):
        shutil.rmtree(site.folder / name, ignore_errors=True)
    for name in ("app", "vendor"):
        shutil.copytree(PARTS / name, site.folder / name, ignore=shutil.ignore_patterns("index.html"))
    data = site.folder / DATA
    there = {benchmark: _write_benchmark(site, benchmark, data) for benchmark in site.benchmarks}
    for arena, boards in groupby(enumerate(site.boards), key=lambda numbered: numbered[1].arena):
        answers = _answers(site, arena)
        for number, board in boards:
            _write_arena(site, board, answers, data, str(number))
    write_chunk(data, "run", _run(site, there))
    write_text(index, (PARTS / "app" / "index.html").read_text(encoding="utf-8"))


def _write_benchmark(site: Site, benchmark: str, data: Path) -> list[str]:
    """Write a benchmark's chunks; returns the models whose samples are there."""
    key, published = str(site.benchmarks.index(benchmark)), site.published(benchmark)
    source = RESULTS / "problems" / f"{benchmark}.parquet"
    if not source.is_file():
        return []
    problems = list(read_rows(source, Problem))
    known = {problem.problem_id: problem for problem in problems}
    ids = list(known)
    facts = [each for model in site.models if (each := _write_pair(site, benchmark, model, known, data))]
    said = benchmarks.write_problems(problems, data, key, published=published)
    graders = [grader.name for grader in site.config.benchmarks[benchmark].graders]
    first = facts[0].model if facts else None
    site.found.extend(anomalies.of_problems(benchmark, problems, first))
    for each in facts:
        site.found.extend(anomalies.of_samples(each, ids, [problem.reference for problem in problems]))
    site.found.extend(anomalies.between_models(facts, ids))
    graded = {grader: _graded(site, benchmark, grader, facts, ids, said["kinds"]) for grader in graders}
    content = {
        **said,
        "graders": graded,
        "curves": [_curve(entry) for entry in site.metrics if entry["data_source"] == benchmark],
        "lengths": {each.model: benchmarks.lengths(each) for each in facts},
    }
    write_chunk(data, f"b/{key}", content)
    return [each.model for each in facts]


def _graded(
    site: Site, benchmark: str, grader: str, facts: Sequence[Facts], ids: Sequence[str], kinds: Json
) -> Json:
    bootstrap = (site.config.settings.bootstrap.rounds, site.config.settings.bootstrap.seed)
    found = {each.model: benchmarks.outcomes(each, grader, ids) for each in facts if grader in each.rewards}
    wanted = [*site.config.parents.items(), *site.config.compared]
    names = {"benchmark": benchmark, "grader": grader}
    compared = benchmarks.comparisons(found, names, list(dict.fromkeys(wanted)), bootstrap)
    site.found.extend(anomalies.failed_by_all(benchmark, grader, found))
    site.found.extend(anomalies.falls(benchmark, grader, compared, site.config.parents))
    return {
        "rates": benchmarks.rates(found),
        "kinds": benchmarks.by_kind(found, kinds, bootstrap),
        "comparisons": compared,
    }


def _write_pair(
    site: Site, benchmark: str, model: str, problems: Mapping[str, Problem], data: Path
) -> Facts | None:
    """Write the chunks of one model's samples of a benchmark; None where there are none."""
    source = site.generations(benchmark, model)
    if not source.is_file():
        return None
    folder = RESULTS / "grades" / benchmark / model
    graders = [grader.name for grader in site.config.benchmarks[benchmark].graders]
    grades = {name: path for name in graders if (path := folder / f"{name}.parquet").is_file()}
    reasoning = lanes.reasoning(site.config, model)
    agent = site.config.served[model].agent
    turns = Turns(plan.journal("generations", benchmark, model)) if agent else None
    facts = Facts(benchmark, model)
    numbers = {name: i for i, name in enumerate(problems)}
    key = f"{site.benchmarks.index(benchmark)}-{site.models.index(model)}"
    samples = joined(problems, source, grades, reasoning)
    write_pair(samples, facts, numbers, data, key, published=site.published(benchmark), turns=turns)
    return facts


def _answers(site: Site, arena: str) -> dict[str, dict[str, str | None]]:
    """The answers of an arena's models and baselines, which all of its judges read."""
    config, questions = site.config, site.config.arenas[arena].questions
    players = dict.fromkeys([*plan.baselines(config, arena), *config.arena_models[arena]])
    return {
        name: arenas.answers_of(site.generations(questions, name), lanes.reasoning(config, name))
        for name in players
    }


def _write_arena(
    site: Site, board: Board, answers: Mapping[str, Mapping[str, str | None]], data: Path, key: str
) -> None:
    config = site.config
    folder = RESULTS / "arena" / board.arena / board.judge / "judgments"
    models = [*config.arena_models[board.arena], *imported(config, board.arena, board.judge)]
    paths = [path for name in models if (path := folder / f"{name}.jsonl").is_file()]
    published = site.published(config.arenas[board.arena].questions)
    arenas.write_arena(board, paths, answers, data, key, published=published)


def _run(site: Site, there: Mapping[str, Sequence[str]]) -> Json:
    """The first chunk: names, scores, what was run, anomalies."""
    config, display = site.config, site.display
    return {
        "verdicts": list(VERDICTS),
        "benchmarks": [
            {
                "id": name,
                "label": display.label("benchmarks", name),
                "graders": [grader.name for grader in config.benchmarks[name].graders],
                "published": site.published(name),
                "prompt": config.benchmarks[name].prompt,
                "models": list(there[name]),
            }
            for name in site.benchmarks
        ],
        "models": [
            {
                "id": name,
                "label": display.label("models", name),
                "parent": config.parents.get(name),
                "step": _step(name),
                "serving": _serving(site, name),
                "runs": {b: runs.run_of(site.generations(b, name)) for b in there if name in there[b]},
            }
            for name in site.models
        ],
        "scores": list(_scores(site)),
        "arenas": [
            {"id": board.arena, "label": display.label("arenas", board.arena), "judge": board.judge}
            for board in site.boards
        ],
        "tables": [asdict(table) for table in site.tables],
        "anomalies": [each.to_json() for each in site.found],
    }


def _step(model: str) -> int | None:
    """The step in a checkpoint's name: the last number in it."""
    numbers = re.findall(r"\d+", model)
    return int(numbers[-1]) if numbers else None


def _serving(site: Site, model: str) -> Json:
    files = lanes.serving_configs(site.config, model)
    return runs.serving_of(Path(files[0])) if files else {}


def _scores(site: Site) -> Iterator[Json]:
    """The summary's rows: what the first page shows of each model, benchmark and grader."""
    for row in summary.rows(site.metrics, site.display):
        entry, counts = row.metrics, row.metrics["validity"]
        yield {
            "model": row.model,
            "benchmark": None if row.data_set == summary.AGGREGATE else row.data_set,
            "grader": row.grader,
            "problems": entry["num_problems"],
            "samples": entry["num_samples"],
            "passes": {k: [entry["pass_at_k"][str(k)], *entry["ci95"]["pass_at_k"][str(k)]] for k in row.ks},
            "reward": [entry["mean_reward"], *entry["ci95"]["mean_reward"]],
            "maj": row.maj_at_n,
            "flags": row.flags,
            "validity": {name: counts[name] for name in COUNTED if counts.get(name)},
            "requested": counts["requested"],
        }


def _curve(entry: Json) -> Json:
    values = list(entry["pass_at_k"].values())
    lower, upper = zip(*entry["ci95"]["pass_at_k"].values(), strict=True)
    bounds = entry["bounds"]["pass_at_k"]["1"]
    own = {key: entry.get(key) for key in ("model", "grader", "mean_seconds")}
    return {**own, "pass": values, "lower": lower, "upper": upper, "bounds": bounds}
