"""What decides whether an output is fresh: Snakemake's record of it, or what it carries."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from snakemake.persistence import MetadataRecord, PersistenceBase
from snakemake.persistence.db import DbPersistence
from snakemake.persistence.file import FilePersistence

from snakeval.dag.records import UNKNOWN, Pattern, adopt, outputs, warning
from snakeval.dag.retries import known_here
from snakeval.system import origin
from snakeval.system.origin import Origin, beside

OURS, OTHER = '{"version": 1}', '{"version": 2}'
# (what Snakemake's record says, whether it is of this very file, what the file carries) -> what Snakemake
# then compares the configuration's spec with; None where it has nothing to compare with.
DECISIONS: dict[str, tuple[str | None, bool, str | None, str | None]] = {
    "a run of ours": (OURS, True, OURS, OURS),
    "a run of an earlier version": (OURS, True, None, OURS),
    "that, copied without its times": (OURS, False, None, OURS),
    "ours, copied without its times": (OURS, False, OURS, OURS),
    "copied without .snakemake": (None, False, OURS, OURS),
    "of an earlier version, copied without .snakemake": (None, False, None, UNKNOWN),
    "copied over a file of another spec": (OURS, False, OTHER, OTHER),
    "touched: `snakemake --touch` is somebody's word": (OURS, True, OTHER, OURS),
    "known to be unknown": (UNKNOWN, True, None, UNKNOWN),
    "unknown, and then copied over": (UNKNOWN, False, OURS, OURS),
    "unknown, and the file beside it came later": (UNKNOWN, True, OURS, OURS),
    "unknown, and copied over by one as unknown": (UNKNOWN, False, None, UNKNOWN),
}


def compared(spec: str) -> str:
    """A spec as Snakemake keeps it."""
    return spec if spec == UNKNOWN else repr(spec)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    return tmp_path


@pytest.mark.parametrize("decision", DECISIONS)
def test_what_a_spec_is_compared_with(folder: Path, decision: str) -> None:
    recorded, of_this_file, carried, expected = DECISIONS[decision]
    path, kept = "results/a.json", FilePersistence()
    Path(path).write_text(json.dumps({"a": 1} if carried is None else {"spec": carried, "inputs": None}))
    time = Path(path).stat().st_mtime
    if recorded is not None:
        record = MetadataRecord(params=[compared(recorded)], endtime=time if of_this_file else time - 9)
        kept._write_record(path, record)
    for _ in range(2):  # what was decided once is decided again
        nameless = adopt([(path, "aggregate")], kept)
        kept._clear_cache()
        found = kept._read_record(path)
        assert (found and found.params) == (None if expected is None else [compared(expected)])
        assert nameless == ([path] if expected == UNKNOWN else [])


HOUR = 3600.0
# An output that carries nothing, of an earlier version: how long after Snakemake's record says that it was
# made it was changed, how long after that the record itself was, and whether the record still counts.
REPLACED: dict[str, tuple[float, float, bool]] = {
    "as it was made": (0, 1, True),
    "an archive keeps whole seconds": (-0.7, 1, True),
    "or every second one": (-1.9, 1, True),
    "or rounds them up": (0.9, 1, True),
    "an older file, copied over it with its time": (-9, 1, False),
    "a much older one": (-900 * HOUR, 1, False),
    "a newer one": (900 * HOUR, 1, False),
    "a newer one over a record that came late": (900 * HOUR, 0.9 * HOUR, False),
    "the folder, copied without times": (900 * HOUR, 900 * HOUR, True),
    "the folder, copied for an hour, records first": (900 * HOUR, 899.5 * HOUR, True),
    "or last": (900 * HOUR, 901 * HOUR, True),
    "copied at once after it was made": (0.5 * HOUR, 0.5 * HOUR, True),
    "results alone copied with times, the records without": (0, 900 * HOUR, True),
}


@pytest.mark.parametrize("case", REPLACED)
@pytest.mark.parametrize("carried", [None, OTHER])
def test_a_record_of_a_file_that_was_replaced_says_nothing_of_the_other(
    folder: Path, case: str, carried: str | None
) -> None:
    changed, recorded, counts = REPLACED[case]
    path, kept, made = "results/a.json", FilePersistence(), 1_700_000_000.0
    Path(path).write_text(json.dumps({"a": 1} if carried is None else {"spec": carried, "inputs": None}))
    os.utime(path, (made + changed,) * 2)
    kept._write_record(path, MetadataRecord(params=[compared(OURS)], endtime=made))
    os.utime(kept._record_path(kept._metadata_path, path), (made + recorded,) * 2)
    nameless = adopt([(path, "aggregate")], kept)
    kept._clear_cache()
    found = kept._read_record(path)
    same = carried is not None and changed == 0
    expected = OURS if same or (carried is None and counts) else carried or UNKNOWN
    assert found is not None
    assert found.params == [compared(expected)]
    assert nameless == ([path] if expected == UNKNOWN else [])
    assert adopt([(path, "aggregate")], kept) == nameless


@pytest.mark.parametrize("backend", [FilePersistence, DbPersistence])
def test_the_record_is_one_that_snakemake_compares(
    folder: Path, backend: Callable[[], PersistenceBase]
) -> None:
    """Its params, its inputs by name, and by content where a time says that they are newer."""
    inputs = {"results/b": "sha256:1", "<service>": None, "results/a": "sha256:2"}
    Path("results/a.json").write_text(json.dumps({"spec": OURS, "inputs": inputs}))
    kept = backend()
    assert adopt([("results/a.json", "aggregate")], kept) == []
    kept._clear_cache()
    found = kept._read_record("results/a.json")
    assert found is not None
    assert (found.rule, found.input) == ("aggregate", ["<service>", "results/a", "results/b"])
    assert found.input_checksums == {"results/b": "sha256:1", "results/a": "sha256:2"}
    assert found.starttime == found.endtime == Path("results/a.json").stat().st_mtime
    assert found.record_format_version == 6


def test_outputs_are_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading thousands at every parse would take long: a record of this very file is enough."""
    names = [f"results/{number}.json" for number in range(3)]
    for name in names:
        Path(name).write_text(json.dumps({"spec": OURS, "inputs": None}))
    kept, reads = FilePersistence(), list[str]()
    read = origin.read

    def noting(path: str) -> Origin | None:
        reads.append(path)
        return read(path)

    monkeypatch.setattr("snakeval.system.origin.read", noting)
    for _ in range(3):
        adopt([(name, "aggregate") for name in names], kept)
        kept._clear_cache()
    assert reads == names
    os.utime(names[1], (5, 5))
    adopt([(name, "aggregate") for name in names], kept)
    assert reads == [*names, names[1]]


