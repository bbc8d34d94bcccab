"""A Hugging Face hub in a folder: what the tests give instead of huggingface_hub's functions."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from huggingface_hub import errors

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def refusal(kind: type[Exception]) -> Exception:
    """One of huggingface_hub's own errors; those of HTTP need a response."""
    if not issubclass(kind, errors.HfHubHTTPError):
        return kind("as the hub says it")
    http: Any = kind
    error: Exception = http("as the hub says it", response=SimpleNamespace(headers={}, request=None))
    return error


@dataclass
class FakeHub:
    """Answers from `folder`/snapshots/COMMIT, or fails with `failure`; `asked` records the calls.

    `cached` says whether the files are found with local_files_only too.
    """

    folder: Path
    failure: Exception | None = None
    download_failure: Exception | None = None
    cached: bool = True
    sizes: dict[str, int] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.snapshot_folder.mkdir(parents=True)

    @property
    def snapshot_folder(self) -> Path:
        return self.folder / "snapshots" / COMMIT

    def add(self, name: str, text: str) -> None:
        path = self.snapshot_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def names(self) -> list[str]:
        files = (path for path in self.snapshot_folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.snapshot_folder).as_posix() for path in files)

    def model_info(self, repo_id: str, *, revision: str | None, files_metadata: bool) -> Any:
        self.asked.append(("model_info", revision))
        assert files_metadata
        if self.failure:
            raise self.failure
        sizes = {name: (self.snapshot_folder / name).stat().st_size for name in self.names()} | self.sizes
        siblings = [SimpleNamespace(rfilename=name, size=size) for name, size in sizes.items()]
        return SimpleNamespace(sha=COMMIT, siblings=siblings)

    def download(
        self, repo_id: str, name: str, *, revision: str | None, local_files_only: bool = False
    ) -> str:
        self.asked.append((name, revision))
        if self.download_failure:
            raise self.download_failure
        if local_files_only and not self.cached:
            raise errors.LocalEntryNotFoundError("not in the cache")
        return str(self.snapshot_folder / name)

    def list_files(self, *, repo_id: str, repo_type: str, revision: str) -> list[str]:
        assert repo_type == "dataset"
        if self.failure:
            raise self.failure
        return self.names()

    def snapshot(
        self,
        *,
        repo_id: str,
        repo_type: str,
        revision: str,
        allow_patterns: list[str] | None = None,
        local_files_only: bool = False,
    ) -> str:
        self.asked.append(("snapshot", allow_patterns))
        if local_files_only and not self.cached:
            raise errors.LocalEntryNotFoundError("not in the cache")
        return str(self.snapshot_folder)
