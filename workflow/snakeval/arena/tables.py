"""A leaderboard, its further tables and what is known of its judge, as csv and as tables of text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields

from tabulate import tabulate

from snakeval.arena.board import Board, Standing, Table
from snakeval.types import Json

Label = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A table as text: `text` holds the indices of the columns that are no figures."""

    title: str
    header: list[str]
    rows: list[list[str]]
    text: tuple[int, ...] = (0,)

    def render(self, tablefmt: str) -> str:
        """One of tabulate's formats; pipes are escaped in Markdown."""
        rows = self.rows
        if tablefmt == "github":
            rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
        align = ["left" if i in self.text else "right" for i in range(len(self.header))]
        return tabulate(rows, self.header, tablefmt=tablefmt, disable_numparse=True, colalign=align) + "\n"


def to_csv(board: Board) -> str:
    """The standings over all questions as csv: one column a field, an empty cell for None, two decimals."""
    return _csv([Table(None, (), board.standings)])


def tables_to_csv(board: Board) -> str:
    """The further tables as csv, with columns for the category (empty: all) and the style held constant."""
    return _csv(board.tables, ("category", "style_control"))


def _csv(tables: Sequence[Table], further: Sequence[str] = ()) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*further, *(field.name for field in fields(Standing))])
    for table in tables:
        chosen = [table.category or "", " ".join(table.control)][: len(further)]
        for row in table.standings:
            writer.writerow([*chosen, *(_decimals(value) for value in asdict(row).values())])
    return out.getvalue()


def to_table(board: Board, tablefmt: str = "github", label: Label = str) -> str:
    """The standings as one of tabulate's tables, the intervals as arms around the score."""
    return main_table(board, label).render(tablefmt)


def to_markdown(board: Board, label: Label = str) -> str:
    """Everything on one page: standings, further tables, the judge, win rates."""
    parts = [to_table(board, "github", label)]
    parts += [f"## {table.title}\n\n{table.render('github')}" for table in further_tables(board, label)]
    return "\n".join(parts)


def further_tables(board: Board, label: Label = str) -> list[Shown]:
    """The judge, the tables by category and with style control, and the win rates, where there are any."""
    shown = judge_tables_of(board)
    shown += [_standings(table, board.baseline, label) for table in board.tables]
    shown += [_effects(table) for table in board.tables if table.effects]
    if board.matrix and len(board.matrix["models"]) > 2:
        shown.append(_matrix(board.matrix, label))
    return shown


def judge_tables_of(board: Board) -> list[Shown]:
    """The table about the judge, none for a board that says nothing of it."""
    if not board.instrument:
        return []
    shown = judge_table(board.instrument)
    if board.widening:
        shown.rows.append(["its errors that widen the intervals", " and ".join(board.widening), "", ""])
    if board.overlapping:
        count, pairs = board.overlapping
        shown.rows.append(["pairs of models that it cannot tell apart (95%)", str(count), "", str(pairs)])
    return [shown]


def main_table(board: Board, label: Label = str) -> Shown:
    """The standings over all questions, without style control."""
    return _standings(Table(None, (), board.standings), board.baseline, label)


def judge_table(found: Json) -> Shown:
    """What is known of a judge, one measure a row, percentages with their 95% interval and count."""
    position, length = found["position"], found["length"]
    rows = [
        _measure("verdicts that could not be read", found["null"]),
        _measure("verdict changes with the places", position["flip"]),
        _measure("verdict turns into its opposite with the places", position["contradiction"]),
        _measure("prefers the first answer", position["prefers_first"]),
    ]
    if length:
        effect = length["effect"]
        rows.append(_measure("prefers the longer answer", length["longer"]))
        rows.append(["effect of length, logits a standard deviation", *_value(effect), ""])
    if again := found["retest"]:
        rows.append(_measure("asked again: same preference", again["same_preference"]))
        rows.append(_measure("asked again: same label", again["same_label"]))
        rows.append(["asked again: Cohen's kappa", _decimals(again["kappa"]), "", str(again["games"])])
    if people := found.get("human"):
        count = str(people["questions"])
        rows.append(["agreement with people, %", f"{100 * people['agreement']:.1f}", "", count])
        rows.append(["agreement with people: Cohen's kappa", _decimals(people["kappa"]), "", count])
        rows.append(["bias against people, points", f"{people['bias']:+.1f}", "", count])
    return Shown("The judge", ["measure", "value", "95% CI", "of"], rows)


def _measure(name: str, rate: Json) -> list[str]:
    if rate["value"] is None:
        return [f"{name}, %", "", "", "0"]
    interval = f"{100 * rate['lower']:.1f} to {100 * rate['upper']:.1f}"
    return [f"{name}, %", f"{100 * rate['value']:.1f}", interval, str(rate["of"])]


def _value(found: Json) -> list[str]:
    if found["value"] is None:
        return ["", ""]
    return [f"{found['value']:+.2f}", f"{found['lower']:+.2f} to {found['upper']:+.2f}"]


def _standings(table: Table, baseline: str, label: Label) -> Shown:
    header = ["rank", "model", "score", "95% CI", "90% CI", "games", "no verdict", "not played", "avg tokens"]
    rows = [
        [
            str(row.rank),
            label(row.model) + (" (baseline)" if not row.questions else ""),
            _decimals(row.score),
            _arms(row.score, row.lower, row.upper),
            _arms(row.score, row.lower90, row.upper90),
            *(str(count) for count in (row.games, row.null_games, row.failed_games)),
            "" if row.tokens is None else f"{row.tokens:.0f}",
        ]
        for row in table.standings
    ]
    empty = [i for i in (4, 3) if not any(row[i] for row in rows)]
    for i in empty:
        header = header[:i] + header[i + 1 :]
        rows = [row[:i] + row[i + 1 :] for row in rows]
    return Shown(_title(table), header, rows, text=(1,))


def _effects(table: Table) -> Shown:
    rows = [
        [name, "" if value is None else f"{value:+.3f}", _between(lower, upper)]
        for name, (value, lower, upper) in table.effects.items()
    ]
    header = ["feature", "logits a standard deviation", "95% CI"]
    return Shown(f"Effects of style: {_title(table)}", header, rows)


def _matrix(matrix: Json, label: Label) -> Shown:
    names = [label(name) for name in matrix["models"]]
    cells = [["" if cell is None else f"{cell:.1f}" for cell in row] for row in matrix["percent"]]
    numbered = [f"{i}. {name}" for i, name in enumerate(names, start=1)]
    rows = [[name, *row] for name, row in zip(numbered, cells, strict=True)]
    header = ["win rate in % against", *(str(i) for i in range(1, len(names) + 1))]
    return Shown("Win rates", header, rows)


def _title(table: Table) -> str:
    parts = [f"Category {table.category}" if table.category else "All questions"]
    if table.control:
        parts.append(f"{' and '.join(table.control)} held constant")
    return ", ".join(parts)


def _arms(value: float | None, lower: float | None, upper: float | None) -> str:
    if value is None or lower is None or upper is None:
        return ""
    return f"({lower - value:+.2f}, {upper - value:+.2f})"


def _between(lower: float | None, upper: float | None) -> str:
    return "" if lower is None or upper is None else f"{lower:+.3f} to {upper:+.3f}"


def _decimals(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def headed(tables: Sequence[Shown], tablefmt: str) -> str:
    """Tables under their titles, as a terminal or a Markdown file shows them."""
    mark = "### " if tablefmt == "github" else ""
    return "\n".join(f"{mark}{table.title}\n\n{table.render(tablefmt)}" for table in tables)
