"""How far everything is: python -m snakeval.status [--watch [SECONDS]] [--json] [--config KEY=VALUE ...].

It changes nothing and takes no lock. Without --config the settings are those of the run in this folder, or
else of config/config.yaml.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from snakeval.config import Config, ConfigError, load_config
from snakeval.config.origins import SETTINGS_FILE
from snakeval.status.show import look, running
from snakeval.status.table import Look, to_json, to_text

CLEAR = "\033[H\033[2J\033[3J"


def settings_of(arguments: argparse.Namespace, running: dict[str, Any] | None) -> dict[str, Any]:
    """The settings to show. Raises ValueError for a --config that has no value, OSError for a file."""
    if running is not None and not (arguments.config or arguments.configfile):
        return running
    found: dict[str, Any] = {}
    for path in (SETTINGS_FILE, *arguments.configfile):
        found |= yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    for entry in arguments.config:
        key, equals, value = entry.partition("=")
        if not (key and equals):
            raise ValueError(f"--config {entry}: write KEY=VALUE")
        found[key] = yaml.safe_load(value)
    return found


def once(arguments: argparse.Namespace, shown: Look) -> str:
    """The table, or the JSON, as it is now."""
    head, settings = running()
    config: Config = load_config(settings_of(arguments, settings), Path.cwd())
    found = look(config)
    return to_json(found, head) if arguments.json else to_text(found, head, shown)


def main(options: Sequence[str] | None = None) -> int:
    """Show it once, or again and again until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m snakeval.status", description=__doc__)
    parser.add_argument(
        "--watch", type=float, nargs="?", const=5.0, metavar="SECONDS", help="show it anew every 5 s, or so"
    )
    parser.add_argument("--json", action="store_true", help="for other programs")
    parser.add_argument("--config", nargs="+", default=[], metavar="KEY=VALUE", help="as for snakemake")
    parser.add_argument("--configfile", nargs="+", default=[], metavar="FILE", help="as for snakemake")
    arguments = parser.parse_args(options)
    if arguments.watch is not None and arguments.watch <= 0:
        parser.error("--watch: the seconds must be more than 0")
    try:
        while True:
            text = once(arguments, Look.of_terminal())
            again = arguments.watch is not None
            clear = CLEAR if again and sys.stdout.isatty() and not arguments.json else ""
            sys.stdout.write(clear + text)
            sys.stdout.flush()
            if not again:
                return 0
            time.sleep(arguments.watch)
    except BrokenPipeError:  # as of `| head`
        sys.stdout = None  # or Python flushes it once more
        return 0
    except (ConfigError, OSError, ValueError, yaml.YAMLError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
