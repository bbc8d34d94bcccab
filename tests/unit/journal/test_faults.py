"""The writer when its process is killed or its disk is full: what it called synced is there, and whole."""

from __future__ import annotations

import errno
import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from snakeval.journal.compact import compact
from snakeval.journal.writer import JournalError, JournalWriter, scan
from snakeval.types import Json
from unit.journal.journaled import append_many, digest, numbers_in

# Forks victims that journal until they are stopped, and stops each after a random time. A victim keeps the
# number of rows that the writer calls synced, or at an orderly end all it appended, in a file of its own.
KILLER = """
import os, random, signal, sys, time
from pathlib import Path
from snakeval.journal.writer import JournalWriter

def row(rng, number):
    return {"number": number, "text": rng.choice(["x", "\\n", "\\u7b54", "\\ud800"]) * rng.randint(0, 3000)}

def work(folder, seed):
    rng = random.Random(seed)
    acknowledged = os.open(folder / f"acknowledged-{seed}", os.O_WRONLY | os.O_CREAT)
    try:
        with JournalWriter(folder, sync_rows=16, sync_seconds=0.002) as writer:
            for number in range(20_000):
                writer.append(row(rng, number), f"{seed:016x}{number:016x}", True)
                os.pwrite(acknowledged, b"%020d" % writer.synced, 0)
                if rng.random() < 0.01:
                    time.sleep(0.005)
            time.sleep(60)
    except SystemExit:
        os.pwrite(acknowledged, b"%020d" % writer.appended, 0)

if __name__ == "__main__":
    folder, number = Path(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(20)
    for seed in range(int(sys.argv[3])):
        if (victim := os.fork()) == 0:
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            try:
                work(folder, seed)
            finally:
                os._exit(0)
        time.sleep(rng.uniform(0.005, 0.1))
        os.kill(victim, number)
        os.waitpid(victim, 0)
"""


def run_killer(folder: Path, signal_number: int, rounds: int) -> Iterator[tuple[int, int, list[Json]]]:
    """Yield (seed, rows acknowledged, rows found) of each victim; rows found are the first without a gap."""
    script = folder / "killer.py"
    script.write_text(KILLER)
    command = [sys.executable, str(script), str(folder), str(signal_number), str(rounds)]
    subprocess.run(command, check=True, timeout=120)
    index = scan(folder)
    assert index.damaged == {}
    for seed in range(rounds):
        path = folder / f"acknowledged-{seed}"
        text = path.read_text() if path.exists() else ""
        wanted = [f"{seed:016x}{number:016x}" for number in range(20_000)]
        missing = index.missing(wanted).tolist()
        count = len(wanted) - len(missing)
        assert missing == list(range(count, len(wanted))), "a row is missing before one that is there"
        yield seed, int(text or 0), list(index.read(wanted[:count]))


def check_rows(seed: int, rows: list[Json]) -> None:
    rng = random.Random(seed)
    for number, found in enumerate(rows):
        text = rng.choice(["x", "\n", "\u7b54", "\ud800"]) * rng.randint(0, 3000)
        assert found == {"number": number, "text": text}
        rng.random()


def test_kill_loses_no_acknowledged_row_and_leaves_no_wrong_one(tmp_path: Path) -> None:
    total = 0
    for seed, acknowledged, rows in run_killer(tmp_path, signal.SIGKILL, 20):
        assert len(rows) >= acknowledged
        check_rows(seed, rows)
        total += acknowledged
    assert total > 100, "the victims were killed before they did anything"


def test_sigterm_loses_nothing(tmp_path: Path) -> None:
    """A handler that raises SystemExit interrupts append anywhere; closing then writes what was appended."""
    found = 0
    for seed, acknowledged, rows in run_killer(tmp_path, signal.SIGTERM, 8):
        assert len(rows) >= acknowledged
        check_rows(seed, rows)
        found += len(rows)
    assert found > 100


def fill_up(folder: Path) -> None:
    """Append until a named error comes, and check that whatever was called synced is there."""
    with pytest.raises(JournalError, match="rows are safe") as caught, JournalWriter(folder) as writer:
        append_many(writer, range(100_000))
    assert str(writer.path) in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)
    for call in (writer.flush, lambda: append_many(writer, range(1))):
        with pytest.raises(JournalError, match="rows are safe on disk"):
            call()
    assert numbers_in(folder, range(writer.synced)) == list(range(writer.synced))
    assert len(scan(folder)) >= writer.synced
    assert scan(folder).damaged == {}


def test_a_file_size_limit_is_a_named_error(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        fill_up(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_a_named_error(tmp_path: Path) -> None:
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(tmp_path)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode != 0:
        pytest.skip("only root can mount a tiny disk to fill")
    try:
        fill_up(tmp_path)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_failed_sync_is_a_named_error_and_not_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failed fsync the kernel forgets the pages: a second one would succeed and mean nothing."""
    writer = JournalWriter(tmp_path)
    append_many(writer, range(2))
    writer.flush()

    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    append_many(writer, range(2, 4))
    with pytest.raises(JournalError, match="Input/output error; the first 2 of 4 rows are safe"):
        writer.flush()
    monkeypatch.undo()
    with pytest.raises(JournalError, match="the first 2 of 4"):
        writer.append({}, digest(9), True)
    with pytest.raises(JournalError, match="the first 2 of 4"):
        writer.close()
    writer.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is synced (by name), renamed and deleted from here on, in order."""
    record: list[str] = []
    fsync, rename, unlink = os.fsync, os.rename, os.unlink

    def recording_fsync(descriptor: int) -> None:
        record.append(f"sync {os.path.basename(os.readlink(f'/proc/self/fd/{descriptor}'))[:9]}")  # noqa: PTH115, PTH119
        fsync(descriptor)

    def recording_rename(old: str, new: str) -> None:
        record.append("rename")
        rename(old, new)

    def recording_unlink(path: str) -> None:
        record.append("unlink")
        unlink(path)

    monkeypatch.setattr(os, "fsync", recording_fsync)
    monkeypatch.setattr(os, "rename", recording_rename)
    monkeypatch.setattr(os, "unlink", recording_unlink)
    return record


def test_the_names_of_new_files_and_folders_outlive_a_loss_of_power(tmp_path: Path, calls: list[str]) -> None:
    (tmp_path / "there").mkdir()
    with JournalWriter(tmp_path / "there" / "new" / "newer") as writer:
        assert sorted(calls) == ["sync new", "sync newer", "sync there"]
        append_many(writer, range(1))
    assert calls[3:] == [f"sync {writer.path.name[:9]}"]


def test_compaction_deletes_only_what_would_outlive_a_loss_of_power(tmp_path: Path, calls: list[str]) -> None:
    folder = tmp_path / "journal"
    for number in range(2):
        with JournalWriter(folder) as writer:
            append_many(writer, range(number, number + 1))
    calls.clear()
    assert compact(folder, min_files=2) == 2
    order = ["sync .merging-", "rename", "unlink", "sync journal", "unlink", "unlink", "sync journal"]
    assert calls == order
