# task x model -> results/lm_eval/{task}/{model}.json -> results/lm_eval.{csv,md}
#
# A task's data are fetched and its name is checked before any server starts.
rule lm_eval_task:
    output:
        "results/lm_eval/{task}.json",
    log:
        "results/logs/lm_eval_task/{task}.log",
    wildcard_constraints:
        task=patterns.either(CONFIG.lm_eval),
    localrule: ON_HEAD
    conda:
        "../workflow/envs/snakeval.yaml"
    resources:
        head=int(ON_HEAD),
    params:
        spec=lambda wildcards: lm_eval.task_spec(CONFIG, wildcards.task),
    script:
        "../workflow/scripts/lm_eval_task.py"


rule lm_eval:
    input:
        unpack(lambda wildcards: service_of(wildcards.model, "generate")),
        task="results/lm_eval/{task}.json",
        config="results/configs/{model}.yaml",
    output:
        "results/lm_eval/{task}/{model}.json",
    log:
        "results/logs/lm_eval/{task}/{model}.log",
    benchmark:
        "results/benchmarks/lm_eval/{task}/{model}.tsv"
    wildcard_constraints:
        task=patterns.either(CONFIG.lm_eval),
    conda:
        "../workflow/envs/snakeval.yaml"
    threads: client_threads
    params:
        spec=lambda wildcards: lm_eval.run_spec(CONFIG, wildcards.task, wildcards.model),
    script:
        "../workflow/scripts/run_lm_eval.py"


rule lm_eval_table:
    input:
        lambda wildcards: lm_eval.results(CONFIG),
    output:
        csv=report(
            f"{SHOWN}/lm_eval.csv",
            caption="../workflow/report/lm_eval.rst",
            category="Summary",
        ),
        md=f"{SHOWN}/lm_eval.md",
    log:
        "results/logs/lm_eval_table.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: lm_eval.table_spec(CONFIG),
    script:
        "../workflow/scripts/lm_eval_table.py"
