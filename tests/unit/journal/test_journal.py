"""The writer: what it says is on disk is on disk, whatever ends it, and it says so when it can't write."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from snakeval.journal import writer as journal
from snakeval.journal.writer import JournalError, JournalWriter, scan
from unit.journal.journaled import append_many, digest, numbers_in


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_flush_in_a_signal_handler_does_not_hang(tmp_path: Path) -> None:
    flushed: list[int] = []
    with JournalWriter(tmp_path) as writer:

        def handler(number: int, frame: object) -> None:
            writer.flush()
            flushed.append(writer.synced)

        previous = signal.signal(signal.SIGVTALRM, handler)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0005, 0.0005)
        try:
            while len(flushed) < 20:  # a busy machine's clock may not tick for some milliseconds
                append_many(writer, range(writer.appended, writer.appended + 100))
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            time.sleep(0.01)
            signal.signal(signal.SIGVTALRM, previous)
        count = writer.appended
    assert numbers_in(tmp_path, range(count)) == list(range(count))


def test_a_process_that_ends_without_closing_keeps_its_rows(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from snakeval.journal.writer import JournalWriter\n"
        "writer = JournalWriter(Path(sys.argv[1]))\n"
        "for n in range(1000): writer.append({'number': n}, f'{n:032x}', True)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=60)
    rows = scan(tmp_path).read([f"{number:032x}" for number in range(1_000)])
    assert [row["number"] for row in rows] == list(range(1_000))


def test_rows_are_in_the_file_at_once_and_synced_in_batches(tmp_path: Path) -> None:
    with JournalWriter(tmp_path, sync_rows=10, sync_seconds=60) as writer:
        append_many(writer, range(9))
        wait_until(lambda: len(scan(tmp_path)) == 9)
        assert writer.synced == 0
        append_many(writer, range(9, 10))
        wait_until(lambda: writer.synced == 10)
        append_many(writer, range(10, 11))
        writer.flush()
        assert writer.synced == writer.appended == 11
    with JournalWriter(tmp_path, sync_rows=10**6, sync_seconds=0.02) as writer:
        append_many(writer, range(3))
        wait_until(lambda: writer.synced == 3)


def test_two_writers_have_a_file_each(tmp_path: Path) -> None:
    with JournalWriter(tmp_path / "a" / "b") as one, JournalWriter(tmp_path / "a" / "b") as two:
        threads = [
            threading.Thread(target=append_many, args=(one, range(0, 2_000))),
            threading.Thread(target=append_many, args=(two, range(1_000, 3_000))),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.path != two.path
        assert one.path.parent == two.path.parent == tmp_path / "a" / "b"
    assert numbers_in(tmp_path / "a" / "b", range(3_000)) == list(range(3_000))


def test_a_writer_without_rows_leaves_no_file(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as writer:
        assert writer.path.exists()
    assert list(tmp_path.iterdir()) == []
    writer.close()
    with pytest.raises(JournalError, match="closed"):
        writer.append({}, digest(0), True)
    with pytest.raises(JournalError, match="closed"):
        writer.flush()


def test_a_row_too_long_for_a_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_LINE", 1000)
    with JournalWriter(tmp_path) as writer:
        with pytest.raises(JournalError, match="at most 1000"):
            writer.append({"text": "x" * 1000}, digest(0), True)
        append_many(writer, range(3))
    assert numbers_in(tmp_path, range(3)) == [0, 1, 2]


def test_a_directory_that_cannot_be_made_is_a_named_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot create a journal"):
        JournalWriter(tmp_path / "file" / "journal")


def test_a_file_deleted_under_the_writer_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="deleted while it was written"), JournalWriter(tmp_path) as writer:  # noqa: PT012
        append_many(writer, range(1))
        writer.flush()
        writer.path.unlink()
        append_many(writer, range(1, 2))


def test_the_callers_own_error_is_not_hidden(tmp_path: Path) -> None:
    with pytest.raises(KeyError), JournalWriter(tmp_path) as writer:  # noqa: PT012
        append_many(writer, range(3))
        raise KeyError
    assert numbers_in(tmp_path, range(3)) == [0, 1, 2]


def test_a_stalled_disk_blocks_no_event_loop_until_the_queue_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "QUEUE_ROWS", 50)
    gate, write, longest = threading.Event(), os.write, 0.0

    def stalled(descriptor: int, data: memoryview) -> int:
        gate.wait(10)
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", stalled)

    async def tick() -> None:
        nonlocal longest
        for _ in range(50):
            before = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - before)

    async def work(writer: JournalWriter) -> None:
        ticking = asyncio.create_task(tick())
        for number in range(40):
            writer.append({"number": number}, digest(number), True)
            await asyncio.sleep(0.001)
        await ticking

    with JournalWriter(tmp_path) as writer:
        asyncio.run(work(writer))
        assert longest < 8, "append waited for the disk"
        assert writer.synced == 0
        more = threading.Thread(target=append_many, args=(writer, range(40, 1_000)))
        more.start()
        time.sleep(0.1)
        assert writer.appended <= 2 * 50, "the queue grows without bound"
        gate.set()
        more.join()
    assert numbers_in(tmp_path, range(1_000)) == list(range(1_000))


def test_a_quiet_writer_shows_that_it_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "HEARTBEAT_SECONDS", 0.01)
    with JournalWriter(tmp_path) as writer:
        append_many(writer, range(1))
        writer.flush()
        os.utime(writer.path, (0, 0))
        wait_until(lambda: writer.path.stat().st_mtime > 0)
