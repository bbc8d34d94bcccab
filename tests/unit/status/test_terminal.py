"""What a run's terminal shows of Snakemake's log: what a person needs, and at the end what failed."""

from __future__ import annotations

import io
import logging
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_interface_logger_plugins.tests import MockOutputSettings

from snakeval.status import lines, slurm, terminal
from snakeval.status.failures import cause_in, failure_of, printable
from snakeval.status.lines import Job, Lines, how_far
from snakeval.status.terminal import LogHandler
from unit.asking.test_note import write

JOURNAL = Path("results/.journal/generations/math/m")
GENERATE = Job("generate", {"benchmark": "math", "model": "m"}, ("results/logs/x.log",))


class Shown:
    """What has been written to standard error so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys, self._text = capsys, ""

    def getvalue(self) -> str:
        self._text += self._capsys.readouterr().err
        return self._text


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shown:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SNAKEVAL_TERMINAL", raising=False)
    return Shown(capsys)


def handler(**chosen: Any) -> LogHandler:
    settings = MockOutputSettings()
    settings.printshellcmds = settings.show_failed_logs = False
    for key, value in chosen.items():
        setattr(settings, key, value)
    return LogHandler(settings, None)


def record(
    event: LogEvent | None, text: str = "", level: int = logging.INFO, **values: Any
) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", level, "x.py", 1, text, (), None)
    made.__dict__.update(values, event=event)
    return made


def begun(number: int, job: Job = GENERATE) -> logging.LogRecord:
    values: dict[str, Any] = {"rule_name": job.rule, "wildcards": job.wildcards, "log": list(job.logs)}
    return record(LogEvent.JOB_INFO, jobid=number, indent=False, **values)


def failed(number: int, job: Job = GENERATE) -> logging.LogRecord:
    values: dict[str, Any] = {"rule_name": job.rule, "log": list(job.logs), "aux": {}}
    return record(LogEvent.JOB_ERROR, "Error", logging.ERROR, jobid=number, **values)


def message(text: str, level: int = logging.INFO, **values: Any) -> logging.LogRecord:
    return record(None, text, level, **values)


# What Snakemake says, and what of it is shown.
MESSAGES: list[tuple[str, int, str]] = [
    ("Building DAG of jobs...", logging.INFO, ""),
    ("Using shell: /usr/bin/bash", logging.INFO, ""),
    ("Waiting at most 15 seconds for missing files:\nresults/services/x.json", logging.INFO, ""),
    ("Select jobs to execute...", logging.INFO, ""),
    ("Execute 3 jobs...", logging.INFO, ""),
    ("Removing temporary output x.", logging.INFO, ""),
    ("Elapsed time: 0:00:10", logging.INFO, ""),
    ("Complete log(s): /a/b.log", logging.INFO, ""),
    ("Shutting down, this might take some time.", logging.INFO, ""),
    ("Exiting because a job execution failed. Look below for error messages", logging.INFO, ""),
    ("WorkflowError:\nAt least one job did not complete successfully.", logging.ERROR, ""),
    ("Nothing to be done (all requested files are present and up to date).", logging.INFO, "same"),
    ("Unlocked working directory.", logging.INFO, "same"),
    ("Terminating processes on user request, this might take some time.", logging.INFO, "same"),
    ("config/x.yaml: n_samples: much the same", logging.WARNING, "warning: "),
    ("WorkflowError:\nthe configuration has one problem", logging.ERROR, "error: "),
    ("Error: Directory cannot be locked.", logging.ERROR, "same"),
    ("something that nobody has thought of", logging.INFO, "same"),
]


@pytest.mark.parametrize(("text", "level", "expected"), MESSAGES)
def test_what_is_shown_of_what_snakemake_says(text: str, level: int, expected: str, shown: Shown) -> None:
    handler().emit(message(text, level))
    assert shown.getvalue() == ("" if not expected else f"{expected.replace('same', '')}{text}\n")


SILENT = [LogEvent.WORKFLOW_STARTED, LogEvent.RESOURCES_INFO, LogEvent.SHELLCMD, LogEvent.JOB_STARTED]


@pytest.mark.parametrize("event", SILENT)
def test_events_that_are_not_shown(event: LogEvent, shown: Shown) -> None:
    handler().emit(record(event, "Provided cores: 2", workflow_id=uuid.uuid4(), cores=2))
    assert not shown.getvalue()


def test_what_a_run_will_do_is_one_line(shown: Shown) -> None:
    stats = {"all": 1, "generate": 4, "grade": 8, "total": 13}
    handler().emit(record(LogEvent.RUN_INFO, "Job stats:\n...", stats=stats))
    assert shown.getvalue()[8:] == "  13 jobs: 8 grade, 4 generate\n"


def test_one_job_is_what_was_asked_for(shown: Shown) -> None:
    handler().emit(record(LogEvent.RUN_INFO, "Job stats:\n...", stats={"validate": 1, "total": 1}))
    assert not shown.getvalue()


@pytest.mark.parametrize("asked", ["verbose", "debug_dag", "printshellcmds"])
def test_who_asks_for_more_gets_snakemakes_own(asked: str, shown: Shown) -> None:
    handler(**{asked: True}).emit(message("Building DAG of jobs..."))
    assert shown.getvalue() == "Building DAG of jobs...\n"


def test_a_dry_run_is_snakemakes_own(shown: Shown, capsys: pytest.CaptureFixture[str]) -> None:
    handler(dryrun=True, stdout=True).emit(message("Building DAG of jobs..."))
    assert capsys.readouterr().out == "Building DAG of jobs...\n"


def test_a_job_that_is_done(shown: Shown) -> None:
    write(JOURNAL, state="ended", done=10, errors=0, truncated=2)
    mine = handler()
    mine.emit(begun(1))
    mine.emit(record(LogEvent.JOB_FINISHED, job_id=1))
    mine.close()
    assert shown.getvalue() == "done: generate math m  10 samples, 2 truncated, 50 tokens/s\n"


QUIET = [Job("grade", {"model": "m"}, ()), Job("generate_shard", {"benchmark": "math", "model": "m"}, ())]


@pytest.mark.parametrize("job", QUIET, ids=lambda job: job.rule)
def test_jobs_that_are_not_told_of(job: Job, shown: Shown) -> None:
    job = Job(job.rule, {**job.wildcards, "shard": "0", "shards": "2"}, ())
    mine = handler()
    mine.emit(begun(1, job))
    mine.emit(record(LogEvent.JOB_FINISHED, job_id=1))
    mine.close()
    assert not shown.getvalue()


def ended(cause: str) -> None:
    """A script's log as `snakeval.system.logs` leaves it."""
    text = "2026-11-30 10:00:00,000 ERROR snakeval: "
    path = Path("results/logs/x.log")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}Traceback (most recent call last):\n  File x\n{cause}\n\n{text}{cause}\n")


