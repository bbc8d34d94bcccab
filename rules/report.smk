# results/metrics, leaderboards -> results/summary.{csv,md,json,txt}, results/plots, results/report.html, results/report
rule summary:
    input:
        metrics=lambda wildcards: plan.metrics(CONFIG),
        leaderboards=lambda wildcards: plan.leaderboards(CONFIG),
        costs=lambda wildcards: judges.costs(CONFIG),
        agreements=lambda wildcards: judges.agreements(CONFIG),
        calibrations=lambda wildcards: judges.calibrations(CONFIG),
    output:
        csv=report(
            f"{SHOWN}/summary.csv",
            caption="../workflow/report/summary.rst",
            category="Summary",
        ),
        md=f"{SHOWN}/summary.md",
        json=f"{SHOWN}/summary.json",
        txt=f"{SHOWN}/summary.txt",
    log:
        "results/logs/summary.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: identity.show(CONFIG, "summary"),
    script:
        "../workflow/scripts/summary.py"


rule report:
    input:
        summary=f"{SHOWN}/summary.json",
        metrics=lambda wildcards: plan.metrics(CONFIG),
        leaderboards=lambda wildcards: plan.leaderboards(CONFIG),
        costs=lambda wildcards: judges.costs(CONFIG),
        agreements=lambda wildcards: judges.agreements(CONFIG),
        calibrations=lambda wildcards: judges.calibrations(CONFIG),
        # No figure names these, and the site shows them.
        ungraded=lambda wildcards: plan.ungraded(CONFIG),
    output:
        html=report(
            f"{SHOWN}/report.html",
            caption="../workflow/report/report.rst",
            category="Summary",
        ),
        plots=report(
            plan.plots(CONFIG),
            caption="../workflow/report/pass_at_k.rst",
            category="pass@k",
        ),
        # The whole folder is made with it, out of files that metrics and leaderboards name with their digests:
        # they are no inputs, because whoever deletes generations to save space does not want them made anew.
        site=f"{SHOWN}/report/index.html",
    log:
        "results/logs/report.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: shown.report(CONFIG),
    script:
        "../workflow/scripts/report.py"


# Problem, answer and verdicts in one table: only where it is asked for, by its name or as `snakemake samples`.
rule sample_table:
    input:
        problems="results/problems/{benchmark}.parquet",
        generations="results/generations/{benchmark}/{model}.parquet",
        grades=lambda wildcards: shown.grades(
            CONFIG, wildcards.benchmark, wildcards.model
        ),
        marks=lambda wildcards: lanes.serving_configs(CONFIG, wildcards.model),
    output:
        "results/samples/{benchmark}/{model}.parquet",
    log:
        "results/logs/sample_table/{benchmark}/{model}.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: shown.samples(CONFIG, wildcards.model),
    script:
        "../workflow/scripts/sample_table.py"


rule samples:
    input:
        lambda wildcards: shown.tables(CONFIG),
    localrule: True
