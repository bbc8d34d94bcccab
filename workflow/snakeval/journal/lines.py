"""The form of a journal's lines: one row to a line and back, and all rows of a block of lines at once.

A line has fixed positions, so that finding what is done parses no JSON:

    {"digest":"<32 hex>","ok":1,"row":{...},"crc":"<8 hex>"}

`ok` is 0 for a row that carries an error: it is kept for the record and does not count as done. `crc`
is the CRC-32 of all bytes before `,"crc":`, so a torn, joined or bit-flipped line is told from a row.
Text is UTF-8; JSON escapes a newline inside it.

`parse_lines` compares the fixed positions of all lines with numpy, and verifies every checksum, the one step
done line by line: what counts as done must be there when it is read, after the server has gone. CRC-32
runs at some GB/s, so this costs about half a second for a million rows (benchmarks/journal.py).
"""

from __future__ import annotations

import json
import re
from binascii import hexlify, unhexlify
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from snakeval.journal.checksums import TAIL as _TAIL
from snakeval.journal.checksums import Bytes, Mask, Positions, check, stated_whole

if TYPE_CHECKING:  # the types bring pyarrow, twice the memory of all that is here
    from snakeval.types import Json

Words: TypeAlias = NDArray[np.uint64]
Rows: TypeAlias = NDArray[np.void]
Digests: TypeAlias = Sequence[str] | NDArray[np.bytes_]
"""32 lower-case hex digits each: strings, or an array of dtype S32 (a third of the memory)."""

SUFFIX = ".jsonl"
MAX_LINE = 64 << 20
ROW = np.dtype([("digest", "S16"), ("offset", "<i8"), ("length", "<i4"), ("file", "<i4")])
"""Where a row is: its digest in binary, offset and length of its line in bytes, the number of its file.

The length of an error row's line is negative.
"""
NO_ROWS: Rows = np.empty(0, ROW)

_HEAD = b'{"digest":"%s","ok":%d,"row":'
_HEAD_SIZE, _TAIL_SIZE = len(_HEAD % (b"-" * 32, 1)), len(_TAIL % 0)
# What is compared of a line, in words of 8 bytes: its first 64 bytes and its last 24. Where its digest and
# its ok begin in it, and its checksum, from its end.
_HEAD_BYTES, _TAIL_BYTES = 64, 24
_DIGEST, _OK, _CRC = 11, 50, 8 - _TAIL_SIZE
# The value of each hex digit; 255 for what is none.
_NIBBLE = np.full(256, 255, np.uint8)
_NIBBLE[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)

_hex_digest = re.compile(r"[0-9a-f]{32}").fullmatch
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_encode_ascii = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode


class JournalError(OSError):
    """A journal could not be written or read; the message names the file and what is safe."""


def encode_line(row: Json, digest: str, ok: bool) -> bytes:
    """Return the line of one row. A digest that is not 32 lower-case hex digits is a ValueError."""
    if not _hex_digest(digest):
        raise ValueError(f"digest {digest!r}: expected 32 lower-case hex digits")
    try:
        text = _encode(row).encode()
    except UnicodeEncodeError:  # a lone surrogate has no UTF-8; as \\udXXX it survives
        text = _encode_ascii(row).encode()
    body = _HEAD % (digest.encode(), ok) + text
    return body + _TAIL % crc32(body)


def decode_line(line: bytes) -> Json:
    """Return the row of one line, or raise ValueError if the line is not whole and unchanged.

    A row that is no JSON object, which a writer of ours never wrote, is an empty one.
    """
    body = line[:-_TAIL_SIZE]
    if line[-_TAIL_SIZE:] != _TAIL % crc32(body):
        raise ValueError("the line is torn or its checksum is wrong")
    try:
        row = json.loads(body[_HEAD_SIZE:])
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def pack_digests(digests: Digests) -> NDArray[np.bytes_]:
    """Return digests in binary, dtype S16, as which they may come; ValueError if one is no digest."""
    if isinstance(digests, np.ndarray) and digests.dtype == np.dtype("S16"):
        return digests
    if isinstance(digests, np.ndarray):
        fits, digits = digests.dtype == np.dtype("S32"), np.ascontiguousarray(digests).view(np.uint8)
    else:
        fits = set(map(len, digests)) <= {32}
        digits = np.frombuffer("".join(digests).encode("ascii", "replace"), np.uint8)
    if fits:
        packed, valid = _unhex(digits.reshape(-1, 32))
        if valid.all():
            return packed.view("S16")[:, 0]
    raise ValueError("digests are 32 lower-case hex digits each, as strings or an array of dtype S32")


def digest_text(packed: bytes) -> str:
    """Return the hex digits of a binary digest; numpy hands one out without its trailing zeros."""
    return packed.ljust(16, b"\0").hex()


