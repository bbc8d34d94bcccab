"""A model on S3 is fetched through the storage plugin and served like the local folder it came from."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest

from project import Project
from s3_server import S3, SECRET, s3_server

pytestmark = pytest.mark.e2e

SMALL = """\
source: {file: demo/data/problems.jsonl}
fields: {problem_id: id}
prompt: config/prompts/demo_solve.jinja
limit: 6
n_samples: 2
sampling: {max_tokens: 160}
graders: [{type: math}]
"""
CONFIG = ("--config", "models=s3://models/run1/step-*,demo/models/late", "benchmarks=small", "arenas=")
STORED, LOCAL = "vllm-run1-step-100", "vllm-models-late"
COLUMNS = ["problem_id", "sample_index", "seed", "text", "finish_reason"]


@pytest.fixture
def server(project: Project) -> Iterator[S3]:
    with s3_server() as running:
        running.upload(project.folder / "demo/models/late", "run1/step-100")
        (project.folder / "config/benchmarks/small.yaml").write_text(SMALL)
        yield running


def rows(project: Project, model: str) -> list[dict[str, object]]:
    path = project.folder / f"results/generations/small/{model}.parquet"
    return list(pq.read_table(path, columns=COLUMNS).to_pylist())


def test_it_answers_as_the_local_folder_does(
    project: Project, server: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    printed = project.run(*CONFIG).stdout
    assert rows(project, STORED) == rows(project, LOCAL)
    assert len(rows(project, STORED)) == 12
    fetched = project.folder / f"results/models/{STORED}"
    original = project.folder / "demo/models/late"
    files = {path.name: path.read_bytes() for path in fetched.iterdir() if not path.name.startswith(".")}
    assert files == {path.name: path.read_bytes() for path in original.iterdir()}
    assert SECRET not in printed
    for path in project.folder.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path
    assert "Nothing to be done" in project.run(*CONFIG).stdout

    # Another object is another model: it alone is fetched and evaluated again, and the tables.
    server.put("run1/step-100/generation_config.json", b'{"temperature": 0.5}')
    jobs = project.stale(*CONFIG)
    assert set(jobs) == {
        *("fetch_model", "infer_config", "serve", "generate", "grade", "aggregate"),
        *("summary", "report", "all"),
    }
    assert jobs["generate"] == [f"results/generations/small/{STORED}.parquet"]
    project.run(f"results/configs/{STORED}.yaml", *CONFIG)
    assert "0.5" in (project.folder / f"results/configs/{STORED}.yaml").read_text()
