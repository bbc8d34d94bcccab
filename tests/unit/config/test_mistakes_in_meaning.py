"""Files that are right by themselves but can't be run: models, data, prompts, what does not fit together."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.config.example_project import Mistake, check_mistake, write_project

SETTINGS = "config/config.yaml"
SMALL = "config/models/small.yaml"
REFEREE = "config/models/referee.yaml"
SUMS = "config/benchmarks/sums.yaml"
OPEN = "config/benchmarks/open.yaml"
ANSWERS = "config/judges/answers.yaml"
PAIRS = "config/judges/pairs.yaml"
DUEL = "config/arenas/duel.yaml"

# name: (file that is edited, old text, new text, file and key of the one mistake, words of its message)
MISTAKES: dict[str, Mistake] = {
    # Models.
    "no such folder": (
        SMALL,
        "folders/small",
        "./folders/smal",
        SMALL,
        "model",
        ["no folder", "'folders/small'"],
    ),
    "folder of models": (SMALL, "folders/small", "folders", SMALL, "model", ["config.json", "'folders/*'"]),
    "pattern without match": (
        SETTINGS,
        "folders/late",
        "folders/step*",
        SETTINGS,
        "models[1]",
        ["no folder"],
    ),
    "revision of a folder": (SMALL, "label: Small", "revision: main", SMALL, "revision", ["local folder"]),
    "revision twice": (SMALL, "folders/small", "a/b@c\nrevision: d", SMALL, "revision", ["'a/b@c'"]),
    "slug of a pattern": (SMALL, "folders/small", "folders/s*\nslug: s", SMALL, "slug", ["pattern"]),
    "URLs of an engine": (
        SMALL,
        "label: Small",
        "base_urls: [http://x/v1]",
        SMALL,
        "base_urls",
        ["'engine: external'"],
    ),
    "external without URLs": (
        REFEREE,
        "base_urls: [http://localhost:8000/v1]",
        "",
        REFEREE,
        "base_urls",
        ["missing", "OPENAI_API_BASE", "SGLANG_API_BASES"],
    ),
    "no URL": (REFEREE, "http://localhost:8000/v1", "localhost", REFEREE, "base_urls[0]", ["http://"]),
    "engine's key of an endpoint": (
        REFEREE,
        "revision: v1.0",
        "dtype: auto",
        REFEREE,
        "dtype",
        ["no effect"],
    ),
    "no API key": (
        REFEREE,
        "revision: v1.0",
        "api_key_env: REFEREE_KEY",
        REFEREE,
        "api_key_env",
        ["variable REFEREE_KEY is not set"],
    ),
    "no file with the key": (
        REFEREE,
        "revision: v1.0",
        "api_key_file: no/key",
        REFEREE,
        "api_key_file",
        ["can't be read", "no/key"],
    ),
    "two keys": (
        REFEREE,
        "revision: v1.0",
        "api_key_file: no/key\napi_key_env: PATH",
        REFEREE,
        "api_key_file",
        ["goes without api_key_env"],
    ),
    "no kept server": (
        REFEREE,
        "base_urls: [http://localhost:8000/v1]",
        "server: small",
        REFEREE,
        "server",
        ["no server of 'small' is kept", "there is none", "snakemake servers --config models=small"],
    ),
    "a kept server elsewhere": (
        REFEREE,
        "revision: v1.0",
        "server: small",
        REFEREE,
        "base_urls",
        ["has no effect with 'server: small'"],
    ),
    "a kept server of a model that is served here": (
        "config/models/small.yaml",
        "label: Small",
        "server: small",
        "config/models/small.yaml",
        "server",
        ["goes with 'engine: external'"],
    ),
    "nodes that nothing fills": (
        "config/models/small.yaml",
        "label: Small",
        "nodes: 3\ndata_parallel_size: 4",
        "config/models/small.yaml",
        "data_parallel_size",
        ["4 copies can't be spread evenly over 3 nodes"],
    ),
    "no API key of a hosted model": (
        PAIRS,
        "model: referee",
        "model: gpt-4.1",
        PAIRS,
        "model",
        ["variable OPENAI_API_KEY is not set"],
    ),
    "too many GPUs": (
        SMALL,
        "label: Small",
        "tensor_parallel_size: 4\ndata_parallel_size: 4",
        SMALL,
        "data_parallel_size",
        ["16 GPUs", "gpus.per_node is 8"],
    ),
    "too long": (
        SMALL,
        "label: Small",
        "context_length: 1024\nmax_tokens: 2048",
        SMALL,
        "context_length",
        ["max_tokens 2048"],
    ),
    "no chat template": (
        SMALL,
        "label: Small",
        "chat_template: x.jinja",
        SMALL,
        "chat_template",
        ["x.jinja"],
    ),
    # Data and prompts.
    "no data": (SUMS, "sums.jsonl", "sum.jsonl", SUMS, "source.file", ["no file", "'sums.jsonl'"]),
    "unknown format": (
        SUMS,
        "data/sums.jsonl",
        "config/prompts/solve.jinja",
        SUMS,
        "source.format",
        ["jsonl"],
    ),
    "no column": (
        SUMS,
        "problem: question",
        "problem: questoin",
        SUMS,
        "fields.problem",
        ["'question'", "id, "],
    ),
    "no reference": (OPEN, "reference: null", "reference: answer", OPEN, "fields.reference", ["null"]),
    "repeated id": (
        SUMS,
        "problem_id: id",
        "problem_id: level",
        SUMS,
        "fields.problem_id",
        ["'1' (3 times)"],
    ),
    "no rows": ("data/sums.jsonl", "", "", SUMS, "source.file", ["no rows"]),
    "broken row": ("data/sums.jsonl", '{"id": "s1"', "{", SUMS, "source.file", ["line 2"]),
    "no prompt": (SUMS, "solve.jinja", "slove.jinja", SUMS, "prompt", ["no file", "'solve.jinja'"]),
    "prompt's syntax": (
        "config/prompts/solve.jinja",
        "{{ question }}",
        "{{ question",
        SUMS,
        "prompt",
        ["line 1"],
    ),
    "prompt's filter": (
        "config/prompts/solve.jinja",
        "question }}",
        "question|uper }}",
        SUMS,
        "prompt",
        ["uper"],
    ),
    "prompt's field": (
        "config/prompts/solve.jinja",
        "{{ question }}",
        "{{ qestion }}",
        SUMS,
        "prompt",
        ["'{{ qestion }}'", "did you mean 'question'", "(fields: problem, id, question, level)"],
    ),
    "leaked answer": ("config/prompts/solve.jinja", "level", "answer", SUMS, "prompt", ["'{{ answer }}'"]),
    "leaked reference": (
        "config/prompts/open.jinja",
        "problem",
        "reference",
        OPEN,
        "prompt",
        ["'{{ reference }}'"],
    ),
    "judge's field": (
        "config/prompts/judge.jinja",
        "{{ reference }}",
        "{{ refrence }}",
        ANSWERS,
        "prompt",
        ["did you mean 'reference'"],
    ),
    "arena's field": (
        "config/prompts/pair.jinja",
        "{{ question }}",
        "{{ answer_c }}",
        DUEL,
        "prompt",
        ["question, answer_a, answer_b"],
    ),
    "prompt without the problem": (
        "config/prompts/open.jinja",
        "{{ problem }}",
        "Hi",
        OPEN,
        "prompt",
        ["every problem"],
    ),
    "judge's prompt without the answer": (
        "config/prompts/judge.jinja",
        "{{ answer }}",
        "",
        ANSWERS,
        "prompt",
        ["does not use answer"],
    ),
    "arena's prompt without an answer": (
        "config/prompts/pair.jinja",
        "{{ answer_b }}",
        "",
        DUEL,
        "prompt",
        ["does not use answer_b"],
    ),
    # What does not fit together.
    "k above n_samples": (SUMS, "[1, 4]", "[1, 8]", SUMS, "k", ["8", "n_samples, 4"]),
    "judge without prompt": (
        ANSWERS,
        "prompt: config/prompts/judge.jinja",
        "",
        ANSWERS,
        "prompt",
        ["'sums'"],
    ),
    "judge without verdicts": (
        ANSWERS,
        "verdicts: {correct: 'RIGHT', incorrect: 'WRONG'}",
        "",
        ANSWERS,
        "verdicts",
        ["'correct'", "'sums'"],
    ),
    "verifier without references": (
        OPEN,
        "prompt:",
        "graders: [{type: math}]\nprompt:",
        OPEN,
        "graders[0].type",
        ["fields.reference is null"],
    ),
    "judge of references without references": (
        OPEN,
        "prompt:",
        "graders: [{type: judge, judge: answers}]\nprompt:",
        ANSWERS,
        "prompt",
        ["'{{ reference }}'", "'open'"],
    ),
    "unknown questions": (DUEL, "questions: open", "questions: opn", DUEL, "questions", ["'open'"]),
    "several answers to a question": (
        DUEL,
        "questions: open",
        "questions: sums",
        DUEL,
        "questions",
        ["4", "set it to 1"],
    ),
    "unknown baseline": (DUEL, "baseline: small", "baseline: smal", DUEL, "baseline", ["'small'"]),
    "several baselines": (DUEL, "baseline: small", "baseline: folders/run/*", DUEL, "baseline", ["2 models"]),
    "only the baseline": (
        DUEL,
        "baseline: small",
        "baseline: small\nmodels: [small]",
        DUEL,
        "models",
        ["baseline"],
    ),
    "no judges": (DUEL, "[pairs]", "[]", DUEL, "judges", ["must not be empty"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("OPENAI_API_BASE", "SGLANG_API_BASES", "OPENAI_API_KEY", "REFEREE_KEY"):
        monkeypatch.delenv(variable, raising=False)
    check_mistake(write_project(tmp_path), MISTAKES[name])
