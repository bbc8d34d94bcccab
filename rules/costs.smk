# results/usage of every judge's output -> results/costs.json
rule costs:
    input:
        lambda wildcards: judges.usages(CONFIG),
    output:
        f"{SHOWN}/costs.json",
    log:
        "results/logs/costs.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: identity.costs(CONFIG),
    script:
        "../workflow/scripts/costs.py"
