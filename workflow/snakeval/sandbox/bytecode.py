"""Our own modules as they go into a sandbox: bytecode over a socket, as no file of ours is there."""

from __future__ import annotations

import marshal
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from snakeval.sandbox.commands import python

_BOOTSTRAP = """\
import marshal, os, sys
def read(count):
    data = b""
    while len(data) < count:
        part = os.read(0, count - len(data))
        if not part:
            os._exit(1)
        data += part
    return data
modules, arguments = marshal.loads(read(int.from_bytes(read(4), "big")))
for name, code in modules:
    module = sys.modules[name] = type(sys)(name)
    exec(code, module.__dict__)
module.main(os.dup(0), *arguments)
"""


def command() -> list[str]:
    """An interpreter that waits at its standard input, a socket, for a `message`."""
    return [*python(), "-c", _BOOTSTRAP]


def message(modules: tuple[str, ...], *arguments: Any) -> bytes:
    """Modules of this package, in the order of their imports, and what the last one's `main` gets after a
    descriptor of the socket. Interpreter inside and outside are the same."""
    data = marshal.dumps((_codes(modules), arguments))
    return len(data).to_bytes(4, "big") + data


@cache
def _codes(names: tuple[str, ...]) -> tuple[tuple[str, CodeType], ...]:
    """The modules' bytecode, without docstrings."""
    folder = Path(__file__).parent
    return tuple(
        (
            f"{__package__}.{name}",
            compile((folder / f"{name}.py").read_bytes(), f"{name}.py", "exec", optimize=2),
        )
        for name in names
    )