def test_a_failure_ends_with_the_cause_and_the_log(shown: Shown) -> None:
    ended("ServerGone: it died\nits log says why")
    mine = handler()
    mine.emit(begun(1))
    mine.emit(message("RuleException:\nCalledProcessError", logging.ERROR, exception="RuleException"))
    mine.emit(failed(1))
    mine.emit(message(f"Complete log(s): {Path.cwd()}/.snakemake/log/a.log"))
    mine.close()
    mine.close()
    assert shown.getvalue().splitlines() == [
        "failed: generate math m: ServerGone: it died",
        "",
        "one job failed:",
        "  generate math m",
        "    ServerGone: it died",
        "    its log says why",
        "    its log: results/logs/x.log",
        "  all that Snakemake said: .snakemake/log/a.log",
    ]


def test_jobs_that_failed_alike_are_told_of_once(shown: Shown) -> None:
    ended("ServerGone: it died")
    mine = handler()
    for number in range(1, 4):
        mine.emit(failed(number))
    mine.close()
    text = shown.getvalue()
    assert "3 jobs failed:\n  generate (and 2 more in the same way)" in text
    assert text.count("ServerGone") == 2, "when it happens, and at the end"


def test_a_job_that_is_tried_again_has_not_failed(shown: Shown) -> None:
    ended("ServerGone: it died")
    mine = handler()
    mine.emit(begun(1))
    mine.emit(failed(1))
    mine.emit(begun(1))
    mine.emit(record(LogEvent.JOB_FINISHED, job_id=1))
    mine.close()
    assert "job failed" not in shown.getvalue()


def test_jobs_that_end_with_ctrl_c_have_not_failed(shown: Shown) -> None:
    ended("KeyboardInterrupt: ")
    mine = handler()
    mine.emit(message("Terminating processes on user request, this might take some time."))
    mine.emit(failed(1))
    mine.close()
    assert shown.getvalue().splitlines()[1:] == ["stopped; what its jobs had come to is kept"]


def test_an_error_of_no_job_is_shown(shown: Shown) -> None:
    mine = handler()
    mine.emit(message("RuleException:\nin the Snakefile", logging.ERROR, exception="RuleException"))
    mine.close()
    assert shown.getvalue() == "RuleException:\nin the Snakefile\n"


