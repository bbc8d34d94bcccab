# results/configs/{model}.yaml -> servers of the models under test that outlive the run: `snakemake servers`
#
# What a server is and whether it lives stands in .servers/ (see workflow/snakeval/serving/kept/registry.py), never in an
# output: Snakemake would trust it. Without an output the rule runs whenever it is asked for.
def kept(wildcards):
    """The models under test that have a server of their own here."""
    return [
        model
        for model, settings in CONFIG.models.items()
        if settings.engine not in ("external", "recorded")
        and lanes.server(CONFIG, model) == model
    ]


rule servers:
    input:
        lambda wildcards: [
            f"results/configs/{model}.yaml" for model in kept(wildcards)
        ],
    log:
        "results/logs/servers.log",
    localrule: True
    conda:
        "../workflow/envs/snakeval.yaml"
    resources:
        servers=1,
    params:
        models=kept,
    script:
        "../workflow/scripts/servers.py"
