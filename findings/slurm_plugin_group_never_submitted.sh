#!/usr/bin/env bash
# snakemake-executor-plugin-slurm 2.8.0, Snakemake 9.27.1, CPython 3.11. No Slurm: stand-ins for its programs.
#
# A good guess: a job that the plugin can't submit (slurm_extra names an option that it passes itself) fails, as 2.8.0
# reports whatever goes wrong in `run_job`. So does a group of jobs, a service and its consumers among them.
# Seen: a rule's job fails at once with the reason. A group is neither submitted nor failed: `run_job` reports by
# way of `job.rule.name`, which a group has not, in a thread whose exceptions nobody reads. The run waits for ever.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check snakemake==9.27.1 \
    snakemake-executor-plugin-slurm==2.8.0
mkdir "$folder/slurm"
for name in sbatch squeue sacct sacctmgr scontrol sinfo scancel; do
    printf '#!/bin/sh\nexit 0\n' >"$folder/slurm/$name"
    chmod +x "$folder/slurm/$name"
done
cd "$folder"
for kind in alone group; do
    {
        echo 'rule work:'
        echo '    output: "done"'
        echo '    resources: slurm_extra="--mem=1"'
        if [ "$kind" = group ]; then echo '    group: "g"'; fi
        echo '    shell: "touch {output}"'
    } >Snakefile
    status=0
    PATH="$folder/slurm:$PATH" timeout --signal=KILL 60 venv/bin/snakemake --executor slurm --jobs 1 \
        --default-resources slurm_partition=p runtime=1 mem_mb=100 >log 2>&1 || status=$?
    rm -rf .snakemake
    echo "$kind $status"
done | tee seen
diff - seen <<'EXPECTED' || { echo "the behaviour has changed"; exit 1; }
alone 1
group 137
EXPECTED
