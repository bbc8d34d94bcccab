"""What judges used and what it cost, from the usage in their journals' rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from snakeval.config import Config
from snakeval.config.schema import Price
from snakeval.journal_index import scan
from snakeval.journal_lines import digest_text
from snakeval.types import Json

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Usage:
    """Requests and tokens. `cached` are those of `prompt` that the provider had in its cache.

    `completion` are all output tokens that are paid for: hidden reasoning is among them.
    """

    requests: int = 0
    prompt: int = 0
    cached: int = 0
    completion: int = 0

    def __add__(self, other: Usage) -> Usage:
        return Usage(*(getattr(self, key) + getattr(other, key) for key in self.__slots__))

    def cost(self, price: Price) -> float:
        """What this costs, in the currency of the price."""
        cached_price = price.input if price.cached_input is None else price.cached_input
        fresh = self.prompt - self.cached
        return (fresh * price.input + self.cached * cached_price + self.completion * price.output) / MILLION


def usage_of(row: Json) -> Usage:
    """The usage of one journalled row."""
    completion = (row.get("completion_tokens") or 0) + (row.get("hidden_tokens") or 0)
    return Usage(1, row.get("prompt_tokens") or 0, row.get("cached_tokens") or 0, completion)


def journal_usage(journal: Path) -> Usage:
    """The usage of all finished rows of one journal, those that no output wants any more among them."""
    index = scan(journal)
    rows = index.read([digest_text(digest) for digest in index.done["digest"]])
    return sum(map(usage_of, rows), Usage())


def journals_of(config: Config, judge: str, root: Path) -> Iterator[Path]:
    """The journals below `root` that hold rows of a judge."""
    yield from root.glob(f"arena/*/{judge}/*/")
    for name, benchmark in config.benchmarks.items():
        for grader in benchmark.graders:
            if grader.judge == judge:
                yield from root.glob(f"grades/{name}/*/{grader.name}/")


def bill(config: Config, judge: str, journal: Path) -> Json:
    """What one output's judging used and cost in all its runs; `cost` is None without a price."""
    price = config.judges[judge].price
    usage = journal_usage(journal)
    return {
        "judge": judge,
        **asdict(usage),
        "cost": usage.cost(price) if price else None,
        "currency": price.currency if price else None,
    }


def total(bills: Iterable[Json]) -> list[Json]:
    """One bill a judge, sorted by name, and one of all as judge None where currencies are one."""
    by_judge: dict[str | None, list[Json]] = {}
    for each in bills:
        by_judge.setdefault(each["judge"], []).append(each)
    judges = [_summed(judge, by_judge[judge]) for judge in sorted(map(str, by_judge))]
    currencies = {each["currency"] for each in judges} - {None}
    return [*judges, _summed(None, judges)] if len(judges) > 1 and len(currencies) < 2 else judges


def _summed(judge: str | None, bills: list[Json]) -> Json:
    costs = [each["cost"] for each in bills if each["cost"] is not None]
    counts = {key: sum(each[key] for each in bills) for key in Usage.__slots__}
    currency = next((each["currency"] for each in bills if each["currency"]), None)
    return {"judge": judge, **counts, "cost": sum(costs) if costs else None, "currency": currency}
