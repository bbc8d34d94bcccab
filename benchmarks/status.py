"""What `snakemake status` costs: 117 models x 7 benchmarks with a million journalled rows, nothing finished.

    python benchmarks/status.py [--models 117] [--benchmarks 7] [--rows 1000000] [--without-notes]

Makes a project in a temporary folder (0.8 GB of journals for a million rows; removed afterwards) and times
`python -m snakeval.status` there, each time in a fresh process, files in the page cache. `--without-notes`
leaves out what jobs note of themselves, as after `kill -9`: the rows are counted then.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import yaml

from snakeval.asking.note import NAME, Note, spec_key
from snakeval.config import load_config
from snakeval.dag import plan
from snakeval.journal.lines import encode_line
from snakeval.system.tables import write_rows
from snakeval.types import Message, Problem

REPEATS = 5
TEXT = "so the total is then we add multiply by to get which gives 12 * 7 = 84 . " * 8


def make_project(root: Path, models: int, benchmarks: int, rows: int, notes: bool) -> None:
    """Journals of `rows` rows in all; each cell wants one more than it has."""
    (root / "config/benchmarks").mkdir(parents=True)
    names = [f"set-{number}" for number in range(benchmarks)]
    each = rows // (models * benchmarks)
    for name in names:
        source = {"source": {"file": "data.jsonl"}, "fields": {"problem": "q", "reference": "a"}}
        graders = {"graders": [{"name": "exact", "type": "exact"}], "prompt": "prompt.jinja"}
        text = yaml.safe_dump({**source, **graders, "n_samples": 1})
        (root / f"config/benchmarks/{name}.yaml").write_text(text)
    (root / "data.jsonl").write_text('{"q": "1 + 1", "a": "2"}\n')
    (root / "prompt.jinja").write_text("{{ problem }}")
    slugs = [f"somebody/model-{number}" for number in range(models)]
    settings = {"models": slugs, "benchmarks": names}
    (root / "config/config.yaml").write_text(yaml.safe_dump(settings))
    os.chdir(root)
    config = load_config(settings, root)
    message: list[Message] = [{"role": "user", "content": "1 + 1"}]
    problems = [Problem(f"p{number}", tuple(message), "2") for number in range(each + 1)]
    for name in names:
        write_rows(Path(f"results/problems/{name}.parquet"), Problem, problems)
    number = 0
    for name, model in plan.answered(config):
        journal = plan.journal("generations", name, model)
        journal.mkdir(parents=True)
        lines = []
        for index in range(each):
            number += 1
            row = {"problem_id": f"p{index}", "messages": message, "text": TEXT, "finish_reason": "stop"}
            lines.append(encode_line(row, f"{number:032x}", True))
        (journal / "1.jsonl").write_bytes(b"".join(lines))
        if notes:
            spec = spec_key(plan.generate_spec(config, name, model))
            note = Note("ended", each + 1, each, 0, truncated=3, spec=spec)
            (journal / NAME).write_text(json.dumps(asdict(note)))


def timed(command: list[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--models", type=int, default=117)
    parser.add_argument("--benchmarks", type=int, default=7)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--without-notes", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_project(
            Path(folder), options.models, options.benchmarks, options.rows, not options.without_notes
        )
        command = [sys.executable, "-m", "snakeval.status"]
        found = [timed(command) for _ in range(REPEATS)]
        last = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    print("\n".join([*last[:4], "...", last[-1]]))
    wall, cpu = (statistics.median(values) for values in zip(*found, strict=True))
    print(f"status of {options.models} x {options.benchmarks}: {wall:.2f} s, {cpu:.2f} s of CPU")


if __name__ == "__main__":
    main()
