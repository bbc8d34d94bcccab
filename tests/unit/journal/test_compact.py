"""Compaction: fewer files, the same rows, whatever dies in between and whoever is still writing."""

from __future__ import annotations

import fcntl
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from snakeval.journal import compact as journal_compact
from snakeval.journal.compact import DAY, compact
from snakeval.journal.lines import encode_line
from snakeval.journal.reading import raw_lines
from snakeval.journal.writer import JournalError, JournalWriter, scan
from snakeval.system import processes
from snakeval.types import Json
from unit.journal.journaled import append_many, digest, numbers_in

# Compacts copies of a journal and dies without a word before each system call that changes something,
# one a copy; in the last copy it gets through. Arguments: the journal, where the copies go.
CRASHER = """
import os, shutil, sys
from pathlib import Path
from snakeval.journal.compact import compact

journal, copies = Path(sys.argv[1]), Path(sys.argv[2])
for step in range(1000):
    folder = copies / f"{step:03d}"
    shutil.copytree(journal, folder)
    if (child := os.fork()) == 0:
        calls = 0
        def dying(call):
            def instead(*arguments, **named):
                global calls
                calls += 1
                if calls > step:
                    os._exit(9)
                return call(*arguments, **named)
            return instead
        for name in ("fsync", "rename", "unlink"):
            setattr(os, name, dying(getattr(os, name)))
        compact(folder, min_files=2)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
"""


