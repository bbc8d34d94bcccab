# results/metrics, leaderboards -> results/summary.{csv,md,json,txt}, results/plots, results/report.html
rule summary:
    input:
        metrics=lambda wildcards: plan.metrics(CONFIG),
        leaderboards=lambda wildcards: plan.leaderboards(CONFIG),
        costs=lambda wildcards: plan.costs(CONFIG),
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
        costs=lambda wildcards: plan.costs(CONFIG),
        agreements=lambda wildcards: judges.agreements(CONFIG),
        calibrations=lambda wildcards: judges.calibrations(CONFIG),
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
    log:
        "results/logs/report.log",
    conda:
        "../workflow/envs/snakeval.yaml"
    params:
        spec=lambda wildcards: identity.show(CONFIG, "report"),
    script:
        "../workflow/scripts/report.py"
