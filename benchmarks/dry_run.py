"""A dry run of the whole workflow against one of the same DAG with empty rules.

    python benchmarks/dry_run.py [--profile profiles/slurm] [--models 117] [--benchmarks 7] [--rounds 5]

Copies the project, with that many models (Hugging Face ids: nobody asks the hub), benchmarks and the demo's
arena, and writes a bare Snakefile beside its own: the same rules, wildcards, inputs and outputs, but input
functions look their answer up in a table, and there are no imports, params, resources, logs or scripts. The
two are dry-run in turn: first with no results at all, then with every serving config there, from which the
GPUs of each job follow. Prints medians of wall and CPU seconds with their ratios; fails where the ratio of
the CPU seconds, which other work on the machine disturbs least, is above CEILING.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from snakeval.models.files import resolve
from snakeval.models.infer import infer
from snakeval.models.serving_config import write_serving_config
from snakeval.schema import Gpus, Model

ROOT = Path(__file__).resolve().parents[1]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")
CEILING = 1.5
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


def dry_run(folder: Path, *arguments: str) -> tuple[float, float, str]:
    """Wall and CPU seconds of a dry run, and how many jobs it says there are."""
    variables = {**os.environ, "PYTHONPATH": str(folder / "workflow")}
    command = [str(SNAKEMAKE), "-n", *arguments]
    started, before = time.perf_counter(), os.times()
    result = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - started, os.times()
    if result.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{result.stdout[-5000:]}\n{result.stderr[-5000:]}")
    total = re.search(r"^total +(\d+)$", result.stdout + result.stderr, re.MULTILINE)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, total[1] if total else "no"


def compare(folder: Path, what: str, profile: str, rounds: int) -> float:
    """Dry-run both in turn, print their medians, and return the ratio of the CPU seconds."""
    # Cores enough for a service and its consumers: empty rules don't say that those need none.
    common = ("--profile", profile, "--cores", "1000")
    arguments = {"ours": common, "bare": ("-s", BARE, *common)}
    walls: dict[str, list[float]] = {side: [] for side in arguments}
    cpus: dict[str, list[float]] = {side: [] for side in arguments}
    for number in range(rounds + 1):
        jobs = set()
        for side, given in arguments.items():
            wall, cpu, total = dry_run(folder, *given)
            jobs.add(total)
            if number:  # the first round compiles modules and fills the file system's cache
                walls[side].append(wall)
                cpus[side].append(cpu)
        if len(jobs) != 1:
            raise SystemExit(f"the DAGs differ: {' and '.join(sorted(jobs))} jobs")
    print(f"{what}: {jobs.pop()} jobs; wall {_compared(walls)}; CPU {_compared(cpus)}", flush=True)
    return statistics.median(cpus["ours"]) / statistics.median(cpus["bare"])


def _compared(seconds: dict[str, list[float]]) -> str:
    ours, bare = (statistics.median(seconds[side]) for side in ("ours", "bare"))
    return f"ours {ours:.2f} s, empty rules {bare:.2f} s, ratio {ours / bare:.2f}"


def main() -> int:
    """Measure both states; 1 if a ratio is above CEILING."""
    parser = argparse.ArgumentParser(description="A dry run against one of the same DAG with empty rules.")
    parser.add_argument("--profile", default="profiles/slurm")
    parser.add_argument("--models", type=int, default=117)
    parser.add_argument("--benchmarks", type=int, default=7)
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "project")
        folder.mkdir()
        slugs = make_project(folder, chosen.models, chosen.benchmarks)
        write_bare(folder)
        ratios = [compare(folder, "no results", chosen.profile, chosen.rounds)]
        write_configs(folder, slugs)
        ratios.append(compare(folder, "serving configs there", chosen.profile, chosen.rounds))
    return int(max(ratios) > CEILING)


if __name__ == "__main__":
    sys.exit(main())