def write_file(folder: Path, start: int, rows: list[tuple[int, bool, int]], host: str = "") -> Path:
    """Write the file of an ended job; a row is (number, ok, version)."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{start:019d}-{host or processes.machine()}-77-0.jsonl"
    lines = (
        encode_line({"number": n, "version": v, "error": None if ok else f"error {v}"}, digest(n), ok)
        for n, ok, v in rows
    )
    path.write_bytes(b"".join(lines))
    return path


def content(folder: Path) -> tuple[dict[str, int], dict[str, str]]:
    """Return the version of each finished row and the last error of the others."""
    index, all_digests = scan(folder), [digest(number) for number in range(100)]
    missing = set(index.missing(all_digests).tolist())
    wanted = [text for at, text in enumerate(all_digests) if at not in missing]
    versions: list[Json] = list(index.read(wanted))
    return {t: row["version"] for t, row in zip(wanted, versions, strict=True)}, index.errors(all_digests)


def write_journal(folder: Path) -> None:
    """Write six files with duplicates, errors that were made good and errors that were not."""
    rng = random.Random(11)
    for start in range(6):
        rows = [(rng.randrange(40), rng.random() < 0.6, start * 100 + n) for n in range(30)]
        write_file(folder, start, rows)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != ".compact")


def age(path: Path, seconds: float = DAY + 60) -> None:
    os.utime(path, (time.time() - seconds,) * 2)


def test_rows_stay_and_files_go(tmp_path: Path) -> None:
    write_journal(tmp_path)
    before = content(tmp_path)
    assert all(before)
    assert compact(tmp_path, min_files=2) == 6
    (name,) = names(tmp_path)
    assert name.startswith(f"{0:019d}-merged-")
    assert content(tmp_path) == before
    index = scan(tmp_path)
    assert len((tmp_path / name).read_bytes().splitlines()) == len(index.done) + len(index.failed)
    assert compact(tmp_path, min_files=2) == 0
    write_file(tmp_path, 7, [(99, True, 1), (0, True, 777)])
    assert compact(tmp_path, min_files=2) == 2
    assert content(tmp_path)[0] == {digest(0): 777, **before[0], digest(99): 1}
    assert len(names(tmp_path)) == 1


def test_few_files_are_left_alone(tmp_path: Path) -> None:
    assert compact(tmp_path / "none") == 0
    write_journal(tmp_path)
    assert compact(tmp_path) == compact(tmp_path, min_files=7) == 0
    assert len(names(tmp_path)) == 6


def test_a_live_writer_keeps_its_file_and_its_place(tmp_path: Path) -> None:
    write_file(tmp_path, 1, [(1, True, 1)])
    write_file(tmp_path, 2, [(2, False, 1)])
    with JournalWriter(tmp_path) as writer:
        append_many(writer, range(10, 20))
        later = write_file(tmp_path, 9 * 10**18, [(10, True, 5), (3, True, 1)])
        assert compact(tmp_path, min_files=2) == 2
        assert later.exists()
        append_many(writer, range(20, 30))
    for merged in (3, 0):
        rows = list(scan(tmp_path).read([digest(number) for number in range(10, 30)]))
        assert rows == [{"number": number} for number in range(10, 30)], "another row of a digest won"
        assert compact(tmp_path, min_files=2) == merged


@pytest.mark.parametrize(
    ("host", "rows", "old", "merged"),
    [
        ("", 1, False, True),
        ("", 0, False, False),
        ("", 0, True, True),
        ("elsewhere_12345678", 1, False, False),
        ("elsewhere_12345678", 1, True, True),
        ("nolock", 1, False, False),
        ("nolock", 1, True, True),
    ],
)
def test_what_may_be_alive_is_not_merged(
    tmp_path: Path, host: str, rows: int, old: bool, merged: bool
) -> None:
    for start in (1, 2):
        path = write_file(tmp_path, start, [(start, True, 1)] * rows, host)
        age(path, DAY + 60 if old else 60)
    assert compact(tmp_path, min_files=2) == (2 if merged else 0)
    assert set(content(tmp_path)[0]) == ({digest(1), digest(2)} if rows else set())


def test_a_lock_counts_even_on_an_old_file(tmp_path: Path) -> None:
    for start in (1, 2):
        age(write_file(tmp_path, start, [(start, True, 1)], "elsewhere_1"))
    with (tmp_path / names(tmp_path)[0]).open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert compact(tmp_path, min_files=2) == 0
    assert compact(tmp_path, min_files=2) == 2


def test_where_there_are_no_locks_only_age_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(handle: object, operation: int) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", no_locks)
    for _ in range(2):
        with JournalWriter(tmp_path) as writer:
            append_many(writer, range(3))
            assert "-nolock-" in writer.path.name
    assert compact(tmp_path, min_files=2) == 0
    for name in names(tmp_path):
        age(tmp_path / name)
    assert compact(tmp_path, min_files=2) == 2
    assert numbers_in(tmp_path, range(3)) == [0, 1, 2]


def test_a_damaged_file_is_kept_aside(tmp_path: Path) -> None:
    write_journal(tmp_path)
    damaged = tmp_path / names(tmp_path)[2]
    data = damaged.read_bytes()
    damaged.write_bytes(data[:200] + b"\0" * 10 + data[210:] + b'{"digest":"torn')
    before, bytes_before = content(tmp_path), damaged.read_bytes()
    assert compact(tmp_path, min_files=2) == 6
    assert content(tmp_path) == before
    assert damaged.with_name(f"{damaged.name}.damaged").read_bytes() == bytes_before
    assert scan(tmp_path).damaged == {}


def test_death_at_any_step_loses_nothing(tmp_path: Path) -> None:
    journal, copies = tmp_path / "journal", tmp_path / "copies"
    write_journal(journal)
    before = content(journal)
    command = [sys.executable, "-c", CRASHER, str(journal), str(copies)]
    subprocess.run(command, check=True, timeout=120)
    folders = sorted(copies.iterdir())
    assert len(folders) > 8, "compaction was not interrupted at every step"
    for folder in folders:
        assert content(folder) == before, folder.name
        compact(folder, min_files=2)
        assert content(folder) == before, folder.name
        for leftover in folder.glob(".merging-*"):
            age(leftover)
        write_file(folder, 8, [(99, True, 1)])
        compact(folder, min_files=2)
        assert len(names(folder)) == 1, folder.name


def test_rows_that_do_not_read_back_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_journal(tmp_path)
    before, files = content(tmp_path), names(tmp_path)
    monkeypatch.setattr(journal_compact, "raw_lines", lambda *arguments: list(raw_lines(*arguments))[:-1])
    with pytest.raises(JournalError, match="6 files are kept"):
        compact(tmp_path, min_files=2)
    assert names(tmp_path) == files
    assert content(tmp_path) == before


def test_only_one_at_a_time(tmp_path: Path) -> None:
    write_journal(tmp_path)
    with (tmp_path / ".compact").open("ab") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert compact(tmp_path, min_files=2) == 0
    assert compact(tmp_path, min_files=2) == 6


def test_readers_see_every_row_while_files_are_merged(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as writer:
        append_many(writer, range(500))
    stop, failures = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            try:
                assert numbers_in(tmp_path, range(500)) == list(range(500))
            except BaseException as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for start in range(500, 540):
        with JournalWriter(tmp_path) as writer:
            append_many(writer, range(start, start + 1))
        assert compact(tmp_path, min_files=2) == 2
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert numbers_in(tmp_path, range(540)) == list(range(540))
