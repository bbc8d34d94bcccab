"""What a run is doing, for people: the table of `snakemake status`, and the lines in a run's terminal.

It reads what jobs note and leave behind, changes nothing and takes no lock. Nobody imports from it but the
Snakefile, and Snakemake for its logger plugins. It never imports who makes samples, grades or scores.
"""
