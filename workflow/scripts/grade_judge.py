"""Generations -> grades, by a judge model."""

from pathlib import Path

from snakeval.asking.spending import write_usage
from snakeval.config import load_config
from snakeval.dag import lanes, plan
from snakeval.grading.graders.judge import grade_by_judge
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    benchmark, model, grader = (snakemake.wildcards[key] for key in ("benchmark", "model", "grader"))
    service = snakemake.input.get("service")
    config = load_config(snakemake.config, Path.cwd(), check_data=False)
    journal = plan.journal("grades", benchmark, model, grader)
    grade_by_judge(
        config,
        benchmark,
        model,
        grader,
        problems=Path(snakemake.input.problems),
        generations=Path(snakemake.input.generations),
        serving=Path(snakemake.input.config),
        service=Path(service) if service else None,
        journal=journal,
        output=Path(snakemake.output[0]),
        reasoning=lanes.reasoning(config, model),
    )
    write_usage(config, plan.judge_of(config, benchmark, grader), journal, Path(snakemake.output.usage))
