"""Which model is whose parent, and which pairs are compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations, pairwise

from snakeval.config.errors import Report, did_you_mean, listed
from snakeval.schema import Settings


def lineage(
    settings: Settings,
    slugs: Callable[[str, str, str], Sequence[str]],
    tested: Sequence[str],
    origin: Callable[[str], str],
    report: Report,
    places: Mapping[str, str],
) -> dict[str, str]:
    """Parents by model; pairs that are named are checked. `slugs` gives those of an entry of `models`.

    `places` are the folders of models, or what they are called by, by slug.
    """
    entries = [slugs(entry, origin("models"), "models") for entry in dict.fromkeys(settings.models)]
    groups = [run for group in entries for run in runs(group, places)]
    _check_pairs(settings.compare.pairs, tested, origin("compare"), report)
    return parents(settings, groups, tested, origin("gate"), report)


def runs(group: Sequence[str], places: Mapping[str, str]) -> list[list[str]]:
    """The checkpoints of one pattern, run by run: steps of a run differ in one part of their paths."""
    found: list[list[str]] = []
    for slug in group:
        own = places.get(slug, slug).split("/")
        before = places.get(found[-1][-1], "").split("/") if found else []
        alike = len(own) == len(before) and sum(a != b for a, b in zip(own, before, strict=True)) <= 1
        if alike:
            found[-1].append(slug)
        else:
            found.append([slug])
    return found


def parents(
    settings: Settings,
    checkpoints: Sequence[Sequence[str]],
    tested: Sequence[str],
    origin: str,
    report: Report,
) -> dict[str, str]:
    """The parent of each model that has one: the step before it in its pattern, or the one that is named.

    `checkpoints` are the slugs of each entry of `models`, in their order, `tested` all of them.
    """
    found = {model: before for group in checkpoints for before, model in pairwise(group)}
    for model, parent in settings.gate.parents.items():
        for name in (model, parent):
            _known(name, f"gate.parents.{model}", tested, origin, report)
        if model == parent:
            report.add(origin, f"gate.parents.{model}", "names the model itself")
    return found | settings.gate.parents


def pairs(
    settings: Settings, parent_of: Mapping[str, str], tested: Iterable[str]
) -> tuple[tuple[str, str], ...]:
    """The pairs (model, other) to compare; a later model of the list is compared with an earlier one.

    Of all models they are as many as the square of the models: they are made where they are asked for.
    """
    wanted = settings.compare.pairs
    if wanted == "all":
        return tuple((later, earlier) for earlier, later in combinations(tested, 2))
    if wanted == "parents":
        return tuple((model, parent_of[model]) for model in tested if model in parent_of)
    return tuple((pair[0], pair[1]) for pair in wanted)


def _check_pairs(
    wanted: str | Sequence[Sequence[str]], tested: Sequence[str], origin: str, report: Report
) -> None:
    for index, pair in enumerate(() if isinstance(wanted, str) else wanted):
        for name in pair:
            _known(name, f"compare.pairs[{index}]", tested, origin, report)
        if pair[0] == pair[1]:
            report.add(origin, f"compare.pairs[{index}]", f"compares '{pair[0]}' with itself")


def _known(name: str, key: str, tested: Sequence[str], origin: str, report: Report) -> None:
    if name not in tested:
        hint = did_you_mean(name, tested)
        report.add(origin, key, f"'{name}' is the slug of no model under test ({listed(tested)}){hint}")
