# results/grades/{benchmark}/{model}/{grader}.parquet -> results/metrics/{benchmark}/{model}/{grader}.json and the export
rule aggregate:
    input:
        problems="results/problems/{benchmark}.parquet",
        generations="results/generations/{benchmark}/{model}.parquet",
        grades="results/grades/{benchmark}/{model}/{grader}.parquet",
    output:
        metrics="results/metrics/{benchmark}/{model}/{grader}.json",
        export="results/export/{benchmark}/{model}/{grader}.parquet",
    log:
        "results/logs/aggregate/{benchmark}/{model}/{grader}.log",
    group:
        TRAVELS
    conda:
        "../workflow/envs/snakeval.yaml"
    resources:
        processors=member(1),
    params:
        spec=lambda wildcards: identity.aggregate(
            CONFIG, wildcards.benchmark, wildcards.model
        ),
    script:
        "../workflow/scripts/aggregate.py"
