"""What is shown of an engine's log."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.serving.engine_log import redact, summary

CAUSE = "torch.OutOfMemoryError: CUDA out of memory"
LAST = [f"line {number}" for number in range(30)]
TAIL = "\n".join(LAST)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], "(nothing was written)"),
        (["one", "two"], "one\ntwo"),
        (["earlier", *LAST], TAIL),
        ([CAUSE, *LAST], f"errors:\n{CAUSE}\nlast lines:\n{TAIL}"),
        (
            [f"(EngineCore pid=7) ERROR [core.py:1] {CAUSE}", CAUSE, *LAST],
            f"errors:\n{CAUSE}\nlast lines:\n{TAIL}",
        ),
        (
            ["ValueError: a", "x.KeyError: b", *LAST],
            f"errors:\nValueError: a\nx.KeyError: b\nlast lines:\n{TAIL}",
        ),
        ([CAUSE, *LAST[:-1], CAUSE], "\n".join([*LAST[:-1], CAUSE])),
        (["errors with a colon: no", "raise ValueError(", *LAST], TAIL),
    ],
)
def test_summary(tmp_path: Path, lines: list[str], expected: str) -> None:
    log = tmp_path / "log"
    log.write_text("ValueError: of an earlier start\n" + "".join(f"{line}\n" for line in lines))
    assert summary(log, len("ValueError: of an earlier start\n"), {}) == expected


def test_only_the_first_errors_are_shown(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("\n".join([*(f"Error: {number}" for number in range(9)), *LAST]))
    assert summary(tmp_path / "log", 0, {}).splitlines()[:7] == [
        "errors:",
        *(f"Error: {number}" for number in range(5)),
        "last lines:",
    ]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\xff\xfe loading\n")
    assert "loading" in summary(tmp_path / "log", 0, {})


def test_secrets_are_taken_out(tmp_path: Path) -> None:
    environment = {"MY_TOKEN": "s3cr3t-value", "HOME": "plain-value", "API_KEY": "short"}
    assert redact("s3cr3t-value plain-value short", environment) == "*** plain-value short"
    (tmp_path / "log").write_text("\n".join(["ValueError: s3cr3t-value", *LAST, "s3cr3t-value"]))
    assert summary(tmp_path / "log", 0, environment).count("***") == 2
    assert "s3cr3t" not in summary(tmp_path / "log", 0, environment)
