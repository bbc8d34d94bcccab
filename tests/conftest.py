"""A fresh copy of the project, and one finished run of the embedded default for those who need it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from project import Project, new_project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A fresh copy of the project; nothing of it may be left running."""
    copied = new_project(tmp_path / "project")
    yield copied
    assert copied.processes() == {}


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project after one run of the embedded default. Copy it before changing anything."""
    copied = new_project(tmp_path_factory.mktemp("finished") / "project")
    copied.run()
    assert copied.processes() == {}
    return copied
