"""Programs that try to get out of the sandbox, each contained and each with the right ending.

Limits are small on purpose: 128 MiB, 16 processes, a few seconds; the bombs end at them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from snakeval.sandbox import Isolation, Job, Limits, run
from snakeval.sandbox.types import MIB
from unit.sandbox.code_sandbox import SMALL, isolations, needs_sandbox, run_job, run_python, tree_is_gone

pytestmark = needs_sandbox


@pytest.fixture(params=isolations(), ids=lambda isolation: "other-uid" if isolation.switch_uid else "userns")
def isolation(request: pytest.FixtureRequest) -> Isolation:
    found: Isolation = request.param
    return found


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    yield
    assert tree_is_gone()


def test_a_program_ends_with_its_output(isolation: Isolation) -> None:
    ending = run_python(isolation, "print(input()[::-1]); raise SystemExit(3)", stdin=b"abc\n")
    assert (ending.status, ending.code, ending.stdout) == ("exited", 3, b"cba\n")


def test_a_signal_is_told_apart(isolation: Isolation) -> None:
    ending = run_python(isolation, "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert (ending.status, ending.code) == ("signalled", 11)


def test_files_are_there_and_the_rest_is_not(isolation: Isolation) -> None:
    code = "import os; print(sorted(os.listdir('.')), os.getcwd(), open('a.txt').read())"
    ending = run_python(isolation, code, files={"a.txt": b"hello", "b.txt": b""})
    assert ending.stdout == b"['a.txt', 'b.txt'] /tmp hello\n"


def test_environment_is_empty(isolation: Isolation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    ending = run_python(isolation, "import os; print(os.environ)")
    assert b"sk-secret" not in ending.stdout
    assert b"PATH" in ending.stdout


def test_keys_in_proc_environ(isolation: Isolation, monkeypatch: pytest.MonkeyPatch) -> None:
    code = """
import glob
for path in glob.glob('/proc/*/environ') + glob.glob('/proc/*/cmdline'):
    try:
        print(path, open(path, 'rb').read())
    except OSError as error:
        print(path, error)
"""
    secret = "sk-in-another-process"
    other = subprocess.Popen(["/bin/sleep", "60"], env={"OPENAI_API_KEY": secret})
    try:
        while secret not in Path(f"/proc/{other.pid}/environ").read_text():
            time.sleep(0.01)  # it has not begun yet
        ending = run_python(isolation, code)
    finally:
        other.kill()
        other.wait()
    assert ending.status == "exited"
    assert secret.encode() not in ending.stdout
    assert b"sleep" not in ending.stdout


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/etc/passwd", "/var/log", "/root/.ssh", "/home", "/sys", "/run"]
)
def test_system_files_are_not_there(isolation: Isolation, path: str) -> None:
    ending = run_python(isolation, f"import os; print(os.path.exists({path!r}))")
    assert ending.stdout == b"False\n"


def test_home_is_not_there(isolation: Isolation, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("token")
    tmp_path.chmod(0o755)
    code = (
        f"import os; print(os.path.exists({str(secret)!r}), os.path.exists({str(Path.home() / '.bashrc')!r}))"
    )
    ending = run_python(isolation, code)
    assert ending.stdout == b"False False\n"


def test_writing_outside(isolation: Isolation) -> None:
    code = """
import os
for path in ('/x', '/usr/x', '/bin/x', '/etc/x', '/proc/sys/kernel/hostname', '/dev/x', '/dev/shm/../x'):
    try:
        open(path, 'w').write('x')
        print('wrote', path)
    except OSError:
        pass
open('/tmp/mine', 'w').write('x')
print('end')
"""
    ending = run_python(isolation, code)
    assert ending.stdout == b"end\n", ending.stderr
    assert not Path("/tmp/mine").exists()


def test_network_to_loopback(isolation: Isolation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = f"""
import socket
for address in (('127.0.0.1', {port}), ('10.0.0.1', 80), ('1.1.1.1', 53)):
    try:
        socket.create_connection(address, 1)
        print('connected', address)
    except OSError as error:
        print('no')
"""
        ending = run_python(isolation, code)
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert ending.stdout == b"no\nno\nno\n"


def test_abstract_sockets_of_others(isolation: Isolation) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0snakeval-{os.getpid()}")
        server.listen()
        code = f"import socket; socket.socket(socket.AF_UNIX).connect('\\0snakeval-{os.getpid()}')"
        ending = run_python(isolation, code)
    assert ending.code == 1
    assert b"ConnectionRefusedError" in ending.stderr


def test_killing_the_parent(isolation: Isolation) -> None:
    code = f"""
