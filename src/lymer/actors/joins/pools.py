"""Which nodes of a server are one botnet by its own logs: those that work at the same jobs.

A job is given to the machines of a botnet, so that two jobs of one time and one botnet have nodes
in common, and two jobs of two botnets have none. A job may be given to two botnets: then its nodes
are told by what else they work at, and those that work at nothing else stay open: they may be of
either. What a node works at is read from the logs, and seen in its mail, since a log may name one
job of several.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from lymer.engine import answer

_WORK = """
CREATE OR REPLACE TEMP TABLE node_work AS
SELECT server, node, unit, min(day) AS first_day, max(day) AS last_day
FROM (
    SELECT server, coalesce(node_id, 'ip ' || client_ip) AS node, 'job ' || job_id AS unit,
           CAST(seen_at AS DATE) AS day
    FROM found_nodes WHERE job_id IS NOT NULL AND seen_at IS NOT NULL
    UNION ALL
    SELECT n.server, n.node, 'mail ' || g.campaign_id, n.day
    FROM node_days n
    JOIN messages m ON m.client_ip = n.client_ip AND CAST(m.received_at AS DATE) = n.day
    JOIN campaign_messages g ON g.message_id = m.message_id
    WHERE g.campaign_id IN (SELECT campaign_id FROM found_jobs)
)
GROUP BY ALL
"""

_MOST_NEIGHBOURS = 60
# Of the pools at one job, those that its other nodes may be of: a bound for the memory.
_MOST_POOLS = 20

_SCHEMA = pa.schema(
    [
        ("server", pa.string()),
        ("node", pa.string()),
        ("pool", pa.int64()),
        ("is_open", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class PoolRule:
    """When the jobs of a server are of one botnet.

    Set by reasoning, and checked on the lab's mixed worlds of seeds 1 and 3 to 10.
    """

    least_common: float = 0.1
    """Of the nodes of the smaller of two jobs, those that work at the other too: with less they
    are not linked. PCs with two infections are a few in a hundred."""
    least_nodes: int = 2
    """So many nodes in common at least."""
    least_expected: float = 5.0
    """Nodes that two jobs of one botnet would have in common, for saying that they have none."""
    most_common: float = 0.1
    """Of the expected nodes in common, those that two jobs of two botnets may have."""
    most_units: int = 200
    """A node that works at more jobs tells none from another."""


def tell_pools(connection: duckdb.DuckDBPyConnection, rule: PoolRule | None = None) -> None:
    """Make `node_pools` (server, node, pool, is_open) in the connection.

    Makes `node_work` too: the jobs and campaigns (`unit`) of each node, and the days of its work.
    A node has one row where its pool is told, and where it is not an open one for each pool that
    it may be of.
    `found_nodes`, `node_days` and `found_jobs` are in the connection, which shows the mail.
    """
    rule = rule or PoolRule()
    connection.execute(_WORK)
    work = answer(connection, "SELECT * FROM node_work ORDER BY ALL")
    servers = work["server"].to_numpy(zero_copy_only=False)
    parts = [_SCHEMA.empty_table()]
    for server in sorted(set(servers.tolist())):
        own = work.filter(pa.array(servers == server))
        nodes, pools, is_open = _pools_of(own, rule)
        rows = {
            "server": [server] * len(nodes), "node": nodes, "pool": pools, "is_open": is_open,
        }  # fmt: skip
        parts.append(pa.table(rows, schema=_SCHEMA))
    connection.register("node_pools_found", pa.concat_tables(parts))
    connection.execute("CREATE OR REPLACE TEMP TABLE node_pools AS FROM node_pools_found")


def _pools_of(work: pa.Table, rule: PoolRule) -> tuple[list[str], list[int], list[bool]]:
    """The nodes of one server, the pool of each, and whether it is one of several that may be."""
    node, names = coded(work["node"])
    unit, units = coded(work["unit"])
    shape = (len(names), len(units))
    works: csr_array = coo_array((np.ones(len(node)), (node, unit)), shape=shape).tocsr()
    few = np.asarray(works.sum(axis=1)).ravel() <= rule.most_units
    common = (works[few].T @ works[few]).tocsr()
    sizes = common.diagonal()
    first, last = _spans(work, unit, len(units))
    linked = _linked(common, sizes, rule)
    apart: set[tuple[int, int]] = set()
    for one, name in enumerate(units):
        # In its mail alone a log that names one job of a node would show all jobs apart.
        if name.startswith("job "):
            apart |= _apart(one, _beside(linked, common, one), common, first, last, rule)
    is_bridge = [
        not apart.isdisjoint(combinations(_beside(linked, common, one), 2))
        for one in range(len(units))
    ]
    core = np.flatnonzero(~np.array(is_bridge))
    if not len(core):
        core = np.arange(len(units))
    count, label = connected_components(linked[core][:, core], directed=False)
    of_pool = coo_array(
        (np.ones(len(core)), (core, label)), shape=(len(units), max(1, count))
    ).tocsr()
    votes = (works @ of_pool).tocsr()
    best = np.asarray(votes.argmax(axis=1)).ravel()
    is_told = np.diff(votes.indptr) > 0
    told, untold = np.flatnonzero(is_told), np.flatnonzero(~is_told)
    # Pools with so many nodes at a unit that others there may be theirs too.
    mine = coo_array((np.ones(len(told)), (told, best[told])), shape=votes.shape).tocsr()
    open_to = (works[untold] @ _at_units((works.T @ mine).tocoo(), rule)).tocoo()
    rows = np.concatenate([told, untold[open_to.row]])
    pools = np.concatenate([best[told], open_to.col])
    is_open = np.arange(len(rows)) >= len(told)
    return [names[n] for n in rows], pools.tolist(), is_open.tolist()


def _at_units(there: "coo_array", rule: PoolRule) -> "csr_array":
    """Units by pools, with one for those that have enough nodes at the unit, the most first."""
    kept = np.flatnonzero(there.data >= rule.least_nodes)
    order = kept[np.lexsort((there.col[kept], -there.data[kept], there.row[kept]))]
    row = there.row[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    near = order[place < _MOST_POOLS]
    cells = (there.row[near], there.col[near])
    return coo_array((np.ones(len(near)), cells), shape=there.shape).tocsr()


def coded(column: pa.ChunkedArray) -> tuple["np.ndarray[Any, Any]", list[str]]:
    """Numbers for the values, and the values in the order of their names."""
    values, codes = np.unique(column.to_numpy(zero_copy_only=False), return_inverse=True)
    return codes, values.tolist()


def _spans(
    work: pa.Table, unit: "np.ndarray[Any, Any]", count: int
) -> tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]:
    """The first and the last day of each unit."""
    days = [
        work[name].to_numpy(zero_copy_only=False).astype("datetime64[D]").astype(np.int64)
        for name in ("first_day", "last_day")
    ]
    first, last = np.full(count, np.iinfo(np.int64).max), np.full(count, np.iinfo(np.int64).min)
    np.minimum.at(first, unit, days[0])
    np.maximum.at(last, unit, days[1])
    return first, last


def _linked(common: "csr_array", sizes: "np.ndarray[Any, Any]", rule: PoolRule) -> "csr_array":
    pairs = common.tocoo()
    smaller = np.minimum(sizes[pairs.row], sizes[pairs.col])
    enough = np.maximum(rule.least_nodes, rule.least_common * smaller)
    kept = (pairs.data >= enough) & (pairs.row != pairs.col)
    return coo_array(
        (np.ones(int(kept.sum())), (pairs.row[kept], pairs.col[kept])), shape=common.shape
    ).tocsr()


def _beside(linked: "csr_array", common: "csr_array", unit: int) -> list[int]:
    """The units linked to one, those first that share most of its nodes, so many at most."""
    shared = common[[unit]].toarray().ravel()
    near = linked.indices[linked.indptr[unit] : linked.indptr[unit + 1]].tolist()
    return sorted(sorted(near, key=lambda one: (-shared[one], one))[:_MOST_NEIGHBOURS])


def _apart(
    unit: int,
    near: list[int],
    common: "csr_array",
    first: "np.ndarray[Any, Any]",
    last: "np.ndarray[Any, Any]",
    rule: PoolRule,
) -> set[tuple[int, int]]:
    """Of units that have nodes of this one, pairs that have none in common, though they should."""
    if len(near) < 2:
        return set()
    shared = common[[unit]].toarray().ravel()[near]
    held = common[near][:, near].toarray()
    expected = np.outer(shared, shared) / common[unit, unit]
    at_once = np.minimum.outer(last[near], last[near]) >= np.maximum.outer(first[near], first[near])
    is_apart = at_once & (expected >= rule.least_expected) & (held <= rule.most_common * expected)
    rows, columns = np.nonzero(np.triu(is_apart, 1))
    return {(near[a], near[b]) for a, b in zip(rows.tolist(), columns.tolist(), strict=True)}
