"""Right configurations: which models, benchmarks, judges and arenas they stand for."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from snakeval.config import Config, ConfigError, load_config
from snakeval.config.errors import Report
from snakeval.config.reading import read_yaml
from unit.config.example_project import FILES, NO_TENSORS, edit, load, write_project

REPOSITORY = Path(__file__).resolve().parents[3]
SUMS, SMALL, REFEREE = "config/benchmarks/sums.yaml", "config/models/small.yaml", "config/models/referee.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def test_everything_that_is_named_is_there(root: Path) -> None:
    config = load(root)
    assert list(config.models) == ["vllm-folders-small", "vllm-folders-late"]
    assert list(config.benchmarks) == ["sums", "open"]
    assert list(config.judges) == ["answers", "pairs"]
    assert list(config.served) == [*config.models, "external-referee-big-7b-v1.0"]
    assert config.judge_slug == dict.fromkeys(config.judges, "external-referee-big-7b-v1.0")
    assert config.baseline_slug == {"duel": "vllm-folders-small"}
    assert config.arena_models == {"duel": ("vllm-folders-late",)}
    assert config.models["vllm-folders-small"].label == "Small"
    assert (config.settings.seed, config.settings.gpus.per_node) == (7, 8)
    assert [grader.name for grader in config.benchmarks["sums"].graders] == ["math", "answers"]


def test_the_shipped_configuration_is_right() -> None:
    raw = yaml.safe_load((REPOSITORY / "config/config.yaml").read_text())
    config = load_config(raw, REPOSITORY)
    assert config.warnings == ()
    assert list(config.models) == ["demo-early", "demo-late"]
    assert config.arena_models == {"demo": ("demo-late",)}
    assert config.judge_slug == {"demo-answer": "demo-answer-judge", "demo-pair": "demo-pair-judge"}


ENTRIES: dict[str, dict[str, tuple[str, str | None]]] = {
    "folders/late": {"vllm-folders-late": ("folders/late", None)},
    "./folders/late/": {"vllm-folders-late": ("folders/late", None)},
    "Qwen/Qwen3-32B": {"vllm-qwen-qwen3-32b": ("Qwen/Qwen3-32B", None)},
    "Qwen/Qwen3-32B@refs/pr/3": {"vllm-qwen-qwen3-32b-refs-pr-3": ("Qwen/Qwen3-32B", "refs/pr/3")},
    "folders/run/step*": {
        "vllm-run-step9": ("folders/run/step9", None),
        "vllm-run-step10": ("folders/run/step10", None),
    },
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_models_without_a_file(entry: str, root: Path) -> None:
    config = load(root, models=[entry], arenas=None)
    found = {slug: (model.model, model.revision) for slug, model in config.models.items()}
    assert list(found.items()) == list(ENTRIES[entry].items())
    assert {model.engine for model in config.models.values()} == {"vllm"}


def test_folders_elsewhere(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("runs")
    (elsewhere / "a").mkdir()
    (elsewhere / "a/config.json").write_text("{}")
    (elsewhere / "a/model.safetensors").write_text(NO_TENSORS)
    for entry in (f"{elsewhere}/a", f"{elsewhere}/*"):
        config = load(root, models=[entry], arenas=None)
        (model,) = config.models.values()
        assert model.model == f"{elsewhere}/a"


def test_a_home_folder_is_expanded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(root / "folders"))
    for entry in ("~/run/step9", "~/run/step9*"):
        (model,) = load(root, models=[entry], arenas=None).models.values()
        assert model.model == str(root / "folders/run/step9")


def test_checkpoints_share_a_file(root: Path) -> None:
    edit(root, SMALL, "folders/small", "folders/run/*")
    config = load(root, models="small", arenas=None)
    assert {slug: model.label for slug, model in config.models.items()} == {
        "vllm-run-step9": "Small step9",
        "vllm-run-step10": "Small step10",
    }
    assert {model.sampling.temperature for model in config.models.values()} == {0.8}


def test_a_file_may_set_its_revision_in_the_id(root: Path) -> None:
    edit(root, SMALL, "folders/small", "Org/Name@v2")
    model = load(root).models["vllm-org-name-v2"]
    assert (model.model, model.revision) == ("Org/Name", "v2")


def test_an_incomplete_checkpoint_is_left_out_with_a_warning(root: Path) -> None:
    (root / "folders/run/step11").mkdir()
    config = load(root, models=["folders/run/*"], arenas=None)
    assert list(config.models) == ["vllm-run-step9", "vllm-run-step10"]
    (warning,) = config.warnings
    assert "folders/run/step11" in warning


def test_a_mistyped_folder_is_not_taken_for_a_hub_id_in_silence(root: Path) -> None:
    (warning,) = load(root, models=["folders/latte"], arenas=None).warnings
    assert warning.startswith("the command line: models[0]: 'folders/latte' is taken for a Hugging Face id")


@pytest.mark.parametrize(
    ("name", "slug", "url", "variable"),
    [
        ("gpt-4.1", "openai-gpt-4.1", "https://api.openai.com/v1", "OPENAI_API_KEY"),
        ("claude-opus-4", "anthropic-claude-opus-4", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY"),
    ],
)
def test_a_hosted_api_is_known_by_its_name(
    name: str, slug: str, url: str, variable: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "a-key")
    model = load(root, models=[name], arenas=None).models[slug]
    assert (model.engine, model.hosted, model.base_urls, model.api_key_env) == (
        "external",
        True,
        (url,),
        variable,
    )


def test_a_folder_is_no_hosted_api(root: Path) -> None:
    (root / "gpt-mine").mkdir()
    (root / "gpt-mine/config.json").write_text("{}")
    (root / "gpt-mine/model.safetensors").write_text(NO_TENSORS)
    (model,) = load(root, models=["gpt-mine"], arenas=None).models.values()
    assert (model.engine, model.hosted) == ("vllm", False)


def test_a_hosted_api_of_a_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROXY_KEY", "a-key")
    (root / REFEREE).write_text("model: gpt-4.1\nbase_urls: [http://proxy/v1]\napi_key_env: PROXY_KEY\n")
    model = load(root).served["openai-gpt-4.1"]
    assert (model.base_urls, model.api_key_env, model.hosted) == (("http://proxy/v1",), "PROXY_KEY", True)


@pytest.mark.parametrize("variable", ["OPENAI_API_BASE", "SGLANG_API_BASES"])
def test_urls_may_come_from_the_environment(
    variable: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(root, REFEREE, "base_urls: [http://localhost:8000/v1]", "")
    monkeypatch.setenv(variable, "http://a:1/v1,http://b:1/v1")
    assert load(root).warnings == ()


def test_command_line(root: Path) -> None:
    config = load(root, models="small, folders/late", seed="3", gpus={"per_node": "2"}, arenas=None)
    assert config.settings.models == ("small", "folders/late")
    assert (config.settings.seed, config.settings.gpus.per_node) == (3, 2)
    assert config.arenas == {}
    with pytest.raises(ConfigError) as raised:
        load(root, models="smal", benchmarks=["sum"])
    assert [problem.file for problem in raised.value.problems] == ["the command line"] * 2


def test_a_mistake_in_a_profiles_own_settings_names_its_file(root: Path) -> None:
    (root / "mine").mkdir()
    gpus = root / "mine/gpus.yaml"
    gpus.write_text("gpus: {per_node: 8, memory: 80}\n")
    raw = yaml.safe_load((root / "config/config.yaml").read_text())
    raw["gpus"] = {**raw["gpus"], **yaml.safe_load(gpus.read_text())["gpus"]}
    with pytest.raises(ConfigError) as raised:
        load_config({**raw, "seed": -1}, root, over=[gpus])
    assert {(problem.file, problem.key) for problem in raised.value.problems} == {
        ("mine/gpus.yaml", "gpus.memory"),
        ("the command line", "seed"),
    }


def test_participants_of_an_arena(root: Path) -> None:
    edit(
        root,
        "config/arenas/duel.yaml",
        "baseline: small",
        "baseline: small\nmodels: [small, 'folders/run/*']",
    )
    config = load(root)
    assert config.arena_models == {"duel": ("vllm-run-step9", "vllm-run-step10")}
    assert list(config.models) == ["vllm-folders-small", "vllm-folders-late"]
    assert {"vllm-run-step9", "vllm-run-step10"} < config.served.keys()


def test_thresholds_are_those_of_the_settings_unless_set(root: Path) -> None:
    with (root / SUMS).open("a") as file:
        file.write("thresholds: {truncated: 0.5}\n")
    config = load(root, thresholds={"empty": 0.25})
    found = config.benchmarks["sums"].thresholds
    assert found is not None
    assert (found.truncated, found.empty, found.judge_null) == (0.5, 0.25, 0.02)
    assert config.arenas["duel"].thresholds == config.settings.thresholds


def test_a_judge_is_greedy_unless_it_says_otherwise(root: Path) -> None:
    edit(root, "config/judges/pairs.yaml", "model: referee", "model: referee\nsampling: {max_tokens: 9}")
    edit(
        root, "config/judges/answers.yaml", "model: referee", "model: referee\nsampling: {temperature: null}"
    )
    judges = load(root).judges
    assert (judges["pairs"].sampling.temperature, judges["answers"].sampling.temperature) == (0.0, None)


@pytest.mark.parametrize(
    ("file", "old", "new", "warning"),
    [
        (SMALL, "0.8", "0", "4 samples at temperature 0 for vllm-folders-small will be much the same"),
        (SUMS, "n_samples: 4", "n_samples: 4\nsampling: {temperature: 0}", "4 samples at temperature 0 will"),
        (REFEREE, "revision: v1.0", "hosted: true", "api_key_env: not set: requests go without a key"),
    ],
)
def test_warnings(file: str, old: str, new: str, warning: str, root: Path) -> None:
    edit(root, file, old, new)
    (found,) = load(root).warnings
    assert warning in found


def test_yaml_that_is_no_mistake(root: Path) -> None:
    (root / SMALL).write_text(
        "model: Org/Name\nrevision: 2024-08-01\nsampling: &s {temperature: 1}\n"
        "extra_body:\n  a: &x {p: 1, q: 1}\n  b: {<<: *x, q: 2}\n"
    )
    model = load(root).models["vllm-org-name-2024-08-01"]
    assert model.extra_body == {"a": {"p": 1, "q": 1}, "b": {"p": 1, "q": 2}}


def test_jobs_read_no_data_and_no_environment(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(root, REFEREE, "revision: v1.0", "revision: v1.0\napi_key_env: REFEREE_KEY")
    monkeypatch.setenv("REFEREE_KEY", "a-key")
    checked = load(root)
    monkeypatch.delenv("REFEREE_KEY")
    for name in FILES:
        if name.startswith("data/") or name.endswith(".jinja"):
            (root / name).unlink()
    assert load(root, check_data=False) == checked


def test_large_data_are_not_read_whole(root: Path) -> None:
    row = '{"id": "s", "question": "?", "answer": 1, "level": 1, "text": "%s"}\n' % ("x" * 1000)
    (root / "data/sums.jsonl").write_text(row * 2000 + "not JSON\n")
    assert isinstance(load(root), Config)
    edit(root, SUMS, "question", "problem")
    with pytest.raises(ConfigError, match="no column 'problem'"):
        load(root)


def test_a_dataset_is_not_looked_for(root: Path) -> None:
    edit(
        root,
        SUMS,
        "{file: data/sums.jsonl}",
        "{dataset: openai/gsm8k, subset: main, split: test, revision: " + "a" * 40 + "}",
    )
    assert load(root).benchmarks["sums"].source.dataset == "openai/gsm8k"


def test_importing_and_loading_is_cheap_for_a_job(root: Path) -> None:
    code = (
        "import sys, yaml; from pathlib import Path; from snakeval.config import load_config\n"
        f"root = Path({str(root)!r})\n"
        "load_config(yaml.safe_load((root / 'config/config.yaml').read_text()), root, check_data=False)\n"
        "heavy = {'pyarrow', 'pandas', 'numpy', 'jinja2', 'huggingface_hub', 'openai', 'aiohttp'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def test_a_hundred_models_cost_a_hundred_files(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: Counter[str] = Counter()

    def counting(path: Path, file: str, report: Report) -> object:
        read[file] += 1
        return read_yaml(path, file, report)

    monkeypatch.setattr("snakeval.config.reading.read_yaml", counting)
    names = [f"model-{number}" for number in range(117)]
    for name in names:
        (root / f"config/models/{name}.yaml").write_text(
            f"model: Org/{name}\nsampling: {{temperature: 0.6}}\n"
        )
    config = load(root, models=names)
    assert len(config.models) == 117
    assert {f"config/models/{name}.yaml" for name in names} <= read.keys()
    assert set(read.values()) == {1}
