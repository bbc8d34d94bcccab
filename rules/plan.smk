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
                (benchmark, model, service_of(model, "generate").get("service"))
                for benchmark, model in plan.answered(CONFIG)
            ]
        ),
    script:
        "../workflow/scripts/plan.py"
