"""Which Python .venv is made with."""

from __future__ import annotations

from pathlib import Path

import pytest

from requirements.find_python import find_python
from requirements.process import SetupError
from unit.requirements.fake_python import empty_machine, write_fake_python


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return empty_machine(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    ("installed", "locked", "expected"),
    [
        ({"bin/python3": "3 11 2"}, True, "bin/python3"),
        ({"bin/python3": "3 12 1", "bin/python3.11": "3 11 2"}, True, "bin/python3.11"),
        (
            {"bin/python3": "3 12 1", "pyenv/versions/3.11.7/bin/python3.11": "3 11 7"},
            True,
            "pyenv/versions/3.11.7",
        ),
        (
            {"bin/python3": "3 12 1", "home/.local/share/uv/python/cpython-3.11/bin/python3.11": "3 11 7"},
            True,
            "home",
        ),
        ({"bin/python3": "3 10 1", "bin/python3.13": "3 13 0"}, False, "bin/python3.13"),
        ({"bin/python3": "3 12 1"}, True, None),
        ({"bin/python3": "3 10 1"}, False, None),
        ({".venv/bin/python3.11": "3 11 2"}, True, None),
    ],
)
def test_find_python(machine: Path, installed: dict[str, str], locked: bool, expected: str | None) -> None:
    for path, version in installed.items():
        write_fake_python(machine / path, version)
    found = find_python(machine / ".venv", locked, None)
    assert (found is None) == (expected is None)
    assert found is None or found.path.startswith(str(machine / str(expected)))


def test_a_python_that_makes_no_venvs_is_passed_over_or_named(machine: Path) -> None:
    write_fake_python(machine / "bin/python3", "3 11 2", makes_venvs=False)
    with pytest.raises(SetupError, match=r"apt-get install python3-venv.*python3\.11-venv"):
        find_python(machine / ".venv", True, None)
    other = write_fake_python(machine / "pyenv/versions/3.11.7/bin/python3.11", "3 11 7")
    found = find_python(machine / ".venv", True, None)
    assert found is not None
    assert found.path == str(other)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("python3.19", "does not run: give the path of Python 3.11"),
        ("python3.12", "3.12.1 .*but Python 3.11 is needed"),
    ],
)
def test_an_asked_python_is_taken_or_refused_never_replaced(machine: Path, asked: str, message: str) -> None:
    write_fake_python(machine / "bin/python3.11")
    write_fake_python(machine / "bin/python3.12", "3 12 1")
    with pytest.raises(SetupError, match=message):
        find_python(machine / ".venv", True, asked)
