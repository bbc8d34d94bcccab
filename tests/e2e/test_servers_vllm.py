"""Kept servers with the real engine: started by Snakemake, used by two runs, cancelled without a trace."""

from __future__ import annotations

import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from project import PATIENCE, Project

pytestmark = pytest.mark.e2e

EXISTING = """\
model: demo-late
engine: external
served_model_name: demo-late
context_length: 1024
sampling: {temperature: 0.8}
"""
CONFIG = ("--config", "models=existing", "benchmarks=demo-questions", "arenas=")
TARGET = "results/generations/demo-questions/external-demo-late.parquet"


def command(project: Project, *words: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m snakeval.servers` in the project."""
    return subprocess.run(
        [sys.executable, "-m", "snakeval.servers", *words],
        cwd=project.folder,
        env=project.environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def exported(project: Project) -> dict[str, str]:
    """The variables that a shell has after `eval "$(python -m snakeval.servers env)"`."""
    lines = command(project, "env").stdout.splitlines()
    return dict(line.removeprefix("export ").split("=", 1) for line in lines)


@pytest.mark.parametrize("by", ["registry", "variables"])
def test_a_kept_server(project: Project, by: str) -> None:
    try:
        project.run("servers", "--config", "models=demo-late")
        healthy = command(project, "health", "--wait", "150")
        assert (healthy.returncode, healthy.stdout) == (0, "demo-late/1: healthy\n"), healthy.stderr
        variables = {} if by == "variables" else {"OPENAI_API_BASE": ""}
        text = EXISTING if by == "variables" else f"{EXISTING}server: demo-late\n"
        (project.folder / "config/models/existing.yaml").write_text(text)
        variables |= exported(project) if by == "variables" else {}
        project.variables = variables
        project.run(TARGET, *CONFIG)
        rows = pq.read_table(project.folder / TARGET, columns=["text", "error"]).to_pylist()
        assert len(rows) == 24
        assert all(row["error"] is None and "boxed" in row["text"] for row in rows)
        # The run has ended, the server has not; its key is in no file but its own.
        key = (project.folder / ".servers/demo-late/key").read_text().strip()
        assert command(project, "health").returncode == 0
        for path in project.folder.rglob("*"):
            if path.is_file() and path.name != "key":
                assert key.encode() not in path.read_bytes(), path
    finally:
        cancelled = command(project, "cancel", "--all")
    assert cancelled.stdout == "demo-late/1: cancelled\n"
    assert project.processes() == {}
    gone = project.run(TARGET, "--forcerun", "generate", *CONFIG, check=False)
    if by == "registry":
        assert gone.returncode != 0
        assert "no server of 'demo-late' is kept" in gone.stdout
