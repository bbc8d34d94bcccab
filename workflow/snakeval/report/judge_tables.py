"""Tables about judges that belong to no leaderboard: agreement of two judges, judges of single answers."""

from __future__ import annotations

from collections.abc import Sequence

from snakeval.arena.tables import Shown
from snakeval.types import Json


def judge_tables(agreements: Sequence[Json], calibrations: Sequence[Json]) -> list[Shown]:
    """What `judging.agreement` and `snakeval.judging.calibration` found, a table each, none where nothing."""
    found = [_calibrations(calibrations)] if calibrations else []
    found += [_corrected(calibrations)] if any("corrected" in entry for entry in calibrations) else []
    return [_agreements(agreements), *found] if agreements else found


def _agreements(entries: Sequence[Json]) -> Shown:
    header = ["arena", "judges", "games", "same preference, %", "same label, %", "kappa"]
    header += ["kappa of strengths", "strong, %", "weak, %", "tie, %"]
    rows = [
        [
            entry["arena"],
            " and ".join(entry["judges"]),
            str(entry["games"]),
            *(_percent(entry[key]) for key in ("same_preference", "same_label")),
            *(_figure(entry[key]) for key in ("kappa", "kappa_strength")),
            *(_percent(entry["by_strength"][name]["same_preference"]) for name in ("strong", "weak", "tie")),
        ]
        for entry in entries
    ]
    return Shown("Agreement of two judges", header, rows, text=(0, 1))


def _calibrations(entries: Sequence[Json]) -> Shown:
    header = ["benchmark", "judge", "no verdict", "compared with", "answers", "accuracy, %"]
    header += ["wrongly right", "wrongly wrong", "MAE", "Pearson's r", "Cohen's kappa"]
    rows = []
    for entry in entries:
        people = {"people": entry["human"]} if entry["human"] else {}
        compared = {name: value for name, value in (entry["against"] | people).items() if value}
        start = [entry["benchmark"], entry["grader"], f"{entry['null']} of {entry['answers']}"]
        rows += [[*start, name, *_compared(value)] for name, value in compared.items()]
        if not compared:
            rows.append([*start, *[""] * 8])
    return Shown("Judges of single answers", header, rows, text=(0, 1, 3))


def _corrected(entries: Sequence[Json]) -> Shown:
    header = ["benchmark", "judge", "model", "judged right, %", "corrected, %", "95% interval"]
    header += ["sensitivity, %", "specificity, %"]
    rows = [
        [
            *(entry["benchmark"], entry["grader"], model, _percent(value["judged"])),
            *(_percent(value["accuracy"]), " to ".join(map(_percent, value["ci95"]))),
            *(_percent(value[key]) for key in ("sensitivity", "specificity")),
        ]
        for entry in entries
        for model, value in entry.get("corrected", {}).items()
    ]
    return Shown("Accuracy without the judges' errors", header, rows, text=(0, 1, 2))


def _compared(value: Json) -> list[str]:
    return [
        str(value["answers"]),
        _percent(value["accuracy"]),
        str(value["wrongly_right"]),
        str(value["wrongly_wrong"]),
        *(_figure(value[key]) for key in ("mae", "pearson", "kappa")),
    ]


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f}"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