import os, signal
for pid in (os.getppid(), 1, {os.getpid()}, {os.getppid()}, -1):
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError as error:
        print(error)
"""
    ending = run_python(isolation, code)
    assert ending.status in ("exited", "signalled", "timed_out")  # and this process is there to say so


def test_sleeping_with_sigterm_ignored(isolation: Isolation) -> None:
    code = """
import signal, time
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
time.sleep(60)
"""
    ending = run_python(isolation, code, limits=Limits(wall=0.7, memory=128 * MIB))
    assert ending.status == "timed_out"
    assert ending.seconds < 60


def test_a_busy_loop_is_ended_by_its_cpu_time(isolation: Isolation) -> None:
    ending = run_python(isolation, "while True: pass", limits=Limits(wall=120, cpu=0.5, memory=128 * MIB))
    assert ending.status == "timed_out"
    assert ending.seconds < 120


def test_a_daemon_left_behind(isolation: Isolation) -> None:
    code = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for fd in range(3):
            os.close(fd)
        time.sleep(60)
    os._exit(0)
os.wait()
print('gone', flush=True)
"""
    ending = run_python(isolation, code)
    assert (ending.status, ending.stdout) == ("exited", b"gone\n")
    assert ending.seconds < 60


def test_setuid_programs_and_capabilities(isolation: Isolation) -> None:
    code = """
import os, subprocess, shutil
wanted = ('CapEff', 'CapPrm', 'NoNewPrivs', 'Seccomp:')
print([line for line in open('/proc/self/status') if line.startswith(wanted)])
for program in ('su', 'mount', 'passwd', 'chsh', 'newgrp'):
    path = shutil.which(program)
    if path:
        subprocess.run([path, '-c', 'id'], stdin=subprocess.DEVNULL, capture_output=True)
try:
    os.setuid(0)
    print('root')
except OSError:
    print('not root')
"""
    ending = run_python(isolation, code)
    assert b"CapEff:\\t0000000000000000" in ending.stdout
    assert b"CapPrm:\\t0000000000000000" in ending.stdout
    assert b"NoNewPrivs:\\t1" in ending.stdout
    assert b"Seccomp:\\t2" in ending.stdout
    assert ending.stdout.endswith(b"not root\n")


def test_namespaces_mounts_and_hidden_memory_are_refused(isolation: Isolation) -> None:
    code = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = {'unshare': (0x10000000,), 'mount': (b'none', b'/tmp', b'tmpfs', 0, 0), 'ptrace': (16, 1, 0, 0),
         'memfd_create': (b'x', 0), 'shmget': (0, 4096, 0o1600), 'personality': (0x40000,)}
for name, arguments in calls.items():
    print(name, getattr(libc, name)(*arguments) == -1)
"""
    ending = run_python(isolation, code)
    assert ending.stdout.splitlines() == [
        f"{name} True".encode()
        for name in ("unshare", "mount", "ptrace", "memfd_create", "shmget", "personality")
    ], ending.stderr


def test_links_lead_nowhere(isolation: Isolation, tmp_path: Path) -> None:
    """Nothing is collected from a sandbox, so links in it are never followed by anyone outside."""
    target = tmp_path / "target"
    target.write_text("precious")
    code = f"""
import os
os.symlink({str(target)!r}, 'out.txt')
os.symlink('/etc/shadow', 'shadow')
for source in ('/usr/bin/env', '/proc/1/environ'):
    try:
        os.link(source, 'hard-' + os.path.basename(source))
        print('linked', source)
    except OSError:
        print('no')
for name in ('out.txt', 'shadow'):
    try:
        open(name, 'a').write('x')
        print('wrote', name)
    except OSError:
        print('no')
