"""Names of LoRA adapters in the configuration, `base+adapter` -> models that their base is served with."""

from __future__ import annotations

import glob
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from snakeval.config.errors import Report, listed
from snakeval.config.found import Checkpoint, Found
from snakeval.config.naming import adapter_slug
from snakeval.models.adapters import matching, unfit
from snakeval.models.names import is_hub_id, is_path, is_pattern, is_s3, left_open, split_revision
from snakeval.schema import Model
from snakeval.schema.values import COMMIT

PLUS = "+"


def split_adapter(name: str, files: Collection[str], root: Path) -> tuple[str, str | None]:
    """Split `base+adapter`; the name of a file in config/models, or of folders that are there, is whole."""
    base, plus, adapter = name.partition(PLUS)
    if not plus or not base or not adapter or name in files:
        return name, None
    there = bool(glob.glob(str(Path(name).expanduser()), root_dir=root))  # noqa: PTH207 - also absolute ones
    named = "/" in adapter or is_pattern(adapter) or (root / Path(adapter).expanduser()).is_dir()
    return (name, None) if there or not named else (base, adapter)


def look_for(
    adapter: str,
    bases: Sequence[tuple[Model, str]],
    root: Path,
    known: Found | None,
    report: Report,
    file: str,
    key: str,
) -> tuple[Checkpoint, ...]:
    """The adapters that a folder, a pattern of folders or an id on the hub stands for; mistakes are noted.

    `bases` are the models that the name of their base stands for, with their slugs: one. `known` is what
    patterns stood for when the workflow started, where this is one of its jobs.
    """
    if len(bases) != 1 or bases[0][0].engine != "vllm" or is_s3(bases[0][0].model):
        if bases:  # else a mistake has been noted
            report.add(file, key, f"'{adapter}' needs one base, that vLLM serves here and is not on S3")
        return ()
    if is_pattern(adapter):
        if known is not None and adapter in known:
            return known[adapter]
        found, lacking = matching(adapter, root)
        said = listed([f"{path} ({why})" for path, why in lacking.items()])
        if not found:
            reason = f"no adapter that can be served: {said}" if lacking else "no folder"
            report.add(file, key, f"the pattern '{adapter}' matches {reason}")
        elif lacking:
            report.warn(file, key, f"left out, because not complete (yet) or not served: {said}")
        return tuple(map(Checkpoint, found))
    if (root / Path(adapter).expanduser()).is_dir() or is_path(adapter):
        if known is None and (why := unfit(root / Path(adapter).expanduser())):
            report.add(file, key, f"'{adapter}' is no LoRA adapter that can be served: {why}")
            return ()
        return (Checkpoint(str(Path(adapter).expanduser())),)
    name, revision = split_revision(adapter)
    if not is_hub_id(name) or not re.fullmatch(COMMIT, revision or ""):
        what = "no folder of an adapter, and no 'organisation/name@commit' with a whole commit"
        report.add(file, key, f"'{adapter}' is {what}")
        return ()
    return (Checkpoint(adapter),)


def with_adapter(model: Model, base: Model, slug: str, found: str, root: Path) -> tuple[Model, str]:
    """A base, which has a slug, with an adapter that was found for `model`, and its own slug.

    Requests name it by that, without its agent. Raises ValueError where a template of slugs does not fit.
    """
    assert model.adapter is not None, "models without an adapter do not come here"
    pattern = model.adapter if is_pattern(model.adapter) else None
    own = adapter_slug(model, slug, found, pattern, root)
    label = " ".join([model.label, *left_open(found, pattern or "")]) if model.label else None
    changes = {"adapter": found, "served_model_name": own, "slug": None, "label": label, "agent": model.agent}
    return base.model_copy(update=changes), f"{own}-agent-{model.agent}".lower() if model.agent else own
