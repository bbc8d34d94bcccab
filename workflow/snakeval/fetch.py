"""What a configuration needs from the network -> the caches of this machine: `snakemake fetch`.

Its rule asks for the problems, the serving configs and the harness' tasks first, each by its own rule; what
is left is fetched here: weights, recorded answers, archives of tests, tokenizers, the sentence splitter's
data. The caches (HF_HOME, SNAKEVAL_CACHE, NLTK_DATA) must be where compute nodes see them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

from snakeval.config import Benchmark, Config, Model
from snakeval.models.adapters import AdapterError, located
from snakeval.models.hub import HubError, explained
from snakeval.models.names import is_hub_id, is_s3
from snakeval.problems.fetch import FetchError, archives, fetch_dataset, fetch_url
from snakeval.schema import Source
from snakeval.system import punkt
from snakeval.system.tables import read_rows
from snakeval.types import Problem

log = logging.getLogger(__name__)

# Formats of weights as vLLM looks for them, the first that is there; the same may be there in several.
WEIGHTS = ("*.safetensors", "*.bin", "*.pt", "*.pth", "*.gguf")
# Other programs' copies of the weights, and what no engine here reads.
NEVER = ("original/*", "onnx/*", "openvino/*", "*.onnx", "*.msgpack", "*.h5", "*.tflite", "*.ot", "*.mlmodel")


@dataclass(frozen=True, slots=True)
class Downloads:
    """The functions that reach the network for a model's files and for NLTK's data; tests give their own."""

    list_files: Callable[..., Sequence[str]]
    snapshot: Callable[..., str]
    nltk: Callable[[str], bool]


def _real_downloads() -> Downloads:
    from huggingface_hub import HfApi, snapshot_download

    def get_nltk_data(name: str) -> bool:
        import nltk

        return bool(nltk.download(name, quiet=True))

    return Downloads(HfApi().list_repo_files, snapshot_download, get_nltk_data)


def fetch_all(config: Config, root: Path, downloads: Downloads | None = None) -> list[str]:
    """Fetch whatever is left and return the names of it; what is there already is not fetched again.

    Problems must stand below `root`/results/problems. Raises FetchError with all that could not be had.
    """
    failures, done = [], []
    for what, get in _wanted(config, root, downloads or _real_downloads()):
        try:
            get()
        except (AdapterError, FetchError, HubError) as error:
            failures.append(f"{what}: {error}")
        else:
            log.info("%s: there", what)
            done.append(what)
    if failures:
        raise FetchError("\n".join(failures))
    return done


def _wanted(config: Config, root: Path, downloads: Downloads) -> Iterator[tuple[str, Callable[[], object]]]:
    for slug, model in config.served.items():
        if on_hub(model, root):
            get = partial(_model, model.model, model.revision, downloads, weights=True)
            yield f"model {slug} ({model.model})", get
        if model.adapter:
            yield f"adapter {slug} ({model.adapter})", partial(located, model.adapter, root)
        for source in model.answers.values():
            if source.file is None:
                yield f"answers of {slug}", partial(_source, source)
    for name, task in config.lm_eval.items():
        tokenizer = task.tokenizer or ""
        if is_hub_id(tokenizer) and not (root / tokenizer).is_dir():
            get = partial(_model, tokenizer, None, downloads, weights=False)
            yield f"tokenizer of {name} ({tokenizer})", get
    for name, benchmark in config.benchmarks.items():
        for where in dict.fromkeys(_archives(benchmark)):
            problems = root / f"results/problems/{name}.parquet"
            yield f"tests of {name} ({where})", partial(_tests, where, problems)
    kinds = {grader.type for benchmark in config.benchmarks.values() for grader in benchmark.graders}
    for kind in sorted(kind for kind in kinds if punkt.missing_for(kind)):
        yield f"NLTK's data for '{kind}'", partial(_nltk_data, downloads, kind)


def on_hub(model: Model, root: Path) -> bool:
    """Whether the engine will ask the Hugging Face hub for the model."""
    local = is_s3(model.model) or (root / Path(model.model).expanduser()).exists()
    return model.engine not in ("external", "recorded") and not local


def _archives(benchmark: Benchmark) -> list[str]:
    return [grader.code.tests for grader in benchmark.graders if grader.code and grader.code.tests]


def _source(source: Source) -> None:
    if source.url is not None and source.sha256 is not None:
        fetch_url(source.url, source.sha256)
    else:
        fetch_dataset(source)


def _tests(where: str, problems: Path) -> None:
    find = archives(where)
    for problem in read_rows(problems, Problem):
        find(problem.problem_id)


def _model(name: str, revision: str | None, downloads: Downloads, weights: bool) -> None:
    with explained(f"model '{name}'", revision):
        names = list(downloads.list_files(name, revision=revision))
        downloads.snapshot(name, revision=revision, allow_patterns=files_of(names, weights))


def files_of(names: Sequence[str], weights: bool = True) -> list[str]:
    """Of a repository's files those that an engine loads: the small ones, and the weights in one format."""
    usable = [name for name in names if not _like(name, NEVER)]
    small = [name for name in usable if not _like(name, WEIGHTS)]
    for pattern in WEIGHTS if weights else ():
        chosen = [name for name in usable if fnmatch(name, pattern)]
        # Mistral's own format stands beside the same weights in the common one.
        common = [name for name in chosen if not name.startswith("consolidated")]
        if chosen:
            return sorted([*small, *(common or chosen)])
    return sorted(small)


def _like(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _nltk_data(downloads: Downloads, kind: str) -> None:
    for name in punkt.missing_data(kind):
        if not downloads.nltk(name):
            raise FetchError(f"NLTK could not download {name}")
    if missing := punkt.missing_for(kind):
        raise FetchError(missing)
