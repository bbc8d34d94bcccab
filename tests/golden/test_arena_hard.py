"""Arena-Hard's published files: read, asked anew word for word, written back, and scored."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from snakeval.arena.duels import pair_up, replies_of
from snakeval.arena.exchange import answers, import_all, official_judgment
from snakeval.arena.wordings import Prompts, text_at
from snakeval.config import Model
from snakeval.formats.arena_hard import answer_line, lines, markdown, read_answers
from snakeval.generation.recorded import import_answers
from snakeval.problems.prepare import prepare
from snakeval.schema import Arena, Benchmark, Fields, OfficialText, Reasoning, Source
from snakeval.system.tables import read_rows
from snakeval.types import Generation, Problem

pytestmark = pytest.mark.golden
REPOSITORY = Path(__file__).resolve().parents[2]
PROMPT = "config/prompts/arena_hard_question.jinja"
MODEL = Model(model="m", engine="recorded", reasoning=Reasoning())


@pytest.fixture(scope="module")
def arena(data_dir: Path) -> Path:
    folder = data_dir / "arena_hard"
    if not folder.is_dir():
        pytest.skip(f"no published data: {folder} is not there")
    return folder


def problems(folder: Path, version: str, arena: Path) -> Path:
    """The published questions of a version, prepared."""
    source = Source(file=str(arena / f"official_{version}" / "question.jsonl"))
    fields = Fields(problem_id="uid", problem="prompt", reference=None)
    output = folder / f"{version}.parquet"
    prepare(version, Benchmark(source=source, fields=fields, prompt=PROMPT), REPOSITORY, output)
    return output


ANSWERS = [
    ("v0.1", "gpt-4-0314", 500, 0),
    ("v0.1", "gpt-4-0613", 500, 0),
    ("v0.1", "gpt-3.5-turbo-0125", 500, 0),
    ("v2.0", "o3-mini-2025-01-31", 750, 0),
    ("v2.0", "sky-t1-32b", 750, 2),
]


@pytest.mark.parametrize(("version", "model", "count", "missing"), ANSWERS)
def test_published_answers_there_and_back(
    version: str, model: str, count: int, missing: int, arena: Path, tmp_path: Path
) -> None:
    """Question, text, tokens and counts of Markdown come back as they were; ids and times are made anew."""
    published = arena / f"official_{version}" / "model_answer" / f"{model}.jsonl"
    asked, generations = problems(tmp_path, version, arena), tmp_path / "g.parquet"
    import_answers(Source(file=str(published)), tmp_path, asked, generations)
    rows = list(read_rows(generations, Generation))
    assert len(rows) == count
    assert sum(row.error is not None for row in rows) == missing
    back = {a.question_id: answer_line(a, "v2.0", 0.0) for a in answers(generations, asked, model)}
    assert len(back) == count - missing
    for _, row in lines(published):
        ours = back[row["uid"]]
        for key in ("uid", "model", "messages", "metadata"):
            assert json.dumps(ours.get(key), sort_keys=True) == json.dumps(row.get(key), sort_keys=True), key


def test_the_first_layout_there_and_back(arena: Path) -> None:
    for path in sorted((arena / "fork_binaryfiddler_10q" / "model_answer").glob("*.jsonl")):
        for (_, row), answer in zip(lines(path), read_answers(path), strict=True):
            ours = answer_line(answer, "v0.1", row["tstamp"])
            assert {**ours, "answer_id": None} == {**row, "answer_id": None}


def test_markdown_is_counted_as_published(arena: Path) -> None:
    count = 0
    for path in sorted((arena / "official_v2.0" / "model_answer").glob("*.jsonl")):
        for (_, row), answer in zip(lines(path), read_answers(path), strict=True):
            assert {"token_len": answer.tokens, **markdown(answer.text)} == row["metadata"]
            count += 1
    assert count == 750 + 748


def official_prompts(arena: Path, folder: Path) -> Prompts:
    """The official template, from the published copy of its file, without a system message."""
    file = "arena-hard-v0.1.yaml"
    content = (arena / "official_leaderboards" / "config" / file).read_text(encoding="utf-8")
    wanted = OfficialText(path=f"config/{file}", key=("prompt_template",), sha256="0" * 64)
    values = {"wording": "official", "prompt": text_at(content, wanted.path, wanted.key), "system": {}}
    path = folder / "prompts.json"
    path.write_text(json.dumps({**values, "sha256": ""}))
    return Prompts(path)


def test_the_judge_is_asked_word_for_word(arena: Path, tmp_path: Path) -> None:
    """The official template with recorded answers gives the prompts that the published judge saw."""
    fork, asked = arena / "fork_binaryfiddler_10q", problems(tmp_path, "v0.1", arena)
    ten = {row["question_id"] for _, row in lines(fork / "question.jsonl")}
    chosen = [problem for problem in read_rows(asked, Problem) if problem.problem_id in ten]
    duel = Arena(questions="q", baseline="truth_model", judges=("j",), prompt="p")
    compared = 0
    for path in sorted((fork / "model_judgment" / "gpt-4-1106-preview").glob("*.jsonl")):
        if path.stem == "truth_model":
            continue  # the baseline against itself
        replies = {}
        for name in (path.stem, "truth_model"):
            source = Source(file=str(fork / "model_answer" / f"{name}.jsonl"))
            import_answers(source, tmp_path, asked, tmp_path / f"{name}.parquet")
            replies[name] = replies_of(tmp_path / f"{name}.parquet", MODEL.reasoning)
        duels = pair_up(
            chosen, duel, path.stem, {"": "truth_model"}, replies, official_prompts(arena, tmp_path)
        )
        ours = {each.question_id: [game.prompt for game in each.games] for each in duels}
        for _, row in lines(path):
            assert ours[row["question_id"]] == [game["user_prompt"] for game in row["games"]]
            compared += 2
    assert compared == 100


@pytest.mark.parametrize(
    ("folder", "baseline", "stored"),
    [
        ("fork_binaryfiddler_10q/model_judgment/gpt-4-1106-preview", "truth_model", []),
        ("fork_myashka/raw_judgment_partial", "gpt-4-0314", ["A>>A"]),
    ],
)
def test_published_judgments_there_and_back(
    folder: str, baseline: str, stored: list[str], arena: Path, tmp_path: Path
) -> None:
    """Every line comes back as it was, and a label that is none is null for us."""
    kept: list[str] = []
    for path in import_all(arena / folder, tmp_path / "judgments", baseline, None):
        published: list[dict[str, Any]] = [row for _, row in lines(arena / folder / path.name)]
        ours = [row for _, row in lines(path)]
        assert [official_judgment(row, "v0.1") for row in ours] == published
        kept += [g["stored_score"] for row in ours for g in row["games"] if "stored_score" in g]
    assert kept == stored


def shipped(kind: str, name: str) -> dict[str, Any]:
    """A configuration file of the project."""
    found: dict[str, Any] = yaml.safe_load((REPOSITORY / "config" / kind / f"{name}.yaml").read_text())
    return found


@pytest.mark.parametrize(
    ("version", "baseline", "categories"),
    [
        ("v0.1", "arena-hard-gpt-4-0314", {("arena-hard-v0.1", None): 500}),
        (
            "v2.0",
            "arena-hard-o3-mini",
            {
                ("hard_prompt", "coding"): 253,
                ("hard_prompt", "math"): 247,
                ("creative_writing", "creative_writing"): 250,
            },
        ),
    ],
)
def test_the_shipped_files_pin_the_published_ones(
    version: str, baseline: str, categories: dict[tuple[str, str | None], int], arena: Path, tmp_path: Path
) -> None:
    name = f"arena_hard_{version.replace('.', '_')}"
    questions = shipped("benchmarks", name)["source"]
    answered = shipped("models", baseline)["answers"][name]
    for source in (questions, answered):
        part = source["url"].partition(f"/data/arena-hard-{version}/")[2]
        content = (arena / f"official_{version}" / part).read_bytes()
        assert hashlib.sha256(content).hexdigest() == source["sha256"]
    rows = [json.loads(row.metadata) for row in read_rows(problems(tmp_path, version, arena), Problem)]
    assert Counter((row["category"], row.get("subcategory")) for row in rows) == categories
    assert len(rows) == questions["rows"]
    assert set(shipped("arenas", name).get("categories", {})) <= {category for category, _ in categories}


def test_the_official_template_of_v2_0_is_pinned(arena: Path) -> None:
    wanted = shipped("arenas", "arena_hard_v2_0")["official"]["prompt"]
    content = (arena / "official_leaderboards" / wanted["path"]).read_text(encoding="utf-8")
    text = text_at(content, wanted["path"], wanted["key"])
    assert hashlib.sha256(text.encode()).hexdigest() == wanted["sha256"]
