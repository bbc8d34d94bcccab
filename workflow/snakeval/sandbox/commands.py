"""The command lines of the sandboxes: pure functions, asserted by tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from snakeval.sandbox.types import Isolation, Limits

INSIDE = "/tmp"  # the one directory that a job can write to, in a sandbox of either kind
PACKAGES = "/packages"  # where the packages are that programs may import, read-only
NOBODY = 65534
FIRST_UID = 1_879_048_192  # far from any user's; the caller's process id is added
MOST_PIDS = 1 << 22  # the largest pid_max
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = ("/etc/ld.so.cache", "/etc/alternatives")
DEVICES = ("null", "zero", "full", "random", "urandom")


def environment(isolation: Isolation, home: str = INSIDE) -> dict[str, str]:
    """All that a job sees of an environment; with packages, where they are, and that they get one thread."""
    found = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
    }
    if isolation.packages is None:
        return found
    folder = isolation.packages if isolation.kind == "none" else PACKAGES
    return {**found, "PYTHONPATH": folder, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def uid_of(isolation: Isolation) -> int | None:
    """The user that a job of this process runs as, one a process and lane; None: the caller's own."""
    return FIRST_UID + isolation.lane * MOST_PIDS + os.getpid() if isolation.switch_uid else None


@cache
def python() -> tuple[str, ...]:
    """An interpreter with the standard library alone: this one's, without its site-packages.

    Not -I, which would ignore the hash seed; the environment that it would ignore is ours (`environment`).
    """
    return (str(Path(sys.executable).resolve()), "-P", "-s", "-S")


# What a program by itself finds beyond `python()`: exit and quit, which come with site-packages alone, and
# integers of any length as text, as its problem may ask for them. It is `__main__`, and sees no name of ours.
_SCRIPT = """\
import builtins, sys
builtins.exit = builtins.quit = sys.exit
sys.set_int_max_str_digits(0)
del sys.argv[0]
ours, main = sys.modules["__main__"], type(sys)("__main__")
main.__file__, main.__builtins__ = sys.argv[0], builtins
sys.modules["__main__"] = main
with open(sys.argv[0], "rb") as file:
    code = compile(file.read(), sys.argv[0], "exec", dont_inherit=True)
exec(code, main.__dict__)
"""


def script(name: str) -> tuple[str, ...]:
    """A Python program of a job's files in its world, which `candidate.world` gives functions as well."""
    return (*python(), "-c", _SCRIPT, name)


def bubblewrap(
    isolation: Isolation,
    limits: Limits,
    files: Mapping[str, int],
    seccomp: int | None,
    alive: int,
    forks: bool = False,
) -> list[str]:
    """bwrap's arguments up to the command; `files` and `seccomp` are open descriptors that it reads.

    The descriptor `alive` is held by the sandbox' first process, with whose end all others have ended. With
    `forks` the command may make more namespaces within those that it is in.
    """
    command = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    command += ["--unshare-uts", "--hostname", "sandbox", "--unshare-cgroup-try"]
    if isolation.switch_uid:
        command += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        command += ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
    if forks:
        command += ["--cap-add", "CAP_SYS_ADMIN"]
    command += _mounts()
    if isolation.packages is not None:
        command += ["--ro-bind", isolation.packages, PACKAGES]
    command += ["--perms", "1777", "--size", str(limits.disk), "--tmpfs", INSIDE]
    for name, descriptor in files.items():
        command += ["--perms", "0755", "--file", str(descriptor), f"{INSIDE}/{name}"]
    command += ["--remount-ro", "/", "--chdir", INSIDE, "--sync-fd", str(alive)]
    if seccomp is not None:
        command += ["--seccomp", str(seccomp)]
    return [*command, "--"]


@cache
def _mounts() -> tuple[str, ...]:
    """The system, read-only, without /etc, /home, /root, /var, /run; its own /proc and a few devices."""
    mounts: list[str] = []
    for path in map(Path, SYSTEM):
        if path.is_symlink():
            mounts += ["--symlink", str(path.readlink()), str(path)]
        elif path.is_dir():
            mounts += ["--ro-bind", str(path), str(path)]
    for name in SYSTEM_FILES:
        mounts += ["--ro-bind-try", name, name]
    prefix = Path(sys.base_prefix).resolve()
    if not prefix.is_relative_to("/usr"):
        for parent in reversed(prefix.parents[:-1]):  # the user inside must be able to pass
            mounts += ["--perms", "0755", "--dir", str(parent)]
        mounts += ["--ro-bind", str(prefix), str(prefix)]
    mounts += ["--proc", "/proc", "--perms", "0755", "--dir", "/dev"]
    for device in DEVICES:
        mounts += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    mounts += ["--symlink", "/proc/self/fd", "/dev/fd", "--symlink", INSIDE, "/dev/shm"]
    return tuple(mounts)


def apptainer(isolation: Isolation, folder: str) -> list[str]:
    """apptainer's arguments up to the command. `folder` on the host holds the job's files, read-only.

    --containall gives processes, IPC, /tmp and home of its own (its /tmp is bounded by `sessiondir max size`
    in apptainer.conf), --network none no network, --no-privs neither capabilities nor setuid programs.
    """
    prefix = str(Path(sys.base_prefix).resolve())
    packages = () if isolation.packages is None else ("--bind", f"{isolation.packages}:{PACKAGES}:ro")
    given = environment(isolation).items()
    return [
        *("apptainer", "--silent", "exec", "--containall", "--cleanenv", "--no-home", "--no-privs"),
        *("--net", "--network", "none", "--hostname", "sandbox"),
        *("--bind", f"{prefix}:{prefix}:ro", *packages, "--bind", f"{folder}:/job:ro", "--pwd", INSIDE),
        *(argument for pair in given for argument in ("--env", "=".join(pair))),
        str(isolation.image),
        *("/bin/sh", "-c", 'cp -r /job/. . && exec "$@"', "sh"),
    ]


def rlimits(limits: Limits) -> dict[str, int]:
    """What each process may use, for our own code to set in a sandbox."""
    return {
        "RLIMIT_AS": address_space(limits),
        "RLIMIT_NPROC": limits.processes,
        "RLIMIT_FSIZE": limits.file,
        "RLIMIT_CPU": max(1, round(limits.cpu + 1)),
        "RLIMIT_NOFILE": limits.open_files,
        "RLIMIT_CORE": 0,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_MEMLOCK": 1 << 16,
    }


def address_space(limits: Limits) -> int:
    """RLIMIT_AS of each process: above the memory limit, for addresses that are reserved and never used."""
    return 2 * limits.memory


def limited(isolation: Isolation, limits: Limits, command: Sequence[str]) -> list[str]:
    """A command under its limits and, where possible, as its own user; what runs first in the sandbox."""
    cpu = max(1, round(limits.cpu + 1))
    prefix = [
        "/usr/bin/prlimit",
        f"--nproc={limits.processes}",
        f"--as={address_space(limits)}",
        f"--fsize={limits.file}",
        f"--cpu={cpu}:{cpu + 1}",
        f"--nofile={limits.open_files}",
        "--core=0",
        "--msgqueue=0",
        "--memlock=65536",
    ]
    if (uid := uid_of(isolation)) is not None:
        prefix += ["/usr/bin/setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", "--no-new-privs"]
    return [*prefix, *command]
