"""Candidates forked from one process: none gets out, and none finds anything of the one before it."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from snakeval.grading.graders import code_worker
from snakeval.grading.graders.code_worker import CodeTask
from snakeval.sandbox import Limits, SandboxError, choose, process, tree
from snakeval.sandbox.commands import bubblewrap
from snakeval.sandbox.exam import Examiner, Result
from snakeval.sandbox.forks import START_SECONDS
from snakeval.sandbox.types import MIB
from unit.sandbox import code_sandbox
from unit.sandbox.code_sandbox import needs_sandbox, tree_is_gone

pytestmark = needs_sandbox
LIMITS = Limits(wall=120, cpu=8, memory=128 * MIB, processes=16, file=4 * MIB, disk=16 * MIB)
EXAM = {"id": "p", "kind": "asserts", "setup": "", "entry_point": "f", "names": ["f"], "timeout": 60}
TELLS = "value = f()\nraise ValueError(value)\n"
RIGHT = "def f():\n    return 'right'\n"
MARK = f"mark-{os.getpid()}"


@pytest.fixture(scope="module", params=["other-uid", "userns"])
def examiner(request: pytest.FixtureRequest) -> Iterator[Examiner]:
    with code_sandbox.examiner(request.param) as made:
        yield cast("Examiner", made)
    assert tree_is_gone()


def exam(examiner: Examiner, program: str, tests: str = TELLS, limits: Limits = LIMITS) -> Result:
    return examiner.examine(json.dumps({**EXAM, "tests": tests}), program, limits)


def told(examiner: Examiner, program: str) -> str:
    """What the function f of a program returns, as text: the first 250 characters."""
    result = exam(examiner, program)
    assert result.verdict == "failed"
    kind, _, text = str(result.detail).partition(": ")
    assert kind == "ValueError", result
    return text


def still_right(examiner: Examiner) -> None:
    assert told(examiner, RIGHT) == "right"


def test_what_a_candidate_is(examiner: Examiner) -> None:
    program = """
import os
def f():
    status = dict(line.split(':') for line in open('/proc/self/status').read().splitlines())
    wanted = ('CapEff', 'CapPrm', 'CapInh', 'CapAmb', 'NoNewPrivs', 'Seccomp')
    return repr([os.getpid(), os.listdir('/tmp'), [int(status[name], 16) for name in wanted], os.getcwd()])
"""
    assert ast.literal_eval(told(examiner, program)) == [2, [], [0, 0, 0, 0, 1, 2], "/tmp"]
    names = told(examiner, "import os\ndef f(): return repr(sorted(os.environ))")
    assert ast.literal_eval(names) == ["HOME", "LANG", "PATH", "PWD", "PYTHONHASHSEED", "TMPDIR"]


def test_no_other_process_is_seen(examiner: Examiner) -> None:
    other = subprocess.Popen(["/bin/sleep", "60"], env={"OPENAI_API_KEY": f"sk-{MARK}"})
    program = f"""
import glob
def f():
    pids = glob.glob('/proc/[0-9]*')
    found = []
    paths = [glob.glob('/proc/*/' + name) for name in ('environ', 'cmdline', 'root/proc/*/environ')]
    for path in sum(paths, []):
        try:
            found.append(b'sk-{MARK}' in open(path, 'rb').read())
        except OSError:
            pass
    return repr((sorted(pids), any(found)))
"""
    try:
        assert told(examiner, program) == "(['/proc/1', '/proc/2'], False)"
    finally:
        other.kill()
        other.wait()


def test_nothing_is_written_or_read_outside(examiner: Examiner, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("token")
    program = f"""
import os
paths = ['/x', '/usr/x', '/etc/x', '/proc/sys/kernel/hostname', '/dev/x', '/dev/shm/../../x', '/proc/1/mem',
         '/proc/self/oom_score_adj', '/proc/sysrq-trigger']
def f():
    done = []
    for path in paths:
        try:
            open(path, 'w').write('x')
            done.append(path)
        except OSError:
            pass
    seen = [p for p in ('/etc/shadow', '/etc/passwd', '/root/.ssh', '/home', '/sys', '/run', {str(secret)!r})
            if os.path.exists(p)]
    open('mine', 'w').write('x')
    return repr((done, seen, os.listdir('.')))
"""
    assert told(examiner, program) == "([], [], ['mine'])"


def test_system_calls_that_could_undo_it_are_refused(examiner: Examiner) -> None:
    program = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = {'unshare': (0x10000000,), 'setns': (0, 0), 'mount': (b'n', b'/tmp', b'tmpfs', 0, 0),
         'umount2': (b'/tmp', 2), 'chroot': (b'/tmp',), 'ptrace': (16, 1, 0, 0), 'memfd_create': (b'x', 0),
         'setuid': (0,), 'setgid': (0,), 'setgroups': (0, 0), 'process_vm_readv': (1, 0, 0, 0, 0, 0)}
refused = (1, 22)
def f():
    done = [name for name, arguments in calls.items() if getattr(libc, name)(*arguments) != -1]
    return repr((done, ctypes.get_errno() in refused))
"""
    assert told(examiner, program) == "([], True)"


@pytest.mark.parametrize(
    "kill",
    ["os.kill(1, 9)", "os.kill(-1, 9)", "os.kill(0, 9)", "os.killpg(os.getpgid(1), 9)", "os.kill(1, 11)"],
)
def test_no_signal_gets_out(examiner: Examiner, kill: str) -> None:
    still_right(examiner)
    program = (
        f"import os\ndef f():\n    try:\n        {kill}\n    except OSError:\n        pass\n    return 1\n"
    )
    assert exam(examiner, program).verdict == "failed"
    still_right(examiner)


