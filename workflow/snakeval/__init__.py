"""Snakeval: evaluate large language models with one Snakemake workflow."""
