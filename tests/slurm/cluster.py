"""A real Slurm on one machine: controller, accounting and five nodes, two of them with eight fake GPUs.

Each node has a host name, mounts, process ids and an address on the loopback network of its own. Everything
of a cluster lives below its `base` and ends with `down()`, or with the process that called `up()`.
Several clusters may run on one machine at once.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from project import PATIENCE
from slurm.layout import NODES, PREFIX, alone, remove_abandoned, write_files
from slurm.machine import Machine, MachineError, boot, wait_until

ACCOUNT = "llm_eval"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
COLUMNS = {"JobID": 12, "State": 16, "Partition": 16, "NodeList": 80, "tres-alloc": 200, "Comment": 1000}
TABLES = """\
create database slurm_acct;
create user slurm@'127.0.0.1' identified by 'slurm';
grant all on slurm_acct.* to slurm@'127.0.0.1';
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One job as squeue shows it: `resources` as in cpu=2,mem=1G,gres/gpu=4, `comment` Snakemake's rule."""

    number: int
    state: str
    partition: str
    nodes: str
    resources: str
    comment: str

    @property
    def gpus(self) -> int:
        """GPUs on all of its nodes together."""
        found = re.search(r"gres/gpu=(\d+)", self.resources)
        return int(found[1]) if found else 0


