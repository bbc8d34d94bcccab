"""What an output is a function of, and nothing else.

Each rule passes one parameter, `spec`: the identity of its output as JSON with sorted keys. Snakemake
compares it as one string, so an output is stale exactly when its identity changed. Contents count,
modification times do not: files outside results/ enter by the digest of what is in them.
GPUs, nodes, concurrency, time-outs and labels are not identity.

Snakemake does not see edits in modules that a script imports. Each stage therefore has a number in
VERSIONS, raised by hand when its output would differ; tests/unit/dag/test_versions.py pins it to a digest
of the stage's code, so that forgetting is noticed. A raised number makes that stage's outputs stale.
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from snakeval.config import Benchmark, Config, Model, Sampling
from snakeval.config.endpoints import identifying
from snakeval.dag.digests import adapter, content, engine_files, folder_content
from snakeval.dag.graders import identity_of
from snakeval.schema import FewShot, Judge, Source, Thresholds

if TYPE_CHECKING:  # the types bring pyarrow, which parsing the workflow does not need
    from snakeval.types import Json

VERSIONS = {
    "infer_config": 2,
    "prepare": 2,
    "generate": 1,
    "agent": 2,
    "grade_math": 4,
    "grade_exact": 4,
    "grade_code": 2,
    "grade_ifeval": 3,
    "grade_ifbench": 1,
    "grade_judge": 4,
    "grade_points": 2,
    "aggregate": 5,
    "import_judgments": 1,
    "import_answers": 1,
    "arena_prompts": 1,
    "lm_eval": 2,
    "arena_judge": 4,
    "costs": 1,
    "leaderboard": 5,
    "agree": 1,
    "calibrate": 2,
    "compare": 1,
    "gate": 1,
    "summary": 7,
    "samples": 1,
    "report": 5,
}


def dumps(identity: object) -> str:
    """The one spelling of an identity: JSON with sorted keys."""
    return json.dumps(identity, sort_keys=True, ensure_ascii=False)


def model(settings: Model) -> Json:
    """What of a model changes what it answers. A local folder counts by its content."""
    keys = ("model", "revision", "engine", "context_length", "prompt_margin", "max_tokens", "dtype")
    folder = Path(settings.model)
    local = settings.engine in ("vllm", "sglang") and (folder / "config.json").is_file()
    local = local or settings.engine == "llama_cpp"
    return {
        **{key: getattr(settings, key) for key in keys},
        "base_urls": identifying(settings) if settings.engine == "external" else None,
        "served_model_name": settings.served_model_name,
        "engine_args": settings.engine_args,
        "extra_body": settings.extra_body,
        "chat_template": content(settings.chat_template),
        "fingerprint": folder_content(settings.model) if local else None,
        # Not there where it is not set: a key more would make every output stale.
        **({"server": settings.server} if settings.server else {}),
        **({"adapter": adapter(settings.adapter)} if settings.adapter else {}),
        **({"vllm_version": settings.vllm_version} if settings.vllm_version else {}),
        **({"engine_files": files} if (files := engine_files(settings.engine_args)) else {}),
    }


def sampling(*layers: Sampling) -> Json:
    """Sampling parameters that are set; a later layer's value stands over an earlier one's."""
    merged: Json = {}
    for layer in layers:
        merged.update(layer.model_dump(exclude_none=True))
    return merged


def infer_config(settings: Model) -> str:
    """Identity of results/configs/{model}.yaml."""
    return dumps({"version": VERSIONS["infer_config"], "model": model(settings)})


def _source(source: Source) -> Json:
    """What rows a source gives. Its licence, and how many rows there should be, change none of them.

    Of a URL only the file's name counts, which may say its format: `sha256` pins what is behind it.
    """
    url = source.url and PurePosixPath(urlsplit(source.url).path).name
    given = source.model_dump(exclude={"rows", "licence"})
    return {**given, "url": url, "data": content(source.file)}


def _few_shot(chosen: FewShot | None) -> Json | None:
    if chosen is None:
        return None
    return {**chosen.model_dump(exclude={"source"}), "source": _source(chosen.source)}


def fetch_model(settings: Model) -> str:
    """Identity of results/models/{model}: the URL, and the digest of what is there."""
    return dumps({"url": settings.model, "content": settings.revision})


def prepare(benchmark: Benchmark) -> str:
    """Identity of results/problems/{benchmark}.parquet."""
    named = benchmark.corrections
    corrections = f"config/corrections/{named}.yaml" if named else None
    return dumps(
        {
            "version": VERSIONS["prepare"],
            "source": _source(benchmark.source),
            "few_shot": _few_shot(benchmark.few_shot),
            "corrections": content(corrections),
            "endpoint": benchmark.endpoint,
            # Not there where it is not set: a key more would make every output stale.
            "fields": benchmark.fields.model_dump(exclude=None if benchmark.fields.choices else {"choices"}),
            "prompt": content(benchmark.prompt),
            "system": content(benchmark.system),
            "limit": benchmark.limit,
        }
    )


def generate(config: Config, benchmark: str, slug: str, retries: int) -> str:
    """Identity of results/generations/{benchmark}/{model}.parquet; the problems come as its input.

    `retries` counts the runs that ended with samples which could not be had: they make the file
    stale, so that the next run asks for those samples again.
    """
    chosen = config.benchmarks[benchmark]
    return dumps(
        {
            "version": VERSIONS["generate"],
            "model": model(config.served[slug]),
            "sampling": sampling(config.served[slug].sampling, chosen.sampling),
            "n_samples": chosen.n_samples,
            "seed": config.settings.seed,
            "retries": retries,
            # Not there for models without one: a key more would make every output stale.
            **agent(config, slug),
        }
    )


def agent(config: Config, slug: str) -> Json:
    """What of a model's agent changes its samples, under one key; nothing for a model without one."""
    name = config.served[slug].agent
    if name is None:
        return {}
    chosen = config.agents[name]
    prompts = {key: content(getattr(chosen, key)) for key in ("generate", "evaluate", "refine")}
    return {"agent": {"version": VERSIONS["agent"], **chosen.model_dump(), **prompts}}


