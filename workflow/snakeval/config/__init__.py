"""The configuration: YAML files checked at the edge, immutable objects inside."""

from snakeval.config.errors import ConfigError
from snakeval.config.load import load_config
from snakeval.config.resolved import Config
from snakeval.config.schema import Arena, Benchmark, Grader, Judge, Model, Sampling, Settings

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
