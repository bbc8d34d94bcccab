"""What a value of the configuration may be: the types of the keys in `snakeval.schema`."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field


class Wrong(AttributeError):
    """The value of a key that was read is the one that is wrong in its file."""


class Strict(BaseModel):
    """Unknown keys are errors; objects are immutable once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    if not TYPE_CHECKING:  # or any name would pass for a key

        def __getattr__(self, name: str) -> object:
            if name in type(self).model_fields:
                raise Wrong(name)
            return super().__getattr__(name)


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


# What Snakeval itself puts into each request, or what would change how many answers there are, or their form.
_OWN_KEYS = {
    **dict.fromkeys(("messages", "prompt", "input"), "the prompt is the problem's"),
    **dict.fromkeys(("stream", "stream_options"), "answers are read whole"),
    **dict.fromkeys(("n", "best_of"), "each sample is a request of its own: set n_samples"),
    "model": "set 'model', or 'served_model_name'",
    "echo": "the prompt would be graded with the answer",
}


def _body(value: dict[str, object]) -> dict[str, object]:
    for key, why in _OWN_KEYS.items():
        if key in value:
            raise ValueError(f"'{key}' can't be set here: {why}")
    if value.get("seed") is not None:
        raise ValueError("'seed' can't be set here: each sample has its own, made from the settings' seed")
    if (what := _no_json(value)) is not None:
        raise ValueError(f"holds {what}, which JSON has not")
    return value


def _no_json(value: object) -> str | None:
    """What of a value is nothing that JSON holds, None where all of it is."""
    if value is None or isinstance(value, str | bool | int):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else f"the number {value}"
    if isinstance(value, dict):
        if odd := next((key for key in value if not isinstance(key, str)), None):
            return f"the key {odd!r}, no text"
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return f"a value of type {type(value).__name__}"
    return next((found for each in value if (found := _no_json(each)) is not None), None)


URL_EXAMPLE = "http://localhost:8000/v1"
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%\w+)?")


def check_url(value: str) -> str:
    """The address of a server, as it is. Raises ValueError, with words that do not repeat it."""
    try:
        parts = urlsplit(value.strip())
        host, port, secret = parts.hostname or "", parts.port, parts.username or parts.password
    except ValueError:
        raise ValueError(
            f"must be a URL with a host and a port from 1 to 65535, as in {URL_EXAMPLE}"
        ) from None
    if secret or "@" in parts.netloc:
        raise ValueError(
            "holds a user's name or a password, which results and logs would show: leave it out, and have "
            "api_key_env name a variable that holds the key, or api_key_file a file"
        )
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or port == 0:
        raise ValueError(f"must be a URL, as in {URL_EXAMPLE}")
    if parts.query or parts.fragment or re.search(r"\s", value.strip()):
        raise ValueError(f"must be a URL without '?', '#' and spaces, as in {URL_EXAMPLE}")
    return value


# What these start is no descendant of theirs: nothing here could end it.
_ELSEWHERE = ("docker", "kubectl", "salloc", "sbatch", "srun", "ssh")


def _command(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    words = (value,) if isinstance(value, str) else value
    if not words:
        raise ValueError("names no program; without this key the one that is installed is taken")
    if away := next((word for word in words if word.rpartition("/")[2] in _ELSEWHERE), None):
        raise ValueError(
            f"goes through '{away}', whose processes nothing here could end: name a command that becomes the "
            "engine or is its parent, as apptainer is"
        )
    return value


# The validator stands last, so that the limits are part of the JSON schema.
_NO_BOOL = BeforeValidator(_number)
PositiveInt = Annotated[int, Field(gt=0), _NO_BOOL]
NonNegativeInt = Annotated[int, Field(ge=0), _NO_BOOL]
PositiveFloat = Annotated[float, Field(gt=0), _NO_BOOL]
# Of what there is a row, a request or a round each: more is a slip, and would fill the memory.
MOST = 1_000_000
Count = Annotated[int, Field(gt=0, le=MOST), _NO_BOOL]
CountOrNone = Annotated[int, Field(ge=0, le=MOST), _NO_BOOL]
NonNegativeFloat = Annotated[float, Field(ge=0), _NO_BOOL]
Fraction = Annotated[float, Field(ge=0, le=1), _NO_BOOL]

# The ranges that OpenAI-compatible servers accept; a top_k of -1 is vLLM's "all tokens".
Temperature = Annotated[float, Field(ge=0, le=10), _NO_BOOL]
TopP = Annotated[float, Field(gt=0, le=1), _NO_BOOL]
TopK = Annotated[int, Field(ge=-1), _NO_BOOL]
Penalty = Annotated[float, Field(ge=-2, le=2), _NO_BOOL]

Text = Annotated[str, Field(min_length=1)]
Command = Annotated[Text | tuple[Text, ...], AfterValidator(_command)]
Names = Annotated[tuple[Text, ...], BeforeValidator(_split)]
Regex = Annotated[str, AfterValidator(_regex)]
Url = Annotated[str, AfterValidator(check_url)]
Body = Annotated[dict[str, object], AfterValidator(_body)]

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
LONGEST_NAME = 100  # they are parts of files' names, of which several make one
Name = Annotated[str, Field(pattern=NAME, max_length=LONGEST_NAME)]
SlugTemplate = Annotated[str, Field(pattern=SLUG_TEMPLATE, max_length=LONGEST_NAME)]
ApiKeyVariable = Annotated[str, Field(pattern=VARIABLE)]
Sha256 = Annotated[str, Field(pattern=SHA256)]
Commit = Annotated[str, Field(pattern=COMMIT)]
Repository = Annotated[str, Field(pattern=REPOSITORY)]
