"""Agents: their prompts, and what a model with one can't be used for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from snakeval.config.errors import Report
from snakeval.config.origins import SETTINGS_FILE
from snakeval.config.resolved import Config
from snakeval.config.templates import check_prompts

# What each prompt may use. All of it must be used, or every answer would be evaluated alike.
FIELDS = {
    "generate": ("problem",),
    "evaluate": ("problem", "answer"),
    "refine": ("problem", "answer", "evaluation"),
}


def check_agents(config: Config, origins: Mapping[str, str], root: Path, report: Report, deep: bool) -> None:
    """Note what is wrong with agents and where they are used; prompts are looked at if `deep`."""
    if deep:
        for name in config.agents:
            _check_prompts(config, name, root, report)
    models = origins.get("models", SETTINGS_FILE)
    agents = {slug: model.agent for slug, model in config.served.items() if model.agent}
    for slug in agents:
        if config.served[slug].engine == "recorded":
            report.add(models, "models", f"'{slug}' has an agent, but recorded answers are not asked for")
    for judge, slug in config.judge_slug.items():
        if slug in agents:
            message = f"'{slug}' has the agent '{agents[slug]}', but a judge answers in one turn"
            report.add(f"config/judges/{judge}.yaml", "model", message)
    for slug, benchmark in asked(config):
        chosen = config.benchmarks.get(benchmark)
        if slug in agents and chosen is not None and chosen.endpoint == "completions":
            message = (
                f"'{slug}' has the agent '{agents[slug]}', whose turns are chats, but this benchmark's texts "
                "are continued: evaluate them apart"
            )
            report.add(f"config/benchmarks/{benchmark}.yaml", "endpoint", message)
    for slug in config.models:
        if slug in agents and config.lm_eval:
            message = f"lm-evaluation-harness can't ask '{slug}', which has an agent: run its tasks apart"
            report.add(origins.get("lm_eval", SETTINGS_FILE), "lm_eval", message)


def asked(config: Config) -> Iterator[tuple[str, str]]:
    """Pairs of a model and a benchmark that it answers."""
    for slug in config.models:
        yield from ((slug, benchmark) for benchmark in config.settings.benchmarks)
    for name, arena in config.arenas.items():
        baselines = [config.baseline_slug.get(name, ""), *config.category_baselines.get(name, {}).values()]
        yield from ((slug, arena.questions) for slug in (*baselines, *config.arena_models.get(name, ())))


def _check_prompts(config: Config, name: str, root: Path, report: Report) -> None:
    file = f"config/agents/{name}.yaml"
    for key, fields in FIELDS.items():
        path = getattr(config.agents[name], key)
        used = check_prompts(file, {key: path}, fields, root, report)
        missing = [field for field in fields if used is not None and field not in used]
        if path and missing:
            message = f"'{path}' does not use {' and '.join(missing)}, which this turn is about"
            report.add(file, key, message)
