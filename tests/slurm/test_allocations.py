"""How many allocations and engines a model takes: one, or as many as `lanes` and `shards` say."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow.parquet as pq

from project import Project
from slurm.cluster import Job
from slurm.on_cluster import PROFILE, OnCluster

SEVEN = [f"part-{number}" for number in range(7)]
BENCHMARK = """\
source: {{file: demo/data/problems.jsonl}}
fields: {{problem_id: id}}
prompt: config/prompts/demo_solve.jinja
limit: {limit}
sampling: {{max_tokens: 160, temperature: {temperature}}}
"""
ROW = ["problem_id", "sample_index", "digest", "messages", "seed", "text", "finish_reason", "error"]


def write(project: Project, name: str, limit: int, temperature: float = 0, **keys: object) -> str:
    """A benchmark of the demo's problems; returns the file of its generations by the demo's late model."""
    text = BENCHMARK.format(limit=limit, temperature=temperature) + "".join(
        f"{key}: {value}\n" for key, value in keys.items()
    )
    (project.folder / f"config/benchmarks/{name}.yaml").write_text(text)
    return f"results/generations/{name}/demo-late.parquet"


def servers(slurm_project: OnCluster, targets: list[str], *settings: str) -> list[Job]:
    """The allocations with GPUs that a run takes. What needs none is made here: this is about servers."""
    project, cluster = slurm_project.project, slurm_project.cluster
    problems = [f"results/problems/{target.split('/')[2]}.parquet" for target in targets]
    project.run(*dict.fromkeys(problems), "results/configs/demo-late.yaml", *settings)
    before = {job.number for job in cluster.all_jobs()}
    project.run(*PROFILE, *targets, *settings)
    return [job for job in cluster.all_jobs() if job.number not in before and job.gpus]


def rows(project: Project, file: str) -> list[dict[str, Any]]:
    """What of a file's rows does not depend on when they were asked for."""
    return list(pq.read_table(project.folder / file, columns=ROW).to_pylist())


def test_one_allocation_and_one_start_for_seven_benchmarks(slurm_project: OnCluster) -> None:
    project, engine = slurm_project.project, slurm_project.engine
    targets = [write(project, name, 3, 0.8) for name in SEVEN]
    settings = ("--config", "models=demo-late", f"benchmarks={','.join(SEVEN)}", "arenas=")
    (server,) = servers(slurm_project, targets, *settings)
    (start,) = engine.starts()
    assert (start["job"], start["node"]) == (str(server.number), server.nodes)
    assert len(engine.requests()) == 7 * 3
    assert [len(rows(project, target)) for target in targets] == [3] * 7

    # Another sample a problem, and two lanes: two allocations ask for what is missing.
    for name in SEVEN:
        write(project, name, 3, 0.8, n_samples=2)
    two = servers(slurm_project, targets, *settings, "lanes=2")
    assert len(two) == 2
    assert {start["job"] for start in engine.starts()[1:]} == {str(job.number) for job in two}
    assert len(engine.requests()) == 7 * 3 * 2


def test_shards_share_a_journal_and_give_the_same_file(slurm_project: OnCluster) -> None:
    project, engine = slurm_project.project, slurm_project.engine
    target, whole = write(project, "large", 11, shards=3), write(project, "whole", 11)
    settings = ("--config", "models=demo-late", "benchmarks=large,whole", "arenas=")
    split = servers(slurm_project, [target, whole], *settings)
    # The server of the first shard is also that of the other benchmark.
    assert len(split) == len(engine.starts()) == 3
    assert {start["job"] for start in engine.starts()} == {str(job.number) for job in split}
    assert sorted(Counter(entry["pid"] for entry in engine.requests()).values()) == [3, 4, 4 + 11]
    assert rows(project, target) == rows(project, whole)
    assert len(rows(project, target)) == 11
    assert not list((project.folder / "results/shards").rglob("*.parquet")), "gathered, they are not kept"
    assert "Nothing to be done" in project.run(*PROFILE, target, whole, *settings).stdout

    # One problem more and one shard fewer: the new problem alone is asked for, by one of them.
    write(project, "large", 12, shards=2)
    servers(slurm_project, [target], *settings)
    assert len(engine.starts()) == 3 + 1
    assert len(engine.requests()) == 11 + 11 + 1
    before = rows(project, target)
    assert len(before) == 12
    write(project, "large", 12, shards=1)
    servers(slurm_project, [target], *settings)
    assert len(engine.starts()) == 3 + 1, "no engine for rows that are in the journal"
    assert rows(project, target) == before


def test_batches_of_a_judge(slurm_project: OnCluster) -> None:
    """Two models, a batch each: the judge's server starts twice, each time in its own allocation."""
    project, engine = slurm_project.project, slurm_project.engine
    project.edit("config/benchmarks/demo-arithmetic.yaml", "n_samples: 8", "n_samples: 1\nlimit: 3")
    judge = project.folder / "config/judges/demo-answer.yaml"
    judge.write_text(judge.read_text() + "batch_size: 1\n")
    targets = [f"results/grades/demo-arithmetic/demo-{m}/demo-answer.parquet" for m in ("early", "late")]
    taken = servers(slurm_project, targets, "--config", "arenas=")
    starts = [start["model"] for start in engine.starts()]
    assert sorted(starts) == ["demo-answer-judge", "demo-answer-judge", "demo-early", "demo-late"]
    assert len(taken) == 4
