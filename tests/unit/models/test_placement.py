"""Placements of models whose weights and heads are published, and the limits between them."""

from __future__ import annotations

from typing import Any

import pytest

from snakeval.models.placement import GIB, Placement, PlacementError, placement
from snakeval.schema import Gpus

CPU = Gpus(per_node=0)
A100 = Gpus(per_node=8, memory_gib=40)
H100 = Gpus(per_node=8, memory_gib=80)
H200 = Gpus(per_node=8, memory_gib=140)
LAPTOP = Gpus(per_node=1, memory_gib=24)
GB = 10**9

# (weights in bytes, heads, KV heads, cache of one sequence in bytes)
TINY = (2 * 10**6, 4, 4, 10**6)
LLAMA_8B = (int(16.1 * GB), 32, 8, 17 * GIB)
LLAMA_8B_32K = (int(16.1 * GB), 32, 8, 4 * GIB)
QWEN_7B = (int(15.2 * GB), 28, 4, 2 * GIB)
QWEN_32B = (int(65.5 * GB), 64, 8, 10 * GIB)
LLAMA_70B = (int(141.1 * GB), 64, 8, 43 * GB)
QWEN_235B = (int(470.2 * GB), 64, 4, int(7.7 * GB))
LLAMA_405B = (int(811.7 * GB), 128, 8, 67 * GB)
DEEPSEEK_V3 = (int(688.6 * GB), 128, 1, int(11.5 * GB))
HEADS_14 = (150 * GIB, 14, 1, GIB)
KV_HEADS_3 = (100 * GIB, 24, 3, GIB)

PLACED = [
    ("no GPU", LLAMA_405B, CPU, (1, 1, 1)),
    ("tiny: a copy a GPU", TINY, H100, (1, 8, 1)),
    ("8B fits on one", LLAMA_8B, H100, (1, 8, 1)),
    ("8B with its whole context on 40 GiB", LLAMA_8B, A100, (1, 8, 1)),
    ("8B with 32k on one GPU of 24 GiB", LLAMA_8B_32K, LAPTOP, (1, 1, 1)),
    ("7B", QWEN_7B, A100, (1, 8, 1)),
    ("32B is 76% of 80 GiB: two", QWEN_32B, H100, (2, 4, 1)),
    ("32B on 140 GiB: one", QWEN_32B, H200, (1, 8, 1)),
    ("32B on 40 GiB", QWEN_32B, A100, (4, 2, 1)),
    ("70B", LLAMA_70B, H100, (4, 2, 1)),
    ("70B on 140 GiB: the cache decides", LLAMA_70B, H200, (2, 4, 1)),
    ("235B: all eight", QWEN_235B, H100, (8, 1, 1)),
    ("405B: two nodes", LLAMA_405B, H100, (8, 1, 2, 2)),
    ("405B: one node of H200", LLAMA_405B, H200, (8, 1, 1)),
    ("DeepSeek-V3: one node of H200", DEEPSEEK_V3, H200, (8, 1, 1)),
    ("DeepSeek-V3: two nodes of H100", DEEPSEEK_V3, H100, (8, 1, 2, 2)),
    ("14 heads: by 2, no further, then two stages", HEADS_14, H100, (2, 2, 1, 2)),
    ("3 KV heads: by no power of two", KV_HEADS_3, H100, (1, 4, 1, 2)),
    ("14 heads on small GPUs: stages on two nodes", HEADS_14, Gpus(per_node=4, memory_gib=30), (2, 1, 2, 4)),
    ("6 GPUs: powers of two", QWEN_32B, Gpus(per_node=6, memory_gib=40), (4, 1, 1)),
    ("3 GPUs, one copy each", TINY, Gpus(per_node=3), (1, 3, 1)),
    ("75% of the only GPU: taken rather than a second node", (18 * GIB, 32, 8, GIB), LAPTOP, (1, 1, 1)),
]


@pytest.mark.parametrize(
    ("model", "gpus", "expected"), [row[1:] for row in PLACED], ids=[r[0] for r in PLACED]
)
def test_placed(model: tuple[int, int, int, int], gpus: Gpus, expected: tuple[int, int, int]) -> None:
    weights, heads, kv_heads, cache = model
    placed = placement(weights, heads, gpus, num_key_value_heads=kv_heads, kv_cache_bytes=cache)
    assert placed == Placement(*expected)


