"""The kept index: it saves reading, and is worth nothing where it could say other than the rows do."""

from __future__ import annotations

import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from snakeval.journal import index as journal_index
from snakeval.journal import kept, reading, runs
from snakeval.journal.compact import compact
from snakeval.journal.index import RowsChanged, scan
from snakeval.journal.lines import encode_line
from unit.journal.journaled import digest

ROWS = 400


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with tens of thousands of rows: in files, part by part, several runs."""
    monkeypatch.setattr(runs, "MANY", 100)
    monkeypatch.setattr(journal_index, "MANY", 100)
    monkeypatch.setattr(runs, "IN_MEMORY", 64)
    monkeypatch.setattr(kept, "TICK_SECONDS", -1000)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose rows are read by scans."""
    names: list[str] = []
    blocks = reading.blocks

    def noted(handle: object) -> object:
        names.append(Path(handle.name).name)  # type: ignore[attr-defined]
        return blocks(handle)  # type: ignore[arg-type]

    monkeypatch.setattr(journal_index, "blocks", noted)
    return names


def row(number: int, ok: bool = True, version: int = 0) -> bytes:
    return encode_line(
        {"number": number, "version": version, "error": None if ok else "e"}, digest(number), ok
    )


def write(folder: Path, name: str, numbers: range, ok: bool = True, version: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(b"".join(row(number, ok, version) for number in numbers))
    return path


def fill(folder: Path) -> None:
    """Two files; those of the second are errors, of which some are done in the first."""
    write(folder, "1.jsonl", range(ROWS))
    write(folder, "2.jsonl", range(ROWS - 50, ROWS + 150), ok=False)


def content(folder: Path) -> tuple[list[int], list[int], dict[str, str], list[int]]:
    """What there is to ask an index."""
    index, wanted = scan(folder), [digest(n) for n in range(2 * ROWS)]
    random.Random(1).shuffle(wanted)
    missing = index.missing(wanted)
    there = np.delete(np.arange(len(wanted)), missing)
    read = list(index.read([wanted[i] for i in there]))
    return missing.tolist(), [r["number"] for r in read], index.errors(wanted), [r["version"] for r in read]


def test_an_unchanged_journal_is_not_read_again(tmp_path: Path, reads: list[str]) -> None:
    fill(tmp_path)
    first = content(tmp_path)
    assert len(first[0]) == ROWS
    assert len(first[2]) == 150
    assert reads == ["1.jsonl", "2.jsonl"]
    assert content(tmp_path) == first
    assert reads == ["1.jsonl", "2.jsonl"]


def test_only_new_files_are_read(tmp_path: Path, reads: list[str]) -> None:
    fill(tmp_path)
    scan(tmp_path)
    write(tmp_path, "0.jsonl", range(20), version=7)  # sorts before the others, so its rows count
    write(tmp_path, "3.jsonl", range(10, ROWS + 20), version=8)
    found = content(tmp_path)
    assert reads == ["1.jsonl", "2.jsonl", "0.jsonl", "3.jsonl"]
    (tmp_path / kept.NAME).unlink()
    assert content(tmp_path) == found
    assert {7, 0, 8} == set(found[3])


def set_times(path: Path, before: os.stat_result) -> None:
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def flip(path: Path) -> None:
    """Damage a row in place, with the file's size and time as they were."""
    before = path.stat()
    data = path.read_bytes().replace(b'"version":0', b'"version":9', 1)
    with path.open("r+b") as file:
        file.write(data)
    set_times(path, before)


def swap(path: Path) -> None:
    """Another file of the same size and time in its place."""
    before = path.stat()
    other = path.with_suffix(".new")
    other.write_bytes(b"\0" * before.st_size)
    set_times(other, before)
    other.replace(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "appended to": lambda path: path.write_bytes(path.read_bytes() + row(2 * ROWS - 1)),
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "emptied": lambda path: path.write_bytes(b""),
    "removed": Path.unlink,
    "renamed": lambda path: path.rename(path.with_name("9.jsonl")),
    "set aside": lambda path: path.rename(path.with_name("1.jsonl.damaged")),
    "damaged in place": flip,
    "another in its place": swap,
    "copied": lambda path: shutil.copy2(shutil.move(path, f"{path}.old"), path),
    "touched": lambda path: os.utime(path, (1, 1)),
    "a fifo in its place": lambda path: (path.unlink(), os.mkfifo(path))[0],  # type: ignore[func-returns-value]
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["1.jsonl", "2.jsonl"])
def test_an_index_of_a_file_that_changed_does_not_count(change: str, name: str, tmp_path: Path) -> None:
    fill(tmp_path)
    scan(tmp_path)
    assert (tmp_path / kept.NAME).exists()
    time.sleep(0.02)  # the kernel's clock has gone on
    CHANGES[change](tmp_path / name)
    found = content(tmp_path)
    (tmp_path / kept.NAME).unlink(missing_ok=True)
    assert content(tmp_path) == found


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "one byte": lambda data: data[:1],
    "cut at the end": lambda data: data[:-1],
    "cut at the start": lambda data: data[32:],
    "half": lambda data: data[: len(data) // 2],
    "longer": lambda data: data + data[-60:],
    "a row changed": lambda data: b"\1" + data[1:],
    "an offset changed": lambda data: data[:17] + bytes([data[17] ^ 1]) + data[18:],
    "white space": lambda data: b" \n" * 100,
    "zeros": lambda data: b"\0" * len(data),
    "text": lambda data: b"this is no index\n",
    "another version": lambda data: data.replace(b'"version": 1', b'"version": 2'),
    "no checksum": lambda data: data.replace(b'"checksum"', b'"checksam"'),
    "no states": lambda data: data.replace(b'"states"', b'"stetas"'),
    "other json": lambda data: data[: data.rindex(b"{")] + b"[" + data[data.rindex(b"{") + 1 :],
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_index_is_made_anew(damage: str, tmp_path: Path) -> None:
    fill(tmp_path)
    expected, path = content(tmp_path), tmp_path / kept.NAME
    data = path.read_bytes()
    path.write_bytes(DAMAGE[damage](data))
    assert content(tmp_path) == expected
    assert path.read_bytes() == data


def test_rows_count_where_an_index_that_fits_says_another_thing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after damage that no time of change tells of: what is read has its checksum verified."""
    fill(tmp_path)
    scan(tmp_path)
    flip(tmp_path / "1.jsonl")
    state = kept.state_of
    with monkeypatch.context() as patched:
        with (tmp_path / kept.NAME).open("rb") as file:
            found, _ = kept._read(file)
        patched.setattr(kept, "state_of", lambda path: found.states.get(path.name, state(path)))
        index = scan(tmp_path)
        with pytest.raises(RowsChanged, match=r"1\.jsonl: changed"):
            list(index.read([digest(n) for n in range(ROWS)]))
    assert not (tmp_path / kept.NAME).exists()
    assert scan(tmp_path).missing([digest(n) for n in range(ROWS)]).tolist() == [0]


def test_a_file_that_may_change_within_the_clock_s_tick_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "TICK_SECONDS", 60)
    fill(tmp_path)
    before = content(tmp_path)
    assert not (tmp_path / kept.NAME).exists()
    assert content(tmp_path) == before


def test_on_a_full_disk_memory_has_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    fill(tmp_path)
    expected = content(tmp_path)
    (tmp_path / kept.NAME).unlink()
    monkeypatch.setattr(runs, "TemporaryFile", full)
    monkeypatch.setattr(kept, "TemporaryFile", full)
    monkeypatch.setattr(kept, "replacing", full)
    assert content(tmp_path) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.jsonl", "2.jsonl"]


def test_writers_at_once_and_killed_ones_leave_an_index_that_counts(tmp_path: Path) -> None:
    fill(tmp_path)
    expected, failures = content(tmp_path), []

    def read() -> None:
        for _ in range(10):
            (tmp_path / kept.NAME).unlink(missing_ok=True)
            try:
                assert content(tmp_path) == expected
            except BaseException as error:
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert failures == []
    (tmp_path / f".{kept.NAME}.4194305.tmp").write_bytes(b"half")
    (tmp_path / kept.NAME).unlink()
    assert content(tmp_path) == expected
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.jsonl", "2.jsonl", kept.NAME]


def test_merged_files_take_their_index_along(tmp_path: Path) -> None:
    fill(tmp_path)
    write(tmp_path, "3.jsonl", range(5, 30), version=3)
    before = content(tmp_path)
    for path in tmp_path.glob("*.jsonl"):
        os.utime(path, (1, 1))
    assert compact(tmp_path, min_files=2) == 3
    assert content(tmp_path) == before


@pytest.mark.parametrize("seed", range(6))
def test_parts_and_runs_give_what_a_plain_dictionary_gives(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    alike = [f"{rng.randrange(3):016x}{number:016x}" for number in range(120)]
    names = [*alike, *(digest(number) for number in range(200))]
    done: dict[str, int] = {}
    failed: dict[str, str] = {}
    for file in range(4):
        lines = []
        for number in range(rng.choice([30, 150, 300])):
            name, ok, version = rng.choice(names), rng.random() < 0.5, file * 1000 + number
            lines.append(encode_line({"version": version, "error": f"{version}"}, name, ok))
            if ok:
                done.setdefault(name, version)
            else:
                failed[name] = f"{version}"
        (tmp_path / f"{file}.jsonl").write_bytes(b"".join(lines))
        index = scan(tmp_path)  # kept, and added to by the next
        assert index.missing(names).tolist() == [i for i, name in enumerate(names) if name not in done]
        asked = rng.sample(sorted(done), len(done))
        assert [r["version"] for r in index.read(asked)] == [done[name] for name in asked]
        assert index.errors(names) == {name: text for name, text in failed.items() if name not in done}
        assert len(index) == len(done)
