"""What may stand in each configuration file: one class a file, one field a key.

The JSON schemas in config/schemas are generated from these classes (`snakeval.config.jsonschema`)
and so are the checks at run time; config/README.md documents every key.
"""

from snakeval.config.schema.agent import Agent
from snakeval.config.schema.arena import Arena, Category, Official, OfficialText
from snakeval.config.schema.benchmark import (
    Benchmark,
    Code,
    FewShot,
    Fields,
    Grader,
    Source,
    Thresholds,
)
from snakeval.config.schema.corrections import Correction, Corrections
from snakeval.config.schema.judge import Judge, Points, Price, RateLimits, Verdicts
from snakeval.config.schema.lm_eval import LmEvalTask
from snakeval.config.schema.model import Model, Reasoning
from snakeval.config.schema.sampling import JudgeSampling, Sampling
from snakeval.config.schema.settings import Bootstrap, Compare, Gate, Gpus, Settings

__all__ = [
    "Agent",
    "Arena",
    "Benchmark",
    "Bootstrap",
    "Category",
    "Code",
    "Compare",
    "Correction",
    "Corrections",
    "FewShot",
    "Fields",
    "Gate",
    "Gpus",
    "Grader",
    "Judge",
    "JudgeSampling",
    "LmEvalTask",
    "Model",
    "Official",
    "OfficialText",
    "Points",
    "Price",
    "RateLimits",
    "Reasoning",
    "Sampling",
    "Settings",
    "Source",
    "Thresholds",
    "Verdicts",
]
