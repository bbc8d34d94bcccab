"""Two models' answers x judge -> judgments."""

from pathlib import Path

from snakeval.arena.duels import judge_duels
from snakeval.asking.spending import write_usage
from snakeval.config import load_config
from snakeval.dag import lanes, plan
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    arena, judge, model = (snakemake.wildcards[key] for key in ("arena", "judge", "model"))
    service = snakemake.input.get("service")
    participants = map(Path, (snakemake.input.generations, *snakemake.input.baselines))
    generations = {path.stem: path for path in participants}
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    journal = plan.journal("arena", arena, judge, model)
    judge_duels(
        config,
        arena,
        judge,
        model,
        problems=Path(snakemake.input.problems),
        generations=generations,
        prompts=Path(snakemake.input.prompts),
        serving=Path(snakemake.input.config),
        service=Path(service) if service else None,
        journal=journal,
        output=Path(snakemake.output[0]),
        reasoning={name: lanes.reasoning(config, name) for name in generations},
    )
    write_usage(config, judge, journal, Path(snakemake.output.usage))
