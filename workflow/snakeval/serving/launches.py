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

    The command becomes the server, or is a wrapper that waits for it as its parent. With `key_option` the
    engine reads no variable: the option takes a YAML file of options, which then holds the key, and the
    engine repeats it in its log. `health` is the path that answers 200 when requests can be sent. `others`
    are the ranks of the same engine on other nodes, which get the same environment but for the key.
    """

    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    key_variable: str = "VLLM_API_KEY"
    key_option: str | None = None
    health: str = "/health"
    others: Others | None = None


def options(values: Mapping[str, str | int | None]) -> list[tuple[str, ...]]:
    """Each option with its value; those whose value is None are left to the engine."""
    return [(name, str(value)) for name, value in values.items() if value is not None]


def above_one(sizes: Mapping[str, int | None]) -> dict[str, int]:
    """The sizes above 1, which is what engines have without an option."""
    return {name: size for name, size in sizes.items() if size and size > 1}


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


def python_of(name: str) -> str | None:
    """The Python of the environment that a program is found in; None for one that is found on PATH."""
    return str(found[0].with_name("python")) if (found := _places(name)) else None


def executable(name: str, remedy: str) -> str:
    """The program in the engine's environment, beside this Python, or on PATH.

    Raises EngineMissing, which ends in `remedy`, where `{folder}` stands for the engine's environment.
    """
    found = next(map(str, _places(name)), None) or shutil.which(name)
    if found is None:
        folder = Path(sys.executable).parent.parent / "engine"
        raise EngineMissing(
            f"no '{name}' in {folder}, beside {sys.executable} nor on PATH: {remedy.format(folder=folder)}"
        )
    return found


def _places(name: str) -> list[Path]:
    """Where a program is looked for before PATH: in the engine's environment, and beside this Python."""
    here = Path(sys.executable).parent
    return [path for path in (here.parent / "engine/bin" / name, here / name) if path.is_file()]
