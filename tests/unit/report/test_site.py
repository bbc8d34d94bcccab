"""What the site's pages are built of: joined samples, chunks, figures, anomalies, and what is withheld."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from site_files import SLUGS
from site_run import HOSTILE, SECRET, Run
from snakeval.config import Config
from snakeval.dag import identity, shown
from snakeval.report.joined import Parts, joined, parts_of
from snakeval.report.samples import write_samples
from snakeval.report.site import benchmarks, build
from snakeval.report.site.chunks import Cut, finite, write_chunk
from snakeval.schema import Reasoning
from snakeval.scoring.samples import SamplesError
from snakeval.statistics.power import detectable
from snakeval.system.tables import read_rows, write_rows
from snakeval.types import VERDICTS, Generation, Grade, Json, Problem

VENDOR = Path(build.__file__).parent / "vendor"
LIMIT = 3 << 20
CHUNK = re.compile(r'SV\.put\("([^"]+)","([A-Za-z0-9+/=]+)"\)\n')


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Config]:
    made = Run(tmp_path_factory.mktemp("run"))
    config = made.write()
    made.site(config)
    return made.root, config


def content(path: Path) -> tuple[str, Any]:
    """The key and the content of a chunk: nothing else may be in the file."""
    match = CHUNK.fullmatch(path.read_text(encoding="ascii"))
    assert match, path
    return match[1], json.loads(gzip.decompress(base64.b64decode(match[2])))


def chunk(root: Path, key: str) -> Any:
    found, value = content(root / f"results/report/data/{key}.js")
    assert found == key
    return value


def test_what_models_wrote_is_in_no_file_as_it_is(run: tuple[Path, Config]) -> None:
    files = sorted((run[0] / "results/report/data").rglob("*.js"))
    assert len(files) > 30
    for path in files:
        content(path)
    texts = "".join(json.dumps(content(path)[1], ensure_ascii=False) for path in files)
    assert all(json.dumps(evil, ensure_ascii=False)[1:-1] in texts for evil in HOSTILE)


def test_texts_that_are_not_published_are_in_no_chunk(run: tuple[Path, Config]) -> None:
    folder = run[0] / "results/report/data"
    key = list(run[1].benchmarks).index("secret")
    of_it = [*folder.glob(f"[bpst]/{key}-*.js"), folder / f"b/{key}.js"]
    said = json.dumps([content(path)[1] for path in of_it])
    assert SECRET not in said
    assert "The answer is" not in said
    assert "I compare" not in said
    assert '"verdict"' in said  # but what came of it is there


def test_the_same_results_give_the_same_site(run: tuple[Path, Config], tmp_path: Path) -> None:
    folder = run[0] / "results/report"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    (folder / "data/t/old.js").write_text("of a run before")
    Run(run[0]).site(run[1])
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_index_and_the_texts_of_a_pair_belong_together(run: tuple[Path, Config]) -> None:
    index = chunk(run[0], "s/0-1")
    rows = [row for n in range(len(index["starts"])) for row in chunk(run[0], f"t/0-1-{n}")]
    assert len(rows) == len(index["problem"]) == 36 * 4
    assert index["starts"] == [0, 64, 128]
    grades = list(read_rows(run[0] / "results/grades/sums/tuned/math.parquet", Grade))
    assert [VERDICTS[code] for code in index["graders"]["math"]["verdict"]] == [g.verdict for g in grades]
    assert [row["grades"]["math"]["extracted"] for row in rows] == [grade.extracted for grade in grades]
    assert all("<think>" in row["before"] and "The answer is" in row["answer"] for row in rows)


def test_the_first_chunk_says_what_was_run(run: tuple[Path, Config]) -> None:
    said = chunk(run[0], "run")
    assert [model["id"] for model in said["models"]] == list(SLUGS)
    assert said["models"][1]["parent"] == "base"
    assert said["models"][0]["serving"]["dtype"] == ["bfloat16", "written for a test"]
    assert said["models"][0]["runs"]["sums"]["samples"] == 144
    assert [each["published"] for each in said["benchmarks"]] == [True, False, True]
    metrics = json.loads((run[0] / "results/metrics/sums/base/math.json").read_text())
    score = next(
        s for s in said["scores"] if (s["model"], s["benchmark"], s["grader"]) == ("base", "sums", "math")
    )
    assert score["passes"]["1"] == [metrics["pass_at_k"]["1"], *metrics["ci95"]["pass_at_k"]["1"]]
    assert score["validity"] == {"truncated": 36}


def test_turns_of_an_agent_stand_with_its_sample(run: tuple[Path, Config]) -> None:
    row = chunk(run[0], "t/0-2-0")[0]
    assert [turn["turn"] for turn in row["turns"]] == ["generate 0", "evaluate 1", "refine 2"]
    assert "turns" not in chunk(run[0], "t/0-0-0")[0]


def test_a_comparison_is_that_of_the_comparisons(run: tuple[Path, Config]) -> None:
    row = chunk(run[0], "b/0")["graders"]["math"]["comparisons"][0]
    assert (row["model"], row["other"], row["problems"]) == ("tuned", "base", 36)
    assert row["difference"] == pytest.approx(row["value"] - row["other_value"])
    assert row["lower"] < row["difference"] < row["upper"]
    assert 0 < row["detectable"] < 1


@pytest.mark.parametrize(
    ("text", "server", "expected"),
    [
        ("4", None, Parts("", "4", "")),
        ("<think>a</think>4", None, Parts("<think>a</think>", "4", "")),
        ("<think>a</think>\n\n4\n", None, Parts("<think>a</think>\n\n", "4", "\n")),
        ("<think>4 4</think>4", None, Parts("<think>4 4</think>", "4", "")),
        ("<think>a", None, Parts("<think>a", None, "")),
        ("4", "a", Parts("", "4", "")),
        ("", None, Parts("", "", "")),
        (None, None, None),
        ("", "a", Parts("", "", "")),
    ],
)
def test_a_text_is_divided_into_what_was_graded_and_the_rest(
    text: str | None, server: str | None, expected: Parts | None
) -> None:
    sample = Generation("p", 0, "0" * 32, (), 0, text, server, "stop", 1, 1, 1.0)
    found = parts_of(sample, Reasoning())
    assert found == expected
    if found is not None:
        assert found.before + (found.answer or "") + found.after == text


def test_grades_in_another_order_find_their_samples(run: tuple[Path, Config], tmp_path: Path) -> None:
    root = run[0] / "results"
    known = {row.problem_id: row for row in read_rows(root / "problems/sums.parquet", Problem)}
    grades = list(read_rows(root / "grades/sums/base/math.parquet", Grade))
    shuffled, short, other = (tmp_path / f"{name}.parquet" for name in ("shuffled", "short", "other"))
    write_rows(shuffled, Grade, [*grades[50:], *grades[:50]])
    write_rows(short, Grade, grades[1:])
    write_rows(other, Grade, [*grades[1:], Grade(grades[0].problem_id, 0, "f" * 32, 1.0, None, "correct")])
    samples = root / "generations/sums/base.parquet"
    rows = list(joined(known, samples, {"math": shuffled}, Reasoning()))
    assert [row.grades["math"] for row in rows] == grades
    for path, words in (
        (short, "has no grade of problem 'p0', sample 0"),
        (other, "is of another generation"),
    ):
        with pytest.raises(SamplesError, match=words):
            list(joined(known, samples, {"math": path}, Reasoning()))


def test_one_table_joins_problem_answer_and_verdicts(run: tuple[Path, Config], tmp_path: Path) -> None:
    root, out = run[0] / "results", tmp_path / "samples.parquet"
    grades = {name: root / f"grades/sums/base/{name}.parquet" for name in ("math", "answers")}
    files = (root / "problems/sums.parquet", root / "generations/sums/base.parquet")
    write_samples(*files, grades, Reasoning(), out, ("sums", "base"))
    table = pq.read_table(out)
    assert table.num_rows == 144
    row = table.slice(4, 1).to_pylist()[0]
    assert (row["benchmark"], row["model"], row["problem_id"], row["sample_index"]) == (
        "sums",
        "base",
        "p1",
        0,
    )
    assert row["problem"].startswith("What is 1 + 1")
    assert row["reference"] == "2"
    assert row["reasoning"].startswith("<think>")
    assert row["answer"].endswith("\\boxed{2}.")
    assert row["text"] == row["reasoning"] + row["answer"]
    assert (row["verdict_math"], row["verdict_answers"], row["reward_math"]) == (
        "correct",
        "correct",
        1.0,
    )
    assert row["judge_text_answers"].startswith("I compare.")


def test_a_chunk_ends_where_it_is_full(tmp_path: Path) -> None:
    cut = Cut(tmp_path, "t/0")
    for number in range(70):
        cut.add(number, 399_999 if number == 10 else 1)
    cut.close()
    assert cut.starts == [0, 11]
    assert content(tmp_path / "t/0-0.js") == ("t/0-0", list(range(11)))
    assert content(tmp_path / "t/0-1.js") == ("t/0-1", list(range(11, 70)))


def test_what_json_cannot_say_is_null(tmp_path: Path) -> None:
    assert finite({"a": [float("nan"), (float("inf"), 1.5)], "b": "nan"}) == {
        "a": [None, [None, 1.5]],
        "b": "nan",
    }
    write_chunk(tmp_path, "x", "lone \ud800 surrogate")
    assert content(tmp_path / "x.js")[1] == "lone ? surrogate"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [{"level": 1}, {"level": 2}, {"level": None}],
            {"level": {"values": ["1", "2"], "codes": [0, 1, -1]}},
        ),
        ([{"Category": "x"}, {"Category": "y"}], {"Category": {"values": ["x", "y"], "codes": [0, 1]}}),
        ([{"level": 1}, {"level": 1}], {}),
        ([{"answer": "x"}, {"answer": "y"}], {}),
        ([{"level": [1]}, {"level": [2]}], {}),
        ([{"level": f"{i}"} for i in range(41)], {}),
        ([{}, {}], {}),
    ],
)
def test_columns_that_say_of_what_kind_a_problem_is(rows: list[Json], expected: Json) -> None:
    assert benchmarks.kinds(rows) == expected


# 1.96 + 0.8416 = 2.8016 times the standard error (Miller 2024, section 5).
@pytest.mark.parametrize(
    ("differences", "expected"),
    [
        ([1, -1] * 50, 2.8016 * np.sqrt(100 / 99) / 10),
        ([0.5, -0.5] * 50, 1.4008 * np.sqrt(100 / 99) / 10),
        ([1, 0, 0, 0], 2.8016 * 0.5 / 2),
        ([0, 0, 0], None),
        ([0.25, 0.25], None),
        ([1], None),
        ([], None),
    ],
)
def test_the_smallest_difference_that_a_set_could_show(
    differences: list[float], expected: float | None
) -> None:
    found = detectable(np.array(differences, dtype=np.float64))
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-4))


def test_what_is_withheld_is_identity_only_where_it_is_set(run: tuple[Path, Config]) -> None:
    said = json.loads(shown.report(run[1]))
    assert said["withheld"] == ["secret"]
    assert said["parents"] == {"tuned": "base"}
    plain = {name: each.model_copy(update={"publish": True}) for name, each in run[1].benchmarks.items()}
    open_to_all = json.loads(shown.report(replace(run[1], benchmarks=plain, parents={})))
    assert open_to_all.keys() == json.loads(identity.show(run[1], "summary")).keys()
    assert shown.tables(run[1])[0] == "results/samples/sums/base.parquet"


def test_without_generations_the_rest_is_shown(tmp_path: Path) -> None:
    made = Run(tmp_path, problems=3, slugs=SLUGS[:2])
    config = made.write()
    with chdir(tmp_path):
        Path("results/generations/sums/tuned.parquet").unlink()
        Path("results/problems/open.parquet").unlink()
    made.site(config)
    models = {each["id"]: each["models"] for each in chunk(tmp_path, "run")["benchmarks"]}
    assert models == {"sums": ["base"], "secret": ["base", "tuned"], "open": []}


def test_vendored_files_are_those_of_the_lock() -> None:
    lock = json.loads((VENDOR / "lock.json").read_text())
    listed = {name: digest for package in lock.values() for name, digest in package["files"].items()}
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.name != "lock.json"
    }
    assert there == listed
    assert {package["licence"] for package in lock.values()} <= {"MIT", "BSD-3-Clause"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", package["version"]) for package in lock.values())
    assert sum(path.stat().st_size for path in VENDOR.iterdir()) <= LIMIT
    for path in VENDOR.iterdir():
        assert not re.search(r"url\((?!data:)", path.read_text(encoding="utf-8")) or path.suffix == ".js"