# What is in the folder of records in place of one: then there is none.
TORN = {"torn": b'{"rule": "gra', "empty": b"", "zeros, after a power cut": bytes(100)}


@pytest.mark.parametrize("torn", TORN)
def test_a_torn_record_is_none(folder: Path, torn: str) -> None:
    kept, path = FilePersistence(), "results/a.json"
    Path(path).write_text(json.dumps({"spec": OURS, "inputs": None}))
    kept._write_record(path, MetadataRecord(params=[compared(OTHER)]))
    Path(kept._record_path(kept._metadata_path, path)).write_bytes(TORN[torn])
    assert adopt([(path, "aggregate")], kept) == []
    kept._clear_cache()
    found = kept._read_record(path)
    assert found is not None
    assert found.params == [compared(OURS)]


def test_what_is_no_file_is_passed_over(folder: Path) -> None:
    """A pipe would be waited for."""
    os.mkfifo("results/pipe.json")
    Path("results/gone.json").symlink_to("nowhere")
    Path("results/loop.json").symlink_to("loop.json")
    kept = FilePersistence()
    paths = [str(path) for path in Path("results").iterdir()]
    assert adopt([(path, "aggregate") for path in paths], kept) == []
    kept._clear_cache()
    assert [kept._read_record(path) for path in paths] == [None] * 3


@pytest.mark.parametrize("stamped", [True, False])
def test_a_fetched_folder_counts_by_its_time_stamp(folder: Path, stamped: bool) -> None:
    model, kept = Path("results/models/one"), FilePersistence()
    model.mkdir(parents=True)
    stamp = model / ".snakemake_timestamp" if stamped else model
    if stamped:
        stamp.touch()
    os.utime(stamp, (5, 5))
    beside(model).write_text(json.dumps({"spec": OURS, "inputs": None}))
    assert adopt([(str(model), "fetch_model")], kept) == []
    kept._clear_cache()
    found = kept._read_record(str(model))
    assert found is not None
    assert (found.endtime, found.params, found.input) == (5, [compared(OURS)], None)


def test_results_that_cannot_be_written_to_are_read(folder: Path) -> None:
    Path("results/a.csv").write_text("")
    Path("results").chmod(0o555)
    kept = FilePersistence()
    assert adopt([("results/a.csv", "summary")], kept) == ["results/a.csv"]
    assert list(Path("results").iterdir()) == [Path("results/a.csv")]


