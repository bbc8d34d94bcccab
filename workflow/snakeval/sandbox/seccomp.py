"""A filter of system calls, as the BPF program that bubblewrap loads with --seccomp.

Namespaces and limits do the isolation; the filter takes away what they bound badly or what only widens the
kernel's surface: memory that belongs to no process' resident set (memfd, System V segments), new
namespaces and mounts, other processes' memory, keys, BPF, performance counters, io_uring, and all families of
sockets but those that programs use. AF_VSOCK would reach a virtual machine's host from any namespace.
"""

from __future__ import annotations

import errno
import os
import socket
import struct
from functools import cache

# The numbers of <asm/unistd.h>; None where an architecture lacks the call.
_CALLS: dict[str, tuple[int | None, int | None]] = {
    "ptrace": (101, 117),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "userfaultfd": (323, 282),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "personality": (135, 92),
    "vmsplice": (278, 75),
}
_CLONE, _CLONE3 = (56, 220), (435, 435)
_OPENS_SOCKETS = ((41, 198), (53, 199))  # socket, socketpair
_FAMILIES = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
_X32 = 0x40000000

_Instruction = tuple[int, int, int, int]
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data


@cache
def program() -> bytes | None:
    """The filter for this machine, None for one whose system calls are not known here."""
    known = _MACHINES.get(os.uname().machine)
    return None if known is None else _assemble(*known)


def _assemble(column: int, architecture: int) -> bytes:
    refused = [number for call in _CALLS.values() if (number := call[column]) is not None]
    body: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    body += [(_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    for number in refused:
        body += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO | errno.EPERM)]
    body += [rule for call in _OPENS_SOCKETS for rule in _families(call[column])]
    # A filter can't look behind clone3's pointer; without it the C library falls back to clone.
    body += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _ERRNO | errno.ENOSYS)]
    body += [
        (_EQUAL, 0, 3, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        (_RETURN, 0, 0, _ERRNO | errno.EPERM),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in body)


def _families(call: int) -> list[_Instruction]:
    """A call whose first argument is a family of sockets: allowed for _FAMILIES, unknown to it for others."""
    count = len(_FAMILIES)
    return [
        (_EQUAL, 0, count + 3, call),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *((_EQUAL, count - index, 0, family) for index, family in enumerate(_FAMILIES)),
        (_RETURN, 0, 0, _ERRNO | errno.EAFNOSUPPORT),
        (_RETURN, 0, 0, _ALLOW),
    ]
