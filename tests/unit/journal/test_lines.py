"""The form of a line: what goes in comes out, and nothing that is not a whole row passes for one."""

from __future__ import annotations

import json
from zlib import crc32

import numpy as np
import pytest

from snakeval.journal.checksums import crc32_of_many
from snakeval.journal.lines import (
    Digests,
    decode_line,
    digest_text,
    encode_line,
    pack_digests,
    parse_lines,
)
from snakeval.types import Json

DIGEST = "0123456789abcdef" * 2


def parse(data: bytes) -> tuple[list[tuple[str, int, int, bool]], list[int]]:
    """Return (digest, offset, length, ok) of each row and the starts of damaged lines."""
    rows, damaged = parse_lines(np.frombuffer(data, np.uint8))
    found = [(digest_text(row[0]), row[1], abs(row[2]), row[2] > 0) for row in rows.tolist()]
    return found, damaged.tolist()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "two\nlines\r\nand \u2028 \u2029 \x85 separators",
        "NUL \0 bell \a escape \x1b delete \x7f",
        'quotes " and \\ back\\slashes \\n and ,"crc":"00000000"}',
        "答えは 42、🐍 e\u0301",
        "lone \ud83d surrogate \udc80 and 🐍",
        "x" * 200_000,
    ],
)
def test_text_survives(text: str) -> None:
    row: Json = {"text": text, text: [1, 2.5, None, True], "messages": [{"role": "user", "content": text}]}
    line = encode_line(row, DIGEST, True)
    assert line.count(b"\n") == 1
    assert line.endswith(b"}\n")
    assert decode_line(line) == row
    assert json.loads(line)["digest"] == DIGEST
    assert parse(line) == ([(DIGEST, 0, len(line), True)], [])


def test_floats_come_back_exactly() -> None:
    row: Json = {"a": 0.1 + 0.2, "b": 1e-320, "c": float("inf"), "d": -0.0, "e": 2**70}
    back = decode_line(encode_line(row, DIGEST, True))
    assert {key: repr(value) for key, value in back.items()} == {k: repr(v) for k, v in row.items()}


def test_rows_of_a_block_are_told_apart() -> None:
    lines = [encode_line({"n": n, "text": "t" * (n % 7)}, f"{n:032x}", ok=n % 3 > 0) for n in range(50)]
    starts = np.cumsum([0, *map(len, lines)]).tolist()
    rows, damaged = parse(b"".join(lines))
    assert rows == [(f"{n:032x}", starts[n], len(lines[n]), n % 3 > 0) for n in range(50)]
    assert damaged == []


@pytest.mark.parametrize(
    "digest", ["", "0" * 31, "0" * 33, "G" * 32, "A" * 32, " " + "0" * 31, "0" * 31 + "\n"]
)
def test_what_is_no_digest_is_refused(digest: str) -> None:
    with pytest.raises(ValueError, match="32 lower-case hex digits"):
        encode_line({}, digest, True)
    with pytest.raises(ValueError, match="32 lower-case hex digits"):
        pack_digests([DIGEST, digest])


@pytest.mark.parametrize(
    ("digests", "count"),
    [
        ([], 0),
        ([DIGEST], 1),
        ((DIGEST, "0" * 32), 2),
        (np.array([DIGEST] * 3, "S32"), 3),
        (np.array([DIGEST, "f" * 32] * 2, "S32")[::2], 2),
        (np.array([], "S32"), 0),
    ],
)
def test_digests_are_packed(digests: Digests, count: int) -> None:
    packed = pack_digests(digests)
    expected = [item if isinstance(item, str) else item.decode() for item in digests]
    assert len(packed) == count
    assert [digest_text(item) for item in packed] == expected


def test_an_array_of_other_width_is_refused() -> None:
    with pytest.raises(ValueError, match="dtype S32"):
        pack_digests(np.array(["0" * 31], "S31"))


def test_every_bit_counts() -> None:
    """One flipped bit anywhere in a line makes it damage, to the scan and to the reader."""
    before, line, after = (encode_line({"text": "2 + 2 = 4", "n": n}, f"{n:032x}", True) for n in range(3))
    for position in range(len(line) - 1):
        for bit in range(8):
            flipped = bytearray(line)
            flipped[position] ^= 1 << bit
            rows, damaged = parse(before + bytes(flipped) + after)
            assert [row[0] for row in rows] == [f"{0:032x}", f"{2:032x}"], (position, bit)
            assert damaged[0] == len(before)
            with pytest.raises(ValueError, match="torn"):
                decode_line(bytes(flipped))


def test_a_torn_line_joined_to_a_whole_one_is_damage_at_every_position() -> None:
    """As when a machine loses power and the file goes on: the joined line must not count as its first row."""
    first, second, third = (encode_line({"n": n}, f"{n:032x}", True) for n in range(3))
    for cut in range(1, len(first)):
        rows, damaged = parse(first[:cut] + second + third)
        assert [row[0] for row in rows] == [f"{2:032x}"], cut
        assert damaged == [0]


@pytest.mark.parametrize(
    "garbage", [b"", b"\0" * 4096, b"{}", b"null", b"\xff" * 100, b'{"digest":"' + b"0" * 200]
)
def test_garbage_between_rows(garbage: bytes) -> None:
    line = encode_line({"n": 1}, DIGEST, False)
    rows, damaged = parse(line + garbage + b"\n" + line)
    assert [(row[1], row[3]) for row in rows] == [(0, False), (len(line) + len(garbage) + 1, False)]
    assert damaged == [len(line)]


@pytest.mark.parametrize(
    ("part", "other"),
    [(b'"digest"', b'"Digest"'), (b'"ok":1', b'"ok":2'), (b'"row"', b'"wor"'), (b"abcdef0", b"ABCDEF0")],
)
def test_another_form_with_a_right_checksum_is_no_row(part: bytes, other: bytes) -> None:
    line = encode_line({"n": 1}, DIGEST, True)
    body = line[: line.rindex(b',"crc"')].replace(part, other)
    assert parse(body + b',"crc":"%08x"}\n' % crc32(body)) == ([], [0])


@pytest.mark.parametrize("size", [0, 1, 7, 15, 16, 63, 64, 65, 255, 256, 1023, 1024, 65_536, 100_003])
def test_the_faster_checksum_is_that_of_zlib(size: int) -> None:
    data = np.random.default_rng(size).integers(0, 256, size + 1, np.uint8)
    for view in (data.data[:size], data.data[1:]):
        assert crc32_of_many(view) == crc32(view)
