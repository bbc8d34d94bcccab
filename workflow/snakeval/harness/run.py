"""One task of EleutherAI's lm-evaluation-harness, asked of our server by the harness' own client.

Its settings are the standard ones: every seed is 42 and the task's own greedy decoding stands, unless the
task's file says otherwise. Answers are kept as they come, in the harness' request cache below
results/.journal, so a job that is killed goes on where it was. Needs the optional dependencies `lm-eval`.
"""

from __future__ import annotations

import asyncio
import difflib
import importlib.util
import json
import logging
import os
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from snakeval.asking.endpoints import Endpoint, Handle, ServerGone
from snakeval.asking.handles import handle_of
from snakeval.config import Config, Model
from snakeval.config.endpoints import base_urls
from snakeval.dag import identity
from snakeval.harness.stops import cutting
from snakeval.models.dialects import DIALECTS, dialect_of
from snakeval.models.refused import most_stops
from snakeval.models.serving_config import ServingConfig, read_serving_config
from snakeval.schema import LmEvalTask
from snakeval.system.files import write_text
from snakeval.types import Json

log = logging.getLogger(__name__)
SEED = 42
# A server takes that many requests at once without a queue that would run into time-outs.
CONCURRENCY = 64


class HarnessError(RuntimeError):
    """The harness can't run the task; the message names the task and the cause."""


def describe_task(task: LmEvalTask, output: Path) -> None:
    """Write what a task is: its subtasks with their output types and numbers of documents.

    This fetches the task's data, so that neither a misspelt name nor a missing data set costs a GPU. Raises
    HarnessError.
    """
    manager = _task_manager(task)
    from lm_eval.tasks import get_task_dict

    subtasks = dict(_subtasks(get_task_dict([task.task], manager)))
    likelihood = [name for name, found in subtasks.items() if found.OUTPUT_TYPE != "generate_until"]
    if task.endpoint == "chat" and likelihood:
        raise HarnessError(
            f"task '{task.task}' compares likelihoods ({', '.join(likelihood[:3])}), which chats don't give: "
            "set 'endpoint: completions' in a file in config/lm_eval"
        )
    described = {
        name: {"output_type": found.OUTPUT_TYPE, "version": found.VERSION, "documents": len(found.eval_docs)}
        for name, found in subtasks.items()
    }
    write_text(output, json.dumps({"task": task.task, "subtasks": described}, indent=1, default=str) + "\n")


