"""Data sets on the Hugging Face hub are pinned by commits: a branch or a tag gives other rows tomorrow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from snakeval.config.errors import Report
from snakeval.config.places import Place
from snakeval.models.names import is_hub_id
from snakeval.schema import Benchmark, Model
from snakeval.schema.values import COMMIT

LOOKING_SECONDS = 10.0
# The commit that a data set has at a revision now; None where the hub does not say.
CommitOf = Callable[[str, str], str | None]


def commit_of(dataset: str, revision: str) -> str | None:
    """Ask the hub, once, for a configuration that can't be run as it stands."""
    from huggingface_hub import HfApi

    try:
        found: str | None = (
            HfApi().dataset_info(dataset, revision=revision or None, timeout=LOOKING_SECONDS).sha
        )
        return found
    except Exception:  # no network, no such data set, no access: the message says how to find out
        return None


def check_pins(
    benchmarks: Mapping[str, Benchmark],
    models: Mapping[str, Model],
    places: Mapping[str, Place],
    root: Path,
    report: Report,
    ask: CommitOf = commit_of,
) -> None:
    """Note each data set whose revision is no whole commit, with the commit to write in its place."""
    known: dict[tuple[str, str], str] = {}
    for file, key, dataset, revision in (*_of_benchmarks(benchmarks, root), *_of_models(models, places)):
        if re.fullmatch(COMMIT, revision):
            continue
        pair = (dataset, revision)
        if pair not in known:
            known[pair] = _instead(dataset, revision, ask(dataset, revision))
        said = f"'{revision}' of the data set '{dataset}'" if revision else f"of the data set '{dataset}'"
        report.add(file, key, f"{said} is no commit of 40 digits, so its rows may change: {known[pair]}")


def _instead(dataset: str, revision: str, found: str | None) -> str:
    if found is not None:
        return f"write {found}, which it is now"
    url = f"https://huggingface.co/datasets/{dataset}"
    return f"write the commit that 'git ls-remote {url} {revision or 'main'}' prints"


def _of_benchmarks(benchmarks: Mapping[str, Benchmark], root: Path) -> Iterator[tuple[str, str, str, str]]:
    """File, key, data set and revision of each that a benchmark names."""
    for name, benchmark in benchmarks.items():
        file, shots = f"config/benchmarks/{name}.yaml", benchmark.few_shot
        for key, source in (("source", benchmark.source), ("few_shot.source", shots and shots.source)):
            if source and source.dataset:
                yield file, f"{key}.revision", source.dataset, source.revision or ""
        for index, grader in enumerate(benchmark.graders):
            tests = (grader.code and grader.code.tests) or ""
            dataset, _, revision = tests.partition("@")
            if is_hub_id(dataset) and not (root / tests).is_dir():
                yield file, f"graders[{index}].code.tests", dataset, revision


def _of_models(
    models: Mapping[str, Model], places: Mapping[str, Place]
) -> Iterator[tuple[str, str, str, str]]:
    for slug, model in models.items():
        for name, source in model.answers.items():
            if source.dataset:
                yield places[slug].file, f"answers.{name}.revision", source.dataset, source.revision or ""
