"""A benchmark split over two servers: under greedy decoding the same file as from one."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from project import Project
from snakeval.journal.index import scan

pytestmark = pytest.mark.e2e
BENCHMARK = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
limit: 15
sampling: {temperature: 0, max_tokens: 160}
"""
COLUMNS = [
    "problem_id",
    "sample_index",
    "digest",
    "seed",
    "text",
    "finish_reason",
    "completion_tokens",
    "error",
]


def test_two_shards_give_what_one_server_gives(project: Project) -> None:
    (project.folder / "config/benchmarks/whole.yaml").write_text(BENCHMARK)
    (project.folder / "config/benchmarks/split.yaml").write_text(BENCHMARK + "shards: 2\n")
    files = [f"results/generations/{name}/demo-late.parquet" for name in ("whole", "split")]
    project.run(*files, "--config", "models=demo-late", "benchmarks=whole,split", "arenas=")
    whole, split = (pq.read_table(project.folder / file, columns=COLUMNS).to_pylist() for file in files)
    assert len(whole) == 15
    assert split == whole
    assert {row["finish_reason"] for row in whole} == {"stop"}
    logs = project.folder / "results/logs/serve"
    assert sorted(path.parent.name for path in logs.rglob("demo-late.log")) == ["generate", "generate-1"]
    journal = project.folder / "results/.journal/generations/split/demo-late"
    assert len(scan(Path(journal)).done) == 15
