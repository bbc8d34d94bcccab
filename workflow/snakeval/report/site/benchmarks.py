"""One benchmark: its problems, and what all models' samples say of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from snakeval.report.site.chunks import Cut, characters
from snakeval.report.site.pairs import Facts
from snakeval.scoring.comparisons import Comparison, ComparisonError, compare
from snakeval.scoring.samples import asked
from snakeval.statistics.bootstrap import mean_interval
from snakeval.statistics.paired import Outcomes
from snakeval.statistics.passk import PASS, pass_at_k
from snakeval.statistics.power import detectable
from snakeval.types import Json, Problem

PREVIEW = 140
KINDS = (2, 40)  # how many values a column has that says what kind a problem is
NAMED = (
    *("category", "categories", "subcategory", "domain", "subdomain", "subject", "subfield", "topic", "type"),
    *("kind", "class", "group", "tier", "level", "difficulty", "source", "split", "year", "language"),
)
PAIRS = 120  # pairs of models that are compared on a benchmark; 16 models have so many
Bootstrap = tuple[int, int]  # rounds and seed


def write_problems(problems: Sequence[Problem], folder: Path, key: str, *, published: bool) -> Json:
    """Write the chunks `p/KEY-0` ... with the problems; returns what the benchmark's chunk says of them."""
    cut = Cut(folder, f"p/{key}")
    for problem in problems if published else ():
        row = {
            "messages": list(problem.messages),
            "reference": problem.reference,
            "metadata": _other(problem),
        }
        cut.add(row, characters(problem.metadata, *(turn["content"] for turn in problem.messages)))
    cut.close()
    return {
        "ids": [problem.problem_id for problem in problems],
        "previews": [_preview(problem) if published else "" for problem in problems],
        "starts": cut.starts,
        "kinds": kinds([json.loads(problem.metadata) for problem in problems]),
    }


def _preview(problem: Problem) -> str:
    """The end of what is asked: its beginning is often the same for all."""
    text = json.loads(problem.metadata).get("problem") or asked(problem) or ""
    line = " ".join(str(text).split())
    return line if len(line) <= PREVIEW else f"{line[:PREVIEW]}…"


def _other(problem: Problem) -> Json:
    """A problem's metadata without the text that stands in its messages."""
    return {
        name: value
        for name, value in json.loads(problem.metadata).items()
        if not any(str(value) and str(value) in turn["content"] for turn in problem.messages)
    }


def kinds(metadata: Sequence[Mapping[str, object]]) -> Json:
    """Columns that divide problems into a few kinds: `{column: {"values": [...], "codes": [...]}}`."""
    found: Json = {}
    for name in dict.fromkeys(key for row in metadata for key in row):
        values = [row.get(name) for row in metadata]
        plain = all(value is None or isinstance(value, str | int | bool) for value in values)
        if not plain or name.lower() not in NAMED:
            continue
        texts = [None if value is None else str(value) for value in values]
        counts = Counter(text for text in texts if text is not None)
        if KINDS[0] <= len(counts) <= KINDS[1]:
            order = sorted(counts)
            number = {text: i for i, text in enumerate(order)}
            found[name] = {"values": order, "codes": [-1 if text is None else number[text] for text in texts]}
    return found


def outcomes(facts: Facts, grader: str, names: Sequence[str]) -> Outcomes:
    """Samples and correct samples of each problem, in the order of `names`."""
    rewards = np.array([reward or 0.0 for reward in facts.rewards[grader]], dtype=np.float64)
    problem = np.array(facts.problem, dtype=np.int64)
    correct = np.bincount(problem, rewards >= PASS, len(names)).astype(np.int64)
    return Outcomes(tuple(names), np.bincount(problem, minlength=len(names)), correct)


def rates(found: Mapping[str, Outcomes]) -> Json:
    """Of each model the samples and the correct ones by problem."""
    return {model: {"n": each.n.tolist(), "c": each.c.tolist()} for model, each in found.items()}


def by_kind(found: Mapping[str, Outcomes], kinds_of: Json, bootstrap: Bootstrap) -> list[Json]:
    """pass@1 with its 95% interval by what problems are of; every model over the same draws."""
    models = [model for model, each in found.items() if each.n.size and each.n.min() > 0]
    if not models:
        return []
    table = np.column_stack([pass_at_k(found[model].n, found[model].c, 1)[:, 0] for model in models])
    rows = []
    for name, column in kinds_of.items():
        codes = np.array(column["codes"])
        for number, value in enumerate(column["values"]):
            chosen = table[codes == number]
            if not len(chosen):
                continue
            lower, upper = mean_interval(chosen, *bootstrap)
            means = chosen.mean(axis=0)
            figures = {m: [float(x) for x in (means[i], lower[i], upper[i])] for i, m in enumerate(models)}
            rows.append({"kind": name, "value": value, "problems": len(chosen), "models": figures})
    return rows


def comparisons(
    found: Mapping[str, Outcomes],
    names: Mapping[str, str],
    wanted: Sequence[tuple[str, str]],
    bootstrap: Bootstrap,
) -> list[Json]:
    """The paired tests of pass@1: of all pairs of models, or of those `wanted` where all are too many.

    `names` are the benchmark and the grader. Pairs without the same problems are left out.
    """
    every = [(later, earlier) for earlier, later in combinations(found, 2)]
    pairs = every if len(every) <= PAIRS else [pair for pair in wanted if found.keys() >= {*pair}][:PAIRS]
    rounds, seed = bootstrap
    rows = []
    for model, other in pairs:
        one, two = found[model], found[other]
        if not min(one.n.min(), two.n.min()):
            continue
        named = {**names, "model": model, "other": other}
        try:
            row = compare(one, two, [1], rounds=rounds, seed=seed, names=named)[0]
        except ComparisonError:
            continue
        differences = (pass_at_k(one.n, one.c, 1) - pass_at_k(two.n, two.c, 1))[:, 0]
        rows.append(_shown(row) | {"detectable": detectable(differences)})
    return rows


def _shown(row: Comparison) -> Json:
    keys = ("model", "other", "problems", "value", "other_value", "difference", "lower", "upper", "better")
    return {key: getattr(row, key) for key in (*keys, "worse", "test", "p")}


def lengths(facts: Facts) -> Json:
    """Output tokens of a model's samples: quantiles, a histogram by powers of two, and how they ended."""
    tokens = np.array([count for count in facts.tokens if count], dtype=np.int64)
    ends = Counter(facts.ending)
    if not tokens.size:
        return {"total": 0, "ends": ends}
    low, middle, high = np.quantile(tokens, [0.1, 0.5, 0.9])
    bins = np.bincount(np.floor(np.log2(tokens)).astype(np.int64))
    return {
        "total": int(tokens.sum()),
        "mean": float(tokens.mean()),
        "quantiles": [float(low), float(middle), float(high), float(tokens.max())],
        "bins": bins.tolist(),
        "ends": ends,
    }
