"""`snakemake fetch`: which files of a model are taken, and what of a configuration is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import errors

from snakeval import fetch
from snakeval.fetch import Downloads, fetch_all, files_of
from snakeval.problems.fetch import FetchError
from snakeval.system import punkt
from unit.config.example_project import load, write_project

SMALL = ["config.json", "generation_config.json", "tokenizer.json"]
# (files of a repository, those that are fetched besides the small ones)
REPOSITORIES: list[tuple[list[str], list[str]]] = [
    (["model.safetensors", "pytorch_model.bin"], ["model.safetensors"]),
    (["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "mtp.safetensors"], []),
    (["consolidated.safetensors", "model.safetensors"], ["model.safetensors"]),
    (["consolidated.safetensors", "params.json", "tekken.json"], []),
    (["pytorch_model.bin", "tf_model.h5", "flax_model.msgpack"], ["pytorch_model.bin"]),
    (["model.safetensors", "original/consolidated.00.pth", "original/params.json"], ["model.safetensors"]),
    (["model.safetensors", "onnx/model.onnx", "onnx/config.json"], ["model.safetensors"]),
    (["model-Q4_K_M.gguf"], []),
    (["adapter_config.json", "adapter_model.safetensors"], []),
    (["modeling_own.py", "model.safetensors", "rust_model.ot"], ["modeling_own.py", "model.safetensors"]),
    (["consolidated.00.pth"], []),
    (["chat_template.jinja", "model.safetensors.index.json", "a.safetensors"], []),
]


@pytest.mark.parametrize(("names", "wanted"), REPOSITORIES)
def test_files_of_a_repository(names: list[str], wanted: list[str]) -> None:
    assert files_of([*SMALL, *names]) == sorted([*SMALL, *(wanted or names)])


def test_a_tokenizer_has_no_weights() -> None:
    assert files_of([*SMALL, "model.safetensors", "pytorch_model.bin"], weights=False) == SMALL


class Hub:
    """Records what is fetched; `lacking` is not there."""

    def __init__(self, lacking: str = "") -> None:
        self.lacking = lacking
        self.fetched: list[tuple[str, str | None, list[str]]] = []

    def list_files(self, name: str, revision: str | None) -> Sequence[str]:
        if name == self.lacking:
            raise errors.LocalEntryNotFoundError("nobody answers")
        return [*SMALL, "model.safetensors", "pytorch_model.bin"]

    def snapshot(self, name: str, *, revision: str | None, allow_patterns: list[str]) -> str:
        self.fetched.append((name, revision, allow_patterns))
        return ""

    def downloads(self, **others: Any) -> Downloads:
        return Downloads(self.list_files, self.snapshot, others.get("nltk", lambda name: False))


def test_models_under_test_and_judges_that_are_served_here(tmp_path: Path) -> None:
    root = write_project(tmp_path, {"config/judges/pairs.yaml": "model: org/judge@v2\n"})
    config = load(root, models=["small", "org/tested", "gpt-4.1"], check_data=False)
    hub = Hub()
    done = fetch_all(config, root, hub.downloads())
    assert sorted(name for name, _, _ in hub.fetched) == ["org/judge", "org/tested"]
    assert {revision for _, revision, _ in hub.fetched} == {"v2", None}
    assert all(files == [*SMALL[:2], "model.safetensors", SMALL[2]] for _, _, files in hub.fetched)
    assert done == [
        "model vllm-org-tested (org/tested)",
        "model vllm-org-judge-v2 (org/judge)",
    ]


def test_all_that_can_not_be_had_is_said(tmp_path: Path) -> None:
    root = write_project(tmp_path)
    config = load(root, models=["org/there", "org/gone"], arenas=[], check_data=False)
    hub = Hub(lacking="org/gone")
    with pytest.raises(FetchError, match=r"model vllm-org-gone .*can't be reached"):
        fetch_all(config, root, hub.downloads())
    assert [name for name, _, _ in hub.fetched] == ["org/there"]


IFEVAL = {
    "config/benchmarks/rules.yaml": (
        "source: {file: data/open.csv}\nfields: {reference: null}\nprompt: config/prompts/open.jinja\n"
        "graders: [{type: ifeval}]\n"
    )
}


def test_punkt_is_fetched_where_ifeval_wants_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write_project(tmp_path, IFEVAL)
    monkeypatch.setattr(punkt, "_folders", lambda: [tmp_path / "nltk"])
    config = load(root, benchmarks=["rules"], arenas=[], check_data=False)

    def get(name: str) -> bool:
        (tmp_path / "nltk" / punkt.DATA["ifeval"][name]).mkdir(parents=True)
        return True

    with pytest.raises(FetchError, match="NLTK's data for 'ifeval': NLTK could not download punkt_tab"):
        fetch_all(config, root, Hub().downloads())
    assert fetch_all(config, root, Hub().downloads(nltk=get)) == ["NLTK's data for 'ifeval'"]
    assert fetch_all(config, root, Hub().downloads()) == []


def test_tests_recorded_answers_and_tokenizers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(fetch, "fetch_url", lambda url, sha256: asked.append((url, sha256)))
    monkeypatch.setattr(fetch, "fetch_dataset", lambda source: asked.append(source.dataset))
    monkeypatch.setattr(fetch, "archives", lambda where: lambda name: asked.append((where, name)))
    monkeypatch.setattr(fetch, "read_rows", lambda path, kind: [type("P", (), {"problem_id": "1A"})])
    commit, sha256 = "c" * 40, "5" * 64
    files = {
        "config/models/told.yaml": (
            "model: told\nengine: recorded\nanswers:\n"
            f"  contests: {{url: 'https://x.org/a.jsonl', sha256: '{sha256}'}}\n"
            f"  sums: {{dataset: org/answers, revision: '{commit}', split: train}}\n"
        ),
        "config/benchmarks/contests.yaml": (
            "source: {file: data/open.csv}\nfields: {reference: null}\nprompt: config/prompts/open.jinja\n"
            f"graders: [{{type: code, code: {{format: stdio, tests: org/tests@{commit}}}}}]\n"
        ),
        "config/lm_eval/tokens.yaml": "task: arc_easy\nendpoint: completions\ntokenizer: org/tokenizer\n",
    }
    config = load(
        write_project(tmp_path, files),
        check_data=False,
        models=["told"],
        benchmarks=["contests"],
        arenas=[],
        lm_eval=["tokens"],
    )
    hub = Hub()
    fetch_all(config, tmp_path, hub.downloads())
    assert asked == [("https://x.org/a.jsonl", sha256), "org/answers", (f"org/tests@{commit}", "1A")]
    assert hub.fetched == [("org/tokenizer", None, SMALL)]


def test_what_is_to_be_fetched_is_not_missed_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from snakeval.config import ConfigError, load_config

    root = write_project(tmp_path, IFEVAL)
    monkeypatch.setattr(punkt, "_folders", lambda: [tmp_path / "nltk"])
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    raw = {"models": ["folders/late", "gpt-4.1"], "benchmarks": ["rules"], "arenas": []}
    with pytest.raises(ConfigError) as raised:
        load_config(raw, root)
    assert len(raised.value.problems) == 2
    assert load_config(raw, root, fetching=True).settings.benchmarks == ("rules",)
    raw["models"] = ["./folders/lost"]
    with pytest.raises(ConfigError, match="no folder"):
        load_config(raw, root, fetching=True)
