"""What a job is doing, noted beside its journal for whoever looks: `snakemake status`, the run's terminal.

A small file that is written every few seconds and when the job ends. It is no record: whoever looks at one
whose job is gone counts the journal's rows instead. Reading it needs the standard library alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeval.system import origin, processes
from snakeval.system.files import replacing

if TYPE_CHECKING:  # which brings pyarrow
    from snakeval.asking.progress import Progress

log = logging.getLogger(__name__)
NAME = "doing.json"
EVERY_SECONDS = 2.0
# The note of a job on another machine, not touched for so long, is of one that is gone.
SILENT_SECONDS = 60.0
SHARDS = "shards"


@dataclass(frozen=True, slots=True)
class Note:
    """How far a job is, of the samples that it wants; times in seconds since 1970.

    `state` is "waiting" (for its server), "asking" or "ended". `known` of the `done` samples were there when
    it began, `truncated` is of all that are done, None where that was not counted. `asked_tokens` of output
    came in `seconds`, since the server was there. `spec` stands for the settings.
    """

    state: str
    wanted: int | None
    done: int
    errors: int
    known: int = 0
    truncated: int | None = None
    asked_tokens: int = 0
    seconds: float = 0.0
    in_flight: int = 0
    spec: str | None = None
    since: float = 0.0
    written: float = 0.0
    host: str = ""
    pid: int = 0
    start: int = 0
    job: str | None = None

    def alive(self) -> bool:
        """Whether its job still runs, as far as that can be seen from this machine."""
        if self.state == "ended":
            return False
        if self.host == socket.gethostname():
            return processes.alive(self.pid, self.start)
        return time.time() - self.written < SILENT_SECONDS

    @property
    def rate(self) -> float | None:
        """Output tokens a second; None before the first."""
        return self.asked_tokens / self.seconds if self.asked_tokens and self.seconds > 0 else None

    @property
    def left(self) -> float | None:
        """Seconds that the samples still wanted take at the pace so far; None if unknown."""
        asked = self.done - self.known
        if self.wanted is None or asked <= 0 or self.state != "asking":
            return None
        return (self.wanted - self.done) * self.seconds / asked


def spec_key(spec: str) -> str:
    """Short for the settings that an output is of, however often it was tried (`snakeval.dag.retries`)."""
    with suppress(ValueError):
        spec = json.dumps({**json.loads(spec), "retries": 0}, sort_keys=True)
    return hashlib.sha256(spec.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Look:
    """What a job's client is at: `finished` are the samples that have ended, where a request is no sample."""

    progress: Progress
    asking: bool
    finished: int | None
    in_flight: int


class Noter:
    """Writes one job's note; a note that can't be written is no reason to end a job."""

    def __init__(self, folder: Path, wanted: int, known: int, before: Note | None) -> None:
        """`known` of the `wanted` samples are there; `before` is the note of whoever was here last."""
        me = processes.process(os.getpid())
        pid, start = (me.pid, me.start) if me else (0, 0)
        spec = None if (said := origin.any_spec()) is None else spec_key(said)
        cut: int | None = None if known else 0
        if before and (before.done, before.spec) == (known, spec):
            cut = before.truncated  # nothing came since it was counted
        if before and (before.pid, before.start) == (pid, start) and before.wanted is not None:
            # A job that asks in several rounds: judges whose verdicts could not be read are asked again.
            wanted, known, cut = before.wanted + wanted - known, before.done, before.truncated
        self._path, self._cut = folder / NAME, cut
        job = os.environ.get("SLURM_JOB_ID")
        now = time.time()
        self.note = Note("waiting", wanted, known, 0, known, cut, spec=spec, since=now, pid=pid, start=start)
        self.note = replace(self.note, host=socket.gethostname(), job=job)

    @asynccontextmanager
    async def kept(self, look: Callable[[], Look]) -> AsyncIterator[None]:
        """Keep the note up to date during the block."""

        async def keep() -> None:
            while True:
                self.write(look())
                await asyncio.sleep(EVERY_SECONDS)

        keeping = asyncio.create_task(keep())
        try:
            yield
        finally:
            keeping.cancel()
            self.write(look(), ended=True)

    def write(self, look: Look, ended: bool = False) -> None:
        """Write the note anew."""
        progress = look.progress
        answered = progress.done if look.finished is None else look.finished
        state = "ended" if ended else "asking" if look.asking else "waiting"
        self.note = replace(
            self.note,
            state=state,
            since=self.note.since if state == self.note.state else time.time(),
            done=self.note.known + max(0, answered - progress.errors),
            errors=progress.errors,
            truncated=None if self._cut is None else self._cut + progress.truncated,
            asked_tokens=progress.tokens,
            seconds=progress.seconds if look.asking else 0.0,
            in_flight=look.in_flight,
            written=time.time(),
        )
        try:
            with replacing(self._path, durable=False) as path:
                path.write_text(json.dumps(asdict(self.note)))
        except OSError as error:
            log.info("%s: what this job is doing can't be noted: %s", self._path, error)


def read_note(folder: Path) -> Note | None:
    """The note beside a journal; None where there is none, or none that can be read."""
    path = folder / NAME
    try:
        values: Mapping[str, Any] = json.loads(path.read_bytes()) if path.is_file() else {}
        note = Note(**values)
    except (OSError, ValueError, TypeError):
        return None
    numbers = (note.done, note.errors, note.known, note.seconds, note.since, note.written, note.pid)
    return note if all(isinstance(value, int | float) for value in numbers) else None


def read_notes(journal: Path) -> list[Note]:
    """The notes of an output's jobs: its own, or those of the split that was noted last."""
    own = read_note(journal)
    splits: dict[str, list[Note]] = {}
    if (journal / SHARDS).is_dir():
        for folder in sorted((journal / SHARDS).iterdir()):
            if (note := read_note(folder)) is not None:
                splits.setdefault(folder.name.partition("-of-")[2], []).append(note)
    found = [[own]] if own else []
    return max([*found, *splits.values()], key=lambda notes: max(n.written for n in notes), default=[])


def total(notes: Iterable[Note]) -> Note | None:
    """The notes of an output's jobs as one: sums, and the state and the job of one that runs."""
    listed = list(notes)
    if len(listed) < 2:
        return listed[0] if listed else None
    lead = next((note for note in listed if note.alive() and note.state == "asking"), None)
    lead = lead or next((note for note in listed if note.alive()), listed[0])
    wanted = [note.wanted for note in listed]
    cut = [note.truncated for note in listed]
    return replace(
        lead,
        wanted=None if None in wanted else sum(filter(None, wanted)),
        truncated=None if None in cut else sum(filter(None, cut)),
        seconds=max(note.seconds for note in listed),
        **{
            name: sum(getattr(note, name) for note in listed)
            for name in ("done", "errors", "known", "asked_tokens", "in_flight")
        },
    )
