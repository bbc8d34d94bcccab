"""`snakemake fetch` asks each rule that reaches the network for what it fetches, and starts no server."""

from __future__ import annotations

from project import Project


def test_what_fetch_asks_for(project: Project) -> None:
    config = ("--config", "models=demo-late,gemini-3-pro", "benchmarks=demo-arithmetic,ifeval", "arenas=demo")
    printed = project.run(
        "-n", "fetch", *config, NLTK_DATA="", HOME=str(project.folder), GEMINI_API_KEY=""
    ).stdout
    wanted = [
        "problems/demo-arithmetic.parquet",
        "problems/ifeval.parquet",
        "problems/demo-questions.parquet",
    ]
    wanted += ["configs/demo-late.yaml", "configs/google-gemini-3-pro.yaml", "arena/demo/prompts.json"]
    assert not [name for name in wanted if f"output: results/{name}" not in printed], printed
    assert "rule serve" not in printed
    assert "rule generate" not in printed


def test_fetch_runs_again_whenever_it_is_asked_for(project: Project) -> None:
    config = ("--config", "models=demo-late", "benchmarks=demo-arithmetic", "arenas=")
    first = project.run("fetch", *config).stdout
    assert "Fetched, or there already:" in first
    assert (project.folder / "results/problems/demo-arithmetic.parquet").is_file()
    assert project.stale("fetch", *config) == {"fetch": [""]}
