"""Paces of earlier runs, and what they say of the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from snakeval.asking.pace import NAME, Pace, busy_seconds, note_pace, read_paces, tokens_per_second
from snakeval.asking.progress import Progress
from snakeval.report.outlook import Known, Outlook, expected_hours
from snakeval.report.outlook_table import to_text

SERVICES = {
    (name, model): (f"{lane}/{model}",)
    for model in ("fast", "slow", "twin", "giant", "external")
    for name, lane in (("a", "one"), ("b", "one"), ("c", "two"))
}
SIZES = {"fast": 1000, "slow": 9000, "twin": 1900, "giant": 90_000, "external": None}


def known(**paces: Pace) -> Known:
    """Paces by "model_benchmark"."""
    found = {key: [paces[f"{key[1]}_{key[0]}"]] if f"{key[1]}_{key[0]}" in paces else [] for key in SERVICES}
    return Known(SERVICES, found, SIZES)


# fast: 100 tokens/s, 20 tokens a sample of a; slow: 10 tokens/s, 50 a sample of b.
KNOWN = known(fast_a=Pace(0, 10, 50, 1000), slow_b=Pace(0, 100, 20, 1000))


def test_time_in_which_two_jobs_ask_counts_once() -> None:
    first, second, later = Pace(0, 10, 1, 100), Pace(5, 20, 1, 100), Pace(30, 40, 1, 100)
    assert busy_seconds([later, second, first]) == 30
    assert tokens_per_second([[first, second], [later]]) == 10
    assert tokens_per_second([[first], [second]]) == 8  # two servers, each by itself
    assert tokens_per_second([]) is None


def test_paces_are_kept_beside_the_journals(tmp_path: Path) -> None:
    assert read_paces(tmp_path / "none") == []
    progress = Progress(10, "samples")
    note_pace(tmp_path, progress)
    assert not (tmp_path / NAME).exists()
    progress.done, progress.errors, progress.tokens = 5, 2, 60
    note_pace(tmp_path, progress)
    with (tmp_path / NAME).open("a") as file:
        file.write('{"start": 1, "end"')
    (pace,) = read_paces(tmp_path)
    assert (pace.samples, pace.tokens) == (3, 60)
    assert 0 <= pace.end - pace.start < 10


def hours(model: str, **missing: int | None) -> tuple[float, bool]:
    found, borrowed = expected_hours(model, missing, KNOWN)
    assert found is not None
    return round(found, 9), borrowed


def test_a_models_own_figures() -> None:
    assert hours("fast", a=18_000) == (1.0, False)
    assert hours("fast", a=0) == (0.0, False)


def test_figures_of_others() -> None:
    # Another benchmark: its length from the other model, the speed its own.
    assert hours("fast", a=18_000, b=7_200) == (2.0, True)
    # A model of its size: 1,900 parameters are within twice 1,000.
    assert hours("twin", a=18_000) == (1.0, True)


@pytest.mark.parametrize(
    ("model", "missing"),
    [
        ("fast", {"c": 1}),  # nobody has answered c
        ("giant", {"a": 1}),  # nothing of its size
        ("external", {"a": 1}),  # of unknown size
        ("fast", {"a": None}),  # nobody knows how many are missing
    ],
)
def test_what_is_not_known_is_not_guessed(model: str, missing: dict[str, int | None]) -> None:
    assert expected_hours(model, missing, KNOWN) == (None, False)


def test_the_table() -> None:
    table = to_text(
        [
            Outlook("fast", {"a": 1000, "b": 0}, 1, 8, 0.5),
            Outlook("slow", {"a": 20}, 2, 4, 0.25, borrowed=True),
            Outlook("new", {"a": None}, 1, None, None),
        ]
    )
    lines = [line.split() for line in table.splitlines()]
    assert lines[0] == ["model", "allocations", "GPUs", "a", "b", "missing", "server", "hours", "GPU-hours"]
    assert lines[2:] == [
        ["fast", "1", "8", "1,000", "0", "1,000", "0.50", "4.00"],
        ["slow", "2", "4", "20", "20", "~0.25", "~1.00"],
        ["new", "1", "unknown", "unknown", "unknown", "unknown", "unknown"],
        ["all", "4", "unknown", "unknown", "0", "unknown", "unknown", "unknown"],
    ]
