"""Which program an answer holds: tables of (answer, program), each named after what it tries."""

from __future__ import annotations

import pytest

from snakeval.answers import programs
from snakeval.answers.programs import (
    CPP,
    PYTHON,
    Found,
    fenced,
    python_function,
)
from snakeval.answers.python_source import fault

PROMPT = 'from typing import List\n\n\ndef total(a: List[int]) -> int:\n    """Sum."""\n'
HEAD = "from typing import List\n\n\n"
F = "def total(a):\n    return sum(a)\n"
WRONG = "def total(a):\n    return 0\n"
USING = "def total(a):\n    return math.fsum(a)\n"
HELPER = "import math\nUNIT = 1\ndef each(x):\n    return math.floor(x) * UNIT\n"
HELPED = "def total(a):\n    return sum(map(each, a))\n"
DOCUMENTED = 'def total(a):\n    """Sum:\n    ```\n    total([1])\n    ```\n    """\n    return sum(a)\n'

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
    # a block must be a program to win
    "a sample output follows": (f"```python\n{F}```\nSample output:\n```\n6\n```", HEAD + F, "block"),
    "a formula follows": (f"```python\n{F}```\nIt takes\n```\nO(n)\n```", HEAD + F, "block"),
    "a sample output, and the body": (
        "```python\nreturn sum(a)\n```\nOutput:\n```\n6\n```",
        PROMPT + "    return sum(a)\n",
        "completion",
    ),
    "a sample output, the definition without a fence": (
        f"{F}\nOutput:\n```\n6\n```\n",
        HEAD + F,
        "definition",
    ),
    "a stub follows": (
        f"```python\n{F}```\nIts signature:\n```python\ndef total(a): ...\n```",
        HEAD + F,
        "block",
    ),
    "a stub alone": ("```python\ndef total(a): ...\n```", HEAD + "def total(a): ...\n", "block"),
    "a comparison is no definition": (
        f"```python\n{F}```\n```python\ntotal == 3\n```",
        HEAD + F,
        "block",
    ),
    "an output alone": ("Output:\n```\n6\n```\n", None, None),
    "an example alone": ("```python\nprint(total([1]))\n```\n", None, None),
    # lists, quotes
    "in a list": (
        "1. So:\n\n   ```python\n   def total(a):\n       return sum(a)\n   ```\n",
        HEAD + F,
        "block",
    ),
    "first in a list": ("- ```python\n  def total(a):\n      return sum(a)\n  ```\n", HEAD + F, "block"),
    "in a quote": ("> ```python\n> def total(a):\n>     return sum(a)\n> ```\n", HEAD + F, "block"),
    "in a quote in a quote": (
        "> > ```python\n> > def total(a):\n> >     return sum(a)\n> > ```\n",
        HEAD + F,
        "block",
    ),
    "a margin within the fences": (
        "```python\n    def total(a):\n        return sum(a)\n```\n",
        HEAD + F,
        "block",
    ),
    "tabs": ("```python\n\tdef total(a):\n\t\treturn sum(a)\n```\n", HEAD + F.replace("    ", "\t"), "block"),
    # [DONE]
    "done in a text of the program": (
        '```python\ndef total(a):\n    print("[DONE]")\n    return sum(a)\n```',
        HEAD + 'def total(a):\n    print("[DONE]")\n    return sum(a)\n',
        "block",
    ),
    "done is a list of the program": (
        "DONE = 1\ndef total(a):\n    states = [DONE]\n    return sum(a)\n",
        HEAD + "DONE = 1\ndef total(a):\n    states = [DONE]\n    return sum(a)\n",
        "definition",
    ),
    "done in prose": (f"I end it with [DONE]\n\n```python\n{F}```", HEAD + F, "block"),
    "done in prose, no fence": (f"I end it with [DONE] then.\n\n{F}", HEAD + F, "definition"),
    "done in a docstring": (
        'def total(a):\n    """\n    [DONE]\n    """\n    return sum(a)\n',
        HEAD + 'def total(a):\n    """\n    [DONE]\n    """\n    return sum(a)\n',
        "definition",
    ),
    "done at the end of a line": (
        "def total(a): return sum(a) [DONE]\nMore",
        HEAD + "def total(a): return sum(a) ",
        "definition",
    ),
    "done in a comment": (
        "def total(a):\n    # [DONE]\n    return sum(a)\n",
        HEAD + "def total(a):\n    # [DONE]\n    return sum(a)\n",
        "definition",
    ),
    "done on a line of a list": (
        "DONE = 1\ndef total(a):\n    states = [\n        [DONE]\n    ]\n    return sum(a)\n[DONE]\nMore",
        HEAD + "DONE = 1\ndef total(a):\n    states = [\n        [DONE]\n    ]\n    return sum(a)\n",
        "definition",
    ),
    "python3.12": (f"```Python3.12\n{F}```", HEAD + F, "block"),
    "a file's name": (f"```python:total.py\n{F}```", HEAD + F, "block"),
    "attributes": (f"```{{.python}}\n{F}```", HEAD + F, "block"),
    "a dialogue": (f"```python\n{F}```\n```pycon\n>>> total = 3\n```", HEAD + F, "block"),
    "begin and done around a fence": (
        f"[BEGIN]\n```python\n{F}```\n[DONE]\n```python\n{WRONG}```",
        HEAD + F,
        "block",
    ),
    "begin and done within a fence": (f"```python\n[BEGIN]\n{F}[DONE]\n```", HEAD + F, "block"),
    "begin in prose": (f"As [BEGIN] says:\n```python\n{F}```", HEAD + F, "block"),
    # backticks in a docstring
    "a fence in a docstring": (
        f"```python\n{DOCUMENTED}```\nDone.",
        HEAD + DOCUMENTED,
        "block",
    ),
    "a fence with a language in a docstring": (
        f"```python\n{DOCUMENTED.replace('```', '```python', 1)}```\nDone.",
        HEAD + DOCUMENTED.replace("```", "```python", 1),
        "block",
    ),
    "a docstring that is never closed": (
        f'```python\ndef total(a):\n    """Sum.\n```\nBetter:\n```python\n{F}```',
        HEAD + F,
        "block",
    ),
    "quotes in a comment": (
        f'```python\n{F}# a """ is no text\n```\n```\n6\n```',
        HEAD + F + '# a """ is no text\n',
        "block",
    ),
    # helpers of earlier blocks
    "an import": (
        f"```python\nimport math\n```\nthen\n```python\n{USING}```",
        HEAD + "import math\n" + USING,
        "block",
    ),
    "an import that is there": (
        f"```python\nimport math\n```\nthen\n```python\nimport math\n{USING}```",
        HEAD + "import math\n" + USING,
        "block",
    ),
    "an import that is not needed": (f"```python\nimport math\n```\n```python\n{F}```", HEAD + F, "block"),
    "a helper and what it needs": (
        f"```python\n{HELPER}print(each(1))\n```\n```python\n{HELPED}```",
        HEAD + HELPER + HELPED,
        "block",
    ),
    "the last of two helpers": (
        "```python\ndef each(x):\n    return 0\n```\n```python\ndef each(x):\n    return x\n```\n"
        f"```python\n{HELPED}```",
        HEAD + "def each(x):\n    return x\n" + HELPED,
        "block",
    ),
    "what the prompt has is not joined": (
        "```python\nList = 1\n```\n```python\ndef total(a: List[int]):\n    return sum(a)\n```",
        HEAD + "def total(a: List[int]):\n    return sum(a)\n",
        "block",
    ),
    "an import that may fail": (
        f"```python\ntry:\n    import math\nexcept ImportError:\n    pass\n```\n```python\n{USING}```",
        HEAD + "try:\n    import math\nexcept ImportError:\n    pass\n" + USING,
        "block",
    ),
    "all names of a module": (
        "```python\nfrom math import *\n```\n```python\ndef total(a):\n    return fsum(a)\n```",
        HEAD + "from math import *\ndef total(a):\n    return fsum(a)\n",
        "block",
    ),
    "all names of a module that are not needed": (
        f"```python\nfrom math import *\n```\n```python\n{F}```",
        HEAD + F,
        "block",
    ),
    "a decorator": (
        f"```python\nfrom functools import cache\n```\n```python\n@cache\n{F}```",
        HEAD + "from functools import cache\n@cache\n" + F,
        "block",
    ),
    "a later helper is none": (
        f"```python\n{USING}```\n```python\nimport math\n```",
        HEAD + USING,
        "block",
    ),
    "imports from the future go first": (
        f"```python\nfrom __future__ import annotations\n{F}```",
        "from __future__ import annotations\n" + HEAD + "\n" + F,
        "block",
    ),
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


def test_of_blocks_without_the_function_the_last_program_counts() -> None:
    text = "```python\ndef sum_all(a):\n    return sum(a)\n```\n```python\nassert total([1]) == 1\n```"
    program = python_function(text + "\n```\n6\n```", "total")
    assert program is not None
    assert program.source == "def sum_all(a):\n    return sum(a)\n"


@pytest.mark.parametrize(
    "piece", ["x\n", "@x\n", "if x:\n    ", "def total(a):\n", "def total(a):\n    return (\n", "total = \n"]
)
def test_few_programs_are_tried_to_find_where_one_ends(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def count(source: str) -> int | None:
        tried.append(source)
        return fault(source)

    monkeypatch.setattr(programs, "fault", count)
    text = piece * 3_000 + "\ndef total(a):\n    return (\n"
    assert python_function(text, "total", PROMPT) is not None
    assert len(tried) <= programs.MOST_TRIALS
