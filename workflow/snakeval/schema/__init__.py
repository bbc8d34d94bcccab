"""What may stand in the YAML files under config/: one class a kind of file, one field a key, with pydantic.

The JSON schemas in config/schemas are generated from these classes (`snakeval.config.jsonschema`).
Anyone may import from it; who is imported while nothing is checked (workers, jobs that only read) does so for
type checking alone, because pydantic takes half a second. It never imports another room.
"""

from snakeval.schema.agent import Agent
from snakeval.schema.arena import Arena, Category, Official, OfficialText
from snakeval.schema.benchmark import Benchmark, Code, FewShot, Fields, Grader, Source, Thresholds
from snakeval.schema.corrections import Correction, Corrections
from snakeval.schema.judge import Judge, Points, Price, RateLimits, Verdicts
from snakeval.schema.lm_eval import LmEvalTask
from snakeval.schema.model import Model, Reasoning
from snakeval.schema.sampling import JudgeSampling, Sampling
from snakeval.schema.settings import Bootstrap, Compare, Gate, Gpus, Settings

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
