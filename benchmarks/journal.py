"""What the row journal costs: appending, and finding what is missing among a million rows.

    python benchmarks/journal.py [--rows 1000000] [--files 8] [--folder DIR]

Writes rows through JournalWriter to a temporary folder (0.8 GB for a million; removed afterwards), then times
`wc -l` on the files and, in a fresh process, the scan and the look-up of as many wanted digests,
one in a hundred of them missing. All files are in the page cache: the figures are CPU, not disk.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from snakeval.journal.writer import JournalWriter, scan
from snakeval.types import Json

REPEATS = 3
SHAPES = 5_000
TEXT = "so the total is then we add multiply by to get which gives 12 * 7 = 84 . \n \\frac{1}{2} x^2 因此"


def make_rows(count: int) -> list[Json]:
    """Return rows like those of the generate stage, 600 to 1,000 bytes as lines."""
    rng, words = random.Random(0), TEXT.split(" ")
    rows: list[Json] = []
    for number in range(count):
        text = " ".join(rng.choices(words, k=rng.randint(40, 120)))
        question = {"role": "user", "content": " ".join(rng.choices(words, k=30))}
        rows.append(
            {
                "problem_id": f"problem-{number:05d}",
                "sample_index": number % 16,
                "digest": "0" * 32,
                "messages": [question],
                "seed": rng.getrandbits(31),
                "text": text,
                "reasoning": None,
                "finish_reason": "stop",
                "prompt_tokens": 41,
                "completion_tokens": len(text) // 4,
                "seconds": rng.random() * 10,
                "error": None,
            }
        )
    return rows


def digest(number: int) -> str:
    """Return the digest of row `number`."""
    return hashlib.md5(b"%d" % number, usedforsecurity=False).hexdigest()


def append_all(folder: Path, rows: int, files: int) -> Json:
    """Journal `rows` rows in `files` files; return seconds of wall and CPU time (all threads) a row."""
    shapes = make_rows(SHAPES)
    missing = rows // 100
    digests = [digest(number) for number in range(missing, rows + missing)]
    wall = cpu = 0.0
    for part in range(files):
        with JournalWriter(folder) as writer:
            wall, cpu = wall - time.perf_counter(), cpu - time.process_time()
            for number in range(part, rows, files):
                writer.append(shapes[number % SHAPES], digests[number], True)
            writer.flush()
            wall, cpu = wall + time.perf_counter(), cpu + time.process_time()
    return {"rows_per_second": rows / wall, "cpu_us_per_append": cpu / rows * 1e6}


def measure_scan(folder: Path, rows: int) -> Json:
    """Scan and look up in this process; the peak memory is read before the wanted digests are made."""
    start, cpu = time.perf_counter(), time.process_time()
    index = scan(folder)
    scanned, cpu = time.perf_counter(), time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wanted = [digest(number) for number in range(rows)]
    random.Random(1).shuffle(wanted)
    looking, cpu = time.perf_counter(), cpu - time.process_time()
    missing = index.missing(wanted)
    found, cpu = time.perf_counter(), cpu + time.process_time()
    expected = {digest(number) for number in range(rows // 100)}
    if {wanted[position] for position in missing} != expected or len(index) != rows:
        raise SystemExit(f"wrong: {len(missing)} missing of {rows} wanted, {len(index)} rows indexed")
    reading = time.perf_counter()
    read = sum(1 for _ in index.read(np.array([digest(n) for n in range(rows // 100, rows)], "S32")[::10]))
    return {
        "scan": scanned - start,
        "look_up": found - looking,
        "cpu": cpu,
        "peak_mib": peak,
        "us_per_read": (time.perf_counter() - reading) / max(1, read) * 1e6,
    }


def count_lines(folder: Path) -> float:
    """Return the seconds that `wc -l` takes on all files."""
    start = time.perf_counter()
    subprocess.run(["wc", "-l", *sorted(folder.iterdir())], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Print the figures and whether they meet their targets."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--folder", type=Path, help="where to make the temporary folder")
    parser.add_argument("--scan", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.scan:
        print(json.dumps(measure_scan(options.scan, options.rows)))
        return
    with tempfile.TemporaryDirectory(prefix="snakeval-journal-", dir=options.folder) as name:
        folder = Path(name)
        appended = append_all(folder, options.rows, options.files)
        size = sum(path.stat().st_size for path in folder.iterdir())
        command = [sys.executable, __file__, "--rows", str(options.rows), "--scan", name]
        lines, scans = [], []
        for _ in range(REPEATS):
            lines.append(count_lines(folder))
            scans.append(json.loads(subprocess.run(command, check=True, capture_output=True).stdout))
    report(options.rows, size, appended, lines, scans)


def report(rows: int, size: int, appended: Json, lines: list[float], scans: list[Json]) -> None:
    """Print medians beside their targets, which are for a million rows."""
    median = {key: statistics.median(scan[key] for scan in scans) for key in scans[0]}
    count = statistics.median(lines)
    find = statistics.median(scan["scan"] + scan["look_up"] for scan in scans)
    parts = f"(scan {median['scan']:.2f}, look-up {median['look_up']:.2f}; CPU {median['cpu']:.2f})"
    print(f"{rows:,} rows, {size / 1e6:,.0f} MB, {size / rows:.0f} bytes a row; medians of {REPEATS}")
    print(f"append                {appended['rows_per_second']:10,.0f} rows/s, all synced")
    print(f"CPU an append         {appended['cpu_us_per_append']:10.1f} us      (target < 40)")
    print(f"wc -l                 {count:10.2f} s")
    print(f"find the missing      {find:10.2f} s       {parts}")
    print(f"difference            {find - count:10.2f} s       (target < 3)")
    print(f"peak memory, scan     {max(scan['peak_mib'] for scan in scans):10.0f} MiB     (target < 200)")
    print(f"read, a tenth of them {median['us_per_read']:10.1f} us a row")


if __name__ == "__main__":
    main()
