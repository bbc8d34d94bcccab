#!/usr/bin/env bash
# Snakemake 9.27.1, CPython 3.11.
#
# A good guess: a rule's params that read `resources` follow them. Where memory grows with `attempt`, a heap size
# computed from it in params grows as well.
# Seen: in a retry the shell's {resources.mem_mb} has grown, {params.heap} still has the first attempt's value. So a
# job that died for want of memory asks the cluster for more, and dies again with the same heap.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check snakemake==9.27.1
cat >"$folder/Snakefile" <<'SNAKEFILE'
rule work:
    output: "done"
    retries: 2
    resources: mem_mb=lambda wildcards, attempt: 1000 * attempt
    params: heap=lambda wildcards, resources: resources.mem_mb - 100
    shell:
        "echo 'mem_mb {resources.mem_mb} heap {params.heap}' >>seen; "
        "if [ $(wc -l <seen) -lt 3 ]; then exit 1; fi; touch {output}"
SNAKEFILE
cd "$folder"
venv/bin/snakemake --cores 1 --quiet all >log 2>&1 || { cat log; exit 1; }
cat seen
diff - seen <<'EXPECTED' || { echo "the behaviour has changed"; exit 1; }
mem_mb 1000 heap 900
mem_mb 2000 heap 900
mem_mb 3000 heap 900
EXPECTED
