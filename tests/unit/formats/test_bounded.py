"""Templates that would go on for ever or fill the memory are refused; those that people write are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.formats.prompts import Prompt, PromptError

DOUBLED = (
    "{%% set n = namespace(x=t) %%}"
    "{%% for i in range(60) %%}{%% set n.x = %s %%}{%% endfor %%}{{ n.x | length }}"
)
REFUSED = {
    "a sum that doubles": DOUBLED % "n.x + n.x",
    "texts joined": DOUBLED % "n.x ~ n.x",
    "a list that doubles": "{% set n = namespace(x=[t]) %}{% for i in range(60) %}"
    "{% set n.x = n.x + n.x %}{% endfor %}",
    "a list in lists": "{% set n = namespace(x=[t]) %}{% for i in range(60) %}"
    "{% set n.x = [n.x, n.x] %}{% endfor %}{{ n.x }}",
    "replaced by itself": DOUBLED % "n.x.replace('a', n.x)",
    "by a filter": DOUBLED % "n.x | replace('a', n.x)",
    "joined by itself": DOUBLED % "n.x.join(n.x | list)",
    "joined by a filter": DOUBLED % "n.x | list | join(n.x)",
    "many times one": DOUBLED % "([n.x] * 100) | join",
    "many times one, upper case": DOUBLED % "([n.x] * 100) | map('upper') | join",
    "as the text of a list": DOUBLED % "([n.x] * 100) | string",
    "a block": "{% set n = namespace(x=t) %}{% for i in range(60) %}{% set y %}{{ n.x }}{{ n.x }}{% endset %}"
    "{% set n.x = y %}{% endfor %}",
    "a macro": "{% macro f(x, n) %}{% if n %}{{ f(x ~ x, n - 1) }}{% endif %}{% endmacro %}{{ f(t, 60) }}",
    "what is put out": "{% for i in range(90000) %}{{ t }}{% endfor %}",
    "padded": "{{ 'a'.ljust(10 ** 9) }}",
    "padded on the left": "{{ 'a'.rjust(width=1000000000) }}{{ 'a'.zfill(1000000000) }}",
    "in the middle": "{{ 'a' | center(1000000000) }}",
    "indented": "{{ 'a\\na' | indent(1000000000) }}",
    "a wide format": "{{ '%1000000000d' % 1 }}",
    "one of a value's width": "{{ '%*d' % (1000000000, 1) }}",
    "format": "{{ '{:1000000000}'.format(1) }}",
    "of a value's width": "{{ '{:{}}'.format(1, 1000000000) }}",
    "a filter's": "{{ '%1000000000s' | format('a') }}",
    "letters of letters of letters": "{% for a in t %}{% for b in t %}{% for c in t %}{% endfor %}"
    "{% endfor %}{% endfor %}",
    "calls of calls": "{% macro f(n) %}{% if n %}{% set a = f(n - 1) %}{% set b = f(n - 1) %}"
    "{% endif %}{% endmacro %}{{ f(60) }}",
    "a loop in itself": "{% for x in [[], []] recursive %}{{ loop([x, x]) }}{% endfor %}",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_has_no_end_is_refused(case: str, tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_text(REFUSED[case])
    with pytest.raises(PromptError, match=r"p\.jinja: "):
        Prompt(path).render({"t": "a" * 1000})


RENDERED: list[tuple[str, str]] = [
    (
        "{% for x in xs %}{{ loop.index }}/{{ loop.length }}{{ ', ' if not loop.last }}{% endfor %}",
        "1/2, 2/2",
    ),
    ("{% for x in xs | reverse %}{{ x }}{% else %}none{% endfor %}", "yx"),
    ("{% for x in [] %}{{ x }}{% else %}none{% endfor %}", "none"),
    ("{% for x in xs if x != 'x' %}{{ x }}{% endfor %}", "y"),
    ("{% for key, value in {'a': 1}.items() %}{{ key }}{{ value }}{% endfor %}", "a1"),
    ("{% for i in range(3) %}{{ i }}{% endfor %}{{ range(2) | list }}", "012[0, 1]"),
    ("{% for x in xs recursive %}{{ x }}{% if x == 'x' %}{{ loop(['z']) }}{% endif %}{% endfor %}", "xzy"),
    ("{{ xs | join(', ') }} {{ ', '.join(xs) }} {{ xs | map('upper') | join }}", "x, y x, y XY"),
    ("{{ 'a' ~ 1 ~ xs }} {{ 'a' + 'b' }} {{ 1 + 2 }} {{ [1] + [2] }}", "a1['x', 'y'] ab 3 [1, 2]"),
    (
        "{{ '%05.2f' % 1.5 }} {{ '{:,}'.format(1234567) }} {{ '%s: %s' | format('a', 1000000) }}",
        "01.50 1,234,567 a: 1000000",
    ),
    ("{{ 'a'.ljust(3) }}|{{ 'a' | center(3) }}|{{ 'a\\nb' | indent(2) }}", "a  | a |a\n  b"),
    ("{{ 'abc'.replace('b', '') }} {{ 'abc' | replace('c', 'dd') }} {{ 10 ** 3 }}", "ac abdd 1000"),
    ("{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f(1) }}{{ f(2) }}", "<1><2>"),
    ("{% set x %}{{ long }}{% endset %}{{ (x ~ x) | length }}", "2000000"),
    ("{{ xs | tojson }} {{ xs | length }} {{ xs[0] }} {{ 7 // 2 }} {{ 7 % 4 }}", '["x", "y"] 2 x 3 3'),
]


@pytest.mark.parametrize(("text", "expected"), RENDERED)
def test_what_people_write_is_rendered(text: str, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "p.jinja"
    path.write_text(text)
    prompt = Prompt(path)
    for _ in range(2):
        assert prompt.render({"xs": ["x", "y"], "long": "a" * 1_000_000}) == expected
