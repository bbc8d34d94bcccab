"""Which command starts a model's engine, and which version that is.

The main process of a workflow asks each command for its version, once, and hands it on to its jobs, which
parse the configuration anew: all of them have to agree, also when an engine is replaced meanwhile.
"""

from __future__ import annotations

import base64
import json
import os
import zlib
from collections.abc import Mapping
from pathlib import Path

from snakeval.config.errors import Report
from snakeval.config.origins import SETTINGS_FILE
from snakeval.config.places import Place
from snakeval.schema import Model, Settings
from snakeval.system.versions import VersionError, file_of, remembered, version_of

MEMORY = "results/.engines"
VARIABLE = "SNAKEVAL_ENGINES"
Command = tuple[str, ...]


def with_commands(
    served: Mapping[str, Model],
    settings: Settings,
    root: Path,
    places: Mapping[str, Place],
    origins: Mapping[str, str],
    report: Report,
    deep: bool,
) -> dict[str, Model]:
    """The models that vLLM serves, with their command and its version; the others as they are.

    A mistake is noted where the command is named. Without `deep` nobody is asked.
    """
    found, known = dict(served), {} if deep else handed_on()
    asked: dict[Command, str | None] = {}
    for slug, model in served.items():
        named = model.vllm or settings.vllm
        version = model.vllm_version or (None if model.vllm else settings.vllm_version) or known.get(slug)
        if model.engine != "vllm" or not (named or version):
            continue
        command = words(named, root) if named else None
        if command and not version:
            place = (places[slug].file, places[slug].key("vllm"))
            place = place if model.vllm else (origins.get("vllm", SETTINGS_FILE), "vllm")
            if command not in asked:
                asked[command] = _version(command, root, place, report) if deep else None
            version = asked[command] or remembered(command, root / MEMORY)
        found[slug] = model.model_copy(update={"vllm": command, "vllm_version": version})
    return found


def words(named: str | Command, root: Path) -> Command:
    """A command as its words; files with a folder in their names are below `root`, or below ~."""
    command = (named,) if isinstance(named, str) else named
    files = [file_of(word, root) if "/" in word else None for word in command]
    return tuple(str(file or word) for word, file in zip(command, files, strict=True))


def _version(command: Command, root: Path, place: tuple[str, str], report: Report) -> str | None:
    try:
        return version_of(command, root / MEMORY)
    except VersionError as error:
        remedy = "where only compute nodes can run it, write its version: vllm_version: ..."
        if len(command) == 1 and " " in command[0]:
            remedy = f"a command of several words is a list: [{', '.join(command[0].split())}]"
        report.add(*place, f"'{' '.join(command)}' {error}; {remedy}")
        return None


def hand_on(served: Mapping[str, Model]) -> None:
    """Let the processes started from now on, here or by a cluster, know the versions of this run."""
    known = {slug: model.vllm_version for slug, model in served.items() if model.vllm_version}
    packed = zlib.compress(json.dumps(known).encode())
    os.environ[VARIABLE] = base64.b64encode(packed).decode()


def handed_on() -> dict[str, str]:
    """What the main process found, by slug; nothing in a process that it did not start."""
    if VARIABLE not in os.environ:
        return {}
    return dict(json.loads(zlib.decompress(base64.b64decode(os.environ[VARIABLE]))))
