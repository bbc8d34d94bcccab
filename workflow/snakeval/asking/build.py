"""What a request is built of: its body, its identity, its seed and the digest that its row is known by.

Whoever asks a model builds its requests here: `generate`, the agents, the judges.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

from snakeval.asking.clients import bound_of
from snakeval.asking.request import Request
from snakeval.config import Config, Model, Sampling
from snakeval.config.tries import original
from snakeval.dag import identity
from snakeval.dag.identity import dumps
from snakeval.models.serving_config import ServingConfig
from snakeval.types import Json, Message, Problem


def sample_seed(base: int, problem_id: str, sample_index: int) -> int:
    """Seed of one sample: a function of (base seed, problem, index), so that no row depends on order."""
    text = dumps([base, problem_id, sample_index])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") & 0x7FFFFFFF


# The numbers in the digests of judges' requests. They are not their stages', which are raised where texts are
# read otherwise: what a paid judge has answered is not asked for again then. Raise one where it must be.
ASKED = {"grade_judge": 3, "arena_judge": 3}


class RequestDigests:
    """Digests of the requests of one generation job, 32 hex characters each.

    `common` is what all its requests share: stage version, model, resolved revision, engine and
    sampling. What differs is hashed on top of it, which makes a digest cost a few microseconds.
    """

    def __init__(self, common: Mapping[str, object]) -> None:
        self._common = hashlib.sha256(dumps(common).encode())

    def of(self, problem_id: str, messages: Sequence[Message], sample_index: int, seed: int) -> str:
        """Digest of one sample's request."""
        digest = self._common.copy()
        digest.update(dumps([problem_id, list(messages), sample_index, seed]).encode())
        return digest.hexdigest()[:32]


class LengthError(ValueError):
    """An answer may be as long as the whole context; the message names the key to lower."""


def request_body(model: Model, serving: ServingConfig, sampling: Sampling, file: str) -> Json:
    """The parameters of a request: the model's own defaults, its file's, the benchmark's, agent's or judge's.

    Each later one stands over the earlier ones; `max_tokens` defaults to the serving config's. `file` is
    where `sampling` stands. Raises LengthError where the engine would refuse every
    request.
    """
    body: Json = {} if serving.max_tokens is None else {"max_tokens": serving.max_tokens}
    body = {**body, **serving.sampling, **identity.sampling(model.sampling, sampling), **model.extra_body}
    tokens, context = bound_of(body), serving.max_model_len
    if model.engine in ("vllm", "sglang") and tokens and context and tokens >= context:
        place = f"{file}: sampling.max_tokens" if sampling.max_tokens == tokens else "the model's max_tokens"
        place = "extra_body: max_completion_tokens" if body.get("max_completion_tokens") else place
        raise LengthError(
            f"{place} is {tokens}, which leaves no room for a prompt: the context of {model.model} has "
            f"{context} tokens (max_model_len). Lower it, or raise the model's context_length"
        )
    return body


def request_identity(stage: str, model: Model, serving: ServingConfig, body: Json) -> Json:
    """What all requests of a job have in common and what changes their answers."""
    return {
        "version": ASKED.get(stage, identity.VERSIONS[stage]),
        "model": identity.model(model),
        "resolved_revision": serving.resolved_revision,
        "max_model_len": serving.max_model_len,
        "dtype": serving.dtype,
        "body": body,
    }


def build_requests(
    problems: Iterable[Problem], common: Json, body: Json, n_samples: int, base_seed: int
) -> list[Request]:
    """n_samples requests a problem, in the order of the problems; see `sample_seed`."""
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
        return chosen, f"config/benchmarks/{original(benchmark)}.yaml"
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
