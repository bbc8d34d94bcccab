"""Reasons to finish by the state that they mean, each as its API spells it."""

from __future__ import annotations

import pytest

from snakeval.answers.finish import REFUSED_BY_FILTER, ending, withheld

STATES = {
    "finished": """stop STOP Stop eos eos_token stop_sequence STOP_SEQUENCE stop-sequence end_turn COMPLETE
        complete""",
    "truncated": """length LENGTH max_tokens MAX_TOKENS model_length model_context_window_exceeded token_limit
        max_output_tokens""",
    "filtered": """content_filter CONTENT_FILTER content-filter content_filtered safety SAFETY recitation
        RECITATION sensitive refusal BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY guardrail_intervened
        ERROR_TOXIC""",
    "failed": """abort error ERROR cancelled USER_CANCEL timeout TIMEOUT network_error not_finished tool_calls
        tool_use function_call insufficient_system_resource null none unknown OTHER stopped lengthy max
        pause_turn MALFORMED_FUNCTION_CALL FINISH_REASON_UNSPECIFIED ERROR_LIMIT""",
}


@pytest.mark.parametrize(
    ("reason", "state"), [(reason, state) for state, reasons in STATES.items() for reason in reasons.split()]
)
def test_a_reason_has_one_state(reason: str, state: str) -> None:
    assert ending(reason) == state
    assert ending(f" {reason}\n") == state


@pytest.mark.parametrize(
    ("reason", "state"), [(None, "finished"), ("", "failed"), ('{"type": "x"}', "failed")]
)
def test_no_reason_is_good_and_an_empty_one_is_not(reason: str | None, state: str) -> None:
    assert ending(reason) == state


@pytest.mark.parametrize(
    ("reason", "error", "expected"),
    [
        ("content_filter", None, True),
        ("stop", None, False),
        ("length", None, False),
        (None, None, False),
        (None, "permanent: HTTP 403: no" + REFUSED_BY_FILTER, True),
        (None, "permanent: HTTP 403: no", False),
        (None, f"transient: {REFUSED_BY_FILTER} is quoted", False),
    ],
)
def test_what_a_filter_withheld(reason: str | None, error: str | None, expected: bool) -> None:
    assert withheld(reason, error) == expected
