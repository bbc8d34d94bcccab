"""What judges used and what it cost, from the usage in their journals' rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tabulate import tabulate

from snakeval.asking.completions import token_count
from snakeval.journal.index import scan
from snakeval.system.files import write_text
from snakeval.types import Json

if TYPE_CHECKING:  # pydantic takes a while to import, and tables of costs check nothing
    from snakeval.config import Config
    from snakeval.schema import Price

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
    keys = ("prompt_tokens", "cached_tokens", "completion_tokens", "hidden_tokens")
    prompt, cached, completion, hidden = (token_count(row.get(key)) or 0 for key in keys)
    return Usage(1, prompt, cached, completion + hidden)


def journal_usage(journal: Path) -> Usage:
    """The usage of all finished rows of one journal, those that no output wants any more among them."""
    index = scan(journal)
    return sum(map(usage_of, index.read(index.digests())), Usage())


def journals_of(config: Config, judge: str, root: Path) -> Iterator[Path]:
    """The journals below `root` that hold rows of a judge."""
    yield from root.glob(f"arena/*/{judge}/*/")
    for name, benchmark in config.benchmarks.items():
        for grader in benchmark.graders:
            if grader.judge == judge:
                yield from root.glob(f"grades/{name}/*/{grader.name}/")


def write_usage(config: Config, judge: str, journal: Path, output: Path) -> None:
    """Write what one output's judging has used in all its runs so far, in tokens."""
    slug = config.judge_slug[judge]
    values = {"judge": judge, "model": slug, **asdict(journal_usage(journal))}
    write_text(output, json.dumps(values) + "\n")


@dataclass(frozen=True, slots=True)
class Bill:
    """What a judge, or all of them (judge None), used and cost; `cost` is None without a price."""

    judge: str | None
    usage: Usage
    cost: float | None
    currency: str | None


def bills(paths: Iterable[Path], prices: Mapping[str, Price | None]) -> list[Bill]:
    """One bill a judge, by name, and one of all where several judges are paid in one currency."""
    used: dict[str, Usage] = {}
    for path in paths:
        values: Json = json.loads(path.read_text(encoding="utf-8"))
        found = Usage(*(values[key] for key in Usage.__slots__))
        used[values["judge"]] = used.get(values["judge"], Usage()) + found
    judges = []
    for judge, usage in sorted(used.items()):
        price = prices[judge]
        cost, currency = (usage.cost(price), price.currency) if price else (None, None)
        judges.append(Bill(judge, usage, cost, currency))
    currencies = {bill.currency for bill in judges if bill.currency}
    if len(judges) < 2 or len(currencies) > 1:
        return judges
    costs = [bill.cost for bill in judges if bill.cost is not None]
    everything = sum((bill.usage for bill in judges), Usage())
    total = Bill(None, everything, sum(costs) if costs else None, next(iter(currencies), None))
    return [*judges, total]


def to_json(found: Sequence[Bill]) -> str:
    """The bills as a list of objects."""
    return json.dumps([asdict(bill) for bill in found], indent=2) + "\n"


def read_bills(path: Path) -> list[Bill]:
    """The bills that `to_json` wrote to `path`."""
    return [
        Bill(**{**values, "usage": Usage(**values["usage"])})
        for values in json.loads(path.read_text(encoding="utf-8"))
    ]


def cells(found: Sequence[Bill]) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a table of bills; an empty cell for a judge without a price."""
    header = ["judge", "requests", "prompt tokens", "of these cached", "answer tokens", "cost"]
    rows = [
        [
            bill.judge or "all",
            *(f"{getattr(bill.usage, key):,}" for key in Usage.__slots__),
            "" if bill.cost is None else f"{bill.cost:.2f} {bill.currency}",
        ]
        for bill in found
    ]
    return header, rows


def to_text(found: Sequence[Bill], tablefmt: str = "simple") -> str:
    """The bills as a table under a title; nothing for none."""
    if not found:
        return ""
    header, rows = cells(found)
    align = ["left"] + ["right"] * (len(header) - 1)
    body = tabulate(rows, header, tablefmt=tablefmt, disable_numparse=True, colalign=align)
    return f"\n{'## ' if tablefmt == 'github' else ''}Judges' tokens and costs\n\n{body}\n"
