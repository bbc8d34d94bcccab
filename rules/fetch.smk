# the network -> all that a run needs of it: `snakemake fetch`, on a machine that has one. Compute nodes then need none.
#
# Without an output it runs whenever it is asked for, and fetches what is not there. Problems, serving configs, the
# harness' tasks, the wording of arenas and models on S3 have rules of their own, which it asks for.
rule fetch:
    input:
        lambda wildcards: [
            *(f"results/problems/{name}.parquet" for name in CONFIG.benchmarks),
            *lanes.serving_configs(CONFIG, *CONFIG.served),
            *(f"results/lm_eval/{task}.json" for task in CONFIG.lm_eval),
            *(f"results/arena/{arena}/prompts.json" for arena in CONFIG.arenas),
        ],
    log:
        "results/logs/fetch.log",
    localrule: True
    conda:
        "../workflow/envs/snakeval.yaml"
    script:
        "../workflow/scripts/fetch.py"
