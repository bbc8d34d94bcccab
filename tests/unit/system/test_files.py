"""Files written whole or not at all, and what killed writers leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from snakeval.system import files
from snakeval.system.files import replacing, write_text

NOBODY = 2**22 + 1  # above the most that Linux has for a process' id
HANGING = """
import signal, sys
from pathlib import Path
from snakeval.system.files import replacing
with replacing(Path(sys.argv[1])) as temporary:
    temporary.write_text("half")
    print("written", flush=True)
    signal.pause()
"""


def start_writer(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HANGING, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    return process


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    with start_writer(path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(list(tmp_path.iterdir())) == 1
        write_text(path, "whole")
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.parquet"]


def test_a_living_writer_keeps_its_file(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    with start_writer(path) as process:
        write_text(path, "whole")
        assert len(list(tmp_path.iterdir())) == 2
        process.kill()


@pytest.mark.parametrize(
    ("name", "removed"),
    [
        (".x.parquet.NOBODY.tmp", True),  # as earlier versions called them
        (".x.parquet.HERE-0-NOBODY.tmp", True),
        (".x.parquet.SELF.tmp", False),
        (".x.parquet.HERE-99-SELF.tmp", False),
        (".x.parquet.00000000-0-NOBODY.tmp", False),  # of another machine
        (".y.parquet.NOBODY.tmp", False),
        (".xxparquet.NOBODY.tmp", False),
        ("x.parquet.NOBODY.tmp", False),
        (".x.parquet.NOBODY.tmp.gz", False),
        (".x.parquet..tmp", False),
        (".x.parquet.abc.tmp", False),
        (".x.parquet.-NOBODY.tmp", False),
    ],
)
def test_only_leftovers_of_this_file_and_machine_go(name: str, removed: bool, tmp_path: Path) -> None:
    for word, value in (("HERE", files._here()), ("SELF", os.getpid()), ("NOBODY", NOBODY)):
        name = name.replace(word, str(value))
    (tmp_path / name).write_text("half")
    write_text(tmp_path / "x.parquet", "whole")
    assert (tmp_path / name).exists() != removed
    assert (tmp_path / "x.parquet").read_text() == "whole"


def test_a_leftover_that_is_a_folder_is_left(tmp_path: Path) -> None:
    (tmp_path / f".x.{NOBODY}.tmp").mkdir()
    write_text(tmp_path / "x", "whole")
    assert (tmp_path / "x").read_text() == "whole"


def test_two_at_once_in_one_process_share_no_file(tmp_path: Path) -> None:
    with replacing(tmp_path / "x") as one, replacing(tmp_path / "x") as two:
        one.write_text("1")
        two.write_text("2")
    assert (tmp_path / "x").read_text() == "1"
    assert len(list(tmp_path.iterdir())) == 1
