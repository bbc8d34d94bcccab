"""Every finder ends on every text: up to a hundred thousand characters of what its patterns look for.

With a pattern whose steps grow with the square of the length, one of these texts takes far longer than all
others together.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from snakeval.answers.choices import choice
from snakeval.answers.extract import extract, strict
from snakeval.answers.programs import python_function, whole_program

FINDERS: dict[str, Callable[[str], object]] = {
    "extract": extract,
    "strict": lambda text: strict(text, ["boxed", "hashes", "answer_is"]),
    "choice": choice,
    "python_function": lambda text: python_function(text, "total", "def total(a):\n"),
    "whole_program": lambda text: whole_program(text, ["cpp", "python"]),
}
EXPRESSIONS = [
    *(
        r"\boxed{",
        r"\boxed{1}",
        r"\boxed{1}, ",
        r"\boxed ",
        r"\boxed{\boxed{5}}",
        "-\\boxed{1} ",
        "{",
        "}",
        "\\",
    ),
    *(
        "answer is ",
        "answer is A",
        "answer:\n",
        "answer: $",
        "A: \n",
        "the ",
        "final ",
        r"\text{",
        "$",
        "$$",
        "\\(",
    ),
    *(
        "#### ",
        "####",
        "####\n",
        "#### \u00a0",
        "#",
        "<answer>",
        "</answer>",
        '"answer": ',
        '{"answer": ["',
        '"',
    ),
    *(
        "*",
        "_",
        "`",
        "-",
        " ",
        "\t",
        "\n",
        "\r\n",
        "\u00a0",
        "(A) ",
        "A) ",
        "A or ",
        "option (A) ",
        "1.",
        "1,",
    ),
]
PROGRAMS = [
    *(
        "```",
        "```\n",
        "```a",
        "``` `\n",
        "```python\n",
        '```python\n"""\n```\n',
        '"""',
        '"""\n',
        "'''\n",
        "'",
        '"',
    ),
    *(
        "> ",
        "- ",
        "1. ",
        "- ```\n",
        "~~~\n",
        "[DONE]",
        "[DONE]\n",
        "x [DONE]\n",
        "[BEGIN]\n",
        "\\",
        "\n",
        " \n",
    ),
    *(
        "def total(a):\n",
        "def total(a):\n    return 1\n```\n",
        "@x\n",
        "if x:\n    ",
        "total = ",
        "total: ",
        "a.b.",
    ),
    *(
        "#include",
        "#include <a>\n",
        "main(",
        "main()",
        "int main() {\n",
        "(",
        "[",
        "a=1\n",
        "print(input())\n",
    ),
]


@pytest.mark.parametrize("piece", EXPRESSIONS)
@pytest.mark.parametrize("finder", ["extract", "strict", "choice"])
def test_any_text_with_an_expression(finder: str, piece: str) -> None:
    FINDERS[finder](r"\boxed{5} answer is " + piece * (100_000 // len(piece)) + "x")


@pytest.mark.parametrize("piece", PROGRAMS)
@pytest.mark.parametrize("finder", ["python_function", "whole_program"])
def test_any_text_with_a_program(finder: str, piece: str) -> None:
    for head in ("", "```python\n"):
        FINDERS[finder](head + piece * (20_000 // len(piece)) + "x")
