# What jobs ask a machine or a cluster for, and the check that a cluster has it; uses what common.smk imports.

# What needs the network and no GPU runs where Snakemake does, at most as many at once as the profile's resource
# `head` says. With 0 there, these are jobs as all others are.
ON_HEAD = workflow.global_resources.get("head").value != 0


def travels_with(wildcards):
    """Which jobs on processors a submission holds: those of one model, when all they need is there at once.

    Grades are made from what the model's server answered; a judge's scores from what a batch's server did.
    The names of the groups in the profile are those of their kinds.
    """
    judge = plan.judge_of(CONFIG, wildcards.benchmark, wildcards.grader)
    if judge:
        kind, name = "judged", lanes.judge_lane(CONFIG, judge, wildcards.model)
        name = f"{judge}-{name}"
    else:
        kind, name = "grades", wildcards.model
    workflow.parent_groupids[f"{kind}-{name}"] = kind
    return f"{kind}-{name}"


# What needs no GPU and no server, a job's own Snakemake runs by itself, without the second one that would start a
# step of the job. Members of a submission are then in no group, and share the processors that the job has got.
IN_JOB = not workflow.is_main_process
TRAVELS = None if IN_JOB else travels_with
if IN_JOB:
    workflow.global_resources["processors"] = len(os.sched_getaffinity(0))

    localrules:
        agree,
        aggregate,
        calibrate,
        compare,
        costs,
        gate,
        grade,
        import_judgments,
        leaderboard,
        lm_eval_table,
        report,
        summary,


def member(processors):
    """The processors that a member of a submission takes of it.

    Asked in a job, it also has the job's Snakemake go on when a member fails: nothing passes that on from the head.
    """

    def asked(wildcards):
        if IN_JOB and workflow.scheduler is not None:
            workflow.scheduler.keepgoing = True
        return processors

    return asked


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
    """Refuse what Slurm does not know or its plugin does not take, before anything is submitted."""
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
        if "snakemake_executor_plugin_slurm" in sys.modules:
            check_resources(jobs)
        check_names(Wanted(*entry) for entry in wanted)
    except SlurmNameError as error:
        raise WorkflowError(str(error)) from None
    if CONFIG.settings.gpus.per_node == 0 and "serve" in {entry[0] for entry in wanted}:
        logger.warning(
            "gpus.per_node is 0: engines run on the processors of their nodes"
        )
