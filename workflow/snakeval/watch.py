"""Run the workflow, and again whenever a checkpoint appears: python -m snakeval.watch [--interval S] [ARGS].

ARGS go to Snakemake as they stand. A checkpoint counts once it is complete and has looked the same at two
looks in a row; one that is written anew under its old name counts again. Ctrl-C reaches the Snakemake that is
running, once, and ends the watch when that has ended.
"""

from __future__ import annotations

import argparse
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from snakemake.cli import parse_args, parse_config
from snakemake.common.configfile import load_configfile
from snakemake.utils import update_config

from snakeval.config import ConfigError, load_config
from snakeval.config.origins import SETTINGS_FILE
from snakeval.models.fingerprint import fingerprint

log = logging.getLogger("snakeval.watch")
# What there is to evaluate: (folder or URL, fingerprint) of each complete checkpoint.
Checkpoints = frozenset[tuple[str, str]]
Look = Callable[[], Checkpoints]
INTERRUPTED = 130


class NothingToWatchError(ValueError):
    """No model of the configuration is a pattern."""


def look(arguments: Sequence[str], root: Path) -> Checkpoints:
    """The complete checkpoints that the patterns of a configuration match now.

    `arguments` are Snakemake's, for what they change in the configuration. Raises ConfigError, and
    NothingToWatchError.
    """
    _, parsed = parse_args(list(arguments))
    raw = yaml.safe_load((root / SETTINGS_FILE).read_text(encoding="utf-8")) or {}
    for path in parsed.configfile or ():
        update_config(raw, load_configfile(str(path)))
    update_config(raw, parse_config(parsed.config))
    found = load_config(raw, root).found
    if not found:
        raise NothingToWatchError(
            "no model is a pattern of checkpoint folders, such as checkpoints/run1/step*: nothing to watch"
        )
    return frozenset(
        (entry.path, entry.revision or fingerprint(root / entry.path))
        for entries in found.values()
        for entry in entries
    )


def watch(look: Look, run: Callable[[], int], wait: Callable[[], bool]) -> int:
    """Run at once, then after each wait that shows a new checkpoint, until `wait` says to stop.

    Runs never overlap. What was there when a run started is not run again when it ends, whether it
    succeeded or not: a failed model is tried again by the next run. While the configuration has a mistake,
    such as a pattern that matches nothing yet, nothing runs. Returns the exit code of the last run.
    """
    seen: Checkpoints = frozenset()
    before: Checkpoints = frozenset()
    code, said = 0, ""
    first = True
    while first or not wait():
        try:
            now = look()
        except ConfigError as error:
            if str(error) != said:
                log.warning("%s", error)
            said, first = str(error), False
            continue
        # Another look must show it unchanged, or files may still be on their way.
        settled = now if first else now & before
        if new := settled - seen:
            if not first:
                log.info("new: %s", ", ".join(sorted(path for path, _ in new)))
            seen |= now
            code = run()
        before, first = now, False
    return code


class Head:
    """Runs Snakemake, and passes signals on to it."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)

    def run(self) -> int:
        """Run Snakemake to its end and return its exit code."""
        if self._stopped.is_set():
            return INTERRUPTED
        log.info("running %s", " ".join(self._command))
        # In a session of its own, or the terminal's Ctrl-C would reach it twice, and the second one kills.
        self._process = subprocess.Popen(self._command, start_new_session=True)
        code = self._process.wait()
        self._process = None
        log.info("ended with exit code %d", code)
        return code

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until told to stop; whether that was so."""
        return self._stopped.wait(seconds)

    @property
    def stopped(self) -> bool:
        """Whether a signal came."""
        return self._stopped.is_set()

    def _on_signal(self, number: int, _: object) -> None:
        self._stopped.set()
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


def main(options: Sequence[str] | None = None) -> int:
    """Watch until interrupted. Returns 130 then, 2 where there is nothing to watch."""
    logging.basicConfig(format="%(asctime)s watch: %(message)s", level=logging.INFO)
    parser = argparse.ArgumentParser(
        prog="snakeval.watch", description="Run again when a checkpoint appears."
    )
    parser.add_argument("--interval", type=float, default=60, help="seconds between two looks (60)")
    chosen, arguments = parser.parse_known_args(options)
    head = Head((str(Path(sys.executable).with_name("snakemake")), *arguments))

    def once() -> Checkpoints:
        return look(arguments, Path.cwd())

    try:
        code = watch(once, head.run, lambda: head.wait(chosen.interval))
    except NothingToWatchError as error:
        log.error("%s", error)
        return 2
    log.info("stopped")
    return INTERRUPTED if head.stopped else code


if __name__ == "__main__":
    sys.exit(main())
