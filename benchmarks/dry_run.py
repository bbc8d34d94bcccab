"""A dry run of the whole workflow against one of the same DAG with empty rules, at several sizes.

    python benchmarks/dry_run.py [--profile profiles/slurm] [--sizes 117x7 351x7 1000x10] [--rounds 3]

Copies the project, with so many models (Hugging Face ids: nobody asks the hub) x benchmarks and the demo's
arena, and writes a bare Snakefile beside its own: the same rules, wildcards, inputs and outputs, but input
functions look their answer up in a table, and there are no imports, params, resources, logs or scripts. The
two are dry-run in turn: first with no results at all, then with every serving config there, from which the
GPUs of each job follow. Prints the least wall and CPU seconds and the most memory of each with their ratios:
other work on the machine only ever adds seconds. Then the same for one file alone, which costs what a job
costs before its rule: with as many models as the largest size, and with ten.

Fails where a ratio of CPU seconds or memory is above the ceiling of its size, where the largest size takes
more CPU seconds a job than GROWTH times the smallest, or where parsing takes PARSING seconds more.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from snakeval.models.files import resolve
from snakeval.models.infer import infer
from snakeval.models.serving_config import write_serving_config
from snakeval.schema import Gpus, Model

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.ran import run  # noqa: E402 - found by the line above

SNAKEMAKE = Path(sys.executable).with_name("snakemake")
# Of CPU seconds and memory against the bare DAG, by size.
CEILINGS = {"117x7": 1.10, "351x7": 1.15, "1000x10": 1.25}
GROWTH = 1.25
PARSING = 1.0
FEW = 10
KEPT = ("Snakefile", "rules", "workflow", "config", "profiles", "demo")
BARE, TABLE = "bare.smk", "bare.json"
HEAD = f"""\
import json

with open("{TABLE}") as file:
    INPUTS = json.load(file)


def met(rule):
    return lambda wildcards: INPUTS[rule][",".join(wildcards[key] for key in sorted(wildcards.keys()))]


"""


def make_project(folder: Path, models: int, benchmarks: int) -> list[str]:
    """Copy the project, configure it for so many models and benchmarks, and return the models' slugs."""
    for name in KEPT:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    names = [f"bench-{number}" for number in range(benchmarks)]
    for name in names:
        shutil.copy(
            ROOT / "config/benchmarks/demo-arithmetic.yaml", folder / f"config/benchmarks/{name}.yaml"
        )
    settings = yaml.safe_load((folder / "config/config.yaml").read_text())
    settings["models"] = [f"organisation/model-{number}" for number in range(models)]
    settings["benchmarks"] = names
    settings["gpus"] = {"per_node": 8, "memory_gib": 80}
    (folder / "config/config.yaml").write_text(yaml.safe_dump(settings))
    judges = ["demo-answer-judge", "demo-pair-judge", "demo-early"]
    return [f"vllm-organisation-model-{number}" for number in range(models)] + judges


def write_configs(folder: Path, slugs: Iterable[str]) -> None:
    """Write the serving config of every model: that of the demo's."""
    demo = Model(model=str(ROOT / "demo/models/late"))
    config = infer(demo, resolve(demo), Gpus(per_node=8, memory_gib=80))
    for slug in slugs:
        write_serving_config(folder / f"results/configs/{slug}.yaml", config)


def write_bare(folder: Path) -> int:
    """Write the bare Snakefile of the DAG that Snakemake makes of the project's; return its jobs."""
    # Imported late: these are Snakemake's own classes, which only this function needs.
    from snakemake.api import SnakemakeApi
    from snakemake.settings.types import OutputSettings, Quietness, ResourceSettings

    inputs: dict[str, dict[str, list[str]]] = {}
    rules: dict[str, Any] = {}
    with contextlib.chdir(folder), SnakemakeApi(OutputSettings(quiet={Quietness.ALL})) as api:
        called = api.workflow(resource_settings=ResourceSettings(cores=2), snakefile=Path("Snakefile"))
        called.dag().execute_workflow(executor="dryrun")
        jobs = list(called._workflow.dag.jobs)
        for job in jobs:
            key = ",".join(value for _, value in sorted(job.wildcards_dict.items()))
            inputs.setdefault(job.rule.name, {})[key] = [str(path) for path in job.input]
            rules[job.rule.name] = job.rule
        target = called._workflow.default_target
        text = "".join(_bare(rule, name == target) for name, rule in rules.items())
    (folder / TABLE).write_text(json.dumps(inputs))
    (folder / BARE).write_text(HEAD + text)
    return len(jobs)


