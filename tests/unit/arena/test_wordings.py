"""Prompts of an arena: ours, the official ones fetched and checked, and which of them were used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from snakeval.arena import wordings
from snakeval.arena.wordings import Prompts, text_at, write_prompts
from snakeval.problems.fetch import FetchError
from snakeval.schema import Arena, Category, Official, OfficialText

COMMIT = "c" * 40
TEMPLATE = "Q: {QUESTION} A: {ANSWER_A} B: {ANSWER_B}"
MODULE = """
COMMON = "Judge {fairly}."
SETTINGS = {"hard": {"system": COMMON, "n": 1}, "stories": {"system": "Judge stories."}}
import os
os.remove("anything")
LATER = open("x").read()
"""
VALUES = {"question": "2 + 2? {ANSWER_A}", "answer_a": "4", "answer_b": "{{ 5 }}"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def arena(wording: str, template_sha: str | None = None) -> Arena:
    return Arena.model_validate(
        {
            **{"questions": "q", "baseline": "b", "judges": ["j"]},
            **{"prompt": "pair.jinja", "system": "system.jinja", "wording": wording},
            "categories": {
                "stories": Category(
                    system="stories.jinja",
                    official_system=OfficialText(
                        path="judge.py",
                        key=("SETTINGS", "stories", "system"),
                        sha256=sha256("Judge stories."),
                    ),
                )
            },
            "official": Official(
                repo="a/b",
                commit=COMMIT,
                prompt=OfficialText(
                    path="judge.yaml", key=("templates", "0"), sha256=template_sha or sha256(TEMPLATE)
                ),
                system=OfficialText(
                    path="judge.py", key=("SETTINGS", "hard", "system"), sha256=sha256("Judge {fairly}.")
                ),
            ),
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Our prompts in the working directory, and an empty cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SNAKEVAL_CACHE", str(tmp_path / "cache"))
    (tmp_path / "pair.jinja").write_text("{{ question }} / {{ answer_a }} / {{ answer_b }}\n")
    (tmp_path / "system.jinja").write_text("Our judge.\n")
    (tmp_path / "stories.jinja").write_text("Our judge of stories.\n")
    return tmp_path


@pytest.fixture
def repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The official repository behind HTTP."""
    files = folder / "site" / "a" / "b" / COMMIT
    files.mkdir(parents=True)
    (files / "judge.yaml").write_text(json.dumps({"templates": [TEMPLATE]}))
    (files / "judge.py").write_text(MODULE)
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder / "site"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setattr(wordings, "RAW", f"http://127.0.0.1:{server.server_port}")
        yield files
        server.shutdown()


def unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordings, "RAW", "http://127.0.0.1:1")


def chat(path: Path, category: str | None) -> list[str]:
    return [message["content"] for message in Prompts(path).messages(category, VALUES)]


def test_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable(monkeypatch)
    write_prompts(arena("own"), folder / "prompts.json")
    rendered = "2 + 2? {ANSWER_A} / 4 / {{ 5 }}"
    assert chat(folder / "prompts.json", "hard") == ["Our judge.", rendered]
    assert chat(folder / "prompts.json", "stories") == ["Our judge of stories.", rendered]
    assert Prompts(folder / "prompts.json").wording == "own"


def test_official(repository: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fields in an answer or a question are text; a second time nothing is fetched."""
    write_prompts(arena("official"), folder / "prompts.json")
    rendered = "Q: 2 + 2? {ANSWER_A} A: 4 B: {{ 5 }}"
    assert chat(folder / "prompts.json", None) == ["Judge {fairly}.", rendered]
    assert chat(folder / "prompts.json", "stories") == ["Judge stories.", rendered]
    found = json.loads((folder / "prompts.json").read_text())
    assert (found["wording"], found["source"]) == ("official", f"a/b@{COMMIT}")
    unreachable(monkeypatch)
    write_prompts(arena("official"), folder / "again.json")
    assert (folder / "again.json").read_text() == (folder / "prompts.json").read_text()


def test_a_changed_official_text_is_refused(repository: Path, folder: Path) -> None:
    with pytest.raises(FetchError, match=r"judge.yaml: the text at templates / 0 has the sha256 .* not 0000"):
        write_prompts(arena("official", "0" * 64), folder / "prompts.json")
    (repository / "judge.yaml").write_text("templates: []")
    with pytest.raises(FetchError, match="no text at templates / 0"):
        write_prompts(arena("official"), folder / "prompts.json")


def test_out_of_reach(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable(monkeypatch)
    with pytest.raises(FetchError, match=r"can't be downloaded: .*'wording: own'"):
        write_prompts(arena("official"), folder / "prompts.json")
    write_prompts(arena("auto"), folder / "prompts.json")
    assert Prompts(folder / "prompts.json").wording == "own"


def test_nothing_of_a_module_is_executed() -> None:
    assert text_at(MODULE, "x.py", ("COMMON",)) == "Judge {fairly}."
    for key in (("LATER",), ("SETTINGS", "hard", "n"), ("SETTINGS",)):
        with pytest.raises((LookupError, TypeError)):
            text_at(MODULE, "x.py", key)
