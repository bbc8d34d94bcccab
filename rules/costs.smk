# results/usage of every judge's output -> results/costs.json
rule costs:
    input:
        plan.usages(CONFIG),
    output:
        "results/costs.json",
    log:
        "results/logs/costs.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=identity.costs(CONFIG),
    script:
        "../workflow/scripts/costs.py"
