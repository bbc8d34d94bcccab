"""llama.cpp's own server with the demo's model: what docs/engines.md says of it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gguf_model import write_gguf
from project import PATIENCE, REPOSITORY
from snakeval.asking.replicas import queue_length
from snakeval.serving.engines import launch
from snakeval.serving.server import EngineServer
from snakeval.serving.spec import ServeSpec
from snakeval.system import processes

pytestmark = pytest.mark.e2e

LATE = REPOSITORY / "demo/models/late"
GPUS = {"per_node": 0, "memory_gib": 80}


class Asked:
    """A server that runs."""

    def __init__(self, server: EngineServer, url: str) -> None:
        self.server, self.url = server, url

    def get(self, path: str) -> str:
        request = urllib.request.Request(self.url.removesuffix("/v1") + path, headers=self._headers())
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return str(answer.read().decode())

    def chat(self, prompt: str = "What is 12 + 7?", **body: Any) -> dict[str, Any]:
        """The first choice of an answer."""
        asked = {"model": "late", "messages": [{"role": "user", "content": prompt}], "max_tokens": 60, **body}
        data, target = json.dumps(asked).encode(), f"{self.url}/chat/completions"
        with urllib.request.urlopen(urllib.request.Request(target, data, self._headers())) as answer:
            choice: dict[str, Any] = json.load(answer)["choices"][0]
        return choice

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.server.api_key}", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("llama_cpp")
    file = write_gguf(LATE, folder / "late.gguf")
    spec = ServeSpec("late", str(file), "llama_cpp", max_model_len=512, gpus=GPUS)
    with EngineServer(launch(spec), "late", folder / "log") as server:
        yield Asked(server, server.wait_ready(PATIENCE))


def text(choice: dict[str, Any]) -> str:
    return str(choice["message"]["content"])


def test_it_computes_what_transformers_does(late: Asked) -> None:
    choice = late.chat(temperature=0)
    assert text(choice) == r"1 = 7. The answer is \boxed{0}."  # transformers 5.19, greedy, 32-bit
    assert choice["finish_reason"] == "stop"


def test_seeds(late: Asked) -> None:
    texts = [text(late.chat(temperature=1, seed=seed)) for seed in (1, 2, 3, 1)]
    assert texts[0] == texts[3]
    assert len(set(texts)) > 1


def test_what_is_not_sent_is_openais(late: Asked) -> None:
    settings = json.loads(late.get("/props"))["default_generation_settings"]
    found = {
        key: settings["params"][key] for key in ("temperature", "top_k", "top_p", "min_p", "repeat_last_n")
    }
    assert found == {"temperature": 1, "top_k": 0, "top_p": 1, "min_p": 0, "repeat_last_n": -1}
    samplers = settings["params"]["samplers"]
    assert samplers.index("temperature") < min(map(samplers.index, ("top_k", "top_p", "min_p")))
    assert settings["n_ctx"] == 512


def test_stop_strings(late: Asked) -> None:
    choice = late.chat(temperature=0, stop=["a", "b", "c", "d", "swer"])
    assert (text(choice), choice["finish_reason"]) == ("1 = 7. The ", "stop")


def test_the_end_of_the_context(late: Asked) -> None:
    choice = late.chat(max_tokens=5000, ignore_eos=True, temperature=0)
    assert choice["finish_reason"] == "length"
    with pytest.raises(urllib.error.HTTPError) as caught:
        late.chat("1 + " * 400)
    assert caught.value.code == 400
    assert "exceed" in caught.value.read().decode()


def test_its_queue(late: Asked) -> None:
    assert queue_length(late.get("/metrics")) == (0, 0)


def test_it_ends(tmp_path: Path) -> None:
    file = write_gguf(LATE, tmp_path / "late.gguf")
    spec = ServeSpec("late", str(file), "llama_cpp", max_model_len=64, gpus=GPUS)
    with EngineServer(launch(spec), "late", tmp_path / "log") as server:
        server.wait_ready(PATIENCE)
        leader = server.leader
        assert server.api_key not in Path(f"/proc/{leader[0]}/cmdline").read_text()
    assert not processes.alive(*leader)
    assert server.api_key not in (tmp_path / "log").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--n-batches=5",), "no parameter 'n_batches'"), (("--n-batch=many",), "n_batch is a number")],
)
def test_a_mistake_is_named(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    file = write_gguf(LATE, tmp_path / "late.gguf")
    spec = ServeSpec("late", str(file), "llama_cpp", max_model_len=64, gpus=GPUS, engine_args=arguments)
    with (
        EngineServer(launch(spec), "late", tmp_path / "log") as server,
        pytest.raises(Exception, match=words),
    ):
        server.wait_ready(PATIENCE)
