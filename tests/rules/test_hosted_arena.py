"""An arena through Snakemake whose participants are recorded and whose judge is a hosted API: no engine."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from project import Project
from snakeval.arena.exchange import export_all
from snakeval.formats.arena_hard import lines
from unit.asking.fake_server import FakeServer

QUESTIONS = [("q1", "sums"), ("q2", "sums"), ("q3", "stories")]
# What each participant answers; the judge prefers the longer answer, and strongly so if it has an "!".
ANSWERS = {"plain": "four", "long": "it is four", "loud": "it is four, surely!"}


async def judge(request: web.Request, body: dict[str, Any], number: int) -> web.StreamResponse:
    """A verdict by length, from the texts between the prompt's marks."""
    a, b = body["messages"][-1]["content"].split("|")[1:]
    sign = ">>" if "!" in a + b else ">"
    label = "A=B" if a == b else f"A{sign}B" if len(a) > len(b) else f"B{sign}A"
    if body["messages"][0]["role"] == "system":
        assert "stories" in body["messages"][0]["content"]
    choice = {
        "index": 0,
        "finish_reason": "stop",
        "message": {"role": "assistant", "content": f"[[{label}]]"},
    }
    usage = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
    return web.json_response({"choices": [choice], "usage": usage, "id": "x"})


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def arena(folder: Path, base_url: str) -> None:
    """Three questions in two categories, three recorded participants, a judge that has a price and limits."""
    rows = [{"uid": uid, "category": category, "prompt": f"{uid}?"} for uid, category in QUESTIONS]
    files = {"data/questions.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}
    for name, text in ANSWERS.items():
        answered = [
            {
                "uid": row["uid"],
                "model": name,
                "messages": [
                    {"role": "user", "content": row["prompt"]},
                    {"role": "assistant", "content": {"answer": text}},
                ],
                "metadata": {"token_len": len(text)},
            }
            for row in rows[: 2 if name == "long" else 3]  # `long` has not answered the story
        ]
        files[f"data/{name}.jsonl"] = "".join(json.dumps(row) + "\n" for row in answered)
        source = f"answers: {{few: {{file: data/{name}.jsonl}}}}\n"
        files[f"config/models/{name}.yaml"] = f"model: {name}\nslug: {name}\nengine: recorded\n{source}"
    files["config/benchmarks/few.yaml"] = (
        "source: {file: data/questions.jsonl}\nprompt: config/prompts/arena_hard_question.jinja\n"
        "fields: {problem_id: uid, problem: prompt, reference: null}\n"
    )
    files["config/prompts/pair.jinja"] = "{{ question }}|{{ answer_a }}|{{ answer_b }}"
    files["config/prompts/stories.jinja"] = "These are stories. {{ question }} {{ answer_a }} {{ answer_b }}"
    files["config/judges/hosted.yaml"] = (
        f"model: gpt-9\nbase_urls: [{base_url}]\nsampling: {{max_tokens: 50}}\nbudget: 5\n"
        "price: {input: 1000, output: 1000}\nrate_limits: {requests_per_minute: 6000}\n"
    )
    files["config/arenas/few.yaml"] = (
        "questions: few\nbaseline: plain\njudges: [hosted]\nprompt: config/prompts/pair.jinja\n"
        "categories: {stories: {baseline: loud, system: config/prompts/stories.jinja}}\n"
        "thresholds: {infrastructure_failed: 1}\n"
    )
    write(folder, files)


ARGUMENTS = ("--config", "models=plain,long,loud", "benchmarks=", "arenas=few")


@pytest.fixture
def judged(project: Project) -> Project:
    """The arena after its judgments were made."""
    with FakeServer(judge).running() as server:
        arena(project.folder, server.base_url)
        targets = [f"results/arena/few/hosted/judgments/{name}.jsonl" for name in ANSWERS]
        out = project.run(*targets, "all", *ARGUMENTS, OPENAI_API_KEY="k").stdout
        assert "serve" not in out
        # (plain: 1 story, long: 2 sums, loud: 2 sums) of 2 games; long has no story to judge.
        assert len(server.bodies) == 2 * (1 + 2 + 2)
    return project


def test_judgments_costs_validate_and_export(judged: Project, tmp_path: Path) -> None:
    folder = judged.folder / "results"
    found = {
        name: [row for _, row in lines(folder / f"arena/few/hosted/judgments/{name}.jsonl")]
        for name in ANSWERS
    }
    scores = {
        name: [
            (row["question_id"], row["baseline"], *(game["score"] for game in row["games"])) for row in rows
        ]
        for name, rows in found.items()
    }
    assert scores == {
        "plain": [("q3", "loud", "A>>B", "B>>A")],
        "long": [
            *(("q1", "plain", "B>A", "A>B"), ("q2", "plain", "B>A", "A>B"), ("q3", "loud", None, None)),
        ],
        "loud": [("q1", "plain", "B>>A", "A>>B"), ("q2", "plain", "B>>A", "A>>B")],
    }
    assert {game["error"] for game in found["long"][2]["games"]} == {
        "an answer to this question could not be had"
    }
    assert found["long"][0]["tokens"] == len(ANSWERS["long"])
    assert found["long"][0]["prompts"]["wording"] == "own"
    (bill,) = json.loads((folder / "costs.json").read_text())
    assert bill == {
        "judge": "hosted",
        "usage": {"requests": 10, "prompt": 200, "cached": 0, "completion": 100},
        "cost": pytest.approx(0.3),
        "currency": "USD",
    }
    for page in ("summary.md", "summary.txt", "report.html"):
        text = (folder / page).read_text()
        assert "0.30 USD" in text
        assert "Judges' tokens and costs" in html.unescape(text)
    out = judged.run("validate", *ARGUMENTS, OPENAI_API_KEY="k").stdout
    assert "few, judged by hosted: 3 questions" in out
    (line,) = (line.split() for line in out.splitlines() if line.startswith("long "))
    assert line == ["long", "model", "2", "of", "3", "q3", "6", "0", "2"]
    export_all(folder, "few", "few", tmp_path / "out", "v2.0")
    for name in ANSWERS:
        exported = [row for _, row in lines(tmp_path / f"out/model_answer/{name}.jsonl")]
        published = [row for _, row in lines(judged.folder / f"data/{name}.jsonl")]
        assert [row["messages"] for row in exported] == [row["messages"] for row in published]
    (row, *_) = (row for _, row in lines(tmp_path / "out/model_judgment/hosted/loud.jsonl"))
    assert {**row, "games": [game["score"] for game in row["games"]]} == {
        **{"uid": "q1", "category": "sums", "judge": "hosted", "model": "loud", "baseline": "plain"},
        "games": ["B>>A", "A>>B"],
    }
    assert row["games"][0]["prompt"][-1]["content"] == f"q1?|{ANSWERS['plain']}|{ANSWERS['loud']}"


def test_a_budget_fails_the_job_and_a_larger_one_goes_on(project: Project) -> None:
    with FakeServer(judge).running() as server:
        arena(project.folder, server.base_url)
        project.edit("config/judges/hosted.yaml", "budget: 5", "budget: 0.15")
        target = "results/arena/few/hosted/judgments/loud.jsonl"
        failed = project.run(target, *ARGUMENTS, check=False, OPENAI_API_KEY="k")
        assert failed.returncode != 0
        log = (project.folder / "results/logs/arena_judge/few/hosted/loud.log").read_text()
        assert "judge 'hosted' has spent 0.0600 of its budget of 0.15 USD" in log
        assert len(server.bodies) == 2
        project.edit("config/judges/hosted.yaml", "budget: 0.15", "budget: 5")
        project.run(target, *ARGUMENTS, OPENAI_API_KEY="k")
        assert len(server.bodies) == 4
        again = project.run(target, *ARGUMENTS, OPENAI_API_KEY="k").stdout
        assert "Nothing to be done" in again
