"""Which whole program, in Python or C++, an answer holds: a table of (answer, languages, program)."""

from __future__ import annotations

import pytest

from snakeval.answers.programs import Language, whole_program

MAIN = '#include <cstdio>\nint main() { puts("1"); }\n'
READS = "n = int(input())\nprint(2 * n)\n"
ONE_LINE = "print(sum(map(int, input().split())))\n"
LISTED = "#include <cstdio>\nint main() {}\n"
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
    # a block must be a program to win
    "a sample output": (f"```python\n{READS}```\nSample output:\n```\n6\n```", ["python"], (READS, "python")),
    "a formula": (f"```python\n{READS}```\nIt takes\n```\nO(n)\n```", ["python"], (READS, "python")),
    "a sample input": (f"```python\n{READS}```\nInput:\n```\n3\n1 2 3\n```", ["python"], (READS, "python")),
    "a snippet": (
        f"```python\n{READS}```\nwhere\n```python\nn = int(input())\n```\nreads n.",
        ["python"],
        (READS, "python"),
    ),
    "a use of it": (
        f"```python\ndef double(n):\n    return 2 * n\n{READS}```\n```python\nprint(double(3))\n```",
        ["python"],
        (f"def double(n):\n    return 2 * n\n{READS}", "python"),
    ),
    "a use of what reads nothing": (
        "```python\ndef f(n):\n    return n\nfor n in range(3):\n    print(f(n))\n```\n"
        "```python\nprint(f(3))\n```",
        ["python"],
        ("def f(n):\n    return n\nfor n in range(3):\n    print(f(n))\n", "python"),
    ),
    "a line after a loop": (
        "```python\nfor n in range(3):\n    print(n)\n```\n```python\nprint(1)\n```",
        ["python"],
        ("for n in range(3):\n    print(n)\n", "python"),
    ),
    "its call, where it reads nothing": (
        "```python\ndef solve():\n    print(1)\n```\n```python\nsolve()\n```",
        ["python"],
        ("def solve():\n    print(1)\nsolve()\n", "python"),
    ),
    "one line": ("```\nprint(sum(map(int, input().split())))\n```", ["python"], (ONE_LINE, "python")),
    "an output alone": ("```\n6\n```", ["python"], None),
    "a formula alone": ("It takes\n```\nO(n)\n```\n", ["python"], None),
    "the last of two": (
        f"```python\n{READS}```\nFaster:\n```python\n{ONE_LINE}```",
        ["python"],
        (ONE_LINE, "python"),
    ),
    "a last one that can't be read": (
        f"```python\n{READS}```\nBetter:\n```python\nprint(int(input())\n```",
        ["python"],
        ("print(int(input())\n", "python"),
    ),
    "a last one that is cut off": (
        f"```python\n{READS}```\nBetter:\n```python\nprint(int(input())",
        ["python"],
        (READS, "python"),
    ),
    "a comment about an include": (
        f"```python\n# include all\n{READS}```",
        ["cpp", "python"],
        (f"# include all\n{READS}", "python"),
    ),
    "its call in a block of its own": (
        "```python\ndef solve():\n    print(int(input()))\n```\n```python\nsolve()\n```",
        ["python"],
        ("def solve():\n    print(int(input()))\nsolve()\n", "python"),
    ),
    "its imports in a block of their own": (
        "```python\nimport sys\n```\n```python\nprint(sys.stdin.read())\n```",
        ["python"],
        ("import sys\nprint(sys.stdin.read())\n", "python"),
    ),
    "what has been read is not read again": (
        "```python\nn = int(input())\n```\n```python\nprint(n)\n```",
        ["python"],
        ("print(n)\n", "python"),
    ),
    "no fence, python": (READS, ["python"], (READS, "python")),
    "a lone include": (
        f"```cpp\n{MAIN}```\nIt needs\n```cpp\n#include <cstdio>\n```",
        ["cpp"],
        (MAIN, "cpp"),
    ),
    "a lone include alone": ("```cpp\n#include <cstdio>\n```", ["cpp"], None),
    "includes in a block of their own": (
        '```cpp\n#include <cstdio>\n```\n```cpp\nint main() { puts("1"); }\n```',
        ["cpp"],
        (MAIN, "cpp"),
    ),
    "a function that is no program": (
        f"```cpp\n{MAIN}```\nwith\n```cpp\n#include <cmath>\nint f() {{ return 1; }}\n```",
        ["cpp"],
        (MAIN, "cpp"),
    ),
    "in a list, c++": ("1. ```cpp\n   #include <cstdio>\n   int main() {}\n   ```", ["cpp"], (LISTED, "cpp")),
    "done in a text of it": (
        "```python\nprint('[DONE]', input())\n```",
        ["python"],
        ("print('[DONE]', input())\n", "python"),
    ),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whole_program(name: str) -> None:
    text, languages, expected = WHOLE[name]
    program = whole_program(text, languages)
    assert (program and (program.source, program.language)) == expected
