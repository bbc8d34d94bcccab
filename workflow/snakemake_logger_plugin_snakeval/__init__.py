"""Snakemake's logger plugin `snakeval` (profiles/default chooses it): what a person needs of a run."""

from snakeval.status.terminal import LogHandler

__all__ = ["LogHandler"]
