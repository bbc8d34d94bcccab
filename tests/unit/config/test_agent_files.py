"""Models with an agent: how they are named, what is refused, what makes their samples stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.config import Config
from snakeval.config.jsonschema import CONFIG, documented
from snakeval.dag import digests, identity, lanes
from snakeval.schema.agent import OWN
from unit.config.example_project import Mistake, check_mistake, edit, load, write_project

SETTINGS = "config/config.yaml"
SMALL, LATE = "vllm-folders-small", "vllm-folders-late"
AGENT = "config/agents/again.yaml"
PROMPTS = {
    "config/prompts/check.jinja": "{{ problem }} {{ answer }}",
    "config/prompts/mend.jinja": "{{ problem }} {{ answer }} {{ evaluation }}",
}
TEXT = """\
kind: self_eval_sequential
evaluate: config/prompts/check.jinja
refine: config/prompts/mend.jinja
sampling: {max_tokens: 9}
max_total_tokens: 99
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    text = TEXT.replace("self_eval_sequential", "deepseek_math")
    return write_project(tmp_path, {AGENT: TEXT, "config/agents/pool.yaml": text, **PROMPTS})


def models(root: Path, text: str) -> Config:
    edit(root, SETTINGS, "[small, folders/late]", text)
    return load(root)


def test_a_model_with_and_without(root: Path) -> None:
    config = models(root, "[small, small+again, small+pool, 'folders/run/step*+again', Org/Name@v1+again]")
    assert {slug: (model.model, model.agent, model.label) for slug, model in config.models.items()} == {
        SMALL: ("folders/small", None, "Small"),
        f"{SMALL}-agent-again": ("folders/small", "again", "Small, again"),
        f"{SMALL}-agent-pool": ("folders/small", "pool", "Small, pool"),
        "vllm-run-step9-agent-again": ("folders/run/step9", "again", None),
        "vllm-run-step10-agent-again": ("folders/run/step10", "again", None),
        "vllm-org-name-v1-agent-again": ("Org/Name", "again", None),
    }
    assert config.agents.keys() == {"again", "pool"}
    assert config.arena_models["duel"] == tuple(config.models)[1:]


def test_an_agent_shares_the_server_of_its_model(root: Path) -> None:
    config = models(root, "[small, small+again, folders/late+again]")
    assert lanes.generate_inputs(config, "sums", f"{SMALL}-agent-again") == lanes.generate_inputs(
        config, "sums", SMALL
    )
    assert lanes.server(config, SMALL) == SMALL
    assert lanes.server(config, f"{LATE}-agent-again") == f"{LATE}-agent-again"


def test_a_model_that_differs_has_its_own(root: Path) -> None:
    text = "model: folders/small\nagent: again\nslug: vllm-folders-small\n"
    (root / "config/models/warm.yaml").write_text(text + "sampling: {temperature: 1.0}\n")
    config = models(root, "[small, warm]")
    assert lanes.server(config, f"{SMALL}-agent-again") == f"{SMALL}-agent-again"


def test_a_baseline_with_an_agent(root: Path) -> None:
    edit(root, "config/arenas/duel.yaml", "baseline: small", "baseline: small+again")
    config = load(root)
    assert config.baseline_slug["duel"] == f"{SMALL}-agent-again"
    assert config.arena_models["duel"] == (SMALL, LATE)
    assert f"{SMALL}-agent-again" not in config.models


def test_a_folder_with_a_plus_is_a_folder(root: Path) -> None:
    for name in ("config.json", "model.safetensors"):
        path = root / "folders/late+again" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes((root / "folders/late" / name).read_bytes())
    assert models(root, "[folders/late+again]").models["vllm-folders-late-again"].agent is None


SUMS = "config/benchmarks/sums.yaml"
REFINE = "refine: config/prompts/mend.jinja"
OLD = "[small, folders/late]"
NEW = "[small+again, folders/late]"

