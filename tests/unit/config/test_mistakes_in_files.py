"""Mistakes in one file: keys, values, YAML, names. Reported with file, key, and words that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.config.example_project import Mistake, check_mistake, write_project

SETTINGS = "config/config.yaml"
SMALL = "config/models/small.yaml"
REFEREE = "config/models/referee.yaml"
SUMS = "config/benchmarks/sums.yaml"
ANSWERS = "config/judges/answers.yaml"
PAIRS = "config/judges/pairs.yaml"
DUEL = "config/arenas/duel.yaml"

# name: (file that is edited, old text, new text, file and key of the one mistake, words of its message)
MISTAKES: dict[str, Mistake] = {
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
        ["'llama_cpp'", "'vllm'?"],
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
    "key that is no text": (
        SMALL,
        "label: Small",
        "extra_body: {1: a}",
        SMALL,
        "extra_body[1]",
        ["quotes"],
    ),
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
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake(name: str, tmp_path: Path) -> None:
    check_mistake(write_project(tmp_path), MISTAKES[name])
