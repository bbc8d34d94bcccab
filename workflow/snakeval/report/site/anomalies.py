"""What a careful reader would ask about, each with the samples to look at.

A sign is no verdict: nothing here changes a score. Limits are chosen so that a sound run shows few.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from snakeval.report.site import signs
from snakeval.report.site.pairs import Facts, Place
from snakeval.scoring.samples import asked
from snakeval.statistics.paired import Outcomes
from snakeval.types import VERDICTS, Json, Problem

LINKS = 12  # links of one entry
SAME_SHARE, SAME_PROBLEMS = 0.5, 10  # one answer for so many problems
NULL_SHARE, NULLS = 0.3, 3
ABOVE, TIMES = 0.1, 2.0  # a share above the other models' median by this much and this many times it
SIGN_SHARE = 0.02
ALPHA = 0.05
NULL = VERDICTS.index("judge_null")


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One entry: what was found, where, and samples to look at as (model, problem, sample index)."""

    kind: str
    text: str
    benchmark: str
    model: str | None = None
    links: Sequence[tuple[str, str, int]] = ()

    def to_json(self) -> Json:
        """As the page reads it."""
        links = [list(link) for link in self.links[:LINKS]]
        return {
            "kind": self.kind,
            "text": self.text,
            "benchmark": self.benchmark,
            "model": self.model,
            "links": links,
        }


def of_problems(benchmark: str, problems: Sequence[Problem], first: str | None) -> Iterator[Anomaly]:
    """Problems that ask the same; `first` is a model whose samples links can lead to."""
    groups: dict[str, list[str]] = defaultdict(list)
    for problem in problems:
        groups[" ".join((asked(problem) or "").casefold().split())].append(problem.problem_id)
    for names in groups.values():
        if len(names) > 1:
            links = [(first, name, 0) for name in names] if first else []
            text = f"{len(names)} problems ask the same: {', '.join(names[:LINKS])}"
            yield Anomaly("duplicate problems", text, benchmark, None, links)


def of_samples(facts: Facts, ids: Sequence[str], references: Sequence[str | None]) -> Iterator[Anomaly]:
    """What one model's samples of a benchmark show by themselves."""
    yield from _identical(facts, ids)
    yield from _one_answer(facts, ids, references)
    yield from _nulls(facts, ids)
    yield from _signs(facts)


def _identical(facts: Facts, ids: Sequence[str]) -> Iterator[Anomaly]:
    told: dict[int, list[int | None]] = defaultdict(list)
    for problem, each in zip(facts.problem, facts.told, strict=True):
        told[problem].append(each)
    several = {p: texts for p, texts in told.items() if len(texts) > 1 and None not in texts}
    same = [p for p, texts in several.items() if len(set(texts)) == 1]
    if same and len(same) >= max(2, 0.1 * len(several)):
        text = (
            f"all samples of {len(same)} of {len(several)} problems are one text, though their seeds differ"
        )
        links = [(facts.model, ids[p], 0) for p in same]
        yield Anomaly("identical samples", text, facts.benchmark, facts.model, links)


def _one_answer(facts: Facts, ids: Sequence[str], references: Sequence[str | None]) -> Iterator[Anomaly]:
    wanted = Counter(reference for reference in references if reference is not None)
    usual = max(wanted.values(), default=0) / max(1, wanted.total())
    for grader, given in facts.extracted.items():
        places: dict[str, dict[int, int]] = defaultdict(dict)
        for problem, sample, answer in zip(facts.problem, facts.sample, given, strict=True):
            if answer is not None:
                places[answer].setdefault(problem, sample)
        answer, where = max(places.items(), key=lambda item: len(item[1]), default=("", {}))
        share = len(where) / len(ids)
        if len(ids) >= SAME_PROBLEMS and share >= max(SAME_SHARE, TIMES * usual):
            text = f"one answer, {answer[:60]!r}, for {len(where)} of {len(ids)} problems (grader {grader})"
            links = [(facts.model, ids[problem], sample) for problem, sample in where.items()]
            yield Anomaly("one answer for all", text, facts.benchmark, facts.model, links)


