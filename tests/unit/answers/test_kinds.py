"""The list of kinds against the parsers of the installed vLLM, read as text: importing them takes long."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import engine
from snakeval.answers.kinds import BEGINNINGS, KINDS, kinds_in
from snakeval.answers.reasoning import split
from snakeval.schema import Reasoning

THINK = ("<think>", "</think>")
# vLLM's parsers by name, each with one spelling of its marks. `hf` takes them from the checkpoint's own
# `response_template`.
PARSERS: dict[str, tuple[str, str] | None] = {
    "deepseek_r1": THINK,
    "deepseek_v3": THINK,
    "deepseek_v4": THINK,
    "deepseek_v41": THINK,
    "poolside_v1": THINK,
    "ernie45": THINK,
    "glm45": THINK,
    "glm47": THINK,
    "ling3": THINK,
    "granite_thinking_parser": THINK,
    "holo2": THINK,
    "hunyuan_a13b": THINK,
    "hy_v3": THINK,
    "hy_v4": THINK,
    "kimi_k2": THINK,
    "mimo": THINK,
    "minicpmv": THINK,
    "minimax_m2": THINK,
    "minimax_m2_append_think": THINK,
    "nemotron_v3": THINK,
    "olmo3": THINK,
    "qwen3": THINK,
    "step3": THINK,
    "step3p5": THINK,
    "cohere_command3": ("<|START_THINKING|>", "<|END_THINKING|>"),
    "cohere_command4": ("<|START_THINKING|>", "<|END_THINKING|>"),
    "gemma4": ("<|channel>", "<channel|>"),
    "granite": ("Here is my thought process:", "Here is my response:"),
    "hf": None,
    "inkling": ("<|content_thinking|>", "<|content_text|>"),
    "k2_horizon": ("<ifm|think>", "</ifm|think>"),
    "kimi_k3": ("<|open|>think<|sep|>", "<|close|>think<|sep|>"),
    "minimax_m3": ("<mm:think>", "</mm:think>"),
    "mistral": ("[THINK]", "[/THINK]"),
    "muse_glimmer": ("to=self<|message|>", "to=user<|message|>"),
    "openai_gptoss": ("<|channel|>analysis<|message|>", "<|channel|>final<|message|>"),
    "plamo3": ("<|plamo:begin_think:plamo|>", "<|plamo:end_think:plamo|>"),
    "seed_oss": ("<seed:think>", "</seed:think>"),
}
# Written otherwise than as one string: built of parts, a regular expression, another package's constant.
BUILT = {"hy_v3", "hy_v4", "granite", "mistral", "muse_glimmer", "openai_gptoss"}
NAMED = [(name, *marks) for name, marks in PARSERS.items() if marks]


@pytest.fixture(scope="module")
def vllm() -> Path:
    """The folder of the installed vLLM."""
    folder = engine.package("vllm")
    if folder is None or not (folder / "reasoning" / "__init__.py").is_file():
        pytest.skip(f"{folder} has no vllm.reasoning: another version than the list is made from")
    return folder


def registered(vllm: Path) -> dict[str, str]:
    """Parsers by name, with the file that has each."""
    tree = ast.parse((vllm / "reasoning" / "__init__.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_REASONING_PARSERS_TO_REGISTER":
            return {name: file for name, (file, _) in ast.literal_eval(node.value).items()}
    raise AssertionError("vllm.reasoning registers its parsers otherwise")


def test_the_parsers_that_vllm_has(vllm: Path) -> None:
    assert set(registered(vllm)) == set(PARSERS)


@pytest.mark.parametrize(("name", "start", "end"), [each for each in NAMED if each[0] not in BUILT])
def test_the_marks_stand_in_vllms_parsers(vllm: Path, name: str, start: str, end: str) -> None:
    """In the file that is registered, in a parser that it extends, or in the engine's parser behind it."""
    words = set(re.findall(r"\w+", registered(vllm)[name])) | {"deepseek_r1_reasoning_parser"}
    stem = registered(vllm)[name].removesuffix("_reasoning_parser").removesuffix("_engine")
    files = [vllm / "reasoning" / f"{word}.py" for word in sorted(words)]
    files += [vllm / "parser" / f"{each}.py" for each in (stem, "qwen3", "deepseek_v4", "glm47_moe")]
    strings = {
        node.value
        for file in files
        if file.is_file()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {start, end} <= strings


def test_every_tag_of_vllms_parsers_is_known(vllm: Path) -> None:
    """Whatever looks like a tag of reasoning in their code, so that a parser's new marks are noticed."""
    tags = {
        node.value
        for folder in ("reasoning", "parser")
        for file in (vllm / folder).glob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.fullmatch(r"[<\[◁]\S{0,30}think\S{0,30}[>\]▷]", node.value, re.IGNORECASE)
    }
    assert len(tags) >= 10
    marks = [re.compile(mark) for kind in KINDS for mark in kind.patterns]
    assert {tag for tag in tags if not any(mark.fullmatch(tag) for mark in marks)} == set()


@pytest.mark.parametrize(("name", "start", "end"), NAMED)
def test_what_each_parser_separates(name: str, start: str, end: str) -> None:
    assert split(f"{start} 7 {end}\n\n5", Reasoning()).answer == "5"
    assert split(f"{start} 7", Reasoning()).answer is None
    assert split("5", Reasoning()).answer == "5"


def test_every_mark_begins_as_the_fast_search_has_it() -> None:
    for kind in KINDS:
        for pattern in kind.patterns:
            plain = re.sub(r"\\(.)", r"\1", pattern.removeprefix("(?i:"))
            assert re.match(BEGINNINGS, plain), pattern


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("{{ '<think>\n' }}", [(("<think>",), ("</think>",))]),
        ("{{ content.split('</think>')[-1] }}", [(("<think>",), ("</think>",))]),
        ("[THINK] [/THINK] [THINK]", [(("[THINK]",), ("[/THINK]",))]),
        ("<think:6124c78e></think:6124c78e>", [(("<think:6124c78e>",), ("</think:6124c78e>",))]),
        ("<|im_start|>assistant\n", []),
        ("Here is my thought process:", []),
    ],
)
def test_kinds_in_a_text(text: str, kinds: list[object]) -> None:
    assert kinds_in(text) == kinds
