"""Runs in a sandbox of its own, one a worker: forks its warm interpreter for each candidate.

A fork with new namespaces takes a few milliseconds, a new sandbox with a new interpreter some twenty. What a
fork shares with the next one is a read-only system and this process' memory as it was at the fork: it is
alone in its process, mount, network and IPC namespaces, with a /tmp and a /proc of its own, and it has lost
its capabilities, its user and most system calls before there is any code of the candidate's. This process
keeps what it takes to do so, CAP_SYS_ADMIN; nothing that a candidate writes reaches it.
Standard library only; sent as bytecode (see `snakeval.sandbox.bytecode`).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import marshal
import os
import socket
from typing import Any, NoReturn

from snakeval.sandbox.candidate import main as answer

# Loaded once instead of by each candidate: what programs of code benchmarks import.
USUAL = (
    *("bisect", "cmath", "collections", "copy", "datetime", "decimal", "fractions", "functools", "hashlib"),
    *("heapq", "itertools", "math", "operator", "random", "re", "string", "sys", "typing"),
)
# What the first program of a process would find out about the language, and the second would not.
FIRST = """\
class First:
    def each(self, values: list[int]) -> str:
        return f"{sorted(x for x in values if x)}"


First().each([1])
"""
FOLDER = "/tmp"  # `commands.INSIDE`, a module that is not there
NEW_PROCESSES = 0x20000000  # CLONE_NEWPID
NEW_REST = 0x00020000 | 0x08000000 | 0x40000000  # CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWNET
READ_ONLY, NO_SUID, NO_DEVICES, NO_PROGRAMS, ALL_BELOW, PRIVATE = 1, 2, 4, 8, 0x4000, 0x40000  # MS_...
SET_SECCOMP, SET_NO_NEW_PRIVS, AMBIENT, CLEAR_ALL, BY_FILTER = 22, 38, 47, 4, 2  # PR_... and their arguments
CAPABILITY_VERSION = 0x20080522
MOST_DESCRIPTORS = 256
_C = ctypes.CDLL(None, use_errno=True)


class Filter(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("count", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def main(control_fd: int) -> NoReturn:
    """Take [size, marshalled arguments of `_first`] with a candidate's socket, answer with its pidfd, again
    and again."""
    for name in USUAL:
        importlib.import_module(name)
    exec(compile(FIRST, "first.py", "exec"), {})
    control = socket.socket(fileno=control_fd)
    own = os.open("/proc/self/ns/pid", os.O_RDONLY)
    gc.collect()
    gc.freeze()
    while True:
        head, descriptors, _, _ = socket.recv_fds(control, 4, 1)
        if len(head) < 4:
            os._exit(0)
        order = marshal.loads(control.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL))
        pidfd = _fork(own, descriptors[0], order)
        socket.send_fds(control, [b"+"], [pidfd])
        os.close(pidfd)
        os.close(descriptors[0])
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _fork(own: int, channel: int, order: Any) -> int:
    """A pidfd of the first process of a new process namespace; with it the kernel ends all others there."""
    _call("unshare", NEW_PROCESSES)
    child = os.fork()
    if child == 0:
        try:
            _first(channel, *order)
        finally:
            os._exit(1)
    _call("setns", own, NEW_PROCESSES)
    return os.pidfd_open(child)


def _first(channel: int, uid: int | None, disk: int, rules: bytes | None, limits: dict[str, int]) -> NoReturn:
    """Set up all that is the candidate's own, fork it, reap whatever ends until it has ended.

    `disk` is the size of its /tmp in bytes; `rules` are the instructions of its filter of system calls.
    """
    os.setsid()  # signals to a group cross namespaces
    _call("unshare", NEW_REST)
    _call("mount", b"none", b"/", None, ALL_BELOW | PRIVATE, None)
    _call("mount", b"tmpfs", FOLDER.encode(), b"tmpfs", NO_SUID | NO_DEVICES, b"mode=1777,size=%d" % disk)
    _call("mount", b"proc", b"/proc", b"proc", READ_ONLY | NO_SUID | NO_DEVICES | NO_PROGRAMS, None)
    os.chdir(FOLDER)
    _drop(uid)
    _call("prctl", SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if rules is not None:
        _call("prctl", SET_SECCOMP, BY_FILTER, ctypes.byref(Filter(len(rules) // 8, rules)), 0, 0)
    candidate = os.fork()
    if candidate == 0:
        os.setsid()
        os.dup2(channel, 3)
        os.closerange(4, MOST_DESCRIPTORS)
        answer(3, None, limits)
    os.closerange(0, MOST_DESCRIPTORS)
    while os.wait()[0] != candidate:
        pass
    os._exit(0)


def _drop(uid: int | None) -> None:
    """Become the user, if any, and lose all capabilities."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _call("prctl", AMBIENT, CLEAR_ALL, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def _call(name: str, *arguments: Any) -> None:
    """A function of the C library. Raises OSError where it fails."""
    if getattr(_C, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
