"""A model's small files: read from a local folder, or fetched from the Hugging Face hub."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snakeval.models.checkpoints import INDEX, IncompleteError, corrected_index
from snakeval.models.fingerprint import fingerprint
from snakeval.models.gguf import GgufError, read_gguf, weights_file
from snakeval.models.hub import HubError, HubUnreachableError, explained
from snakeval.models.kinds import ADAPTER, base_of, other_than_a_model
from snakeval.models.tensors import elements_of, known_elements
from snakeval.models.values import part, whole

if TYPE_CHECKING:
    from snakeval.schema import Model

log = logging.getLogger(__name__)

SMALL_FILES = (
    "config.json",
    "generation_config.json",
    "tokenizer_config.json",
    "chat_template.jinja",
    "chat_template.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "tokenizer.json",
    "tekken.json",
    INDEX,
)


class ModelFilesError(ValueError):
    """A model's files can't be had or read; the message names the model and what to do."""


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """What a model's folder says about it.

    `path` is the folder that holds the small files. `resolved_revision` is the hub's commit, or a
    fingerprint of a local folder's content; `origin` says which. `weight_bytes` is the size of the
    weights on disk, None where nobody says; `elements` has the numbers in them by dtype, as safetensors
    names it, nothing where nobody says. `chat_template` names the file that holds the chat template, None
    without one; `template` is its text where no file of its own holds it.
    """

    path: Path
    resolved_revision: str
    origin: str
    config: dict[str, Any]
    generation_config: dict[str, Any] | None
    chat_template: str | None
    weight_bytes: int | None
    elements: Mapping[str, int] = field(default_factory=dict)
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Hub:
    """The two functions of huggingface_hub that are used; tests give their own."""

    model_info: Callable[..., Any]
    download: Callable[..., str]


def resolve(model: Model, root: Path = Path(), hub: Hub | None = None) -> ModelFiles | None:
    """Find a model's files: a folder (relative to `root`) with a config.json, else the hub.

    Returns None for a model that somebody else serves (`engine: external`, `hosted`) and that is no
    folder here: its name need not be the hub's. Raises ModelFilesError.
    """
    folder = root / Path(model.model).expanduser()
    if model.engine == "llama_cpp":
        return _from_gguf(folder)
    if (folder / "config.json").is_file():
        return _from_folder(folder)
    if model.hosted or model.engine == "external":
        return None
    if folder.is_dir():
        raise ModelFilesError(f"model: '{model.model}': the folder {folder} has no config.json")
    if model.model.startswith((".", "/", "~")):
        raise ModelFilesError(f"model: '{model.model}': there is no folder {folder}")
    try:
        return _from_hub(model.model, model.revision, hub or _real_hub())
    except HubError as error:
        raise ModelFilesError(str(error)) from error


def _real_hub() -> Hub:
    from huggingface_hub import HfApi, hf_hub_download

    return Hub(model_info=HfApi().model_info, download=hf_hub_download)


def _from_gguf(path: Path) -> ModelFiles:
    try:
        said = read_gguf(path)
    except (GgufError, OSError) as error:
        raise ModelFilesError(f"model: '{path}' {error}") from error
    return ModelFiles(
        path=weights_file(path),
        resolved_revision=fingerprint(path),
        origin="fingerprint of the file's content",
        config=said.config(),
        generation_config=None,
        chat_template="tokenizer.chat_template" if said.chat_template else None,
        weight_bytes=said.size,
        elements={"gguf": said.parameters},
        template=said.chat_template,
    )


def _from_folder(folder: Path) -> ModelFiles:
    sizes = {path.name: _tensor_bytes(path) for path in folder.iterdir() if path.is_file()}
    try:
        index = corrected_index(folder)
    except IncompleteError:
        index = None  # files may be elsewhere, with a server that somebody else runs
    return _read(folder, fingerprint(folder), "fingerprint of the folder's content", sizes, index)


def _from_hub(name: str, revision: str | None, hub: Hub) -> ModelFiles:
    """Ask the hub; when it can't be reached, take what its cache holds of that revision."""
    said = f"model '{name}'"
    try:
        with explained(said, revision):
            info = hub.model_info(name, revision=revision, files_metadata=True)
    except HubUnreachableError:
        return _from_cache(name, revision, hub)
    sizes = {sibling.rfilename: sibling.size for sibling in info.siblings or ()}
    top = [file for file in sizes if "/" not in file]
    if other := other_than_a_model(top, _base(name, info.sha, hub, sizes)):
        raise ModelFilesError(f"{said} {other}")
    if "config.json" not in sizes:
        raise ModelFilesError(f"{said} has no config.json at revision '{info.sha}'")
    with explained(said, info.sha):
        paths = [hub.download(name, file, revision=info.sha) for file in SMALL_FILES if file in sizes]
    elements = known_elements(getattr(getattr(info, "safetensors", None), "parameters", None))
    origin = "commit on the Hugging Face hub"
    return _read(Path(paths[0]).parent, info.sha, origin, sizes, elements=elements)


