"""Each mistake in a configuration: reported with its file, its key, and words that help."""

from __future__ import annotations

from pathlib import Path

import pytest
from example_project import edit, load, write_project

from snakeval.config import ConfigError

SETTINGS, SMALL, REFEREE = "config/config.yaml", "config/models/small.yaml", "config/models/referee.yaml"
SUMS, OPEN = "config/benchmarks/sums.yaml", "config/benchmarks/open.yaml"
ANSWERS, PAIRS = "config/judges/answers.yaml", "config/judges/pairs.yaml"
DUEL = "config/arenas/duel.yaml"

# name: (file that is edited, old text, new text, file and key of the one mistake, words of its message)
MISTAKES: dict[str, tuple[str, str, str, str, str, list[str]]] = {
    # Keys and values of one file.
    "unknown key": (SMALL, "label:", "lable:", SMALL, "lable", ["no key here", "'label'"]),
    "unknown key, nothing like it": (SMALL, "label:", "zzz:", SMALL, "zzz", ["keys: model, revision"]),
    "unknown nested key": (
        SMALL,
        "temperature",
        "temprature",
        SMALL,
        "sampling.temprature",
        ["did you mean 'temperature'"],
    ),
    "key in the wrong place": (
        SMALL,
        "label: Small",
        "top_p: 0.9",
        SMALL,
        "top_p",
        ["did you mean 'sampling.top_p'"],
    ),
    "unknown key in a list": (
        SUMS,
        "type: math",
        "{type: math, timeot: 3}",
        SUMS,
        "graders[0].timeot",
        ["'timeout'"],
    ),
    "key missing": (SUMS, "prompt:", "system:", SUMS, "prompt", ["is missing"]),
    "wrong literal": (
        SMALL,
        "label: Small",
        "engine: vlm",
        SMALL,
        "engine",
        ["'vllm' or 'external'", "'vllm'?"],
    ),
    "wrong grader": (SUMS, "type: math", "type: maths", SUMS, "graders[0].type", ["did you mean 'math'"]),
    "number or word": (
        SMALL,
        "label: Small",
        "concurrency: many",
        SMALL,
        "concurrency",
        ["a whole number or 'auto'"],
    ),
    "not a number": (SMALL, "0.8", "warm", SMALL, "sampling.temperature", ["must be a number"]),
    "true is not 1": (SUMS, "n_samples: 4", "n_samples: true", SUMS, "n_samples", ["not true or false"]),
    "out of range": (SMALL, "0.8", "-0.8", SMALL, "sampling.temperature", ["at least 0, not -0.8"]),
    "not finite": (SMALL, "label: Small", "start_timeout: .inf", SMALL, "start_timeout", ["finite"]),
    "no samples": (SUMS, "n_samples: 4", "n_samples: 0", SUMS, "n_samples", ["greater than 0, not 0"]),
    "number for text": (
        REFEREE,
        "revision: v1.0",
        "revision: 1.0",
        REFEREE,
        "revision",
        ["text", "put it in quotes"],
    ),
    "text for a list": (SUMS, "[1, 4]", "four", SUMS, "k", ["a list, as in"]),
    "text for keys": (SMALL, "{temperature: 0.8}", "hot", SMALL, "sampling", ["keys and values"]),
    "empty": (SMALL, "folders/small", "''", SMALL, "model", ["must not be empty"]),
    "slug with capitals": (SMALL, "label: Small", "slug: Small", SMALL, "slug", ["lower-case letters"]),
    "two sources": (
        SUMS,
        "{file: data/sums.jsonl}",
        "{file: data/sums.jsonl, url: 'http://x/y', sha256: " + "a" * 64 + "}",
        SUMS,
        "source",
        ["exactly one of", "'file' and 'url'"],
    ),
    "data set at no commit": (
        SUMS,
        "{file: data/sums.jsonl}",
        "{dataset: openai/gsm8k, split: test}",
        SUMS,
        "source",
        ["'revision'"],
    ),
    "split of a file": (
        SUMS,
        "sums.jsonl}",
        "sums.jsonl, split: test}",
        SUMS,
        "source",
        ["'split'", "'dataset'"],
    ),
    "download without sha256": (
        SUMS,
        "file: data/sums.jsonl",
        "url: 'http://x'",
        SUMS,
        "source",
        ["'sha256'"],
    ),
    "judge of a verifier": (SUMS, "type: judge", "type: exact", SUMS, "graders[1]", ["'type: judge' alone"]),
    "invalid expression": (
        ANSWERS,
        "'RIGHT'",
        "'(RIGHT'",
        ANSWERS,
        "verdicts.correct",
        ["regular expression"],
    ),
    "expression matches all": (ANSWERS, "'RIGHT'", "'(RIGHT)?'", ANSWERS, "verdicts.correct", ["empty text"]),
    "one expression for both": (ANSWERS, "'WRONG'", "'RIGHT'", ANSWERS, "verdicts", ["the same"]),
    # YAML.
    "not YAML": (SMALL, "label: Small", "label: [Small", SMALL, "", ["line 3", "not YAML"]),
    "tab": (SMALL, "sampling: {", "sampling:\n\ttop_k: {", SMALL, "", ["line 4", "not YAML"]),
    "no keys": (PAIRS, "model: referee", "referee", PAIRS, "", ["keys and values"]),
    "key twice": (SMALL, "label: Small", "label: A\nlabel: B", SMALL, "label", ["twice", "line 3"]),
    "nested key twice": (SMALL, "0.8", "0.8, temperature: 1", SMALL, "sampling.temperature", ["twice"]),
    "setting twice": (SETTINGS, "seed: 7", "seed: 7\nseed: 8", SETTINGS, "seed", ["twice", "line 5"]),
    # Names.
    "no models": (SETTINGS, "[small, folders/late]", "[]", SETTINGS, "models", ["is empty", "config/models"]),
    "unknown model": (SETTINGS, "[small,", "[smal,", SETTINGS, "models[0]", ["'small'", "referee, small"]),
    "file for a name": (
        SETTINGS,
        "[sums]",
        "[config/benchmarks/sums.yaml]",
        SETTINGS,
        "benchmarks[0]",
        ["the name is 'sums' alone"],
    ),
    "model twice": (SETTINGS, "[small,", "[small, small,", SETTINGS, "models[1]", ["twice"]),
    "model by two names": (
        SETTINGS,
        "folders/late]",
        "folders/late, folders/l*]",
        SETTINGS,
        "models[2]",
        ["'vllm-folders-late'", "as 'folders/late' does"],
    ),
    "unknown benchmark": (SETTINGS, "[sums]", "[sum]", SETTINGS, "benchmarks[0]", ["'sums'", "open, sums"]),
    "benchmark twice": (SETTINGS, "[sums]", "[sums, sums]", SETTINGS, "benchmarks[1]", ["twice"]),
    "unknown arena": (SETTINGS, "[duel]", "[dual]", SETTINGS, "arenas[0]", ["did you mean 'duel'"]),
    "unknown judge": (SUMS, "judge: answers", "judge: answer", SUMS, "graders[1].judge", ["'answers'"]),
    "unknown judge of an arena": (DUEL, "[pairs]", "[pair]", DUEL, "judges[0]", ["'pairs'"]),
    "unknown model of a judge": (PAIRS, "referee", "referree", PAIRS, "model", ["'referee'"]),
    "two graders of one name": (
        SUMS,
        "judge: answers",
        "judge: answers\n  - type: math",
        SUMS,
        "graders[2].name",
        ["two"],
    ),
    "two models of one slug": (
        SMALL,
        "label: Small",
        "slug: vllm-folders-late",
        SETTINGS,
        "models[1]",
        ["'vllm-folders-late'", SMALL, "'slug'"],
    ),
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


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("OPENAI_API_BASE", "SGLANG_API_BASES", "OPENAI_API_KEY", "REFEREE_KEY"):
        monkeypatch.delenv(variable, raising=False)
    return write_project(tmp_path)


def test_the_example_is_right(root: Path) -> None:
    assert load(root).warnings == ()


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, root: Path) -> None:
    edited, old, new, file, key, words = MISTAKES[name]
    if old:
        edit(root, edited, old, new)
    else:
        (root / edited).write_text(new)
    with pytest.raises(ConfigError) as raised:
        load(root)
    (problem,) = raised.value.problems
    assert (problem.file, problem.key) == (file, key)
    for word in words:
        assert word in problem.message
    assert str(problem) in str(raised.value)
