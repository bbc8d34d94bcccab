# results/grades/{benchmark}/{model}/{grader}.parquet -> results/comparisons.{csv,md,json}, results/gate.md
#
# Neither belongs to the default target: `snakemake compare`, and in a CI job `snakemake gate`, which fails.
rule compare:
    input:
        lambda wildcards: comparisons.compared(CONFIG),
    output:
        csv=f"{SHOWN}/comparisons.csv",
        md=f"{SHOWN}/comparisons.md",
        json=f"{SHOWN}/comparisons.json",
    log:
        "results/logs/compare.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: comparisons.compare_spec(CONFIG),
    script:
        "../workflow/scripts/compare.py"


rule gate:
    input:
        lambda wildcards: comparisons.gated(CONFIG),
    output:
        f"{SHOWN}/gate.md",
    log:
        "results/logs/gate.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: comparisons.gate_spec(CONFIG),
    script:
        "../workflow/scripts/gate.py"