def _nulls(facts: Facts, ids: Sequence[str]) -> Iterator[Anomaly]:
    for grader, verdicts in facts.verdicts.items():
        null: dict[int, list[int]] = defaultdict(list)
        for problem, sample, verdict in zip(facts.problem, facts.sample, verdicts, strict=True):
            if verdict == NULL:
                null[problem].append(sample)
        asked_of = Counter(facts.problem)
        bad = [p for p, at in null.items() if len(at) >= NULLS and len(at) >= NULL_SHARE * asked_of[p]]
        if bad:
            count = sum(len(null[p]) for p in bad)
            text = f"{count} answers to {len(bad)} problems have no verdict of the judge {grader}"
            links = [(facts.model, ids[p], null[p][0]) for p in bad]
            yield Anomaly("judge nulls in a cluster", text, facts.benchmark, facts.model, links)


def _signs(facts: Facts) -> Iterator[Anomaly]:
    said = {
        signs.SCRIPT: ("another language", "{} answers are in a script that their problems are not in"),
        signs.EQUAL: (
            "golden answer called wrong",
            "{} answers are their golden answers but graded wrong",
        ),
    }
    for sign, (kind, text) in said.items():
        places = facts.signs.get(sign, [])
        if places and (sign == signs.EQUAL or len(places) >= SIGN_SHARE * len(facts.problem)):
            yield Anomaly(kind, text.format(len(places)), facts.benchmark, facts.model, _links(facts, places))


def between_models(all_facts: Sequence[Facts], ids: Sequence[str]) -> Iterator[Anomaly]:
    """Truncation and refusals above what the benchmark's models have in the middle."""
    for kind, places in (("truncation", _truncated), ("refusals", _refusals)):
        found = [places(facts, ids) for facts in all_facts]
        shares = [len(at) / max(1, len(facts.problem)) for at, facts in zip(found, all_facts, strict=True)]
        for i, (facts, share) in enumerate(zip(all_facts, shares, strict=True)):
            usual = float(np.median(shares[:i] + shares[i + 1 :])) if len(shares) > 1 else 0.0
            if share >= usual + ABOVE and share >= TIMES * usual:
                text = f"{kind} {share:.1%}, where the other models' median is {usual:.1%}"
                links = _links(facts, found[i])
                yield Anomaly(f"{kind} above what is usual", text, facts.benchmark, facts.model, links)


def _truncated(facts: Facts, ids: Sequence[str]) -> list[Place]:
    rows = zip(facts.problem, facts.sample, facts.ending, strict=True)
    return [(ids[problem], sample) for problem, sample, ended in rows if ended == "truncated"]


def _refusals(facts: Facts, ids: Sequence[str]) -> list[Place]:
    withheld = zip(facts.problem, facts.sample, facts.ending, strict=True)
    filtered = [(ids[problem], sample) for problem, sample, ended in withheld if ended == "filtered"]
    return [*facts.signs.get(signs.REFUSAL, []), *filtered]


def failed_by_all(benchmark: str, grader: str, found: Mapping[str, Outcomes]) -> Iterator[Anomaly]:
    """Problems that no sample of several models solves."""
    if len(found) < 2:
        return
    names = next(iter(found.values())).problems
    correct = np.sum([each.c for each in found.values()], axis=0)
    counts = [each.n for each in found.values()]
    none = np.flatnonzero((correct == 0) & (np.min(counts, axis=0) > 0))
    if len(none) and len(none) < len(names):
        samples = int(np.sum(counts, axis=0)[none[0]])
        text = f"{len(none)} of {len(names)} problems are solved by none of {len(found)} models "
        text += f"({samples} samples each, grader {grader}): is the golden answer right?"
        model = next(iter(found))
        yield Anomaly("failed by every model", text, benchmark, None, [(model, names[i], 0) for i in none])


def falls(
    benchmark: str, grader: str, compared: Sequence[Json], parents: Mapping[str, str]
) -> Iterator[Anomaly]:
    """Checkpoints that are worse than their parents, by the paired test at ALPHA."""
    for row in compared:
        pair, sign = (row["model"], row["other"]), 1
        if parents.get(row["other"]) == row["model"]:
            pair, sign = (row["other"], row["model"]), -1
        elif parents.get(row["model"]) != row["other"]:
            continue
        difference = sign * row["difference"]
        if difference < 0 and row["p"] < ALPHA:
            text = f"pass@1 {100 * difference:+.2f} points against {pair[1]} "
            text += f"(p = {row['p']:.4f}, grader {grader})"
            yield Anomaly("worse than its parent", text, benchmark, pair[0])


def _links(facts: Facts, places: Sequence[Place]) -> list[tuple[str, str, int]]:
    return [(facts.model, problem, sample) for problem, sample in places]
