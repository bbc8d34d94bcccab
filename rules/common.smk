# What every rules file uses: the checked configuration, wildcard constraints and small helpers.
# Parsing must stay cheap (every job parses this again): no network, no clock, no heavy import.
# Lists of files are functions everywhere: evaluated for the rules that are asked for, not at every parse.
import json
import os
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.logging import logger

LIBRARY = Path(workflow.current_basedir).parent / "workflow"
sys.path.insert(0, str(LIBRARY))
# The logger plugin has imported what the environment was made for, which may be another checkout.
if (loaded := sys.modules.get("snakeval")) and not os.path.samefile(
    loaded.__path__[0], LIBRARY / "snakeval"
):
    for name in [each for each in sys.modules if each.partition(".")[0] == "snakeval"]:
        del sys.modules[name]

from snakeval.dag import (
    arena_identity,
    comparisons,
    finished,
    identity,
    imports,
    judges,
    lanes,
    lm_eval,
    next_step,
    patterns,
    plan,
    shown,
)
from snakeval.config import ConfigError, commands, load_config, tries
from snakeval.config.found import hand_on
from snakeval.dag.slurm_names import (
    SlurmNameError,
    Wanted,
    check_names,
    check_resources,
)
from snakeval.system import logs, members, processes

# A service ends with the process that starts it, which may be killed before the service can look who it is.
processes.introduce()

if not workflow.is_main_process and logs.shown_by_another():
    logs.into_file()  # the run says why a job failed, and where its log is
if workflow.is_main_process:
    NEXT_STEP = next_step.listen(logger)
# Targets are not known yet while this is parsed.
FETCHING = "fetch" in sys.argv[1:]
STATUS = workflow.is_main_process and "status" in sys.argv[1:]

try:
    CONFIG = load_config(
        config,
        Path.cwd(),
        check_data=workflow.is_main_process,
        over=workflow.overwrite_configfiles or (),
        fetching=FETCHING,
    )
except ConfigError as error:
    raise WorkflowError(str(error)) from None
if STATUS:
    # Before Snakemake takes its lock, which a run may hold, and without its jobs' seconds.
    from snakeval.status.show import print_status

    print_status(CONFIG, sys.argv[1:])
    sys.exit(0)
if workflow.is_main_process:
    hand_on(CONFIG.found)
    commands.hand_on(CONFIG.served)
    for warning in CONFIG.warnings:
        logger.warning(warning)

# Where the tables are of what this run is of: a try has a folder of its own.
SHOWN = tries.folder(CONFIG.settings)


# The start of the serve rule's command. It is no parameter, which would make outputs stale: Python's path and
# the configuration are not identity. Braces are doubled, because Snakemake formats the command.
SERVE_MODEL = shlex.join(
    [sys.executable, "-m", "snakeval.serving.serve_model", json.dumps(config)]
)
SERVE_MODEL = SERVE_MODEL.replace("{", "{{").replace("}", "}}")


wildcard_constraints:
    model=patterns.either(CONFIG.served),
    benchmark=patterns.either(CONFIG.benchmarks),
    arena=patterns.either(CONFIG.arenas),
    judge=patterns.either(CONFIG.judges),
    lane=r"[a-z]+(-\d+)?",
    shard=r"\d+",
    shards=r"\d+",


def service_of(model, lane):
    """The service that a consumer waits for: none where the endpoint exists already."""
    managed = CONFIG.served[model].engine != "external"
    return {"service": f"results/services/{lane}/{model}.json"} if managed else {}


def serving_config_of(wildcards):
    """The serving config of the server that a model is asked with."""
    return f"results/configs/{lanes.server(CONFIG, wildcards.model)}.yaml"


def print_tables():
    """Have the tables of what was asked for shown when all else has been said."""
    if workflow.is_main_process:
        targets = [job.rule.name for job in workflow.dag.targetjobs]
        NEXT_STEP.tables = next_step.tables(targets, Path(SHOWN))
