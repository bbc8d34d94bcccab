"""Without the storage plugin the workflow runs as ever; only a model on S3 asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from project import Project

# As if the plugin, and what it brings, were not installed.
HIDE = """\
import importlib.util
import pkgutil
import sys

listed, find = pkgutil.iter_modules, importlib.util.find_spec
HIDDEN = ("snakemake_storage_plugin_s3", "boto3", "botocore")


class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in HIDDEN:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


pkgutil.iter_modules = lambda *given, **named: (m for m in listed(*given, **named) if m.name not in HIDDEN)
importlib.util.find_spec = lambda name, package=None: None if name in HIDDEN else find(name, package)
sys.meta_path.insert(0, Hidden())
"""


@pytest.fixture
def without(tmp_path: Path) -> str:
    """A PYTHONPATH that hides the plugin."""
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide/sitecustomize.py").write_text(HIDE)
    return str(tmp_path / "hide")


def test_the_workflow_needs_no_plugin(project: Project, without: str) -> None:
    printed = project.run("-n", PYTHONPATH=f"{without}:{project.folder / 'workflow'}").stdout
    assert "This was a dry-run" in printed
    assert "fetch_model" not in printed


def test_a_model_on_s3_names_what_to_install(project: Project, without: str) -> None:
    config = ("--config", "models=s3://bucket/step-1", "arenas=")
    path = f"{without}:{project.folder / 'workflow'}"
    result = project.run("-n", *config, check=False, PYTHONPATH=path)
    assert result.returncode != 0
    assert (
        "models[0]: models on S3 need Snakeval's optional group s3: pip install -e '.[s3]'" in result.stdout
    )
    assert "Traceback" not in result.stdout
