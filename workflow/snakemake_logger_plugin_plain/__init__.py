"""Snakemake's logger plugin `plain`: all that Snakemake itself prints, as without a plugin."""

from snakeval.status.plain import LogHandler

__all__ = ["LogHandler"]
