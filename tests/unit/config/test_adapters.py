"""LoRA adapters are models: their names, slugs and identities, and the server that they share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from snakeval.config import ConfigError
from snakeval.config.found import hand_on
from snakeval.dag import digests, identity, lanes, plan
from unit.config.example_project import NO_TENSORS, fresh_project, load

BASE = "folders/late"
COMMIT = "c" * 40


def adapter(folder: Path, **config: Any) -> Path:
    folder.mkdir(parents=True)
    text = json.dumps({"peft_type": "LORA", "r": 16, "base_model_name_or_path": "org/base", **config})
    (folder / "adapter_config.json").write_text(text)
    (folder / "adapter_model.safetensors").write_text(NO_TENSORS)
    return folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example project with two runs of adapters."""
    root = fresh_project(tmp_path, monkeypatch)
    for run in ("lr1", "lr2"):
        for step in (9, 10):
            adapter(root / f"runs/{run}/checkpoint-{step}")
    return root


# (entry of `models`, the slugs)
NAMES: list[tuple[str, list[str]]] = [
    (f"{BASE}+runs/lr1/checkpoint-9", ["vllm-folders-late-lora-lr1-checkpoint-9"]),
    (f"./{BASE}+./runs/lr1/checkpoint-9", ["vllm-folders-late-lora-lr1-checkpoint-9"]),
    ("small+runs/lr1/checkpoint-9", ["vllm-folders-small-lora-lr1-checkpoint-9"]),
    ("Qwen/Qwen3-8B+runs/lr1/checkpoint-9", ["vllm-qwen-qwen3-8b-lora-lr1-checkpoint-9"]),
    ("Qwen/Qwen3-8B@v1+runs/lr1/checkpoint-9", ["vllm-qwen-qwen3-8b-v1-lora-lr1-checkpoint-9"]),
    (f"{BASE}+org/lora@{COMMIT}", ["vllm-folders-late-lora-org-lora"]),
    (
        f"{BASE}+runs/lr1/checkpoint-*",
        [f"vllm-folders-late-lora-lr1-checkpoint-{step}" for step in (9, 10)],
    ),
    (
        f"{BASE}+runs/*/checkpoint-*",
        [f"vllm-folders-late-lora-{run}-checkpoint-{step}" for run in ("lr1", "lr2") for step in (9, 10)],
    ),
]


@pytest.mark.parametrize(("name", "slugs"), NAMES)
def test_names_and_slugs(name: str, slugs: list[str], root: Path) -> None:
    config = load(root, models=[name], arenas=[])
    assert list(config.models) == slugs
    assert [model.served_model_name for model in config.models.values()] == slugs
    assert all(model.adapter for model in config.models.values())


def test_a_file_and_its_template(root: Path) -> None:
    text = f'model: {BASE}\nadapter: runs/lr*/checkpoint-*\nslug: "lr{{1}}-{{2}}"\nlabel: Mine\n'
    (root / "config/models/tuned.yaml").write_text(text)
    models = load(root, models=["tuned"], arenas=[]).models
    assert list(models) == ["lr1-9", "lr1-10", "lr2-9", "lr2-10"]
    assert models["lr2-9"].label == "Mine lr2 checkpoint-9"
    assert models["lr2-9"].adapter == "runs/lr2/checkpoint-9"


def test_a_base_with_a_slug_of_its_own(root: Path) -> None:
    (root / "config/models/based.yaml").write_text(f"model: {BASE}\nslug: mine\n")
    models = load(root, models=["based", "based+runs/lr1/checkpoint-*"], arenas=[]).models
    assert list(models) == ["mine", "mine-lora-lr1-checkpoint-9", "mine-lora-lr1-checkpoint-10"]


# (entry of `models`, words of the mistake)
MISTAKES = [
    (f"{BASE}+runs/lr1/checkpoint-11", "no folder"),
    (f"{BASE}+runs/lr3/*", "matches no folder"),
    (f"{BASE}+folders/late", "is no LoRA adapter that can be served: no adapter_config.json"),
    (f"{BASE}+./runs/none", "no folder"),
    (f"{BASE}+org/lora", "'organisation/name@commit'"),
    (f"{BASE}+org/lora@main", "'organisation/name@commit'"),
    ("folders/run/step*+runs/lr1/checkpoint-9", "needs one base"),
    ("gpt-4.1+runs/lr1/checkpoint-9", "needs one base"),
    (f"{BASE}+bad/dora", "use_dora"),
    (f"{BASE}+bad/saved", "modules_to_save (embed_tokens)"),
    (f"{BASE}+bad/large", "rank is 1024"),
    (f"{BASE}+bad/other", "its peft_type is IA3"),
]


