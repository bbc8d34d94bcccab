"""Files of a benchmark that are elsewhere: behind a URL, or in a data set on the Hugging Face hub."""

from __future__ import annotations

import hashlib
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from snakeval.models.hub import HubError, HubUnreachableError, explained
from snakeval.system.files import replacing

if TYPE_CHECKING:
    from snakeval.schema import Source

TIMEOUT_SECONDS = 60
CHUNK_BYTES = 1 << 20
SUFFIXES = (".parquet", ".jsonl", ".json", ".csv")
NAMES_SHOWN = 12


class FetchError(ValueError):
    """A file can't be had, or is not the one that was pinned; the message says which."""


def cache_folder() -> Path:
    """Where downloads are kept: SNAKEVAL_CACHE, else ~/.cache/snakeval."""
    return Path(os.environ.get("SNAKEVAL_CACHE") or "~/.cache/snakeval").expanduser()


def fetch_url(url: str, sha256: str) -> Path:
    """Download a file once and return its path in the cache, its content checked each time.

    Raises FetchError when it can't be had or its SHA-256 is another.
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise FetchError(f"{url}: not http or https; use source.file for a local file")
    path = cache_folder() / "urls" / sha256 / (PurePosixPath(parts.path).name or "data")
    if path.is_file() and _sha256(path) == sha256:
        return path
    with replacing(path) as temporary:
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer, temporary.open("wb") as file:
                while chunk := answer.read(CHUNK_BYTES):
                    file.write(chunk)
        except (OSError, urllib.error.URLError) as error:
            raise FetchError(f"{url}: can't be downloaded: {error}") from error
        if (found := _sha256(temporary)) != sha256:
            raise FetchError(f"{url}: its sha256 is {found}, source.sha256 says {sha256}: the file changed")
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True, slots=True)
class DatasetHub:
    """The two functions of huggingface_hub that are used; tests give their own."""

    list_files: Callable[..., Sequence[str]]
    snapshot: Callable[..., str]


def _real_hub() -> DatasetHub:
    from huggingface_hub import HfApi, snapshot_download

    return DatasetHub(HfApi().list_repo_files, snapshot_download)


def fetch_dataset(source: Source, hub: DatasetHub | None = None) -> list[Path]:
    """Download the files of one split at the pinned revision into the hub's own cache.

    When the hub can't be reached, what the cache holds of that revision is taken. Raises FetchError.
    """
    hub = hub or _real_hub()
    said = f"data set '{source.dataset}'"
    common = {"repo_id": source.dataset, "repo_type": "dataset", "revision": source.revision}
    try:
        with explained(said, source.revision):
            try:
                with explained(said, source.revision):
                    names = list(hub.list_files(**common))
                    card = Path(hub.snapshot(**common, allow_patterns=["README.md"]))
                cached = False
            except HubUnreachableError:
                card = Path(hub.snapshot(**common, local_files_only=True))
                names = [path.relative_to(card).as_posix() for path in card.rglob("*") if path.is_file()]
                cached = True
            chosen = choose_files(names, _card_configs(card / "README.md"), source.subset, source.split or "")
            folder = card if cached else Path(hub.snapshot(**common, allow_patterns=chosen))
    except HubError as error:
        raise FetchError(str(error)) from error
    except FetchError as error:
        raise FetchError(f"{said} at revision '{source.revision}': {error}") from error
    return [folder / name for name in chosen]


def archives(where: str) -> Callable[[str], str]:
    """How to find NAME.zip: in a folder, or in a data set `organisation/name@revision`, fetched one by one.

    The function returned raises FetchError.
    """
    folder = Path(where).expanduser()
    if folder.is_dir():
        return lambda name: _existing(folder / f"{name}.zip")
    dataset, _, revision = where.partition("@")

    def fetched(name: str) -> str:
        from huggingface_hub import hf_hub_download

        try:
            with explained(f"data set '{dataset}'", revision or None):
                return str(
                    hf_hub_download(dataset, f"{name}.zip", repo_type="dataset", revision=revision or None)
                )
        except HubError as error:
            raise FetchError(str(error)) from error

    return fetched


def _existing(path: Path) -> str:
    if not path.is_file():
        raise FetchError(f"{path}: no such file")
    return str(path.resolve())


def _card_configs(readme: Path) -> list[Mapping[str, Any]]:
    """Return the `configs` block of a data set's README.md: which files make up which split."""
    text = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    match = re.match(r"---\s*\n(.*?)\n---", text, re.DOTALL)
    try:
        head = yaml.safe_load(match[1]) if match else None
    except yaml.YAMLError as error:
        raise FetchError(f"README.md: its head is not YAML: {error}") from error
    configs = head.get("configs") if isinstance(head, dict) else None
    return [config for config in configs or () if isinstance(config, dict)]


