"""One model's generations on the test cluster, for tests that break things meanwhile."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

from project import Project
from slurm.cluster import Cluster, Job
from slurm.machine import wait_until
from slurm.on_cluster import PROFILE, OnCluster, on_cluster
from slurm.python_env import FakeEngine
from snakeval.journal.index import scan
from snakeval.journal.lines import decode_line

TARGET = "results/generations/faulty/demo-late.parquet"
JOURNAL = "results/.journal/generations/faulty/demo-late"
INPUTS = ("results/configs/demo-late.yaml", "results/problems/faulty.parquet")
ARGUMENTS = (*PROFILE, "--slurm-keep-successful-logs")
BENCHMARK = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
n_samples: 2
sampling: {temperature: 0, max_tokens: 160}
"""
SAMPLES = 96
CONCURRENCY = 8
COMPARED = ["problem_id", "sample_index", "digest", "seed", "text", "finish_reason", "error"]


def read(project: Project) -> list[dict[str, Any]]:
    """The rows of the finished output."""
    return list(pq.read_table(project.folder / TARGET, columns=COMPARED).to_pylist())


@dataclass(frozen=True, slots=True)
class Faulty:
    """A project that is ready to generate; see the module's text."""

    on: OnCluster
    expected: list[dict[str, Any]]

    @property
    def project(self) -> Project:
        return self.on.project

    @property
    def engine(self) -> FakeEngine:
        return self.on.engine

    @property
    def cluster(self) -> Cluster:
        return self.on.cluster

    def start(self, *arguments: str, retries: int = 0) -> subprocess.Popen[str]:
        """Start Snakemake; it does not try again what failed, unless asked."""
        return self.project.start(TARGET, *ARGUMENTS, f"--retries={retries}", *arguments)

    def run(self, *arguments: str, retries: int = 0, check: bool = True) -> str:
        """Run Snakemake to its end and return what it printed."""
        done = self.project.run(TARGET, *ARGUMENTS, f"--retries={retries}", *arguments, check=check)
        return done.stdout

    def ask_for(self, rule: str, **resources: object) -> None:
        """Change what the profile has a rule ask Slurm for."""
        file = self.project.folder / "profiles/mine/config.yaml"
        profile = yaml.safe_load(file.read_text())
        profile["set-resources"].setdefault(rule, {}).update(resources)
        file.write_text(yaml.safe_dump(profile))

    def log(self, rule: str = "generate/faulty") -> str:
        """What the clients, or the service, have written to their log; Snakemake starts it anew each time."""
        file = self.project.folder / f"results/logs/{rule}/demo-late.log"
        return file.read_text() if file.exists() else ""

    def slurm_log(self, job: Job) -> str:
        """What Slurm has kept of a job's output."""
        (log,) = (self.project.folder / ".snakemake/slurm_logs").rglob(f"{job.number}.log")
        return log.read_text()

    def journalled(self) -> int:
        """Samples that are safe."""
        return len(scan(self.project.folder / JOURNAL))

    def job(self) -> Job:
        """The one job that runs."""
        (job,) = [job for job in self.cluster.jobs() if job.state == "RUNNING"]
        return job

    def wait_for_rows(self, count: int) -> Job:
        """Wait until a running job has journalled so many samples; return it."""
        wait_until(lambda: self.journalled() >= count, f"not {count} samples in the journal")
        return self.job()

    def state(self, job: Job) -> str:
        """How a job has ended."""
        return next(entry.state for entry in self.cluster.all_jobs() if entry.number == job.number)

    def wait_until_over(self) -> None:
        """Wait until no job and no process is left."""
        self.cluster.wait_empty()
        wait_until(lambda: not self.project.processes(), f"left: {self.project.processes()}")

    def copies(self) -> Counter[int]:
        """How many samples the journals hold once, twice, and so on."""
        counts: Counter[str] = Counter()
        for path in (self.project.folder / JOURNAL).glob("*.jsonl"):
            for line in path.read_bytes().splitlines(keepends=True):
                with suppress(ValueError):  # torn when its writer's disk was full
                    row = decode_line(line)
                    counts[row["digest"]] += row["error"] is None
        return Counter(counts.values())

    def recover(self, *arguments: str) -> str:
        """Run again: it asks for what is missing and for nothing else, and completes. Return its output."""
        self.wait_until_over()
        self.engine.behave(seconds=0)
        safe, asked = self.journalled(), len(self.engine.requests())
        said = self.run(*arguments)
        assert len(self.engine.requests()) - asked == SAMPLES - safe, "asked for other rows than the missing"
        self.check()
        return said

    def check(self) -> None:
        """The output is complete, nothing in the journals is there twice, nothing is left running."""
        self.wait_until_over()
        assert read(self.project) == self.expected
        assert self.copies() == {1: SAMPLES}, self.copies()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A project's folder with the inputs of `TARGET`, and the rows that a run that nobody disturbs makes."""

    folder: Path
    rows: list[dict[str, Any]]


def prepare(folder: Path, cluster: Cluster) -> Prepared:
    """Configure the model and the benchmark, make their inputs and, in a copy, the rows, without Slurm."""
    project = on_cluster(folder, cluster).project
    (project.folder / "config/benchmarks/faulty.yaml").write_text(BENCHMARK)
    project.edit("config/config.yaml", "models: [demo-early, demo-late]", "models: [demo-late]")
    project.edit("config/config.yaml", "benchmarks: [demo-arithmetic]", "benchmarks: [faulty]")
    project.edit("config/config.yaml", "arenas: [demo]", "arenas: []")
    project.edit("config/models/demo-late.yaml", "concurrency: 64", f"concurrency: {CONCURRENCY}")
    project.run(*INPUTS)
    prepared = folder / "prepared"
    shutil.copytree(project.folder, prepared, symlinks=True, copy_function=shutil.copy2)
    project.run(TARGET)
    return Prepared(prepared, read(project))


def faulty_project(folder: Path, prepared: Prepared, cluster: Cluster, real_vllm: bool = False) -> Faulty:
    """A copy of a prepared project, on the cluster."""
    copied = on_cluster(folder, cluster, real_vllm)
    shutil.rmtree(copied.project.folder)
    shutil.copytree(prepared.folder, copied.project.folder, symlinks=True, copy_function=shutil.copy2)
    return Faulty(copied, prepared.rows)
