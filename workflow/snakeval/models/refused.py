"""What vLLM would answer with an error, or ignore, in every request: known before an engine is started.

The limits are those of vLLM 0.32: vllm/sampling_params.py (SamplingParams._verify_args and the checks that it
calls) and the fields of vllm/entrypoints/openai/*/protocol.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

STOPS, STOPS_VARIABLE = 4, "VLLM_MAX_STOP_STRINGS"
# Named with their least value, whether that itself is refused, and their largest.
RANGES: dict[str, tuple[float, bool, float]] = {
    "temperature": (0, False, 2),
    "top_p": (0, True, 1),
    "min_p": (0, False, 1),
    "presence_penalty": (-2, False, 2),
    "frequency_penalty": (-2, False, 2),
    "repetition_penalty": (0, True, math.inf),
    "top_k": (-1, False, math.inf),
    "n": (1, False, math.inf),
    "max_tokens": (1, False, math.inf),
    "max_completion_tokens": (1, False, math.inf),
    "min_tokens": (0, False, math.inf),
}
WHOLE = frozenset({"top_k", "n", "max_tokens", "max_completion_tokens", "min_tokens", "seed"})
# Removed from vLLM: it answers as if they were not there.
REMOVED = {
    "guided_json": "json",
    "guided_regex": "regex",
    "guided_choice": "choice",
    "guided_grammar": "grammar",
    "guided_whitespace_pattern": "whitespace_pattern",
    "guided_decoding_backend": "",
}


def most_stops(env: Mapping[str, str]) -> int:
    """How many stop strings an engine takes that is started with these variables."""
    try:
        return int(env.get(STOPS_VARIABLE, STOPS))
    except ValueError:
        return STOPS


def refused(body: Mapping[str, object], env: Mapping[str, str]) -> dict[str, str]:
    """Of a request's parameters those that no request could be answered with as meant, each with the reason.

    `env` is what the engine is started with besides. A parameter that is None is not sent, or is the default.
    """
    sent = {key: value for key, value in body.items() if value is not None}
    found = {key: why for key, value in sent.items() if (why := _number(key, value))}
    if "stop" in sent and (why := _stops(sent["stop"], most_stops(env))):
        found["stop"] = why
    for key in REMOVED.keys() & sent.keys():
        instead = f"'structured_outputs: {{{REMOVED[key]}: ...}}'" if REMOVED[key] else "nothing"
        found[key] = f"is ignored by vLLM, which then answers freely: write {instead} in its place"
    for key, why in _together(sent).items():
        found.setdefault(key, why)
    return found


def _number(key: str, value: object) -> str | None:
    """Why a number is refused; None where it is not, or is none of those that are checked."""
    if key not in RANGES and key not in WHOLE:
        return None
    try:
        number = float(str(value))  # to vLLM a text that says a number is one
    except (TypeError, ValueError, OverflowError):
        return f"is {value!r}, and vLLM takes a number only"
    if key in WHOLE and not number.is_integer():
        return f"is {number:g}, and vLLM takes whole numbers only"
    least, beyond, largest = RANGES.get(key, (-math.inf, False, math.inf))
    if least <= number <= largest and not (beyond and number == least) and math.isfinite(number):
        return None
    low = f"above {least:g}" if beyond else f"{least:g} or more"
    high = "" if largest == math.inf else f", at most {largest:g}"
    return f"is {number:g}, and vLLM answers every request with an error unless it is {low}{high}"


def _stops(stop: object, most: int) -> str | None:
    strings = [stop] if isinstance(stop, str) else stop
    if not isinstance(strings, Sequence) or not all(isinstance(each, str) for each in strings):
        return "must be text or a list of texts"
    if not all(strings):
        return "has an empty text, which vLLM answers with an error"
    if len(strings) > most:
        return (
            f"has {len(strings)} texts, and vLLM answers every request with more than {most} with an error: "
            f"leave some out, or set {STOPS_VARIABLE}: '{len(strings)}' under 'env' in the model's file"
        )
    return None


def _together(sent: Mapping[str, object]) -> dict[str, str]:
    """What is refused because of another parameter."""
    found = {}
    temperature, n = sent.get("temperature"), sent.get("n")
    if isinstance(n, int) and n > 1 and temperature == 0:
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
        found["top_logprobs"] = "needs 'logprobs: true'; vLLM answers with an error otherwise"
    kinds = sent.get("structured_outputs")
    if isinstance(kinds, Mapping):
        given = [key for key in ("json", "regex", "choice") if kinds.get(key) is not None]
        if len(given) > 1:
            found["structured_outputs"] = f"has {' and '.join(given)}, and vLLM takes one of them only"
    return found
