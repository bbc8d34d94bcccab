"""What a program finds: the same in every format and in every sandbox. Tables of (what, program, output)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import pytest

from snakeval.dag.graders import identity_of
from snakeval.sandbox import Isolation, Limits, SandboxError, choose
from snakeval.sandbox.commands import apptainer, environment, python, script
from snakeval.sandbox.exam import Examiner
from snakeval.sandbox.types import MIB
from snakeval.schema import Code, Grader
from unit.sandbox import code_sandbox
from unit.sandbox.code_sandbox import EXAMINERS, PYTHON, OthersExaminer, isolations, needs_sandbox, run_job

pytestmark = needs_sandbox
LIMITS = Limits(wall=120, cpu=10, memory=256 * MIB, processes=16)
DIGITS = 6000

# What of sockets works: families by number, 40 is AF_VSOCK and 16 AF_NETLINK; names, pairs and pipes.
SOCKETS = """\
import asyncio, errno, multiprocessing, socket

def refused(family, make):
    try:
        make(family).close()
    except OSError as error:
        return error.errno == errno.EAFNOSUPPORT
    return False

def opened(family):
    return socket.socket(family, socket.SOCK_RAW if family in (16, 17) else socket.SOCK_STREAM)

def f():
    others = [family for family in range(64) if family not in (1, 2, 10)]
    assert all(refused(family, opened) for family in others), [x for x in others if not refused(x, opened)]
    assert all(refused(family, lambda x: socket.socketpair(x)[0]) for family in others)
    assert not refused(1, opened) and not refused(2, opened)
    assert socket.getaddrinfo("127.0.0.1", 80)[0][4] == ("127.0.0.1", 80)
    try:
        socket.if_nameindex()  # asks AF_NETLINK
        return "if_nameindex"
    except OSError:
        pass
    ours, theirs = multiprocessing.Pipe()
    ours.send(asyncio.run(asyncio.sleep(0, 7)))
    return theirs.recv()
