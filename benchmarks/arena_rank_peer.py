"""arena-rank on the battles that benchmarks/leaderboard.py wrote; run by that, in its own environment.

python benchmarks/arena_rank_peer.py BATTLES.npz
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import time
from importlib import import_module

import numpy as np


def main() -> None:
    """Print {"seconds": of each repeat, "ratings": fitted, the first player's 0} as JSON."""
    # Its default, to fork a process that has started JAX, hangs.
    multiprocessing.set_start_method("spawn")
    array = import_module("jax.numpy").array
    model_class = import_module("arena_rank.models.contextual_bradley_terry").ContextualBradleyTerry
    dataset_class = import_module("arena_rank.utils.data_utils").ContextualPairDataset
    data = np.load(sys.argv[1])
    names = [str(i) for i in range(int(data["players"]))]
    seconds, ratings = [], np.zeros(0)
    for _ in range(int(data["repeats"])):
        columns = [array(data[key]) for key in ("pairs", "outcomes", "features", "weights")]
        battles = dataset_class(names, *columns)
        model = model_class(len(names), data["features"].shape[1], reg=0.0)
        start = time.perf_counter()
        found = model.compute_ratings_and_cis(
            battles, ci_method="bootstrap", num_bootstrap=int(data["rounds"])
        )
        np.asarray(found["rating_lower"])
        seconds.append(time.perf_counter() - start)
        ratings = np.asarray(model.params["ratings"])
    print(json.dumps({"seconds": seconds, "ratings": (ratings - ratings[0]).tolist()}))


if __name__ == "__main__":
    main()
