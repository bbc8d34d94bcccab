"""What the row journal costs: appending, and finding what is missing among a million rows.

    python benchmarks/journal.py [--rows 1000000] [--files 8] [--folder DIR] [--against DIR/workflow]

Writes rows through JournalWriter to a temporary folder (0.8 GB for a million; removed afterwards), then times
`wc -l` on the files and, each in a fresh process, the scan and the look-up of as many wanted digests, one in
a hundred of them missing, and the same once the index is kept. `--against` is the folder `workflow` of
another checkout, whose scans take turns with ours. All files are in the page cache: the figures are CPU, not
disk. CPU times are user and system time. The scan's are those after the imports; those of the process are of
all that it does: imports, wanted digests, a tenth of the rows read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import snakeval
from snakeval.journal.writer import JournalWriter, scan

if TYPE_CHECKING:
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


def used() -> tuple[float, float]:
    """Return the CPU seconds of this process so far and its peak memory in MiB.

    The peak of `getrusage` would be that of the process which started this one, where that had a higher one.
    """
    usage, status = resource.getrusage(resource.RUSAGE_SELF), Path("/proc/self/status").read_text()
    return usage.ru_utime + usage.ru_stime, int(status.partition("VmHWM:")[2].split()[0]) / 1024


def measure_scan(folder: Path, rows: int) -> Json:
    """Scan and look up in this process; the scan's peak is read before the wanted digests are made."""
    before, start = used()[0], time.perf_counter()
    index = scan(folder)
    scanned, (scan_cpu, peak) = time.perf_counter(), used()
    wanted = np.array([digest(number) for number in range(rows)], "S32")
    np.random.default_rng(1).shuffle(wanted)
    made, looking = used()[0], time.perf_counter()
    missing = index.missing(wanted)
    found, look_cpu = time.perf_counter(), used()[0] - made
    expected = {digest(number).encode() for number in range(rows // 100)}
    if set(wanted[missing].tolist()) != expected or len(index) != rows:
        raise SystemExit(f"wrong: {len(missing)} missing of {rows} wanted, {len(index)} rows indexed")
    reading = time.perf_counter()
    read = sum(1 for _ in index.read(np.array([digest(n) for n in range(rows // 100, rows)], "S32")[::10]))
    seconds = time.perf_counter() - reading
    process_cpu, process_peak = used()
    return {
        "scan": scanned - start,
        "scan_cpu": scan_cpu - before,
        "look_up": found - looking,
        "look_cpu": look_cpu,
        "cpu": scan_cpu - before + look_cpu,
        "peak_mib": peak,
        "us_per_read": seconds / max(1, read) * 1e6,
        "process_cpu": process_cpu,
        "process_mib": process_peak,
    }


def scan_apart(workflow: Path, folder: Path, rows: int) -> Json:
    """Measure a scan in a fresh process that imports the library from `workflow`."""
    command = [sys.executable, __file__, "--rows", str(rows), "--scan", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(workflow.resolve())}
    found: Json = json.loads(subprocess.run(command, check=True, capture_output=True, env=environment).stdout)
    return found


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
    parser.add_argument("--against", type=Path, help="the folder 'workflow' of another checkout")
    parser.add_argument("--scan", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.scan:
        print(json.dumps(measure_scan(options.scan, options.rows)))
        return
    own = Path(snakeval.__path__[0]).parent
    found: dict[str, list[Json]] = {"against": [], "ours": [], "kept": []}
    with tempfile.TemporaryDirectory(prefix="snakeval-journal-", dir=options.folder) as name:
        folder = Path(name)
        appended = append_all(folder, options.rows, options.files)
        size = sum(path.stat().st_size for path in folder.iterdir())
        lines = []
        for _ in range(REPEATS):
            lines.append(count_lines(folder))
            if options.against:
                found["against"].append(scan_apart(options.against, folder, options.rows))
            (folder / "index").unlink(missing_ok=True)
            for key in ("ours", "kept"):
                found[key].append(scan_apart(own, folder, options.rows))
    report(options.rows, size, appended, lines, found)


def report(rows: int, size: int, appended: Json, lines: list[float], found: dict[str, list[Json]]) -> None:
    """Print medians beside their targets, which are for a million rows."""
    scans = {key: {name: middle(runs, name) for name in runs[0]} for key, runs in found.items() if runs}
    ours, count = scans["ours"], statistics.median(lines)
    find = ours["scan"] + ours["look_up"]
    print(f"{rows:,} rows, {size / 1e6:,.0f} MB, {size / rows:.0f} bytes a row; medians of {REPEATS}")
    print(f"append                {appended['rows_per_second']:10,.0f} rows/s, all synced")
    print(f"CPU an append         {appended['cpu_us_per_append']:10.1f} us      (target < 40)")
    print(f"wc -l                 {count:10.2f} s")
    print(f"find the missing      {find:10.2f} s")
    print(f"difference            {find - count:10.2f} s       (target < 3)")
    print(f"peak memory, scan     {ours['peak_mib']:10.0f} MiB     (target < 200)")
    print(f"read, a tenth of them {ours['us_per_read']:10.1f} us a row")
    print(f"{'':22}{'':>10}{'CPU s':>9}{'MiB':>8}{'process: CPU s':>17}{'MiB':>8}")
    for key, name in (("against", "the other"), ("ours", "ours"), ("kept", "ours, kept index")):
        if key in scans:
            show(name, scans[key])
    if "against" in scans:
        cpu, peak = (ours[key] / scans["against"][key] for key in ("cpu", "peak_mib"))
        print(f"ours against it: CPU of scan and look-up {cpu:.2f}, peak memory of the scan {peak:.2f}")


def middle(runs: list[Json], name: str) -> float:
    """Return the median of one figure."""
    return float(statistics.median(run[name] for run in runs))


def show(name: str, figures: Json) -> None:
    """Print one kind of scan: wall and CPU seconds, the scan's peak, the whole process."""
    for part, wall, cpu in (("scan", "scan", "scan_cpu"), ("look-up", "look_up", "look_cpu")):
        memory = f"{figures['peak_mib']:8.0f}" if part == "scan" else ""
        whole = f"{figures['process_cpu']:17.1f}{figures['process_mib']:8.0f}" if part == "scan" else ""
        print(f"{name + ', ' + part:26}{figures[wall]:6.2f}{figures[cpu]:9.2f}{memory}{whole}")


if __name__ == "__main__":
    main()
