"""What a script that fails leaves in its log, and who says it in the terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# A run that shows why jobs fail, perhaps, and a script of it that fails.
SCRIPT = "from snakeval.system import logs\nlogs.log_to('x.log')\nraise ValueError('no such thing')\n"
RUN = """
import subprocess, sys
from snakeval.system import logs
if "announced" in sys.argv:
    logs.announce(sys.stderr)
elsewhere = open("other.txt", "w") if "elsewhere" in sys.argv else None
subprocess.run([sys.executable, "-c", sys.argv[1]], stderr=elsewhere)
"""
SAID = "ValueError: no such thing\n(see x.log)\n"
# What the run does, and what is in the terminal.
TERMINALS = [([], SAID), (["announced"], ""), (["elsewhere"], ""), (["announced", "elsewhere"], "")]


def run(folder: Path, script: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", RUN, script, *words], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stderr


@pytest.mark.parametrize(("words", "expected"), TERMINALS)
def test_who_says_why_a_script_failed(words: list[str], expected: str, tmp_path: Path) -> None:
    assert run(tmp_path, SCRIPT, *words) == expected
    *_, last = (tmp_path / "x.log").read_text().splitlines()
    assert last.endswith(" ERROR snakeval: ValueError: no such thing")
    assert "Traceback" in (tmp_path / "x.log").read_text()
    if "elsewhere" in words:
        assert (tmp_path / "other.txt").read_text() == SAID, "the run shows nothing of what goes elsewhere"


def test_what_goes_into_a_file_of_the_run(tmp_path: Path) -> None:
    script = "from snakeval.system import logs\nif logs.shown_by_another(): logs.into_file()\nimport no_such"
    assert run(tmp_path, script, "announced") == ""
    assert "no_such" in (tmp_path / ".snakemake/log/jobs.log").read_text()
    assert "No module named 'no_such'" in run(tmp_path, script)
