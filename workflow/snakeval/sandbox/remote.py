"""The examiner's side of the tested code: calls into it, and values of it that are data and nothing else.

What comes back is decoded into built-in types. Code, classes and equality of the candidate's making never
reach the examiner: an object that is no plain value stays where it is and is known by a number.
"""

from __future__ import annotations

import builtins
import json
import marshal
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from snakeval.sandbox.scalars import SCALARS, Raised, exception, refuse

LONGEST_ANSWER = 64 << 20
LONG_SECONDS = 60.0
_SIMPLE = {bool, int, float, str, type(None)}
_PLAIN = (bool, int, float, complex, str, bytes, type(None))


class Gone(BaseException):
    """The candidate's process ended before it had answered."""


class TimedOut(BaseException):
    """The candidate did not answer in time."""


class Remote:
    """The candidate at the other end of a socket."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self.deadline = float("inf")
        self.seconds = 0.0  # that the last request took

    def ready(self, seconds: float) -> bool:
        """Whether the candidate's process has started; no code of the program has run by then."""
        self.deadline = time.monotonic() + seconds
        try:
            return bool(self._frame() == ["ready"])
        except (Gone, OSError, ValueError):
            return False

    def load(self, program: str) -> None:
        """Run the program's top level. Raises what it raises."""
        self._ask("load", False, program)

    def function(self, name: str) -> Callable[..., Any]:
        """A function of the candidate's, by its name at top level."""
        return lambda *args, **kwargs: self.call(name, args, kwargs)

    def call(self, name: str | int, args: Any, kwargs: Any) -> Any:
        """Call a function by its name, or an object by its number."""
        return self.ask("call", name, tuple(args), dict(kwargs))

    def outline(self, name: str, args: Any) -> Any:
        """Call a function; an Outline in place of a very long list or tuple, which may take LONG_SECONDS."""
        deadline = self.deadline
        output = self.ask("outline", name, tuple(args), {})
        if self.deadline > deadline and not isinstance(output, Outline):
            raise TimedOut  # it said that its output would be long, and had that much more time
        return output

    def ask(self, what: str, *arguments: Any) -> Any:
        """Call a function, or look into an object that stayed there."""
        try:
            return self._ask(what, False, *arguments)
        except _Unsendable:
            return self._ask(what, True, *map(_wrapped, arguments))

    def _ask(self, *request: Any) -> Any:
        try:
            data = marshal.dumps(request)
        except ValueError as error:
            raise _Unsendable(str(error)) from None
        began = time.monotonic()
        try:
            self._wait()
            self._channel.sendall(len(data).to_bytes(4, "big") + data)
            answer = self._frame()
            if answer == ["computed"] and request[0] == "outline":
                self.deadline = time.monotonic() + LONG_SECONDS
                answer = self._frame()
        except TimeoutError:
            raise TimedOut from None
        except (ConnectionError, OSError) as error:
            raise Gone(str(error)) from None
        except (ValueError, RecursionError) as error:
            raise Gone(f"what it wrote is no answer: {error}") from None
        finally:
            self.seconds = time.monotonic() - began
        return self._opened(answer)

    def _frame(self) -> Any:
        size = int.from_bytes(self._read(4), "big")
        if size > LONGEST_ANSWER:
            raise Gone("the answer is too long")
        return json.loads(self._read(size))

    def _opened(self, answer: Any) -> Any:
        match answer:
            case ["value", value]:
                return _Decoder(self).decode(value)
            case ["raised", str(name), str(text)]:
                kind = getattr(builtins, name, None)
                if isinstance(kind, type) and issubclass(kind, Exception):
                    raise exception(kind, text)
                raise Raised(f"{name}: {text}")
        raise Gone("what it wrote is no answer")

    def _wait(self) -> None:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._channel.settimeout(None if left == float("inf") else left)

    def _read(self, count: int) -> bytes:
        parts = []
        while count:
            self._wait()
            part = self._channel.recv(min(count, 1 << 20))
            if not part:
                raise Gone("it ended before the tests did")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


class _Unsendable(ValueError):
    """Arguments that are not all plain values."""


class Thing:
    """An object of the candidate's that is no plain value; it equals nothing but itself."""

    __slots__ = ("_kind", "_number", "_remote")

    def __init__(self, remote: Remote, number: int, kind: str) -> None:
        self._remote, self._number, self._kind = remote, number, kind

    def __repr__(self) -> str:
        return f"<{self._kind}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._remote.call(self._number, args, kwargs)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._remote.ask("items", self._number))

    def __len__(self) -> int:
        return int(self._remote.ask("length", self._number))

    def __str__(self) -> str:
        return str(self._remote.ask("text", self._number))

    def __bool__(self) -> bool:
        return bool(self._remote.ask("truth", self._number))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._remote.ask("attribute", self._number, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.__slots__:
            object.__setattr__(self, name, value)
        else:
            self._remote.ask("set", self._number, name, value)


class Outline(NamedTuple):
    """A very long sequence that stayed with the candidate: its type, its length, a digest of its items."""

    number: int
    kind: str
    length: int
    digest: str


class _Decoder:
    """Tagged JSON to values; anything that does not fit the form is no answer."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote

    def decode(self, value: Any) -> Any:
        if not isinstance(value, list):
            if isinstance(value, dict):
                raise Gone("what it wrote is no answer")
            return value
        try:
            return self._container(value[0], value[1:])
        except (ValueError, TypeError, IndexError, ArithmeticError, RecursionError) as error:
            raise Gone(f"what it wrote is no answer: {error}") from None

    def _container(self, tag: Any, items: list[Any]) -> Any:
        if tag == "list":
            return items if _SIMPLE.issuperset(map(type, items)) else [self.decode(item) for item in items]
        if tag == "dict":
            values = [self.decode(item) for item in items]
            return dict(zip(values[::2], values[1::2], strict=True))
        if tag in ("tuple", "set", "frozenset"):
            return {"tuple": tuple, "set": set, "frozenset": frozenset}[tag](map(self.decode, items))
        if tag == "object":
            number, kind, _ = items
            return Thing(self._remote, int(number), str(kind))
        if tag == "outline":
            number, kind, length, digest = items
            return Outline(int(number), str(kind), int(length), str(digest))
        return SCALARS[tag](*items) if tag in SCALARS else refuse(tag)


def _wrapped(value: Any) -> Any:
    """Arguments with a mark in place of what marshal can't send: ("\\0", what, with what)."""
    if isinstance(value, Thing):
        return ("\0", "object", value._number)
    if isinstance(value, type) and value.__module__ == "builtins":
        return ("\0", "type", value.__name__)
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return kind(_wrapped(item) for item in value)
    if kind is dict:
        return {_wrapped(key): _wrapped(item) for key, item in value.items()}
    if isinstance(value, _PLAIN):
        return value
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name.startswith(("datetime.", "decimal.", "fractions.", "collections.", "builtins.range")):
        made_by = value.__reduce__()
        if made_by[0] is kind and len(made_by) == 2:
            return ("\0", name, _wrapped(made_by[1]))
        return ("\0", name, (_wrapped(_items(value)),))
    raise TypeError(f"a test passes {name}, which can't be sent to the tested code")


def _items(value: Any) -> Any:
    return dict(value) if isinstance(value, dict) else list(value)
