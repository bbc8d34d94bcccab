"""EvalPlus' comparison of an output with the reference solution's, in our own words.

Source: evalplus/evalplus, evalplus/eval/__init__.py and evalplus/data/mbpp.py (Apache-2.0). It compares
exactly; where floats are expected within 1e-6; and by rules of their own for the few problems below.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

FLOAT_TOLERANCE = 1e-6
RELATIVE_TOLERANCE = 1e-7  # numpy's, for assert_allclose

AS_SETS = {
    *("similar_elements", "find_char_long", "common_in_nested_lists", "extract_singly", "larg_nnum"),
    *("intersection_array", "find_dissimilar", "Diff"),
}
AS_FOUND_OR_NOT = {"check_str", "text_match_three", "text_starta_endb"}  # a match object means yes


def same(entry_point: str, inputs: list[Any], output: Any, expected: Any, tolerance: float) -> bool:
    """Whether an output passes for what the reference solution gives on the same inputs."""
    if entry_point == "find_zero":  # any root will do
        return bool(abs(sum(c * math.pow(output, i) for i, c in enumerate(inputs[0]))) <= tolerance)
    if entry_point in AS_SETS:
        return set(output) == set(expected)
    if entry_point in AS_FOUND_OR_NOT:
        return bool(expected == (output if isinstance(output, bool) else output is not None))
    if bool(output == expected):
        return True
    if entry_point == "are_equivalent":
        return True
    if entry_point == "sum_div":
        return bool(output == 0)
    if entry_point == "surface_Area" and abs(output - expected) <= tolerance:
        return True
    tolerance = tolerance or (FLOAT_TOLERANCE if _are_floats(expected) else 0)
    return tolerance != 0 and type(output) is type(expected) and _close(output, expected, tolerance)


def _are_floats(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return bool(value) and all(isinstance(item, float) for item in value)
    return isinstance(value, float)


def _close(output: Any, expected: Any, tolerance: float) -> bool:
    """As numpy.allclose: nested sequences of one shape, nan equal to nan."""
    if isinstance(expected, list | tuple):
        return (
            isinstance(output, list | tuple)
            and len(output) == len(expected)
            and all(_close(a, b, tolerance) for a, b in zip(output, expected, strict=True))
        )
    if isinstance(expected, int | float | complex) and isinstance(output, int | float | complex):
        if output == expected or (output != output and expected != expected):
            return True
        return bool(abs(output - expected) <= tolerance + RELATIVE_TOLERANCE * abs(expected))
    return bool(output == expected)


def _tuples(value: Any) -> Any:
    """All lists as tuples, at any depth."""
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value


def _rows(value: Any) -> Any:
    return [tuple(row) for row in value]


Arguments = list[Any]
_EACH: Callable[[Arguments], Arguments] = lambda args: [tuple(a) for a in args]  # noqa: E731
_EACH_ROW: Callable[[Arguments], Arguments] = lambda args: [_rows(a) for a in args]  # noqa: E731
_FORMS: tuple[tuple[tuple[int, ...], Callable[[Arguments], Arguments]], ...] = (
    (
        (
            *(2, 116, 132, 143, 222, 261, 273, 394, 399, 421, 424, 429, 470, 560, 579, 596, 616, 630),
            *(726, 740, 744, 809),
        ),
        _EACH,
    ),
    ((63, 64, 70, 94, 120, 237, 272, 299, 400, 409, 417, 438, 473, 614, 780), _EACH_ROW),
    ((75, 413, 444, 753), lambda args: [_rows(args[0]), args[1]]),
    ((106, 750), lambda args: [args[0], tuple(args[1])]),
    ((115,), lambda args: [[set(i) if isinstance(i, list) and i else {} for i in args[0]]]),
    ((124,), lambda args: [float(args[0]), complex(args[1])]),
    ((250, 405, 446, 617, 720, 763, 808), lambda args: [tuple(args[0]), args[1]]),
    ((259, 401, 445), lambda args: [tuple(_rows(a)) for a in args]),
    ((278,), lambda args: [tuple(tuple(i) if isinstance(i, list) else i for i in args[0])]),
    ((307,), lambda args: [tuple(args[0]), args[1], args[2]]),
    ((722,), lambda args: [{key: tuple(value) for key, value in args[0].items()}, *args[1:]]),
    ((252,), lambda args: [complex(args[0])]),
    ((580, 615, 791), lambda args: list(_tuples(args))),
)


def arguments(task_id: str, inputs: list[Arguments]) -> list[Arguments]:
    """MBPP+'s inputs as its functions take them: JSON has lists where the problems have tuples and sets."""
    name, _, number = task_id.rpartition("/")
    form = next((form for tasks, form in _FORMS if name == "Mbpp" and int(number) in tasks), None)
    return inputs if form is None else [form(list(args)) for args in inputs]