"""
# A program of input and output, and what it prints; a file named main.py is run.
WHOLE = {
    "exit": ("print(1)\nexit()\nprint(2)", b"1\n"),
    "quit": ("print(1)\nquit()\nprint(2)", b"1\n"),
    "exit in a function": ("def main():\n    print(1)\n    exit(0)\nmain()\nprint(2)", b"1\n"),
    "exit that is caught": ("try:\n    exit(3)\nexcept SystemExit as end:\n    print(end.code)", b"3\n"),
    "exit of its own": ("def exit():\n    print(1)\nexit()\nprint(2)", b"1\n2\n"),
    "a long integer is printed": (f"print(len(str(10**{DIGITS})))", b"%d\n" % (DIGITS + 1)),
    "a long integer is read": ("print(int(input()) % 7)", b"%d\n" % (int("1" * 4000) % 7)),
    "a long integer in a format": (f"print(len(f'{{10**{DIGITS}}}'))", b"%d\n" % (DIGITS + 1)),
    "it is the main program": ("print(__name__)\nif __name__ == '__main__': print(1)", b"__main__\n1\n"),
    "it is main.py": ("import sys\nprint(sys.argv[0], __file__, len(sys.argv))", b"main.py main.py 1\n"),
    "no name of ours": ("print([name for name in dir() if not name.startswith('__')])", b"[]\n"),
    "its own import is needed": ("try:\n    sys\nexcept NameError:\n    print(1)", b"1\n"),
    "from the future": ("from __future__ import annotations\ndef f(a: b): print(1)\nf(2)", b"1\n"),
    "a class can be pickled": (
        "import pickle\nclass A:\n    pass\nprint(type(pickle.loads(pickle.dumps(A()))).__name__)",
        b"A\n",
    ),
    "a deep recursion": (
        "import sys\nsys.setrecursionlimit(9000)\ndef f(n):\n    return n and 1 + f(n - 1)\nprint(f(5000))",
        b"5000\n",
    ),
    "an encoding": ("# -*- coding: utf-8 -*-\nprint('\u00e4')", "\u00e4\n".encode()),
    "what is written at the end": ("import atexit\natexit.register(print, 2)\nprint(1)", b"1\n2\n"),
    "the standard library": ("import bisect, fractions, heapq, statistics, zlib\nprint(1)", b"1\n"),
    "sockets of three families": (SOCKETS + "print(f())", b"7\n"),
}
# A program of input and output that ends with another code than 0.
FAILING = {
    "exit with a code": "exit(3)",
    "a text": "exit('wrong')",
    "an exception": "print(1 / 0)",
    "a syntax error": "print(",
    "nothing beyond the standard library": "import numpy",
    "nor its neighbours": "import snakeval",
}
# A function, and what it gives.
FUNCTIONS = {
    "exit": (
        "def f():\n    try:\n        exit(3)\n    except SystemExit as end:\n        return end.code",
        "3",
    ),
    "quit": ("def f():\n    try:\n        quit()\n    except SystemExit:\n        return 1", "1"),
    "exit that nothing needs": ("def f():\n    return 1\nif __name__ == '__main__':\n    exit()", "1"),
    "a long integer as text": (f"def f():\n    return len(str(10**{DIGITS}))", f"{DIGITS + 1}"),
    "a long integer": (f"def f():\n    return 10**{DIGITS}", f"10**{DIGITS}"),
    "many long integers": (f"def f():\n    return [10**{DIGITS}] * 20", f"[10**{DIGITS}] * 20"),
    "a long integer that the tests write": (f"def f():\n    return 10**{DIGITS}", f"int(str(10**{DIGITS}))"),
    "a long integer after many": (
        f"def f():\n    return len(str(10**{DIGITS})), [10**{DIGITS}] * 20, len(str(10**{DIGITS}))",
        f"({DIGITS + 1}, [10**{DIGITS}] * 20, {DIGITS + 1})",
    ),
    "the standard library": (
        "import bisect, fractions, heapq, statistics, zlib\ndef f():\n    return 1",
        "1",
    ),
    "no numpy": ("def f():\n    try:\n        import numpy\n    except ImportError:\n        return 1", "1"),
    "no module of ours": (
        "def f():\n    try:\n        import snakeval\n    except ImportError:\n        return 1",
        "1",
    ),
}
# What can be imported, as text.
IMPORTABLE = "import pkgutil, sys\nfound = str((sys.path, sorted(m.name for m in pkgutil.iter_modules())))\n"


def output(isolation: Isolation, program: str, stdin: bytes = b"") -> tuple[int | None, bytes]:
    command = (PYTHON, *script("main.py")[len(python()) :])
    ending = run_job(isolation, command, LIMITS, {"main.py": program.encode()}, stdin)
    assert ending.status == "exited"
    return ending.code, ending.stdout


@pytest.fixture(params=isolations(), ids=lambda kind: "other-uid" if kind.switch_uid else "userns")
def isolation(request: pytest.FixtureRequest) -> Isolation:
    return cast("Isolation", request.param)


@pytest.fixture(scope="module", params=EXAMINERS)
def examiner(request: pytest.FixtureRequest) -> Iterator[Examiner]:
    with code_sandbox.examiner(request.param) as made:
        yield cast("Examiner", made)


@pytest.mark.parametrize("name", WHOLE)
def test_a_program_of_input_and_output(name: str, isolation: Isolation) -> None:
    program, expected = WHOLE[name]
    assert output(isolation, program, b"1" * 4000) == (0, expected)


@pytest.mark.parametrize("name", FAILING)
def test_a_program_that_fails(name: str, isolation: Isolation) -> None:
    assert output(isolation, FAILING[name])[0] not in (0, None)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function(name: str, examiner: Examiner) -> None:
    program, value = FUNCTIONS[name]
    assert gives(examiner, program, value)
    assert not gives(examiner, program, f"({value}, 'no')")


@pytest.mark.parametrize("examiner", [kind for kind in EXAMINERS if kind != "unsafe"], indirect=True)
def test_sockets_of_three_families(examiner: Examiner) -> None:
    assert gives(examiner, SOCKETS, "7")


def test_what_can_be_imported_is_the_same_in_every_format(examiner: Examiner) -> None:
    own = "userns" if isinstance(examiner, OthersExaminer) else "other-uid"  # which has its interpreter
    isolation = next((kind for kind in isolations() if kind.switch_uid == (own == "other-uid")), None)
    _, found = output(isolation or isolations()[0], IMPORTABLE + "print(found)")
    assert gives(examiner, f"{IMPORTABLE}def f():\n    return found", repr(found.decode().strip()))


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("packages")
    folder.chmod(0o755)  # as pip makes it, for whichever user programs run as
    (folder / "extra.py").write_text("VALUE = 41\n")
    (folder / "extra-1.0.dist-info").mkdir()
    return str(folder)


def test_packages_of_a_folder_can_be_imported_where_it_is_given(packages: str) -> None:
    isolation = choose(packages=packages)
    assert output(isolation, "import extra\nprint(extra.VALUE + 1)") == (0, b"42\n")
    assert output(isolation, "import extra\nopen(extra.__file__, 'a')")[0] == 1
    with Examiner(isolation) as examiner:
        assert gives(examiner, "import extra\ndef f():\n    return extra.VALUE", "41")


def test_packages_in_the_other_sandboxes() -> None:
    unsafe = Isolation("none", packages="/some/where")
    assert environment(unsafe)["PYTHONPATH"] == "/some/where"
    argv = apptainer(Isolation("apptainer", image="python.sif", packages="/some/where"), "/job")
    assert "/some/where:/packages:ro" in argv
    assert "PYTHONPATH=/packages" in argv
    assert "PYTHONPATH" not in environment(Isolation("bubblewrap"))


def test_numbers_of_numpy_are_numbers() -> None:
    folder = find_spec("numpy")
    assert folder is not None
    assert folder.origin is not None
    isolation = choose(packages=str(Path(folder.origin).parents[1]))
    limits = Limits(wall=300, cpu=30, memory=1024 * MIB, processes=16)
    with Examiner(isolation) as examiner:
        head = "import numpy as np\ndef f():\n    return "
        assert gives(examiner, f"{head}np.int64(3)", "3", limits)
        assert gives(examiner, f"{head}[np.float64(0.5), np.bool_(True)]", "[0.5, True]", limits)
        assert not gives(examiner, f"{head}np.int64(4)", "3", limits)
        assert not gives(examiner, f"{head}np.array([3])", "[3]", limits)


def test_a_folder_of_packages_must_be_there() -> None:
    with pytest.raises(SandboxError, match="no folder here"):
        choose(packages="/nowhere")


def test_what_is_installed_is_part_of_the_identity(packages: str) -> None:
    without, given = Code(format="stdio"), Code(format="stdio", packages=packages)
    graders = [Grader(type="code", code=code) for code in (without, given)]
    assert "packages" not in identity_of(graders[0])["code"]
    assert identity_of(graders[1])["code"]["packages"] == ["extra-1.0"]
    assert "code" in identity_of(Grader(type="exact"))


def gives(examiner: Examiner, program: str, value: str, limits: Limits = LIMITS) -> bool:
    exam = {
        "id": "p",
        "kind": "check",
        "entry_point": "f",
        "setup": "def f():\n    pass\n",
        "names": ["f"],
        "tests": f"def check(candidate):\n    assert candidate() == {value}\n",
        "timeout": 60,
    }
    return examiner.examine(json.dumps(exam), program, limits).verdict == "passed"