def _bare(rule: Any, first: bool) -> str:
    """A rule with nothing but inputs and outputs; its wildcards keep their constraints."""
    from snakemake.io import is_flagged

    lines = [f"rule {rule.name}:", *(["    default_target: True"] if first else [])]
    lines += ["    input:", f"        met({rule.name!r}),"]
    if outputs := [f"service({str(o)!r})" if is_flagged(o, "service") else repr(str(o)) for o in rule.output]:
        lines += ["    output:", *(f"        {output}," for output in outputs)]
    return "\n".join([*lines, "    shell:", '        "true"', "", "", ""])


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and CPU seconds and MiB of one dry run, and how many jobs it says there are."""

    wall: float
    cpu: float
    memory: float
    jobs: int

    def least(self, other: Cost) -> Cost:
        """The best of two runs in each respect."""
        memory = min(self.memory, other.memory)
        return Cost(min(self.wall, other.wall), min(self.cpu, other.cpu), memory, self.jobs)


def dry_run(folder: Path, *arguments: str) -> Cost:
    """What a dry run in a folder costs."""
    ran = run(folder, [str(SNAKEMAKE), "-n", *arguments], {})
    total = re.search(r"^total +(\d+)$", ran.printed, re.MULTILINE)
    return Cost(ran.wall, ran.cpu, ran.memory, int(total[1]) if total else 0)


def compare(sides: dict[str, tuple[Path, tuple[str, ...]]], rounds: int) -> tuple[Cost, Cost]:
    """Dry-run two sides in turn, and return the best of each. Their DAGs must be the same."""
    best: dict[str, Cost] = {}
    for number in range(rounds + 1):
        for side, (folder, arguments) in sides.items():
            cost = dry_run(folder, *arguments)
            if number:  # the first round compiles modules and fills the file system's cache
                best[side] = cost.least(best.get(side, cost))
    first, second = best.values()
    if first.jobs != second.jobs:
        raise SystemExit(f"the DAGs differ: {first.jobs} and {second.jobs} jobs")
    return first, second


def report(what: str, ours: Cost, names: str, other: Cost) -> None:
    """Print two sides with their ratios."""
    pairs = {"wall": ("s", ours.wall, other.wall), "CPU": ("s", ours.cpu, other.cpu)}
    pairs["memory"] = ("MiB", ours.memory, other.memory)
    shown = [f"{key} {a:.2f} and {b:.2f} {unit}, ratio {a / b:.2f}" for key, (unit, a, b) in pairs.items()]
    print(f"{what}: {ours.jobs} jobs, {names}: {'; '.join(shown)}", flush=True)


def measure(root: Path, size: str, profile: str, rounds: int) -> tuple[list[str], Cost]:
    """Measure both states of a size; what is above its ceiling, and what a dry run without results costs."""
    folder = root / size
    folder.mkdir()
    models, benchmarks = map(int, size.split("x"))
    slugs = make_project(folder, models, benchmarks)
    # Elsewhere: what this process has grown to, its children would begin with.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(write_bare, folder).result()
    # Cores enough for a service and its consumers: empty rules don't say that those need none.
    common = ("--profile", profile, "--cores", "10000")
    sides = {"ours": (folder, common), "bare": (folder, ("-s", BARE, *common))}
    failures, costs = [], []
    for state in ("no results", "serving configs there"):
        if state != "no results":
            write_configs(folder, slugs)
        ours, bare = compare(sides, rounds)
        report(f"{size}, {state}", ours, "ours and empty rules", bare)
        costs.append(ours)
        ceiling = CEILINGS.get(size, max(CEILINGS.values()))
        worst = max(ours.cpu / bare.cpu, ours.memory / bare.memory)
        failures += [f"{size}, {state}: ratio {worst:.2f} > {ceiling}"] if worst > ceiling else []
    return failures, costs[0]


def parsing(root: Path, size: str, rounds: int) -> list[str]:
    """Measure a dry run of one file with as many models as a size has, and with FEW."""
    few = f"{FEW}x{size.split('x')[1]}"
    target = "results/problems/bench-0.parquet"
    for each in (size, few):
        if not (root / each).exists():
            (root / each).mkdir()
            make_project(root / each, *map(int, each.split("x")))
    many, ten = compare({each: (root / each, (target,)) for each in (size, few)}, rounds)
    report("one file", many, f"{size} and {few}", ten)
    more = many.cpu - ten.cpu
    return [f"one file: {more:.2f} s more for {size} than for {few}"] if more > PARSING else []


def main() -> int:
    """Measure all sizes and the growth from the first to the last; 1 where a ceiling is passed."""
    parser = argparse.ArgumentParser(description="A dry run against one of the same DAG with empty rules.")
    parser.add_argument("--profile", default="profiles/slurm")
    parser.add_argument("--sizes", nargs="*", default=list(CEILINGS), help="models x benchmarks, in order")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        failures = parsing(Path(name), (chosen.sizes or list(CEILINGS))[-1], 3 * chosen.rounds)
        shutil.rmtree(name)
        Path(name).mkdir()
        a_job = []
        for size in chosen.sizes:
            failed, cost = measure(Path(name), size, chosen.profile, chosen.rounds)
            failures += failed
            a_job.append(cost.cpu / cost.jobs)
    if a_job:
        grown = a_job[-1] / a_job[0]
        print(f"CPU seconds a job, largest size against smallest: {grown:.2f}")
        failures += [f"CPU seconds a job grow by {grown:.2f} > {GROWTH}"] if grown > GROWTH else []
    print("\n".join(failures) or "within the ceilings")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
