"""Which program an answer holds: tables of (answer, program), each named after what it tries."""

from __future__ import annotations

import pytest

from snakeval.answers.programs import (
    CPP,
    PYTHON,
    Found,
    Language,
    fenced,
    python_function,
    whole_program,
)

PROMPT = 'from typing import List\n\n\ndef total(a: List[int]) -> int:\n    """Sum."""\n'
HEAD = "from typing import List\n\n\n"
F = "def total(a):\n    return sum(a)\n"
WRONG = "def total(a):\n    return 0\n"

CASES: dict[str, tuple[str, str | None, Found | None]] = {
    "one block": (f"Here:\n```python\n{F}```\nDone.", HEAD + F, "block"),
    "the last block that defines it": (
        f"```python\n{WRONG}```\nBetter:\n```python\n{F}```",
        HEAD + F,
        "block",
    ),
    "an example of use follows": (
        f"```python\n{F}```\nUse:\n```python\nprint(total([1]))\n```",
        HEAD + F,
        "block",
    ),
    "output in another language": (f"```python\n{F}```\n```text\n6\n```", HEAD + F, "block"),
    "no language": (f"```\n{F}```", HEAD + F, "block"),
    "py": (f"```py\n{F}```", HEAD + F, "block"),
    "tildes": (f"~~~python\n{F}~~~", HEAD + F, "block"),
    "an open fence": (f"```python\n{F}", HEAD + F, "block"),
    "a fence that closes what the prompt opened": (f"{F}```\nThis sums.", HEAD + F, "definition"),
    "a trailing fence after the body": (
        "    return sum(a)\n```\n",
        PROMPT + "    return sum(a)\n",
        "completion",
    ),
    "a later block that is cut off": (f"```python\n{F}```\n```python\ndef total(a:\n", HEAD + F, "block"),
    "done": (f"[BEGIN]\n{F}[DONE]\ntext after", HEAD + "\n" + F, "definition"),
    "done without begin": (f"{F}[DONE]\n\nNext: write ...", HEAD + F, "definition"),
    "body alone": ("    return sum(a)\n", PROMPT + "    return sum(a)\n", "completion"),
    "body with other statements": (
        "    return sum(a)\n\n\nprint(total([1]))\n",
        PROMPT + "    return sum(a)\n\n\nprint(total([1]))\n",
        "completion",
    ),
    "body without its first spaces": ("return sum(a)", PROMPT + "    return sum(a)", "completion"),
    "body in a block": ("```python\nreturn sum(a)\n```", PROMPT + "    return sum(a)\n", "completion"),
    "definition without fence": (f"{F}", HEAD + F, "definition"),
    "definition in prose": (f"Sure!\n\n{F}\nThis sums the list.", HEAD + F + "\n", "definition"),
    "imports before the definition": (
        f"I use math.\nimport math\n{F}",
        f"{HEAD}import math\n{F}",
        "definition",
    ),
    "a class": ("```python\nclass total:\n    pass\n```", HEAD + "class total:\n    pass\n", "block"),
    "a lambda": ("```python\ntotal = lambda a: sum(a)\n```", HEAD + "total = lambda a: sum(a)\n", "block"),
    "prose": ("I can't help with that.", None, None),
    "a syntax error in the body": ("    return (a\n", PROMPT + "    return (a\n", "completion"),
    "windows line ends": (f"```python\r\n{F}```", HEAD + F, "block"),
}


@pytest.mark.parametrize("name", CASES)
def test_python_function(name: str) -> None:
    text, source, found = CASES[name]
    program = python_function(text, "total", PROMPT)
    if source is None:
        assert program is None
    else:
        assert program is not None
        assert (program.source.replace("\r", "").strip("\n"), program.found) == (source.strip("\n"), found)


def test_without_a_prompt_there_is_nothing_to_complete() -> None:
    assert python_function("    return 1\n", "total") is None
    other = python_function("```python\ndef sum_all(a):\n    return sum(a)\n```", "total")
    assert other is not None
    assert other.source.startswith("def sum_all")


def test_an_async_function_and_a_name_that_is_only_a_part() -> None:
    assert python_function("async def total(a):\n    return 1\n", "total") is not None
    text = f"```python\n{F}```\n```python\ndef total_of_all(a):\n    return 0\n```"
    program = python_function(text, "total")
    assert program is not None
    assert program.source == F


def test_blocks_by_language() -> None:
    text = "```cpp\nint main() {}\n```\n```python\nprint(1)\n```\n```C++\nint main() { return 0; }\n```\n"
    assert fenced(text, CPP) == ["int main() {}\n", "int main() { return 0; }\n"]
    assert fenced(text, PYTHON) == ["print(1)\n"]


MAIN = '#include <cstdio>\nint main() { puts("1"); }\n'
WHOLE: dict[str, tuple[str, list[Language], tuple[str, str] | None]] = {
    "the last": (f"```cpp\nint main() {{}}\n```\n```cpp\n{MAIN}```", ["cpp"], (MAIN, "cpp")),
    "a snippet follows": (f"```cpp\n{MAIN}```\nwhere\n```cpp\nputs();\n```", ["cpp"], (MAIN, "cpp")),
    "no language": (f"```\n{MAIN}```", ["cpp", "python"], (MAIN, "cpp")),
    "no fence": (f"Program:\n{MAIN}", ["cpp"], (MAIN, "cpp")),
    "python": ("```python\nprint(1)\n```", ["cpp", "python"], ("print(1)\n", "python")),
    "the later of two": (
        f"```cpp\n{MAIN}```\n```py\nprint(1)\n```",
        ["cpp", "python"],
        ("print(1)\n", "python"),
    ),
    "only the language asked for": (f"```cpp\n{MAIN}```\n```py\nprint(1)\n```", ["cpp"], (MAIN, "cpp")),
    "prose": ("It is 1.", ["cpp", "python"], None),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_program(name: str) -> None:
    text, languages, expected = WHOLE[name]
    program = whole_program(text, languages)
    assert (program and (program.source, program.language)) == expected


def test_a_long_answer_takes_no_time() -> None:
    text = "x\n" * 20_000 + "def total(a):\n    return (\n"
    assert python_function(text, "total", PROMPT) is not None
