"""What was run: of a model on a benchmark, what its file of generations and its serving config say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc

from snakeval.models.serving_config import ServingConfigError, read_serving_config
from snakeval.system import origin
from snakeval.system.tables import read_table
from snakeval.types import Generation, Json

SHOWN = 4  # names that servers go by
SERVING = (
    *(
        "model",
        "resolved_revision",
        "dtype",
        "context_length",
        "max_model_len",
        "max_tokens",
        "num_parameters",
    ),
    *("tensor_parallel_size", "pipeline_parallel_size", "data_parallel_size", "nodes"),
)


def run_of(generations: Path) -> Json:
    """Sampling, seed and engine as they are on record with the samples, and when these were finished.

    Empty keys are left out; a file of an earlier version says less.
    """
    found = origin.read(str(generations))
    spec: Json = json.loads(found.spec) if found else {}
    table = read_table(generations, Generation, ["model", "system_fingerprint"])
    seen = {key: pc.unique(table[key].drop_null()).to_pylist()[:SHOWN] for key in table.column_names}
    at = datetime.fromtimestamp(generations.stat().st_mtime, UTC)
    model = spec.get("model", {})
    run = {
        "sampling": spec.get("sampling"),
        "samples a problem": spec.get("n_samples"),
        "seed": spec.get("seed"),
        "engine": model.get("engine"),
        "engine's arguments": model.get("engine_args"),
        "agent": spec.get("agent", {}).get("kind"),
        "server says it is": seen["model"],
        "engine's fingerprint": seen["system_fingerprint"],
        "finished": at.strftime("%Y-%m-%d %H:%M UTC"),
        "samples": len(table),
    }
    return {key: value for key, value in run.items() if value not in (None, [], {}, "")}


def serving_of(path: Path) -> Json:
    """A model's serving config: each value with where it came from; nothing where there is none."""
    try:
        found = read_serving_config(path)
    except (OSError, ServingConfigError):
        return {}
    values = {name: getattr(found, name) for name in SERVING}
    return {
        name: [value, found.provenance.get(name, "")] for name, value in values.items() if value is not None
    }
