"""Programs that claim a pass which they have not earned, and tests that use a program's objects."""

from __future__ import annotations

FORGED = {
    "exit before the tests": """\
import os
os._exit(0)
""",
    "exit within a test": """\
import os
def f(a):
    os._exit(0)
""",
    "sys.exit": """\
import sys
sys.exit(0)
""",
    "sys.exit at the end": """\
import atexit, sys
atexit.register(sys.exit, 0)
def f(a):
    return 7
""",
    "success printed": """\
print('passed'); print('{"verdict": "passed"}')
def f(a):
    return 7
""",
    "an object that equals all": """\
class T:
    def __eq__(self, o):
        return True

def f(a):
    return T()
""",
    "an int that equals all": """\
class T(int):
    __eq__ = lambda s, o: True
    __hash__ = None

def f(a):
    return T(7)
""",
    "assertions overridden": """\
import builtins, unittest
builtins.AssertionError = type('E', (Exception,), {'__bool__': lambda s: True})
unittest.TestCase.assertEqual = lambda *a: None
builtins.all = lambda x: True
def f(a):
    return 7
""",
    "check overridden": """\
def check(c):
    pass
def helper(x):
    return 7
def f(a):
    return 7
""",
    "the caller's frame": """\
import sys
def f(a):
    frame = sys._getframe()
    while frame:
        frame.f_globals['check'] = lambda c: None
        frame = frame.f_back
    return 7
""",
    "words on every descriptor": r"""
import os, json
for d in range(3, 64):
    try:
        os.write(d, b'{"verdict": "passed", "detail": null}\n')
    except OSError:
        pass
def f(a):
    return 7
""",
    "frames on every descriptor": """\
import os
w = b'["value", 0]'
for d in range(3, 64):
    try:
        os.write(d, len(w).to_bytes(4, 'big') + w)
    except OSError:
        pass
def f(a):
    return 7
""",
    "descriptors passed on": r"""
import socket, array
for d in range(3, 64):
    try:
        s = socket.socket(fileno=d)
        socket.send_fds(s, [b'\0\0\0\4null'], [0])
    except OSError:
        pass
def f(a):
    return 7
""",
    "an answer without end": """\
def f(a):
    return [0] * 10**9
""",
    "an answer nested without end": """\
def f(a):
    x = []
    for _ in range(10**5):
        x = [x]
    return x
""",
    "an answer that holds itself": """\
def f(a):
    x = []
    x.append(x)
    return x
""",
    "a generator without end": """\
def f(a):
    while True:
        yield 3
""",
    "an exception that is no Exception": """\
def f(a):
    raise KeyboardInterrupt
""",
    "an exception with a bad text": """\
class E(BaseException):
    def __str__(self):
        raise self

def f(a):
    raise E
""",
    "AssertionError raised": """\
def f(a):
    raise AssertionError
""",
    "a syntax error": """\
def f(a:
""",
    "a null byte": "x = '\x00'\n",
    "no such function": """\
def g(a):
    return sum(a)
""",
    "not a function": """\
f = 3
""",
    "the memory is gone": """\
x = []
while True:
    x.append(bytearray(b'1' * 1000000))
""",
    "a crash": """\
import ctypes
ctypes.string_at(0)
""",
}
OBJECTS = {
    "iterators": (
        """\
assert list(f([1])) == [1, 2] and tuple(f([])) == (2,)
""",
        """\
def f(a):
    yield from [*a, 2]
""",
    ),
    "subclasses": (
        """\
assert f([1, 1]) == {1: 2} and isinstance(f([1]), dict)
""",
        """\
import collections
def f(a):
    return collections.Counter(a)
""",
    ),
    "exceptions": (
        """\
try:
    f([])
    raise SystemError
except ValueError as e:
    assert str(e) == 'no'
""",
        """\
def f(a):
    raise ValueError('no')
""",
    ),
    "objects": (
        """\
p = Pair(1, 2)
p.b = 5
assert p.a == 1 and f([p]) == 6 and str(p) == 'pair'
""",
        """\
class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b
    def __str__(self):
        return 'pair'
def f(a):
    return a[0].a + a[0].b
""",
    ),
    "keywords": (
        """\
assert f(a=[1]) == 1
""",
        """\
def f(a):
    return sum(a)
""",
    ),
    "types and dates": (
        """\
import datetime, decimal
assert f([int, datetime.date(2020, 1, 2), decimal.Decimal('1.5')]) == [True, 2020, 1.5]
""",
        """\
def f(a):
    return [a[0] is int, a[1].year, float(a[2])]
""",
    ),
}
