"""The house of rooms: what docs/architecture.md draws is what the code is, and a broken wall is noticed."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARY = REPOSITORY / "workflow" / "snakeval"
PAGE = REPOSITORY / "docs" / "architecture.md"
ARROW = re.compile(r"^    (\w+) --> (\w+)$", re.MULTILINE)
DOORS = {"servers", "watch", "exchange", "fetch", "new_profile", "published_table"}


def layers() -> list[list[str]]:
    """The contract's layers, the highest first; the rooms of one do not import each other."""
    settings = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    chosen = next(contract for contract in contracts if contract["id"] == "layers")
    return [[name.strip() for name in layer.split("|")] for layer in chosen["layers"]]


def rooms() -> set[str]:
    return {path.parent.name for path in LIBRARY.glob("*/__init__.py")}


def arrows() -> set[tuple[str, str]]:
    """Which room imports which, without the arrows that follow from others."""
    graph = grimp.build_graph("snakeval", exclude_type_checking_imports=True, cache_dir=None)
    direct = {name: set[str]() for name in rooms()}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            one, other = (f"{name}.".split(".")[1] for name in (module, imported))
            if one != other and one in direct and other in direct:
                direct[one].add(other)
    below: dict[str, set[str]] = {}
    for name in (room for layer in reversed(layers()) for room in layer if room in direct):
        below[name] = set().union(*(below[other] | {other} for other in direct[name]))
    return {
        (one, other)
        for one, others in direct.items()
        for other in others
        if not any(other in below[between] for between in others)
    }


def picture() -> str:
    """The Mermaid graph of the rooms."""
    lines = [f"    {one} --> {other}" for one, other in sorted(arrows())]
    return "\n".join(["```mermaid", "graph TD", *lines, "```"])


def test_every_room_stands_in_the_contract() -> None:
    assert {name for layer in layers() for name in layer} == rooms() | DOORS | {"types"}
    assert {path.stem for path in LIBRARY.glob("*.py")} == DOORS | {"types", "__init__"}


def test_the_page_draws_what_the_code_imports() -> None:
    text = PAGE.read_text()
    assert set(ARROW.findall(text)) == arrows(), "run python tests/rules/test_house.py"
    height = {name: number for number, layer in enumerate(layers()) for name in layer}
    assert all(height[one] < height[other] for one, other in ARROW.findall(text))


def test_every_room_says_what_it_is_for() -> None:
    for room in rooms():
        said = ast.get_docstring(ast.parse((LIBRARY / room / "__init__.py").read_text())) or ""
        said = " ".join(said.split())
        assert re.search(r"[Nn]ever imports? |imports nothing but", said), room
        assert f"`{room}/`" in PAGE.read_text(), f"docs/architecture.md does not say what {room} is for"


def test_no_module_repeats_the_name_of_its_room() -> None:
    for path in LIBRARY.glob("*/**/*.py"):
        assert path.stem != path.parent.name, path
        assert not path.stem.startswith(f"{path.parent.name}_"), path


def test_private_names_stay_in_their_module() -> None:
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("snakeval"):
                assert not [alias.name for alias in node.names if alias.name.startswith("_")], path


def test_tests_mirror_the_rooms() -> None:
    others = {"config", "requirements", "demo", "__pycache__"}
    folders = {path.name for path in (REPOSITORY / "tests" / "unit").iterdir() if path.is_dir()}
    assert folders - others <= rooms()


@pytest.mark.parametrize(
    ("file", "line", "words"),
    [
        ("journal/index.py", "from snakeval.arena import duels", "Lower rooms know nothing of higher ones"),
        ("scoring/gate.py", "from snakeval.grading import gradable", "Lower rooms know nothing"),
        ("dag/lanes.py", "import numpy", "needs no numbers and no tables"),
        ("config/naming.py", "from snakeval.statistics import passk", "needs no numbers and no tables"),
        ("statistics/passk.py", "from snakeval import types", "Statistics know no file of ours"),
        ("sandbox/tree.py", "from snakeval import types", "nothing but what the system gives"),
        ("asking/clients.py", "from snakeval.asking import ask", "No circles"),
    ],
)
def test_a_broken_wall_is_noticed(tmp_path: Path, file: str, line: str, words: str) -> None:
    shutil.copytree(LIBRARY, tmp_path / "snakeval", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    broken = tmp_path / "snakeval" / file
    broken.write_text(f"{broken.read_text()}\n\ndef late() -> None:\n    {line}\n")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert re.search(rf"{words}.* BROKEN", done.stdout), done.stdout


if __name__ == "__main__":
    text = PAGE.read_text()
    PAGE.write_text(re.sub(r"```mermaid.*?```", picture(), text, flags=re.DOTALL))
