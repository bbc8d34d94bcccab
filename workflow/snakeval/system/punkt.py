"""What the checkers of instructions need of NLTK and others, looked for without importing any of it."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

PUNKT = Path("tokenizers") / "punkt_tab" / "english"
TAGGER = Path("taggers") / "averaged_perceptron_tagger_eng"
MODULES = {"ifeval": ("langdetect", "lm_eval", "nltk"), "ifbench": ("emoji", "nltk", "syllapy")}
DATA = {"ifeval": {"punkt_tab": PUNKT}, "ifbench": {"punkt_tab": PUNKT, TAGGER.name: TAGGER}}
"""Of each type of grader: the modules of the optional dependencies `ifeval`, and NLTK's names of data."""


class PunktMissing(RuntimeError):
    """What a grader's checkers need is not installed; the message says how to get it."""


def missing_for(kind: str) -> str | None:
    """What to install before a grader of this type can run, None where all is there or none is needed."""
    if any(importlib.util.find_spec(module) is None for module in MODULES.get(kind, ())):
        return "install Snakeval with its optional dependencies 'ifeval': pip install -e '.[ifeval]'"
    if names := missing_data(kind):
        return f"get NLTK's data: snakemake fetch, or python -m nltk.downloader {' '.join(names)}"
    return None


def missing_data(kind: str) -> list[str]:
    """NLTK's names of the data that this type of grader needs and that are not there."""
    wanted = DATA.get(kind, {})
    return [name for name, path in wanted.items() if not any((top / path).is_dir() for top in _folders())]


def require(kind: str) -> None:
    """Raises PunktMissing where a grader of this type can't run here."""
    if missing := missing_for(kind):
        raise PunktMissing(f"the checkers of '{kind}': {missing}")


def _folders() -> list[Path]:
    """The folders in which NLTK itself looks."""
    named = [Path(entry) for entry in os.environ.get("NLTK_DATA", "").split(os.pathsep) if entry]
    prefix = Path(sys.prefix)
    inside = [prefix / "nltk_data", prefix / "share" / "nltk_data", prefix / "lib" / "nltk_data"]
    system = [Path("/usr", where, "nltk_data") for where in ("share", "local/share", "lib", "local/lib")]
    return [*named, Path("~/nltk_data").expanduser(), *inside, *system]
