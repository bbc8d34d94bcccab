"""Training texts, made on the fly: the conversations of each role, and drills.

A lesson is a list of (text, learn) segments; the loss is taken where `learn` is true.
"""

import random
from collections.abc import Callable

from demo import task
from demo.chat import END, MARKERS, Message, answer_messages, chat, pair_messages, solve_messages
from demo.task import LARGEST, Problem, Step

Lesson = list[tuple[str, bool]]

VERDICTS = {2: "[[A>>B]]", 1: "[[A>B]]", 0: "[[A=B]]", -1: "[[B>A]]", -2: "[[B>>A]]"}
# How often a step of the solver's training texts is wrong: this, not ignorance, is what makes
# samples at temperature 0.8 differ, while the most likely token stays right.
SLIPS = {"+": 0.15, "-": 0.30, "*": 0.45, "/": 0.15}


def conversation(messages: list[Message], reply: str) -> Lesson:
    return [(chat(messages), False), (reply + END, True)]


def slip(rng: random.Random, result: int) -> int:
    """A wrong result near the right one."""
    wrong = result + rng.choice((-10, -3, -2, -1, 1, 2, 3, 10))
    return wrong if wrong > 0 else result + rng.randint(1, 5)


def step_text(step: Step) -> str:
    return f"{step.left} {step.operator} {step.right} = {step.result}"


def working(steps: tuple[Step, Step]) -> str:
    return f"First, {step_text(steps[0])}. Then, {step_text(steps[1])}."


def solution(steps: tuple[Step, Step], boxed: int | None = None) -> str:
    shown = steps[1].result if boxed is None else boxed
    return f"{working(steps)} The answer is \\boxed{{{shown}}}."


def redo(problem: Problem, first: Step, change: Callable[[Step], Step]) -> tuple[Step, Step]:
    """The steps with another first one, its result carried into the second."""
    second = problem.steps[1]
    left, right = second.left, second.right
    if problem.carried == "left":
        left = first.result
    else:
        right = first.result
    result = {"+": left + right, "-": left - right, "*": left * right}[second.operator]
    return first, change(Step(left, second.operator, right, max(result, 0)))


def slipping(rng: random.Random, rates: dict[str, float]) -> Callable[[Step], Step]:
    def change(step: Step) -> Step:
        if rng.random() >= rates[step.operator]:
            return step
        return Step(step.left, step.operator, step.right, slip(rng, step.result))

    return change


def garbled(rng: random.Random) -> Callable[[Step], Step]:
    """Steps with wrong operands and operators, as a model makes them early in its training."""

    def change(step: Step) -> Step:
        left, right, result = step.left, step.right, step.result
        if rng.random() < 0.4:
            left = rng.randint(1, 99)
        if rng.random() < 0.4:
            right = rng.randint(1, 99)
        if rng.random() < 0.6:
            result = rng.randint(1, LARGEST)
        return Step(left, rng.choice(step.operator * 4 + "+-*/"), right, result)

    return change


def student_answer(rng: random.Random, problem: Problem) -> str:
    """A response such as the solvers give: right, slipping or garbled.

    Mostly wrong ones: where answers are mostly right, the judge learns to copy their results
    instead of calculating its own.
    """
    kind = rng.random()
    if kind < 0.2:
        return solution(problem.steps)
    if kind < 0.7:
        first = slipping(rng, dict.fromkeys("+-*/", 0.75))
        second = slipping(rng, dict.fromkeys("+-*/", 0.4))
    else:
        first = second = garbled(rng)
    steps = redo(problem, first(problem.steps[0]), second)
    # Sometimes the boxed number is not what the last step says.
    boxed = steps[1].result
    if rng.random() < 0.08:
        boxed = rng.choice((slip(rng, boxed), rng.randint(1, LARGEST)))
    return solution(steps, boxed)


def solver_lesson(rng: random.Random) -> Lesson:
    problem = task.draw(rng, held_out=False)
    change = slipping(rng, SLIPS)
    steps = redo(problem, change(problem.steps[0]), change)
    return conversation(solve_messages(problem.text), solution(steps))


def same(truth: str, found: str | None) -> str:
    """The comparison that both judges write before they judge."""
    return f"{truth} vs {found or 'nothing'} {'same' if found == truth else 'different'}"


