#!/usr/bin/env bash
# math-verify 0.9.0 (latex2sympy2_extended 1.11.0, sympy 1.14.0), CPython 3.11.
#
# A good guess: verify() compares two numbers relative to their size, or exactly where they are written exactly.
# Seen: decimals are rounded to six places after the point, so that any two below 5e-7 are equal, whatever their
# ratio: an electron's charge in coulombs is its mass in kilograms. Of fractions, 1/2^99 and 1/2^98 are equal,
# 1/2^99 and 1/2^30 are not. A wrong answer in physics is "correct". Numbers of ordinary size are told apart,
# which is why nobody notices.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    'math-verify[antlr4-13-2]==0.9.0' latex2sympy2_extended==1.11.0 sympy==1.14.0
cat >"$folder/seen.py" <<'PYTHON'
from math_verify import parse, verify

PAIRS = [
    (r"$1.6\times10^{-19}$", r"$9.1\times10^{-31}$", True),
    (r"$3.1\times10^{-19}$", r"$8.224\times10^{-19}$", True),
    (r"$\frac{1}{2^{99}}$", r"$\frac{1}{2^{98}}$", True),
    (r"$\frac{1}{2^{99}}$", r"$\frac{1}{2^{30}}$", False),
    (r"$0.4$", r"$0.4000004$", True),
    (r"$1.6$", r"$1.7$", False),
    (r"$1.6\times10^{19}$", r"$1.7\times10^{19}$", False),
]
seen = [(gold, answer, verify(parse(gold), parse(answer))) for gold, answer, _ in PAIRS]
for gold, answer, equal in seen:
    print(f"{gold:28} {answer:28} {'equal' if equal else 'different'}")
assert seen == PAIRS, "the behaviour has changed"
PYTHON
"$folder/venv/bin/python" "$folder/seen.py"
