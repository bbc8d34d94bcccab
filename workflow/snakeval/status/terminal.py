"""Snakemake's log -> what a person at the terminal needs of a run: Snakemake's logger plugin `snakeval`.

It is asked in a thread of its own. Dry runs, and whoever asks for more or less than a run's usual output
(`--verbose`, `--quiet`, `--printshellcmds`, `--debug-dag`), get Snakemake's own.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from collections import Counter
from contextlib import suppress
from logging import LogRecord
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from snakeval.status.failures import Failure, failure_of, printable
from snakeval.status.lines import Job, Lines, finished_line
from snakeval.status.plain import PlainHandler
from snakeval.status.slurm import note_jobs
from snakeval.system.logs import announce

# What Snakemake says on the way of each run, or what is said better in other words.
NOISE = re.compile(
    r"Building DAG|host: |Using shell|Select jobs|Execute \d+ jobs|Waiting (?:at most|for queue)|Job rate"
    r"|Removing temporary|Touching output|Terminating service|Service job|Provided |Rules claiming"
    r"|Singularity|Conda environments|Group jobs|Updating |Storing output|Retrieving from|Finished |Elapsed"
    r"|Complete log|SLURM run ID|Cleaning up SLURM|Processed \d+|Exiting because a job|Assuming unrestricted"
    r"|(?:WorkflowError:\s+)?At least one job did not|Will exit after|Shutting down|Trying to restart"
    r"|No wall time|Unlocking|'sacct' unavailable|Workflow has started|Raising priority|Submitted array"
    r"|Write-protecting"
)
STOPPED = "Terminating processes on user request"
SUBMITTED = re.compile(r"Job (\S+) has been submitted with SLURM jobid (\S+)")
# How Snakemake says that a job has failed, beside the job's own record; with a traceback.
OF_A_JOB = "RuleException"
SILENT = frozenset(
    {
        LogEvent.WORKFLOW_STARTED,
        LogEvent.RESOURCES_INFO,
        LogEvent.SHELLCMD,
        LogEvent.DEBUG_DAG,
        LogEvent.RULEGRAPH,
        LogEvent.JOB_STARTED,
    }
)


class LogHandler(PlainHandler):
    """What a run does in few lines, what failed at its end; see the module's text."""

    def __post_init__(self) -> None:
        super().__post_init__()
        chosen = self.common_settings
        asked = (chosen.verbose, chosen.dryrun, chosen.debug_dag, chosen.printshellcmds, chosen.quiet)
        self._plain = any(asked)
        self._jobs: dict[object, Job] = {}
        self._announced: list[Job] = []
        self._slurm: dict[str, list[tuple[str, str]]] = {}
        self._failures: dict[object, Failure] = {}
        self._log = ""
        self._held: list[str] = []
        self._closed = self._stopped = False
        self._seen: set[str] = set()
        if not self._plain:
            announce(sys.stderr)
            self._lines = Lines(sys.stderr, chosen.nocolor)

    def emit(self, record: LogRecord) -> None:
        """Show a record, or take from it what is shown later. Never raises: a run does not end for it."""
        if self._plain:
            super().emit(record)
            return
        try:
            self._take(record, getattr(record, "event", None))
        except (BrokenPipeError, ValueError, OSError):
            pass  # nobody reads it, or the terminal is closed
        except Exception:
            self.handleError(record)

    def _take(self, record: LogRecord, event: object) -> None:
        if event == LogEvent.RUN_INFO:
            stats = getattr(record, "stats", {})
            if stats.get("total", 0) > 1:  # one alone is what was asked for
                self._say(_jobs_line(stats))
        elif event == LogEvent.GROUP_INFO:
            self._announced = [_job_of(job.rule.name, job.wildcards_dict, job.log) for job in record.jobs]  # type: ignore[attr-defined]
        elif event == LogEvent.JOB_INFO:
            self._begin(record)
        elif event == LogEvent.JOB_FINISHED:
            self._end(getattr(record, "job_id", None))
        elif event == LogEvent.PROGRESS:
            self._lines.progress = (record.done, record.total)  # type: ignore[attr-defined]
        elif event in (LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR):
            self._fail(record.__dict__)
        elif event not in SILENT:
            self._message(record)

    def _begin(self, record: LogRecord) -> None:
        values = record.__dict__
        job = _job_of(values["rule_name"], values["wildcards"], values["log"])
        self._jobs[values["jobid"]] = job
        if not values.get("indent"):
            self._announced = [job]
        self._failures.pop(values["jobid"], None)  # it is tried again
        self._lines.begin(values["jobid"], job)

    def _end(self, number: object) -> None:
        job = self._jobs.get(number)
        self._lines.end(number)
        if job and (line := finished_line(job)):
            self._say(line)

    def _fail(self, values: dict[str, Any]) -> None:
        for info in values.get("job_error_info") or [values]:
            number = info["jobid"]
            self._lines.end(number)
            if number in self._failures:
                continue
            job = self._jobs.get(number) or _job_of(info["rule_name"], {}, info["log"])
            failure = failure_of(job.name, list(info["log"]), info.get("aux") or {})
            self._failures[number] = failure
            if failure.first not in self._seen and not self._stopped:
                self._seen.add(failure.first)
                self._say(f"failed: {failure.first}")

    def _message(self, record: LogRecord) -> None:
        text = printable(str(record.msg or ""))
        if found := SUBMITTED.match(text):
            self._slurm[found[2]] = [pair for job in self._announced if (pair := job.pair)]
            note_jobs(self._slurm)
            return
        if text.startswith("Complete log(s): "):
            self._log = text.removeprefix("Complete log(s): ")
        self._stopped = self._stopped or text.startswith(STOPPED)
        if getattr(record, "exception", None) == OF_A_JOB:
            self._held.append(text)
        elif text and not NOISE.match(text):
            self._say(text if record.levelno < logging.WARNING else _marked(record.levelno, text))

    def _say(self, text: str) -> None:
        self._lines.say(text)

    def close(self) -> None:
        """At the end of the run: what failed, and where more of it stands."""
        if not (self._plain or self._closed):
            self._closed = True  # Python closes all handlers once more when it ends
            with suppress(OSError, ValueError):
                self._lines.close()
                self._conclude()
        super().close()

    def _conclude(self) -> None:
        if not self._failures:
            for text in self._held:
                self._say(text)
            return
        if self._stopped:
            self._say("stopped; what its jobs had come to is kept")
            return
        failures = list(self._failures.values())
        same = Counter(failure.cause for failure in failures)
        count = "one job" if len(failures) == 1 else f"{len(failures)} jobs"
        self._say(f"\n{count} failed:")
        for cause in same:
            alike = [failure for failure in failures if failure.cause == cause]
            self._say("\n".join(alike[0].lines(len(alike) - 1)))
        if self._log:
            self._say(f"  all that Snakemake said: {os.path.relpath(self._log)}")


def _job_of(rule: str, wildcards: Any, log: Any) -> Job:
    return Job(rule, {str(key): str(value) for key, value in dict(wildcards).items()}, tuple(map(str, log)))


def _jobs_line(stats: dict[str, int]) -> str:
    """What a run will do: "29 jobs: 8 grade, 4 generate, ..."."""
    counted = sorted(((n, rule) for rule, n in stats.items() if rule not in ("total", "all")), reverse=True)
    total = stats.get("total", 0)
    named = ", ".join(f"{count} {rule}" for count, rule in counted)
    return f"{time.strftime('%H:%M:%S')}  {total} jobs: {named}"


def _marked(level: int, text: str) -> str:
    word = "error" if level >= logging.ERROR else "warning"
    return text if text.lower().startswith(word) else f"{word}: {text}"
