"""Parts of a graph that hang together by more than one of their nodes.

A campaign may run on two botnets, so campaigns that only one of them ties together are not known to
be of one. What stays whole when any one campaign is taken out is a block; blocks may share one.
"""

from collections.abc import Sequence


def blocks(neighbours: Sequence[Sequence[int]]) -> list[list[int]]:
    """The biconnected components of an undirected graph, as sorted lists of nodes.

    `neighbours` gives those of each node. A node by itself is in none. Hopcroft and Tarjan 1973,
    without recursion.
    """
    depth = [-1] * len(neighbours)
    low = [0] * len(neighbours)
    found: list[list[int]] = []
    for root in range(len(neighbours)):
        if depth[root] >= 0:
            continue
        depth[root] = low[root] = 0
        path: list[tuple[int, int, int]] = [(root, -1, 0)]
        edges: list[tuple[int, int]] = []
        while path:
            node, parent, at = path.pop()
            if at < len(neighbours[node]):
                path.append((node, parent, at + 1))
                other = neighbours[node][at]
                if depth[other] < 0:
                    depth[other] = low[other] = depth[node] + 1
                    edges.append((node, other))
                    path.append((other, node, 0))
                elif other != parent and depth[other] < depth[node]:
                    edges.append((node, other))
                    low[node] = min(low[node], depth[other])
            elif parent >= 0:
                low[parent] = min(low[parent], low[node])
                if low[node] >= depth[parent]:
                    cut = edges.index((parent, node))
                    found.append(sorted({end for edge in edges[cut:] for end in edge}))
                    del edges[cut:]
    return sorted(found)
