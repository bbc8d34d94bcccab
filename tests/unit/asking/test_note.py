"""What a job notes of itself, and what is made of the notes of jobs that live and of those that are gone."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from snakeval.asking.note import (
    NAME,
    SILENT_SECONDS,
    Look,
    Note,
    Noter,
    read_note,
    read_notes,
    spec_key,
    total,
)
from snakeval.asking.progress import Progress
from snakeval.system import origin, processes
from snakeval.types import Generation

ME = processes.process(os.getpid())
assert ME is not None
HERE: dict[str, Any] = {"host": socket.gethostname(), "pid": ME.pid, "start": ME.start}
ASKING = Note("asking", 10, 4, 1, known=1, truncated=1, asked_tokens=300, seconds=6.0, **HERE)
# Changes to that note, and whether its job is taken to live.
LIVES: dict[str, tuple[dict[str, Any], bool]] = {
    "this process": ({}, True),
    "it has ended": ({"state": "ended"}, False),
    "it waits for its server": ({"state": "waiting"}, True),
    "another start of this id": ({"start": 1}, False),
    "no such process": ({"pid": 2**22 + 1}, False),
    "another machine, just now": ({"host": "node-7", "pid": 1, "written": "now"}, True),
    "another machine, long ago": ({"host": "node-7", "pid": 1, "written": 0.0}, False),
}


@pytest.mark.parametrize("case", LIVES)
def test_whether_a_job_lives(case: str) -> None:
    changes, lives = LIVES[case]
    if changes.get("written") == "now":
        changes = {**changes, "written": time.time() - SILENT_SECONDS / 2}
    assert replace(ASKING, **changes).alive() == lives


# (wanted, done, known, state) and seconds left at 2 seconds a sample.
LEFT: list[tuple[int | None, int, int, str, float | None]] = [
    (10, 4, 1, "asking", 12.0),
    (10, 10, 7, "asking", 0.0),
    (10, 4, 4, "asking", None),
    (None, 4, 1, "asking", None),
    (10, 4, 1, "waiting", None),
    (10, 4, 1, "ended", None),
]


@pytest.mark.parametrize(("wanted", "done", "known", "state", "expected"), LEFT)
def test_the_time_left(wanted: int | None, done: int, known: int, state: str, expected: float | None) -> None:
    note = replace(
        ASKING, wanted=wanted, done=done, known=known, state=state, seconds=2.0 * max(done - known, 1)
    )
    assert note.left == expected


def row(reason: str | None = "stop", error: str | None = None) -> Generation:
    text = None if error else "x"
    return Generation("p", 0, "d", (), 0, text, None, reason, 1, 10, 1.0, error)


def noted(folder: Path, rows: list[Generation], *, wanted: int, known: int, ended: bool = True) -> Note:
    progress = Progress(wanted, "samples")
    for each in rows:
        progress.add(each)
    noter = Noter(folder, wanted, known, read_note(folder))
    noter.write(Look(progress, True, None, 0), ended)
    note = read_note(folder)
    assert note is not None
    return note


def test_what_a_job_counts(tmp_path: Path) -> None:
    rows = [row(), row("length"), row("max_tokens"), row(error="transient: x")]
    note = noted(tmp_path, rows, wanted=5, known=0)
    assert (note.done, note.errors, note.truncated, note.asked_tokens, note.state) == (3, 1, 2, 40, "ended")


def test_a_later_job_goes_on_counting_where_nothing_came_since(tmp_path: Path) -> None:
    first = noted(tmp_path, [row("length"), row()], wanted=4, known=0)
    (tmp_path / NAME).write_text(json.dumps({**asdict(first), "pid": 1}))
    note = noted(tmp_path, [row("length")], wanted=4, known=2)
    assert (note.done, note.truncated, note.known) == (3, 2, 2)


def test_what_came_uncounted_is_not_guessed(tmp_path: Path) -> None:
    first = noted(tmp_path, [row("length")], wanted=4, known=0)
    (tmp_path / NAME).write_text(json.dumps({**asdict(first), "pid": 1}))
    assert noted(tmp_path, [row("length")], wanted=4, known=2).truncated is None


def test_the_rounds_of_one_job_add_up(tmp_path: Path) -> None:
    """A judge asks again for the two of five verdicts that could not be read."""
    noted(tmp_path, [row()] * 5, wanted=5, known=0)
    note = noted(tmp_path, [row()] * 2, wanted=2, known=0)
    assert (note.wanted, note.done) == (7, 7)


def test_a_note_that_can_not_be_written_ends_no_job(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file where the folder should be")
    Noter(tmp_path / "journal", 1, 0, None).write(Look(Progress(1, "samples"), True, None, 0))


NO_NOTES = ["", "{", "[]", '{"state": "asking"}', json.dumps({**asdict(ASKING), "done": "4"}), '{"x": 1}']


@pytest.mark.parametrize("text", NO_NOTES)
def test_what_is_no_note(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    assert read_note(tmp_path) is None


def test_a_folder_in_the_place_of_a_note(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    assert read_note(tmp_path) is None
    assert read_note(tmp_path / "none") is None


def write(folder: Path, **changes: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_text(json.dumps(asdict(replace(ASKING, **changes))))


def test_shards_are_summed_and_the_latest_split_counts(tmp_path: Path) -> None:
    write(tmp_path, written=1.0, done=9)
    write(tmp_path / "shards/0-of-2", written=5.0, state="waiting")
    write(tmp_path / "shards/1-of-2", written=4.0)
    write(tmp_path / "shards/0-of-3", written=2.0)
    note = total(read_notes(tmp_path))
    assert note is not None
    assert (note.wanted, note.done, note.errors, note.truncated, note.state) == (20, 8, 2, 2, "asking")


def test_a_sum_of_what_is_unknown_is_unknown(tmp_path: Path) -> None:
    write(tmp_path / "shards/0-of-2", truncated=None, wanted=None)
    write(tmp_path / "shards/1-of-2")
    note = total(read_notes(tmp_path))
    assert note is not None
    assert (note.wanted, note.truncated) == (None, None)
    assert total([]) is None


# Two specs, and whether they are of the same settings.
SPECS = [
    ('{"n": 1, "retries": 0}', '{"n": 1, "retries": 3}', True),
    ('{"n": 1, "retries": 0}', '{"n": 1}', True),
    ('{"n": 1, "retries": 0}', '{"n": 2, "retries": 0}', False),
    ("no JSON", "no JSON", True),
    ("no JSON", "no json", False),
]


@pytest.mark.parametrize(("one", "other", "same"), SPECS)
def test_retries_are_no_settings(one: str, other: str, same: bool) -> None:
    assert (spec_key(one) == spec_key(other)) == same


def test_a_note_says_what_it_is_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "_said", {})
    monkeypatch.setattr(origin, "_specs", {})
    assert noted(tmp_path, [], wanted=1, known=0).spec is None
    origin.say(["results/x.parquet"], '{"n": 1}', None)
    assert noted(tmp_path, [], wanted=1, known=0).spec == spec_key('{"n": 1}')
