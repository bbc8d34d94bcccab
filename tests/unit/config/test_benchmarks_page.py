"""docs/benchmarks.md lists the benchmarks that ship with the project, and its examples are right.

After a change write its table again: python tests/unit/config/test_benchmarks_page.py
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path

import pytest
import yaml

from snakeval.config.jsonschema import CONFIG, SCHEMAS

PAGE = CONFIG.parent / "docs" / "benchmarks.md"
HEADER = ["| benchmark | rows | source | licence | graders |", "| --- | --- | --- | --- | --- |"]
HUB = re.compile(r"https://huggingface\.co/datasets/([^/]+/[^/]+)/resolve/([0-9a-f]{7,40})/(.+)")
GITHUB = re.compile(r"https://raw\.githubusercontent\.com/([^/]+/[^/]+)/([0-9a-f]{7,40})/(.+)")


def row(file: Path) -> str:
    """The table's row of one benchmark."""
    text = file.read_text(encoding="utf-8")
    found = yaml.safe_load(text)
    source = found["source"]
    if "file" in source:
        where = f"`{source['file']}`"
    elif "dataset" in source:
        where = f"data set {source['dataset']}, split {source['split']}, at {source['revision'][:12]}"
    else:
        match = GITHUB.fullmatch(source["url"]) or HUB.fullmatch(source["url"])
        where = f"{match[1]}, {match[3]}, at {match[2][:12]}" if match else source["url"]
    where += "; not downloaded" if "not downloaded" in text else ""
    names = [
        grader.get("name") or grader.get("judge") or grader["type"] for grader in found.get("graders", ())
    ]
    cells = [
        source.get("rows", ""),
        where,
        source.get("licence", "MIT (ours)"),
        ", ".join(names) or "an arena's",
    ]
    return f"| `{file.stem}` | {' | '.join(map(str, cells))} |"


def page() -> str:
    """The page with the table as it must be."""
    rows = [row(file) for file in sorted((CONFIG / "benchmarks").glob("*.yaml"))]
    text, header, _ = PAGE.read_text(encoding="utf-8").partition(HEADER[0])
    assert header, "the table is the last part of the page"
    return text + "\n".join([*HEADER, *rows]) + "\n"


def test_every_benchmark_is_listed_as_its_file_has_it() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines(), page().splitlines()
    diff = "\n".join(difflib.unified_diff(*lines, "docs/benchmarks.md", "config/benchmarks", lineterm=""))
    assert not diff, f"run python tests/unit/config/test_benchmarks_page.py:\n{diff}"


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL))
def test_examples_are_right(example: str) -> None:
    (kind,) = re.findall(r"schema=\.\./schemas/(\w+)\.json\n", example)
    SCHEMAS[kind].model_validate(yaml.safe_load(example))


def test_suites_that_ship_name_benchmarks() -> None:
    suites = yaml.safe_load((CONFIG / "config.yaml").read_text(encoding="utf-8"))["suites"]
    assert len(suites["math"]) == 7
    for members in suites.values():
        assert all((CONFIG / "benchmarks" / f"{name}.yaml").is_file() for name in members)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
