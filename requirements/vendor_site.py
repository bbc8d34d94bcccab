"""npm packages -> the report's vendored libraries, with versions, licences and digests in a lock.

`python -m requirements.vendor_site` fetches the versions below with `npm pack` and writes
workflow/snakeval/report/site/vendor. The files are committed: nothing but a change of version needs this.
Browsers load no ES module and no font from file://: modules are wrapped, fonts stand in the style sheet.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

SITE = Path(__file__).resolve().parents[1] / "workflow" / "snakeval" / "report" / "site"
VENDOR = SITE / "vendor"
LIMIT = 3 << 20  # bytes of all of them together
PACKAGES = {
    "@highlightjs/cdn-assets": "11.12.0",
    "@tanstack/virtual-core": "3.19.11",
    "katex": "0.19.1",
    "uplot": "1.6.32",
}
Files = Mapping[str, bytes]  # a package's files by their path in it


def highlight(files: Files) -> dict[str, bytes]:
    """The highlighter with its common languages; the report has colours of its own."""
    return {"highlight.js": files["highlight.min.js"]}


def virtual(files: Files) -> dict[str, bytes]:
    """The virtual list, its CommonJS modules as functions of one script, without their comments."""
    modules = {
        path.removeprefix("dist/cjs/"): _shortened(text.decode())
        for path, text in files.items()
        if re.fullmatch(r"dist/cjs/[^/]+\.cjs", path)
    }
    body = ",\n".join(
        f'"./{name}": function (exports, require) {{\n{text}}}' for name, text in sorted(modules.items())
    )
    start = '"use strict";\nvar VirtualCore = (function (modules) {\n  var made = {};\n'
    start += "  function require(name) {\n"
    start += "    if (!made[name]) { made[name] = {}; modules[name](made[name], require); }\n"
    start += '    return made[name];\n  }\n  return require("./index.cjs");\n})({\n'
    return {"virtual-core.js": f"{start}{body}\n}});\n".encode()}


def _shortened(module: str) -> str:
    """A module without its comments and without what it says to its developers."""
    return re.sub(r"(?m)^\s*//.*\n?", "", module.replace("process.env.NODE_ENV", '"production"'))


def katex(files: Files) -> dict[str, bytes]:
    """The typesetter; its style sheet with the fonts in it, of the formats the one all browsers read."""

    def inlined(match: re.Match[bytes]) -> bytes:
        font = base64.b64encode(files[f"dist/{match[1].decode()}"])
        return b"src:url(data:font/woff2;base64," + font + b') format("woff2")'

    css = re.sub(rb'src:url\(([^)]+\.woff2)\) format\("woff2"\)[^;}]*', inlined, files["dist/katex.min.css"])
    return {"katex.js": files["dist/katex.min.js"], "katex.css": css}


def uplot(files: Files) -> dict[str, bytes]:
    """The plotter and its style sheet."""
    return {"uplot.js": files["dist/uPlot.iife.min.js"], "uplot.css": files["dist/uPlot.min.css"]}


TAKE: dict[str, Callable[[Files], dict[str, bytes]]] = {
    "@highlightjs/cdn-assets": highlight,
    "@tanstack/virtual-core": virtual,
    "katex": katex,
    "uplot": uplot,
}


def packed(name: str, version: str, folder: Path) -> tuple[str, Files]:
    """(npm's integrity of a package's archive, the files in it), fetched with the client's own settings."""
    command = ["npm", "pack", "--json", f"{name}@{version}"]
    said: list[dict[str, Any]] = json.loads(
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    )
    archive = (folder / said[0]["filename"]).read_bytes()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    if integrity != said[0]["integrity"]:
        raise SystemExit(f"{name}: the archive is not the one that npm announced")
    with tarfile.open(folder / said[0]["filename"]) as tar:
        members = [member for member in tar.getmembers() if member.isfile()]
        found = {member.name.partition("/")[2]: tar.extractfile(member) for member in members}
        return integrity, {path: file.read() for path, file in found.items() if file}


def main() -> None:
    """Write the libraries, their licences and the lock."""
    lock = {}
    VENDOR.mkdir(parents=True, exist_ok=True)
    for old in VENDOR.iterdir():
        old.unlink()
    for name, version in PACKAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            integrity, files = packed(name, version, Path(folder))
        licence = next(files[path] for path in ("LICENSE", "LICENSE.txt", "LICENSE.md") if path in files)
        taken = {**TAKE[name](files), f"{name.replace('@', '').replace('/', '-')}.LICENSE": licence}
        for file, content in taken.items():
            (VENDOR / file).write_bytes(content)
        lock[name] = {
            "version": version,
            "licence": json.loads(files["package.json"])["license"],
            "integrity": integrity,
            "files": {file: hashlib.sha256(content).hexdigest() for file, content in sorted(taken.items())},
        }
    (VENDOR / "lock.json").write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in VENDOR.iterdir())
    print(f"{size / 1e6:.2f} MB in {VENDOR}")
    if size > LIMIT:
        raise SystemExit(f"more than {LIMIT} bytes")


if __name__ == "__main__":
    main()
