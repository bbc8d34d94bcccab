"""Names of models in the configuration -> models with their slugs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from snakeval.config.adapters import look_for, split_adapter, with_adapter
from snakeval.config.engines import gguf_model
from snakeval.config.errors import Report, as_far_as_right, listed
from snakeval.config.found import Checkpoint, Found
from snakeval.config.matches import look
from snakeval.config.naming import hosted, member, named, split_agent, with_agent
from snakeval.config.places import Place
from snakeval.config.reading import Files
from snakeval.config.recorded import check_recorded
from snakeval.config.unfound import no_folder, no_model, unknown
from snakeval.models.checkpoints import missing
from snakeval.models.names import (
    is_hub_id,
    is_path,
    is_pattern,
    is_s3,
    provider_of,
    split_revision,
)
from snakeval.schema import Agent, Model

LONGEST_SLUG = 200
Check = Callable[[Model, Place], None]


class Models:
    """The models that the configuration names, by slug, in the order in which they were asked for.

    `check` is called once for each model. `known` is what the patterns stand for, where the main process
    of a workflow has looked and this is one of its jobs; otherwise folders are looked at.
    """

    def __init__(
        self, root: Path, files: Files, report: Report, check: Check, known: Found | None = None
    ) -> None:
        self._root = root
        self._files = files
        self._report = report
        self._check = check
        self._known = known
        self._found: dict[str, tuple[Checkpoint, ...]] = {}
        self.stored: dict[str, tuple[str, ...]] = {}
        """The files of the models on S3, by slug."""
        self.agents: dict[str, Agent] = {}
        """The agents that these models have, by name."""
        self._slugs: dict[tuple[str, str], tuple[str, ...]] = {}
        self._places: dict[str, Place] = {}
        self._served: dict[str, Model] = {}

    @property
    def served(self) -> Mapping[str, Model]:
        """All models so far."""
        return self._served

    @property
    def places(self) -> Mapping[str, Place]:
        """Where each of them is described."""
        return self._places

    @property
    def found(self) -> Found:
        """The checkpoints of each pattern so far."""
        return self._found

    def names_one(self, name: str) -> bool:
        """Whether a name is that of a file in config/models, an API model's or a Hugging Face id."""
        files = self._files.names("models")
        name, _ = split_adapter(split_agent(name, files, self._root)[0], files, self._root)
        return name in files or provider_of(name) is not None or is_hub_id(split_revision(name)[0])

    def check_answers(self, slug: str, benchmarks: Sequence[str]) -> None:
        """Note where a model's answers are recorded, but not to all of these benchmarks."""
        known = self._files.names("benchmarks")
        check_recorded(self._served[slug], self._places[slug], benchmarks, known, self._report)

    def one(self, name: str, file: str, key: str, changes: Mapping[str, object] | None = None) -> str | None:
        """Slug of the one model that `key` of `file` names; None where that is a mistake, which is noted.

        `changes` stand over what the model's own file sets: a judge's address, key and concurrency.
        """
        slugs = self.several(name, file, key, changes)
        if len(slugs) > 1:
            self._report.add(file, key, f"'{name}' names {len(slugs)} models ({listed(slugs)}), expected one")
            return None
        return slugs[0] if slugs else None

    def several(
        self, name: str, file: str, key: str, changes: Mapping[str, object] | None = None
    ) -> tuple[str, ...]:
        """Slugs of the models that an entry names: several for a pattern, none for a mistake."""
        entry = (name, repr(changes or {}))
        if entry not in self._slugs:
            files = self._files.names("models")
            bare, agent = split_agent(name, files, self._root)
            bare, adapter = split_adapter(bare, files, self._root)
            known = bare in files
            model = self._files.read("models", bare, Model) if known else Model(model=bare)
            # A file's slug is that of what it describes, not of what is named beside it.
            base = model.slug if model and adapter else None
            if model and adapter:
                model = model.model_copy(update={"adapter": adapter, "slug": None})
            place = Place(self._files.label("models", bare)) if known else Place(file, key)
            if model is not None and agent is not None:
                if model.agent:
                    message = f"'{bare}' has the agent '{model.agent}' already: name it alone"
                    self._report.add(file, key, message)
                model = with_agent(model, agent)
            if model is not None and model.agent is not None:
                where = (file, key) if agent else (place.file, place.key("agent"))
                self._find_agent(model.agent, *where)
            found = None if model is None else self._find(model.model_copy(update=changes), place, base)
            self._slugs[entry] = tuple(filter(None, (self._add(*each, place) for each in found or ())))
        return self._slugs[entry]

    @as_far_as_right
    def _add(self, model: Model, name: str, place: Place) -> str | None:
        if len(name) > LONGEST_SLUG:
            message = f"the slug has {len(name)} characters; at most {LONGEST_SLUG} may be: set a shorter one"
            self._report.add(place.file, place.key("slug"), message)
            return None
        first = self._served.setdefault(name, model)
        if first != model:
            other = self._places[name]
            self._report.add(
                place.file,
                place.key("slug"),
                f"'{model.model}' gets the slug '{name}', as another model does ({other}); "
                "give one of them a 'slug' of its own in a file in config/models",
            )
            return None
        if name not in self._places:
            self._places[name] = place
            self._check(model, place)
        return name

    def _find_agent(self, name: str, file: str, key: str) -> None:
        if agent := self._files.find("agents", name, Agent, file, key):
            self.agents[name] = agent

    @as_far_as_right
    def _find(self, model: Model, place: Place, base: str | None = None) -> list[tuple[Model, str]]:
        """(model, slug) of what a file or name stands for; `base` is the slug that an adapter's base has."""
        if model.adapter:
            return self._adapters(model, model.adapter, place, base)
        if "{" in (model.slug or "") and not is_pattern(model.model):
            message = f"'{model.slug}' has places for a pattern's wildcards, and '{model.model}' has none"
            self._report.add(place.file, "slug", message)
            return []
        here = (self._root / Path(model.model).expanduser()).is_dir()
        if provider_of(model.model) and not here and "engine" not in model.model_fields_set:
            model = hosted(model)
        if model.engine in ("external", "recorded"):
            return [(model, named(model))]
        if (gguf := gguf_model(model, place, self._root, self._report)) is not None:
            return gguf
        if is_pattern(model.model) or is_s3(model.model):
            return self._pattern(model, place)
        if here:
            return self._folder(model, place)
        name, revision = split_revision(model.model)
        if is_path(name):
            self._report.add(place.file, place.key("model"), no_folder(model.model, self._root))
            return []
        if not is_hub_id(name) and place.name is not None:
            self._report.add(place.file, place.name, unknown(model.model, self._files.names("models")))
            return []
        return self._on_hub(model, name, revision, place)

    def _adapters(
        self, model: Model, adapter: str, place: Place, base: str | None
    ) -> list[tuple[Model, str]]:
        """The models that a base, which may have a slug, and its adapters are."""
        alone = model.model_copy(update={"adapter": None, "agent": None, "slug": base})
        bases = self._find(alone, place) or []
        found = look_for(
            adapter, bases, self._root, self._known, self._report, place.file, place.key("adapter")
        )
        if is_pattern(adapter):
            self._found[adapter] = found
        try:
            return [with_adapter(model, *bases[0], each.path, self._root) for each in found]
        except ValueError as error:
            self._report.add(place.file, "slug", f"'{model.slug}' {error}")
            return []

    def _on_hub(self, model: Model, name: str, revision: str | None, place: Place) -> list[tuple[Model, str]]:
        if revision and model.revision:
            self._report.add(
                place.file, "revision", f"stands in 'model' as well ('{model.model}'); give it once"
            )
            return []
        model = model.model_copy(update={"model": name, "revision": revision or model.revision})
        organisation = name.partition("/")[0]
        if "/" in name and (self._root / organisation).is_dir():
            self._report.warn(
                place.file,
                place.key("model"),
                f"'{name}' is taken for a Hugging Face id; the folder '{organisation}' here lacks it",
            )
        return [(model, named(model))]

    def _folder(self, model: Model, place: Place) -> list[tuple[Model, str]]:
        folder = self._root / Path(model.model).expanduser()
        if why := no_model(model.model, folder):
            self._report.add(place.file, place.key("model"), why)
            return []
        if self._known is None and (lacking := missing(folder)):
            message = f"the folder '{model.model}' is no complete model: {lacking}"
            self._report.add(place.file, place.key("model"), message)
            return []
        if model.revision:
            self._report.add(
                place.file, "revision", f"'{model.model}' is a local folder, which has no revisions"
            )
            return []
        path = str(Path(model.model).expanduser())
        model = model.model_copy(update={"model": path})
        return [(model, named(model, folder))]

    def _pattern(self, model: Model, place: Place) -> list[tuple[Model, str]]:
        """One model a complete checkpoint, step-9 before step-10; they share what the file sets."""
        stored = is_s3(model.model)
        if stored and model.revision:
            message = f"'{model.model}' is on S3: its files' ETags are its revision"
            self._report.add(place.file, "revision", message)
            return []
        name = model.model.rstrip("/") if stored else str(Path(model.model).expanduser())
        if self._known is not None and name in self._known:
            self._found[name] = self._known[name]
        else:
            self._found[name] = look(name, self._root, self._report, place.file, place.key("model"))
        try:
            entries = [member(model, name, each, self._root) for each in self._found[name]]
        except ValueError as error:
            self._report.add(place.file, "slug", f"'{model.slug}' {error}")
            return []
        for (_, called), found in zip(entries, self._found[name], strict=True):
            if stored:
                self.stored[called] = tuple(f"{found.path}/{file}" for file in found.files)
        return entries
