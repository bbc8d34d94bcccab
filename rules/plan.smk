# nothing -> a table in the terminal: what a run would ask for, model by model. `snakemake plan` runs this alone.
rule plan:
    log:
        "results/logs/plan.log",
    localrule: True
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        services=lambda wildcards: json.dumps(
            [
                (benchmark, model, lanes.services(CONFIG, benchmark, model))
                for benchmark, model in plan.answered(CONFIG)
            ]
        ),
    script:
        "../workflow/scripts/plan.py"
