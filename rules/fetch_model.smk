# s3://bucket/prefix -> results/models/{model}: the files of a model on S3, through Snakemake's storage plugin
#
# There only if a model of the configuration is on S3, because it needs the plugin. Address and credentials
# come from the environment (AWS_...), never from here.
if CONFIG.stored:

    storage s3:
        provider="s3",

    rule fetch_model:
        input:
            lambda wildcards: [
                storage.s3(url) for url in CONFIG.stored[wildcards.model]
            ],
        output:
            directory("results/models/{model}"),
        log:
            "results/logs/fetch_model/{model}.log",
        localrule: ON_HEAD
        conda:
            "../workflow/envs/snakeval.yaml"
        resources:
            head=int(ON_HEAD),
        params:
            spec=lambda wildcards: identity.fetch_model(CONFIG.served[wildcards.model]),
        script:
            "../workflow/scripts/fetch_model.py"
