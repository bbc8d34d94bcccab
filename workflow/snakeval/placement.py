"""How many GPUs one copy of a model takes, and how many copies there are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snakeval.config.schema import Gpus

GIB = 1 << 30
COMFORTABLE = 0.7
POSSIBLE = 0.9
MAX_NODES = 8


class PlacementError(ValueError):
    """A model does not fit on the GPUs there are; the message says which keys to set."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a model's weights go.

    One copy takes `tensor_parallel_size` GPUs on each of `nodes` nodes (more than one node: one
    pipeline stage a node); there are `data_parallel_size` copies.
    """

    tensor_parallel_size: int
    data_parallel_size: int
    nodes: int

    @property
    def gpus_per_node(self) -> int:
        """GPUs used on each node; 1 stands for the processor itself where there are none."""
        return self.tensor_parallel_size * self.data_parallel_size


@dataclass(frozen=True, slots=True)
class Load:
    """What one copy of a model puts on its GPUs, in bytes; `kv_cache_bytes` is one sequence's."""

    weight_bytes: int
    kv_cache_bytes: int
    key_value_heads: int

    def shares(self, tensor_parallel_size: int, nodes: int) -> tuple[float, float]:
        """Return a GPU's bytes of weights and of KV cache; a KV head is never split, but copied."""
        heads = min(tensor_parallel_size, self.key_value_heads)
        return self.weight_bytes / (tensor_parallel_size * nodes), self.kv_cache_bytes / (heads * nodes)


def placement(
    weight_bytes: int | None,
    num_attention_heads: int | None,
    gpus: Gpus,
    *,
    num_key_value_heads: int | None = None,
    kv_cache_bytes: int | None = None,
    tensor_parallel_size: int | None = None,
    data_parallel_size: int | None = None,
) -> Placement:
    """Place a model on the GPUs of a node, or of several when one is too small.

    Sizes in bytes; `kv_cache_bytes` is what one sequence of full length takes, which the engine must
    be able to hold. Tried are powers of two that divide the attention heads, and divide the
    key-value heads or are a multiple of them. Taken is the first of
    1. the fewest GPUs of one node whose share of the weights is at most 70% of their memory, so that
       room for many sequences remains, and with one sequence's cache at most 90%;
    2. the most GPUs of one node, then of 2 to 8 nodes, whose weights with one sequence's cache take at
       most 90%.
    The GPUs left on a node serve further copies. Unknown weights are taken to fit on one GPU. A size
    given by hand is used as it is, unchecked but for the number of GPUs; without GPUs it is 1.
    Raises PlacementError.
    """
    if gpus.per_node == 0:
        return Placement(tensor_parallel_size or 1, data_parallel_size or 1, 1)
    if tensor_parallel_size:
        size, nodes = _by_hand(tensor_parallel_size, gpus)
    elif weight_bytes is None:
        size, nodes = 1, 1
    else:
        heads = num_attention_heads or 1
        load = Load(weight_bytes, kv_cache_bytes or 0, num_key_value_heads or heads)
        size, nodes = _smallest(load, heads, gpus)
    copies = data_parallel_size or (gpus.per_node // size if nodes == 1 else 1)
    if size * copies > gpus.per_node:
        raise PlacementError(
            f"data_parallel_size: {copies} copies on {size} GPUs each need {size * copies} GPUs a node, "
            f"gpus.per_node is {gpus.per_node}"
        )
    return Placement(size, copies, nodes)


def _by_hand(size: int, gpus: Gpus) -> tuple[int, int]:
    """Spread a tensor_parallel_size set by hand: whole nodes, one pipeline stage each, above one node."""
    if size <= gpus.per_node:
        return size, 1
    if size % gpus.per_node:
        raise PlacementError(
            f"tensor_parallel_size: {size} is more than gpus.per_node, {gpus.per_node}, and no multiple of it"
        )
    return gpus.per_node, size // gpus.per_node


def _smallest(load: Load, heads: int, gpus: Gpus) -> tuple[int, int]:
    memory = gpus.memory_gib * GIB
    sizes = list(_sizes(heads, load.key_value_heads, gpus.per_node))
    for size in sizes:
        weights, cache = load.shares(size, 1)
        if weights <= COMFORTABLE * memory and weights + cache <= POSSIBLE * memory:
            return size, 1
    for nodes in range(1, MAX_NODES + 1):
        if sum(load.shares(sizes[-1], nodes)) <= POSSIBLE * memory:
            return sizes[-1], nodes
    raise PlacementError(
        f"{load.weight_bytes / GIB:.1f} GiB of weights and {load.kv_cache_bytes / GIB:.1f} GiB of KV cache "
        f"for one sequence do not fit on {MAX_NODES} nodes with {sizes[-1]} GPUs of {gpus.memory_gib:g} GiB. "
        "Set gpus.per_node and gpus.memory_gib to what a node has, or in the model's file a smaller "
        "context_length, or tensor_parallel_size to use so many GPUs unchecked"
    )


def _sizes(heads: int, key_value_heads: int, per_node: int) -> Iterator[int]:
    """Yield the numbers of GPUs that a layer can be divided by, from 1 up."""
    size = 1
    while size <= per_node:
        whole_heads = key_value_heads % size == 0 or size % key_value_heads == 0
        if heads % size == 0 and whole_heads:
            yield size
        size *= 2