def judge(config: Config, name: str) -> Json:
    """The whole identity of a judge: its model, its prompts, how its verdicts are read."""
    chosen: Judge = config.judges[name]
    served = config.served[config.judge_slug[name]]
    return {
        "model": model(served),
        "prompt": content(chosen.prompt),
        "system": content(chosen.system),
        "verdicts": chosen.verdicts.model_dump() if chosen.verdicts else None,
        "points": chosen.points.model_dump() if chosen.points else None,
        "reasoning": served.reasoning.model_dump(exclude_unset=True),
        "sampling": sampling(served.sampling, chosen.sampling),
        "max_attempts": chosen.max_attempts,
        "base_urls": identifying(served) if chosen.base_urls is not None else None,
        "reasoning_effort": chosen.reasoning_effort,
        "extra_body": chosen.extra_body,
        "seed": config.settings.seed,
    }


def grade(config: Config, benchmark: str, slug: str, grader: str, retries: int = 0) -> str:
    """Identity of results/grades/{benchmark}/{model}/{grader}.parquet."""
    chosen = next(entry for entry in config.benchmarks[benchmark].graders if entry.name == grader)
    return dumps(
        {
            "version": VERSIONS[f"grade_{chosen.type}"],
            "grader": identity_of(chosen),
            "reasoning": config.served[slug].reasoning.model_dump(exclude_unset=True),
            "judge": judge(config, chosen.judge) if chosen.judge else None,
            "retries": retries,
        }
    )


def aggregate(config: Config, benchmark: str, slug: str) -> str:
    """Identity of results/metrics/{benchmark}/{model}/{grader}.json. Recorded answers count as they are."""
    chosen = config.benchmarks[benchmark]
    recorded = config.served[slug].engine == "recorded"
    return dumps(
        {
            "version": VERSIONS["aggregate"],
            "n_samples": None if recorded else chosen.n_samples,
            "bootstrap": config.settings.bootstrap.model_dump(),
            "thresholds": thresholds(chosen.thresholds),
            **({} if chosen.publish else {"publish": False}),
            **({"by": chosen.by} if chosen.by else {}),
        }
    )


def thresholds(merged: Thresholds | None) -> Json:
    assert merged is not None, "filled in from the settings when the configuration was read"
    return merged.model_dump()


def costs(config: Config) -> str:
    """Identity of results/costs.json."""
    prices = {name: each.price and each.price.model_dump() for name, each in config.judges.items()}
    return dumps({"version": VERSIONS["costs"], "prices": prices})


def show(config: Config, stage: str) -> str:
    """Identity of the summary and the report: what they show besides their inputs, the labels."""
    labels = {
        "models": {key: entry.label for key, entry in config.served.items()},
        "benchmarks": {key: entry.label for key, entry in config.benchmarks.items()},
        "arenas": {key: entry.label for key, entry in config.arenas.items()},
    }
    shown = {benchmark: entry.k for benchmark, entry in config.benchmarks.items()}
    # Not there where it is not set: a key more would make every output stale.
    lacking = {"unanswered": config.unanswered} if config.unanswered else {}
    return dumps({"version": VERSIONS[stage], "labels": labels, "k": shown, **lacking})
