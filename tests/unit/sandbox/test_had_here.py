"""Where a sandbox can be had for the asking, its tests are run, not skipped."""

from __future__ import annotations

import os
import shutil

import pytest

from unit.sandbox.code_sandbox import install, isolations


def test_root_on_debian_has_a_sandbox() -> None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        pytest.skip("only root on Debian can have a sandbox for the asking")
    assert isolations(), install("bwrap", "bubblewrap") or "bubblewrap does not work here"
