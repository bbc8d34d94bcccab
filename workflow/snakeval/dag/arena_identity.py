"""What the outputs of arenas and judges are functions of; see `snakeval.dag.identity`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snakeval.config import Config
from snakeval.dag.digests import content
from snakeval.dag.identity import VERSIONS, dumps, judge, thresholds
from snakeval.schema import Arena

if TYPE_CHECKING:  # as in `snakeval.dag.identity`
    from snakeval.types import Json


def _prompts(arena: Arena) -> Json:
    return {
        "wording": arena.wording,
        "official": arena.official.model_dump() if arena.official and arena.wording != "own" else None,
        "prompt": content(arena.prompt),
        "system": content(arena.system),
        "categories": {
            name: [content(each.system), each.official_system and each.official_system.model_dump()]
            for name, each in arena.categories.items()
        },
    }


def _baselines(config: Config, arena: str) -> list[str]:
    return [config.baseline_slug[arena], *config.category_baselines[arena].values()]


def arena_prompts(config: Config, arena: str) -> str:
    """Identity of results/arena/{arena}/prompts.json."""
    return dumps({"version": VERSIONS["arena_prompts"], "prompts": _prompts(config.arenas[arena])})


def import_answers(config: Config, benchmark: str, slug: str) -> str:
    """Identity of results/generations/{benchmark}/{model}.parquet of a recorded model."""
    source = config.served[slug].answers[benchmark]
    return dumps(
        {
            "version": VERSIONS["import_answers"],
            "source": source.model_dump(),
            "data": content(source.file),
        }
    )


def import_judgments(config: Config, arena: str) -> str:
    """Identity of imported results/arena/{arena}/{judge}/judgments/{model}.jsonl; the file is its input."""
    return dumps({"version": VERSIONS["import_judgments"], "baseline": config.baseline_slug[arena]})


def arena_judge(config: Config, arena: str, judge_name: str, slug: str, retries: int) -> str:
    """Identity of results/arena/{arena}/{judge}/judgments/{model}.jsonl."""
    chosen = config.arenas[arena]
    return dumps(
        {
            "version": VERSIONS["arena_judge"],
            "judge": judge(config, judge_name),
            "prompts": _prompts(chosen),
            "baselines": {"": config.baseline_slug[arena], **config.category_baselines[arena]},
            "category_field": chosen.category_field,
            "reasoning": [
                config.served[name].reasoning.model_dump(exclude_unset=True)
                for name in (*_baselines(config, arena), slug)
            ],
            "retest": chosen.retest,
            "retries": retries,
        }
    )


def leaderboard(config: Config, arena: str) -> str:
    """Identity of results/arena/{arena}/{judge}/leaderboard.csv."""
    chosen = config.arenas[arena]
    return dumps(
        {
            "version": VERSIONS["leaderboard"],
            "weight": chosen.weight,
            "baseline": config.baseline_slug[arena],
            "category_baselines": config.category_baselines[arena],
            "convention": chosen.convention,
            "style_control": chosen.style_control,
            "widen": chosen.widen,
            "human": chosen.human,
            "human_content": content(chosen.human),
            "reasoning": {
                name: config.served[name].reasoning.model_dump(exclude_unset=True)
                for name in (*_baselines(config, arena), *config.arena_models[arena])
            },
            "bootstrap": config.settings.bootstrap.model_dump(),
            "thresholds": thresholds(chosen.thresholds),
        }
    )


def agree(config: Config, arena: str) -> str:
    """Identity of results/arena/{arena}/agreement.json."""
    return dumps(
        {
            "version": VERSIONS["agree"],
            "judges": config.arenas[arena].judges,
            "baselines": _baselines(config, arena),
        }
    )


def calibrate(config: Config, benchmark: str, grader: str) -> str:
    """Identity of results/judges/{benchmark}/{grader}.json."""
    chosen = next(entry for entry in config.benchmarks[benchmark].graders if entry.name == grader)
    human = config.judges[chosen.judge].human if chosen.judge else None
    return dumps({"version": VERSIONS["calibrate"], "human": human, "human_content": content(human)})