def test_network_of_its_own(examiner: Examiner) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(f"\0{MARK}")
        abstract.listen()
        program = f"""
import socket
NAME = '\\0{MARK}'
def f():
    found = []
    for family, address in ((2, ('127.0.0.1', {server.getsockname()[1]})), (2, ('1.1.1.1', 53)), (1, NAME)):
        try:
            socket.socket(family).connect(address)
            found.append(address)
        except OSError:
            pass
    return repr(found)
"""
        assert told(examiner, program) == "[]"


def test_nothing_is_left_for_the_next(examiner: Examiner) -> None:
    first = f"""
import builtins, collections, ctypes, json, os, random, socket, sys, typing
keep = socket.socket(socket.AF_INET)
keep.bind(('0.0.0.0', 4567)); keep.listen()
name = socket.socket(socket.AF_UNIX)
name.bind('\\0snakeval'); name.listen()
def f():
    open('/tmp/left', 'w').write('x')
    os.environ['LEFT'] = 'x'
    builtins.left = typing.List = collections.left = json.left = 'x'
    sys.setrecursionlimit(50_000)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            ctypes.CDLL(None).prctl(15, b'{MARK[:15]}')
            while True:
                pass
        os._exit(0)
    return 'left'
"""
    second = """
import builtins, collections, json, os, socket, sys, typing
keep = socket.socket(socket.AF_INET)
keep.bind(('0.0.0.0', 4567)); keep.listen()
name = socket.socket(socket.AF_UNIX)
name.bind('\\0snakeval'); name.listen()
def f():
    left = [hasattr(thing, 'left') for thing in (builtins, collections, json)]
    processes = [name for name in os.listdir('/proc') if name.isdigit()]
    return repr([os.listdir('/tmp'), 'LEFT' in os.environ, left, str(typing.List), len(processes),
                 sys.getrecursionlimit()])
"""
    assert told(examiner, first) == "left"
    assert told(examiner, second) == "[[], False, [False, False, False], 'typing.List', 2, 1000]"
    names = []
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            names.append(path.read_text().strip())
        except OSError:
            continue
    assert MARK[:15] not in names


def test_candidates_draw_different_random_numbers(examiner: Examiner) -> None:
    program = "import random\ndef f(): return str(random.random())\n"
    assert len({told(examiner, program) for _ in range(3)}) == 3


def test_equal_hashes_in_each(examiner: Examiner) -> None:
    program = "def f(): return str(hash('a text'))\n"
    assert len({told(examiner, program) for _ in range(2)}) == 1


BOMBS = {
    "memory": "def f():\n    x = []\n    while True: x.append(bytearray(b'1' * (1 << 20)))",
    "memory of many processes": """
import os, time
def f():
    for _ in range(8):
        if os.fork() == 0:
            x = bytearray(b'1' * (40 << 20))
            time.sleep(30)
    time.sleep(30)
""",
    "forks": "import os\ndef f():\n    while True:\n        try: os.fork()\n        except OSError: pass",
    "empty files": """
import os
def f():
    for i in range(10**7): os.close(os.open(str(i), os.O_CREAT))
""",
    "files": "i = 0\nwhile True:\n    open(str(i), 'wb').write(b'x' * 10**6)\n    i += 1\n",
    "a large file": "with open('x', 'wb') as file:\n    while True:\n        file.write(b'x' * 65536)\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_at_their_limits(examiner: Examiner, name: str) -> None:
    result = exam(examiner, BOMBS[name], tests="f()", limits=Limits(8, 3, 128 * MIB, 16, 4 * MIB, 16 * MIB))
    assert result.verdict in ("failed", "timed_out"), result
    still_right(examiner)


def test_memory_is_said_to_be_the_cause(examiner: Examiner) -> None:
    program = "import time\nx = [bytearray(b'1' * (1 << 20)) for _ in range(200)]\ndef f(): time.sleep(4)\n"
    assert exam(examiner, program, tests="f()") == Result("failed", "out_of_memory")


def test_without_the_capability_each_program_has_a_new_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where AppArmor takes it from what bwrap starts; the kernel refuses, and nobody waits for long."""

    def without(*arguments: Any) -> list[str]:
        return bubblewrap(*arguments[:5])

    monkeypatch.setattr(process, "bubblewrap", without)
    began = time.monotonic()
    with Examiner(choose()) as made:
        assert made.forks is None
        assert time.monotonic() - began < 2 * START_SECONDS
        still_right(made)
    assert tree_is_gone()


def test_a_zygote_that_is_killed_is_no_verdict() -> None:
    with Examiner(choose()) as made:
        still_right(made)
        assert made.forks
        sandbox = next(pid for pid in tree.children(os.getpid()) if _forks(pid))
        os.kill(tree.descendants(sandbox)[1], signal.SIGKILL)
        with pytest.raises(SandboxError, match="forks candidates"):
            exam(made, RIGHT)
    assert tree_is_gone()


def _forks(pid: int) -> bool:
    return b"CAP_SYS_ADMIN" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_a_worker_whose_zygote_is_killed_makes_another() -> None:
    isolation = choose()
    exam_text = json.dumps({**EXAM, "tests": "assert f() == 'right'"})
    task = CodeTask(exam_text, RIGHT, LIMITS, isolation)
    assert code_worker.examine(task).verdict == "passed"
    sandbox = next(pid for pid in tree.children(os.getpid()) if _forks(pid))
    os.kill(tree.descendants(sandbox)[1], signal.SIGKILL)
    assert [code_worker.examine(task).verdict for _ in range(3)] == ["passed"] * 3
    code_worker._examiners.pop(isolation).__exit__(None, None, None)
    assert tree_is_gone()