# name: (file, old text, new text; file and key of the mistake, words of its message)
MISTAKES: dict[str, Mistake] = {
    "unknown agent": (
        *(SETTINGS, OLD, "[small+agian, small]", SETTINGS, "models[0]"),
        ["no config/agents/agian.yaml", "did you mean 'again'?"],
    ),
    "unknown agent in a model's file": (
        *("config/models/small.yaml", "label: Small", "label: Small\nagent: agian"),
        *("config/models/small.yaml", "agent"),
        ["did you mean 'again'?"],
    ),
    "two agents": (
        *(SETTINGS, OLD, "[both+again, small, folders/late]", SETTINGS, "models[0]"),
        ["'both' has the agent 'pool' already"],
    ),
    "a kind that there is not": (
        *(AGENT, "kind: self_eval_sequential", "kind: self_eval", AGENT, "kind"),
        ["did you mean 'self_eval_sequential'?"],
    ),
    "a key of the other kind": (
        *(AGENT, REFINE, f"{REFINE}\nproofs: 4", AGENT, ""),
        ["'proofs' goes with 'kind: deepseek_math'"],
    ),
    "no longest answer": (
        *(AGENT, "{max_tokens: 9}", "{temperature: 1}", AGENT, ""),
        ["sampling.max_tokens", "is missing"],
    ),
    "no budget": (AGENT, "max_total_tokens: 99\n", "", AGENT, "max_total_tokens", ["missing"]),
    "an unknown field": (
        *("config/prompts/check.jinja", "{{ answer }}", "{{ answer }} {{ awnser }}", AGENT, "evaluate"),
        ["awnser", "did you mean 'answer'?"],
    ),
    "a field left out": (
        *("config/prompts/mend.jinja", " {{ evaluation }}", "", AGENT, "refine"),
        ["does not use evaluation"],
    ),
    "no such prompt": (
        *(AGENT, "config/prompts/mend.jinja", "config/prompts/mand.jinja", AGENT, "refine"),
        ["no file 'config/prompts/mand.jinja'", "mend.jinja"],
    ),
    "texts to be continued": (
        *(SUMS, "n_samples: 4", "n_samples: 4\nendpoint: completions", SUMS, "endpoint"),
        [f"'{SMALL}-agent-again' has the agent 'again'", "chats"],
    ),
    "a judge": (
        *("config/judges/answers.yaml", "model: referee", "model: referee+again"),
        *("config/judges/answers.yaml", "model"),
        ["a judge answers in one turn"],
    ),
}
# Where nothing is wrong before the edit, the agent is in use.
UNUSED = ("unknown agent", "unknown agent in a model's file", "two agents")


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, root: Path) -> None:
    (root / "config/models/both.yaml").write_text("model: folders/small\nagent: pool\n")
    if name not in UNUSED:
        edit(root, SETTINGS, OLD, NEW)
    check_mistake(root, MISTAKES[name])


def test_recorded_answers_and_the_harness(root: Path) -> None:
    answers = "{sums: {file: data/sums.jsonl}, open: {file: data/open.csv}}"
    recorded = f"model: A/b\nengine: recorded\nanswers: {answers}\n"
    (root / "config/models/past.yaml").write_text(recorded)
    edit(root, SETTINGS, OLD, "[small, past+again]")
    check_mistake(
        root, (SETTINGS, "seed: 7", "seed: 8", SETTINGS, "models", ["recorded answers are not asked for"])
    )
    edit(root, SETTINGS, "past+again", "small+again")
    words = ["can't ask 'vllm-folders-small-agent-again'"]
    check_mistake(root, (SETTINGS, "seed: 8", "seed: 8\nlm_eval: [arc_easy]", SETTINGS, "lm_eval", words))


@pytest.mark.parametrize("key", list(documented((CONFIG / "README.md").read_text())["Agent"]))
def test_each_key_makes_its_own_samples_stale(key: str, root: Path) -> None:
    config = models(root, "[small, small+again, small+pool]")
    name = "pool" if key in OWN["deepseek_math"] else "again"
    old = getattr(config.agents[name], key)
    new = {
        "kind": "deepseek_math",
        "generate": "config/prompts/open.jinja",
        "evaluate": "config/prompts/open.jinja",
        "refine": "config/prompts/open.jinja",
        "sampling": config.agents[name].sampling.model_copy(update={"top_k": 3}),
        "stop_when_passed": False,
    }.get(key, old + 1 if isinstance(old, int) else None)
    before = {slug: identity.generate(config, "sums", slug, 0) for slug in config.models}
    config.agents[name] = config.agents[name].model_copy(update={key: new})
    after = {slug: identity.generate(config, "sums", slug, 0) for slug in config.models}
    assert [slug for slug in before if before[slug] != after[slug]] == [f"{SMALL}-agent-{name}"]


def test_a_prompt_counts_by_its_content(root: Path) -> None:
    config = models(root, "[small, small+again]")
    before = identity.generate(config, "sums", f"{SMALL}-agent-again", 0)
    edit(root, "config/prompts/mend.jinja", "{{ problem }}", "Again: {{ problem }}")
    digests.content.cache_clear()
    assert identity.generate(config, "sums", f"{SMALL}-agent-again", 0) != before
