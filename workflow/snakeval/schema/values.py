"""What a value of the configuration may be: the types of the keys in `snakeval.schema`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Strict(BaseModel):
    """Unknown keys are errors; objects are immutable once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _number(value: object) -> object:
    # Python counts true as 1; in a configuration it is a slip.
    if isinstance(value, bool):
        raise ValueError("must be a number, not true or false")
    return value


def _split(value: object) -> object:
    # `--config models=a,b` arrives as one string, `--config arenas=` as None.
    if value is None or isinstance(value, str):
        return [part.strip() for part in (value or "").split(",") if part.strip()]
    return value


def _regex(value: str) -> str:
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    if pattern.match(""):
        raise ValueError("matches the empty text, so it would be found in every text")
    return value


# The validator stands last, so that the limits are part of the JSON schema.
_NO_BOOL = BeforeValidator(_number)
PositiveInt = Annotated[int, Field(gt=0), _NO_BOOL]
NonNegativeInt = Annotated[int, Field(ge=0), _NO_BOOL]
PositiveFloat = Annotated[float, Field(gt=0), _NO_BOOL]
NonNegativeFloat = Annotated[float, Field(ge=0), _NO_BOOL]
Fraction = Annotated[float, Field(ge=0, le=1), _NO_BOOL]

# The ranges that OpenAI-compatible servers accept; a top_k of -1 is vLLM's "all tokens".
Temperature = Annotated[float, Field(ge=0, le=10), _NO_BOOL]
TopP = Annotated[float, Field(gt=0, le=1), _NO_BOOL]
TopK = Annotated[int, Field(ge=-1), _NO_BOOL]
Penalty = Annotated[float, Field(ge=-2, le=2), _NO_BOOL]

Text = Annotated[str, Field(min_length=1)]
Names = Annotated[tuple[Text, ...], BeforeValidator(_split)]
Regex = Annotated[str, AfterValidator(_regex)]

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
SLUG = r"^[a-z0-9][a-z0-9._-]*$"
# With {1} for what the first wildcard of a pattern stands for.
SLUG_TEMPLATE = r"^([a-z0-9]|\{[1-9][0-9]*\})([a-z0-9._-]|\{[1-9][0-9]*\})*$"
VARIABLE = r"^[A-Za-z_][A-Za-z0-9_]*$"
SHA256 = r"^[0-9a-f]{64}$"
COMMIT = r"^[0-9a-f]{40}$"
REPOSITORY = r"^[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*$"
PASS_AT_K = r"^pass@[1-9][0-9]*$"
IN_WORDS = {
    PASS_AT_K: "pass@1, or pass@ and another number of samples",
    NAME: "letters, digits, '.', '_' and '-', the first a letter or digit",
    SLUG: "lower-case letters, digits, '.', '_' and '-', the first a letter or digit",
    SLUG_TEMPLATE: "lower-case letters, digits, '.', '_' and '-', the first a letter or digit; for a pattern "
    "{1} is what its first wildcard stands for",
    VARIABLE: "the name of an environment variable (letters, digits, '_'), never the key itself",
    SHA256: "64 hexadecimal digits in lower case, as sha256sum prints them",
    COMMIT: "a whole commit, 40 hexadecimal digits in lower case",
    REPOSITORY: "owner/name of a repository",
}
Name = Annotated[str, Field(pattern=NAME)]
SlugTemplate = Annotated[str, Field(pattern=SLUG_TEMPLATE)]
ApiKeyVariable = Annotated[str, Field(pattern=VARIABLE)]
Sha256 = Annotated[str, Field(pattern=SHA256)]
Commit = Annotated[str, Field(pattern=COMMIT)]
Repository = Annotated[str, Field(pattern=REPOSITORY)]
