"""The index: which rows are done, whatever the files look like, and the rows back in the order asked for."""

from __future__ import annotations

import errno
import json
import logging
import os
import random
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from snakeval.journal import index as journal_index
from snakeval.journal import reading
from snakeval.journal.compact import compact
from snakeval.journal.index import RowsChanged
from snakeval.journal.lines import digest_text, encode_line
from snakeval.journal.writer import JournalError, JournalWriter, scan
from unit.journal.journaled import append_many, digest


def line(number: int, ok: bool = True, version: int = 0) -> bytes:
    row = {"number": number, "version": version, "error": None if ok else f"error {number}.{version}"}
    return encode_line(row, digest(number), ok)


def write(folder: Path, name: str, *lines: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(b"".join(lines))
    return path


def done_in(folder: Path) -> set[str]:
    return {digest_text(packed) for packed in scan(folder).digests()}


def digests(*numbers: int) -> list[str]:
    return [digest(number) for number in numbers]


def test_no_directory_no_files_no_rows(tmp_path: Path) -> None:
    for folder in (tmp_path / "none", tmp_path, write(tmp_path / "one", "1.jsonl").parent):
        index = scan(folder)
        assert len(index) == 0
        assert index.missing(digests(1, 2)).tolist() == [0, 1]
        assert index.missing([]).tolist() == []
        assert list(index.read([])) == []
        assert index.errors(digests(1)) == {}
        with pytest.raises(JournalError, match=digest(1)):
            index.read(digests(1))


def test_missing_and_read_keep_the_order_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "1.jsonl", *(line(n) for n in range(0, 100, 2)))
    write(tmp_path, "2.jsonl", *(line(n) for n in range(1, 100, 4)))
    index, asked = scan(tmp_path), [*range(120), 5, 5, 0]
    random.Random(3).shuffle(asked)
    there = set(range(0, 100, 2)) | set(range(1, 100, 4))
    missing = index.missing(digests(*asked))
    assert missing.tolist() == [at for at, number in enumerate(asked) if number not in there]
    assert index.missing(np.array(digests(*asked), "S32")).tolist() == missing.tolist()
    wanted = [number for number in asked if number in there]
    assert [row["number"] for row in index.read(digests(*wanted))] == wanted


def test_the_first_finished_row_of_a_digest_wins(tmp_path: Path) -> None:
    write(tmp_path, "2.jsonl", line(1, version=3), line(2, version=4))
    write(tmp_path, "1.jsonl", line(1, ok=False), line(1, version=1), line(1, version=2))
    assert [row["version"] for row in scan(tmp_path).read(digests(1, 2))] == [1, 4]


def test_error_rows_are_not_done_and_the_last_tells_the_cause(tmp_path: Path) -> None:
    write(tmp_path, "2.jsonl", line(1, False, 3), line(2, False, 1))
    write(tmp_path, "1.jsonl", line(1, False, 1), line(1, False, 2), line(3, False, 1), line(2, True, 9))
    write(tmp_path, "3.jsonl", line(4, False, 1))
    index = scan(tmp_path)
    assert index.missing(digests(1, 2, 3, 5)).tolist() == [0, 2, 3]
    assert index.errors(digests(1, 2, 3, 5)) == {digest(1): "error 1.3", digest(3): "error 3.1"}
    with pytest.raises(JournalError, match="2 of the 3 rows asked for are not there"):
        index.read(digests(2, 1, 3))


