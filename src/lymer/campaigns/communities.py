"""From links to groups, with chains cut.

A component of the link graph may be two campaigns joined over one thing they share. Leiden
(Traag, Waltman, van Eck 2019) divides each component along its thin places; a component that
hangs on a single hub has none and is left whole.
"""

from collections import defaultdict

import numpy as np
import numpy.typing as npt
from graspologic_native import leiden
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Labels = npt.NDArray[np.int64]

_SEED = 1
_ITERATIONS = 3


def components(node_count: int, pairs: npt.NDArray[np.int64]) -> Labels:
    """Connected components of an undirected graph: a label for each of `node_count` nodes."""
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(node_count, node_count))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int64)


def cut_chains(
    node_count: int,
    pairs: npt.NDArray[np.int64],
    weights: npt.NDArray[np.float64],
    *,
    resolution: float,
) -> Labels:
    """Communities of a weighted graph of `node_count` nodes: a label for each node.

    Nodes of different components never share a label. `resolution` is modularity's: more cuts
    with more of it.
    """
    labels = components(node_count, pairs)
    edges_of: dict[int, list[int]] = defaultdict(list)
    for index, label in enumerate(labels[pairs[:, 0]].tolist()):
        edges_of[label].append(index)
    fresh = int(labels.max(initial=-1)) + 1
    for label in sorted(edges_of):
        indexes = edges_of[label]
        if len(indexes) < 4:
            continue
        edges = [
            (str(left), str(right), weight)
            for (left, right), weight in zip(
                pairs[indexes].tolist(), weights[indexes].tolist(), strict=True
            )
        ]
        _, partition = leiden(edges, resolution=resolution, seed=_SEED, iterations=_ITERATIONS)
        parts: dict[int, list[int]] = defaultdict(list)
        for node, part in partition.items():
            parts[part].append(int(node))
        if len(parts) == 1:
            continue
        for nodes in sorted(sorted(part) for part in parts.values()):
            labels[nodes] = fresh
            fresh += 1
    return labels
