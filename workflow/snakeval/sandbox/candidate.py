"""Runs inside the sandbox, beside the code under test: answers calls to that code's functions.

Whatever this process says may be the tested code speaking; the examiner, in another sandbox, believes no
more than that these are the values it was given for a call. This file is sent as bytecode over the socket
that it then answers on, and imports next to nothing, because a sample's whole run takes tens of
milliseconds: hence no typing, no json, and marshal for what comes from the examiner, which is trusted.
"""

from __future__ import annotations

import builtins
import marshal
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

MOST_ITEMS = 1_000_000
FEW, LONG, DIGITS = 16, 50_000, 4300
NUMBERS = {int, float}
BASES: Any = (int, float, str, dict, list, tuple, set, frozenset)
ESCAPED = {ord('"'): '\\"', ord("\\"): "\\\\", **{code: f"\\u{code:04x}" for code in range(32)}}
LOOKS: Any = {"text": str, "length": len, "truth": bool, "attribute": getattr, "set": setattr}
ITERATORS = ("generator", "map", "filter", "zip", "reversed", "enumerate", "chain", "islice")


def main(socket: int, uid: int | None, limits: dict[str, int]) -> None:
    """Set the limits, drop to the user `uid` unless None, then load the program and answer until the end."""
    for name, value in limits.items():
        kind = getattr(resource, name)
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value, value) if hard < 0 else (min(value, hard), min(value, hard)))
    if uid is not None:
        os.setgroups([])
        os.setgid(uid)
        os.setuid(uid)
    world()
    nothing = os.open("/dev/null", os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    channel = Channel(socket)
    channel.send('["ready"]')  # before there is any code that is not ours
    module = sys.modules["candidate"] = type(sys)("candidate")
    objects = [module.__dict__]
    while True:
        request = channel.receive()
        if request is None:
            os._exit(0)
        try:
            answer = ["value", encode(perform(channel, module.__dict__, objects, *request), objects)]
        except BaseException as error:  # the tested code raises what it likes
            answer = ["raised", quoted(type(error).__name__), quoted(text_of(error))]
        channel.send("[" + ",".join([quoted(answer[0]), *answer[1:]]) + "]")


def world() -> None:
    """What programs find beyond the language: as `commands.script` has it for those by themselves."""
    vars(builtins).update(exit=sys.exit, quit=sys.exit)
    sys.set_int_max_str_digits(0)


def perform(
    channel: Channel, names: dict[str, Any], objects: list[Any], what: str, wrapped: bool, *arguments: Any
) -> Any:
    """One request: load a program, call a function, look into an object that could not be sent."""
    if what == "load":
        exec(compile(arguments[0], "candidate.py", "exec", dont_inherit=True), names)
        return None
    if wrapped:
        arguments = tuple([unwrapped(argument, objects) for argument in arguments])
    if what in ("call", "outline"):
        name, args, kwargs = arguments
        value = (names[name] if isinstance(name, str) else objects[name])(*args, **kwargs)
        return outlined(channel, value, objects) if what == "outline" else value
    thing = objects[arguments[0]]
    if what == "value":
        return thing
    if what == "items":
        found = []
        for item in thing:
            found.append(item)
            if len(found) > MOST_ITEMS:
                raise OverflowError("too many items")
        return found
    return LOOKS[what](thing, *arguments[1:])


def unwrapped(value: Any, objects: list[Any]) -> Any:
    """Arguments with the objects that stand for references to them: ("\0object", number) and the like."""
    kind = type(value)
    if kind is tuple and len(value) == 3 and value[0] == "\0":
        if value[1] == "object":
            return objects[value[2]]
        if value[1] == "type":
            return getattr(builtins, value[2])
        module, _, name = value[1].rpartition(".")
        return getattr(__import__(module, fromlist=[name]), name)(*unwrapped(value[2], objects))
    if kind in (list, tuple, set, frozenset):
        return kind(unwrapped(item, objects) for item in value)
    if kind is dict:
        return {unwrapped(key, objects): unwrapped(item, objects) for key, item in value.items()}
    return value


def outlined(channel: Channel, value: Any, objects: list[Any]) -> Any:
    """The value, or for a very long sequence its length and digest: seconds of work to send in full."""
    kind = type(value)
    if kind not in (list, tuple) or len(value) < LONG:
        return value
    channel.send('["computed"]')  # the time that the digest takes is not the tested code's
    try:
        items = digest(value)
    except ValueError:
        return value
    objects.append(value)
    return Outline(tagged("outline", (len(objects) - 1, kind.__name__, len(value), items), objects))


class Outline(str):
    """JSON that is sent as it is."""


def digest(sequence: Any) -> str:
    """A digest of the items; equal digests mean equal values, equal values may differ in it (1 and 1.0).

    Raises ValueError where an item is no plain value. Marshal's version 2 has no references between objects.
    """
    from _blake2 import blake2b

    state = blake2b(digest_size=32)
    for start in range(0, len(sequence), 1000):
        state.update(marshal.dumps(sequence[start : start + 1000], 2))
    return state.hexdigest()


def encode(value: Any, objects: list[Any]) -> str:
    """A value as JSON: scalars as they are, containers as [tag, ...], all else as a number to ask by."""
    kind = type(value)
    if kind is Outline:
        return str(value)
    if kind is int:
        return str(value) if -(10**18) < value < 10**18 else f'["int","{value:x}"]'
    if kind is str:
        return quoted(value)
    if value is None or kind is bool:
        return {None: "null", True: "true", False: "false"}[value]
    if kind is float:
        text = repr(value)
        return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(text, text)
    if kind is dict:
        items = [part for pair in value.items() for part in pair]
        return tagged("dict", items, objects)
    for known in (list, tuple, set, frozenset):
        if kind is known:
            return tagged(kind.__name__, value, objects)
    return encode_other(value, kind, objects)


def tagged(tag: str, items: Collection[Any], objects: list[Any]) -> str:
    if len(items) > FEW and NUMBERS.issuperset(map(type, items)):
        sys.set_int_max_str_digits(DIGITS)
        try:
            text = repr(list(items))
        except ValueError:  # an integer that takes long to write in decimal digits
            text = "n"
        sys.set_int_max_str_digits(0)
        if "n" not in text:  # neither nan nor inf
            return f'["{tag}",{text[1:]}'
    return "[" + ",".join([f'"{tag}"', *[encode(item, objects) for item in items]]) + "]"


def encode_other(value: Any, kind: type, objects: list[Any]) -> str:
    """Values of further types, by name because their modules may not be loaded; subclasses as their base."""
    if kind is complex:
        return tagged("complex", (value.real, value.imag), objects)
    if isinstance(value, (bytes, bytearray)):
        return tagged("bytes" if isinstance(value, bytes) else "bytearray", (value.hex(),), objects)
    if kind is range:
        return tagged("range", (value.start, value.stop, value.step), objects)
    name = f"{kind.__module__}.{kind.__name__}"
    if name.startswith("numpy.") and getattr(value, "ndim", 1) == 0:
        return encode(value.item(), objects)  # a number
    if name in ("decimal.Decimal", "fractions.Fraction"):
        return tagged(name, (str(value),), objects)
    if name == "collections.deque":
        return tagged(name, list(value), objects)
    for base in BASES:
        if isinstance(value, base):
            return encode(base(value), objects)
    objects.append(value)
    return tagged("object", (len(objects) - 1, name, name.rpartition(".")[2] in ITERATORS), objects)


def quoted(text: str) -> str:
    """A JSON string in ASCII."""
    text = text.translate(ESCAPED)
    if text.isascii():
        return f'"{text}"'
    parts = []
    for character in text:
        code = ord(character)
        if code < 128:
            parts.append(character)
        elif code < 0x10000:
            parts.append(f"\\u{code:04x}")
        else:
            code -= 0x10000
            parts.append(f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}")
    return '"' + "".join(parts) + '"'


def text_of(error: BaseException) -> str:
    try:
        return str(error)[:500]
    except BaseException:
        return ""


class Channel:
    """Frames of a length and that many bytes."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def receive(self) -> Any:
        """The next request, None at the end."""
        head = self.read(4)
        body = None if head is None else self.read(int.from_bytes(head, "big"))
        return None if body is None else marshal.loads(body)

    def read(self, count: int) -> bytes | None:
        parts = []
        while count:
            part = os.read(self.descriptor, min(count, 1 << 20))
            if not part:
                return None
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def send(self, text: str) -> None:
        data = text.encode("ascii")
        view = memoryview(len(data).to_bytes(4, "big") + data)
        while view:
            view = view[os.write(self.descriptor, view) :]
