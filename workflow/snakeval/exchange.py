"""Exchange answers and judgments with lmarena/arena-hard-auto, both ways.

python -m snakeval.exchange export ARENA BENCHMARK TO [--layout v2.0]
    results/generations/BENCHMARK and results/arena/ARENA/*/judgments
    -> TO/model_answer and TO/model_judgment
python -m snakeval.exchange import FROM/model_judgment/JUDGE TO --baseline MODEL [--answers FOLDER]
    its files -> files of judgments as they stand in results/arena/ARENA/JUDGE/judgments
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import get_args

from snakeval.arena.exchange import export_all, import_all
from snakeval.formats.arena_hard import Layout, OfficialError


def main(arguments: list[str]) -> int:
    """The command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="snakeval.exchange", description="Exchange with arena-hard-auto.")
    commands = parser.add_subparsers(dest="command", required=True)
    out = commands.add_parser("export", help="ours to theirs")
    out.add_argument("arena")
    out.add_argument("benchmark")
    out.add_argument("to", type=Path)
    out.add_argument("--layout", choices=get_args(Layout), default="v2.0")
    out.add_argument("--results", type=Path, default=Path("results"))
    back = commands.add_parser("import", help="theirs to ours")
    back.add_argument("folder", type=Path)
    back.add_argument("to", type=Path)
    back.add_argument("--baseline", required=True, help="where the file does not name it")
    back.add_argument("--answers", type=Path, help="for the lengths of answers")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "export":
            files = export_all(chosen.results, chosen.arena, chosen.benchmark, chosen.to, chosen.layout)
        else:
            files = import_all(chosen.folder, chosen.to, chosen.baseline, chosen.answers)
    except (OfficialError, OSError) as error:
        print(f"exchange: {error}", file=sys.stderr)
        return 1
    print("\n".join(map(str, files)) or "nothing to write")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
