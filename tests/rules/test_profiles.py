"""What the profiles say fits the rules and each other."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from project import JOB, Project

# They run inside the job of `serve`, whose partition theirs must not contradict.
CONSUMERS = {"arena_judge", "generate", "generate_shard", "grade_judge", "lm_eval"}


def test_the_slurm_profile_fits_the_rules(project: Project) -> None:
    listed = {line for line in project.run("--list-rules").stdout.splitlines() if line.isidentifier()}
    profile = yaml.safe_load(Path(project.folder, "profiles/slurm/config.yaml").read_text())
    named = profile["set-resources"]
    assert named.keys() <= listed
    assert named.keys() > CONSUMERS
    partitions = {rule: asked.get("slurm_partition") for rule, asked in named.items()}
    assert {rule for rule, name in partitions.items() if name == "gpu"} == {"serve", "servers"}
    assert {rule for rule, name in partitions.items() if name is None} == CONSUMERS
    assert "slurm_partition" not in profile["default-resources"]


def test_the_default_profile_says_nothing_that_a_cluster_must_say(project: Project) -> None:
    """Snakemake takes a key from profiles/default where both profiles have it."""
    both = [
        yaml.safe_load(Path(project.folder, f"profiles/{name}/config.yaml").read_text()).keys()
        for name in ("default", "slurm")
    ]
    assert not both[0] & both[1]


def test_what_is_submitted_together_and_what_runs_on_the_head(project: Project) -> None:
    printed = project.run("-n", "--profile", "profiles/slurm", "--cores", "64").stdout
    named = re.findall(r"\] Group job (\S+) \(", printed)
    groups = [name for name in named if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", name)]
    assert sorted(groups) == [
        "grades-demo-early",
        "grades-demo-late",
        "judged-demo-answer-judge-0",
    ]
    on_head = {rule for _, rule, block in JOB.findall(printed) if " head=1" in block}
    assert on_head == {"arena_prompts", "infer_config", "prepare"}
