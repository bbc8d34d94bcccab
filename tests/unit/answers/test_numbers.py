"""Numbers by the table of snakeval.answers.numbers: each row of it both ways."""

from __future__ import annotations

from fractions import Fraction

import pytest

from snakeval.answers.numbers import minerva, read_number, same_number

# (text, value; None where it is no number by itself)
WRITTEN: list[tuple[str, str | None]] = [
    ("42", "42"),
    ("-1,234.50", "-1234.5"),
    (r"5\,000", "5000"),
    ("1{,}000", "1000"),
    ("0,111", "0.111"),
    ("120, 240", None),
    ("1,22", None),
    (".5", "0.5"),
    ("5.", "5"),
    (r"\frac12", "1/2"),
    (r"-\dfrac{3}{4}", "-3/4"),
    (r"1\frac{1}{2}", "3/2"),
    (r"-1\frac{1}{2}", "-3/2"),
    ("3/4", "3/4"),
    ("1/0", None),
    (r"0.\overline{3}", "1/3"),
    (r"0.1\overline{6}", "1/6"),
    (r"8.224 \times 10^{-19}", "8.224e-19"),
    (r"10^{-3}", "1/1000"),
    ("1.70e4", "17000"),
    ("(5)", "5"),
    ("x", None),
    ("", None),
    ("1e999999", None),
    ("10^{10^9}", None),
    ("9" * 5000, None),
]
# (golden answer, answer, whether it is the same, why)
SAME = [
    ("0.5", "1/2", True, "equal values"),
    ("1.50", "1.5", True, "equal values"),
    (r"6.022\times10^{23}", "6.022e23", True, "equal values"),
    ("0.4", "0.4000004", False, "both are exact"),
    ("0.4000004", "0.4", False, "both are exact"),
    (r"8.224\times10^{-19}", r"3.1\times10^{-19}", False, "small is not nothing"),
    ("123456789", "123456788", False, "integers are exact"),
    ("1234567", "1.23457e6", False, "integers are exact"),
    ("0", "1e-20", False, "nothing is nothing"),
    ("0.5", "-0.5", False, "signs count"),
    ("803", "803.0000000000001", True, "a double's representation"),
    ("21.6", "21.599999999999998", True, "a double's representation"),
    ("0.3", "0.30000000000000004", True, "a double's representation"),
    ("2/3", "0.6666666666666666", True, "a double's representation"),
    ("100000000000000001", "100000000000000002", False, "an integer is no double"),
    ("803", "803.0001", False, "too few digits for a double"),
    ("1/3", "0.333333", True, "six digits, rightly rounded"),
    ("1/3", "0.33333", False, "five digits"),
    ("2/3", "0.666666", False, "wrongly rounded"),
    ("2/3", "0.666667", True, "six digits, rightly rounded"),
    ("1/1024", "0.000976563", True, "six digits, rightly rounded"),
    ("16.67", "50/3", True, "the golden answer is its rounding"),
    ("16.7", "50/3", False, "three digits are not enough"),
    ("1.414214", "1.41421356", True, "the golden answer is its rounding"),
    ("12.5", "12.46", False, "three digits are not enough"),
    (r"6.022\times10^{23}", r"6.02214\times10^{23}", True, "a measured value"),
    (r"6.022\times10^{23}", r"6.023\times10^{23}", False, "another measured value"),
    (r"4.5\times10^{33}", r"4.46\times10^{33}", False, "two digits are not enough"),
]


@pytest.mark.parametrize(("text", "value"), WRITTEN)
def test_numbers_as_they_are_written(text: str, value: str | None) -> None:
    number = read_number(text)
    assert (number and number.value) == (None if value is None else Fraction(value))


@pytest.mark.parametrize(("gold", "answer", "same", "why"), SAME)
def test_the_table(gold: str, answer: str, same: bool, why: str) -> None:
    one, other = read_number(gold), read_number(answer)
    assert one is not None
    assert other is not None
    assert same_number(one, other) is same, why


@pytest.mark.parametrize(
    ("gold", "answer", "same"),
    [("9.6", "9.60001", True), ("9.6", "9.601", False), ("0.022", "0.0220001", True), ("1e-9", "1e-9", True)],
)
def test_minerva(gold: str, answer: str, same: bool) -> None:
    one, other = read_number(gold), read_number(answer)
    assert one is not None
    assert other is not None
    assert minerva(one, other) is same