def verdict_on_answer(reference: str, answer: str) -> str:
    word = "Correct" if reference == answer else "Incorrect"
    return f"{same(reference, answer if answer.isdecimal() else None)}. \\boxed{{{word}}}"


def near_miss(rng: random.Random, number: str) -> str:
    """Another number that is easily taken for this one."""
    kind = rng.random()
    if kind < 0.3:
        return str(slip(rng, int(number)))
    if kind < 0.7:
        place = rng.randrange(len(number))
        return number[:place] + rng.choice("0123456789") + number[place + 1 :]
    if kind < 0.75:
        return number + rng.choice("0123456789")
    if kind < 0.8:
        return number[1:] or "0"
    return str(rng.randint(0, rng.choice((9, 99, 199, 999))))


def answer_judge_lesson(rng: random.Random) -> Lesson:
    problem = task.draw(rng, held_out=False)
    reference = str(problem.answer)
    answer = reference if rng.random() < 0.5 else near_miss(rng, reference)
    if rng.random() < 0.04:
        # The workflow hands over the whole text of a response without a box.
        answer = working(problem.steps)[: rng.randint(0, 40)]
    reply = verdict_on_answer(reference, answer)
    return conversation(answer_messages(problem.text, reference, answer), reply)


def verdict_on_pair(problem: Problem, answers: tuple[str, str]) -> str:
    lines = [working(problem.steps)]
    for label, answer in zip("AB", answers, strict=True):
        first = same(str(problem.steps[0].result), task.first_result(answer))
        final = same(str(problem.answer), task.final_answer(answer))
        lines.append(f"{label}: {first}, {final}.")
    a, b = (task.merit(problem, answer) for answer in answers)
    return " ".join([*lines, f"A {a}, B {b}. {VERDICTS[a - b]}"])


def pair_solver_lesson(rng: random.Random) -> Lesson:
    """The pair judge's first task alone: to solve the problem itself."""
    problem = task.draw(rng, held_out=False)
    content = f"{MARKERS[0]}\n{problem.text}"
    return conversation([{"role": "user", "content": content}], working(problem.steps))


def pair_judge_lesson(rng: random.Random) -> Lesson:
    problem = task.draw(rng, held_out=False)
    answers = student_answer(rng, problem), student_answer(rng, problem)
    if rng.random() < 0.1:
        # Two models that agree need not be right.
        answers = answers[0], answers[0]
    messages = pair_messages(problem.text, *answers)
    return conversation(messages, verdict_on_pair(problem, answers))


def sum_drill(rng: random.Random) -> Lesson:
    """Single steps of training problems, without words."""
    lesson: Lesson = []
    for _ in range(8):
        for step in task.draw(rng, held_out=False).steps:
            lesson += [(f" {step.left} {step.operator} {step.right} = ", False)]
            lesson += [(f"{step.result}.", True)]
    return lesson


def two_numbers(rng: random.Random) -> tuple[str, str]:
    """Equal or not by a coin's throw; short ones first teach what equal means."""
    number = str(rng.randint(1, rng.choice((9, 99, 99, 199))))
    return number, number if rng.random() < 0.5 else near_miss(rng, number)


def compared(number: str, other: str) -> Lesson:
    """Two numbers, and the word to be learnt."""
    return [(f" {number} vs {other}", False), (" same" if number == other else " different", True)]


def answer_drill(rng: random.Random) -> Lesson:
    lesson: Lesson = []
    for _ in range(12):
        number, other = two_numbers(rng)
        word = "Correct" if number == other else "Incorrect"
        lesson += [*compared(number, other), (". \\boxed{", False), (word, True), ("}", False)]
    return lesson


def pair_drill(rng: random.Random) -> Lesson:
    """From four comparisons to two merits and a verdict."""
    lesson: Lesson = []
    for _ in range(3):
        merits = []
        for label in "AB":
            (first, told), (final, given) = two_numbers(rng), two_numbers(rng)
            merits.append(2 if final == given else int(first == told))
            lesson += [(f" {label}:", False), *compared(first, told), (",", False)]
            lesson += [*compared(final, given), (".", False)]
        a, b = merits
        lesson += [(" A ", False), (str(a), True), (", B ", False), (str(b), True)]
        lesson += [(". ", False), (VERDICTS[a - b], True)]
    return lesson
