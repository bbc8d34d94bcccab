"""What is submitted together on the test cluster, and what is left when one member of it fails."""

from __future__ import annotations

import json
import shutil

from project import Project
from slurm.on_cluster import PROFILE, OnCluster
from slurm.test_profile import jobs_after, rule_of

WORKS, FAILS = "demo-arithmetic", "second"
SCRIPT, BEGINS = "workflow/scripts/aggregate.py", "    begin(snakemake)\n"
BROKEN = f"    assert snakemake.wildcards.benchmark != '{FAILS}'\n"
METRICS = {name: f"results/metrics/{name}/demo-late/math.json" for name in (WORKS, FAILS)}
CHOSEN = ("--config", "models=demo-late", "arenas=", f"benchmarks={WORKS},{FAILS}")


def grades_made(project: Project) -> dict[str, int]:
    """The number of the file that holds the grades of each benchmark: another one once they are made anew."""
    return {
        name: (project.folder / f"results/grades/{name}/demo-late/math.parquet").stat().st_ino
        for name in (WORKS, FAILS)
    }


def test_a_member_that_fails_loses_nothing_of_the_others(slurm_project: OnCluster) -> None:
    project = slurm_project.project
    benchmark = project.folder / f"config/benchmarks/{WORKS}.yaml"
    shutil.copy(benchmark, benchmark.with_name(f"{FAILS}.yaml"))
    project.edit("profiles/mine/config.yaml", "retries: 2", "retries: 1")
    project.edit(SCRIPT, BEGINS, f"{BEGINS}{BROKEN}")

    before = {job.number for job in slurm_project.cluster.all_jobs()}
    failed = project.run(*METRICS.values(), *PROFILE, *CHOSEN, check=False)
    assert failed.returncode != 0
    jobs = [job for job in slurm_project.cluster.all_jobs() if job.number not in before]
    # One allocation for the server, and the work of one model twice: it was tried again.
    assert [(rule_of(job), job.state) for job in jobs] == [
        ("serve", "COMPLETED"),
        ("grades-demo-late_aggregate_grade", "FAILED"),
        ("grades-demo-late_aggregate_grade", "FAILED"),
    ]
    made = grades_made(project)
    assert json.loads((project.folder / METRICS[WORKS]).read_text())["model"] == "demo-late"
    assert not (project.folder / METRICS[FAILS]).exists()
    assert not (project.folder / "results/.finished").exists()
    assert project.stale(*METRICS.values(), *CHOSEN) == {
        "aggregate": [f"results/metrics/{FAILS}/demo-late/math.json"]
    }

    project.edit(SCRIPT, BROKEN, "")
    (job,) = jobs_after(slurm_project, *METRICS.values(), *CHOSEN)
    assert (rule_of(job), job.state) == ("grades-demo-late_aggregate", "COMPLETED")
    assert grades_made(project) == made