def test_a_terminal_that_is_gone_ends_no_run(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = io.StringIO()
    monkeypatch.setattr("sys.stderr", gone)
    mine = handler()
    mine.emit(failed(1))
    assert gone.getvalue().startswith("failed: ")
    gone.close()
    mine.emit(message("something"))
    mine.close()
    assert not shown.getvalue(), "nor is it said elsewhere"


def test_slurms_jobs_are_noted_with_what_they_are_for(shown: Shown) -> None:
    serve = SimpleNamespace(rule=SimpleNamespace(name="serve"), wildcards_dict={"model": "m"}, log=[])
    jobs = [
        SimpleNamespace(
            rule=SimpleNamespace(name="generate"), wildcards_dict={"benchmark": name, "model": "m"}, log=[]
        )
        for name in ("math", "code")
    ]
    mine = handler()
    mine.emit(record(LogEvent.GROUP_INFO, group_id="g", jobs=[serve, *jobs]))
    mine.emit(message("Job 3f-a has been submitted with SLURM jobid 4711 (log: x)."))
    mine.emit(begun(5))
    mine.emit(message("Job 5 has been submitted with SLURM jobid 4712 (log: x)."))
    assert slurm.noted() == {"4711": [("m", "math"), ("m", "code")], "4712": [("m", "math")]}
    assert not shown.getvalue()


# What a job has noted, and its line.
LINES: dict[str, tuple[dict[str, Any] | None, str]] = {
    "nothing yet": (None, "starting"),
    "a job that is gone": ({"start": 1}, "starting"),
    "waiting": ({"state": "waiting", "since": 1000.0}, "waiting for the server, 40 s"),
    "asking": ({}, "4 of 10, 1 errors, 1 truncated, 50 tokens/s, 12 s left"),
    "all is well": ({"errors": 0, "truncated": 0}, "4 of 10, 50 tokens/s, 12 s left"),
    "before the first": ({"done": 0, "known": 0, "errors": 0, "truncated": 0, "asked_tokens": 0}, "0 of 10"),
}


@pytest.mark.parametrize("case", LINES)
def test_the_line_of_a_job_that_runs(case: str, shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, expected = LINES[case]
    monkeypatch.setattr(lines.time, "time", lambda: 1040.0)  # type: ignore[attr-defined]
    if changes is not None:
        write(JOURNAL, **changes)
    assert how_far(GENERATE) == (expected[0].isdigit(), expected)


def test_many_jobs_are_few_lines(shown: Shown) -> None:
    below = Lines(io.StringIO(), nocolor=True)
    for number in range(50):
        below._running[number] = GENERATE
    below.progress = (3, 99)
    found = below.shown()
    assert found[:-1] == ["50 jobs  starting"]
    write(JOURNAL)
    assert (
        below.shown()[:-2] == ["generate math m  4 of 10, 1 errors, 1 truncated, 50 tokens/s, 12 s left"] * 4
    )
    assert found[-1].startswith("3 of 99 jobs done, ")


def test_a_log_has_a_line_a_minute(monkeypatch: pytest.MonkeyPatch, shown: Shown) -> None:
    stream = io.StringIO()
    below = Lines(stream, nocolor=True)
    below._running[1] = GENERATE
    write(JOURNAL)
    below._show()
    assert not stream.getvalue()
    below._said -= lines.EVERY_SECONDS
    below._show()
    below._show()
    (line,) = stream.getvalue().splitlines()
    assert line[8:].startswith("  0 s: generate math m  4 of 10, ")


# Texts, and what of them a terminal gets.
HOSTILE = [
    ("\x1b[31mred", "?[31mred"),
    ("\x1b]0;title\x07", "?]0;title?"),
    ("a\rb", "a?b"),
    ("a\r\nb\tc", "a\nb\tc"),
    ("\x9b2J", "?2J"),
    ("right\u202eleft", "right?left"),
    ("Größe 因此 ✓", "Größe 因此 ✓"),
]


@pytest.mark.parametrize(("text", "expected"), HOSTILE)
def test_nothing_speaks_to_the_terminal(text: str, expected: str, shown: Shown) -> None:
    assert printable(text) == expected
    ended(text)
    assert cause_in(Path("results/logs/x.log")) == expected


def test_the_log_of_a_program_that_is_no_script(shown: Shown) -> None:
    Path("serve.log").write_text("".join(f"line {number}\n" for number in range(9)))
    found = failure_of("serve m", ["none.log", "serve.log"], {"slurm_logfile": "none either"})
    assert (found.log, found.cause.splitlines()[0], found.first) == ("serve.log", "line 4", "serve m: line 4")
    nothing = failure_of("serve m", ["none.log"], {})
    assert (nothing.log, nothing.cause[:15]) == (None, "it left no log:")


@pytest.mark.parametrize("name", ["snakeval", "plain"])
def test_snakemake_finds_the_plugins(name: str) -> None:
    plugin: Any = LoggerPluginRegistry().get_plugin(name)
    made = plugin.log_handler(MockOutputSettings(), None)
    assert (made.writes_to_stream, made.writes_to_file, made.needs_rulegraph) == (True, False, False)
    assert terminal.NOISE.match("Building DAG of jobs...")
