# The data flow of Snakeval is the order of the includes. Each rules file opens with its inputs and outputs.
from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "rules/common.smk"
include: "rules/resources.smk"
include: "rules/prepare.smk"
include: "rules/fetch_model.smk"
include: "rules/infer_config.smk"
include: "rules/generate.smk"
include: "rules/grade.smk"
include: "rules/aggregate.smk"
include: "rules/compare.smk"
include: "rules/arena.smk"
include: "rules/costs.smk"
include: "rules/lm_eval.smk"
include: "rules/report.smk"
include: "rules/servers.smk"
include: "rules/plan.smk"
include: "rules/validate.smk"
include: "rules/records.smk"
include: "rules/fetch.smk"


# Everything: the tables, the report, and answers that nobody grades.
rule all:
    default_target: True
    input:
        f"{SHOWN}/summary.md",
        f"{SHOWN}/report.html",
        f"{SHOWN}/report/index.html",
        plan.ungraded(CONFIG),
        lm_eval.tables(CONFIG),
        finished.damaged(CONFIG),
    localrule: True


onstart:
    if workflow.is_main_process:
        next_step.note_head(config)
    check_cluster()
    if workflow.is_main_process:
        finished.link_finished(CONFIG)
    if not workflow.local_exec:
        members.begin_keeping()


onsuccess:
    members.put_back()
    print_tables()


onerror:
    members.put_back()
    if workflow.is_main_process:
        NEXT_STEP.failed = True
