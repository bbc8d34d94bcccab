"""The embedded default as a user runs it: tables, report, second run, typos, an endpoint that exists."""

from __future__ import annotations

import csv
import json
import re
import shutil
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from project import Project
from snakeval.serving.engines import vllm
from snakeval.serving.server import EngineServer
from snakeval.serving.spec import ServeSpec

pytestmark = pytest.mark.e2e

# What the rules may not need while the DAG is built (Snakemake itself brings pydantic, yaml and jinja2).
HEAVY = (
    "aiohttp",
    "httptools",
    "huggingface_hub",
    "math_verify",
    "matplotlib",
    "openai",
    "pyarrow",
    "scipy",
    "torch",
    "vllm",
)


def test_a_second_run_has_nothing_to_do(finished: Project) -> None:
    assert "Nothing to be done" in finished.run().stdout


def test_nor_has_one_without_snakemakes_records(finished: Project, tmp_path: Path) -> None:
    """What the outputs carry names their inputs as Snakemake does, services among them."""
    travelled = finished.copy(tmp_path / "project")
    shutil.rmtree(travelled.folder / ".snakemake")
    assert "Nothing to be done" in travelled.run("-n").stdout


def table(path: Path, grader: str | None = None) -> dict[str, dict[str, str]]:
    """The rows of a csv file by model, of one grader where it has several."""
    with path.open(newline="") as file:
        return {row["model"]: row for row in csv.DictReader(file) if grader in (None, row.get("grader"))}


def test_the_late_checkpoint_is_better_and_pass_at_k_grows(finished: Project) -> None:
    rows = table(finished.folder / "results/summary.csv", "math")
    late, early = (
        {k: float(rows[model][f"pass@{k}"]) for k in (1, 8)} for model in ("demo-late", "demo-early")
    )
    assert 0.4 <= late[1] <= 0.85
    assert late[8] > late[1] + 0.1
    assert early[1] < late[1] - 0.1


def test_the_judge_agrees_with_the_verifier(finished: Project) -> None:
    """The demo's answer judge is right on at least 97% of the samples."""
    folder = finished.folder / "results/grades/demo-arithmetic"
    agreed = []
    for model in ("demo-early", "demo-late"):
        math, judge = (pq.read_table(folder / model / f"{name}.parquet") for name in ("math", "demo-answer"))
        assert math["digest"] == judge["digest"]
        pairs = zip(math["verdict"].to_pylist(), judge["verdict"].to_pylist(), strict=True)
        agreed += [(a == "correct") == (b == "correct") for a, b in pairs]
    assert len(agreed) == 2 * 48 * 8
    assert sum(agreed) / len(agreed) >= 0.97


def test_the_pairwise_judge_prefers_the_late_checkpoint(finished: Project) -> None:
    board = table(finished.folder / "results/arena/demo/demo-pair/leaderboard.csv")
    assert float(board["demo-early"]["score"]) == 50
    assert float(board["demo-late"]["lower"]) > 50


def test_metrics_hold_everything(finished: Project) -> None:
    path = finished.folder / "results/metrics/demo-arithmetic/demo-late/math.json"
    metrics = json.loads(path.read_text())
    assert (metrics["num_problems"], metrics["num_samples"]) == (48, 384)
    assert list(metrics["pass_at_k"]) == [str(k) for k in range(1, 9)]
    assert metrics["pass_at_k"]["1"] == pytest.approx(metrics["mean_reward"])
    low, high = metrics["ci95"]["pass_at_k"]["1"]
    assert low < metrics["pass_at_k"]["1"] < high
    assert metrics["validity"]["requested"] == metrics["validity"]["generated"] == 384
    export = pq.read_table(finished.folder / "results/export/demo-arithmetic/demo-late/math.parquet")
    assert export.column_names == [
        *("data_source", "problem_id", "problem", "ground_truth", "responses", "rewards")
    ]
    assert {len(responses) for responses in export["responses"].to_pylist()} == {8}


