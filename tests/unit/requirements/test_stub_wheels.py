"""The wheels without code are wheels, and always the same bytes."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

from requirements.stub_wheels import STUBS, write_stub_wheels


def test_stub_wheels_are_valid_and_always_the_same(tmp_path: Path) -> None:
    wheels = write_stub_wheels(tmp_path / "one")
    assert [wheel.read_bytes() for wheel in wheels] == [
        w.read_bytes() for w in write_stub_wheels(tmp_path / "two")
    ]
    for wheel, (name, version) in zip(wheels, STUBS.items(), strict=True):
        info = f"{name}-{version}.dist-info"
        distribution = PathDistribution(zipfile.Path(wheel, f"{info}/"))
        assert (distribution.name, distribution.version) == (name, version)
        with zipfile.ZipFile(wheel) as archive:
            for line in archive.read(f"{info}/RECORD").decode().splitlines():
                path, sha, size = line.split(",")
                if path != f"{info}/RECORD":
                    content = archive.read(path)
                    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
                    assert (sha, int(size)) == (f"sha256={digest}", len(content))
