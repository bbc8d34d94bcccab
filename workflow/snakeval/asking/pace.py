"""How fast an output's samples came, recorded beside its journals for whoever plans the next run."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from snakeval.asking.progress import Progress

log = logging.getLogger(__name__)
NAME = "pace"


@dataclass(frozen=True, slots=True)
class Pace:
    """What one job asked: `samples` with `tokens` of output, between two times (seconds since 1970).

    An agent's turns are no samples: their tokens count from the first, its samples once they are finished.
    """

    start: float
    end: float
    samples: int
    tokens: int


def note_pace(journal: Path, progress: Progress) -> None:
    """Record what a job has just done, whether or not it came to its end; nothing if nothing came."""
    samples = progress.done - progress.errors
    if samples > 0:
        now = time.time()
        counted = samples if progress.what == "samples" else 0
        _append(journal, Pace(now - progress.seconds, now, counted, progress.tokens))


def note_finished(journal: Path, samples: int) -> None:
    """Record how many samples an agent has finished."""
    now = time.time()
    _append(journal, Pace(now, now, samples, 0))


def _append(journal: Path, pace: Pace) -> None:
    if not _readable(path := journal / NAME):
        log.warning("%s: no file, so the pace is not recorded", path)
        return
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(pace)) + "\n")


def _readable(path: Path) -> bool:
    """Whether there is a file, or may be one: to open a pipe could block."""
    return path.is_file() or not (path.exists() or path.is_symlink())


def read_paces(journal: Path) -> list[Pace]:
    """All that is recorded beside an output's journals; a torn line counts for nothing."""
    paces = []
    for path in filter(_readable, sorted(journal.rglob(NAME))):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                paces.append(Pace(**json.loads(line)))
            except (ValueError, TypeError):
                continue
    return paces


def busy_seconds(paces: Iterable[Pace]) -> float:
    """Seconds in which anybody asked a server: jobs that ask it at the same time share it."""
    seconds, reached = 0.0, float("-inf")
    for pace in sorted(paces, key=lambda pace: pace.start):
        seconds += max(0.0, pace.end - max(pace.start, reached))
        reached = max(reached, pace.end)
    return seconds


def tokens_per_second(servers: Iterable[Sequence[Pace]]) -> float | None:
    """Output tokens a second of one server, from what was asked of each of several; None if unknown."""
    listed = list(servers)
    tokens = sum(pace.tokens for paces in listed for pace in paces)
    seconds = sum(busy_seconds(paces) for paces in listed)
    return tokens / seconds if tokens and seconds else None


def tokens_per_sample(paces: Sequence[Pace]) -> float | None:
    """Mean output tokens of a sample; None if unknown."""
    samples, tokens = sum(pace.samples for pace in paces), sum(pace.tokens for pace in paces)
    return tokens / samples if samples and tokens else None
