"""Templates, what they are filled with, and each way in which a field can be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from snakeval.formats.prompts import Prompt, PromptError, fields_of
from snakeval.formats.rows import SourceFloat

FIELDS = [
    ("no field", set()),
    ("{{ problem }} {{problem}} {{ hint | upper }}", {"problem", "hint"}),
    ("{% for choice in choices %}{{ loop.index }}. {{ choice }}\n{% endfor %}", {"choices"}),
    ("{% set x = a.b %}{{ x }}", {"a"}),
    ("{# {{ comment }} #}{% raw %}{{ raw }}{% endraw %}", set()),
]


@pytest.mark.parametrize(("text", "fields"), FIELDS)
def test_fields_of(text: str, fields: set[str], tmp_path: Path) -> None:
    assert fields_of(text) == fields
    path = tmp_path / "p.jinja"
    path.write_text(text)
    assert Prompt(path).fields == fields


RENDERED: list[tuple[str, dict[str, Any], str]] = [
    ("Solve:\n\n{{ problem }}\n", {"problem": "1 < 2 & 3"}, "Solve:\n\n1 < 2 & 3"),
    ("{{ problem }}\n\n", {"problem": "x"}, "x\n"),
    ("{{ problem }}", {"problem": "{{ hint }} {% if %}"}, "{{ hint }} {% if %}"),
    ("a\n  {% if hint %}\n{{ hint }}\n  {% endif %}\nb", {"hint": ""}, "a\nb"),
    ("a\n  {% if hint %}\n{{ hint }}\n  {% endif %}\nb", {"hint": "h"}, "a\nh\nb"),
    ("{% if hint is defined %}{{ hint }}{% endif %}.", {}, "."),
    ("{% if hint %}{{ hint }}{% endif %}.", {"hint": None}, "."),
    (
        "{% for c in choices %}{{ loop.index }}. {{ c }}\n{% endfor %}",
        {"choices": ["x", "y"]},
        "1. x\n2. y\n",
    ),
    ("{{ n }} {{ m }} {{ b }}", {"n": SourceFloat("0.50"), "m": 7, "b": 0}, "0.50 7 0"),
    ("\\boxed{} äöü ∑ {{ x }}", {"x": "π"}, "\\boxed{} äöü ∑ π"),
]


@pytest.mark.parametrize(("text", "values", "expected"), RENDERED)
def test_render(text: str, values: dict[str, Any], expected: str, tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_text(text, encoding="utf-8")
    assert Prompt(path).render(values) == expected


WRONG: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "{{ problm }}",
        {"problem": "x", "id": 1},
        ["no field 'problm'", "did you mean 'problem'", "id, problem"],
    ),
    ("{{ zzz }}", {"problem": "x"}, ["no field 'zzz'", "available: problem"]),
    ("{{ a }} {{ b }}", {"problem": "x"}, ["'a'", "'b'"]),
    ("{{ problem }} {{ hint }}", {"problem": "x", "hint": None}, ["field 'hint' has no value"]),
    ("{{ problem.text }}", {"problem": "x"}, ["text", "available: problem"]),
    ("{{ problem | join(1) + 1 }}", {"problem": "x"}, ["p.jinja"]),
    ("{{ 1 // zero }}", {"zero": 0}, ["zero"]),
    ("{% include 'other.jinja' %}", {}, ["p.jinja"]),
]


@pytest.mark.parametrize(("text", "values", "words"), WRONG)
def test_wrong_field(text: str, values: dict[str, Any], words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_text(text)
    prompt = Prompt(path)
    with pytest.raises(PromptError) as caught:
        prompt.render(values)
    assert [word for word in [str(path), *words] if word not in str(caught.value)] == []


BROKEN = [(b"line\n{{ problem", r"p\.jinja, line 2"), (b"{% nope %}", "nope"), (b"\xff", "can't be read")]


@pytest.mark.parametrize(("content", "match"), BROKEN)
def test_broken_template(content: bytes, match: str, tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_bytes(content)
    with pytest.raises(PromptError, match=match):
        Prompt(path)


def test_missing_template(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"absent\.jinja: can't be read"):
        Prompt(tmp_path / "absent.jinja")


# Templates that go on for ever, or nearly; and what is right.
ENDLESS = [
    "{% for i in range(10 ** 12) %}x{% endfor %}",
    "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}",
    "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
    "{{ 10 ** (10 ** 10) }}",
    "{{ 2 ** 999999999 }}",
    "{{ problem * 10 ** 9 }}",
    "{{ [0] * 10 ** 12 }}",
    "{{ range(10 ** 15) | list }}",
    "{{ range(10 ** 15) | sum }}",
    "{{ lipsum(n=10 ** 9) }}",
]


@pytest.mark.parametrize("text", ENDLESS)
def test_a_prompt_ends(text: str, tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_text(text)
    with pytest.raises(PromptError, match=r"p\.jinja"):
        Prompt(path).render({"problem": "x"})


def test_loops_count_for_each_rendering(tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_text(
        "{% for i in range(60000) %}{% endfor %}{{ 2 ** 10 }} {{ 'ab' * 3 }} {{ range(2, 5) | join }}"
    )
    prompt = Prompt(path)
    assert {prompt.render({}) for _ in range(3)} == {"1024 ababab 234"}


@pytest.mark.parametrize(
    "word", ["include 'a'", "extends 'a'", "import 'a' as a", "from 'a' import b", "include a"]
)
def test_a_prompt_is_one_file(word: str, tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_text(f"{{% {word} %}}")
    assert not Prompt(path).is_whole
    path.write_text("{% set include = 1 %}")
    assert Prompt(path).is_whole
