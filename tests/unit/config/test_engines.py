"""Which engine serves a model, GGUF files among them, and what its file may say then."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from project import REPOSITORY
from snakeval.config import ConfigError
from snakeval.dag import digests, identity
from snakeval.models.infer import InferError, inferred
from snakeval.schema import Gpus, Model
from unit.config.example_project import fresh_project, load

LATE = REPOSITORY / "demo/models/late"


def _value(value: str | int) -> bytes:
    return struct.pack("<II", 4, value) if isinstance(value, int) else struct.pack("<I", 8) + _text(value)


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value)) + value.encode()


def gguf(path: Path, **metadata: str | int) -> Path:
    """A GGUF file without tensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    values = b"".join(_text(key) + _value(value) for key, value in metadata.items())
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, len(metadata)) + values)
    return path


TEMPLATE: dict[str, str | int] = {
    "general.architecture": "llama",
    "tokenizer.chat_template": "{{ messages }}",
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = fresh_project(tmp_path, monkeypatch)
    gguf(root / "quants/one/model-Q4.gguf", **TEMPLATE)
    gguf(root / "quants/one/mmproj-model.gguf")
    for part in (1, 2):
        gguf(root / f"quants/parts/m-0000{part}-of-00002.gguf", **TEMPLATE)
    gguf(root / "quants/torn/m-00001-of-00002.gguf", **TEMPLATE)
    for name in ("a", "b"):
        gguf(root / f"quants/two/{name}.gguf", **TEMPLATE)
    gguf(root / "quants/untold/model.gguf")
    return root


def written(root: Path, text: str) -> str:
    (root / "config/models/mine.yaml").write_text(text)
    return "mine"


@pytest.mark.parametrize(
    ("name", "slug", "model"),
    [
        ("quants/one/model-Q4.gguf", "llama_cpp-one-model-q4.gguf", "quants/one/model-Q4.gguf"),
        ("./quants/one/model-Q4.gguf", "llama_cpp-one-model-q4.gguf", "quants/one/model-Q4.gguf"),
        ("quants/one", "llama_cpp-quants-one", "quants/one"),
        ("quants/parts", "llama_cpp-quants-parts", "quants/parts"),
        ("quants/two/a.gguf", "llama_cpp-two-a.gguf", "quants/two/a.gguf"),
    ],
)
def test_a_gguf_file_is_llama_cpps(root: Path, name: str, slug: str, model: str) -> None:
    found = load(root, models=[name]).served[slug]
    assert (found.engine, found.model) == ("llama_cpp", model)
    # One server on one GPU, whatever a node has.
    sizes = (found.tensor_parallel_size, found.pipeline_parallel_size, found.data_parallel_size, found.nodes)
    assert sizes == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("model: quants/two\n", "model", "several models (a.gguf, b.gguf): name one"),
        ("model: quants/torn\n", "model", "m-00002-of-00002.gguf is missing"),
        ("model: quants/none\nengine: llama_cpp\n", "model", "no such file or folder"),
        ("model: quants/none.gguf\nengine: llama_cpp\n", "model", "is no file here"),
        ("model: quants/one/model-Q5.gguf\n", "model", "did you mean 'model-Q4.gguf'?"),
        ("model: org/repo/model-Q4.gguf\n", "model", "is to be downloaded"),
        ("model: folders/late\nengine: llama_cpp\n", "model", "has no GGUF file"),
        ("model: org/repo\nengine: llama_cpp\n", "model", "serves a GGUF file"),
        ("model: quants/one\nengine: vllm\n", "model", "'engine: llama_cpp'"),
        ("model: quants/one/model-Q4.gguf\nengine: sglang\n", "model", "'engine: llama_cpp'"),
        ("model: org/repo:Q4_K_M\n", "model", "download it"),
        ("model: quants/one\nrevision: main\n", "model", "no revisions"),
        ("model: quants/untold\n", "chat_template", "has no chat template"),
        ("model: quants/one\ndtype: float16\n", "dtype", "the file has its own"),
        ("model: quants/one\nextra_body: {min_tokens: 4}\n", "extra_body.min_tokens", "ignored by llama.cpp"),
        (
            "model: quants/one\nsampling: {repetition_penalty: 1.1}\n",
            "sampling.repetition_penalty",
            "repeat_penalty",
        ),
        ("model: folders/late\nengine: sglang\nsampling: {top_k: 0}\n", "sampling.top_k", "and not 0"),
        (
            "model: folders/late\nengine: sglang\ndistributed_executor_backend: mp\n",
            "distributed_executor_backend",
            "it is vLLM's",
        ),
        (
            "model: folders/late\nengine: sglang\nextra_body: {bad_words: [x]}\n",
            "extra_body.bad_words",
            "ignored by SGLang",
        ),
        ("model: folders/late\nengine: sglng\n", "engine", "'sglang'?"),
    ],
)
def test_mistakes(root: Path, text: str, key: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(root, models=[written(root, text)])
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == ("config/models/mine.yaml", key)
    assert words in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "model: folders/late\nengine: sglang\n",
        "model: folders/late\nengine: sglang\nsampling: {top_k: -1}\nextra_body: {regex: '[0-9]+'}\n",
        "model: quants/untold\nchat_template: template.jinja\n",
        "model: quants/one\nextra_body: {repetition_penalty: null, repeat_penalty: 1.1}\n",
        "model: quants/one\nengine_args: [--n-parallel=8]\ntensor_parallel_size: 2\n",
    ],
)
def test_what_is_right(root: Path, text: str) -> None:
    (root / "template.jinja").write_text("{{ messages }}")
    load(root, models=[written(root, text)])


