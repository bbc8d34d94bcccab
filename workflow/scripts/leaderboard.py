"""Judgments and answers -> leaderboard."""

import json
from pathlib import Path

from snakeval.arena.again import board_of
from snakeval.arena.answer_styles import answer_styles, published_styles
from snakeval.arena.board import to_json
from snakeval.arena.leaderboard import Rules
from snakeval.arena.tables import tables_to_csv, to_csv, to_markdown
from snakeval.config import load_config
from snakeval.dag import lanes
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    spec = json.loads(snakemake.params.spec)
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    styles = {}
    for path in map(Path, snakemake.input.generations):
        styles |= answer_styles(path, path.stem, lanes.reasoning(config, path.stem))
    for path in map(Path, snakemake.input.answers):
        styles |= published_styles(path)
    rules = Rules(
        **{key: spec[key] for key in ("baseline", "weight", "convention", "thresholds")},
        **spec["bootstrap"],  # rounds, seed
        style_control=tuple(spec["style_control"]),
        widen=tuple(spec["widen"]),
        human=Path(spec["human"]) if spec["human"] else None,
        styles=styles,
    )
    named = {key: snakemake.wildcards[key] for key in ("arena", "judge")}
    judgments = [Path(path) for path in snakemake.input.judgments]
    others = [*spec["category_baselines"].values()]
    board = board_of(config, judgments, rules, **named, baselines=others)
    write_text(Path(snakemake.output.csv), to_csv(board))
    write_text(Path(snakemake.output.tables), tables_to_csv(board))
    write_text(Path(snakemake.output.md), to_markdown(board))
    write_text(Path(snakemake.output.json), to_json(board))
