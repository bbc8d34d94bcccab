"""A model of the configuration -> servers of it that are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from snakeval.config import Config
from snakeval.dag import plan
from snakeval.models.infer import infer_config
from snakeval.serving.kept import start as kept_start
from snakeval.serving.kept.registry import KeptError, Server
from snakeval.serving.spec import ServeSpec, read_spec


def keep(
    config: Config,
    model: str,
    count: int = 1,
    sbatch: Sequence[str] | None = None,
    address: str | None = None,
) -> list[Server]:
    """Have `count` servers of a model live; returns those that were started. Raises KeptError.

    With `sbatch`, which gets what the placement asks for besides, they are Slurm jobs.
    """
    spec = spec_of(config, model)
    options = (
        None if sbatch is None else [*kept_start.sbatch_options({}, 1, spec, _gpus(config, model)), *sbatch]
    )
    return kept_start.start(model, spec, count, options, address)


def keep_with(config: Config, model: str, resources: Mapping[str, Any], threads: int) -> list[Server]:
    """The same for a rule; the configuration's `kept_servers` says how many.

    They are on Slurm where the rule's profile names an account or a partition, else here.
    """
    spec = spec_of(config, model)
    options = None
    if resources.get("slurm_account") or resources.get("slurm_partition"):
        options = kept_start.sbatch_options(resources, threads, spec, _gpus(config, model))
    return kept_start.start(model, spec, config.settings.kept_servers, options)


def spec_of(config: Config, model: str) -> ServeSpec:
    """How a model's server is started; its serving config is inferred if it is not there yet."""
    settings = config.served[model]
    if settings.engine == "external":
        raise KeptError(f"{model}: it has 'engine: external', so it is no server of ours to start")
    serving = _serving(model)
    if not serving.exists():
        infer_config(model, settings, config.settings.gpus, serving)
    spec = json.loads(plan.serve_spec(config, model))
    # An engine may be started again much later, from anywhere.
    template = spec["chat_template"]
    spec["chat_template"] = str(Path(template).absolute()) if template else None
    return read_spec(json.dumps(spec), serving)


def _gpus(config: Config, model: str) -> int:
    return plan.gpus(config, model, str(_serving(model)))


def _serving(model: str) -> Path:
    return Path(f"results/configs/{model}.yaml")
