"""What is said of a name that no model has: the nearest that there is."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from snakeval.config.errors import did_you_mean, listed
from snakeval.models.kinds import base_of, other_than_a_model
from snakeval.models.names import natural_key


def no_folder(name: str, root: Path) -> str:
    """Of a name that can only be a folder's."""
    path = Path(name).expanduser()
    parent = root / path.parent
    siblings = [str(path.parent / entry.name) for entry in parent.iterdir()] if parent.is_dir() else []
    return f"there is no folder '{name}'{did_you_mean(str(path), siblings)}"


def no_model(name: str, folder: Path) -> str | None:
    """What a folder is, where it is none of a model, and what would be right."""
    if other := other_than_a_model({path.name for path in folder.iterdir()}, base_of(folder)):
        return f"the folder '{name}' {other}"
    if (folder / "config.json").is_file():
        return None
    below = sorted((path.parent.name for path in folder.glob("*/config.json")), key=natural_key)
    hint = f"; folders in it have ({listed(below)}): '{name.rstrip('/')}/*' names them all"
    return f"the folder '{name}' has no config.json, so it is no model" + (hint if below else "")


def unknown(name: str, files: Collection[str]) -> str:
    """Of a name that is none of `files` in config/models, no folder and no Hugging Face id."""
    return (
        f"'{name}' is no file in config/models ({listed(files)}), no folder here and no Hugging Face id, "
        f"'organisation/name' or 'organisation/name@revision'{did_you_mean(name, files)}"
    )
