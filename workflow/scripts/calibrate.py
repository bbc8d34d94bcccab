"""Grades of a judge and of the other graders -> calibration."""

import json
from pathlib import Path

from snakeval.judging.calibration import calibration, read_grades
from snakeval.system.files import write_text
from snakeval.system.job import begin

if __name__ == "__main__":
    begin(snakemake)
    spec = json.loads(snakemake.params.spec)
    others: dict[str, list[Path]] = {}
    for path in map(Path, snakemake.input.others):
        others.setdefault(path.stem, []).append(path)
    found = calibration(
        read_grades(map(Path, snakemake.input.grades)),
        {name: read_grades(paths) for name, paths in others.items()},
        Path(spec["human"]) if spec["human"] else None,
        benchmark=snakemake.wildcards.benchmark,
        grader=snakemake.wildcards.grader,
    )
    write_text(Path(snakemake.output[0]), json.dumps(found, indent=2) + "\n")
