"""Whether Slurm and its plugin take what a profile asks for, found out before the first job.

Snakemake's Slurm plugin waits for ever for a job whose account is unknown, and submits one with an unknown
partition as often as `retries` says.
"""

from __future__ import annotations

import getpass
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from snakeval.system import slurm


class SlurmNameError(ValueError):
    """A profile names what Slurm does not know; the message has every such name and what there is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one rule's jobs ask for; None leaves it to Slurm. Each may be several names with commas."""

    rule: str
    account: str | None
    partition: str | None


def check_names(wanted: Iterable[Wanted]) -> None:
    """Compare what rules ask for with what Slurm has. What Slurm doesn't tell is not checked.

    Raises SlurmNameError.
    """
    known = {"slurm_account": _accounts(), "slurm_partition": _partitions()}
    problems: dict[tuple[str, str], set[str]] = {}
    for entry in wanted:
        for key, value in (("slurm_account", entry.account), ("slurm_partition", entry.partition)):
            for name in re.split(r"[,\s]+", value or ""):
                if name and known[key] and name.lower() not in {there.lower() for there in known[key]}:
                    problems.setdefault((key, name), set()).add(entry.rule)
    if problems:
        lines = [
            f"  {key}: {name} (rules {', '.join(sorted(rules))}): Slurm has {', '.join(sorted(known[key]))}"
            for (key, name), rules in sorted(problems.items())
        ]
        raise SlurmNameError(
            "The profile names what Slurm does not know. Nothing was submitted.\n"
            + "\n".join(lines)
            + "\nEdit these keys in your own copy of profiles/slurm (docs/slurm.md, 'Your own profile'), or"
            + "\nhave `make profile` write one from what Slurm says."
        )


def check_resources(jobs: Iterable[Any]) -> None:
    """Have the Slurm plugin look at Snakemake's jobs as it would when it submits them. Raises SlurmNameError.

    Plugin 2.8.0 says nothing of a group that it then refuses, and the run would wait for ever.
    """
    from snakemake.exceptions import WorkflowError
    from snakemake_executor_plugin_slurm.utils import set_gres_string
    from snakemake_executor_plugin_slurm.validation import validate_slurm_extra

    for job in jobs:
        try:
            validate_slurm_extra(job)
            set_gres_string(job)
        except WorkflowError as error:
            raise SlurmNameError(
                f"{error}\nNothing was submitted. It is a resource of the rule {job.rule.name}: edit it in "
                "your own copy of profiles/slurm (docs/slurm.md, 'Your own profile')."
            ) from None


def _accounts() -> set[str]:
    """Accounts of this user; none where there is no accounting."""
    user = f"user={getpass.getuser()}"
    return _lines("sacctmgr", "--noheader", "--parsable2", "list", "associations", user, "format=account")


def _partitions() -> set[str]:
    return _lines("sinfo", "--noheader", "--format=%R")


def _lines(*command: str) -> set[str]:
    try:
        return set(slurm.ask(*command).split())
    except OSError:
        return set()