@pytest.mark.parametrize(("name", "words"), MISTAKES)
def test_mistakes(name: str, words: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    adapter(root / "bad/dora", use_dora=True)
    adapter(root / "bad/saved", modules_to_save=["embed_tokens"])
    adapter(root / "bad/large", rank_pattern={"q_proj": 1024})
    adapter(root / "bad/other", peft_type="IA3")
    with pytest.raises(ConfigError) as raised:
        load(root, models=[name], arenas=[])
    assert words in str(raised.value)


def test_what_is_not_complete_is_left_out(root: Path) -> None:
    (root / "runs/lr1/checkpoint-10/adapter_model.safetensors").unlink()
    config = load(root, models=[f"{BASE}+runs/lr1/checkpoint-*"], arenas=[])
    assert list(config.models) == ["vllm-folders-late-lora-lr1-checkpoint-9"]
    assert "runs/lr1/checkpoint-10 (no adapter_model.safetensors" in config.warnings[0]


def test_jobs_have_the_adapters_that_were_there(root: Path) -> None:
    name = f"{BASE}+runs/lr1/checkpoint-*"
    started = load(root, models=[name], arenas=[])
    hand_on(started.found)
    adapter(root / "runs/lr1/checkpoint-11")
    assert load(root, check_data=False, models=[name], arenas=[]).models == started.models


def test_one_server_of_all_adapters_of_a_base(root: Path) -> None:
    names = [f"{BASE}+runs/lr1/checkpoint-*", BASE, "small+runs/lr2/checkpoint-9"]
    config = load(root, models=names, arenas=[])
    first, second, base, other = config.models
    assert [lanes.server(config, slug) for slug in config.models] == [first, first, base, other]
    spec = json.loads(plan.serve_spec(config, first))
    assert spec["served_model_name"] == f"{first}.base"
    assert spec["adapters"] == {first: "runs/lr1/checkpoint-9", second: "runs/lr1/checkpoint-10"}
    assert json.loads(plan.serve_spec(config, base))["adapters"] == {}
    inputs = [lanes.generate_inputs(config, "sums", slug)["service"] for slug in (first, second)]
    assert inputs == [f"results/services/generate/{first}.json"] * 2


def test_an_adapter_with_an_agent_shares_it_too(root: Path) -> None:
    agent = "kind: self_eval_sequential\nevaluate: e.jinja\nrefine: r.jinja\n"
    (root / "config/agents").mkdir()
    (root / "config/agents/twice.yaml").write_text(
        agent + "sampling: {max_tokens: 8}\nmax_total_tokens: 100\n"
    )
    (root / "e.jinja").write_text("{{ problem }} {{ answer }}")
    (root / "r.jinja").write_text("{{ problem }} {{ answer }} {{ evaluation }}")
    name = f"{BASE}+runs/lr1/checkpoint-9"
    config = load(root, models=[name, f"{name}+twice"], arenas=[])
    plain, twice = config.models
    assert twice == f"{plain}-agent-twice"
    assert lanes.server(config, twice) == plain
    assert config.models[twice].served_model_name == plain


def test_another_content_is_another_model(root: Path) -> None:
    name = f"{BASE}+runs/lr1/checkpoint-9"
    (model,) = load(root, models=[name], arenas=[]).models.values()
    before = identity.model(model)
    assert identity.model(model.model_copy(update={"adapter": None})).keys() == before.keys() - {"adapter"}
    (root / "runs/lr1/checkpoint-9/adapter_config.json").write_text('{"r": 8}')
    digests.folder_content.cache_clear()
    after = identity.model(model)
    assert {key for key in before if before[key] != after[key]} == {"adapter"}


def test_folders_with_a_plus_are_folders(root: Path) -> None:
    (root / "folders/run").rename(root / "folders/lr+1")
    for name in ("folders/lr+1/step*", f"{root}/folders/lr+1/step*"):
        models = load(root, models=[name], arenas=[], check_data=False).models
        assert list(models) == ["vllm-lr-1-step9", "vllm-lr-1-step10"]
