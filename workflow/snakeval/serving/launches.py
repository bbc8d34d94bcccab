"""What starts an engine: a command line with its environment, and how options of ours and the user's meet."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from snakeval.serving.several_nodes import Others


class EngineMissing(RuntimeError):
    """The engine's program is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A command line, what to add to the environment, and the variable that takes the API key.

    The command must be the server itself: a wrapper has to exec it. With `key_option` the engine reads no
    variable: the option takes a YAML file of options, which then holds the key, and the engine repeats it in
    its log. `health` is the path that answers 200 when requests can be sent. `others` are the ranks of the
    same engine on other nodes, which get the same environment but for the key.
    """

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    key_variable: str = "VLLM_API_KEY"
    key_option: str | None = None
    health: str = "/health"
    others: Others | None = None


def merged(
    ours: Sequence[tuple[str, ...]],
    given: Sequence[str],
    refused: Collection[str],
    aliases: Mapping[str, str],
) -> list[str]:
    """Our options without those that the user gives, then the user's as they stand. Raises ValueError."""
    names = {option_name(argument, aliases) for argument in given}
    if wrong := sorted(names.intersection(refused)):
        raise ValueError(f"engine_args: {', '.join(wrong)} can't be given: Snakeval sets it itself")
    kept = [option for option in ours if option_name(option[0], aliases) not in names]
    return [word for option in kept for word in option] + list(given)


def option_name(argument: str, aliases: Mapping[str, str]) -> str:
    """The option behind one spelling of it: --no-x, --x_y=1 and -tp are --x, --x-y and their long form."""
    option = argument.partition("=")[0]
    option = aliases.get(option, option).replace("_", "-")
    return option.replace("--no-", "--", 1) if option.startswith("--no-") else option


def beside(name: str) -> Path:
    """Where a program of this environment is, if it is there."""
    return Path(sys.executable).with_name(name)


def executable(name: str, remedy: str) -> str:
    """The program beside this Python, else the one on PATH. Raises EngineMissing, which ends in `remedy`."""
    found = str(beside(name)) if beside(name).is_file() else shutil.which(name)
    if found is None:
        raise EngineMissing(f"no '{name}' beside {sys.executable} nor on PATH: {remedy}")
    return found
