"""Results go where Snakemake's records do not: what is stale is the same there, and nothing more is."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from snakemake.persistence.file import FilePersistence

from project import Project, new_project
from rules.endpoint import finish
from rules.test_staleness import CHANGES, LATE
from snakeval.system.origin import content_of, read

pytestmark = pytest.mark.e2e

DRY_RUNS = Path(__file__).with_name("dry_runs.py")
CONFIG = "config/config.yaml"
SOME_TIME = 1_800_000_000
Edit = Callable[[Project], None]
Stale = dict[str, list[str]]
DryRun = Callable[..., list[Stale]]


def replacing(path: str, old: str, new: str) -> Edit:
    return lambda project: project.edit(path, old, new)


def another_name(project: Project) -> None:
    """A template under another name is the same template."""
    prompts = project.folder / "config/prompts"
    shutil.move(prompts / "demo_solve.jinja", prompts / "s.jinja")
    for name in ("demo-arithmetic", "demo-questions"):
        project.edit(f"config/benchmarks/{name}.yaml", "demo_solve.jinja", "s.jinja")


# Beside the table of changes: whether anything is made anew.
FURTHER: dict[str, tuple[Edit, bool]] = {
    "the prompt": (replacing("config/prompts/demo_solve.jinja", "{{ problem }}", "{{ problem }} "), True),
    "a judge's sampling": (replacing("config/judges/demo-pair.yaml", "160", "161"), True),
    "a judge's prompt": (replacing("config/prompts/demo_pair.jinja", "{{", " {{"), True),
    "the seed of all samples": (replacing(CONFIG, "seed: 0", "seed: 9"), True),
    "a threshold": (replacing(CONFIG, "truncated: 0.5", "truncated: 0.4"), True),
    "an arena's weight": (replacing("config/arenas/demo.yaml", "weight: 3", "weight: 2"), True),
    "max_tokens": (replacing("config/benchmarks/demo-arithmetic.yaml", "160", "161"), True),
    "extra_body": (replacing(LATE, "engine:", "extra_body: {top_k: 5}\nengine:"), True),
    "a model less": (replacing(CONFIG, "models: [demo-early, demo-late]", "models: [demo-late]"), True),
    "an arena less": (replacing(CONFIG, "arenas: [demo]", "arenas: []"), True),
    "a comment": (replacing(CONFIG, "seed: 0", "seed: 0  # the same"), False),
    "a template's name": (another_name, False),
}
EDITS = {name: edit for name, (edit, _) in (CHANGES | FURTHER).items()}
ANEW = {name: bool(expected) for name, (_, expected) in (CHANGES | FURTHER).items()}


def records(finished: Project, folder: Path) -> Project:
    """Snakemake's own records are there."""
    return finished.copy(folder)


def moved(finished: Project, folder: Path) -> Project:
    project = finished.copy(folder)
    shutil.rmtree(project.folder / ".snakemake")
    return project


