# results/problems/{benchmark}.parquet x results/configs/{model}.yaml -> results/generations/{benchmark}/{model}.parquet
#
# `serve` is a service: it runs as long as its consumers do, and starts the engine when the first of them
# has something to ask. It must exec its program, or the engine would outlive the workflow. Consumers take
# no threads: they wait for the network, and cores are summed over a service and all of its consumers.
#
# When one consumer of a service is stale, Snakemake runs them all, and what depends on them (`ancient` holds
# only for files that exist). Those that are fresh find every row in their journals: they ask for nothing.
rule serve:
    input:
        lambda wildcards: plan.fetched(CONFIG, wildcards.model),
        config="results/configs/{model}.yaml",
    output:
        service("results/services/{lane}/{model}.json"),
    log:
        "results/logs/serve/{lane}/{model}.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    threads: plan.service_threads(workflow.cores)
    resources:
        gpu=lambda wildcards: on_one_node(wildcards, gpus_of(wildcards)),
        # Over several nodes the command itself calls srun, which the Slurm plugin knows as MPI.
        gres=lambda wildcards: on_several_nodes(wildcards, gres_of(wildcards)),
        mpi=lambda wildcards: on_several_nodes(wildcards, "srun"),
        tasks=lambda wildcards: on_several_nodes(wildcards, nodes_of(wildcards)),
        tasks_per_gpu=0,
        nodes=nodes_of,
    shell:
        f"exec {SERVE_MODEL} {{wildcards.model:q}}"
        " --file {output:q} --log {log:q} --config {input.config:q}"


# Answers that somebody has published stand for generations: those of a baseline, above all.
rule import_answers:
    input:
        problems="results/problems/{benchmark}.parquet",
    output:
        "results/generations/{benchmark}/{model}.parquet",
    log:
        "results/logs/import_answers/{benchmark}/{model}.log",
    wildcard_constraints:
        model=plan.recorded(CONFIG, True),
    localrule: ON_HEAD
    conda:
        "../workflow/envs/snakeval.yaml"
    resources:
        head=int(ON_HEAD),
    params:
        spec=lambda wildcards: arena_identity.import_answers(
            CONFIG, wildcards.benchmark, wildcards.model
        ),
    script:
        "../workflow/scripts/import_answers.py"


# A benchmark with `shards` is asked for in parts, each of a server of its own; `generate` then gathers them.
rule generate_shard:
    input:
        unpack(
            lambda wildcards: lanes.shard_inputs(
                CONFIG, wildcards.model, int(wildcards.shard)
            )
        ),
        problems="results/problems/{benchmark}.parquet",
        config=serving_config_of,
    output:
        temp("results/shards/{benchmark}/{model}/{shard}-of-{shards}.parquet"),
    log:
        "results/logs/generate_shard/{benchmark}/{model}/{shard}-of-{shards}.log",
    benchmark:
        "results/benchmarks/generate_shard/{benchmark}/{model}/{shard}-of-{shards}.tsv"
    conda:
        "../workflow/envs/snakeval.yaml"
    threads: client_threads
    params:
        spec=lambda wildcards: plan.generate_spec(
            CONFIG, wildcards.benchmark, wildcards.model
        ),
    script:
        "../workflow/scripts/generate_shard.py"


rule generate:
    input:
        unpack(
            lambda wildcards: lanes.generate_inputs(
                CONFIG, wildcards.benchmark, wildcards.model
            )
        ),
        problems="results/problems/{benchmark}.parquet",
        config=serving_config_of,
    output:
        "results/generations/{benchmark}/{model}.parquet",
    log:
        "results/logs/generate/{benchmark}/{model}.log",
    benchmark:
        "results/benchmarks/generate/{benchmark}/{model}.tsv"
    wildcard_constraints:
        model=plan.recorded(CONFIG, False),
    conda:
        "../workflow/envs/snakeval.yaml"
    threads: client_threads
    params:
        spec=lambda wildcards: plan.generate_spec(
            CONFIG, wildcards.benchmark, wildcards.model
        ),
    script:
        "../workflow/scripts/generate.py"
