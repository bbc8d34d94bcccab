"""Servers that are kept for several runs: python -m snakeval.servers start|list|health|urls|env|cancel

`snakemake servers` starts those of all models under test, on Slurm with the profile's resources; the rest of
their life is seen to here. A kept server is the one thing that outlives a run, until it is cancelled.
"""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml

from snakeval.config.endpoints import servers_folder
from snakeval.serving.kept import registry
from snakeval.serving.kept.registry import LIVE, KeptError, Server

POLL_SECONDS = 2.0


def variable(model: str) -> str:
    """The start of a model's shell variables: SNAKEVAL_DEMO_LATE for demo-late."""
    return "SNAKEVAL_" + re.sub(r"\W", "_", model).upper()


def chosen(names: Sequence[str]) -> list[Server]:
    """The entries that names mean, MODEL or MODEL/NUMBER; without names all. Raises KeptError."""
    entries = registry.servers()
    for name in names:
        if name not in {word for entry in entries for word in (entry.model, entry.name)}:
            there = ", ".join(entry.name for entry in entries) or "none"
            raise KeptError(f"no server '{name}' is kept in {servers_folder()}; there are: {there}")
    return [entry for entry in entries if not names or {entry.model, entry.name} & set(names)]


def health_of(server: Server) -> str:
    """ "healthy", or why not."""
    from snakeval.serving.kept.health import unhealthy

    if server.url is None:
        return server.why or server.status
    key = registry.key_file(server.model).read_text(encoding="utf-8").strip()
    return unhealthy(server.url, key, server.served_model_name) or "healthy"


def table(rows: list[list[str]], titles: list[str]) -> str:
    """Columns as wide as they need to be."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in [titles, *rows]
    ]
    return "\n".join(line.rstrip() for line in lines)


def age(seconds: float) -> str:
    """90000 -> 1d01h, 4000 -> 1h06m, 61 -> 1m01s."""
    days, hours, minutes = int(seconds // 86400), int(seconds // 3600 % 24), int(seconds // 60 % 60)
    if days:
        return f"{days}d{hours:02}h"
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{int(seconds % 60):02}s"


def list_servers(arguments: argparse.Namespace) -> int:
    """Print what is kept and whether it lives; nobody is asked but Slurm and this machine's processes."""
    entries = chosen(arguments.names)
    rows = [
        [
            entry.name,
            entry.status,
            entry.state.host if entry.state else "-",
            entry.url or "-",
            (entry.started.job or "-")
            if entry.started.slurm
            else f"pid {entry.state.pid if entry.state else '-'}",
            age(time.time() - entry.started.created),
            entry.why.splitlines()[0] if entry.why else "",
        ]
        for entry in entries
    ]
    print(table(rows, ["SERVER", "STATE", "NODE", "URL", "JOB", "AGE", ""]) if rows else "no server is kept")
    return 0


def health(arguments: argparse.Namespace) -> int:
    """Ask each server; 0 if all are healthy, or --min of them, within --wait seconds."""
    deadline = time.monotonic() + arguments.wait
    while True:
        found = [(entry, health_of(entry)) for entry in chosen(arguments.names)]
        bad = [entry for entry, word in found if word != "healthy"]
        wanted = len(found) if arguments.min is None else arguments.min
        enough = len(found) - len(bad) >= max(1, wanted)
        living = len(found) - sum(entry.status not in LIVE for entry in bad)
        if enough or living < wanted or time.monotonic() > deadline:
            break
        time.sleep(POLL_SECONDS)
    print("\n".join(f"{entry.name}: {word}" for entry, word in found) or "no server is kept")
    return 0 if enough else 1


def healthy(names: Sequence[str]) -> dict[str, list[str]]:
    """URLs by model of the servers that are healthy; what is not is said on stderr."""
    found: dict[str, list[str]] = {}
    for entry in chosen(names):
        word = health_of(entry)
        if word == "healthy":
            found.setdefault(entry.model, []).append(str(entry.url))
        else:
            print(f"# {entry.name} is left out: {word.splitlines()[0]}", file=sys.stderr)
    return found


