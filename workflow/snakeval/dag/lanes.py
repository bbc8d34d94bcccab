"""Which server a benchmark's samples are asked of: one a model, or several that share its benchmarks.

A lane is one service, on Slurm one allocation. None of this is identity: other numbers of lanes and shards
find all rows in the journals, which belong to a benchmark and a model.
"""

from __future__ import annotations

from pathlib import Path

from snakeval.config import Config
from snakeval.config.naming import base_slug
from snakeval.models.serving_config import read_serving_config, with_inferred
from snakeval.schema import Model, Reasoning

FIRST = "generate"


def shards(config: Config, benchmark: str, model: str) -> int:
    """Into how many parts a model's samples of a benchmark are split; 1 where the server is not ours."""
    managed = config.served[model].engine != "external"
    return config.benchmarks[benchmark].shards if managed else 1


def server(config: Config, model: str) -> str:
    """Whose server and serving config a model is asked with: its own, but an agent shares those of its model.

    It does so where that model is there as well and differs in nothing but the agent. Adapters of one base
    share those of the first of them.
    """
    if config.served[model].adapter:
        return next(name for name in config.served if _same_base(config.served[name], config.served[model]))
    chosen = config.served[model]
    base = base_slug(chosen, model)
    other = config.served.get(base)
    alone = other and other.model_copy(update={"agent": chosen.agent, "label": chosen.label})
    return base if alone == chosen else model


def with_servers(config: Config) -> list[str]:
    """The models under test that have a server of their own here."""
    return [
        model
        for model, settings in config.models.items()
        if settings.engine not in ("external", "recorded") and server(config, model) == model
    ]


def _same_base(one: Model, other: Model) -> bool:
    """Whether two models are adapters of one base and served alike."""
    own = dict.fromkeys(("adapter", "served_model_name", "label", "agent"))
    return bool(one.adapter) and one.model_copy(update=own) == other.model_copy(update=own)


def adapters(config: Config, model: str) -> dict[str, str]:
    """The adapters of a model's server, by the names that requests give them; none without any."""
    chosen = config.served[model]
    if not chosen.adapter:
        return {}
    shared = [name for name, each in config.served.items() if each.adapter and server(config, name) == model]
    served = [config.served[name] for name in shared] or [chosen]
    return {str(each.served_model_name): str(each.adapter) for each in served}


def serving_configs(config: Config, *models: str) -> list[str]:
    """The serving configs that say how models mark their reasoning, each once; recorded ones have none."""
    asked = [model for model in models if config.served[model].engine != "recorded"]
    return list(dict.fromkeys(f"results/configs/{server(config, model)}.yaml" for model in asked))


def reasoning(config: Config, model: str) -> Reasoning:
    """How a model marks its reasoning: what its file sets, and what its serving config says was inferred."""
    files = serving_configs(config, model)
    serving = read_serving_config(Path(files[0])) if files else None
    return with_inferred(config.served[model].reasoning, serving)


def lanes(config: Config, model: str) -> int:
    """Among how many servers a model's benchmarks are divided."""
    return config.served[model].lanes or config.settings.lanes


def generate_inputs(config: Config, benchmark: str, model: str) -> dict[str, str | list[str]]:
    """What `generate` needs besides problems and config: a server, the shards to gather, or nothing."""
    count = shards(config, benchmark, model)
    if count > 1:
        return {"shards": [shard_file(benchmark, model, index, count) for index in range(count)]}
    return _service(config, model, list(config.benchmarks).index(benchmark) % lanes(config, model))


def services(config: Config, benchmark: str, model: str) -> list[str]:
    """All servers that are asked for a benchmark; none where the endpoint exists already."""
    count = shards(config, benchmark, model)
    if count == 1:
        inputs = [generate_inputs(config, benchmark, model)]
    else:
        inputs = [shard_inputs(config, model, index) for index in range(count)]
    return [str(each["service"]) for each in inputs if "service" in each]


def shard_inputs(config: Config, model: str, index: int) -> dict[str, str | list[str]]:
    """The server of the shard with this index, of whatever benchmark."""
    return _service(config, model, index)


def shard_file(benchmark: str, model: str, index: int, count: int) -> str:
    """Where the rows of one shard are until they are gathered."""
    return f"results/shards/{benchmark}/{model}/{index}-of-{count}.parquet"


def judge_lane(config: Config, judge: str, model: str) -> str:
    """The lane of a judge's server that judges this model, and the others of its batch."""
    return f"judge-{list(config.served).index(model) // config.judges[judge].batch_size}"


def _service(config: Config, model: str, lane: int) -> dict[str, str | list[str]]:
    """The service of a lane: none where the endpoint exists already. Lane 0 has the plain name."""
    if config.served[model].engine == "external":
        return {}
    return {
        "service": f"results/services/{f'{FIRST}-{lane}' if lane else FIRST}/{server(config, model)}.json"
    }