def described(root: Path, name: str) -> dict[str, Any]:
    config = load(root, models=[name])
    digests.folder_content.cache_clear()
    (slug,) = config.models
    return identity.model(config.served[slug])


def test_content_and_engine_are_identity(root: Path) -> None:
    before = described(root, "quants/one/model-Q4.gguf")
    assert before["fingerprint"]
    gguf(root / "quants/one/mmproj-model.gguf", other="file")
    assert described(root, "quants/one/model-Q4.gguf") == before
    gguf(root / "quants/one/model-Q4.gguf", **TEMPLATE, more="x")
    after = described(root, "quants/one/model-Q4.gguf")
    assert {key for key in before if before[key] != after[key]} == {"fingerprint"}
    first = "quants/parts/m-00001-of-00002.gguf"
    before = described(root, first)
    gguf(root / "quants/parts/m-00002-of-00002.gguf", **TEMPLATE, more="x")
    after = described(root, first)
    assert {key for key in before if before[key] != after[key]} == {"fingerprint"}
    plain = described(root, "folders/late")
    other = described(root, written(root, "model: folders/late\nengine: sglang\n"))
    assert {key for key in plain if plain[key] != other[key]} == {"engine"}


@pytest.mark.parametrize(
    ("endpoint", "name", "refused"),
    [
        ("completions", "quants/one", True),
        ("chat", "quants/one", False),
        ("completions", "folders/late", False),
    ],
)
def test_likelihoods(root: Path, endpoint: str, name: str, refused: bool) -> None:
    folder = root / "config/lm_eval"
    folder.mkdir(exist_ok=True)
    (folder / "choice.yaml").write_text(f"task: arc_easy\nendpoint: {endpoint}\n")
    if not refused:
        load(root, models=[name], lm_eval=["choice"])
        return
    with pytest.raises(ConfigError) as raised:
        load(root, models=[name], lm_eval=["choice"])
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == ("config/lm_eval/choice.yaml", "endpoint")
    assert "llama.cpp" in problem.message


def test_sglang_has_one_copy_over_nodes() -> None:
    model = Model(model=str(LATE), engine="sglang", nodes=2)
    with pytest.raises(InferError, match="SGLang has one copy over several"):
        inferred("late", model, Gpus(per_node=2, memory_gib=80))
    one = inferred(
        "late", model.model_copy(update={"data_parallel_size": 1}), Gpus(per_node=2, memory_gib=80)
    )
    assert (one.nodes, one.data_parallel_size) == (2, 1)
