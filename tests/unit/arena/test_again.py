"""A board that games stand in the way of: who is asked again by the next run, and who is not."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from snakeval.arena.again import board_of
from snakeval.arena.leaderboard import Rules
from snakeval.config import Config
from snakeval.dag.plan import journal
from snakeval.dag.retries import retries
from snakeval.judging.judgments import UNANSWERED, WITHHELD
from snakeval.scoring.validity import ValidityError
from snakeval.system.tables import write_rows
from snakeval.types import Generation
from unit.arena.test_leaderboard import judgment

CONFIG = cast(Config, SimpleNamespace(arenas={"ar": SimpleNamespace(questions="q")}))
REFUSED, LATER = "permanent: HTTP 400: no template", "transient: HTTP 500: x"
# (errors of the first question's games, whose answers could not be had, thresholds) -> who is asked again.
CASES: dict[str, tuple[tuple[str | None, str | None], dict[str, str], dict[str, float | None], set[str]]] = {
    "no error": ((None, None), {}, {"infrastructure_failed": 0.0}, set()),
    "a verdict that was refused": ((REFUSED, None), {}, {"infrastructure_failed": 0.0}, {"arena/ar/j/m"}),
    "in the second game": ((None, REFUSED), {}, {"infrastructure_failed": 0.0}, {"arena/ar/j/m"}),
    "one that may come": ((LATER, LATER), {}, {"infrastructure_failed": 0.0}, {"arena/ar/j/m"}),
    "within the threshold": ((REFUSED, None), {}, {"infrastructure_failed": 0.25}, set()),
    "no threshold": ((REFUSED, REFUSED), {}, {"infrastructure_failed": None}, set()),
    "the model's answer": (
        (UNANSWERED, UNANSWERED),
        {"m": REFUSED},
        {"infrastructure_failed": 0.0},
        {"generations/q/m"},
    ),
    "the baseline's": (
        (UNANSWERED, UNANSWERED),
        {"base": LATER},
        {"infrastructure_failed": 0.0},
        {"generations/q/base"},
    ),
    "an answer that is there by now": ((UNANSWERED, UNANSWERED), {}, {"infrastructure_failed": 0.0}, set()),
    "withheld by a filter": ((WITHHELD, WITHHELD), {"m": REFUSED}, {"filtered": 0.0}, set()),
    "withheld, and one refused, within": (
        (WITHHELD, REFUSED),
        {},
        {"filtered": 0.0, "infrastructure_failed": 0.25},
        set(),
    ),
    "both over": ((WITHHELD, REFUSED), {}, {"filtered": 0.0, "infrastructure_failed": 0.0}, {"arena/ar/j/m"}),
    "verdicts that can't be read": ((None, None), {}, {"judge_null": 0.0}, set()),
}


FINE = ("no error", "within the threshold", "no threshold")


def generation(error: str | None) -> Generation:
    sample: dict[str, Any] = dict.fromkeys(Generation.__dataclass_fields__)
    text = None if error else "text"
    return Generation(
        **{
            **sample,
            "problem_id": "q0",
            "sample_index": 0,
            "digest": "0" * 32,
            "messages": (),
            "seed": 1,
            "text": text,
            "error": error,
            "finish_reason": None if error else "stop",
        }
    )


@pytest.mark.parametrize("case", CASES)
def test_who_is_asked_again(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    errors, unanswered, thresholds, expected = CASES[case]
    monkeypatch.chdir(tmp_path)
    journals = ["arena/ar/j/m", "arena/ar/j/other", "generations/q/m", "generations/q/base"]
    for name in journals:
        journal(*name.split("/")).mkdir(parents=True)
    for model in ("m", "base"):
        answers = Path(f"results/generations/q/{model}.parquet")
        answers.parent.mkdir(parents=True, exist_ok=True)
        write_rows(answers, Generation, [generation(unanswered.get(model))])
    null = "judge_null" in thresholds
    rows = [judgment("m", "q0", ("B>A", None if null else "A>B")), judgment("m", "q1", ("B>A", "A>B"))]
    for game, error in zip(rows[0]["games"], errors, strict=True):
        game |= {"error": error, "score": None if error else game["score"]}
    paths = [Path("m.jsonl"), Path("other.jsonl")]
    paths[0].write_text("".join(json.dumps(row) + "\n" for row in rows))
    paths[1].write_text(json.dumps(judgment("other", "q0", ("B>A", "A>B"))) + "\n")
    rules = Rules("base", rounds=10, thresholds=thresholds)
    try:
        board_of(CONFIG, paths, rules, arena="ar", judge="j", baselines=[])
        failed = None
    except ValidityError as error:
        failed = str(error)
    assert {name for name in journals if retries(journal(*name.split("/")))} == expected
    assert ("The next run asks once more" in (failed or "")) == bool(expected)
    assert (failed is None) == (case in FINE)


def test_all_models_over_the_threshold_are_named_and_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    paths = []
    for model in ("a", "b", "imported"):
        row = judgment(model, "q0", ("B>A", None))
        row["games"][1]["error"] = REFUSED
        paths.append(Path(f"{model}.jsonl"))
        paths[-1].write_text(json.dumps(row) + "\n")
        if model != "imported":
            journal("arena", "ar", "j", model).mkdir(parents=True)
    rules = Rules("base", rounds=10, thresholds={"infrastructure_failed": 0.0})
    with pytest.raises(ValidityError, match=r"model a: (.|\n)*model b: (.|\n)*model imported: "):
        board_of(CONFIG, paths, rules, arena="ar", judge="j", baselines=[])
    assert [retries(journal("arena", "ar", "j", model)) for model in ("a", "b", "imported")] == [1, 1, 0]