"""
    ending = run_python(isolation, code)
    assert ending.stdout == b"no\nno\nno\nno\n"
    assert target.read_text() == "precious"


def test_ten_gigabytes_of_output(isolation: Isolation) -> None:
    code = "import os\nblock = b'x' * (1 << 20)\nfor _ in range(10 << 10): os.write(1, block)"
    ending = run_python(isolation, code)
    assert ending.status == "output_limit"
    assert len(ending.stdout) == SMALL.output
    ending = run_python(isolation, code.replace("os.write(1", "os.write(2"))
    assert (ending.status, len(ending.stderr)) == ("output_limit", SMALL.output)


def test_files_are_bounded(isolation: Isolation) -> None:
    big = "import os\nwith open('x', 'wb') as f:\n while True: f.write(b'x' * 65536)"
    ending = run_python(isolation, big)
    assert (ending.status, ending.code) in {("exited", 1), ("signalled", 25)}
    assert b"File too large" in ending.stderr or ending.code == 25
    many = "i = 0\nwhile True:\n open(str(i), 'wb').write(b'x' * 1000000)\n i += 1"
    ending = run_python(isolation, many)
    assert ending.status in ("exited", "out_of_memory")
    assert ending.status == "out_of_memory" or b"No space left" in ending.stderr


def test_empty_files_count_as_memory(isolation: Isolation) -> None:
    code = "import os\nfor i in range(10**7): os.close(os.open(str(i), os.O_CREAT))"
    ending = run_python(isolation, code, limits=Limits(wall=200, cpu=20, memory=48 * MIB))
    assert ending.status == "out_of_memory"


def test_memory_bomb(isolation: Isolation) -> None:
    ending = run_python(isolation, "x = []\nwhile True: x.append(bytearray(b'1' * (1 << 20)))")
    assert ending.status == "out_of_memory"
    assert ending.memory < 3 * SMALL.memory


def test_memory_bomb_of_many_processes(isolation: Isolation) -> None:
    """Each process stays under its own limit; the tree does not."""
    code = """
import os, time
for _ in range(8):
    if os.fork() == 0:
        x = bytearray(b'1' * (40 << 20))
        time.sleep(30)
time.sleep(30)
"""
    ending = run_python(isolation, code)
    assert ending.status == "out_of_memory"


def test_fork_bomb(isolation: Isolation) -> None:
    code = "import os\nwhile True:\n try: os.fork()\n except OSError: pass"
    ending = run_python(isolation, code, limits=Limits(wall=2, cpu=2, memory=128 * MIB, processes=16))
    assert ending.status in ("timed_out", "process_limit", "out_of_memory")


def test_the_number_of_processes_is_bounded(isolation: Isolation) -> None:
    code = """
import os, time
born = 0
try:
    for _ in range(100):
        if os.fork() == 0:
            time.sleep(20)
        born += 1
except OSError as error:
    print(born, error)
"""
    ending = run_python(isolation, code)
    if ending.status == "exited":
        assert int(ending.stdout.split()[0]) < SMALL.processes
    else:
        assert ending.status == "process_limit"


def test_names_of_files_are_plain(isolation: Isolation) -> None:
    for name in ("../x", "/etc/x", "a/b", "", ".."):
        with pytest.raises(ValueError, match="plain name"):
            run(Job(("/bin/true",), {name: b""}), SMALL, isolation)


def test_a_command_that_is_not_there(isolation: Isolation) -> None:
    ending = run_job(isolation, ("/bin/nothing-of-the-kind",))
    assert ending.status == "exited"
    assert ending.code in (126, 127)


def test_input_is_fed_whole_and_may_be_ignored(isolation: Isolation) -> None:
    data = os.urandom(3 << 20)
    ending = run_job(isolation, ("/usr/bin/cksum",), stdin=data)
    assert ending.stdout.split()[1] == str(len(data)).encode()
    assert run_job(isolation, ("/bin/true",), stdin=data).code == 0


@pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux'")
def test_a_killed_caller_leaves_nothing(isolation: Isolation) -> None:
    if os.geteuid() == 0 and not isolation.switch_uid:
        pytest.skip("as root this sandbox has a caller of another user")
    code = (
        "from unit.sandbox.code_sandbox import run_python, SMALL\nfrom snakeval.sandbox import *\n"
        f"run_python({isolation!r}, 'import time; time.sleep(4321.5)', limits=Limits(wall=600))"
    )
    caller = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": ":".join(sys.path)}
    )
    while not _sleepers():
        assert caller.poll() is None, "it ended before its program had begun"
        time.sleep(0.05)
    caller.kill()
    caller.wait()
    deadline = time.monotonic() + 60
    while _sleepers() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _sleepers()


def _sleepers() -> list[str]:
    """Processes of the test above, without the caller itself."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "time.sleep(4321.5)" in line and "code_sandbox" not in line:
            found.append(line)
    return found
