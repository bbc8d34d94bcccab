"""All of IFBench's instructions by name."""

from __future__ import annotations

from snakeval.grading.instructions.counts import COUNTS
from snakeval.grading.instructions.layout import FORMATS
from snakeval.grading.instructions.tasks import TASKS
from snakeval.grading.instructions.texts import Checker
from snakeval.grading.instructions.words import WORDS

CHECKERS: dict[str, Checker] = {**COUNTS, **FORMATS, **WORDS, **TASKS}
