"""How models mark their reasoning: parts of real chat templates and tokens, and what can't be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.models.files import resolve
from snakeval.models.infer import infer
from snakeval.models.serving_config import ServingConfig, with_inferred
from snakeval.schema import Gpus, Model, Reasoning

CHATML = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}"
    "{%- endfor %}{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}"
)
QWEN3 = CHATML + (
    "{%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}"
    "{%- endif %}{%- endif %}"
)
QWEN3_THINKING = CHATML + "{{- '<think>\\n' }}{%- endif %}"
PLAIN = CHATML + "{%- endif %}"
# What transformers alone knows: its tags, functions and messages in parts.
OLMO = QWEN3_THINKING.replace(
    "{{- '<|im_start|>' +", "{% generation %}{% endgeneration %}{{- '<|im_start|>' +"
)
LLAMA = "{{- strftime_now('%d %b %Y') }}{{ bos_token }}" + PLAIN
PARTS = (
    "{% for m in messages %}{% for part in m.content %}{% if part.type == 'text' %}{{ part.text }}"
    "{% endif %}{% endfor %}{% endfor %}{% if add_generation_prompt %}[THINK]{% endif %}"
)
DEEPSEEK_R1 = (
    "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}"
    "{{ bos_token }}{%- for m in messages %}{%- if m['role'] == 'assistant' %}"
    "{{ m['content'].split('</think>')[-1] }}{%- else %}{{'<|User|>' + m['content']}}{%- endif %}"
    "{%- endfor %}"
    "{% if add_generation_prompt %}{{'<|Assistant|><think>\\n'}}{% endif %}"
)
DEEPSEEK_V31 = DEEPSEEK_R1.replace(
    "<|Assistant|><think>\\n'}}", "<|Assistant|>' + ('<think>' if thinking else '</think>')}}"
)
HARMONY = (
    PLAIN.replace("<|im_start|>assistant\\n", "<|start|>assistant") + "{# <|channel|>analysis<|message|> #}"
)
EFFORT = CHATML + "{%- if reasoning_effort == 'high' %}{{- '<think>' }}{%- endif %}{%- endif %}"
# A system prompt that speaks of the marks, as Magistral's does, is not the end of the prompt.
MAGISTRAL = (
    "Think in [THINK][/THINK].{{ messages[0].content }}{% if add_generation_prompt %}[/INST]{% endif %}"
)
ALWAYS = "{{ messages[0].content }}<|assistant|><think>"

THINK = (["<think>"], ["</think>"])
# (template, chat_template_kwargs, (start, end), prefilled)
TEMPLATES: list[tuple[str, dict[str, Any], tuple[Any, Any], bool]] = [
    (QWEN3, {}, THINK, False),
    (QWEN3, {"enable_thinking": False}, THINK, False),
    (QWEN3_THINKING, {}, THINK, True),
    (OLMO, {}, THINK, True),
    (DEEPSEEK_R1, {}, THINK, True),
    (DEEPSEEK_V31, {}, THINK, False),
    (DEEPSEEK_V31, {"thinking": True}, THINK, True),
    (PLAIN, {}, (None, None), False),
    (LLAMA, {}, (None, None), False),
    (PARTS, {}, (["[THINK]"], ["[/THINK]"]), True),
    (MAGISTRAL, {}, (["[THINK]"], ["[/THINK]"]), False),
    (HARMONY, {}, (["<|channel|>analysis<|message|>"], ["<|channel|>final<|message|>"]), False),
    (EFFORT, {"reasoning_effort": "high"}, THINK, True),
    (EFFORT, {}, THINK, False),
    (ALWAYS, {}, THINK, True),
    (
        PLAIN.replace("assistant\\n", "assistant\\n<seed:think>"),
        {},
        (["<seed:think>"], ["</seed:think>"]),
        True,
    ),
]


def folder(path: Path, template: str | None, **settings: Any) -> Path:
    path.mkdir(exist_ok=True)
    (path / "config.json").write_text('{"max_position_embeddings": 4096}')
    found = {"bos_token": {"content": "<s>"}, **({"chat_template": template} if template else {}), **settings}
    (path / "tokenizer_config.json").write_text(json.dumps(found))
    return path


def inferred(path: Path, **settings: Any) -> ServingConfig:
    model = Model(model=str(path), **settings)
    return infer(model, resolve(model), Gpus(), "config/models/x.yaml", path)


@pytest.mark.parametrize(("template", "kwargs", "marks", "prefilled"), TEMPLATES)
def test_templates(
    template: str, kwargs: dict[str, Any], marks: tuple[Any, Any], prefilled: bool, tmp_path: Path
) -> None:
    found = inferred(folder(tmp_path, template), extra_body={"chat_template_kwargs": kwargs})
    assert found.reasoning == {"start": marks[0], "end": marks[1], "prefilled": prefilled}
    origin = "chat template (tokenizer_config.json)"
    assert found.provenance["reasoning.prefilled"] == f"inferred: end of the prompt, {origin}"
    nothing = f"inferred: no known mark in the {origin} nor among the tokens"
    assert found.provenance["reasoning.start"] == (origin if marks[0] else nothing)
    assert "skip_special_tokens" not in found.sampling


UNREADABLE = [
    (None, "unknown: there is no chat template"),
    ("{% if %}", "can't be rendered"),
    ("{{ raise_exception('system role wanted') }}", "can't be rendered: system role wanted"),
    ("{{ messages[0].content.nothing.more }}", "can't be rendered"),
    ("{{ ''.__class__.__mro__ }}<think>", "can't be rendered"),
    ("{% for i in range(10**9) %}x{% endfor %}", "can't be rendered"),
    ("always the same <think>", "can't be rendered: it leaves out the user's message"),
]


@pytest.mark.parametrize(("template", "words"), UNREADABLE)
def test_a_template_that_cannot_be_rendered(template: str | None, words: str, tmp_path: Path) -> None:
    found = inferred(folder(tmp_path, template))
    assert found.reasoning["prefilled"] is None
    assert words in found.provenance["reasoning.prefilled"]
    assert found.provenance["reasoning.prefilled"].startswith("unknown: ")
    assert with_inferred(Reasoning(), found).prefilled is None


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    folder(tmp_path, None)
    (tmp_path / "chat_template.json").write_text("[")
    (tmp_path / "tokenizer.json").write_text("{")
    (tmp_path / "added_tokens.json").write_bytes(b"\xff")
    (tmp_path / "special_tokens_map.json").write_text("[1]")
    found = inferred(tmp_path)
    assert found.reasoning == {"start": None, "end": None, "prefilled": None}
    assert "is not JSON" in found.provenance["reasoning.prefilled"]
    missing = inferred(tmp_path, chat_template="nowhere.jinja")
    assert "can't be read" in missing.provenance["reasoning.prefilled"]


def test_which_template_counts(tmp_path: Path) -> None:
    named = [{"name": "tool_use", "template": PLAIN}, {"name": "default", "template": QWEN3_THINKING}]
    folder(tmp_path, None, chat_template=named)
    assert inferred(tmp_path).reasoning["prefilled"] is True
    (tmp_path / "chat_template.json").write_text(json.dumps({"chat_template": PLAIN}))
    assert inferred(tmp_path).reasoning["prefilled"] is False
    (tmp_path / "chat_template.jinja").write_text(QWEN3_THINKING)
    assert inferred(tmp_path).reasoning["prefilled"] is True
    (tmp_path / "mine.jinja").write_text(PLAIN)
    chosen: list[dict[str, Any]] = [
        {"chat_template": "mine.jinja"},
        {"engine_args": ("--chat-template", "mine.jinja")},
        {"engine_args": ("--chat_template=other.jinja", "--chat_template=mine.jinja")},
    ]
    for settings in chosen:
        by_hand = inferred(tmp_path, **settings)
        assert by_hand.reasoning["prefilled"] is False
        assert "mine.jinja" in by_hand.provenance["reasoning.prefilled"]


def added(*tokens: str, special: bool) -> dict[str, Any]:
    return {str(i): {"content": token, "special": special} for i, token in enumerate(tokens)}


# (where the tokens stand, are they special, engine and its arguments, is skip_special_tokens sent)
SPECIAL = [
    ("tokenizer_config.json", True, {}, True),
    ("tokenizer.json", True, {}, True),
    ("special_tokens_map.json", True, {}, True),
    ("tekken.json", True, {}, True),
    ("tokenizer_config.json", False, {}, False),
    ("tokenizer.json", False, {}, False),
    ("added_tokens.json", False, {}, False),
    ("tokenizer_config.json", True, {"engine_args": ("--reasoning-parser", "mistral")}, False),
    ("tokenizer_config.json", True, {"engine_args": ("--reasoning_parser=mistral",)}, False),
    ("tokenizer_config.json", True, {"engine": "external", "base_urls": ("http://host/v1",)}, False),
]


@pytest.mark.parametrize(("file", "special", "settings", "sent"), SPECIAL)
def test_marks_among_the_tokens(
    file: str, special: bool, settings: dict[str, Any], sent: bool, tmp_path: Path
) -> None:
    """vLLM drops special tokens from its texts, and with them the marks."""
    folder(tmp_path, PLAIN)
    tokens = added("[THINK]", "[/THINK]", special=special)
    contents: dict[str, dict[str, Any]] = {
        "tokenizer_config.json": {"chat_template": PLAIN, "added_tokens_decoder": tokens},
        "tokenizer.json": {"added_tokens": list(tokens.values())},
        "special_tokens_map.json": {"additional_special_tokens": ["[THINK]", {"content": "[/THINK]"}]},
        "tekken.json": {
            "special_tokens": [{"token_str": each["content"], "is_control": True} for each in tokens.values()]
        },
        "added_tokens.json": {"[THINK]": 7, "[/THINK]": 8},
    }
    (tmp_path / file).write_text(json.dumps(contents[file]))
    found = inferred(tmp_path, **settings)
    assert (found.reasoning["start"], found.reasoning["end"]) == (["[THINK]"], ["[/THINK]"])
    assert found.provenance["reasoning.start"] == "added tokens"
    assert (found.sampling.get("skip_special_tokens") is False) == sent
    if sent:
        assert found.provenance["sampling.skip_special_tokens"] == "inferred: [THINK] marks reasoning"


def test_an_engine_that_separates_has_nothing_prefilled(tmp_path: Path) -> None:
    folder(tmp_path, QWEN3_THINKING)
    by_hand = inferred(tmp_path, engine_args=("--reasoning-parser", "qwen3"))
    assert by_hand.reasoning["prefilled"] is False
    assert "--reasoning-parser" in by_hand.provenance["reasoning.prefilled"]
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 4096, "model_type": "gpt_oss"}')
    assert "vLLM separates" in inferred(tmp_path).provenance["reasoning.prefilled"]


def test_a_model_that_somebody_else_serves() -> None:
    found = infer(Model(model="gpt-9", hosted=True), None, Gpus())
    assert found.reasoning == {"start": None, "end": None, "prefilled": None}
    assert found.provenance["reasoning.end"] == "unknown: somebody else serves the model"


def test_default_template_arguments_of_the_engine(tmp_path: Path) -> None:
    folder(tmp_path, DEEPSEEK_V31)
    arguments = ("--default-chat-template-kwargs", '{"thinking": true}')
    assert inferred(tmp_path, engine_args=arguments).reasoning["prefilled"] is True
    assert inferred(tmp_path, engine_args=(arguments[0], "{")).reasoning["prefilled"] is False


def test_the_models_file_stands_over_what_is_inferred(tmp_path: Path) -> None:
    opened = inferred(folder(tmp_path, QWEN3_THINKING))

    def joined(**settings: Any) -> tuple[Any, Any, Any]:
        found = with_inferred(Reasoning(**settings), opened)
        assert found.model_fields_set == {key for key, value in settings.items() if value is not None}
        return found.start, found.end, found.prefilled

    assert joined() == (("<think>",), ("</think>",), True)
    assert joined(prefilled=False) == (("<think>",), ("</think>",), False)
    assert joined(end="</think>") == (("<think>",), "</think>", True)
    assert joined(end=None, prefilled=None) == (("<think>",), ("</think>",), True)
    # The template opens what nothing would close.
    assert joined(start="<r>", end="</r>") == ("<r>", "</r>", None)
    assert joined(start="<r>", end="</r>", prefilled=True) == ("<r>", "</r>", True)
    assert with_inferred(Reasoning(start=None), opened).model_fields_set == {"start"}
    assert with_inferred(Reasoning(end="</r>"), None) == Reasoning(end="</r>")
