"""Files about judges that a configuration wants; evaluated while the DAG is built, as `snakeval.dag.plan`."""

from __future__ import annotations

from pathlib import Path

from snakeval.config import Config, tries
from snakeval.dag import imports as import_plan
from snakeval.dag import lanes, plan


def agreements(config: Config) -> list[str]:
    """One file an arena with several judges."""
    return [
        f"results/arena/{arena}/agreement.json" for arena, a in config.arenas.items() if len(a.judges) > 1
    ]


def judged_by_all(config: Config, arena: str) -> list[str]:
    """The judgments of all judges of an arena."""
    judges = config.arenas[arena].judges
    return [path for judge in judges for path in plan.judgments(config, arena, judge)]


def grades(config: Config, benchmark: str, grader: str) -> list[str]:
    """The grades that one grader gave to the models under test."""
    return [f"results/grades/{benchmark}/{model}/{grader}.parquet" for model in config.tested(benchmark)]


def other_grades(config: Config, benchmark: str, grader: str) -> list[str]:
    """The grades of a benchmark's graders that are no judges."""
    names = [entry.name for entry in config.benchmarks[benchmark].graders if entry.type != "judge"]
    return [path for name in names if name != grader for path in grades(config, benchmark, name)]


def calibrations(config: Config) -> list[str]:
    """One file a judge that grades a benchmark."""
    return [
        f"results/judges/{benchmark}/{grader.name}.json"
        for benchmark in config.settings.benchmarks
        for grader in config.benchmarks[benchmark].graders
        if grader.type == "judge"
    ]


def usages(config: Config) -> list[str]:
    """What judges used, one file an output of theirs."""
    graded = [
        f"results/usage/grades/{benchmark}/{model}/{grader.name}.json"
        for benchmark in config.settings.benchmarks
        for model in config.tested(benchmark)
        for grader in config.benchmarks[benchmark].graders
        if grader.judge
    ]
    return graded + [
        f"results/usage/arena/{arena}/{judge}/{model}.json" for arena, judge, model in plan.judged(config)
    ]


def costs(config: Config) -> list[str]:
    """The file of judges' costs, if there are judges."""
    return [f"{tries.folder(config.settings)}/costs.json"] if usages(config) else []


def arena_generations(config: Config, arena: str) -> list[str]:
    """The answers of an arena's models and of its baseline."""
    questions = config.arenas[arena].questions
    return [f"results/generations/{questions}/{model}.parquet" for model in _participants(config, arena)]


def arena_marks(config: Config, arena: str) -> list[str]:
    """What says how an arena's models and its baseline mark their reasoning."""
    return lanes.serving_configs(config, *_participants(config, arena))


def _participants(config: Config, arena: str) -> list[str]:
    return list(dict.fromkeys([*plan.baselines(config, arena), *config.arena_models[arena]]))


def imported_answers(config: Config, arena: str, judge: str) -> list[str]:
    """Published answers of the models whose published judgments join a leaderboard, where they are there."""
    paths = [
        Path(config.arenas[arena].imported or "", "model_answer", f"{model}.jsonl")
        for model in import_plan.imported(config, arena, judge)
    ]
    return [str(path) for path in paths if path.is_file()]