@pytest.mark.parametrize(("percent", "expected"), [(69, 1), (70, 1), (71, 2), (139, 2), (141, 4), (720, 8)])
def test_seventy_percent(percent: int, expected: int) -> None:
    assert placement(percent * 80 * GIB // 100, 64, H100).tensor_parallel_size == expected


@pytest.mark.parametrize(("cache_gib", "expected"), [(0, 1), (32, 1), (33, 2), (104, 2), (105, 4), (300, 8)])
def test_one_sequence_must_fit(cache_gib: int, expected: int) -> None:
    placed = placement(40 * GIB, 64, H100, num_key_value_heads=8, kv_cache_bytes=cache_gib * GIB)
    assert placed.tensor_parallel_size == expected


def test_a_cache_that_can_not_be_divided() -> None:
    divided = placement(40 * GIB, 64, H100, num_key_value_heads=8, kv_cache_bytes=60 * GIB)
    copied = placement(40 * GIB, 64, H100, num_key_value_heads=1, kv_cache_bytes=60 * GIB)
    assert (divided.tensor_parallel_size, copied.tensor_parallel_size) == (2, 4)


BY_HAND: list[tuple[Gpus, dict[str, Any], tuple[int, ...]]] = [
    (H100, {"tensor_parallel_size": 1}, (1, 8, 1)),
    (H100, {"tensor_parallel_size": 3}, (3, 2, 1)),
    (H100, {"tensor_parallel_size": 16}, (16, 1, 2)),
    (H100, {"tensor_parallel_size": 8, "pipeline_parallel_size": 2}, (8, 1, 2, 2)),
    (H100, {"pipeline_parallel_size": 2}, (1, 4, 1, 2)),
    (H100, {"nodes": 2}, (2, 8, 2)),
    (H100, {"nodes": 2, "data_parallel_size": 4}, (2, 4, 2)),
    (H100, {"nodes": 2, "data_parallel_size": 1}, (2, 1, 2, 2)),
    (H100, {"nodes": 2, "tensor_parallel_size": 8}, (8, 2, 2)),
    (A100, {"nodes": 2, "tensor_parallel_size": 1}, (1, 1, 2, 2)),
    (LAPTOP, {"nodes": 4}, (1, 1, 4, 4)),
    (CPU, {"nodes": 2}, (1, 2, 2)),
    (CPU, {"nodes": 2, "tensor_parallel_size": 2}, (2, 1, 2)),
    (CPU, {"nodes": 2, "pipeline_parallel_size": 2}, (1, 1, 2, 2)),
    (H100, {"tensor_parallel_size": 2, "data_parallel_size": 1}, (2, 1, 1)),
    (H100, {"data_parallel_size": 1}, (2, 1, 1)),
    (CPU, {"tensor_parallel_size": 2}, (2, 1, 1)),
    (CPU, {"data_parallel_size": 2}, (1, 2, 1)),
]


@pytest.mark.parametrize(("gpus", "given", "expected"), BY_HAND)
def test_by_hand(gpus: Gpus, given: dict[str, Any], expected: tuple[int, ...]) -> None:
    placed = placement(QWEN_32B[0], 64, gpus, **given)
    assert placed == Placement(*expected)
    tensor, data, nodes, stages = (*expected, 1)[:4]
    assert placed.gpus_per_node == tensor * data * stages / nodes


def test_unknown_weights() -> None:
    assert placement(None, None, H100) == Placement(1, 8, 1)


REFUSED: list[tuple[str, tuple[int, int], Gpus, dict[str, Any], list[str]]] = [
    ("too large", (5000 * GIB, 64), H100, {}, ["5000.0 GiB", "gpus.per_node", "tensor_parallel_size"]),
    ("cache too large", (GIB, 1), LAPTOP, {"kv_cache_bytes": 600 * GIB}, ["600.0 GiB", "context_length"]),
    ("no multiple", (GIB, 64), H100, {"tensor_parallel_size": 12}, ["tensor_parallel_size: 12", "8"]),
    ("too many copies", (GIB, 64), H100, {"data_parallel_size": 9}, ["data_parallel_size: 9", "is 8"]),
    (
        "uneven stages",
        (GIB, 64),
        H100,
        {"pipeline_parallel_size": 9},
        ["pipeline_parallel_size: 9", "2"],
    ),
    ("uneven copies", (GIB, 64), H100, {"data_parallel_size": 3, "nodes": 2}, ["data_parallel_size: 3", "2"]),
    (
        "uneven",
        (GIB, 64),
        H100,
        {"pipeline_parallel_size": 2, "data_parallel_size": 1, "nodes": 3},
        ["nodes: 1 * 2 GPUs", "over 3"],
    ),
    ("uneven processes", (GIB, 1), CPU, {"data_parallel_size": 3, "nodes": 2}, ["nodes: 3 processes"]),
    ("too few nodes", (GIB, 64), H100, {"tensor_parallel_size": 32, "nodes": 2}, ["nodes: 2", "needs 4"]),
    (
        "large copies",
        (GIB, 64),
        H100,
        {"tensor_parallel_size": 16, "data_parallel_size": 2},
        ["data_parallel_size: 2", "span 2 nodes"],
    ),
    ("both", (GIB, 64), H100, {"tensor_parallel_size": 4, "data_parallel_size": 4}, ["16 GPUs"]),
]


@pytest.mark.parametrize(
    ("model", "gpus", "given", "words"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refused(model: tuple[int, int], gpus: Gpus, given: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(PlacementError) as caught:
        placement(*model, gpus, **given)
    assert [word for word in words if word not in str(caught.value)] == []
