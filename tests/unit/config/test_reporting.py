"""How mistakes are reported: all at once, readable, and without secrets."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.config import ConfigError
from unit.config.example_project import edit, load, write_project

SUMS, SMALL, REFEREE = "config/benchmarks/sums.yaml", "config/models/small.yaml", "config/models/referee.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_project(tmp_path)


def test_all_mistakes_at_once(root: Path) -> None:
    edit(root, SMALL, "temperature", "temprature")
    edit(root, SUMS, "[1, 4]", "[1, 8]")
    edit(root, "config/arenas/duel.yaml", "[pairs]", "[pears]")
    edit(root, "config/prompts/pair.jinja", "{{ question }}", "{{ qestion }}")
    with pytest.raises(ConfigError) as raised:
        load(root, models=["small", "smaller"], sed=1)
    assert [(problem.file, problem.key) for problem in raised.value.problems] == [
        ("the command line", "sed"),
        (SMALL, "sampling.temprature"),
        ("the command line", "models[1]"),
        (SUMS, "k"),
        ("config/arenas/duel.yaml", "prompt"),
        ("config/arenas/duel.yaml", "judges[0]"),
    ]
    lines = str(raised.value).splitlines()
    assert lines[0] == "the configuration has 6 problems:"
    assert lines[2] == f"  {SMALL}: sampling.temprature: is no key here; did you mean 'temperature'?"
    assert len(lines) == 7


SECRET = "sk-1234567890abcdef"


@pytest.mark.parametrize(
    "new",
    [
        f"api_key_env: {SECRET}",
        f"api_key_env: {SECRET.replace('-', '_')}",
        f"api_key: {SECRET}",
        f"env: {{TOKEN: [{SECRET}]}}",
        "api_key_env: 1234567890",
        "env: {TOKEN: 1234567890}",
        f"slug: {SECRET}/",
    ],
)
def test_a_key_in_the_wrong_place_is_not_repeated(new: str, root: Path) -> None:
    edit(root, REFEREE, "revision: v1.0", new)
    with pytest.raises(ConfigError) as raised:
        load(root)
    assert "1234567890" not in str(raised.value)


# What is wrong in one value, and besides in what several say together: (file, old text, new text), the keys.
BOTH_KINDS: list[tuple[list[tuple[str, str, str]], list[str]]] = [
    (
        [
            ("config/models/small.yaml", "temperature: 0.8", "temperature: hot"),
            (
                "config/benchmarks/sums.yaml",
                "prompt: config/prompts/solve.jinja",
                "prompt: config/nothing.jinja",
            ),
        ],
        ["sampling.temperature", "prompt"],
    ),
    (
        [("config/benchmarks/sums.yaml", "n_samples: 4\nk: [1, 4]", "n_samples: 1\nk: [4]\nlimit: few")],
        ["limit", "k"],
    ),
    (  # what a wrong value would decide is left open
        [("config/benchmarks/sums.yaml", "n_samples: 4", "n_samples: few")],
        ["n_samples"],
    ),
    (
        [("config/models/referee.yaml", "engine: external", "engine: extern\nchat_template: nothing")],
        ["engine"],
    ),
    (
        [
            ("config/models/referee.yaml", "engine: external", "engine: external\nrequest_timeout: x"),
            ("config/models/referee.yaml", "base_urls: [http://localhost:8000/v1]", "dtype: auto"),
        ],
        ["request_timeout", "dtype", "base_urls"],
    ),
    (  # a misspelt key is not missed besides
        [("config/models/referee.yaml", "base_urls:", "base_url:")],
        ["base_url"],
    ),
    (
        [
            ("config/judges/answers.yaml", "model: referee", "model: referee\nmax_attempts: -1\nzzz: 1"),
            ("config/judges/answers.yaml", "incorrect: 'WRONG'", "incorrect: 'RIGHT'"),
        ],
        ["max_attempts", "zzz", "verdicts"],
    ),
    (
        [
            ("config/config.yaml", "seed: 7", "seed: x"),
            ("config/arenas/duel.yaml", "questions: open", "questions: sums\nretest: x"),
        ],
        ["seed", "retest", "questions"],
    ),
    (
        [("config/benchmarks/sums.yaml", "type: math", "{type: math, timeout: x}")],
        ["graders[0].timeout"],
    ),
    (
        [
            ("config/models/small.yaml", "label: Small", "label: [a]\nchat_template: nothing.jinja"),
            ("config/models/small.yaml", "sampling:", "context_length: 5\nmax_tokens: 9\nsampling:"),
        ],
        ["label", "chat_template", "context_length"],
    ),
]


@pytest.mark.parametrize(("edits", "keys"), BOTH_KINDS)
def test_structure_and_meaning_in_one_list(
    edits: list[tuple[str, str, str]], keys: list[str], tmp_path: Path
) -> None:
    root = write_project(tmp_path)
    for edited in edits:
        edit(root, *edited)
    with pytest.raises(ConfigError) as caught:
        load(root)
    assert sorted(problem.key for problem in caught.value.problems) == sorted(keys), str(caught.value)
