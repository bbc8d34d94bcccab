"""The child side of `snakeval.system.workers`: the template process and its forks, the workers.

The template imports the function's module, warms it up and then only forks and ends workers on request. It
starts no threads, so that forking it is safe whatever threads the parent runs. It ends when its control
socket closes, which is also what happens when the parent is killed; the kernel then kills the workers.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import mmap
import os
import pickle
import resource
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, NoReturn

FORK, STOP = b"F", b"S"
REQUEST = struct.Struct("=cq")  # what to do, the worker's process id (0 with FORK)
REPLY = struct.Struct("=q")  # the new worker's process id, or its wait status
# Position in its chunk of the task that runs, since when (monotonic), the worker's CPU seconds by then.
MARK = struct.Struct("=qdd")
NOT_BEGUN = -1
FLUSH_SECONDS = 0.05
PR_SET_PDEATHSIG = 1


class Raised(NamedTuple):
    """In place of a result: the exception that the function raised."""

    detail: str


def main() -> None:
    """Be the template; the arguments are a socket, MODULE:FUNCTION, a memory limit. Ends with the socket."""
    descriptor, target, memory_limit = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # on Ctrl-C the parent decides what ends
    module_name, _, name = target.partition(":")
    module = importlib.import_module(module_name)
    function = getattr(module, name)
    warm_up: Callable[[], None] | None = getattr(module, "warm_up", None)
    if warm_up:
        warm_up()
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=descriptor) as control:
        _serve_requests(control, function, memory_limit)


def _serve_requests(control: socket.socket, function: Callable[[Any], Any], memory_limit: int) -> None:
    template = os.getpid()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, REQUEST.size, 2)
        if not message:
            return
        request, pid = REQUEST.unpack(message)
        if request == FORK:
            pid = os.fork()
            if pid == 0:
                control.close()
                _work(template, descriptors, function, memory_limit)
            for descriptor in descriptors:
                os.close(descriptor)
            control.sendall(REPLY.pack(pid))
        else:
            # A worker stays unreaped until here, so this id can't be another process' by now.
            os.kill(pid, signal.SIGKILL)
            control.sendall(REPLY.pack(os.waitpid(pid, 0)[1]))


def _work(
    template: int, descriptors: list[int], function: Callable[[Any], Any], memory_limit: int
) -> NoReturn:
    """Be a worker: never returns into the template's code."""
    try:
        _die_with(template)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory_limit:
            resource.setrlimit(resource.RLIMIT_AS, (memory_limit, memory_limit))
        channel = Connection(descriptors[0])
        with mmap.mmap(descriptors[1], MARK.size) as mark:
            while True:
                _work_off(pickle.loads(channel.recv_bytes()), channel, mark, function)
    except (EOFError, OSError):  # the parent has gone, or has given this worker up
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _die_with(template: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != template:
        os._exit(1)


def _work_off(tasks: list[Any], channel: Connection, mark: mmap.mmap, function: Callable[[Any], Any]) -> None:
    """Send one result a task, in order, in batches: before a long task, what is done has been sent."""
    results: list[Any] = []
    flushed = time.monotonic()
    for position, task in enumerate(tasks):
        now = time.monotonic()
        # Before sending, or the parent blames the task that it gets.
        MARK.pack_into(mark, 0, position, now, time.process_time())
        if results and now - flushed > FLUSH_SECONDS:
            channel.send_bytes(_dumps(results))
            results, flushed = [], now
        results.append(_call(function, task))
    channel.send_bytes(_dumps(results))


def _call(function: Callable[[Any], Any], task: Any) -> Any:
    try:
        return function(task)
    except Exception as error:
        return Raised(_describe(error))


def _dumps(results: list[Any]) -> bytes:
    try:
        return pickle.dumps(results)
    except Exception:
        return pickle.dumps([_sendable(result) for result in results])


def _sendable(result: Any) -> Any:
    try:
        pickle.dumps(result)
    except Exception as error:
        return Raised(_describe(error))
    return result


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
