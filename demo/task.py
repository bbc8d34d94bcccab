"""Two-step word problems: how they are drawn, worded, solved and split."""

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "June", "Kai", "Lena")
ITEMS = ("apples", "beads", "books", "cards", "coins", "eggs", "nuts", "pens", "shells", "stamps")
LARGEST = 199


@dataclass(frozen=True)
class Template:
    """A wording, the ranges of its operands, and its two steps.

    A step is (left, operator, right); "r" stands for the result of the first step.
    """

    text: str
    ranges: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    first: tuple[str, str, str]
    second: tuple[str, str, str]


TEMPLATES = (
    Template(
        "{n} has {a} {item}. {n} buys {b} bags with {c} {item} in each. How many {item} does {n} have now?",
        ((10, 99), (2, 9), (2, 9)),
        ("b", "*", "c"),
        ("a", "+", "r"),
    ),
    Template(
        "{n} fills {a} boxes with {b} {item} each and then gives away {c} {item}. How many {item} are left?",
        ((2, 9), (2, 9), (2, 40)),
        ("a", "*", "b"),
        ("r", "-", "c"),
    ),
    Template(
        "{n} had {a} {item}, found {b} more and then lost {c}. How many {item} does {n} have now?",
        ((10, 99), (10, 99), (2, 60)),
        ("a", "+", "b"),
        ("r", "-", "c"),
    ),
    Template(
        "There were {a} {item} on a table. {n} took {b} and {m} took {c}. How many {item} were left?",
        ((20, 99), (2, 60), (2, 60)),
        ("a", "-", "b"),
        ("r", "-", "c"),
    ),
    Template(
        "Every day {n} sorts {a} {item} in the morning and {b} in the evening. "
        "How many {item} does {n} sort in {c} days?",
        ((2, 6), (2, 6), (2, 9)),
        ("a", "+", "b"),
        ("r", "*", "c"),
    ),
    Template(
        "{n} shares {a} {item} equally among {b} friends, who had {c} {item} each before. "
        "How many {item} does each friend have now?",
        ((4, 81), (2, 9), (2, 60)),
        ("a", "/", "b"),
        ("r", "+", "c"),
    ),
    Template(
        "{n} had {a} {item} and sold {b}. {m} has {c} times as many {item} as {n} has left. "
        "How many {item} does {m} have?",
        ((10, 60), (2, 58), (2, 9)),
        ("a", "-", "b"),
        ("r", "*", "c"),
    ),
    Template(
        "A shop had {a} {item}. It sold {b} {item} to {n} and bought {c} {item} from {m}. "
        "How many {item} does it have now?",
        ((20, 99), (2, 90), (10, 99)),
        ("a", "-", "b"),
        ("r", "+", "c"),
    ),
)


@dataclass(frozen=True)
class Step:
    left: int
    operator: str
    right: int
    result: int


@dataclass(frozen=True)
class Problem:
    text: str
    operands: tuple[int, int, int]
    steps: tuple[Step, Step]
    category: str
    carried: str

    @property
    def answer(self) -> int:
        return self.steps[1].result


def calculate(left: int, operator: str, right: int) -> int | None:
    """The result, or None where it is not a whole number from 1 to LARGEST."""
    if operator == "/":
        result, rest = divmod(left, right)
        if rest or not 2 <= result <= 9:
            return None
    else:
        result = {"+": left + right, "-": left - right, "*": left * right}[operator]
    if operator == "*" and max(left, right) > 12:
        return None
    return result if 1 <= result <= LARGEST else None


def is_held_out(operands: tuple[int, int, int]) -> bool:
    """One operand triple in ten, whatever the wording, is kept from training."""
    digest = hashlib.sha256(",".join(map(str, operands)).encode()).digest()
    return digest[0] * 256 + digest[1] < 6554


def solve(template: Template, operands: tuple[int, int, int]) -> tuple[Step, Step] | None:
    values = dict(zip("abc", operands, strict=True))
    steps = []
    for left, operator, right in (template.first, template.second):
        result = calculate(values[left], operator, values[right])
        if result is None:
            return None
        steps.append(Step(values[left], operator, values[right], result))
        values["r"] = result
    return steps[0], steps[1]


def draw(rng: random.Random, *, held_out: bool) -> Problem:
    """One problem of the training split or of the held-out split."""
    template = rng.choice(TEMPLATES)
    while True:
        a, b, c = (rng.randint(low, high) for low, high in template.ranges)
        steps = solve(template, (a, b, c))
        if steps is not None and is_held_out((a, b, c)) == held_out:
            break
    n, m = rng.sample(NAMES, 2)
    text = template.text.format(n=n, m=m, item=rng.choice(ITEMS), a=a, b=b, c=c)
    times = {template.first[1], template.second[1]} & {"*", "/"}
    category = "multiplying" if times else "adding"
    carried = "left" if template.second[0] == "r" else "right"
    return Problem(text, (a, b, c), steps, category, carried)


def held_out_problems(seed: int) -> Iterator[Problem]:
    """Distinct held-out problems without end, the same for the same seed."""
    rng, seen = random.Random(seed), set()
    while True:
        problem = draw(rng, held_out=True)
        if problem.operands not in seen:
            seen.add(problem.operands)
            yield problem


def final_answer(response: str) -> str | None:
    """What the last \\boxed{} holds."""
    boxes = re.findall(r"\\boxed\{([^{}]*)\}", response)
    return boxes[-1] if boxes else None


def first_result(response: str) -> str | None:
    """What stands after the first equals sign."""
    match = re.search(r"= (\d+)", response)
    return match.group(1) if match else None


def merit(problem: Problem, response: str) -> int:
    """2 for the right answer, 1 for a right first step with a wrong answer, else 0."""
    if final_answer(response) == str(problem.answer):
        return 2
    return int(first_result(response) == str(problem.steps[0].result))
