"""What a chat template writes before an answer, rendered as transformers renders it."""

from __future__ import annotations

import pytest

from snakeval.models.chat_template import TemplateError, answer_prefix

ASKED = "{{ messages[0].content }}"
# (template, what requests send as chat_template_kwargs, what stands before the answer)
PREFIXES: list[tuple[str, dict[str, object], str]] = [
    (ASKED + "{% if add_generation_prompt %}A:{% endif %}", {}, "A:"),
    ("<think>" + ASKED + "</s>", {}, "</s>"),
    ("{{ messages | tojson }}", {}, '"}]'),
    ("{{ {'a': 'ä'} | tojson(indent=None) }}" + ASKED + "A:", {}, "A:"),
    (ASKED + "{{ eos_token }}{% if add_generation_prompt %}{{ x }}{% endif %}", {"x": "A:"}, "A:"),
    (ASKED + "{% for i in [1, 2] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", {}, "1"),
    (ASKED + "{% generation %}A:{% endgeneration %}", {}, "A:"),
    (ASKED + "{% if tools %}T{% endif %}{% if documents is none %}A:{% endif %}", {}, "A:"),
    ("{{ messages[0].content[0].text }}A:", {}, "A:"),
    (ASKED + "{% if not add_generation_prompt %}</s>{% endif %}", {}, ""),
    (ASKED + "A:", {"add_generation_prompt": False}, "A:"),
]
FAULTS = [
    ("{{ 'no question' }}", "leaves out the user's message"),
    ("{{ raise_exception('no system role') }}", "no system role"),
    ("{% if %}", "can't be rendered"),
    ("{{ messages.append(1) }}" + ASKED, "can't be rendered"),
    ("{{ ''.__class__.__mro__ }}" + ASKED, "can't be rendered"),
    ("{% for i in range(10**9) %}x{% endfor %}" + ASKED, "can't be rendered"),
    ("{{ missing.part }}" + ASKED, "can't be rendered"),
]


@pytest.mark.parametrize(("template", "variables", "prefix"), PREFIXES)
def test_what_stands_before_an_answer(template: str, variables: dict[str, object], prefix: str) -> None:
    assert answer_prefix(template, variables) == prefix


@pytest.mark.parametrize(("template", "words"), FAULTS)
def test_templates_that_cannot_be_rendered(template: str, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        answer_prefix(template, {})
