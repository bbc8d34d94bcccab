"""What Snakemake is told: the files that are wanted, their identities, lanes, retries, names in Slurm.

Evaluated whenever the Snakefile is parsed, in each job again: standard library, configuration and `models`
only, never numpy, pandas or pyarrow; `records` needs Snakemake itself. Anyone above may import from it; it
never imports a stage.
"""
