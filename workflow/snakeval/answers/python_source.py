"""What a piece of Python is: whether it is a program, what it defines, and what of other pieces it needs."""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

_READING = frozenset({"input", "open", "stdin", "fileinput", "raw_input"})
_WRITING = frozenset({"print", "stdout", "write"})
_DEFINITION = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_BUILT_IN = frozenset(dir(builtins)) | {"__file__", "exit", "quit"}
_WORD = re.compile(r"[A-Za-z_]\w*")
_SCOPE = re.compile(r"\b(?:def|class|lambda|for)\b")
_MOST_SCOPES = 500
_FUTURE = re.compile(r"^from[ \t]+__future__[ \t]+import\b.*$", re.MULTILINE)


def fault(source: str) -> int | None:
    """The line, counted from 1, at which a program can't be read; None where it can.

    One of very many functions, classes and the like is read as far as its names. Then follows the compiler,
    which compares each with all that look alike: `def f(): pass` many times over takes the square of that.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if _has_many_scopes(source):
                symtable.symtable(source, "program", "exec")
            else:
                compile(source, "program", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 1
    except (ValueError, RecursionError, MemoryError):
        return 1
    return None


def _has_many_scopes(source: str) -> bool:
    return len(_SCOPE.findall(source)) > _MOST_SCOPES


def parses(source: str) -> bool:
    """Whether Python can read a program."""
    return fault(source) is None


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement of a program: its own source, what it defines, what it uses and does not define."""

    source: str
    defines: frozenset[str]
    needs: frozenset[str]


@lru_cache(maxsize=64)
def tree(source: str) -> ast.Module | None:
    """A program's syntax tree, None where it can't be read."""
    if not parses(source):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(source)


def needs(source: str) -> frozenset[str]:
    """The names that a program uses and neither defines nor finds built in. Empty where it can't be read.

    Also where it has very many scopes: `symtable` looks through all of them for each name.
    """
    if tree(source) is None or _has_many_scopes(source):
        return frozenset()
    used: set[str] = set()
    defined: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tables = [symtable.symtable(source, "program", "exec")]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            at_top = table.get_type() == "module" or symbol.is_declared_global()
            if at_top and (symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()):
                defined.add(symbol.get_name())
            if symbol.is_referenced() and (at_top or symbol.is_global()):
                used.add(symbol.get_name())
    return frozenset(used - defined - _BUILT_IN)


def defined(source: str) -> frozenset[str]:
    """The names that a program's top level defines by statements of its own. Empty where it can't be read."""
    found = tree(source)
    return frozenset().union(*map(_defines, found.body)) if found else frozenset()


def _defines(statement: ast.stmt) -> frozenset[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return frozenset({name})
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return frozenset((each.asname or each.name).partition(".")[0] for each in names)
        case ast.Assign(targets=targets):
            nodes = (node for target in targets for node in ast.walk(target))
            return frozenset(node.id for node in nodes if isinstance(node, ast.Name))
        case ast.Try(body=body):
            return frozenset().union(*map(_defines, body))
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return frozenset({name})
    return frozenset()


def is_stub(source: str, name: str) -> bool:
    """Whether a program's last definition of a function has no body but a docstring, `pass` or `...`."""
    found = tree(source)
    functions = [
        node
        for node in (found.body if found else ())
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    return bool(functions) and all(
        isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        for node in functions[-1].body
    )


def with_helpers(source: str, earlier: Iterable[str], given: Iterable[str] = ()) -> str:
    """A program behind the imports, functions, classes and constants of earlier pieces that it needs.

    `given` are names that it has from elsewhere. Of several definitions of a name the last counts; what reads
    input is no helper. Without such a need the program comes back as it is.
    """
    given = frozenset(given)
    missing = set(needs(source) - given)
    if not missing:
        return source
    pieces = [piece for text in earlier for piece in _pieces(text)]
    last = {name: number for number, piece in enumerate(pieces) for name in piece.defines}
    taken: set[int] = set()
    while missing:
        number = last.get(missing.pop(), last.get("*"))
        if number is not None and number not in taken:
            taken.add(number)
            missing |= pieces[number].needs - given
    return joined("".join(pieces[number].source for number in sorted(taken)), source) if taken else source


@lru_cache(maxsize=64)
def _pieces(source: str) -> tuple[Piece, ...]:
    found = tree(source)
    lines = source.splitlines(keepends=True)
    pieces = []
    for node in found.body if found else ():
        names = _defines(node)
        if not names or (not isinstance(node, _DEFINITION) and _words(node) & _READING - {"stdin"}):
            continue
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        own = "".join(lines[first - 1 : node.end_lineno])
        own = own if own.endswith("\n") else own + "\n"
        if parses(own):
            pieces.append(Piece(own, names, needs(own)))
    return tuple(pieces)


def joined(before: str, source: str) -> str:
    """Two pieces one behind the other; imports from `__future__` go first, as they must."""
    future = _FUTURE.findall(source) if before.strip() else []
    rest = _FUTURE.sub("", source) if future else source
    return "".join(f"{line}\n" for line in future) + before + rest


def _words(node: ast.AST) -> set[str]:
    found: set[str] = set()
    for each in ast.walk(node):
        match each:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.alias(name=word):
                found.add(word)
    return found


def rank(source: str, *, labelled: bool, closed: bool) -> int:
    """How much a piece is a program that reads and writes, from 0, which is none, to 4.

    4: it reads, writes, and does so when it is run; 3: it does no more than write; 2: it defines something
    or has several statements; 1: one statement, or it is said to be Python; 0: a value, an output, a formula
    that nothing says to be a program. One that can't be read is none of them but 1, if it is said to be
    Python; or what its words say, if it is whole.
    """
    found = tree(source)
    if found is None:
        words = set(_WORD.findall(source))
        if words & _READING and words & _WRITING:
            return 4 if closed else 2
        return int(labelled)
    words = _words(found)
    acting = any(_acts(node) for node in found.body)
    if acting and words & _WRITING:
        if words & _READING:
            return 4
        if sum(isinstance(node, ast.stmt) for node in ast.walk(found)) > 1:
            return 3
    if len(found.body) > 1 and not all(isinstance(node, ast.Expr) for node in found.body):
        return 2
    if any(isinstance(node, _DEFINITION) for node in found.body):
        return 2
    statement = any(not isinstance(node, ast.Expr | ast.AnnAssign) for node in found.body)
    return int(labelled or statement or bool(words & _WRITING))


def is_one_line(source: str) -> bool:
    """Whether a piece is one statement, which holds no other."""
    found = tree(source)
    return found is not None and sum(isinstance(node, ast.stmt) for node in ast.walk(found)) == 1


def _acts(node: ast.stmt) -> bool:
    """Whether a statement of the top level does more than to define or import."""
    if isinstance(node, ast.Import | ast.ImportFrom | ast.Pass | _DEFINITION):
        return False
    return not isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr) or any(
        isinstance(each, ast.Call) for each in ast.walk(node)
    )
