"""Outputs of finished members that are kept aside: which are taken back, and which are put back."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from snakeval.system import members, origin
from snakeval.system.files import write_text
from snakeval.system.members import KEPT

OUTPUT, OTHER, INPUT = Path("results/m/a.json"), Path("results/m/b.json"), Path("results/g/a.txt")
OUTPUTS = [str(OUTPUT), str(OTHER)]


def say(spec: str = "spec") -> None:
    origin.say(OUTPUTS, spec, {str(INPUT): str(INPUT)})


@pytest.fixture(autouse=True)
def finished_and_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member has finished, and Snakemake has deleted what it made."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(origin, "_said", {})
    INPUT.parent.mkdir(parents=True)
    INPUT.write_text("input")
    members.begin_keeping()
    say()
    for path in (OUTPUT, OTHER):
        write_text(path, '{"made": 1}')
    members.keep(OUTPUTS)
    for path in (OUTPUT, OTHER):
        path.unlink()


def large_input(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """Make it all anew with inputs that have no digest; then the input gets older or newer by so much."""
    monkeypatch.setattr(origin, "DIGESTED", 1)
    say()
    for path in (OUTPUT, OTHER):
        write_text(path, '{"made": 2}')
    members.keep(OUTPUTS)
    made = (KEPT / OUTPUT).stat().st_mtime
    os.utime(INPUT, (made + seconds, made + seconds))


def change_input() -> None:
    INPUT.write_text("changed")
    say()


def remove_input() -> None:
    INPUT.unlink()
    say()


def remove_kept(*outputs: Path) -> None:
    for path in outputs:
        (KEPT / path).unlink()


def end_the_run() -> None:
    members.put_back()
    for path in (OUTPUT, OTHER):
        path.unlink()


CASES: dict[str, tuple[Callable[[pytest.MonkeyPatch], object], bool]] = {
    "as it was": (lambda _: None, True),
    "the input's time is another": (lambda _: os.utime(INPUT), True),
    "another attempt has begun to write": (lambda _: write_text(OUTPUT, '{"half": 1}'), True),
    "another spec": (lambda _: say("other"), False),
    "another input": (lambda _: change_input(), False),
    "no input": (lambda _: remove_input(), False),
    "one of two is not kept": (lambda _: remove_kept(OTHER), False),
    "none is kept": (lambda _: remove_kept(OUTPUT, OTHER), False),
    "one is damaged": (lambda _: (KEPT / OTHER).write_text('{"spec"'), False),
    "one says nothing of itself": (lambda _: (KEPT / OTHER).write_text("{}"), False),
    "nothing is said of the outputs": (lambda patch: patch.setattr(origin, "_said", {}), False),
    "inputs have other names": (lambda _: origin.say(OUTPUTS, "spec", None), False),
    "a large input, older": (lambda patch: large_input(patch, -10), True),
    "a large input, newer": (lambda patch: large_input(patch, 10), False),
    "the run has ended": (lambda _: end_the_run(), False),
}


@pytest.mark.parametrize("name", CASES)
def test_taken_back(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    change, wanted = CASES[name]
    change(monkeypatch)
    assert members.taken_back(OUTPUTS) is wanted
    if wanted:
        assert [origin.read(path) is not None for path in OUTPUTS] == [True, True]
        assert all('"made"' in Path(path).read_text() for path in OUTPUTS)


def test_the_end_of_a_run_puts_back_what_is_missing() -> None:
    write_text(OUTPUT, '{"newer": 1}')
    members.put_back()
    assert '"newer"' in OUTPUT.read_text()
    assert '"made"' in OTHER.read_text()
    assert not KEPT.exists()


def test_a_run_keeps_what_a_killed_one_has_left() -> None:
    write_text(OUTPUT, '{"newer": 1}')
    members.begin_keeping()
    assert [path.exists() for path in (KEPT / OUTPUT, KEPT / OTHER)] == [False, True]


def test_without_a_cluster_nothing_is_kept() -> None:
    members.put_back()
    members.keep(OUTPUTS)
    assert not KEPT.exists()
    members.put_back()
