# What jobs ask a machine or a cluster for, and the check that a cluster has it; uses what common.smk imports.
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
