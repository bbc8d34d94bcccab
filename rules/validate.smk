# nothing -> a table in the terminal: who has answered an arena's questions, what has been judged
#
# `snakemake validate` runs this alone; without an output it runs whenever it is asked for.
rule validate:
    log:
        "results/logs/validate.log",
    localrule: True
    conda:
        "../workflow/envs/snakeval.yaml"
    script:
        "../workflow/scripts/validate.py"
