"""Which file a setting comes from, for the reports of mistakes in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from snakeval.config.errors import Report
from snakeval.config.reading import read_yaml

SETTINGS_FILE = "config/config.yaml"
COMMAND_LINE = "the command line"


def origins_of(
    raw: Mapping[str, object], root: Path, over: Sequence[str | Path], report: Report
) -> dict[str, str]:
    """Where the value of each key comes from."""
    if not (root / SETTINGS_FILE).is_file():
        return dict.fromkeys(raw, SETTINGS_FILE)
    # Snakemake has read this file already, but takes the last of two equal keys.
    written = read_yaml(root / SETTINGS_FILE, SETTINGS_FILE, report)
    if written is None:
        return dict.fromkeys(raw, SETTINGS_FILE)
    origins = {
        key: SETTINGS_FILE if written.get(key) == value else COMMAND_LINE for key, value in raw.items()
    }
    for file in over:
        path = root / file
        name = str(path.relative_to(root) if path.is_relative_to(root) else path)
        for key in read_yaml(path, name, report) or {}:
            if origins.get(str(key)) == COMMAND_LINE:
                origins[str(key)] = name
    return origins
