"""The number that makes an output stale: it grows where the next run may have what this one could not."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from snakeval.asking.again import note_errors
from snakeval.dag.retries import NAME, ask_again, note_failures, retries

# What each of several runs in turn ended with, (transient failures, refused requests), and the number then.
RUNS = {
    "all is well": [((0, ""), 0), ((0, ""), 0)],
    "transient ones are asked again by every run": [((2, ""), 1), ((2, ""), 2), ((0, ""), 2)],
    "refused ones by one more": [((0, "ab"), 1), ((0, "ab"), 1), ((0, "ab"), 1)],
    "in any order, however often": [((0, "ab"), 1), ((0, "baa"), 1)],
    "and the run that has them all leaves it fresh": [((0, "ab"), 1), ((0, ""), 1)],
    "some are answered: the others once more": [((0, "abc"), 1), ((0, "ab"), 2), ((0, "ab"), 2)],
    "others are refused": [((0, "ab"), 1), ((0, "cd"), 2), ((0, "cd"), 2)],
    "more are": [((0, "a"), 1), ((0, "ab"), 2), ((0, "ab"), 2)],
    "both kinds": [((1, "a"), 1), ((1, "a"), 2), ((0, "a"), 2)],
    "refused again after they were had": [((0, "a"), 1), ((0, ""), 1), ((0, "a"), 2), ((0, "a"), 2)],
}


@pytest.mark.parametrize("case", RUNS)
def test_the_number_grows_where_asking_again_may_help(case: str, tmp_path: Path) -> None:
    for (transient, refused), expected in RUNS[case]:
        note_failures(tmp_path / "journal", transient, refused)
        assert retries(tmp_path / "journal") == expected


def test_where_no_score_can_be_made_every_run_asks(tmp_path: Path) -> None:
    for expected in (2, 4, 6):
        note_failures(tmp_path, 0, "ab")
        ask_again(tmp_path)
        assert retries(tmp_path) == expected


@pytest.mark.parametrize(
    ("errors", "number"),
    [
        ({}, 0),
        ({"a": "permanent: HTTP 400: no template"}, 1),
        ({"a": "transient: HTTP 500: x"}, 1),
        ({"a": "connection: refused"}, 1),
        ({"a": "permanent: HTTP 400: flagged (refused by a filter)"}, 0),
    ],
)
def test_what_a_filter_refused_is_not_asked_again(
    errors: dict[str, str], number: int, tmp_path: Path
) -> None:
    note_errors(tmp_path, errors)
    assert retries(tmp_path) == number


def test_the_log_says_what_to_do(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(2):
        note_failures(tmp_path, 0, "ab")
    first, second = caplog.messages
    assert "2 requests were refused; the next run asks once more" in first
    assert "delete the output and run again" in second


@pytest.mark.parametrize(
    ("content", "number"),
    [(b"3\n", 3), (b"3", 3), (b"3\nabc\n", 3), (b"", 0), (b" \n", 0), (b"x\n", 0), (b"\xff\xfe", 0)],
)
def test_a_record_of_another_time_is_read(content: bytes, number: int, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(content)
    assert retries(tmp_path) == number
    note_failures(tmp_path, 1)
    assert retries(tmp_path) == number + 1


@pytest.mark.parametrize("what", ["fifo", "folder", "loop", "dangling"])
def test_what_is_no_file_in_its_place_counts_for_nothing(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / NAME
    if what == "fifo":
        os.mkfifo(path)
    elif what == "folder":
        path.mkdir()
    else:
        path.symlink_to(NAME if what == "loop" else "nowhere")
    assert retries(tmp_path) == 0
    note_failures(tmp_path, 1)
    assert retries(tmp_path) == (0 if what == "folder" else 1)
    assert ("can't be written" in caplog.text) == (what == "folder")
