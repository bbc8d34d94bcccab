"""NLTK's English sentence splitter, which IFEval's checkers need and NLTK itself only downloads.

A package on the package index carries the same files, so the tests need no other host.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from requirements.installer import Installer

CARRIER = "llama-index-core==0.14.25"
INSIDE = Path("llama_index/core/_static/nltk_cache/tokenizers/punkt_tab/english")


def install_punkt(venv: Path, installer: Installer) -> str:
    """Put punkt where NLTK looks in this environment, without installing its carrier; return a note."""
    target = venv / "share" / "nltk_data" / "tokenizers" / "punkt_tab" / "english"
    if target.is_dir():
        return "there already"
    unpacked = venv / "punkt-carrier"
    shutil.rmtree(unpacked, ignore_errors=True)
    installer.install(["--target", str(unpacked), CARRIER])
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(unpacked / INSIDE, venv / "punkt-data", dirs_exist_ok=True)
    (venv / "punkt-data").rename(target)
    shutil.rmtree(unpacked)
    return f"from {CARRIER}"
