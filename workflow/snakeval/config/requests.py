"""Whether the engine that is started can answer the requests that a configuration leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from snakeval.config.agents import asked
from snakeval.config.errors import Report, as_far_as_right
from snakeval.config.places import Place
from snakeval.config.resolved import Config
from snakeval.models.chats import lacks_template, said
from snakeval.models.dialects import DIALECTS, dialect_of
from snakeval.models.refused import refused
from snakeval.schema import Model, Sampling

# The harness reads these itself; what a task stops at is cut on this side where it is too much for a server.
HARNESS_KEYS = ("until", "do_sample", "max_gen_toks")


@dataclass(frozen=True, slots=True)
class Layer:
    """Some of a request's parameters, and where they are set; a later layer stands over an earlier one."""

    file: str
    prefix: str
    values: Mapping[str, object]


@as_far_as_right
def check_requests(config: Config, places: Mapping[str, Place], report: Report) -> None:
    """Note, where it is set, what an engine here would refuse or ignore in every request of a model."""
    for slug, layers in _requests(config, places):
        model = config.served[slug]
        if model.engine not in DIALECTS and not model.server:
            continue
        body = {key: value for layer in layers for key, value in layer.values.items()}
        for key, why in refused(body, model.env, dialect_of(model.engine)).items():
            for layer in reversed(layers):
                if key in layer.values:
                    report.add(layer.file, f"{layer.prefix}{key}", why)
                    break
    for name, task in config.lm_eval.items():
        wrong = [slug for slug in config.models if config.served[slug].engine == "llama_cpp"]
        if task.endpoint != "chat" and wrong:
            message = f"asks for likelihoods of prompts, which llama.cpp does not give ({', '.join(wrong)})"
            report.add(f"config/lm_eval/{name}.yaml", "endpoint", message)


def chats(config: Config) -> dict[str, list[str]]:
    """Who asks each model in chats, in words."""
    found: dict[str, list[str]] = {}
    for slug, benchmark in asked(config):
        chosen = config.benchmarks.get(benchmark)
        if chosen is not None and chosen.endpoint == "chat":
            found.setdefault(slug, []).append(f"the benchmark '{benchmark}'")
    for name, slug in config.judge_slug.items():
        found.setdefault(slug, []).append(f"the judge '{name}'")
    for name, task in config.lm_eval.items():
        if task.endpoint == "chat":
            for slug in config.models:
                found.setdefault(slug, []).append(f"the lm_eval task '{name}'")
    return found


@as_far_as_right
def check_chats(config: Config, places: Mapping[str, Place], root: Path, report: Report) -> None:
    """Note the models in folders here that are asked in chats and have no template for them."""
    for slug, asked_by in chats(config).items():
        model = config.served.get(slug)
        folder = root / Path(model.model).expanduser() if model else root
        if model and folder.exists() and lacks_template(model, folder):
            place = places[slug]
            report.add(place.file, place.key("chat_template"), said(model, asked_by))


def _requests(config: Config, places: Mapping[str, Place]) -> Iterator[tuple[str, Sequence[Layer]]]:
    """Each kind of request: the model that is asked, and what its parameters come from."""
    for slug, benchmark in asked(config):
        if slug not in config.served or benchmark not in config.benchmarks:
            continue
        own, extra = _of_model(config.served[slug], places[slug])
        said = [_sampling(f"config/benchmarks/{benchmark}.yaml", config.benchmarks[benchmark].sampling)]
        agent = config.served[slug].agent
        if agent in config.agents:
            said.append(_sampling(f"config/agents/{agent}.yaml", config.agents[agent].sampling))
        yield slug, (own, *said, extra)
    for name, slug in config.judge_slug.items():
        file, judge = f"config/judges/{name}.yaml", config.judges[name]
        own, extra = _of_model(config.served[slug], places[slug])
        yield (
            slug,
            (own, _sampling(file, judge.sampling), extra, Layer(file, "extra_body.", judge.extra_body)),
        )
    for name, task in config.lm_eval.items():
        given = {key: value for key, value in task.gen_kwargs.items() if key not in HARNESS_KEYS}
        layer = Layer(f"config/lm_eval/{name}.yaml", "gen_kwargs.", given)
        yield from ((slug, (layer,)) for slug in config.models)


def _of_model(model: Model, place: Place) -> tuple[Layer, Layer]:
    """A model's sampling, and what its file adds to every request."""
    if place.name is not None:  # it has no file, and so sets nothing
        return Layer(place.file, "", {}), Layer(place.file, "", {})
    return _sampling(place.file, model.sampling), Layer(place.file, "extra_body.", model.extra_body)


def _sampling(file: str, sampling: Sampling) -> Layer:
    return Layer(file, "sampling.", sampling.model_dump(exclude_none=True))