def clone(finished: Project, folder: Path) -> Project:
    """A checkout's files are newer than the results that were copied there, which cannot be written to."""
    project = moved(finished, folder)
    for path in folder.rglob("*"):
        if "results" not in path.relative_to(folder).parts:
            os.utime(path)
    for path in (folder / "results", *(folder / "results").rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return project


def copied_over(finished: Project, folder: Path) -> Project:
    """The results were copied over others, whose records stay; without their times, inputs last."""
    project = finished.copy(folder)
    for path in (folder / ".snakemake/metadata").iterdir():
        record = json.loads(path.read_text())
        path.write_text(json.dumps({**record, "params": ["'{}'"], "input_checksums": {}}))
    results = [path for path in (folder / "results").rglob("*") if path.is_file()]
    order = ("summary", "metrics", "grades", "generations", "problems")
    results.sort(key=lambda path: [path.is_relative_to(folder / "results" / name) for name in order])
    for number, path in enumerate(results):
        os.utime(path, (SOME_TIME + number, SOME_TIME + number))
    return project


PLACES = (records, clone, copied_over)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A finished run; the project's files are older than its results."""
    return finish(new_project(tmp_path_factory.mktemp("finished") / "project"))


@pytest.fixture(scope="module")
def dry_run() -> Iterator[DryRun]:
    """What each of some projects would run; each has its own library, hence no PYTHONPATH."""
    process = subprocess.Popen(
        [sys.executable, str(DRY_RUNS)],
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        requests, answers = process.stdin, process.stdout

        def ask(*projects: Project) -> list[Stale]:
            found = []
            for project in projects:
                requests.write(f"{project.folder}\n")
                requests.flush()
                assert answers.readline().strip() == str(project.folder)
                found.append(json.loads((project.folder / "stale.json").read_text()))
            return found

        yield ask


@pytest.mark.parametrize("change", EDITS)
def test_what_is_stale_is_the_same_everywhere(
    change: str, finished: Project, dry_run: DryRun, tmp_path: Path
) -> None:
    projects = [place(finished, tmp_path / place.__name__) for place in PLACES]
    for project in projects:
        EDITS[change](project)
    known, *elsewhere = dry_run(*projects)
    assert bool(known) == ANEW[change]
    for place, found in zip(PLACES[1:], elsewhere, strict=True):
        assert found == known, place.__name__
    shutil.rmtree(tmp_path)  # ten megabytes each


def test_every_output_says_what_snakemake_recorded(
    finished: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(finished.folder)
    kept = FilePersistence()
    names = [base64.urlsafe_b64decode(path.name).decode() for path in Path(kept._metadata_path).iterdir()]
    assert len(names) > 30
    for name in names:
        record, said = kept._read_record(name), read(name)
        assert record is not None
        assert said is not None, name
        assert said.inputs is not None, name
        assert [repr(said.spec)] == record.params, name
        assert sorted(said.inputs) == record.input, name
        assert {key: each for key, each in said.inputs.items() if each} == record.input_checksums, name
        assert record.endtime == Path(name).stat().st_mtime, name


def as_an_earlier_version_wrote_it(project: Project) -> Project:
    """Results without a word of what they are of; their times are as before."""
    for path in (project.folder / "results").rglob("*"):
        time = path.stat().st_mtime_ns
        if path.name.endswith(".spec"):
            path.unlink()
            continue
        if path.suffix == ".json" and isinstance(found := json.loads(path.read_text()), dict):
            path.write_text(json.dumps(content_of(found)))
        if path.suffix == ".parquet":
            pq.write_table(pq.read_table(path).replace_schema_metadata(), path)
        os.utime(path, ns=(time, time))
    return project


def test_results_of_an_earlier_version(finished: Project, dry_run: DryRun, tmp_path: Path) -> None:
    """Where they were made they are fresh; elsewhere nothing is known of them, until somebody says so."""
    there = as_an_earlier_version_wrote_it(records(finished, tmp_path / "there"))
    elsewhere = as_an_earlier_version_wrote_it(moved(finished, tmp_path / "elsewhere"))
    fresh, stale = dry_run(there, elsewhere)
    assert fresh == {}
    assert "nothing says what they are of" not in (there.folder / "dry_run.log").read_text()
    everything = {"prepare", "infer_config", "generate", "grade", "grade_judge", "aggregate", "arena_judge"}
    assert everything < stale.keys()
    log = (elsewhere.folder / "dry_run.log").read_text()
    (line,) = (line for line in log.splitlines() if "nothing says what they are of" in line)
    assert line.startswith("results/arena/demo/demo-pair/judgments/demo-late.jsonl and ")
    elsewhere.run("--touch")
    assert dry_run(elsewhere) == [{}]
    elsewhere.edit(LATE, "temperature: 0.8", "temperature: 0.9")
    assert "generate" in dry_run(elsewhere)[0]


def test_a_result_is_made_anew_and_says_so(finished: Project, tmp_path: Path) -> None:
    """Of another configuration, without records: what is made then is fresh, with its records and without."""
    project = moved(finished, tmp_path / "project")
    project.edit(CONFIG, "  seed: 0", "  seed: 1")
    target = "results/metrics/demo-arithmetic/demo-late/math.json"
    assert "rule aggregate:" in project.run(target, "--logger", "plain").stdout
    assert json.loads(json.loads((project.folder / target).read_text())["spec"])["bootstrap"]["seed"] == 1
    assert "Nothing to be done" in project.run("-n", target).stdout
    shutil.rmtree(project.folder / ".snakemake")
    assert "Nothing to be done" in project.run("-n", target).stdout
