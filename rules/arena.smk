# results/generations x baseline x judge -> results/arena/{arena}/{judge}/judgments/{model}.jsonl -> leaderboard.csv
rule arena_prompts:
    output:
        "results/arena/{arena}/prompts.json",
    log:
        "results/logs/arena_prompts/{arena}.log",
    localrule: ON_HEAD
    conda:
        "../workflow/envs/snakeval.yaml"
    resources:
        head=int(ON_HEAD),
    params:
        spec=lambda wildcards: arena_identity.arena_prompts(CONFIG, wildcards.arena),
    script:
        "../workflow/scripts/arena_prompts.py"


rule arena_judge:
    input:
        unpack(
            lambda wildcards: plan.arena_inputs(
                CONFIG, wildcards.arena, wildcards.judge, wildcards.model
            )
        ),
    output:
        "results/arena/{arena}/{judge}/judgments/{model}.jsonl",
        usage="results/usage/arena/{arena}/{judge}/{model}.json",
    log:
        "results/logs/arena_judge/{arena}/{judge}/{model}.log",
    benchmark:
        "results/benchmarks/arena_judge/{arena}/{judge}/{model}.tsv"
    conda:
        "../workflow/envs/snakeval.yaml"
    threads: client_threads
    params:
        spec=lambda wildcards: plan.arena_spec(
            CONFIG, wildcards.arena, wildcards.judge, wildcards.model
        ),
    script:
        "../workflow/scripts/arena_judge.py"


# Published judgments join those made here.
rule import_judgments:
    input:
        lambda wildcards: imports.imported(CONFIG, wildcards.arena, wildcards.judge)[
            wildcards.model
        ],
    output:
        "results/arena/{arena}/{judge}/judgments/{model}.jsonl",
    log:
        "results/logs/import_judgments/{arena}/{judge}/{model}.log",
    wildcard_constraints:
        model=imports.all_imported(CONFIG),
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: arena_identity.import_judgments(CONFIG, wildcards.arena),
    script:
        "../workflow/scripts/import_judgments.py"


rule agree:
    input:
        lambda wildcards: judges.judged_by_all(CONFIG, wildcards.arena),
    output:
        "results/arena/{arena}/agreement.json",
    log:
        "results/logs/agree/{arena}.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: arena_identity.agree(CONFIG, wildcards.arena),
    script:
        "../workflow/scripts/agree.py"


rule leaderboard:
    input:
        judgments=lambda wildcards: plan.judgments(
            CONFIG, wildcards.arena, wildcards.judge
        ),
        generations=lambda wildcards: judges.arena_generations(CONFIG, wildcards.arena),
        answers=lambda wildcards: judges.imported_answers(
            CONFIG, wildcards.arena, wildcards.judge
        ),
        marks=lambda wildcards: judges.arena_marks(CONFIG, wildcards.arena),
    output:
        csv=report(
            "results/arena/{arena}/{judge}/leaderboard.csv",
            caption="../workflow/report/leaderboard.rst",
            category="Arena",
        ),
        tables="results/arena/{arena}/{judge}/tables.csv",
        md="results/arena/{arena}/{judge}/leaderboard.md",
        json="results/arena/{arena}/{judge}/leaderboard.json",
    log:
        "results/logs/leaderboard/{arena}/{judge}.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: arena_identity.leaderboard(CONFIG, wildcards.arena),
    script:
        "../workflow/scripts/leaderboard.py"