def _unhex(digits: Bytes) -> tuple[Bytes, Mask]:
    """Decode hex digits (n, 2 m) to bytes (n, m) and say which rows were lower-case hex digits."""
    text = digits.tobytes()
    with suppress(ValueError):
        if hexlify(packed := unhexlify(text)) == text:
            return np.frombuffer(packed, np.uint8).reshape(len(digits), -1), np.ones(len(digits), bool)
    nibbles = _NIBBLE[digits]
    valid = np.asarray((nibbles < 16).all(axis=1))
    return nibbles[:, 0::2] << np.uint8(4) | nibbles[:, 1::2], valid


def parse_lines(data: Bytes) -> tuple[Rows, Positions]:
    """Return the rows of `data`, which ends with a newline, and where the lines start that are no rows.

    The rows' `offset` counts from the start of `data` and `file` is 0.
    """
    ends = _newlines(data) + 1
    starts = np.concatenate(([0], ends[:-1]))
    good = ends - starts >= _HEAD_SIZE + _TAIL_SIZE
    if not good.any():
        return NO_ROWS, starts
    heads = _cut(data, starts, 0, _HEAD_BYTES)
    tails = _cut(data, ends, -_TAIL_BYTES, _TAIL_BYTES)
    digests, hexadecimal = _unhex(heads[:, _DIGEST : _DIGEST + 32])
    stated, also_hexadecimal = _unhex(tails[:, _TAIL_BYTES + _CRC :][:, :8])
    good &= hexadecimal & also_hexadecimal
    good &= _alike(heads, _HEAD_LIKE, _HEAD_MASK) & _alike(tails, _TAIL_LIKE, _TAIL_MASK)
    good = check(data, ends, stated_whole(stated), good)
    rows = np.zeros(len(ends), ROW)
    rows["digest"] = digests.view("S16")[:, 0]
    rows["offset"] = starts
    # ord("0") and ord("1") become -1 and 1.
    rows["length"] = (ends - starts) * (2 * heads[:, _OK].astype(np.int64) - 97)
    return (rows, starts[:0]) if good.all() else (rows[good], starts[~good])


def _newlines(data: Bytes) -> Positions:
    """Where lines end. A bit a byte says it; few words of 64 have a bit, and those mostly one."""
    is_newline = np.empty(-(-len(data) // 64) * 64, bool)
    is_newline[len(data) :] = False
    np.equal(data, ord("\n"), out=is_newline[: len(data)])
    bits = np.packbits(is_newline, bitorder="little").view("<u8")
    at = np.flatnonzero(bits)
    words = bits[at]
    if not (words & (words - np.uint64(1))).any():
        within = np.frexp(words.astype(float))[1] - 1  # of a power of two: its exponent
    else:
        rows, within = np.nonzero(is_newline.reshape(-1, 64)[at])
        at = at[rows]
    found: Positions = at * 64 + within
    return found


def _cut(data: Bytes, places: Positions, offset: int, size: int) -> Bytes:
    """The `size` bytes at an offset from each place: (n, size); others where that is not within `data`."""
    windows = np.ndarray(len(data) - size + 1, f"V{size}", data, strides=(1,))
    at = np.minimum(places + offset, len(windows) - 1)
    np.maximum(at, 0, out=at)
    found: Bytes = windows[at].view(np.uint8).reshape(len(places), size)
    return found


def _alike(found: Bytes, like: Words, mask: Words) -> Mask:
    """Say of each row whether it is `like`, as far as `mask` has ones."""
    words = found.view(np.uint64)
    fits = np.ones(len(words), bool)
    for column in np.flatnonzero(mask).tolist():
        fits &= (words[:, column] ^ like[column]) & mask[column] == 0
    return fits


def _fixed(line: bytes, free: Sequence[tuple[int, int, int]], size: int) -> tuple[Words, Words]:
    """A pattern and its mask as words. Not compared are bytes beyond `line`, and of those from a first to a
    last one, in `free`, some bits.
    """
    like, mask = np.zeros((2, size), np.uint8)
    like[: len(line)], mask[: len(line)] = np.frombuffer(line, np.uint8), 255
    for first, last, bits in free:
        mask[first : last + 1] = 255 - bits
    return like.view(np.uint64), mask.view(np.uint64)


_HEAD_LIKE, _HEAD_MASK = _fixed(
    _HEAD % (b"-" * 32, 0),
    [(_DIGEST, _DIGEST + 31, 255), (_OK, _OK, 1)],  # 0 and 1 differ in their last bit
    _HEAD_BYTES,
)
_before = _TAIL_BYTES - _TAIL_SIZE
_TAIL_LIKE, _TAIL_MASK = _fixed(
    b"-" * _before + _TAIL % 0,
    [(0, _before - 1, 255), (_TAIL_BYTES + _CRC, _TAIL_BYTES + _CRC + 7, 255)],
    _TAIL_BYTES,
)
