"""What outputs say they are of, in every kind of file, and that nothing else of them changes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from snakeval.system import origin
from snakeval.system.files import write_text
from snakeval.system.job import begin
from snakeval.system.origin import Origin, beside, content_of, read, say
from snakeval.system.tables import parquet_writer, read_notes

SPECS = {
    "plain": '{"temperature": 0.8, "version": 1}',
    "not ASCII": '{"label": "Größe ∑ 🎲", "version": 1}',
    "longer than a footer is read at once": json.dumps({"engine_args": ["x" * 60] * 3000}),
    "of 127 bytes": '{"a": "' + "x" * 118 + '"}',
    "of 128 bytes": '{"a": "' + "x" * 119 + '"}',
    "one with quotes and backslashes": json.dumps({"regex": '\\"\\boxed\\{"', "version": 1}),
}
# Each text of an output, and whether it holds what it is of itself, or a file beside it does.
TEXTS = {
    "a.json, indented": ('{\n  "a": 1,\n  "b": [2]\n}\n', True),
    "b.json, on one line": ('{"a": 1}\n', True),
    "c.json, empty": ("{}\n", True),
    "d.json, empty with lines": ("{\n}\n", True),
    "e.json, not ASCII": ('{"a": "Größe"}\n', True),
    "f.json, a list": ('[{"a": 1}]\n', False),
    "g.json, an empty list": ("[]\n", False),
    "h.jsonl, rows": ('{"a": 1}\n{"a": 2}\n', False),
    "i.csv, a table": ("model,pass@1\nx,0.5\n", False),
    "j.yaml, a config": ("tensor_parallel_size: 1\n", False),
    "k.md, empty": ("", False),
    "l.html, a page": ("<html></html>", False),
}


@pytest.fixture(autouse=True)
def nothing_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "_said", {})


def write_parquet(path: Path, **columns: list[Any]) -> None:
    table = pa.table(columns or {"text": ["a", "b"]})
    with parquet_writer(path, table.schema) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"snakeval.sandbox": "bubblewrap"})


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_says_what_it_is_of(tmp_path: Path, kind: str, spec: str) -> None:
    path, (text, inside) = tmp_path / kind.split(",")[0], TEXTS[kind]
    say([str(path)], spec, None)
    write_text(path, text)
    assert read(str(path)) == Origin(spec, None)
    assert beside(path).exists() != inside
    if inside:
        assert content_of(json.loads(path.read_text())) == json.loads(text)
        assert list(json.loads(path.read_text()))[:2] == ["spec", "inputs"]
    else:
        assert path.read_text() == text


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_parquet_file_says_what_it_is_of(tmp_path: Path, spec: str) -> None:
    path = tmp_path / "a.parquet"
    say([str(path)], spec, None)
    write_parquet(path)
    assert read(str(path)) == Origin(spec, None)
    noted = pq.read_metadata(path).metadata
    assert noted[b"snakeval.spec"].decode() == spec
    assert read_notes(path) == {"sandbox": "bubblewrap"}
    assert pq.read_table(path).to_pydict() == {"text": ["a", "b"]}


def test_texts_of_rows_are_not_taken_for_what_a_file_is_of(tmp_path: Path) -> None:
    """The footer holds the least and the greatest of a column's texts."""
    hostile = "\x18\x0dsnakeval.spec\x18\x02{}"
    said = tmp_path / "said.parquet"
    say([str(said)], SPECS["plain"], None)
    write_parquet(said, text=[hostile, "\x00" + hostile])
    assert hostile.encode() in said.read_bytes()
    assert read(str(said)) == Origin(SPECS["plain"], None)


def test_inputs_are_kept_with_their_digests(tmp_path: Path) -> None:
    one, folder = tmp_path / "one", tmp_path / "folder"
    one.write_text("1")
    folder.mkdir()
    paths = {str(one): str(one), "<service>": str(tmp_path / "gone"), str(folder): str(folder)}
    digest = "sha256:" + hashlib.sha256(b"1").hexdigest()
    expected = Origin("{}", {str(one): digest, "<service>": None, str(folder): None})
    for name in ("a.parquet", "a.json", "a.csv"):
        say([str(tmp_path / name)], "{}", paths)
    write_parquet(tmp_path / "a.parquet")
    write_text(tmp_path / "a.json", "{}")
    write_text(tmp_path / "a.csv", "")
    for name in ("a.parquet", "a.json", "a.csv"):
        assert read(str(tmp_path / name)) == expected, name


