"""Which files a configuration wants, and the functions of wildcards that the rules call.

Evaluated while the DAG is built: standard library only, besides the configuration.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from snakeval.config import Config
from snakeval.dag import arena_identity, identity, lanes
from snakeval.dag.imports import imported
from snakeval.dag.lanes import judge_lane, serving_configs
from snakeval.dag.patterns import either
from snakeval.models.names import local_folder
from snakeval.models.placement import Placement
from snakeval.models.serving_config import SIZES, ServingConfig, read_serving_config

JOURNAL = "results/.journal"


def graders(config: Config, judged: bool) -> str:
    """Names of the graders that are judges, or of those that are not, as a regular expression."""
    named = {
        grader.name
        for benchmark in config.benchmarks.values()
        for grader in benchmark.graders
        if (grader.type == "judge") == judged
    }
    return either(sorted(named))


def metrics(config: Config) -> list[str]:
    """One metrics file a benchmark, model under test and grader."""
    return [
        f"results/metrics/{benchmark}/{model}/{grader.name}.json"
        for benchmark in config.settings.benchmarks
        for model in config.tested(benchmark)
        for grader in config.benchmarks[benchmark].graders
    ]


def ungraded(config: Config) -> list[str]:
    """The answers to benchmarks that nobody grades: all that there is of them."""
    return [
        f"results/generations/{benchmark}/{model}.parquet"
        for benchmark in config.settings.benchmarks
        if not config.benchmarks[benchmark].graders
        for model in config.models
    ]


def plots(config: Config) -> list[str]:
    """One plot of pass@k a graded benchmark."""
    return [
        f"results/plots/pass_at_k/{benchmark}.svg"
        for benchmark in config.settings.benchmarks
        if config.benchmarks[benchmark].graders
    ]


def leaderboards(config: Config) -> list[str]:
    """One leaderboard an arena and judge (its JSON form, which the report reads)."""
    return [
        f"results/arena/{arena}/{judge}/leaderboard.json"
        for arena, chosen in config.arenas.items()
        for judge in chosen.judges
    ]


def fetched(config: Config, model: str) -> list[str]:
    """The folder that the files of a model on S3 are fetched to; nothing for others."""
    return [local_folder(model)] if model in config.stored else []


def answered(config: Config) -> list[tuple[str, str]]:
    """The (benchmark, model) pairs that are asked, model by model; recorded answers are not."""
    asked = {model: list(config.settings.benchmarks) for model in config.models}
    for arena, chosen in config.arenas.items():
        for model in (*baselines(config, arena), *config.arena_models[arena]):
            asked.setdefault(model, []).append(chosen.questions)
    served = {model: names for model, names in asked.items() if config.served[model].engine != "recorded"}
    return [(benchmark, model) for model, names in served.items() for benchmark in dict.fromkeys(names)]


def judgments(config: Config, arena: str, judge: str) -> list[str]:
    """The judgments of an arena's models, and of those that are imported."""
    models = (*config.arena_models[arena], *imported(config, arena, judge))
    return [f"results/arena/{arena}/{judge}/judgments/{model}.jsonl" for model in models]


def judged(config: Config) -> list[tuple[str, str, str]]:
    """The (arena, judge, model) triples that are judged here."""
    return [
        (arena, judge, model)
        for arena, chosen in config.arenas.items()
        for judge in chosen.judges
        for model in config.arena_models[arena]
    ]


def judge_service(config: Config, judge: str, model: str) -> dict[str, str]:
    """A judge's serving config and the service of the batch that a judged model belongs to."""
    slug = config.judge_slug[judge]
    inputs = {"config": f"results/configs/{slug}.yaml"}
    if config.served[slug].engine != "external":
        inputs["service"] = f"results/services/{judge_lane(config, judge, model)}/{slug}.json"
    return inputs


def judge_of(config: Config, benchmark: str, grader: str) -> str:
    """The judge behind a grader, "" for a grader that this benchmark has not."""
    graders = config.benchmarks[benchmark].graders
    return next((entry.judge for entry in graders if entry.name == grader and entry.judge), "")


def judge_inputs(config: Config, benchmark: str, grader: str, model: str) -> dict[str, str | list[str]]:
    """Where the judge of a grader answers, and what says how the model marks its reasoning."""
    judge = judge_of(config, benchmark, grader)
    return {**judge_service(config, judge, model), "marks": serving_configs(config, model)} if judge else {}


def baselines(config: Config, arena: str) -> list[str]:
    """An arena's baseline, and those of its categories, each once."""
    return list(dict.fromkeys([config.baseline_slug[arena], *config.category_baselines[arena].values()]))


