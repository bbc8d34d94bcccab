"""Names of models and their slugs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from snakeval.models.names import (
    PROVIDERS,
    is_hub_id,
    is_path,
    is_pattern,
    natural_key,
    provider_of,
    slug,
    split_revision,
)
from snakeval.schema.values import SLUG

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
