# results/configs/{model}.yaml -> servers of the models under test that outlive the run: `snakemake servers`
#
# What a server is and whether it lives stands in .servers/ (see workflow/snakeval/serving/kept/registry.py), never in an
# output: Snakemake would trust it. Without an output the rule runs whenever it is asked for.


rule servers:
    input:
        lambda wildcards: [
            f"results/configs/{model}.yaml" for model in lanes.with_servers(CONFIG)
        ],
    log:
        "results/logs/servers.log",
    localrule: True
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        models=lambda wildcards: lanes.with_servers(CONFIG),
    script:
        "../workflow/scripts/servers.py"