def arena_inputs(config: Config, arena: str, judge: str, model: str) -> dict[str, str | list[str]]:
    """Questions, prompts, the baselines' and the model's answers, and the judge."""
    questions = config.arenas[arena].questions
    answers = f"results/generations/{questions}"
    return {
        "problems": f"results/problems/{questions}.parquet",
        "prompts": f"results/arena/{arena}/prompts.json",
        "baselines": [f"{answers}/{name}.parquet" for name in baselines(config, arena) if name != model],
        "generations": f"{answers}/{model}.parquet",
        "marks": serving_configs(config, *baselines(config, arena), model),
        **judge_service(config, judge, model),
    }


def recorded(config: Config, wanted: bool) -> str:
    """Models whose answers are recorded, or all others, as a regular expression."""
    return either(name for name, each in config.served.items() if (each.engine == "recorded") == wanted)


def gpus(config: Config, model: str, serving: str) -> int:
    """GPUs of one node that a model's server holds; all of a node's until its config is inferred."""
    placed = _placed(config, model, serving)
    return placed.gpus_per_node if placed and config.settings.gpus.per_node else config.settings.gpus.per_node


def nodes(config: Config, model: str, serving: str) -> int:
    """Nodes that a model's server takes, each with `gpus` GPUs; what its file sets until it is inferred."""
    placed = _placed(config, model, serving)
    return placed.nodes if placed else config.served[model].nodes or 1


def _placed(config: Config, model: str, serving: str) -> Placement | None:
    found = serving_config(serving)
    return None if found is None else place(config, model, found)


def place(config: Config, model: str, found: ServingConfig) -> Placement:
    """Where a model goes on the GPUs there are; sizes set by hand stand."""
    chosen = config.served[model]
    by_hand = {key: getattr(chosen, key) for key in SIZES}
    return found.place(config.settings.gpus, by_hand)


def serving_config(path: str) -> ServingConfig | None:
    """A model's inferred config, None until it is there; read once, however many functions ask for it."""
    try:
        status = os.stat(path)  # noqa: PTH116 - thousands of calls
    except FileNotFoundError:
        return None
    return _read_serving_config(path, status.st_mtime_ns, status.st_size)


@cache
def _read_serving_config(path: str, *state: int) -> ServingConfig:
    """The file's content; its `state` is part of the key, as a service's config may be made meanwhile."""
    return read_serving_config(Path(path))


def service_threads(cores: int | None) -> int:
    """Cores that a service reserves, so that services can't lock each other out on one machine.

    Snakemake's local executor has `cores` + 5 workers. Each running service takes two, one for itself and
    one for its group; with as many services as cores, none would be left for their consumers.
    """
    return 1 if cores is None or cores <= 4 else 2


def serve_spec(config: Config, model: str) -> str:
    """What the `serve` rule starts, without what the inferred config says (see `snakeval.serving.spec`)."""
    chosen = config.served[model]
    return identity.dumps(
        {
            "served_model_name": f"{model}.base" if chosen.adapter else chosen.served_model_name or model,
            "adapters": lanes.adapters(config, model),
            "engine": chosen.engine,
            **{key: getattr(chosen, key) for key in SIZES},
            "distributed_executor_backend": chosen.distributed_executor_backend,
            "chat_template": chosen.chat_template,
            "program": chosen.vllm,
            "engine_args": chosen.engine_args,
            "env": chosen.env,
            "gpus": config.settings.gpus.model_dump(),
            "start_timeout": chosen.start_timeout,
        }
    )


def journal(*parts: str) -> Path:
    """Where the rows of one output are journalled."""
    return Path(JOURNAL, *parts)


def retries(*parts: str) -> int:
    """Runs of one output that ended with samples worth asking again (see `snakeval.dag.retries`)."""
    from snakeval.dag.retries import retries as recorded

    return recorded(journal(*parts))


def generate_spec(config: Config, benchmark: str, model: str) -> str:
    """The `generate` rule's spec."""
    return identity.generate(config, benchmark, model, retries("generations", benchmark, model))


def grade_spec(config: Config, benchmark: str, model: str, grader: str) -> str:
    """The `grade_judge` rule's spec."""
    return identity.grade(config, benchmark, model, grader, retries("grades", benchmark, model, grader))


def arena_spec(config: Config, arena: str, judge: str, model: str) -> str:
    """The `arena_judge` rule's spec."""
    return arena_identity.arena_judge(config, arena, judge, model, retries("arena", arena, judge, model))
