# results/generations/{benchmark}/{model}.parquet -> results/grades/{benchmark}/{model}/{grader}.parquet -> results/judges
rule grade:
    input:
        problems="results/problems/{benchmark}.parquet",
        generations="results/generations/{benchmark}/{model}.parquet",
        # How the model marks its reasoning.
        marks=lambda wildcards: lanes.serving_configs(CONFIG, wildcards.model),
    output:
        "results/grades/{benchmark}/{model}/{grader}.parquet",
    log:
        "results/logs/grade/{benchmark}/{model}/{grader}.log",
    benchmark:
        "results/benchmarks/grade/{benchmark}/{model}/{grader}.tsv"
    wildcard_constraints:
        grader=plan.graders(CONFIG, judged=False),
    group:
        TRAVELS
    conda:
        "../workflow/envs/snakeval.yaml"
    threads: 2
    resources:
        processors=member(2),
    params:
        spec=lambda wildcards: identity.grade(
            CONFIG, wildcards.benchmark, wildcards.model, wildcards.grader
        ),
    script:
        "../workflow/scripts/grade.py"


rule grade_judge:
    input:
        unpack(
            lambda wildcards: plan.judge_inputs(
                CONFIG, wildcards.benchmark, wildcards.grader, wildcards.model
            )
        ),
        problems="results/problems/{benchmark}.parquet",
        generations="results/generations/{benchmark}/{model}.parquet",
    output:
        "results/grades/{benchmark}/{model}/{grader}.parquet",
        usage="results/usage/grades/{benchmark}/{model}/{grader}.json",
    log:
        "results/logs/grade_judge/{benchmark}/{model}/{grader}.log",
    benchmark:
        "results/benchmarks/grade_judge/{benchmark}/{model}/{grader}.tsv"
    wildcard_constraints:
        grader=plan.graders(CONFIG, judged=True),
    conda:
        "../workflow/envs/snakeval.yaml"
    threads: client_threads
    params:
        spec=lambda wildcards: plan.grade_spec(
            CONFIG, wildcards.benchmark, wildcards.model, wildcards.grader
        ),
    script:
        "../workflow/scripts/grade_judge.py"


# A judge beside the benchmark's other graders, and beside people where its file names their points.
rule calibrate:
    input:
        grades=lambda wildcards: judges.grades(
            CONFIG, wildcards.benchmark, wildcards.grader
        ),
        others=lambda wildcards: judges.other_grades(
            CONFIG, wildcards.benchmark, wildcards.grader
        ),
    output:
        "results/judges/{benchmark}/{grader}.json",
    log:
        "results/logs/calibrate/{benchmark}/{grader}.log",
    wildcard_constraints:
        grader=plan.graders(CONFIG, judged=True),
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: arena_identity.calibrate(
            CONFIG, wildcards.benchmark, wildcards.grader
        ),
    script:
        "../workflow/scripts/calibrate.py"
