"""A stand-in for a Python interpreter, its venv, pip, uv and what they install. It notes its calls."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

SCRIPT = r"""#!/bin/sh
# $FAKE_CALLS: where to note the calls. $FAKE_FAIL: a pattern of calls that fail, saying $FAKE_SAYS.
set -f  # the patterns of $FAKE_FAIL are for calls, not for files
call="$(basename "$0") $*"
case "$call" in
    *"sys.version_info"*) echo "@VERSION@ @MAKES_VENVS@"; exit 0 ;;
esac
echo $call >> "$FAKE_CALLS"  # unquoted: on one line
if [ -n "$FAKE_FAIL" ]; then
    case "$call" in
        $FAKE_FAIL) printf '%s\n' "$FAKE_SAYS"; exit 1 ;;
    esac
fi
case "$call" in
    *"-m venv "*)
        for name in python pip uv snakemake; do mkdir -p "$3/bin"; cp "$0" "$3/bin/$name"; done ;;
    *"pip config list"*) echo "global.find-links='/'" ;;
    *--version) echo "9.27.1" ;;
    *current_platform*) echo "0.32.0 on the CPU" ;;
esac
"""


def write_fake_python(path: Path, version: str = "3 11 9", makes_venvs: bool = True) -> Path:
    """An executable at `path` that answers as Python `version` does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCRIPT.replace("@VERSION@", version).replace("@MAKES_VENVS@", str(makes_venvs)))
    path.chmod(0o755)
    return path


def empty_machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make `folder` a machine whose only working Pythons are those that a test writes below it."""
    monkeypatch.setenv("HOME", str(folder / "home"))
    monkeypatch.setenv("PYENV_ROOT", str(folder / "pyenv"))
    monkeypatch.setenv("PATH", f"{folder / 'broken'}:{folder / 'bin'}")
    monkeypatch.setattr(sys, "executable", str(folder / "absent"))
    broken = folder / "broken" / "python3.11"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    # The stand-in is a shell script, which needs a shell's tools.
    (folder / "bin").mkdir()
    for tool in ("sh", "basename", "mkdir", "cp"):
        (folder / "bin" / tool).symlink_to(shutil.which(tool, path="/usr/bin:/bin") or tool)
    return folder
