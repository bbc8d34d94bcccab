"""Print every published figure beside ours: python -m golden [FOLDER] [--only NAME ...].

The folder holds the published data (default: $SNAKEVAL_DATA, else ../shared/data). Parts whose data are not
there are named and left out, and so are slow parts that --only does not name. Exits with 1 when a figure
differs and nobody has explained why.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from tabulate import tabulate

from golden import PARTS
from golden.figure import Figure

ROWS_SHOWN = 5


def line(figure: Figure) -> list[str]:
    """One row of the table."""
    difference = figure.ours - figure.published
    verdict = "" if figure.agrees else "explained" if figure.settled else "DIFFERS"
    return [
        figure.source,
        figure.name,
        f"{figure.published:.6g}",
        f"{figure.ours:.6g}",
        f"{difference:+.4g}" if abs(difference) > 1e-9 else "0",
        str(len(figure.rows)),
        verdict,
    ]


def notes(figures: list[Figure]) -> list[str]:
    """Why figures differ, each reason once, with the rows that do."""
    said: dict[str, list[str]] = {}
    for figure in figures:
        if not figure.agrees:
            why = figure.why or "NOT EXPLAINED"
            shown = list(figure.rows[:ROWS_SHOWN]) + (["..."] if len(figure.rows) > ROWS_SHOWN else [])
            rows = f" [{'; '.join(shown)}]".replace("\n", " ") if shown else ""
            said.setdefault(f"{figure.source}: {why}", []).append(f"    {figure.name}{rows}")
    return [text for why, names in said.items() for text in (why, *names)]


def main() -> int:
    """Run the parts and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    quick = [name for name, part in PARTS.items() if not part.slow]
    default = os.environ.get("SNAKEVAL_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=quick)
    options = parser.parse_args()
    found: list[Figure] = []
    for name in options.only:
        part, started = PARTS[name], time.monotonic()
        if not (options.folder / part.needs).exists():
            print(f"{name}: left out, there is no {options.folder / part.needs}", file=sys.stderr)
            continue
        found += part.figures(options.folder)
        print(f"{name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    header = ["source", "figure", "published", "ours", "difference", "rows differing", ""]
    print(
        tabulate(
            map(line, found), header, disable_numparse=True, colalign=("left", "left", *["right"] * 4, "left")
        )
    )
    print("", *notes(found), sep="\n")
    settled = sum(figure.settled for figure in found)
    agreeing = sum(figure.agrees for figure in found)
    print(
        f"\n{len(found)} figures: {agreeing} agree, {settled - agreeing} differ for a known reason, "
        f"{len(found) - settled} differ"
    )
    return int(settled < len(found) or not found)


if __name__ == "__main__":
    sys.exit(main())
