"""What may stand in config/arenas/NAME.yaml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from snakeval.schema.benchmark import Thresholds
from snakeval.schema.values import Commit, NonNegativeInt, PositiveInt, Repository, Sha256, Strict, Text


class OfficialText(Strict):
    """A prompt in a file of somebody's repository: the keys that lead to it, and the digest of its text."""

    path: Text
    key: Annotated[tuple[Text, ...], Field(min_length=1)]
    sha256: Sha256


class Official(Strict):
    """The prompts that published scores were made with, where their authors keep them."""

    repo: Repository
    commit: Commit
    prompt: OfficialText
    system: OfficialText | None = None


class Category(Strict):
    """What is different for the questions of one category."""

    baseline: Text | None = None
    system: Text | None = None
    official_system: OfficialText | None = None


class Arena(Strict):
    """config/arenas/NAME.yaml: questions, baseline and judges of one pairwise comparison."""

    label: str | None = None
    questions: Text
    baseline: Text
    judges: Annotated[tuple[Text, ...], Field(min_length=1)]
    models: tuple[Text, ...] | None = None
    prompt: Text
    system: Text | None = None
    weight: PositiveInt = 3
    convention: Literal["snakeval", "arena-hard-v0.1", "arena-hard-v2.0", "nemo-skills"] = "snakeval"
    style_control: tuple[Literal["length", "markdown"], ...] = ()
    retest: NonNegativeInt = 0
    human: Text | None = None
    widen: tuple[Literal["position", "human"], ...] = ()
    thresholds: Thresholds | None = None
    category_field: Text = "category"
    categories: dict[Text, Category] = Field(default_factory=dict)
    wording: Literal["own", "official", "auto"] = "own"
    official: Official | None = None
    imported: Text | None = None

    @model_validator(mode="after")
    def _official_given(self) -> Arena:
        if self.wording != "own" and self.official is None:
            raise ValueError(f"'wording: {self.wording}' needs 'official', where that wording is")
        if self.official is None and any(each.official_system for each in self.categories.values()):
            raise ValueError(
                "'official_system' of a category goes with 'official', whose repository it is in"
            )
        return self