def test_a_last_line_torn_at_any_byte_is_skipped(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    last = line(2)
    for cut in range(len(last)):
        path = write(tmp_path, "1.jsonl", line(1), last[:cut])
        size = path.stat().st_size
        index = scan(tmp_path)
        assert index.missing(digests(1, 2)).tolist() == [1], cut
        assert index.damaged == {}
        assert path.stat().st_size == size, "a reader cut the file of a writer that may be alive"
    assert caplog.text == ""
    write(tmp_path, "1.jsonl", line(1), last)
    assert scan(tmp_path).missing(digests(1, 2)).tolist() == []


def test_damage_in_the_middle_is_skipped_counted_and_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    garbage = random.Random(5).randbytes(10_000).replace(b"\n", b"") + b"\n"
    path = write(tmp_path, "1.jsonl", line(1), garbage, line(2), b"\0" * 5_000 + line(3), b"\n", line(4))
    with caplog.at_level(logging.WARNING):
        index = scan(tmp_path)
    assert index.missing(digests(1, 2, 3, 4)).tolist() == [2]
    assert index.damaged == {"1.jsonl": 3}
    assert [record.getMessage() for record in caplog.records] == [
        f"{path}: skipped what is no row, first at byte {len(line(1))}"
    ]


@pytest.mark.parametrize("seed", range(8))
def test_any_block_size_gives_what_a_plain_parser_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(reading, "BLOCK", rng.choice([64, 100, 257, 1024]))
    monkeypatch.setattr(journal_index, "CHUNK_ROWS", rng.randint(1, 9))
    monkeypatch.setattr(journal_index, "CHUNK_BYTES", rng.randint(1, 5_000))
    pieces = []
    for number in range(200):
        row = encode_line(
            {"number": number, "text": "x" * rng.choice([0, 10, 300, 3_000])}, digest(number), True
        )
        cut = rng.randrange(len(row)) if rng.random() < 0.2 else 0
        pieces.append(row[cut:] if rng.random() < 0.5 or not cut else row[:cut])
    write(tmp_path, "1.jsonl", *pieces)
    plain = set()
    for text in b"".join(pieces).split(b"\n")[:-1]:
        try:
            found = json.loads(text)
        except ValueError:
            continue
        if isinstance(found, dict) and encode_line(found["row"], found["digest"], True) == text + b"\n":
            plain.add(found["row"]["number"])
    assert 100 < len(plain) < 200
    assert done_in(tmp_path) == set(digests(*plain))
    order = rng.sample(sorted(plain), len(plain))
    assert [row["number"] for row in scan(tmp_path).read(digests(*order))] == order


def test_a_line_without_end_takes_no_more_memory_than_the_longest_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BLOCK", 256)
    monkeypatch.setattr(reading, "MAX_LINE", 1024)
    write(tmp_path, "1.jsonl", line(1), b"\0" * 10_000, b"\n", line(2), b"x" * 5_000)
    index = scan(tmp_path)
    assert index.missing(digests(1, 2)).tolist() == []
    assert index.damaged["1.jsonl"] >= 10


@pytest.mark.parametrize("known", [0, 1, 7])
def test_digests_alike_in_their_first_half_are_told_apart(tmp_path: Path, known: int) -> None:
    alike = [f"{7:016x}{number:016x}" for number in range(50)] + [
        f"{number:016x}{0:016x}" for number in range(20)
    ]
    there = random.Random(known).sample(alike, 30) if known else []
    write(tmp_path, "1.jsonl", *(encode_line({"of": text}, text, True) for text in there))
    index = scan(tmp_path)
    assert index.missing(alike).tolist() == [at for at, text in enumerate(alike) if text not in there]
    assert [row["of"] for row in index.read(there)] == there


def test_other_files_in_the_folder_are_nobodys_rows(tmp_path: Path) -> None:
    for name in ("1.jsonl.damaged", ".merging-1", "retries"):
        write(tmp_path, name, line(1))
    assert len(scan(tmp_path)) == 0


def test_a_row_that_changed_since_the_scan_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "1.jsonl", line(1), line(2))
    index = scan(tmp_path)
    path.write_bytes(line(1) + line(2).replace(b"error", b"eRror"))
    rows = index.read(digests(1, 2))
    with pytest.raises(RowsChanged, match=rf"1\.jsonl: changed since it was scanned, at byte {len(line(1))}"):
        list(rows)
    assert scan(tmp_path).missing(digests(1, 2)).tolist() == [1]


def test_rows_merged_away_since_the_scan_are_found_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_index, "CHUNK_ROWS", 2)
    old = write(tmp_path, "2.jsonl", *(line(n) for n in range(6)), line(9, False))
    index = scan(tmp_path)
    rows = index.read(digests(*range(6)))
    assert next(rows)["number"] == 0
    write(tmp_path, "1-merged.jsonl", *(line(n) for n in reversed(range(6))), line(9, False))
    old.unlink()
    assert [row["number"] for row in rows] == [1, 2, 3, 4, 5]
    assert index.errors(digests(9)) == {digest(9): "error 9.0"}
    (tmp_path / "1-merged.jsonl").unlink()
    with pytest.raises(JournalError, match="6 of the 6 rows"):
        list(index.read(digests(*range(6))))