def choose_files(
    names: Sequence[str], configs: Sequence[Mapping[str, Any]], subset: str | None, split: str
) -> list[str]:
    """Choose the data files of a subset and split, sorted; the card's `configs` decide if there are any.

    Without them a file belongs to a split (subset) when a folder bears its name, or the file's name has
    it as a part: test.jsonl, main/test-00000-of-00001.parquet, en/test/0000.parquet. A data set of a
    single data file is its split "train". Raises FetchError naming the files there are.
    """
    data = sorted(name for name in names if PurePosixPath(name).suffix in SUFFIXES)
    if declared := _declared(configs, subset):
        patterns = [_pattern(glob) for of, glob in _globs(declared) if of == split]
        chosen = [name for name in data if any(pattern.fullmatch(name) for pattern in patterns)]
    else:
        chosen = [name for name in data if _bears(name, split) and (not subset or _bears(name, subset))]
        if not chosen and split == "train" and len(data) == 1:
            chosen = data
    # The same rows may be there in two formats.
    suffix = next((suffix for suffix in SUFFIXES for name in chosen if name.endswith(suffix)), "")
    chosen = [name for name in chosen if name.endswith(suffix)]
    if not chosen or (
        not subset and not declared and len({str(PurePosixPath(n).parent) for n in chosen}) > 1
    ):
        found = "no data file" if not chosen else "files of several subsets"
        shown = ", ".join(data[:NAMES_SHOWN]) + (", ..." if len(data) > NAMES_SHOWN else "") or "none"
        subsets = ", ".join(str(config.get("config_name")) for config in configs)
        raise FetchError(
            f"{found} for source.split '{split}', source.subset {subset!r}"
            f"{f'; subsets: {subsets}' if subsets else ''}; data files: {shown}"
        )
    _check_shards(chosen)
    return chosen


def _check_shards(names: Sequence[str]) -> None:
    """Refuse part of a split, which a cache may hold: names as x-00000-of-00002 tell how many they are."""
    totals = [(name, int(match[1])) for name in names if (match := re.search(r"-\d+-of-(\d+)", name))]
    for name, total in totals:
        if len(totals) != total:
            raise FetchError(f"only {len(totals)} of the {total} files that belong to {name} are there")


def _declared(configs: Sequence[Mapping[str, Any]], subset: str | None) -> Mapping[str, Any] | None:
    for config in configs:
        named = config.get("config_name", "default")
        default = named == "default" or config.get("default") or len(configs) == 1
        if named == subset or (subset is None and default):
            return config if config.get("data_files") else None
    return None


def _globs(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (split, glob) of a card's config, whose data_files may be written in four ways."""
    files = config["data_files"]
    if isinstance(files, Mapping):
        files = [{"split": split, "path": path} for split, path in files.items()]
    for entry in [files] if isinstance(files, str) else files:
        split, paths = (entry["split"], entry["path"]) if isinstance(entry, Mapping) else ("train", entry)
        for path in [paths] if isinstance(paths, str) else paths:
            yield str(split), str(PurePosixPath(config.get("data_dir") or "", path))


def _pattern(glob: str) -> re.Pattern[str]:
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile(re.sub(r"\*\*/|\*\*|\*|\?|[^*?]+", lambda m: parts.get(m[0]) or re.escape(m[0]), glob))


def _bears(name: str, part: str) -> bool:
    """Whether a folder of a path is called `part`, or its file's name has it between -, _ and dots."""
    path = PurePosixPath(name)
    return part in path.parent.parts or bool(re.search(rf"(^|[-_.]){re.escape(part)}([-_.]|$)", path.name))
