# What every rules file uses: the checked configuration, wildcard constraints and small helpers.
# Parsing must stay cheap (every job parses this again): no network, no clock, no heavy import.
import json
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

sys.path.insert(0, str(Path(workflow.current_basedir).parent / "workflow"))

from snakeval import (
    arena_identity,
    comparison_plan,
    identity,
    import_plan,
    judge_plan,
    lanes,
    lm_eval_plan,
    plan,
)
from snakeval.config import ConfigError, load_config
from snakeval.config.found import hand_on
from snakeval.slurm_names import SlurmNameError, Wanted, check_names

try:
    CONFIG = load_config(
        config,
        Path.cwd(),
        check_data=workflow.is_main_process,
        over=workflow.overwrite_configfiles or (),
    )
except ConfigError as error:
    raise WorkflowError(str(error)) from None
if workflow.is_main_process:
    hand_on(CONFIG.found)
    for warning in CONFIG.warnings:
        logger.warning(warning)


# The start of the serve rule's command. It is no parameter, which would make outputs stale: Python's path and
# the configuration are not identity. Braces are doubled, because Snakemake formats the command.
SERVE_MODEL = shlex.join(
    [sys.executable, "-m", "snakeval.serve_model", json.dumps(config)]
)
SERVE_MODEL = SERVE_MODEL.replace("{", "{{").replace("}", "}}")


wildcard_constraints:
    model=plan.either(CONFIG.served),
    benchmark=plan.either(CONFIG.benchmarks),
    arena=plan.either(CONFIG.arenas),
    judge=plan.either(CONFIG.judges),
    lane=r"[a-z]+(-\d+)?",
    shard=r"\d+",
    shards=r"\d+",


def service_of(model, lane):
    """The service that a consumer waits for: none where the endpoint exists already."""
    managed = CONFIG.served[model].engine != "external"
    return {"service": f"results/services/{lane}/{model}.json"} if managed else {}


def gpus_of(wildcards):
    """GPUs that a model's server holds, from its inferred config; 0 on the CPU."""
    return plan.gpus(CONFIG, wildcards.model, f"results/configs/{wildcards.model}.yaml")


def nodes_of(wildcards):
    """Nodes that a model's server runs on."""
    return plan.nodes(
        CONFIG, wildcards.model, f"results/configs/{wildcards.model}.yaml"
    )


def gres_of(wildcards):
    """The same GPUs as Slurm's generic resource, which counts those of each node; None on the CPU."""
    gpus = gpus_of(wildcards)
    return f"gpu:{gpus}" if gpus else None


def on_one_node(wildcards, value):
    """A resource of servers on one node; None, and so not asked for, with more."""
    return value if nodes_of(wildcards) == 1 else None


def on_several_nodes(wildcards, value):
    """A resource of servers on several nodes; None, and so not asked for, on one."""
    return value if nodes_of(wildcards) > 1 else None


def client_threads(wildcards, input):
    """Threads of what asks a server: cores are summed over a service and its consumers; else one is the least."""
    return 0 if input.get("service") else 1


def check_cluster():
    """Refuse accounts and partitions that Slurm does not know, before it is asked for anything."""
    if workflow.local_exec:
        return
    jobs = [job for job in workflow.dag.needrun_jobs() if not job.is_local]
    if any(
        job.resources.get("gres") and job.resources.get("gpu_model") for job in jobs
    ):
        raise WorkflowError(
            "A server over several nodes asks for gres, which does not go with gpu_model: the Slurm plugin "
            "would ask for one GPU in all. Name the nodes' feature with 'constraint' instead, or set "
            "gpu_model only for other models (see docs/several-nodes.md)"
        )
    asked = ("slurm_account", "slurm_partition")
    wanted = {(job.rule.name, *map(job.resources.get, asked)) for job in jobs}
    try:
        check_names(Wanted(*entry) for entry in wanted)
    except SlurmNameError as error:
        raise WorkflowError(str(error)) from None
    if CONFIG.settings.gpus.per_node == 0 and "serve" in {entry[0] for entry in wanted}:
        logger.warning(
            "gpus.per_node is 0: engines run on the processors of their nodes"
        )


def print_tables():
    """Show the summary in the terminal and say where the rest is."""
    summary = Path("results/summary.txt")
    planned = {job.rule.name for job in workflow.dag.jobs} == {"plan"}
    if workflow.is_main_process and summary.exists() and not planned:
        print(summary.read_text(), file=sys.stderr)
        print(f"Report: {Path('results/report.html').absolute()}", file=sys.stderr)
        print(f"Results: {Path('results').absolute()}", file=sys.stderr)