def test_a_file_merged_away_during_the_scan_is_found_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = write(tmp_path, "2.jsonl", line(1), line(2))
    listed = reading.list_files(tmp_path)

    def list_then_merge(folder: Path) -> list[str]:
        monkeypatch.undo()
        write(tmp_path, "1.jsonl", line(1), line(2))
        old.unlink()
        return listed

    monkeypatch.setattr(journal_index, "list_files", list_then_merge)
    index = scan(tmp_path)
    assert index.files == ("1.jsonl", "2.jsonl")
    assert [row["number"] for row in index.read(digests(2, 1))] == [2, 1]


def test_scanning_a_file_that_grows_never_yields_a_wrong_row(tmp_path: Path) -> None:
    with JournalWriter(tmp_path) as writer:
        thread = threading.Thread(target=append_many, args=(writer, range(20_000)))
        thread.start()
        counts = []
        while thread.is_alive():
            index = scan(tmp_path)
            assert index.damaged == {}
            counts.append(len(index))
            assert [row["number"] for row in index.read(digests(*range(len(index))))] == list(
                range(len(index))
            )
        thread.join()
    assert counts == sorted(counts)
    assert len(scan(tmp_path)) == 20_000


def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows that can't be read must not look as if they were missing: they would be asked for again."""
    write(tmp_path, "1.jsonl", line(1))

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)  # root may read all
    with pytest.raises(OSError, match=r"1\.jsonl"):
        scan(tmp_path)


# What may lie in a journal's folder besides its files, made at a path. None of it has rows, and none blocks.
NO_FILES: dict[str, Callable[[Path], object]] = {
    "fifo": os.mkfifo,
    "folder": Path.mkdir,
    "folder with a journal": lambda path: write(path, "1.jsonl", line(9)),
    "link to itself": lambda path: path.symlink_to(path.name),
    "link to nowhere": lambda path: path.symlink_to("nowhere"),
    "link to a folder": lambda path: path.symlink_to(path.parent),
    "link to a fifo": lambda path: link_to_fifo(path),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "socket": lambda path: bind(path),
}
# Files that have no rows, or not only rows; what was damaged in them.
FILES = {
    "empty": (b"", 0),
    "white space": (b" \t  ", 0),
    "lines of white space": (b"\n  \n\t\r\n", 3),
    "no newline": (b"{}", 0),
    "json": (b'{"a": 1}\n', 1),
    "zeros": (b"\0" * 5000, 0),
    "binary": (bytes(range(256)) * 4, 4),
    "byte order mark": (b"\xef\xbb\xbf" + line(9), 1),
    "another newline": (line(9).replace(b"\n", b"\r\n"), 1),
    "indented": (b"  " + line(9), 1),
    "reformatted": (json.dumps(json.loads(line(9))).encode() + b"\n", 1),
    "zstd": (b"\x28\xb5\x2f\xfd" + b"x" * 400 + b"\n", 1),
}


def link_to_fifo(path: Path) -> None:
    path.symlink_to(f"{path.name}.pipe")
    os.mkfifo(f"{path}.pipe")


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's path may have 108 bytes
        made.bind(path.name)
        os.chdir(here)


@pytest.mark.parametrize("what", NO_FILES)
def test_what_is_no_file_is_passed_over_with_a_line(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "journal"
    write(folder, "2.jsonl", line(1), line(2, False))
    NO_FILES[what](folder / "1.jsonl")
    index = scan(folder)
    assert (len(index), index.files) == (1, ("2.jsonl",))
    assert "1.jsonl: passed over" in caplog.text
    assert compact(folder, min_files=1) == 0
    for name in (".compact", "index", "lease-1", "retries", "pace", "shards", "finished.parquet"):
        caplog.clear()
        NO_FILES[what](made) if not os.path.lexists(made := folder / name) else None
        assert len(scan(folder)) == 1


@pytest.mark.parametrize("what", FILES)
def test_a_file_of_other_hands_has_no_rows_or_some(what: str, tmp_path: Path) -> None:
    content, damaged = FILES[what]
    (tmp_path / "1.jsonl").write_bytes(content)
    write(tmp_path, "2.jsonl", line(1))
    index = scan(tmp_path)
    assert done_in(tmp_path) == {digest(1)}
    assert index.damaged == ({"1.jsonl": damaged} if damaged else {})
