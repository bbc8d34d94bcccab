"""The lines of a run in the terminal: one a job that asks a model, changed in place, or one a minute."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from snakeval.asking.note import Note, read_note, read_notes, total
from snakeval.status.servers import doing
from snakeval.status.table import seconds

if TYPE_CHECKING:
    from rich.live import Live

EVERY_SECONDS = 60.0  # between lines where nothing can be changed in place
MOST_LINES = 20
MOST_IN_A_LINE = 4
# Rules that ask a model, and the wildcards that name what they make, as the folders of their journals.
ASKING: dict[str, tuple[str, tuple[str, ...]]] = {
    "generate": ("generations", ("benchmark", "model")),
    "generate_shard": ("generations", ("benchmark", "model")),
    "grade_judge": ("grades", ("benchmark", "model", "grader")),
    "arena_judge": ("arena", ("arena", "judge", "model")),
}


@dataclass(frozen=True, slots=True)
class Job:
    """One of Snakemake's jobs."""

    rule: str
    wildcards: Mapping[str, str]
    logs: tuple[str, ...]

    @property
    def name(self) -> str:
        """The job for people: its rule and what it is of."""
        return " ".join([self.rule, *self.wildcards.values()])

    @property
    def pair(self) -> tuple[str, str] | None:
        """The model and the benchmark of one that makes samples."""
        found = self.wildcards.get("model"), self.wildcards.get("benchmark")
        return (found[0], found[1]) if found[0] and found[1] else None

    def note(self) -> Note | None:
        """What it has noted of itself; None for a job that asks no model."""
        if self.rule not in ASKING:
            return None
        from snakeval.dag import plan  # every Snakemake of this environment loads this module

        kind, keys = ASKING[self.rule]
        journal = plan.journal(kind, *(self.wildcards[key] for key in keys))
        if self.rule == "generate_shard":
            name = f"{self.wildcards['shard']}-of-{self.wildcards['shards']}"
            return read_note(journal / "shards" / name)
        return total(read_notes(journal))


def how_far(job: Job) -> tuple[bool, str]:
    """(Whether a job that runs is asking its model already, how far it is)."""
    note = job.note()
    if note is None or not note.alive():
        return False, "starting"
    if note.state == "waiting":
        services = list(Path("results/services").glob("*/*.json"))
        served = [path for path in services if path.stem == job.wildcards.get("model")] or services
        found = doing(map(str, served)).removeprefix("loading: ")
        what = f", {found}" if found not in ("", "waiting") else ""
        return False, f"waiting for the server, {time.time() - note.since:.0f} s{what}"
    parts = [f"{note.done:,} of {note.wanted:,}" if note.wanted else f"{note.done:,}"]
    parts += _figures(note, "errors")
    parts += [f"{seconds(note.left)} left"] if note.left is not None else []
    return True, ", ".join(parts)


def _figures(note: Note, failed: str) -> list[str]:
    """What there is to say beside the samples that are done; `failed` is the word for those without one."""
    parts = [f"{note.errors:,} {failed}"] if note.errors else []
    parts += [f"{note.truncated:,} truncated"] if note.truncated else []
    return parts + ([f"{note.rate:,.0f} tokens/s"] if note.rate else [])


def finished_line(job: Job) -> str:
    """What a job that asked a model has done; "" for another, and for one that made a part of an output."""
    if job.rule not in ASKING or job.rule == "generate_shard":
        return ""
    note = job.note()
    if note is None:
        return f"done: {job.name}"
    parts = [f"{note.done:,}" + (" samples" if job.rule == "generate" else " verdicts")]
    parts += _figures(note, "could not be had")
    return f"done: {job.name}  {', '.join(parts)}"


def _in_few_words(jobs: Sequence[Job]) -> list[str]:
    """How far the first jobs are that ask, and all that do not yet, of which one stands for the others."""
    found = [(job.name, *how_far(job)) for job in jobs]
    asking = [f"{name}  {what}" for name, asks, what in found if asks]
    idle = [(name, what) for name, asks, what in found if not asks]
    more = len(asking) - MOST_IN_A_LINE
    lines = [*asking[:MOST_IN_A_LINE], *([f"{more} more ask"] if more > 0 else ())]
    if idle:
        name, what = max(idle, key=lambda entry: len(entry[1]))
        lines.append(f"{name if len(idle) == 1 else f'{len(idle)} jobs'}  {what}")
    return lines


class Lines:
    """Writes lines, and below them, where that is a terminal, those of the jobs that run now."""

    def __init__(self, stream: TextIO, nocolor: bool) -> None:
        self._stream = stream
        self._nocolor = nocolor
        self._running: dict[object, Job] = {}
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._live: Live | None = None
        self._said = self._began = time.monotonic()
        self.progress = (0, 0)
        self._in_place = stream.isatty()
        self._thread: threading.Thread | None = None

    def begin(self, number: object, job: Job) -> None:
        """A job has begun."""
        if job.rule in ASKING:
            with self._lock:
                self._running[number] = job
                if self._thread is None:
                    self._thread = threading.Thread(target=self._go_on, name="terminal", daemon=True)
                    self._thread.start()

    def end(self, number: object) -> None:
        """A job has ended, however."""
        with self._lock:
            self._running.pop(number, None)
            if not self._running:
                self._stop()

    def say(self, text: str) -> None:
        """Write a text, above the lines that change."""
        with self._lock:
            if self._live:
                self._live.console.print(text, markup=False, highlight=False, soft_wrap=True)
            else:
                self._stream.write(text + "\n")
                self._stream.flush()

    def close(self) -> None:
        """Nothing changes from now on."""
        self._over.set()
        with self._lock:
            self._stop()
            self._running.clear()

    def shown(self) -> list[str]:
        """The lines of the jobs that run now, and how far the run is."""
        with self._lock:
            jobs = list(self._running.values())
        if self._in_place:
            most = min(MOST_LINES, max(1, shutil.get_terminal_size().lines - 4))
            lines = [f"{job.name}  {how_far(job)[1]}" for job in jobs[:most]]
            lines += [f"and {len(jobs) - most} more"] if len(jobs) > most else []
        else:
            lines = _in_few_words(jobs)
        done, all_jobs = self.progress
        counted = f"{done} of {all_jobs} jobs done, " if all_jobs else ""
        return [*lines, f"{counted}{seconds(time.monotonic() - self._began)}"]

    def _go_on(self) -> None:
        while not self._over.wait(1.0):
            try:
                if self._running:
                    self._show()
            except (OSError, ValueError):
                return  # the terminal is gone

    def _show(self) -> None:
        if not self._in_place:
            if time.monotonic() - self._said >= EVERY_SECONDS:
                self._said = time.monotonic()
                *jobs, run = self.shown()
                self.say(f"{time.strftime('%H:%M:%S')}  {run}: {'; '.join(jobs)}")
            return
        lines = self.shown()
        with self._lock:
            if not self._running or self._over.is_set():
                return
            from rich.text import Text

            if self._live is None:
                self._start()
            assert self._live is not None
            cut = Text("\n".join(f"  {line}" for line in lines), no_wrap=True, overflow="ellipsis")
            self._live.update(cut, refresh=True)

    def _start(self) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=self._stream, no_color=self._nocolor or None)
        self._live = Live(
            console=console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()
        console.show_cursor(True)  # who is killed does not bring it back

    def _stop(self) -> None:
        if self._live:
            live, self._live = self._live, None
            live.stop()
