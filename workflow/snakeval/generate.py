"""Problems x model -> generations: n samples a problem, each asked for once in a lifetime."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path

from snakeval import identity
from snakeval.asking import Limits
from snakeval.config import Config, Model, Sampling
from snakeval.digests import RequestDigests, sample_seed
from snakeval.endpoints import ExternalHandle, Handle
from snakeval.infer import ServingConfig, read_serving_config
from snakeval.kept_client import KeptHandle
from snakeval.request import Request
from snakeval.retries import note_failures
from snakeval.rows import complete, rows_of
from snakeval.service_client import ServiceHandle
from snakeval.shards import WHOLE, Shard, gathered
from snakeval.tables import read_rows, write_rows
from snakeval.types import Generation, Json, Problem

log = logging.getLogger(__name__)


def limits_of(model: Model) -> Limits:
    """How to ask a model, from its file."""
    return Limits(
        concurrency=model.concurrency,
        max_attempts=model.max_attempts,
        request_timeout=model.request_timeout,
        start_timeout=model.start_timeout,
        lease_timeout=model.lease_timeout,
        hosted=model.hosted,
    )


def handle_of(model: Model, service: Path | None) -> Handle:
    """The server behind a model: the workflow's service, or an endpoint that exists."""
    if service is None:
        return KeptHandle(model.server, model.served_model_name) if model.server else ExternalHandle(model)
    return ServiceHandle(service)


class LengthError(ValueError):
    """An answer may be as long as the whole context; the message names the key to lower."""


def request_body(model: Model, serving: ServingConfig, sampling: Sampling, file: str) -> Json:
    """The parameters of a request: the model's own defaults, its file's, the benchmark's, agent's or judge's.

    Each later one stands over the earlier ones; `max_tokens` defaults to the serving config's. `file` is
    where `sampling` stands. Raises LengthError where vLLM would refuse every request.
    """
    body: Json = {} if serving.max_tokens is None else {"max_tokens": serving.max_tokens}
    body = {**body, **serving.sampling, **identity.sampling(model.sampling, sampling), **model.extra_body}
    tokens, context = body.get("max_tokens"), serving.max_model_len
    if model.engine == "vllm" and tokens and context and tokens >= context:
        place = f"{file}: sampling.max_tokens" if sampling.max_tokens == tokens else "the model's max_tokens"
        raise LengthError(
            f"{place} is {tokens}, which leaves no room for a prompt: the context of {model.model} has "
            f"{context} tokens (max_model_len). Lower it, or raise the model's context_length"
        )
    return body


def request_identity(stage: str, model: Model, serving: ServingConfig, body: Json) -> Json:
    """What all requests of a job have in common and what changes their answers."""
    return {
        "version": identity.VERSIONS[stage],
        "model": identity.model(model),
        "resolved_revision": serving.resolved_revision,
        "max_model_len": serving.max_model_len,
        "dtype": serving.dtype,
        "body": body,
    }


def build_requests(
    problems: Iterable[Problem], common: Json, body: Json, n_samples: int, base_seed: int
) -> list[Request]:
    """n_samples requests a problem, in the order of the problems; see `digests.sample_seed`."""
    digests = RequestDigests(common)
    requests = []
    for problem in problems:
        for index in range(n_samples):
            seed = sample_seed(base_seed, problem.problem_id, index)
            digest = digests.of(problem.problem_id, problem.messages, index, seed)
            requests.append(Request(problem.problem_id, index, digest, problem.messages, seed, body))
    return requests


def sampling_of(config: Config, benchmark: str, slug: str) -> tuple[Sampling, str]:
    """A benchmark's sampling and its file; an agent's, which has to fit longer prompts, stands over it."""
    agent, chosen = config.served[slug].agent, config.benchmarks[benchmark].sampling
    if agent is None:
        return chosen, f"config/benchmarks/{benchmark}.yaml"
    over = chosen.model_copy(update=config.agents[agent].sampling.model_dump(exclude_none=True))
    return over, f"config/agents/{agent}.yaml"


def wanted(
    config: Config, benchmark: str, slug: str, problems: Iterable[Problem], serving: ServingConfig
) -> list[Request]:
    """All requests of a model on a benchmark, answered already or not."""
    model, chosen = config.served[slug], config.benchmarks[benchmark]
    body = request_body(model, serving, *sampling_of(config, benchmark, slug))
    common = {**request_identity("generate", model, serving, body), **identity.agent(config, slug)}
    return build_requests(problems, common, body, chosen.n_samples, config.settings.seed)


def generate(
    config: Config,
    benchmark: str,
    slug: str,
    *,
    problems: Path,
    serving: Path,
    service: Path | None,
    journal: Path,
    output: Path,
    shard: Shard = WHOLE,
) -> None:
    """Write results/generations/{benchmark}/{model}.parquet, asking only for what no journal has.

    A shard writes its own rows, and leaves it to `gather` to note those that could not be had.
    Raises ServerGone or Interrupted (see `snakeval.asking`); completed samples are kept.
    """
    model = config.served[slug]
    settings = read_serving_config(serving)
    rows = shard.of(list(read_rows(problems, Problem)))
    requests = wanted(config, benchmark, slug, rows, settings)
    asked = (journal, handle_of(model, service), limits_of(model), shard)
    if model.agent is None:
        index = complete(requests, *asked)
    else:
        # Imported late: it imports this module.
        from snakeval.agents.run import Agents

        index = Agents(config, benchmark, slug, settings, rows).finish(requests, *asked)
    write_rows(output, Generation, (row for row in rows_of(requests, index)))
    if shard == WHOLE:
        note_failures(journal, count_transient(output))


def gather(
    config: Config,
    benchmark: str,
    slug: str,
    *,
    problems: Path,
    serving: Path,
    shards: Sequence[Path],
    journal: Path,
    output: Path,
) -> None:
    """Write the same file from the rows of its shards, in the order of their indexes."""
    settings = read_serving_config(serving)
    requests = wanted(config, benchmark, slug, read_rows(problems, Problem), settings)
    rows = gathered(requests, config.benchmarks[benchmark].n_samples, shards)
    write_rows(output, Generation, rows)
    note_failures(journal, count_transient(output))


def count_transient(output: Path) -> int:
    """Rows of a generations file whose error may go away when asked again."""
    return sum(
        row.error is not None and not row.error.startswith("permanent")
        for row in read_rows(output, Generation)
    )
