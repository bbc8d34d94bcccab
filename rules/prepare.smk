# benchmark source -> results/problems/{benchmark}.parquet
rule prepare:
    output:
        "results/problems/{benchmark}.parquet",
    log:
        "results/logs/prepare/{benchmark}.log",
    benchmark:
        "results/benchmarks/prepare/{benchmark}.tsv"
    localrule: ON_HEAD
    conda:
        "../workflow/envs/snakeval.yaml"
    resources:
        head=int(ON_HEAD),
    params:
        spec=lambda wildcards: identity.prepare(CONFIG.benchmarks[wildcards.benchmark]),
    script:
        "../workflow/scripts/prepare.py"
