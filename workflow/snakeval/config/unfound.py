"""What is said of a name that no model has: the nearest that there is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from snakeval.config.errors import did_you_mean, listed


def no_folder(name: str, root: Path) -> str:
    """Of a name that can only be a folder's."""
    path = Path(name).expanduser()
    parent = root / path.parent
    siblings = [str(path.parent / entry.name) for entry in parent.iterdir()] if parent.is_dir() else []
    return f"there is no folder '{name}'{did_you_mean(str(path), siblings)}"


def unknown(name: str, files: Collection[str]) -> str:
    """Of a name that is none of `files` in config/models, no folder and no Hugging Face id."""
    return (
        f"'{name}' is no file in config/models ({listed(files)}), no folder here and no Hugging Face id, "
        f"'organisation/name' or 'organisation/name@revision'{did_you_mean(name, files)}"
    )
