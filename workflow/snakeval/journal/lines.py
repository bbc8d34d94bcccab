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
from collections.abc import Sequence
from typing import TypeAlias
from zlib import crc32

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from snakeval.types import Json

Bytes: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]
Positions: TypeAlias = NDArray[np.int64]
Rows: TypeAlias = NDArray[np.void]
Digests: TypeAlias = Sequence[str] | NDArray[np.bytes_]
"""32 lower-case hex digits each: strings, or an array of dtype S32 (a third of the memory)."""

SUFFIX = ".jsonl"
MAX_LINE = 64 << 20
ROW = np.dtype([("digest", "S16"), ("offset", "<i8"), ("length", "<i4"), ("file", "<i4")])
"""Where a row is: its digest in binary, offset and length of its line in bytes, the number of its file."""
NO_ROWS: Rows = np.empty(0, ROW)

_HEAD = b'{"digest":"%s","ok":%d,"row":'
_TAIL = b',"crc":"%08x"}\n'
_DIGEST = slice(11, 43)
_OK = 50
_CRC = slice(8, 16)
_HEAD_LIKE = np.frombuffer(_HEAD % (b"-" * 32, 1), np.uint8)
_TAIL_LIKE = np.frombuffer(_TAIL % 0, np.uint8)
_HEAD_FIXED = np.r_[0:11, 43:50, 51 : len(_HEAD_LIKE)]
_TAIL_FIXED = np.r_[0:8, 16 : len(_TAIL_LIKE)]
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
    """Return the row of one line, or raise ValueError if the line is not whole and unchanged."""
    body = line[: -len(_TAIL_LIKE)]
    if line[-len(_TAIL_LIKE) :] != _TAIL % crc32(body):
        raise ValueError("the line is torn or its checksum is wrong")
    row: Json = json.loads(body[len(_HEAD_LIKE) :])
    return row


def pack_digests(digests: Digests) -> NDArray[np.bytes_]:
    """Return digests in binary, dtype S16; ValueError if one is no digest."""
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
    nibbles = _NIBBLE[digits]
    valid = np.asarray((nibbles < 16).all(axis=1))
    return nibbles[:, 0::2] << np.uint8(4) | nibbles[:, 1::2], valid


def parse_lines(data: Bytes, newlines: Positions) -> tuple[Rows, Mask, Positions]:
    """Return the rows of `data`, which of them are ok, and where the lines start that are no rows.

    `newlines` are the positions where lines end, the last one the end of `data`; the rows' `offset`
    counts from the start of `data` and `file` is 0.
    """
    starts = np.concatenate(([0], newlines[:-1] + 1))
    lengths = newlines + 1 - starts
    fits = lengths >= len(_HEAD_LIKE) + len(_TAIL_LIKE)
    if not fits.any():
        return NO_ROWS.copy(), np.zeros(0, bool), starts
    ends = starts[fits] + lengths[fits] - len(_TAIL_LIKE)
    heads = sliding_window_view(data, len(_HEAD_LIKE))[starts[fits]]
    digests, good = _unhex(heads[:, _DIGEST])
    good &= (heads[:, _HEAD_FIXED] == _HEAD_LIKE[_HEAD_FIXED]).all(axis=1)
    good &= (heads[:, _OK] == ord("0")) | (heads[:, _OK] == ord("1"))
    good &= _checksums(data, starts[fits], ends)
    valid = fits.copy()
    valid[fits] = good
    rows = np.zeros(int(good.sum()), ROW)
    rows["digest"] = digests[good].view("S16")[:, 0]
    rows["offset"], rows["length"] = starts[valid], lengths[valid]
    return rows, heads[good, _OK] == ord("1"), starts[~valid]


def _checksums(data: Bytes, starts: Positions, ends: Positions) -> Mask:
    """Say for each line, whose last field begins at `ends`, whether its checksum is that of its bytes."""
    view = data.data
    slices = map(slice, starts.tolist(), ends.tolist())
    actual = np.fromiter(map(crc32, map(view.__getitem__, slices)), np.uint32, len(starts))
    tails = sliding_window_view(data, len(_TAIL_LIKE))[ends]
    stated, hexadecimal = _unhex(tails[:, _CRC])
    fixed = (tails[:, _TAIL_FIXED] == _TAIL_LIKE[_TAIL_FIXED]).all(axis=1)
    good: Mask = fixed & hexadecimal & (stated.view(">u4")[:, 0] == actual)
    return good
