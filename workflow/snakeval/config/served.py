"""Whether what is said of one model fits together, and whether an engine or an endpoint could follow it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from snakeval.config.endpoints import FALLBACK_VARIABLES, api_key, base_urls, kept_models, servers_folder
from snakeval.config.engines import check_engine
from snakeval.config.errors import Report, as_far_as_right, listed
from snakeval.config.places import Place
from snakeval.config.sizes import check_lengths, check_placement
from snakeval.models.serving_config import SIZES
from snakeval.schema import Gpus, Model
from snakeval.schema.values import check_url

# Keys that only an engine started here can follow, and those of an endpoint that exists already.
ENGINE_KEYS = (
    "adapter",
    "chat_template",
    "dtype",
    *SIZES,
    "distributed_executor_backend",
    "vllm",
    "vllm_version",
    "engine_args",
    "env",
)
ENDPOINT_KEYS = ("base_urls", "urls_count", "server", "api_key_env", "api_key_file", "hosted")
Add = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Looking:
    """Where mistakes are noted, and what is looked at to find them.

    Without `deep`, files and the environment are not: the workflow's main process has done so. With
    `fetching`, what is to be fetched and what only asking a model needs are not missed.
    """

    root: Path
    report: Report
    gpus: Gpus
    deep: bool
    fetching: bool = False


def check_model(model: Model, place: Place, looking: Looking) -> None:
    """Note in the report what is wrong with a model, whether it has a file or only a name."""

    def add(key: str, message: str) -> None:
        looking.report.add(place.file, place.key(key), message)

    if model.engine == "external":
        _check_endpoint(model, add, looking.deep and not looking.fetching)
    elif model.engine == "recorded":
        _check_answers(model, add, looking.root if looking.deep else None)
    else:
        for key in ENDPOINT_KEYS:
            if getattr(model, key):
                add(key, "goes with 'engine: external'; an engine started here gets its address and key")
        check_placement(model, looking.gpus, add)
        check_engine(model, add)
    check_lengths(model, add)
    if model.hosted and not model.api_key_env and not model.api_key_file:
        looking.report.warn(place.file, place.key("api_key_env"), "not set: requests go without a key")
    if looking.deep and model.chat_template and not (looking.root / model.chat_template).is_file():
        add("chat_template", f"there is no file '{model.chat_template}'")


@as_far_as_right
def _check_endpoint(model: Model, add: Add, check_environment: bool) -> None:
    for key in ENGINE_KEYS:
        if getattr(model, key):
            add(key, "has no effect with 'engine: external', whose server is not started here")
    own = ("base_urls", "api_key_env", "api_key_file", "hosted")
    contrary = [key for key in own if model.server and getattr(model, key)]
    for key in contrary:
        add(key, f"has no effect with 'server: {model.server}', which says where it is and has its key")
    if model.api_key_env and model.api_key_file:
        add("api_key_file", "goes without api_key_env: the key is in the one or in the other")
    if check_environment and not contrary:
        _check_environment(model, add)


@as_far_as_right
def _check_environment(model: Model, add: Add) -> None:
    if model.server:
        if model.server not in (kept := kept_models()):
            there = f"there are {listed(kept)}" if kept else "there is none"
            start = f"'snakemake servers --config models={model.server}' starts one"
            add("server", f"no server of '{model.server}' is kept in {servers_folder()}: {there}; {start}")
        return
    variables = " or ".join(FALLBACK_VARIABLES)
    if not (urls := base_urls(model)):
        add("base_urls", f"is missing; give the server's URLs here or in {variables}, separated by commas")
    for url in () if model.base_urls else urls:
        try:
            check_url(url)
        except ValueError as error:
            add("base_urls", f"one of those in {variables} {error}")
    if model.api_key_env and not os.environ.get(model.api_key_env):
        # Should somebody have put the key itself here, it is not repeated in a log.
        named = model.api_key_env if model.api_key_env.isupper() else "that it names"
        add("api_key_env", f"the environment variable {named} is not set; it must hold the key")
        return
    try:
        api_key(model)
    except ValueError as error:
        add("api_key_file", str(error))


@as_far_as_right
def _check_answers(model: Model, add: Add, root: Path | None) -> None:
    """Check the files of recorded answers; those below `root` are looked for, if that is given."""
    if not model.answers:
        add("answers", "is missing: 'engine: recorded' needs a source of answers for each benchmark")
    for key in (*ENGINE_KEYS, *ENDPOINT_KEYS):
        if getattr(model, key):
            add(key, "has no effect with 'engine: recorded', whose answers are there already")
    for name, source in model.answers.items():
        if root is not None and source.file and not (root / Path(source.file).expanduser()).is_file():
            add(f"answers.{name}.file", f"there is no file '{source.file}'")