def test_the_tables_are_printed_and_the_report_needs_no_network(finished: Project) -> None:
    printed = (finished.folder / "results/summary.txt").read_text()
    assert "pass@8" in printed
    page = (finished.folder / "results/report.html").read_text()
    assert "<svg" in page
    assert not re.search(r"""(src|href)=["']https?:""", page)
    assert not re.search(r"@import|url\(['\"]?http", page)


def test_samples_are_joined_where_they_are_asked_for(finished: Project, tmp_path: Path) -> None:
    assert (finished.folder / "results/report/index.html").is_file()
    project = finished.copy(tmp_path / "project")
    project.run("samples")
    table = pq.read_table(project.folder / "results/samples/demo-arithmetic/demo-late.parquet")
    assert table.num_rows == 384
    assert {"problem_id", "problem", "answer", "verdict_math", "verdict_demo-answer"} <= {*table.column_names}
    assert project.stale("samples", "results/report/index.html") == {}


def test_one_server_start_a_model(finished: Project) -> None:
    """Two benchmarks of a model share one server: its log holds one start."""
    log = (finished.folder / "results/logs/serve/generate/demo-late.log").read_text()
    assert log.count("Application startup complete") == 1


def test_snakemakes_own_report(finished: Project, tmp_path: Path) -> None:
    project = finished.copy(tmp_path / "project")
    project.run("--report", "own.html")
    page = (project.folder / "own.html").read_text()
    assert "pass_at_k" in page


def test_a_typo_ends_the_run_before_any_job(project: Project) -> None:
    project.edit("config/models/demo-late.yaml", "temperature:", "temprature:")
    project.edit("config/benchmarks/demo-arithmetic.yaml", "n_samples: 8", "n_samples: 0")
    result = project.run(check=False)
    assert result.returncode != 0
    for word in ("demo-late.yaml", "temprature", "temperature", "demo-arithmetic.yaml", "n_samples"):
        assert word in result.stdout
    assert "Traceback" not in result.stdout
    assert not (project.folder / "results").exists()


def test_a_dry_run_needs_nothing_but_snakemake(project: Project, tmp_path: Path) -> None:
    blocker = tmp_path / "blocker"
    blocker.mkdir()
    (blocker / "sitecustomize.py").write_text(
        "import sys\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name.partition('.')[0] in {HEAVY}:\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
    )
    printed = project.run("-n", PYTHONPATH=str(blocker)).stdout
    assert re.search(r"^generate +4$", printed, re.MULTILINE)
    assert not (project.folder / "results").exists()


class Witness:
    """Collects the command lines of a project's processes while it runs."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.command_lines: set[str] = set()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.command_lines.update(self._project.processes().values())

    def __enter__(self) -> Witness:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()


@pytest.mark.parametrize("hosted", [False, True], ids=["local client", "openai package"])
def test_an_endpoint_that_exists_and_its_key(hosted: bool, project: Project, tmp_path: Path) -> None:
    folder = str(project.folder / "demo/models/late")
    spec = ServeSpec("there", model=folder, max_model_len=1024, gpus={"per_node": 0})
    with EngineServer(vllm(spec), "there", tmp_path / "engine.log") as server:
        url = server.wait_ready(300)
        (project.folder / "config/models/existing.yaml").write_text(
            f"model: there\nengine: external\nslug: existing\nbase_urls: ['{url}']\n"
            f"api_key_env: THE_KEY\nhosted: {str(hosted).lower()}\nsampling: {{temperature: 0}}\n"
            f"max_tokens: 160\nconcurrency: 16\n"
        )
        target = "results/generations/demo-questions/existing.parquet"
        with Witness(project) as witness:
            project.run(
                target,
                "--config",
                "models=existing",
                "benchmarks=demo-questions",
                "arenas=",
                THE_KEY=server.api_key,
            )
        key = server.api_key
    rows = pq.read_table(project.folder / target).to_pylist()
    assert len(rows) == 24
    assert all(row["error"] is None and "boxed" in row["text"] for row in rows)
    assert any("generate.py" in line for line in witness.command_lines)
    assert not any(key in line for line in witness.command_lines)
    for path in project.folder.rglob("*"):
        if path.is_file():
            assert key.encode() not in path.read_bytes(), path
