"""How many GPUs one copy of a model takes, on how many nodes, and how many copies there are.

Within a node the layers are divided (tensor parallel) or dealt out (pipeline parallel). A copy that is too
large for a node is dealt out over several, whole stages on each, because stages say little to each other;
copies that fit on a node are never divided, but may be spread over nodes (data parallel).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakeval.schema import Gpus

GIB = 1 << 30
COMFORTABLE = 0.7
POSSIBLE = 0.9
MAX_NODES = 8
# A context shorter than this is of no use: then more nodes are taken rather than a shorter one.
SHORTEST = 4096
STEP = 1024
# What weights must leave of a GPU's memory at the least, so that they count as fitting on it.
LEAST_FREE = 0.02
# Of what the weights leave free, for one sequence of a context that is cut to fit; the rest is for what the
# engine needs beside, which is not counted here.
CUT_SHARE = 0.75


class PlacementError(ValueError):
    """A model does not fit on the GPUs there are; the message says which keys to set."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model's weights go.

    One copy is dealt out over `pipeline_parallel_size` stages of `tensor_parallel_size` GPUs; there are
    `data_parallel_size` copies. On more than one node either a single copy spans them all, or each holds
    the same number of whole copies.
    """

    tensor_parallel_size: int
    data_parallel_size: int
    nodes: int
    pipeline_parallel_size: int = 1

    @property
    def gpus_per_node(self) -> int:
        """GPUs used on each node; 1 stands for the processor itself where there are none."""
        gpus = self.tensor_parallel_size * self.pipeline_parallel_size * self.data_parallel_size
        return gpus // self.nodes


@dataclass(frozen=True, slots=True)
class Load:
    """What one copy of a model puts on its GPUs, in bytes; `kv_cache_bytes` is one sequence's."""

    weight_bytes: int
    kv_cache_bytes: int
    key_value_heads: int

    def shares(self, tensor_parallel_size: int, stages: int) -> tuple[float, float]:
        """Return a GPU's bytes of weights and of KV cache; a KV head is never split, but copied."""
        heads = min(tensor_parallel_size, self.key_value_heads)
        return self.weight_bytes / (tensor_parallel_size * stages), self.kv_cache_bytes / (heads * stages)

    def possible(self, tensor_parallel_size: int, stages: int, gpus: Gpus) -> bool:
        """Whether the weights and one sequence fit."""
        return sum(self.shares(tensor_parallel_size, stages)) <= POSSIBLE * gpus.memory_gib * GIB


def placement(
    weight_bytes: int | None,
    num_attention_heads: int | None,
    gpus: Gpus,
    *,
    num_key_value_heads: int | None = None,
    kv_cache_bytes: int | None = None,
    tensor_parallel_size: int | None = None,
    pipeline_parallel_size: int | None = None,
    data_parallel_size: int | None = None,
    nodes: int | None = None,
) -> Placement:
    """Place a model on the GPUs of a node, or of several when one is too small.

    Sizes in bytes; `kv_cache_bytes` is what one sequence of full length takes, which the engine must
    be able to hold. Tried are powers of two that divide the attention heads, and divide the
    key-value heads or are a multiple of them. Taken is the first of
    1. the fewest GPUs of one node whose share of the weights is at most 70% of their memory, so that
       room for many sequences remains, and with one sequence's cache at most 90%;
    2. the most GPUs that a layer can be divided by, then the fewest nodes (at most 8) and the fewest
       stages on each, whose weights with one sequence's cache take at most 90%.
    The GPUs left on a node serve further copies. Unknown weights are taken to fit on one GPU. Sizes
    given by hand are used as they are, unchecked but for the number of GPUs. With `nodes` given, copies
    that fit on a node fill them all, and a single one (too large, or `data_parallel_size` 1) spans them.
    Without GPUs every size that is not given is 1. Raises PlacementError.
    """
    if gpus.per_node == 0:
        return _without_gpus(tensor_parallel_size, pipeline_parallel_size, data_parallel_size, nodes)
    heads = num_attention_heads or 1
    load = Load(weight_bytes or 0, kv_cache_bytes or 0, num_key_value_heads or heads)
    if tensor_parallel_size or pipeline_parallel_size:
        size, stages = tensor_parallel_size or 1, pipeline_parallel_size or 1
        too_large = weight_bytes is not None and not load.possible(size, stages, gpus)
    elif weight_bytes is None:
        size, stages, too_large = 1, 1, False
    else:
        size, stages = _smallest(load, heads, gpus)
        too_large = False
    needed = _nodes_of_copy(size, stages, gpus)
    spans = needed > 1 or (nodes is not None and (too_large or data_parallel_size == 1))
    if spans:
        if nodes and not pipeline_parallel_size and size <= gpus.per_node:
            stages = max(stages, nodes)
        return _one_copy(size, stages, needed, data_parallel_size, nodes)
    return _copies(size, stages, data_parallel_size, nodes or 1, gpus)


