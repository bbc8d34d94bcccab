"""A failed command is explained in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from requirements.process import CommandFailed, explain, missing_package, run
from unit.requirements.setup_messages import DEBIAN, FULL, PIP_NET, PIP_NONE, UV_ABI, UV_NAME, UV_NET, UV_NONE


@pytest.mark.parametrize(
    ("output", "missing", "line"),
    [
        (UV_NONE, "torch==2.13.0+cpu", "does not have torch==2.13.0+cpu"),
        (UV_NAME, "nosuch", "does not have nosuch"),
        (UV_ABI, "torch==2.13.0+cpu", "does not have torch==2.13.0+cpu"),
        (PIP_NONE, "uv==0.0.1.dev99", "does not have uv==0.0.1.dev99"),
        (UV_NET, None, "the package index cannot be reached"),
        (PIP_NET, None, "the package index cannot be reached"),
        (FULL, None, "the disk is full"),
        (DEBIAN, None, "install the Debian package python3-venv"),
        ("first\nsomething new went wrong\n", None, "status 7: something new went wrong"),
        ("", None, "status 7: it printed nothing"),
    ],
)
def test_a_failed_command_is_explained_in_one_line(output: str, missing: str | None, line: str) -> None:
    failure = CommandFailed(["uv", "pip", "install"], 7, output)
    assert missing_package(output) == missing
    assert line in explain(failure, Path("setup.log"))
    assert "\n" not in explain(failure, Path("setup.log"))


def test_run_keeps_each_commands_output_apart_and_all_of_it_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run(["echo", "first"], log) == "first\n"
    with pytest.raises(CommandFailed, match="status 3: second") as caught:
        run(["sh", "-c", "echo second >&2; exit 3"], log)
    assert caught.value.output == "second\n"
    assert log.read_text() == "$ echo first\nfirst\n$ sh -c 'echo second >&2; exit 3'\nsecond\n"
