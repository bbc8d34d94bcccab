"""What a sweep of checkpoints submits to Slurm, and how long it takes, beside an earlier commit.

    python benchmarks/submissions.py [--beside 6ff665d] [--count 117x7] [--run 20x7]

Both sides get the same project: so many models x benchmarks with two graders each, one of them a judge, and
the demo's arena. Submissions of the first size are counted in a dry run: a group is one, what runs on the
head is none. The second is run, one side after the other, on the Slurm that the tests bring up, with a
stand-in for vLLM; counted is what Slurm's accounts hold. Needs root and Slurm's packages, as the tests do.

Fails where the first size takes more than MOST submissions, or the run more than WALL of the other side's
wall time or its head more than HEAD of the CPU seconds.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.ran import Ran, run  # noqa: E402 - found by the line above, as are the tests' own
from slurm.cluster import ACCOUNT, Cluster  # noqa: E402
from slurm.on_cluster import SOON  # noqa: E402
from slurm.packages import require  # noqa: E402
from slurm.python_env import make_environment  # noqa: E402

SNAKEMAKE = str(Path(sys.executable).with_name("snakemake"))
FIELDS = "JobID,State,TotalCPU,Comment"
MOST = 300
WALL, HEAD = 1 / 3, 1 / 2
FILES = ("Snakefile", "rules", "workflow", "config", "profiles", "demo")
PROBLEMS = 4


def checkout(folder: Path, commit: str | None) -> Path:
    """The project's files: of a commit, or as they are."""
    if commit is None:
        for name in FILES:
            source = ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
        return folder
    archive = subprocess.run(
        ["git", "archive", commit, *FILES], cwd=ROOT, capture_output=True, check=True
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    return folder


def configure(folder: Path, size: str) -> None:
    """Choose so many copies of the demo's model and benchmark, and write down the cluster's profile."""
    models, benchmarks = map(int, size.split("x"))
    for number in range(models):
        text = f"model: demo/models/late\nslug: checkpoint-{number}\ntensor_parallel_size: 1\n"
        (folder / f"config/models/checkpoint-{number}.yaml").write_text(f"{text}data_parallel_size: 1\n")
    demo = (folder / "config/benchmarks/demo-arithmetic.yaml").read_text()
    demo = demo.replace("n_samples: 8", f"n_samples: 1\nlimit: {PROBLEMS}")
    for number in range(benchmarks):
        (folder / f"config/benchmarks/bench-{number}.yaml").write_text(demo)
    settings = yaml.safe_load((folder / "config/config.yaml").read_text())
    settings["models"] = [f"checkpoint-{number}" for number in range(models)]
    settings["benchmarks"] = [f"bench-{number}" for number in range(benchmarks)]
    settings["thresholds"] = dict.fromkeys(settings["thresholds"])
    (folder / "config/config.yaml").write_text(yaml.safe_dump(settings))


def count(folder: Path) -> Counter[str]:
    """Submissions by the rules that each holds, of a dry run: a group is one, what runs on the head none."""
    (folder / "results").mkdir(exist_ok=True)
    command = [SNAKEMAKE, "-n", "--profile", "profiles/slurm", "--cores", "10000"]
    printed = run(folder, command, {}).printed
    held = Counter[str]()
    for block in re.split(
        r"^(?=\[[^\n]*\] Group job |\[[^\n]*\]\n(?:local)?rule )", printed, flags=re.MULTILINE
    )[1:]:
        if "] Group job " in block.partition("\n")[0]:
            held["+".join(sorted(set(re.findall(r"^    rule (\w+):", block, re.MULTILINE))))] += 1
        elif " head=1" not in block and (found := re.match(r"[^\n]*\nrule (?!all:)(\w+):", block)):
            held[found[1]] += 1
    return held


def on_cluster(cluster: Cluster, folder: Path, size: str, commit: str | None) -> tuple[Ran, list[list[str]]]:
    """Run one side; also the rows of Slurm's accounts for it."""
    project = checkout(folder / "project", commit)
    configure(project, size)
    make_environment(folder / "python", False)
    profile = project / "profiles/slurm/config.yaml"
    text = profile.read_text().replace("your-account", ACCOUNT)
    profile.write_text(text.replace("jobs: 100", f"jobs: 100\n{SOON}: 1"))
    path = os.pathsep.join((str(folder / "python/bin"), str(folder / "python/stub"), os.environ["PATH"]))
    before = {row[0] for row in cluster.accounting("--allocations", fields=FIELDS)}
    command = [str(folder / "python/bin/snakemake"), "--profile", "profiles/slurm"]
    ran = run(project, command, {**cluster.environment(), "PATH": path})
    cluster.wait_empty()
    rows = [row for row in cluster.accounting(fields=FIELDS) if row[0].split(".")[0] not in before]
    return ran, rows


def seconds(text: str) -> float:
    """Slurm's [[D-]HH:]MM:SS[.ss] in seconds."""
    days, _, rest = text.rpartition("-")
    total = 0.0
    for part in rest.split(":"):
        total = total * 60 + float(part)
    return total + 86400 * int(days or 0)


def report(name: str, ran: Ran, rows: list[list[str]]) -> None:
    """Print one side."""
    jobs = [row for row in rows if "." not in row[0]]
    cpu = sum(seconds(row[2]) for row in jobs)
    states = dict(Counter(row[1] for row in jobs))
    cost = f"{ran.wall:.0f} s, head {ran.cpu:.1f} CPU s, jobs {cpu:.0f} CPU s"
    print(f"{name}: {len(jobs)} submissions {states}, {cost}", flush=True)


def main() -> int:
    """Count the one size and run the other, on both sides; 1 where a ceiling is passed."""
    parser = argparse.ArgumentParser(description="Submissions and wall time of a sweep of checkpoints.")
    parser.add_argument("--beside", default="6ff665d", help="the commit to compare with")
    parser.add_argument("--count", default="117x7", help="models x benchmarks")
    parser.add_argument("--run", default="20x7")
    chosen = parser.parse_args()
    sides = {"ours": None, chosen.beside: chosen.beside}
    failures = []
    with tempfile.TemporaryDirectory() as name:
        for side, commit in sides.items() if chosen.count else ():
            folder = Path(name, f"count-{side}")
            folder.mkdir()
            configure(checkout(folder, commit), chosen.count)
            held = count(folder)
            print(
                f"{chosen.count}, {side}: {held.total()} submissions: {dict(held.most_common())}", flush=True
            )
            if commit is None and held.total() > MOST:
                failures.append(f"{held.total()} submissions > {MOST}")
        if chosen.run:
            require()
            done = {}
            with Cluster().running() as cluster:
                for side, commit in sides.items():
                    folder = Path(name, f"run-{side}")
                    (folder / "project").mkdir(parents=True)
                    done[side], rows = on_cluster(cluster, folder, chosen.run, commit)
                    report(f"{chosen.run}, {side}", done[side], rows)
            ours, other = done.values()
            wall, head = ours.wall / other.wall, ours.cpu / other.cpu
            print(f"wall time {wall:.2f}, CPU seconds of the head {head:.2f} of {chosen.beside}")
            failures += [f"wall time {wall:.2f} > {WALL:.2f}"] if wall > WALL else []
            failures += [f"the head's CPU seconds {head:.2f} > {HEAD}"] if head > HEAD else []
    print("\n".join(failures) or "within the ceilings")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