def cut_to_fit(
    weight_bytes: int,
    num_attention_heads: int | None,
    gpus: Gpus,
    cache_of: Callable[[int], int | None],
    tokens: int,
    *,
    num_key_value_heads: int | None = None,
    tensor_parallel_size: int | None = None,
    pipeline_parallel_size: int | None = None,
    nodes: int | None = None,
) -> int | None:
    """The most tokens, of `tokens`, that one sequence can have on the nodes that the weights take.

    `cache_of` gives the bytes of a sequence of so many tokens. The nodes are those given, else the fewest
    that hold the weights and a sequence of `SHORTEST` tokens. None where `tokens` fit, or nothing does; a
    context that is cut takes `CUT_SHARE` of what is free, and at least `SHORTEST` tokens, in whole `STEP`s.
    """
    heads = num_key_value_heads or num_attention_heads or 1
    by_hand = tensor_parallel_size or pipeline_parallel_size
    largest = list(_sizes(num_attention_heads or 1, heads, gpus.per_node))[-1]
    size = (tensor_parallel_size or 1) if by_hand else largest
    # What is set by hand is one copy's, over the nodes asked for; else a node holds as much as it can.
    stages = (pipeline_parallel_size or nodes or 1) if by_hand else gpus.per_node // largest

    def fits(length: int, on: int, share: float = 1.0) -> bool:
        load = Load(weight_bytes, cache_of(length) or 0, heads)
        weights, cache = load.shares(size, stages if by_hand else stages * on)
        free = POSSIBLE * gpus.memory_gib * GIB - weights
        return free >= LEAST_FREE * gpus.memory_gib * GIB and cache <= share * free

    shortest = min(tokens, SHORTEST)
    taken = next((on for on in range(nodes or 1, (nodes or MAX_NODES) + 1) if fits(shortest, on)), None)
    if taken is None or fits(tokens, taken):
        return None
    lengths = range(STEP, tokens, STEP)
    count = bisect_left(lengths, True, key=lambda length: not fits(length, taken, CUT_SHARE))
    return max(shortest, count * STEP)


def _without_gpus(size: int | None, stages: int | None, copies: int | None, nodes: int | None) -> Placement:
    nodes = nodes or 1
    ranks = (size or 1) * (stages or 1)
    copies = copies or (1 if ranks % nodes == 0 else nodes)
    if ranks * copies % nodes:
        raise PlacementError(f"nodes: {ranks * copies} processes can't be spread evenly over {nodes} nodes")
    return Placement(size or 1, copies, nodes, stages or 1)


def _nodes_of_copy(size: int, stages: int, gpus: Gpus) -> int:
    """The fewest nodes that hold one copy: whole stages on each, or whole nodes for a stage."""
    if size > gpus.per_node:
        if size % gpus.per_node:
            raise PlacementError(
                f"tensor_parallel_size: {size} is more than gpus.per_node, {gpus.per_node}, and no multiple "
                "of it"
            )
        return size // gpus.per_node * stages
    nodes = -(-stages // (gpus.per_node // size))
    if stages % nodes:
        raise PlacementError(
            f"pipeline_parallel_size: {stages} stages of {size} GPUs do not fill {nodes} nodes evenly "
            f"of {gpus.per_node} GPUs"
        )
    return nodes


def _one_copy(size: int, stages: int, needed: int, copies: int | None, nodes: int | None) -> Placement:
    """A single copy on all of the nodes."""
    nodes = nodes or needed
    if (copies or 1) > 1:
        raise PlacementError(
            f"data_parallel_size: {copies} copies that each span {needed} nodes; one server has one such copy"
        )
    if nodes < needed:
        raise PlacementError(f"nodes: {nodes} are too few, one copy of {size} * {stages} GPUs needs {needed}")
    if size * stages % nodes:
        raise PlacementError(f"nodes: {size} * {stages} GPUs can't be spread evenly over {nodes} nodes")
    return Placement(size, 1, nodes, stages)


def _copies(size: int, stages: int, copies: int | None, nodes: int, gpus: Gpus) -> Placement:
    """As many whole copies as were asked for, or as fit, the same number on each node."""
    copy = size * stages
    copies = copies or gpus.per_node // copy * nodes
    if copies % nodes:
        raise PlacementError(
            f"data_parallel_size: {copies} copies can't be spread evenly over {nodes} nodes; one copy, or a "
            "multiple of nodes, can"
        )
    if copy * copies > gpus.per_node * nodes:
        raise PlacementError(
            f"data_parallel_size: {copies} copies on {copy} GPUs each need {copy * copies // nodes} GPUs a "
            f"node, gpus.per_node is {gpus.per_node}; 'nodes' spreads them over several"
        )
    return Placement(size, copies, nodes, stages)


def _smallest(load: Load, heads: int, gpus: Gpus) -> tuple[int, int]:
    """(tensor parallel size, stages) of the first arrangement that is large enough."""
    sizes = list(_sizes(heads, load.key_value_heads, gpus.per_node))
    for size in sizes:
        weights, _ = load.shares(size, 1)
        if weights <= COMFORTABLE * gpus.memory_gib * GIB and load.possible(size, 1, gpus):
            return size, 1
    largest = sizes[-1]
    for nodes in range(1, MAX_NODES + 1):
        for stages in range(1, gpus.per_node // largest + 1):
            if load.possible(largest, nodes * stages, gpus):
                return largest, nodes * stages
    raise PlacementError(
        f"{load.weight_bytes / GIB:.1f} GiB of weights and {load.kv_cache_bytes / GIB:.1f} GiB of KV cache "
        f"for one sequence do not fit on {MAX_NODES} nodes with {gpus.per_node // largest * largest} GPUs of "
        f"{gpus.memory_gib:g} GiB. Set gpus.per_node and gpus.memory_gib to what a node has, or in the "
        "model's file a smaller context_length, or tensor_parallel_size to use so many GPUs unchecked"
    )


def _sizes(heads: int, key_value_heads: int, per_node: int) -> Iterator[int]:
    """Yield the numbers of GPUs that a layer can be divided by, from 1 up."""
    size = 1
    while size <= per_node:
        whole_heads = key_value_heads % size == 0 or size % key_value_heads == 0
        if heads % size == 0 and whole_heads:
            yield size
        size *= 2
