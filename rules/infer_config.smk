# model, in results/models/{model} if it is on S3 -> results/configs/{model}.yaml
rule infer_config:
    input:
        lambda wildcards: plan.fetched(CONFIG, wildcards.model),
    output:
        "results/configs/{model}.yaml",
    log:
        "results/logs/infer_config/{model}.log",
    localrule: ON_HEAD
    conda:
        "../workflow/envs/snakeval.yaml"
    resources:
        head=int(ON_HEAD),
    params:
        spec=lambda wildcards: identity.infer_config(CONFIG.served[wildcards.model]),
    script:
        "../workflow/scripts/infer_config.py"