GRADES = re.compile(r"results/grades/(?P<b>[^/]+)/(?P<m>one|two)/x\.parquet$")
KNOWN = [
    Pattern("grade", "results/grades/", GRADES, 4),
    Pattern("fetch", "results/models/", re.compile(r"results/models/(?P<m>one)$"), 2),
    Pattern("summary", "results/summary.csv", re.compile(r"results/summary\.csv$"), 1),
]
# A file, and the rule that makes it; None for what is no output of this configuration.
PLACES = {
    "results/grades/b/one/x.parquet": "grade",
    "results/grades/b/two/x.parquet": "grade",
    "results/grades/b/three/x.parquet": None,
    "results/grades/b/one/x.parquet.old": None,
    "results/grades/b/one/.x.parquet.77.tmp": None,
    "results/grades/notes.txt": None,
    "results/summary.csv": "summary",
    "results/.summary.csv.spec": None,
    "results/mine.csv": None,
    "results/.journal/grades/b/one/x.parquet": None,
    "results/logs/grades/b/one/x.parquet": None,
    "results/models/two/results/summary.csv": None,
}


def test_outputs_are_found(folder: Path) -> None:
    for path in PLACES:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("")
    Path("results/models/one/inside").mkdir(parents=True)
    expected = {path: rule for path, rule in PLACES.items() if rule}
    assert dict(outputs(KNOWN)) == {**expected, "results/models/one": "fetch"}


def test_a_loop_of_links_has_an_end(folder: Path) -> None:
    Path("results/grades/b").mkdir(parents=True)
    Path("results/grades/b/loop").symlink_to("../..", target_is_directory=True)
    Path("results/grades/b/away").symlink_to("nowhere")
    Path("results/grades/b/itself").symlink_to("itself")
    assert dict(outputs(KNOWN)) == {}


# An output, its spec, the runs with failures that are on record here -> the spec as it is known here.
RETRIES: dict[str, tuple[str, dict[str, Any], int | None, dict[str, Any]]] = {
    "no failures": ("generations/b/m.parquet", {"retries": 0}, None, {"retries": 0}),
    "no spec with retries": ("metrics/b/m/g.json", {"version": 1}, 3, {"version": 1}),
    "journals not copied": ("generations/b/m-v1.0.parquet", {"retries": 2}, None, {"retries": 0}),
    "journals copied": ("generations/b/m.parquet", {"retries": 2}, 2, {"retries": 2}),
    "failed again since": ("generations/b/m.parquet", {"retries": 2}, 3, {"retries": 2}),
    "older journals": ("grades/b/m/g.parquet", {"retries": 2}, 1, {"retries": 1}),
    "judgments": ("arena/a/j/judgments/m.jsonl", {"retries": 1}, None, {"retries": 0}),
    "judgments, journals copied": ("arena/a/j/judgments/m.jsonl", {"retries": 1}, 1, {"retries": 1}),
    "a grader's usage": ("usage/grades/b/m/g.json", {"retries": 1}, 1, {"retries": 1}),
    "an arena's usage": ("usage/arena/a/j/m.json", {"retries": 1}, 1, {"retries": 1}),
    "a benchmark named usage": ("generations/usage/m.parquet", {"retries": 1}, 1, {"retries": 1}),
}
JOURNALS = {
    "generations/b/m-v1.0.parquet": "generations/b/m-v1.0",
    "generations/b/m.parquet": "generations/b/m",
    "generations/usage/m.parquet": "generations/usage/m",
    "grades/b/m/g.parquet": "grades/b/m/g",
    "usage/grades/b/m/g.json": "grades/b/m/g",
    "arena/a/j/judgments/m.jsonl": "arena/a/j/m",
    "usage/arena/a/j/m.json": "arena/a/j/m",
    "metrics/b/m/g.json": "metrics/b/m/g",
}


@pytest.mark.parametrize("case", RETRIES)
def test_retries_that_are_not_on_record_here(folder: Path, case: str) -> None:
    output, spec, recorded, expected = RETRIES[case]
    if recorded is not None:
        journal = Path("results/.journal", JOURNALS[output])
        journal.mkdir(parents=True)
        (journal / "retries").write_text(f"{recorded}\n")
    spec, expected = {"label": "ü", **spec}, {"label": "ü", **expected}
    dumped = [json.dumps(each, sort_keys=True, ensure_ascii=False) for each in (spec, expected)]
    assert known_here(dumped[0], f"results/{output}") == dumped[1]


def test_one_line_says_why() -> None:
    one, several = warning(["results/b"]), warning(["results/b", "results/a", "results/c"])
    assert one.startswith("results/b: nothing says")
    assert several.startswith("results/a and 2 other outputs: nothing says")
    assert "\n" not in one + several
