"""Where NLTK's sentence splitter has its data, found without importing NLTK."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

DATA = Path("tokenizers") / "punkt_tab" / "english"


class PunktMissing(RuntimeError):
    """What IFEval's checkers need is not installed; the message says how to get it."""


def missing_for_ifeval() -> str | None:
    """What to install before IFEval can be graded, None where all is there; imports nothing heavy."""
    if importlib.util.find_spec("lm_eval") is None or importlib.util.find_spec("nltk") is None:
        return "install Snakeval with its optional dependencies 'lm-eval'"
    if not any((folder / DATA).is_dir() for folder in _folders()):
        return "get the sentence splitter's data: snakemake fetch, or python -m nltk.downloader punkt_tab"
    return None


def punkt_folder() -> Path:
    """The folder of NLTK data that holds punkt. Raises PunktMissing."""
    if missing := missing_for_ifeval():
        raise PunktMissing(f"IFEval's checkers: {missing}")
    return next(folder for folder in _folders() if (folder / DATA).is_dir())


def _folders() -> list[Path]:
    """The folders in which NLTK itself looks."""
    named = [Path(entry) for entry in os.environ.get("NLTK_DATA", "").split(os.pathsep) if entry]
    prefix = Path(sys.prefix)
    inside = [prefix / "nltk_data", prefix / "share" / "nltk_data", prefix / "lib" / "nltk_data"]
    system = [Path("/usr", where, "nltk_data") for where in ("share", "local/share", "lib", "local/lib")]
    return [*named, Path("~/nltk_data").expanduser(), *inside, *system]