class Cluster:
    """See the module's text."""

    def __init__(self) -> None:
        with alone():  # another cluster must not find this one's folder before it is locked
            remove_abandoned()
            self.base = Path(tempfile.mkdtemp(prefix=PREFIX))
            self.base.chmod(0o755)
            # Whoever finds this unlocked may remove the folder.
            self._lock = (self.base / "lock").open("w")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.net = f"127.{random.SystemRandom().randint(64, 250)}.{random.SystemRandom().randint(1, 250)}"
        self.machines: dict[str, Machine] = {}

    def up(self) -> None:
        """Start everything and wait until all nodes are idle. Raises MachineError."""
        self._ports = write_files(self.base, self.net)
        head = self.machines["head"] = boot("head", self.base)
        self._start(head, "/usr/sbin/munged", "--foreground", "--force", *self._munge())
        self._start_accounting(head)
        self.start_controller()
        for node in NODES:
            self.start_node(node)
        self.wait_idle()

    def down(self) -> None:
        """End every process of the cluster and remove its files."""
        for machine in self.machines.values():
            machine.power_off()
        self.machines.clear()
        self._lock.close()
        shutil.rmtree(self.base, ignore_errors=True)

    @contextmanager
    def running(self) -> Iterator[Cluster]:
        """The cluster, up as long as the block runs."""
        try:
            self.up()
            yield self
        finally:
            self.down()

    def environment(self) -> dict[str, str]:
        """What Slurm's clients need to find this cluster."""
        return {"SLURM_CONF": str(self.base / "etc/slurm.conf")}

    def client(self, *command: str, check: bool = True) -> str:
        """Run one of Slurm's clients, or anything else, and return what it printed, errors included."""
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if check and done.returncode != 0:
            raise MachineError(f"{' '.join(command)}: {done.stdout}")
        return done.stdout

    def jobs(self, *options: str) -> list[Job]:
        """Jobs that wait or run, in the order of their numbers; squeue's options choose others."""
        form = ",".join(f"{name}:{width}" for name, width in COLUMNS.items())
        lines = self.client("squeue", "--noheader", "--sort=i", f"--Format={form}", *options).splitlines()
        ends = list(itertools.accumulate(COLUMNS.values(), initial=0))
        rows = [[line[a:b].strip() for a, b in itertools.pairwise(ends)] for line in lines]
        return [Job(int(number), *rest) for number, *rest in rows]

    def all_jobs(self) -> list[Job]:
        """Also those that have ended within the last minutes."""
        return self.jobs("--states=all")

    def accounting(self, *options: str, fields: str = "JobID,State,Comment,AllocTRES") -> list[list[str]]:
        """Rows of sacct, without its header."""
        lines = self.client("sacct", "--noheader", "--parsable2", f"--format={fields}", *options)
        return [line.split("|") for line in lines.splitlines()]

    def show_job(self, number: int) -> dict[str, str]:
        """What scontrol knows of a job."""
        words = self.client("scontrol", "--oneliner", "show", "job", str(number)).split()
        return dict(word.split("=", 1) for word in words if "=" in word)

    def wait_idle(self, *nodes: str) -> None:
        """Wait until nodes (without names: all) are idle."""
        wanted = set(nodes or NODES)

        def idle() -> bool:
            lines = self.client("sinfo", "--noheader", "--Node", "--format=%N %T", check=False).splitlines()
            return wanted <= {line.split()[0] for line in lines if line.endswith(" idle")}

        try:
            wait_until(idle, f"nodes {', '.join(sorted(wanted))} are not all idle")
        except MachineError as error:
            said = [self.machines[node].said("slurmd")[-500:] for node in wanted & self.machines.keys()]
            shown = self.client("sinfo", "--Node", check=False)
            raise MachineError("\n".join((str(error), shown, *said))) from None

    def wait_empty(self) -> None:
        """Wait until no job waits, runs or completes."""
        wait_until(lambda: not self.jobs(), "there are still jobs")

    def power_off(self, node: str) -> None:
        """A node fails: all of its processes, those of jobs too, are gone at once."""
        self.machines.pop(node).power_off()

    def start_node(self, node: str) -> None:
        """Start a node that is off, with its slurmd."""
        self.machines[node] = boot(node, self.base)
        self.start_slurmd(node)

    def kill_slurmd(self, node: str) -> None:
        """kill -9 a node's slurmd; its jobs run on, unsupervised."""
        self.machines[node].kill("slurmd", signal.SIGKILL)

    def start_slurmd(self, node: str) -> None:
        """Start the slurmd of a node that has none."""
        self._start(self.machines[node], "/usr/sbin/slurmd", "-D", "-N", node)

    def stop_controller(self, number: int = signal.SIGTERM) -> None:
        """Stop slurmctld; nodes and jobs run on."""
        self.machines["head"].kill("slurmctld", number)

    def start_controller(self) -> None:
        """Start slurmctld with the state it left, and wait until it answers."""
        self._start(self.machines["head"], "/usr/sbin/slurmctld", "-D")
        self._wait_for_port(self._ports["CONTROLLER_PORT"], "slurmctld")

    def restart_controller(self) -> None:
        """Stop slurmctld and start it again."""
        self.stop_controller()
        self.start_controller()

    def _munge(self) -> list[str]:
        return [
            f"--key-file={self.base}/etc/munge.key",
            f"--socket={self.base}/run/munge.socket",
            f"--pid-file={self.base}/run/munged.pid",
            f"--log-file={self.base}/log/munged.log",
            f"--seed-file={self.base}/state/munge.seed",
        ]

    def _start_accounting(self, head: Machine) -> None:
        data, port = self.base / "database", self._ports["DATABASE_PORT"]
        # One of its own: a MariaDB that starts deletes the temporary tables of all others in a shared folder.
        temporary = self.base / "database-tmp"
        temporary.mkdir()
        temporary.chmod(0o1777)
        self.client(
            "mariadb-install-db",
            "--no-defaults",
            "--user=mysql",
            f"--datadir={data}",
            f"--tmpdir={temporary}",
            "--auth-root-authentication-method=socket",
            "--skip-test-db",
        )
        (self.base / "etc/tables.sql").write_text(TABLES)
        self._start(
            head,
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--user=mysql",
            f"--datadir={data}",
            f"--tmpdir={temporary}",
            f"--socket={data}/socket",
            f"--pid-file={data}/pid",
            f"--bind-address={self.net}.1",
            f"--port={port}",
            f"--init-file={self.base}/etc/tables.sql",
            "--skip-name-resolve",
            "--innodb-lock-wait-timeout=900",
            "--innodb-flush-log-at-trx-commit=0",
        )
        self._wait_for_port(port, "mariadbd")
        self._start(head, "/usr/sbin/slurmdbd", "-D")
        self._wait_for_port(self._ports["ACCOUNTING_PORT"], "slurmdbd")
        self.client("sacctmgr", "-i", "add", "cluster", "testbed")
        self.client("sacctmgr", "-i", "add", "account", ACCOUNT, "description=evaluation", "organization=lab")
        self.client("sacctmgr", "-i", "add", "user", "root", f"account={ACCOUNT}")

    def _start(self, machine: Machine, *command: str) -> None:
        machine.start(command, {"PATH": PATH, **self.environment()})

    def _wait_for_port(self, port: int, name: str) -> None:
        head = self.machines["head"]

        def answers() -> bool:
            if not head.alive(name):
                raise MachineError(f"{name} ended: {head.said(name)}")
            with suppress(OSError), socket.create_connection((f"{self.net}.1", port), 1):
                return True
            return False

        try:
            wait_until(answers, f"{name} does not answer")
        except MachineError as error:
            raise MachineError(f"{error}: {head.said(name)}") from None