def test_large_inputs_have_no_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "DIGESTED", 2)
    (tmp_path / "two").write_text("12")
    (tmp_path / "three").write_text("123")
    assert origin.digest(str(tmp_path / "two")) is not None
    assert origin.digest(str(tmp_path / "three")) is None


# What becomes of a file that said what it is of, and whether it still does.
DAMAGE: dict[str, tuple[str, bytes | None, bool]] = {
    "another text under the old name": ("a.csv", b"model\ny\n", False),
    "the file beside it lost": (".a.csv.spec", None, False),
    "the file beside it torn": (".a.csv.spec", b'{"spec": "{}", "in', False),
    "the file beside it a list": (".a.csv.spec", b"[]", False),
    "the file beside it without a digest": (".a.csv.spec", b'{"spec": "{}"}', False),
    "a JSON file torn": ("a.json", b'{"spec": "{}", "inputs": nu', False),
    "a JSON file of an earlier version": ("a.json", b'{"a": 1}', False),
    "a JSON file with another spec": ("a.json", b'{"a": 1, "spec": {"temperature": 1}}', False),
    "a JSON file laid out anew": ("a.json", b'{"a": 1,\n "inputs": null,\n "spec": "{}"}', True),
    "a parquet file of no bytes": ("a.parquet", b"", False),
    "a parquet file torn": ("a.parquet", b"PAR1\x00\x00", False),
    "a footer longer than the file": ("a.parquet", b"PAR1\xff\xff\xff\x7fPAR1", False),
    "a parquet file gone": ("a.parquet", None, False),
    "nothing": ("other", b"", True),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_says_nothing(tmp_path: Path, damage: str) -> None:
    name, content, expected = DAMAGE[damage]
    files = ("a.csv", "a.json", "a.parquet")
    say([str(tmp_path / each) for each in files], "{}", None)
    write_text(tmp_path / "a.csv", "model\nx\n")
    write_text(tmp_path / "a.json", '{"a": 1}')
    write_parquet(tmp_path / "a.parquet")
    if content is None:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes(content)
    found = [read(str(tmp_path / each)) for each in files]
    damaged = [Origin("{}", None) if each not in name or expected else None for each in files]
    assert found == damaged


def test_what_nobody_spoke_of_is_written_as_it_is(tmp_path: Path) -> None:
    for name, (text, _) in TEXTS.items():
        path = tmp_path / name.split(",")[0]
        write_text(path, text)
        assert path.read_text() == text
        assert read(str(path)) is None
    write_parquet(tmp_path / "a.parquet")
    assert read(str(tmp_path / "a.parquet")) is None
    assert not list(tmp_path.glob(".*"))


def test_a_folder_has_it_beside(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    assert read(str(folder)) is None
    say([str(folder)], "{}", None)
    origin.keep(folder)
    assert read(str(folder)) == Origin("{}", None)
    assert list(folder.iterdir()) == []


# A job's inputs, and their names for Snakemake.
JOBS: dict[str, tuple[list[str], list[str] | None]] = {
    "files": (["results/b", "results/a"], ["results/b", "results/a"]),
    "none": ([], []),
    "a service": (["results/x.json", "results/a"], ["results/x.json", "results/a"]),
    "fetched from S3": ([".snakemake/storage/s3/bucket/model.safetensors"], None),
}


@pytest.mark.parametrize("job", JOBS)
def test_a_job_begins_by_saying_what_its_outputs_are_of(
    tmp_path: Path, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, names = JOBS[job]
    output, logs = tmp_path / "a.json", list[str]()
    monkeypatch.setattr("snakeval.system.job.log_to", logs.append)
    params = SimpleNamespace(spec="{}")
    begin(SimpleNamespace(log=["a.log"], input=inputs, output=[str(output)], params=params))
    write_text(output, "{}")
    found = read(str(output))
    assert found is not None
    assert (None if found.inputs is None else list(found.inputs)) == names
    assert logs == ["a.log"]


SCRIPTS = Path(__file__).resolve().parents[3] / "workflow/scripts"
WITHOUT_OUTPUT = {"fetch", "plan", "servers", "validate"}


def test_every_script_that_writes_an_output_says_what_it_is_of() -> None:
    scripts = {path.stem: path.read_text() for path in SCRIPTS.glob("*.py")}
    assert {name for name, text in scripts.items() if "    begin(snakemake)\n" in text} == (
        scripts.keys() - WITHOUT_OUTPUT
    )
