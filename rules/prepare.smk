# benchmark source -> results/problems/{benchmark}.parquet
rule prepare:
    output:
        "results/problems/{benchmark}.parquet",
    log:
        "results/logs/prepare/{benchmark}.log",
    benchmark:
        "results/benchmarks/prepare/{benchmark}.tsv"
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: identity.prepare(CONFIG.benchmarks[wildcards.benchmark]),
    script:
        "../workflow/scripts/prepare.py"
