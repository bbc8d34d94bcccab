"""What the site's pages are built of: joined samples, chunks, figures, anomalies, and what is withheld."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import chdir
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from site_run import HOSTILE, SECRET, SLUGS, Run
from snakeval.config import Config
from snakeval.dag import identity, plan
from snakeval.report.joined import Joined, Parts, joined, parts_of
from snakeval.report.samples import write_samples
from snakeval.report.site import anomalies, benchmarks, build, signs
from snakeval.report.site.anomalies import Anomaly
from snakeval.report.site.chunks import Cut, finite, write_chunk
from snakeval.report.site.pairs import Facts
from snakeval.schema import Reasoning
from snakeval.scoring.samples import SamplesError
from snakeval.statistics.paired import Outcomes
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


# What a model says at first, and whether that is a refusal.
REFUSALS = [
    ("I'm sorry, but I can't assist with that.", True),
    ("I\u2019m sorry, I cannot help with this request.", True),
    ("I am sorry, but I can not provide this.", True),
    ("As an AI, I am unable to discuss that.", True),
    ("Unfortunately, I won't be able to help.", True),
    ("I cannot comply.", True),
    ("Sorry, I can't do that.", True),
    ("I apologize, but I can't engage with this.", True),
    ("I cannot find any x below 3, so the answer is 4.", False),
    ("We can't divide by zero, which does not help.", False),
    ("Sorry for the long answer: 4", False),
    ("The answer is 4. I'm sorry, I can't assist further.", False),
    ("", False),
    ("I can help with that.", False),
    ("Imagine that I'm sorry to assist.", False),
]


@pytest.mark.parametrize(("answer", "expected"), REFUSALS)
def test_refusals(answer: str, expected: bool) -> None:
    assert signs.refuses(answer) == expected


RUSSIAN = "\u041e\u0442\u0432\u0435\u0442 \u043d\u0430 \u0432\u043e\u043f\u0440\u043e\u0441"
CHINESE = "\u56e0\u4e3a\u4e8c\u52a0\u4e8c\u7b49\u4e8e\u56db" * 4
LATIN = "because two and two are four, as we have seen before"
# Problem, answer, whether much of the answer is in a script that the problem is not in.
SCRIPTS = [
    ("What is 2 + 2?", LATIN, False),
    ("What is 2 + 2?", CHINESE, True),
    ("What is 2 + 2?", f"{LATIN} {CHINESE}", True),
    ("What is 2 + 2?", f"{RUSSIAN} {RUSSIAN}", True),
    ("What is 2 + 2?", "\u03b1 + \u03b2 = \u03b3, " * 20, False),
    ("What is 2 + 2?", f"{LATIN} {LATIN} {LATIN} \u56db", False),
    ("What is 2 + 2?", "M\u00fcller \u00fcber Stra\u00dfe na\u00efve caf\u00e9 d\u00e9j\u00e0 vu", False),
    (CHINESE, CHINESE, False),
    (CHINESE, LATIN, True),
    (CHINESE, "$\\alpha + \\beta = \\frac{first}{second}$ ```python\nprint(because_two_and_two)\n```", False),
    (f"Translate: {CHINESE}", LATIN, False),
    (f"Translate into Russian: {LATIN}", f"{RUSSIAN} {RUSSIAN}", True),
]


@pytest.mark.parametrize(("asked", "answer", "expected"), SCRIPTS)
def test_an_answer_in_another_script(asked: str, answer: str, expected: bool) -> None:
    assert signs.changes_script(asked, answer) == expected


def sample(extracted: str | None, reference: str | None, reward: float | None) -> Joined:
    generation = Generation("p", 0, "0" * 32, (), 0, "x", None, "stop", 1, 1, 1.0)
    verdict: Any = "correct" if reward else "incorrect"
    grade = Grade("p", 0, "0" * 32, reward, extracted, verdict)
    return Joined(Problem("p", (), reference), generation, Parts("", "x", ""), {"g": grade})


@pytest.mark.parametrize(
    ("extracted", "reference", "reward", "expected"),
    [
        ("34", "34", 0.0, True),
        (" 3 4", "34 ", 0.0, True),
        ("34", "34", 1.0, False),
        ("34", "34", None, False),
        ("35", "34", 0.0, False),
        (None, "34", 0.0, False),
        ("34", None, 0.0, False),
        ("", "", 0.0, False),
    ],
)
def test_a_golden_answer_called_wrong(
    extracted: str | None, reference: str | None, reward: float | None, expected: bool
) -> None:
    assert (signs.EQUAL in list(signs.of(sample(extracted, reference, reward)))) == expected


def facts(model: str = "m", samples: int = 2, problems: int = 20, **changed: Sequence[Any]) -> Facts:
    """Facts of a sound run: answers differ, all ended well."""
    rows = [(p, s) for p in range(problems) for s in range(samples)]
    sound: dict[str, Any] = {
        "problem": [p for p, _ in rows],
        "sample": [s for _, s in rows],
        "told": list(range(len(rows))),
        "ending": ["finished"] * len(rows),
    }
    made = Facts("b", model, **{**sound, **changed})
    made.extracted["g"] = [f"{p}" for p, _ in rows]
    made.verdicts["g"] = [VERDICTS.index("correct")] * len(rows)
    return made


IDS = [f"p{i}" for i in range(20)]
REFERENCES: list[str | None] = [f"{i}" for i in range(20)]


def kinds_of(found: Sequence[Anomaly]) -> list[str]:
    return [each.kind for each in found]


def test_a_sound_run_has_no_anomaly() -> None:
    assert list(anomalies.of_samples(facts(), IDS, REFERENCES)) == []
    assert list(anomalies.between_models([facts("m"), facts("n")], IDS)) == []


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([p for p in range(20) for _ in range(2)], ["identical samples"]),
        ([*([0, 0] * 2), *range(1, 37)], ["identical samples"]),
        ([0, 0, *range(1, 39)], []),
        ([None] * 40, []),
    ],
)
def test_identical_samples(told: list[int | None], expected: list[str]) -> None:
    assert kinds_of(list(anomalies.of_samples(facts(told=told), IDS, REFERENCES))) == expected


def test_single_samples_are_never_identical() -> None:
    assert list(anomalies.of_samples(facts(samples=1, told=[1] * 20), IDS, REFERENCES)) == []


@pytest.mark.parametrize(
    ("answers", "references", "expected"),
    [
        (["7"] * 40, REFERENCES, ["one answer for all"]),
        (["7"] * 24 + [f"{i}" for i in range(16)], REFERENCES, ["one answer for all"]),
        (["7"] * 40, ["7"] * 20, []),  # it is the right one
        (["7"] * 16 + [f"{i}" for i in range(24)], REFERENCES, []),
        ([None] * 40, REFERENCES, []),
    ],
)
def test_one_answer_for_all(
    answers: list[str | None], references: list[str | None], expected: list[str]
) -> None:
    made = facts()
    made.extracted["g"] = answers
    assert kinds_of(list(anomalies.of_samples(made, IDS, references))) == expected


@pytest.mark.parametrize(
    ("null", "expected"),
    [([0, 1, 2, 3], ["judge nulls in a cluster"]), ([0, 4, 8, 12, 16], []), ([0, 1], []), ([], [])],
)
def test_judge_nulls_in_a_cluster(null: list[int], expected: list[str]) -> None:
    made = facts(samples=4)
    for row in null:
        made.verdicts["g"][row] = VERDICTS.index("judge_null")
    assert kinds_of(list(anomalies.of_samples(made, IDS, REFERENCES))) == expected


@pytest.mark.parametrize(("cut", "expected"), [(20, ["truncation above what is usual"]), (5, []), (3, [])])
def test_truncation_above_what_is_usual(cut: int, expected: list[str]) -> None:
    ending = ["truncated"] * cut + ["finished"] * (40 - cut)
    usual = ["truncated"] * 2 + ["finished"] * 38
    models = [facts("m", ending=ending), facts("n", ending=usual), facts("o", ending=usual)]
    found = list(anomalies.between_models(models, IDS))
    assert kinds_of(found) == expected
    assert all(each.model == "m" for each in found)


def test_refusals_count_those_of_filters() -> None:
    made = facts("m", ending=["filtered"] * 3 + ["finished"] * 37)
    made.signs[signs.REFUSAL] = [("p9", 0), ("p9", 1)]
    (found,) = anomalies.between_models([made, facts("n")], IDS)
    assert (found.kind, len(found.links)) == ("refusals above what is usual", 5)


@pytest.mark.parametrize(
    ("correct", "expected"),
    [
        ([[0, 1, 2], [0, 2, 2]], ["p0"]),
        ([[0, 1, 0], [0, 2, 0]], ["p0", "p2"]),
        ([[1, 1, 1], [0, 2, 2]], None),
        ([[0, 0, 0], [0, 0, 0]], None),  # nobody solves anything: no sign of one problem
        ([[0, 1, 2]], None),
    ],
)
def test_problems_that_every_model_fails(correct: list[list[int]], expected: list[str] | None) -> None:
    found = {
        f"m{i}": Outcomes(("p0", "p1", "p2"), np.array([2, 2, 2]), np.array(c)) for i, c in enumerate(correct)
    }
    links = [[link[1] for link in each.links] for each in anomalies.failed_by_all("b", "g", found)]
    assert links == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"model": "child", "other": "parent", "difference": -0.1, "p": 0.01}, "-10.00"),
        ({"model": "parent", "other": "child", "difference": 0.1, "p": 0.01}, "-10.00"),
        ({"model": "child", "other": "parent", "difference": 0.1, "p": 0.01}, None),
        ({"model": "parent", "other": "child", "difference": -0.1, "p": 0.01}, None),
        ({"model": "child", "other": "parent", "difference": -0.1, "p": 0.2}, None),
        ({"model": "child", "other": "stranger", "difference": -0.1, "p": 0.01}, None),
    ],
)
def test_a_fall_against_the_parent(row: Json, expected: str | None) -> None:
    found = list(anomalies.falls("b", "g", [row], {"child": "parent"}))
    assert [expected] * len(found) == [each.text.split()[1] for each in found]
    assert bool(found) == (expected is not None)
    assert all(each.model == "child" for each in found)


def test_problems_that_ask_the_same() -> None:
    def asking(name: str, text: str) -> Problem:
        return Problem(name, ({"role": "user", "content": text},), None)

    problems = [asking("a", "What  is 1?"), asking("b", "what is 1?\n"), asking("c", "What is 2?")]
    (found,) = anomalies.of_problems("b", problems, "m")
    assert [link[1] for link in found.links] == ["a", "b"]


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
    said = json.loads(identity.report(run[1]))
    assert said["withheld"] == ["secret"]
    assert said["parents"] == {"tuned": "base"}
    plain = {name: each.model_copy(update={"publish": True}) for name, each in run[1].benchmarks.items()}
    shown = json.loads(identity.report(replace(run[1], benchmarks=plain, parents={})))
    assert shown.keys() == json.loads(identity.show(run[1], "summary")).keys()
    assert plan.samples(run[1])[0] == "results/samples/sums/base.parquet"


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