def _base(name: str, revision: str, hub: Hub, sizes: Mapping[str, int | None]) -> str | None:
    """The base model of a repository that holds an adapter."""
    if ADAPTER not in sizes:
        return None
    with explained(f"model '{name}'", revision):
        return base_of(Path(hub.download(name, ADAPTER, revision=revision)).parent)


def _from_cache(name: str, revision: str | None, hub: Hub) -> ModelFiles:
    with explained(f"model '{name}'", revision):
        config = Path(hub.download(name, "config.json", revision=revision, local_files_only=True))
    # The cache keeps a commit's files in a folder that bears the commit's name.
    folder = config.parent
    if not (folder / "generation_config.json").is_file():
        log.warning("%s: no generation_config.json in the cache: no sampling defaults are taken", folder)
    sizes = {path.name: _tensor_bytes(path) for path in folder.iterdir() if path.is_file()}
    return _read(folder, folder.name, "commit in the Hugging Face cache, the hub was not reached", sizes)


def _read(
    folder: Path,
    revision: str,
    origin: str,
    sizes: Mapping[str, int | None],
    index: Mapping[str, Any] | None = None,
    elements: Mapping[str, int] | None = None,
) -> ModelFiles:
    """Put together what is known; without `elements` the headers of the files in `folder` are read."""
    config = _json(folder / "config.json")
    if config is None:
        raise ModelFilesError(f"{folder} has no config.json")
    index = index or _json(folder / INDEX) or {}
    names = _weight_names(index, sizes)
    if elements is None:
        elements = elements_of(folder / name for name in sorted(names))
    return ModelFiles(
        path=folder,
        resolved_revision=revision,
        origin=origin,
        config=config,
        generation_config=_json(folder / "generation_config.json"),
        chat_template=_chat_template(folder),
        weight_bytes=_weight_bytes(names, index, sizes),
        elements=elements,
    )


def _chat_template(folder: Path) -> str | None:
    """Name the file whose chat template counts, in the order in which transformers looks."""
    for name in ("chat_template.jinja", "chat_template.json"):
        if (folder / name).is_file():
            return name
    tokenizer = _json(folder / "tokenizer_config.json") or {}
    return "tokenizer_config.json" if tokenizer.get("chat_template") else None


def _weight_names(index: Mapping[str, Any], sizes: Mapping[str, int | None]) -> set[str]:
    """The files that the index names; without an index the safetensors files, else the .bin files.

    A folder may hold the weights twice (sharded and consolidated), so the index comes first.
    """
    names = {name for name in part(index, "weight_map").values() if isinstance(name, str)}
    for pattern in ("model*.safetensors", "*.safetensors", "pytorch_model*.bin"):
        names = names or {name for name in sizes if Path(name).match(pattern) and "/" not in name}
    return names


def _weight_bytes(names: set[str], index: Mapping[str, Any], sizes: Mapping[str, int | None]) -> int | None:
    """Sum the files; when the size of one is not known the index's own `total_size` stands in."""
    found = [sizes.get(name) for name in names]
    if found and None not in found:
        return sum(size for size in found if size is not None)
    return whole(part(index, "metadata").get("total_size"))


def _tensor_bytes(path: Path) -> int:
    """Size of a file; of a safetensors file without its header, whose length its first 8 bytes give."""
    size = path.stat().st_size
    if path.suffix != ".safetensors" or size < 8:
        return size
    with path.open("rb") as file:
        return max(0, size - 8 - int.from_bytes(file.read(8), "little"))


def _json(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelFilesError(f"{path}: not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ModelFilesError(f"{path}: holds a {type(value).__name__}, expected an object")
    return value
