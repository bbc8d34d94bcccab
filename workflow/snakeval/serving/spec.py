"""What the `serve` rule passes to `serving.service`: one JSON object, completed by the serving config."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from snakeval.models.checkpoints import served_folder
from snakeval.models.serving_config import SIZES, ServingConfig, read_serving_config


class SpecError(ValueError):
    """A spec can't be served; the message names the key."""


@dataclass(frozen=True, slots=True)
class ServeSpec:
    """How to start one model's engine. Holds no secret: keys reach the engine by inherited environment.

    `gpus` is {"per_node": count, "memory_gib": size}: with it a serving config's model is placed anew, and
    `per_node: 0` serves on the CPU. A key left out, or null, is taken from the serving config where that
    has it. `program` are the words that stand for the engine's program, where it is another than the one that
    is found. `adapters` are LoRA adapters by the names that they are served under. `host` is the address that
    the API listens on. Times in seconds, sizes in bytes.
    """

    served_model_name: str
    model: str
    engine: str = "vllm"
    revision: str | None = None
    max_model_len: int | None = None
    dtype: str | None = None
    tensor_parallel_size: int | None = None
    pipeline_parallel_size: int | None = None
    data_parallel_size: int | None = None
    nodes: int | None = None
    distributed_executor_backend: str | None = None
    chat_template: str | None = None
    adapters: Mapping[str, str] = field(default_factory=dict)
    program: tuple[str, ...] | None = None
    kv_cache_bytes: int | None = None
    engine_args: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    gpus: Mapping[str, float] | None = None
    start_timeout: float = 3600
    restarts: int = 2
    host: str = "127.0.0.1"

    @property
    def on_cpu(self) -> bool:
        """Whether there is no GPU to serve on."""
        return self.gpus is not None and self.gpus["per_node"] == 0


def read_spec(text: str, config: Path | None = None) -> ServeSpec:
    """Build a spec from JSON, or from the file of that name, and from a serving config.

    Raises SpecError, ServingConfigError and OSError.
    """
    try:
        values = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise SpecError(f"spec: not JSON: {error}") from error
    known = {entry.name: entry for entry in fields(ServeSpec)}
    if unknown := sorted(set(values) - set(known)):
        raise SpecError(f"spec: unknown {', '.join(unknown)}; known are {', '.join(known)}")
    given = {key: value for key, value in values.items() if value is not None}
    if config is not None:
        given = given | _of_config(read_serving_config(config), given)
    required = [key for key, entry in known.items() if entry.default is entry.default_factory is MISSING]
    if missing := [key for key in required if key not in given]:
        raise SpecError(f"spec: {', '.join(missing)} is missing")
    words = {key: tuple(given[key]) for key in ("program", "engine_args") if key in given}
    return ServeSpec(**{**given, **words})


def _of_config(config: ServingConfig, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the serving config adds to what is given; the placement follows from both."""
    folder = Path(config.model)
    values = {
        "model": str(served_folder(folder)) if folder.is_dir() else config.model,
        "revision": config.resolved_revision,
        "max_model_len": config.max_model_len,
        "dtype": config.dtype,
        "kv_cache_bytes": config.kv_cache_bytes,
        **{key: getattr(config, key) for key in SIZES},
        **given,
    }
    if "gpus" in given:
        place = config.place(SimpleNamespace(**given["gpus"]), given)  # type: ignore[arg-type]
        values |= {key: getattr(place, key) for key in SIZES}
    return {key: value for key, value in values.items() if value is not None}