def urls(arguments: argparse.Namespace) -> int:
    """Print the URL of each server that is healthy, one a line; what is not is said on stderr."""
    found = [url for each in healthy(arguments.names).values() for url in each]
    print("".join(f"{url}\n" for url in found), end="")
    return 0 if found else 1


def env(arguments: argparse.Namespace) -> int:
    """Print shell variables for the servers that are healthy; what is not is said on stderr."""
    there = healthy(arguments.names)
    for model, found in there.items():
        _export(f"{variable(model)}_URLS", ",".join(found))
        _export(f"{variable(model)}_KEY_FILE", str(registry.key_file(model)))
    if len(there) == 1:
        ((model, found),) = there.items()
        _export("OPENAI_API_BASE", ",".join(found))
        _export("OPENAI_API_KEY_FILE", str(registry.key_file(model)))
        if arguments.show_key:
            _export("OPENAI_API_KEY", registry.key_file(model).read_text(encoding="utf-8").strip())
    elif arguments.show_key:
        raise KeptError("--show-key needs the name of one model")
    return 0 if there else 1


def cancel(arguments: argparse.Namespace) -> int:
    """End servers and remove their entries; dead ones too."""
    from snakeval.serving.kept.start import cancel as end

    if not arguments.names and not arguments.all:
        raise KeptError("which? Name servers or models, or give --all")
    code = 0
    for entry in chosen(arguments.names):
        try:
            end(entry)
            print(f"{entry.name}: cancelled")
        except KeptError as error:
            print(error, file=sys.stderr)
            code = 1
    return code


def start(arguments: argparse.Namespace) -> int:
    """Start servers of models of the configuration, on this machine or with sbatch."""
    from snakeval.config import load_config
    from snakeval.serving.kept.models import keep

    settings = yaml.safe_load(Path("config/config.yaml").read_text(encoding="utf-8")) or {}
    if arguments.names:
        settings |= {"models": arguments.names, "arenas": []}
    sbatch = None if arguments.sbatch is None else shlex.split(arguments.sbatch)
    config = load_config(settings, Path.cwd(), check_data=False)
    for model in config.models:
        for entry in keep(
            config, model, arguments.count or config.settings.kept_servers, sbatch, arguments.address
        ):
            print(f"{entry.name}: {entry.status}")
    return 0


def _export(name: str, value: str) -> None:
    print(f"export {name}={shlex.quote(value)}")


def _add_options(run: Callable[[argparse.Namespace], int], command: argparse.ArgumentParser) -> None:
    if run is start:
        command.add_argument("--count", type=int, help="servers of each model; else kept_servers")
        command.add_argument("--sbatch", metavar="OPTIONS", help="submit them to Slurm with these options")
        command.add_argument("--address", help="what the API listens on, if not loopback or the node's")
    if run is health:
        command.add_argument("--wait", type=float, default=0, help="seconds that they may take to be healthy")
        command.add_argument("--min", type=int, metavar="N", help="so many are enough; all without it")
    if run is env:
        command.add_argument("--show-key", action="store_true", help="print the key itself as well")
    if run is cancel:
        command.add_argument("--all", action="store_true", help="all servers")


def main(options: Sequence[str] | None = None) -> int:
    """Run the command line; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m snakeval.servers", description="Servers that are kept.")
    commands = parser.add_subparsers(required=True, metavar="start|list|health|urls|env|cancel")
    for run in (start, list_servers, health, urls, env, cancel):
        assert run.__doc__ is not None
        command = commands.add_parser(
            run.__name__.partition("_")[0], help=run.__doc__, description=run.__doc__
        )
        command.add_argument(
            "names", nargs="*", metavar="NAME", help="a model, or one of its servers: MODEL/1"
        )
        command.set_defaults(run=run)
        _add_options(run, command)
    arguments = parser.parse_args(options)
    try:
        return int(arguments.run(arguments))
    except (KeptError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
