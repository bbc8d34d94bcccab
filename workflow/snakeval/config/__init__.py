"""The configuration: YAML files checked at the edge, immutable objects inside.

Every stage imports what stands here in `__all__`, and the errors. It is evaluated whenever the Snakefile is
parsed: it never imports a stage, numpy, pandas or pyarrow (data in parquet files is looked at late).
"""

from snakeval.config.errors import ConfigError
from snakeval.config.load import load_config
from snakeval.config.resolved import Config
from snakeval.schema import Arena, Benchmark, Grader, Judge, Model, Sampling, Settings

__all__ = [
    "Arena",
    "Benchmark",
    "Config",
    "ConfigError",
    "Grader",
    "Judge",
    "Model",
    "Sampling",
    "Settings",
    "load_config",
]
