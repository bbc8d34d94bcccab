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
