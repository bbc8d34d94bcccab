"""What an engine would answer with an error, or ignore, in every request: known before it is started.

The limits are in `snakeval.models.dialects`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from snakeval.models.dialects import VLLM, VLLM_RANGES, Dialect

STOPS_VARIABLE = "VLLM_MAX_STOP_STRINGS"
WHOLE = frozenset({"top_k", "n", "max_tokens", "max_completion_tokens", "min_tokens", "seed"})
# More than any task has.
ANY_STOPS = 1 << 20


def most_stops(env: Mapping[str, str], dialect: Dialect = VLLM) -> int:
    """How many stop strings an engine takes that is started with these variables."""
    if dialect is not VLLM:
        return ANY_STOPS if dialect.stops is None else dialect.stops
    try:
        return int(env.get(STOPS_VARIABLE, VLLM.stops or 0))
    except ValueError:
        return VLLM.stops or 0


def refused(body: Mapping[str, object], env: Mapping[str, str], dialect: Dialect = VLLM) -> dict[str, str]:
    """Of a request's parameters those that no request could be answered with as meant, each with the reason.

    `env` is what the engine is started with besides. A parameter that is None is not sent, or is the default.
    """
    sent = {key: value for key, value in body.items() if value is not None}
    found = {key: why for key, value in sent.items() if (why := _number(key, value, dialect))}
    if "stop" in sent and (why := _stops(sent["stop"], most_stops(env, dialect), dialect)):
        found["stop"] = why
    for key in sent:
        if key in dialect.instead or (dialect.known is not None and key not in dialect.known):
            instead = dialect.instead.get(key, "nothing")
            found[key] = (
                f"is ignored by {dialect.name}, which then answers freely: write {instead} in its place"
            )
    for key, why in _together(sent, dialect).items():
        found.setdefault(key, why)
    return found


def _number(key: str, value: object, dialect: Dialect) -> str | None:
    """Why a number is refused; None where it is not, or is none of those that are checked."""
    if key not in VLLM_RANGES and key not in WHOLE:
        return None
    try:
        number = float(str(value))  # to vLLM a text that says a number is one
    except (TypeError, ValueError, OverflowError):
        return f"is {value!r}, and {dialect.name} takes a number only"
    if key in WHOLE and not number.is_integer():
        return f"is {number:g}, and {dialect.name} takes whole numbers only"
    least, beyond, largest = dialect.ranges.get(key, (-math.inf, False, math.inf))
    within = least <= number <= largest and not (beyond and number == least) and math.isfinite(number)
    if within and dialect.holes.get(key) != number:
        return None
    low = f"above {least:g}" if beyond else f"{least:g} or more"
    high = "" if largest == math.inf else f", at most {largest:g}"
    but = f", and not {dialect.holes[key]:g}" if key in dialect.holes else ""
    return f"is {number:g}, and {dialect.name} {dialect.beyond} unless it is {low}{high}{but}"


def _stops(stop: object, most: int, dialect: Dialect) -> str | None:
    strings = [stop] if isinstance(stop, str) else stop
    if not isinstance(strings, Sequence) or not all(isinstance(each, str) for each in strings):
        return "must be text or a list of texts"
    if not all(strings):
        return f"has an empty text, which {dialect.name} answers with an error"
    if len(strings) > most:
        more = f", or set {STOPS_VARIABLE}: '{len(strings)}' under 'env' in the model's file"
        return (
            f"has {len(strings)} texts, and {dialect.name} answers every request with more than {most} with "
            f"an error: leave some out{more if dialect is VLLM else ''}"
        )
    return None


def _together(sent: Mapping[str, object], dialect: Dialect) -> dict[str, str]:
    """What is refused because of another parameter."""
    found = {}
    temperature, n = sent.get("temperature"), sent.get("n")
    if isinstance(n, int) and n > 1 and temperature == 0 and not dialect.repeats:
        found["n"] = (
            f"is {n} at temperature 0, where all answers would be the same and vLLM gives an "
            "error: set a temperature, or 'n_samples' of the benchmark in its place"
        )
    least = sent.get("min_tokens")
    for key in ("max_tokens", "max_completion_tokens"):
        most = sent.get(key)
        if isinstance(least, int) and isinstance(most, int) and least > most:
            found["min_tokens"] = f"is {least}, more than {key}, {most}"
    if sent.get("top_logprobs") and not sent.get("logprobs"):
        found["top_logprobs"] = f"needs 'logprobs: true'; {dialect.name} answers with an error otherwise"
    kinds = sent.get("structured_outputs")
    if isinstance(kinds, Mapping):
        given = [key for key in ("json", "regex", "choice") if kinds.get(key) is not None]
        if len(given) > 1:
            found["structured_outputs"] = f"has {' and '.join(given)}, and vLLM takes one of them only"
    return found
