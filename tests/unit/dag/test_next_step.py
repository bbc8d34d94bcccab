"""The last line after an ending that Snakemake names in its log."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from snakeval.dag import next_step
from snakeval.dag.next_step import FAILED, INCOMPLETE, UNLOCK, NextStep, heads, note_head, tables

HERE = socket.gethostname()
# Which exceptions the log names, whether jobs failed, and how the line begins; None for no line.
ENDINGS: dict[str, tuple[list[str], bool, str | None]] = {
    "a good end": ([], False, None),
    "a wrong configuration": (["WorkflowError"], False, None),
    "a lock": (["LockException"], False, f"if no Snakemake runs in this folder on another machine: {UNLOCK}"),
    "incomplete files": (["IncompleteFilesException"], False, INCOMPLETE),
    "jobs that failed": (["RuleException", "WorkflowError"], True, FAILED),
    "a job that failed and was tried again": (["RuleException"], False, None),
}
# Who locked the folder, by its note, and how the line begins.
OWNERS: dict[str, tuple[str | None, str]] = {
    "nobody knows": (None, "if no Snakemake runs in this folder on another machine: "),
    "a torn note": ('{"host": "a', "if no Snakemake runs in this folder on another machine: "),
    "a note of another form": ("[]", "if no Snakemake runs in this folder on another machine: "),
    "a note without a number": ('{"host": "a", "pid": null}', "if no Snakemake runs in this folder on "),
    "a process of another machine": (
        '{"host": "login-2", "pid": 7}',
        "if process 7 on login-2 no longer runs: ",
    ),
    "a process that is gone": (json.dumps({"host": HERE, "pid": 7}), UNLOCK),
}
# The command line of a process, whether it runs here, and whether it is a head.
COMMANDS: dict[str, tuple[list[str], bool, bool]] = {
    "the command": (["/venv/bin/python", "/venv/bin/snakemake", "-n"], True, True),
    "its name alone": (["snakemake"], True, True),
    "with an option of Python's": (["python", "-u", "/venv/bin/snakemake"], True, True),
    "in another folder": (["/venv/bin/python", "/venv/bin/snakemake"], False, False),
    "a job": (["/venv/bin/python", "-m", "snakemake", "--mode", "subprocess"], True, False),
    "an editor": (["vim", "rules/snakemake.txt"], True, False),
    "a shell beside it": (["bash"], True, False),
    "a search for it": (["grep", "x", "snakemake"], True, False),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(next_step, "heads", lambda folder: [])
    return tmp_path


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_line_for_an_ending(
    ending: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names, failed, expected = ENDINGS[ending]
    logger, shown = logging.Logger("snakemake"), list[Callable[[], None]]()
    monkeypatch.setattr("atexit.register", shown.append)
    step = next_step.listen(logger)
    logger.info("Building DAG of jobs...")
    for name in names:
        logger.error("what went wrong", extra={"exception": name})
    logger.info("Complete log(s): ...")
    step.failed = failed
    (show,) = shown
    show()
    assert capsys.readouterr().err == ("" if expected is None else f"Next: {expected}\n")


@pytest.mark.parametrize("owner", OWNERS)
def test_who_locked_the_folder(owner: str) -> None:
    note, expected = OWNERS[owner]
    if note is not None:
        next_step.HEAD.parent.mkdir(parents=True)
        next_step.HEAD.write_text(note)
    line = locked()
    assert line.startswith(expected)
    assert UNLOCK in line


def test_a_folder_that_is_locked_by_a_living_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told to unlock it."""
    monkeypatch.setattr(next_step, "heads", lambda folder: [12, 13])
    line = locked()
    assert "process 12" in line
    assert "unlock" not in line


# What the process that locked the folder answers to signal 0, and whether it may be said to be gone.
ANSWERS = {
    "no such process": (ProcessLookupError, True),
    "somebody else's": (PermissionError, False),
    "one of ours, which does not run here": (None, True),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_process_that_cannot_be_seen_is_not_said_to_be_gone(
    answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, gone = ANSWERS[answer]

    def kill(pid: int, number: int) -> None:
        assert (pid, number) == (7, 0)
        if error is not None:
            raise error

    note_head({})
    next_step.HEAD.write_text(json.dumps({"host": HERE, "pid": 7}))
    monkeypatch.setattr("os.kill", kill)
    assert ("is gone" in locked()) == gone
    assert locked().startswith("if process 7") == (not gone)


def test_a_head_notes_itself() -> None:
    note_head({})
    assert json.loads(next_step.HEAD.read_text())["host"] == HERE


@pytest.mark.parametrize("command", COMMANDS)
def test_which_processes_are_heads(folder: Path, command: str) -> None:
    words, here, expected = COMMANDS[command]
    process = folder / "proc/77"
    process.mkdir(parents=True)
    (process / "cmdline").write_text("\0".join([*words, ""]))
    (process / "cwd").symlink_to(folder if here else folder.parent)
    (folder / "proc/78").mkdir()  # it has ended meanwhile
    assert heads(folder, folder / "proc") == ([77] if expected else [])


def locked() -> str:
    step = NextStep()
    step.emit(logging.makeLogRecord({"exception": "LockException"}))
    line = step.line()
    assert line is not None
    return line


# What was asked for, and the tables that are shown, of three that are there.
ASKED: list[tuple[list[str], list[str]]] = [
    (["all"], ["summary"]),
    (["summary"], ["summary"]),
    (["report", "all"], ["summary"]),
    (["compare"], ["compare"]),
    (["gate"], ["gate"]),
    (["compare", "gate"], ["compare", "gate"]),
    (["all", "compare"], ["summary", "compare"]),
    (["validate"], []),
    (["plan"], []),
    (["generate"], []),
    ([], []),
]
FILES = {"summary": "summary.txt", "compare": "comparisons.md", "gate": "gate.md"}


@pytest.mark.parametrize(("targets", "expected"), ASKED)
def test_a_run_shows_the_tables_that_it_was_asked_for(
    folder: Path, targets: list[str], expected: list[str]
) -> None:
    for name, file in FILES.items():
        (folder / file).write_text(f"the table of {name}\n\n")
    shown = tables(targets, folder)
    assert [text.splitlines()[0] for text in shown] == [f"the table of {name}" for name in expected]
    for text, name in zip(shown, expected, strict=True):
        last = folder if name == "summary" else folder / FILES[name]
        assert text.splitlines()[-1].endswith(f": {last}")


def test_a_table_that_is_not_there_is_not_shown(folder: Path) -> None:
    assert tables(["all", "compare"], folder / "results") == []
