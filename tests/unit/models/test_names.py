"""Names of models and their slugs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from snakeval.models.names import (
    PROVIDERS,
    elsewhere,
    filled,
    is_hub_id,
    is_path,
    is_pattern,
    natural_key,
    provider_of,
    slug,
    split_revision,
)
from snakeval.schema.values import SLUG, SLUG_TEMPLATE

SLUGS: list[tuple[str, dict[str, Any], str]] = [
    ("Qwen/Qwen3-32B", {"revision": "v1.0.0"}, "vllm-qwen-qwen3-32b-v1.0.0"),
    ("Qwen/Qwen3-32B", {}, "vllm-qwen-qwen3-32b"),
    ("org/name_with.dots", {"revision": "refs/pr/3"}, "vllm-org-name_with.dots-refs-pr-3"),
    ("gpt2", {}, "vllm-gpt2"),
    ("org/Größe (neu)", {}, "vllm-org-gr-e-neu"),
    ("runs/a/step 100", {"folder": Path("/data/runs/a/step 100")}, "vllm-a-step-100"),
    ("late", {"folder": Path("/data/late/")}, "vllm-data-late"),
    ("../x", {"folder": Path("/data/runs/../x")}, "vllm-data-x"),
    ("google/gemini-3-pro", {"engine": "external", "hosted": True}, "google-gemini-3-pro"),
    ("gemini-3-pro", {"engine": "external", "hosted": True}, "google-gemini-3-pro"),
    ("gpt-4.1", {"engine": "external", "hosted": True}, "openai-gpt-4.1"),
    ("Claude-Opus-4", {"engine": "external", "hosted": True}, "anthropic-claude-opus-4"),
    ("mistral-large", {"engine": "external", "hosted": True}, "hosted-mistral-large"),
    ("Qwen/Qwen3-32B", {"engine": "external"}, "external-qwen-qwen3-32b"),
    ("/models/mine", {"engine": "external"}, "external-models-mine"),
]


@pytest.mark.parametrize(("model", "options", "expected"), SLUGS)
def test_slug(model: str, options: dict[str, Any], expected: str) -> None:
    assert slug(model, **options) == expected
    assert re.fullmatch(SLUG, expected)


def test_slug_of_a_link_is_the_link(tmp_path: Path) -> None:
    (tmp_path / "step9").mkdir()
    (tmp_path / "latest").symlink_to(tmp_path / "step9")
    assert slug("latest", folder=tmp_path / "latest").endswith("-latest")


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("gpt-4.1", "openai"),
        ("gemini-3-pro", "google"),
        ("claude-opus-4", "anthropic"),
        ("grok-4", "xai"),
        ("openai/gpt-4.1", "openai"),
        ("google/gemini-3-pro", "google"),
        ("anthropic/Claude-Opus-4", "anthropic"),
        ("xai/grok-4", "xai"),
        ("openai/gpt-oss-20b", None),
        ("gpt-oss-20b", None),
        ("gpt-neo-1.3B", None),
        ("google/gemma-3-4b-it", None),
        ("EleutherAI/gpt-j-6b", None),
        ("me/gpt-4.1", None),
        ("xai-org/grok-2", None),
        ("gpt2", None),
        ("Qwen/Qwen3-32B", None),
    ],
)
def test_provider(name: str, provider: str | None) -> None:
    found = provider_of(name)
    assert (found and found.name) == provider


def test_providers_have_an_address_and_a_variable() -> None:
    for provider in PROVIDERS.values():
        assert provider.base_url.startswith("https://")
        assert provider.api_key_env.isupper()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("org/name", ("org/name", None)),
        ("org/name@v1", ("org/name", "v1")),
        ("org/name@refs/pr/3", ("org/name", "refs/pr/3")),
        ("org/name@", ("org/name@", None)),
        ("folder@2/a/b", ("folder@2/a/b", None)),
    ],
)
def test_split_revision(name: str, expected: tuple[str, str | None]) -> None:
    assert split_revision(name) == expected


@pytest.mark.parametrize(
    ("name", "hub_id", "path", "pattern"),
    [
        ("org/name", True, False, False),
        ("org/name-1.5_b", True, False, False),
        ("name", False, False, False),
        ("./name", False, True, False),
        ("../org/name", False, True, False),
        ("/org/name", False, True, False),
        ("~/name", False, True, False),
        ("a/b/c", False, True, False),
        ("a/", False, True, False),
        ("a/step*", False, False, True),
        ("a/step[12]", False, False, True),
        ("a/step?", False, False, True),
    ],
)
def test_kinds_of_names(name: str, hub_id: bool, path: bool, pattern: bool) -> None:
    assert (is_hub_id(name), is_path(name), is_pattern(name)) == (hub_id, path, pattern)


def test_natural_order() -> None:
    names = ["run10/step1", "run1/step10", "x", "run2/step1", "run1/step9", "run"]
    assert sorted(names, key=natural_key) == [
        "run",
        "run1/step9",
        "run1/step10",
        "run2/step1",
        "run10/step1",
        "x",
    ]


# (path, the pattern that it was found by, slug): the places where trainers save.
PLACES: list[tuple[str, str | None, str]] = [
    ("/data/run1/global_step_100/actor/huggingface", None, "vllm-run1-global_step_100"),
    (
        "/data/run1/global_step_100/actor/huggingface",
        "run1/global_step_*/actor/huggingface",
        "vllm-run1-global_step_100",
    ),
    (
        "/data/run1/global_step_100/actor/huggingface",
        "global_step_*/actor/huggingface",
        "vllm-run1-global_step_100",
    ),
    (
        "/data/a/run1/global_step_7/actor/huggingface",
        "a/*/global_step_*/actor/*",
        "vllm-run1-global_step_7-huggingface",
    ),
    ("/data/expA/checkpoints/checkpoint-100", "*/checkpoints/checkpoint-*", "vllm-expa-checkpoint-100"),
    ("/data/expA/checkpoints/checkpoint-100", "expA/checkpoints/checkpoint-*", "vllm-expa-checkpoint-100"),
    ("/data/expA/checkpoints/checkpoint-100", None, "vllm-expa-checkpoint-100"),
    ("/data/sweep/lr1/seed2/checkpoint-5", "sweep/*/seed*/checkpoint-*", "vllm-lr1-seed2-checkpoint-5"),
    ("/data/sweep/lr1/seed2/checkpoint-5", "sweep/lr1/seed2/checkpoint-*", "vllm-seed2-checkpoint-5"),
    ("/data/checkpoints/run1/step10", "checkpoints/run1/step*", "vllm-run1-step10"),
    ("/data/checkpoints/run1/step10", None, "vllm-run1-step10"),
    ("/data/models/late", None, "vllm-models-late"),
    ("/data/ckpt/iter_1000/hf", "ckpt/iter_*/hf", "vllm-data-iter_1000"),
    ("/checkpoints/hf", None, "vllm-checkpoints-hf"),
    ("/data/run/step-1/policy", "run/step-?/policy", "vllm-run-step-1"),
    ("/data/a/b/c", "/data/*/b/c", "vllm-a-b-c"),
]


@pytest.mark.parametrize(("path", "pattern", "expected"), PLACES)
def test_slug_of_a_checkpoint(path: str, pattern: str | None, expected: str) -> None:
    assert slug(path, folder=Path(path), pattern=pattern) == expected
    assert re.fullmatch(SLUG, expected)
    url = f"s3:/{path}"
    assert (
        slug(url, pattern=pattern and f"s3:/{path[: path.find(pattern.split('*')[0])]}{pattern}") == expected
    )


# (template, pattern, path, slug)
TEMPLATES = [
    (
        "exp-{1}-step-{2}",
        "exp*/checkpoints/checkpoint-*",
        "expA/checkpoints/checkpoint-100",
        "exp-a-step-100",
    ),
    ("run-{2}", "*/global_step_*/actor/huggingface", "r1/global_step_20/actor/huggingface", "run-20"),
    ("{1}", "runs/step*", "runs/step9", "9"),
    ("s{1}{2}", "run?/step[0-9]*", "runA/step12", "sa1"),
    ("x-{3}", "run?/step[0-9]*", "runA/step12", "x-2"),
    ("x-{1}", "run[!ab]", "runc", "x-c"),
    ("x-{1}", "/data/*/model", "/data/A B/model", "x-a-b"),
    ("x-{1}", "s3://bucket/run.1/step-*", "s3://bucket/run.1/step-10", "x-10"),
    ("{1}-{1}", "a*", "ab", "b-b"),
]


@pytest.mark.parametrize(("template", "pattern", "path", "expected"), TEMPLATES)
def test_template_of_slugs(template: str, pattern: str, path: str, expected: str) -> None:
    assert re.fullmatch(SLUG_TEMPLATE, template)
    assert filled(template, pattern, path) == expected


@pytest.mark.parametrize(
    ("template", "words"),
    [("same", "is the same for all"), ("x-{3}", r"has \{3\}, but the pattern has 2 wildcards")],
)
def test_templates_that_do_not_fit(template: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        filled(template, "a*/b*", "a1/b2")


@pytest.mark.parametrize("template", ["{0}", "{a}", "Exp-{1}", "-{1}", "{1} x", "{1", ""])
def test_no_template(template: str) -> None:
    assert re.fullmatch(SLUG_TEMPLATE, template) is None


# Names as other programs spell them: (name, provider, words of why it is none that can be served here)
SPELT: list[tuple[str, str | None, str | None]] = [
    ("openai/o3", "openai", None),
    ("o3", "openai", None),
    ("o4-mini", "openai", None),
    ("o1-pro-2025-03-19", "openai", None),
    ("chatgpt-4o-latest", "openai", None),
    ("x-ai/grok-4", "xai", None),
    ("gemini/gemini-2.5-pro", "google", None),
    ("someone/o3", None, None),
    ("org/o3", None, None),
    ("olmo-2-7b", None, None),
    ("allenai/OLMo-2-1124-7B", None, None),
    ("org/opt-o3-mini", None, None),
    ("codexai/x", None, None),
    ("org/repo:Q4_K_M", None, "GGUF"),
    ("org/repo:Q8_0", None, "download it and name the file"),
    ("unsloth/Qwen3-8B-GGUF:UD-Q4_K_XL", None, "':UD-Q4_K_XL'"),
    ("qwen3:8b", None, "':8b'"),
    ("models/qwen3-8b.Q4_K_M.gguf", None, "names a GGUF file"),
    ("/data/x/model.GGUF", None, "vLLM serves none"),
    ("s3://bucket/model", None, None),
    ("azure/gpt-4.1", None, "'azure/'"),
    ("openrouter/anthropic/claude-sonnet-4", None, "base_urls"),
    ("bedrock/anthropic.claude-3", None, "engine: external"),
    ("ollama/qwen3", None, "'qwen3'"),
    ("Azure99/model", None, None),
    ("C:/models/mine", None, None),
]


@pytest.mark.parametrize(("name", "provider", "words"), SPELT)
def test_names_as_others_spell_them(name: str, provider: str | None, words: str | None) -> None:
    found = provider_of(name)
    assert (found and found.name) == provider
    why = elsewhere(name)
    assert (why is None) == (words is None)
    assert words is None or words in str(why)
