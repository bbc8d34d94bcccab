"""What a server's metrics say of its queue, in each engine's names."""

from __future__ import annotations

import pytest

from snakeval.asking.replicas import queue_length

VLLM = """# HELP vllm:num_requests_running Number of requests in model execution batches.
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 2.0
vllm:num_requests_waiting{engine="0",model_name="m"} 1.0
vllm:num_requests_waiting_by_reason{reason="capacity"} 9.0
"""
SGLANG = """# TYPE sglang:num_running_reqs gauge
sglang:num_running_reqs{engine_type="unified",model_name="a b",priority="",tp_rank="0"} 4.0
sglang:num_running_reqs{engine_type="unified",model_name="a b",priority="1",tp_rank="0"} 3.0
sglang:num_running_reqs{priority="2",tp_rank="0"} 1.0
sglang:num_queue_reqs{engine_type="unified",model_name="a b",priority="",tp_rank="0"} 7.0
sglang:num_grammar_queue_reqs{tp_rank="0"} 5.0
"""
LLAMA_CPP = """# TYPE llamacpp:requests_processing gauge
llamacpp:requests_processing 2
llamacpp:requests_deferred 6
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (VLLM, (5, 1)),
        (SGLANG, (4, 7)),
        (LLAMA_CPP, (2, 6)),
        ("sglang:num_running_reqs 1.0\n", (1, 0)),
        ("process_cpu_seconds_total 5.0\n", None),
        ("", None),
    ],
)
def test_queue_length(text: str, expected: tuple[float, float] | None) -> None:
    assert queue_length(text) == expected
