"""Files behind a URL (served on loopback) and of data sets on the hub (a fake one)."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import errors

from snakeval.formats.rows import SourceError
from snakeval.problems.fetch import DatasetHub, FetchError, choose_files, fetch_dataset, fetch_url
from snakeval.problems.sources import read_rows
from snakeval.schema import Source
from unit.models.fake_hub import FakeHub, refusal

CONTENT = b'{"id": 1}\n'
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(BaseHTTPRequestHandler):
    """Serves CONTENT at any path that does not hold 'absent', and counts."""

    requests = 0

    def do_GET(self) -> None:
        type(self).requests += 1
        self.send_response(404 if "absent" in self.path else 200)
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SNAKEVAL_CACHE", str(tmp_path / "cache"))
    Server.requests = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_url_is_downloaded_once(url: str, tmp_path: Path) -> None:
    first = fetch_url(f"{url}/data/rows.jsonl?raw=1", SHA256)
    assert first == tmp_path / "cache" / "urls" / SHA256 / "rows.jsonl"
    assert fetch_url(f"{url}/data/rows.jsonl?raw=1", SHA256) == first
    assert Server.requests == 1
    assert first.read_bytes() == CONTENT


def test_a_damaged_copy_is_downloaded_again(url: str) -> None:
    path = fetch_url(f"{url}/rows.jsonl", SHA256)
    path.write_bytes(b"damaged")
    assert fetch_url(f"{url}/rows.jsonl", SHA256).read_bytes() == CONTENT


def test_rows_behind_a_url(url: str) -> None:
    assert read_rows(Source(url=f"{url}/rows.jsonl", sha256=SHA256), Path()) == [{"id": 1}]
    assert read_rows(Source(url=f"{url}/", sha256=SHA256, format="jsonl"), Path()) == [{"id": 1}]


def test_another_content(url: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=f"its sha256 is {SHA256}, source.sha256 says {'0' * 64}"):
        read_rows(Source(url=f"{url}/rows.jsonl", sha256="0" * 64), Path())
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("address", "match"),
    [
        ("/absent.jsonl", "absent.jsonl: can't be downloaded: HTTP Error 404"),
        ("file:///etc/hosts", "not http"),
    ],
)
def test_no_such_url(address: str, match: str, url: str) -> None:
    with pytest.raises(FetchError, match=match):
        fetch_url(address if ":" in address else url + address, SHA256)


def test_nobody_answers(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FetchError, match="can't be downloaded"):
        fetch_url("http://127.0.0.1:1/rows.jsonl", SHA256)


MAIN = ["README.md", "main/test-00000-of-00001.parquet", "main/train-00000-of-00001.parquet"]
SOCRATIC = ["socratic/test-00000-of-00001.parquet"]
GSM8K = [*MAIN, *SOCRATIC]
CARD = [
    {"config_name": "main", "data_files": [{"split": "test", "path": "main/test-*"}]},
    {"config_name": "socratic", "data_files": [{"split": "test", "path": ["socratic/test-*"]}]},
]
# (files, configs of the card, subset, split, files chosen)
CHOSEN: list[tuple[list[str], list[dict[str, Any]], str | None, str, list[str]]] = [
    (GSM8K, CARD, "main", "test", ["main/test-00000-of-00001.parquet"]),
    (GSM8K, CARD, "socratic", "test", SOCRATIC),
    (GSM8K, [], "main", "test", ["main/test-00000-of-00001.parquet"]),
    (["test.jsonl", "train.jsonl"], [], None, "test", ["test.jsonl"]),
    (["latest.jsonl", "test.jsonl"], [], None, "test", ["test.jsonl"]),
    (["data/b-test.csv", "data/b-dev.csv"], [], None, "dev", ["data/b-dev.csv"]),
    (["d/test-2.parquet", "d/test-1.parquet"], [], None, "test", ["d/test-1.parquet", "d/test-2.parquet"]),
    (["test.jsonl", "test.parquet"], [], None, "test", ["test.parquet"]),
    (
        [f"test-0000{i}-of-00002.csv" for i in (1, 0)],
        [],
        None,
        "test",
        [f"test-0000{i}-of-00002.csv" for i in (0, 1)],
    ),
    (["en/test/0000.parquet", "de/test/0000.parquet"], [], "de", "test", ["de/test/0000.parquet"]),
    (["README.md", "problems.jsonl"], [], None, "train", ["problems.jsonl"]),
    (["a/x.json", "x.json"], [{"data_files": "x.json"}], None, "train", ["x.json"]),
    (["a/x.json", "x.json"], [{"data_files": ["**/x.json"]}], None, "train", ["a/x.json", "x.json"]),
    (["x.json", "y.json"], [{"data_files": {"test": "y.json"}}], None, "test", ["y.json"]),
    (["a/x.json"], [{"data_dir": "a", "data_files": {"test": "*.json"}}], None, "test", ["a/x.json"]),
    (
        ["a.json", "b.json"],
        [
            {"config_name": "a", "data_files": "a.json"},
            {"config_name": "b", "default": True, "data_files": "b.json"},
        ],
        None,
        "train",
        ["b.json"],
    ),
]


@pytest.mark.parametrize(("names", "configs", "subset", "split", "expected"), CHOSEN)
def test_chosen(
    names: list[str], configs: list[dict[str, Any]], subset: str | None, split: str, expected: list[str]
) -> None:
    assert choose_files(names, configs, subset, split) == expected


UNDECIDED: list[tuple[list[str], list[dict[str, Any]], str | None, str, list[str]]] = [
    (GSM8K, CARD, "main", "dev", ["no data file", "split 'dev'", "main/test-00000-of-00001.parquet"]),
    (GSM8K, CARD, "other", "dev", ["subsets: main, socratic"]),
    (GSM8K, [], None, "test", ["several subsets"]),
    (["README.md", "data.py"], [], None, "test", ["data files: none"]),
    (["test-00001-of-00002.parquet"], [], None, "test", ["only 1 of the 2 files"]),
    ([f"{i}.json" for i in range(50)], [], None, "test", ["0.json", "..."]),
]


@pytest.mark.parametrize(("names", "configs", "subset", "split", "words"), UNDECIDED)
def test_undecided(
    names: list[str], configs: list[dict[str, Any]], subset: str | None, split: str, words: list[str]
) -> None:
    with pytest.raises(FetchError) as caught:
        choose_files(names, configs, subset, split)
    assert [word for word in words if word not in str(caught.value)] == []


@pytest.fixture
def hub(tmp_path: Path) -> FakeHub:
    fake = FakeHub(tmp_path / "hub")
    card = (
        "---\nconfigs:\n- config_name: main\n  data_files:\n  - split: test\n    path: main/t*\n---\n# Card\n"
    )
    fake.add("README.md", card)
    fake.add("main/t1.jsonl", '{"id": 1}\n')
    fake.add("main/t2.jsonl", '{"id": 2}\n')
    fake.add("test.jsonl", '{"id": 3}\n')
    return fake


def of(fake: FakeHub) -> DatasetHub:
    return DatasetHub(fake.list_files, fake.snapshot)


DATASET = Source(dataset="some/data", revision="c0ffee", split="test")


@pytest.mark.parametrize("offline", [False, True])
def test_dataset(offline: bool, hub: FakeHub) -> None:
    hub.failure = errors.OfflineModeIsEnabled("offline") if offline else None
    paths = fetch_dataset(DATASET, of(hub))
    assert [path.relative_to(hub.snapshot_folder).as_posix() for path in paths] == [
        "main/t1.jsonl",
        "main/t2.jsonl",
    ]
    # Only the split's own files are fetched.
    fetched = [("snapshot", ["README.md"]), ("snapshot", ["main/t1.jsonl", "main/t2.jsonl"])]
    assert hub.asked == ([("snapshot", None)] if offline else fetched)


REFUSED = [
    (errors.RepositoryNotFoundError, "data set 'some/data' is not on the Hugging Face hub"),
    (errors.RevisionNotFoundError, "no revision 'c0ffee'"),
    (errors.GatedRepoError, r"gated.*HF_TOKEN"),
    (errors.OfflineModeIsEnabled, "not in the Hugging Face cache"),
]


@pytest.mark.parametrize(("failure", "match"), REFUSED)
def test_dataset_refused(failure: type[Exception], match: str, hub: FakeHub) -> None:
    hub.failure, hub.cached = refusal(failure), False
    with pytest.raises(FetchError, match=match):
        fetch_dataset(DATASET, of(hub))


def test_dataset_without_the_split(hub: FakeHub) -> None:
    source = DATASET.model_copy(update={"split": "dev"})
    with pytest.raises(FetchError, match=r"'some/data' at revision 'c0ffee': no data file .*main/t1\.jsonl"):
        fetch_dataset(source, of(hub))


def test_broken_card(hub: FakeHub) -> None:
    hub.add("README.md", "---\nconfigs: [\n---\n")
    with pytest.raises(FetchError, match=r"README\.md: its head is not YAML"):
        fetch_dataset(DATASET, of(hub))