def _subtasks(found: Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    for name, task in found.items():
        if isinstance(task, Mapping):
            yield from _subtasks(task)
        else:
            yield str(name), task


def _task_manager(task: LmEvalTask) -> Any:
    """Raises HarnessError where the harness is not installed or has no such task."""
    if importlib.util.find_spec("lm_eval") is None:
        raise HarnessError("lm_eval: install Snakeval with its optional dependencies 'lm-eval'")
    from lm_eval.tasks import TaskManager

    if task.include_path:  # the harness' own 14,000 are not looked at for one that needs none of them
        manager = TaskManager(include_path=task.include_path, include_defaults=False)
        if task.task in manager.all_subtasks:
            return manager
    manager = TaskManager(include_path=task.include_path)
    if task.task not in manager.all_tasks:
        where = f" nor in {task.include_path}" if task.include_path else ""
        near = difflib.get_close_matches(task.task, manager.all_tasks, 3)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise HarnessError(f"lm_eval: there is no task '{task.task}' in the harness{where}{hint}")
    return manager


def run_task(
    config: Config, name: str, slug: str, *, serving: Path, service: Path | None, journal: Path, output: Path
) -> None:
    """Write results/lm_eval/{task}/{model}.json: the harness' results under its own keys.

    Raises HarnessError for a task that can't be run and ServerGone; answers that were had are kept.
    """
    task, model = config.lm_eval[name], config.served[slug]
    settings = read_serving_config(serving)
    folder = journal / cache_key(task, model, settings)
    folder.mkdir(parents=True, exist_ok=True)
    found = _evaluate(task, model, settings, handle_of(model, service), folder / "answers")
    keys = ("results", "groups", "versions", "n-shot", "n-samples", "higher_is_better")
    figures = {key: found[key] for key in keys if found.get(key)}
    parallel = settings.tensor_parallel_size
    document = {"task": task.task, "model": slug, "seed": SEED, "tensor_parallel_size": parallel, **figures}
    write_text(output, json.dumps(document, indent=1, sort_keys=True, default=str) + "\n")


def cache_key(task: LmEvalTask, model: Model, settings: ServingConfig) -> str:
    """What answers are kept under: all that changes them but the requests, which the harness tells apart.

    The harness itself asks its cache for a request whoever the server is (lm-evaluation-harness#4063).
    """
    external = model.engine == "external" and not model.server
    spec = {
        "task": task.model_dump(),
        "model": identity.model(model),
        "base_urls": base_urls(model) if external else None,  # those of the environment, too
        "resolved_revision": settings.resolved_revision,
        "max_model_len": settings.max_model_len,
        "dtype": settings.dtype,
    }
    return sha256(identity.dumps(spec).encode()).hexdigest()[:16]


def _evaluate(
    task: LmEvalTask, model: Model, settings: ServingConfig, handle: Handle, cache: Path
) -> Mapping[str, Any]:
    """Run the harness until it gets through: after a failure only what its cache lacks is asked again."""
    handle.demand()
    for attempt in range(1, model.max_attempts + 1):
        endpoint = asyncio.run(handle.wait_ready(model.start_timeout))
        try:
            return _simple_evaluate(task, model, settings, endpoint, cache)
        except Exception as error:
            if reason := handle.gone():
                raise ServerGone(reason) from error
            if attempt == model.max_attempts or isinstance(error, HarnessError):
                raise
            log.warning("attempt %d failed: %s: %s", attempt, type(error).__name__, error)
    raise AssertionError("the last attempt returns or raises")


def _simple_evaluate(
    task: LmEvalTask, model: Model, settings: ServingConfig, endpoint: Endpoint, cache: Path
) -> Mapping[str, Any]:
    os.environ["OPENAI_API_KEY"] = endpoint.api_key or "none"  # where the harness' client looks for it
    from lm_eval.api.registry import get_model
    from lm_eval.evaluator import simple_evaluate

    chat = task.endpoint == "chat"
    client = get_model("local-chat-completions" if chat else "local-completions")
    most = most_stops(model.env, dialect_of(model.engine)) if model.engine in DIALECTS else most_stops({})
    found = simple_evaluate(
        model=cutting(client, most)(**model_arguments(task, model, settings, endpoint)),
        tasks=[task.task],
        num_fewshot=task.num_fewshot,
        limit=task.limit,
        apply_chat_template=chat,
        gen_kwargs=dict(task.gen_kwargs) or None,
        use_cache=str(cache),
        bootstrap_iters=1000,
        log_samples=False,
        task_manager=_task_manager(task),
        random_seed=SEED,
        numpy_random_seed=SEED,
        torch_random_seed=SEED,
        fewshot_random_seed=SEED,
        confirm_run_unsafe_code=False,
    )
    assert found is not None, "only ranks other than 0 get nothing"
    return dict(found)


def model_arguments(task: LmEvalTask, model: Model, settings: ServingConfig, endpoint: Endpoint) -> Json:
    """What the harness' client is told of the server; likelihoods need the model's own tokenizer."""
    chat = task.endpoint == "chat"
    concurrency = CONCURRENCY if isinstance(model.concurrency, str) else model.concurrency
    arguments: Json = {
        "model": endpoint.served_model_name,
        "base_url": f"{endpoint.base_urls[0]}/{'chat/completions' if chat else 'completions'}",
        "num_concurrent": concurrency,
        "max_retries": model.max_attempts,
        "timeout": int(model.request_timeout),
        "max_length": settings.max_model_len or 2048,
        "seed": SEED,
        "tokenizer_backend": None if chat else "huggingface",
        "tokenized_requests": not chat,
    }
    if not chat:
        arguments |= {
            "tokenizer": task.tokenizer or settings.model,
            "revision": settings.resolved_revision or "main",
        }
    return arguments
