"""Checksums of many lines at once: CRC-32 as in zlib, which is linear, so that those of lines add up.

The checksum of a stretch of lines follows from the checksums that its lines state. Only where it is another
than the stretch really has is each of its lines looked at alone. One damaged line is found as it would be
alone; that damage of several in one stretch adds up to nothing has a chance of 2 to the -32.
The combination of two checksums is zlib's `crc32_combine`: the first is multiplied by x^(8 n), n the bytes of
the second, modulo CRC-32's polynomial.
"""

from __future__ import annotations

import functools
from itertools import pairwise
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

try:  # zlib's, in a third of the time
    from isal.isal_zlib import crc32 as _faster
except ImportError:  # a platform that it is not built for
    _faster = crc32
crc32_of_many = _faster

Bytes: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]
Positions: TypeAlias = NDArray[np.int64]
Checksums: TypeAlias = NDArray[np.uint32]

TAIL = b',"crc":"%08x"}\n'
"""The end of a line: the checksum of all before it."""
# Distances within a stretch have 16 bits.
STRETCH_BITS = 16
POLYNOMIAL = 0xEDB88320


def check(data: Bytes, ends: Positions, stated: Checksums, likely: Mask) -> Mask:
    """Say of each line whether its checksum is as `stated`; one that is not `likely` to be right is not.

    `ends` are where the lines of `data` end, behind their newlines; a checksum covers its whole line.
    """
    stretch = (ends - 1) >> STRETCH_BITS
    lasts = np.append(np.flatnonzero(np.diff(stretch)), len(ends) - 1)
    firsts = np.append(0, lasts[:-1] + 1)
    stops = ends[lasts]
    counts = lasts + 1 - firsts
    added = np.bitwise_xor.reduceat(_shifted(stated, np.repeat(stops, counts) - ends), firsts)
    view = data.data
    actual = [crc32_of_many(view[a:b]) for a, b in pairwise([0, *stops.tolist()])]
    wrong = (added != np.array(actual, np.uint32)) | ~np.logical_and.reduceat(likely, firsts)
    good = likely.copy()
    for line in np.flatnonzero(np.repeat(wrong, counts) & likely).tolist():
        start = ends[line - 1] if line else 0
        good[line] = crc32(view[start : ends[line]]) == stated[line]
    return good


def stated_whole(stated: Bytes) -> Checksums:
    """The checksums of whole lines that state these ones (n, 4), the highest byte first, in their tails."""
    return _together(_whole_lines(), np.zeros(len(stated), np.int64), stated)


@functools.cache
def _whole_lines() -> Checksums:
    """What each byte of a stated checksum adds to that of its whole line: (byte of four, value)."""

    def whole(crc: int) -> int:
        return crc32(TAIL % crc, crc)

    table = [[whole(byte << bits) ^ whole(0) for byte in range(256)] for bits in (24, 16, 8, 0)]
    table[0] = [entry ^ whole(0) for entry in table[0]]
    return np.array(table, np.uint32)


def _shifted(checksums: Checksums, distances: Positions) -> Checksums:
    """Checksums multiplied by x^(8 n), n the distances."""
    near, far = _shifts()
    return _applied(far, distances >> 8, _applied(near, distances & 255, checksums))


def _applied(tables: Checksums, which: Positions, checksums: Checksums) -> Checksums:
    """Each checksum multiplied as the table `which` says: what each of its bytes becomes, together."""
    octets = np.ascontiguousarray(checksums, "<u4").view(np.uint8).reshape(-1, 4)
    return _together(tables, which << 10, octets)


def _together(tables: Checksums, at: Positions, octets: Bytes) -> Checksums:
    """What four bytes (n, 4) stand for together, in the tables of (byte of four, value) that begin `at`."""
    flat = tables.ravel()
    found: Checksums = flat[at + octets[:, 0]]
    for byte in range(1, 4):
        found ^= flat[at + octets[:, byte] + 256 * byte]
    return found


@functools.cache
def _shifts() -> tuple[Checksums, Checksums]:
    """Tables of the multiplications by x^(8 n) and by x^(8 256 n), n below 256: (n, byte of four, value)."""
    step = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        step = np.where(step & 1, step >> np.uint32(1) ^ np.uint32(POLYNOMIAL), step >> np.uint32(1))
    near = np.empty((256, 4, 256), np.uint32)
    near[0] = np.arange(256, dtype=np.uint32) << np.array([[0], [8], [16], [24]], np.uint32)
    for n in range(1, 256):
        near[n] = near[n - 1] >> np.uint32(8) ^ step[near[n - 1] & np.uint32(255)]
    once = near[255] >> np.uint32(8) ^ step[near[255] & np.uint32(255)]
    far = np.empty_like(near)
    far[0] = near[0]
    for n in range(1, 256):
        before = far[n - 1].ravel()
        far[n] = _applied(once, np.zeros(len(before), np.int64), before).reshape(4, 256)
    return near, far
