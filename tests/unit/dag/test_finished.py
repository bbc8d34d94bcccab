"""Finished files that Snakemake would lose: which are linked into their journals, which are asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from snakeval.config import Config
from snakeval.dag import finished, plan
from snakeval.system.origin import beside

CONFIG = cast(Config, None)
OUTPUT = Path("results/generations/b/m.parquet")
JOURNAL = Path("results/.journal/generations/b/m")


@pytest.fixture(autouse=True)
def one_model_and_benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(plan, "answered", lambda _: [("b", "m"), ("b", "n")])
    monkeypatch.setattr(plan, "judged", lambda _: [("a", "j", "m"), ("a", "j", "gone")])
    monkeypatch.setattr(plan, "metrics", lambda _: ["results/metrics/b/m/math.json"])
    make(OUTPUT)


def make(path: Path, content: str = "content") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)


BEFORE: dict[str, tuple[Callable[[], Any], bool]] = {
    "no journal": (lambda: None, True),
    "an empty folder": (lambda: JOURNAL.mkdir(parents=True), True),
    "no rows, but how often it was asked": (lambda: make(JOURNAL / "retries", "1"), True),
    "a journal": (lambda: make(JOURNAL / "1.jsonl"), False),
    "a link of an earlier run": (lambda: make(JOURNAL / finished.NAME, "old"), True),
    "no output": (OUTPUT.unlink, False),
    "a folder in its place": (lambda: OUTPUT.rename("aside") and OUTPUT.mkdir(), False),  # type: ignore[func-returns-value]
}


@pytest.mark.parametrize("case", BEFORE)
def test_a_finished_file_without_rows_in_its_journal_is_linked(case: str) -> None:
    before, linked = BEFORE[case]
    before()
    finished.link_finished(CONFIG)
    assert (JOURNAL / finished.NAME).exists() == linked
    if linked:
        OUTPUT.unlink()
        assert (JOURNAL / finished.NAME).read_text() == "content"


@pytest.mark.parametrize(
    ("before", "linked"),
    [
        (lambda journal: None, True),
        (lambda journal: make(journal / "retries", "1"), True),
        (lambda journal: make(journal / finished.JUDGED, "old"), True),
        (lambda journal: make(journal / "1.jsonl"), False),
    ],
)
@pytest.mark.parametrize("said", [True, False])
def test_finished_judgments_are_linked_with_what_is_said_of_them(
    said: bool, before: Callable[[Path], None], linked: bool
) -> None:
    output, journal = Path("results/arena/a/j/judgments/m.jsonl"), plan.journal("arena", "a", "j", "m")
    make(output)
    if said:
        make(beside(output), "said")
    before(journal)
    finished.link_finished(CONFIG)
    if linked and said:
        assert (journal / finished.JUDGED).read_text() == "content"
        assert beside(journal / finished.JUDGED).read_text() == "said"
    else:
        assert not beside(journal / finished.JUDGED).exists()
    assert not plan.journal("arena", "a", "j", "gone").exists()


@pytest.mark.parametrize(
    ("moved", "there", "asked"),
    [
        ("results/generations/b/n.parquet", False, True),
        ("results/problems/b.parquet", False, True),
        ("results/grades/b/m/math.parquet", False, True),
        ("results/generations/b/n.parquet", True, False),  # made anew since
        ("results/generations/b/gone.parquet", False, False),
        ("results/generations/gone/m.parquet", False, False),
        ("results/problems/gone.parquet", False, False),
        ("results/grades/b/m/gone.parquet", False, False),
        ("results/grades/b/n/math.parquet", False, False),
        ("results/metrics/b/m/math.parquet", False, False),
    ],
)
def test_what_was_moved_away_as_damaged_is_asked_for(moved: str, there: bool, asked: bool) -> None:
    make(Path(f"{moved}.damaged"))
    if there:
        make(Path(moved))
    assert finished.damaged(CONFIG) == ([moved] if asked else [])
