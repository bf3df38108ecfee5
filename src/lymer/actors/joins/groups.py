"""In which group of nodes a server's own table has each node.

Applications that steer several botnets, or one in parts, note of each node to which it belongs. The
column is told by its values alone: few of them, one for each node, and each is missing at work
where chance would have brought it. A country or a version has no such holes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from scipy import stats
from scipy.sparse import coo_array

from lymer.actors.joins.nodes import NodeBook
from lymer.actors.joins.pools import coded
from lymer.engine import answer


@dataclass(frozen=True)
class GroupRule:
    """When a column of a table of nodes groups them. Set by reasoning: see docs/servers.md."""

    most_groups: int = 100
    """Values that a column may have."""
    least_single: float = 0.95
    """Of the nodes, those that have one value throughout."""
    most_present: float = 0.1
    """Of the nodes of a group that chance would bring to a job, those that a job without the group
    may have: PCs with two infections, and addresses of two."""
    least_chance: float = 0.01
    """Chance that so few of a group are there, anywhere by luck."""
    least_missing: float = 0.9
    """Of the nodes, those in groups that are missing somewhere."""


_SINGLE = """
SELECT node, min(value) AS value, count(DISTINCT value) = 1 AS is_single
FROM (
    SELECT DISTINCT values[$node] AS node, values[$column] AS value FROM sheet_rows
    WHERE sheet_id IN (SELECT unnest($sheets)) AND values[$node] <> '' AND values[$column] <> ''
)
GROUP BY node ORDER BY node
"""
_WORK = """
SELECT node, unit, first_day, last_day FROM node_work WHERE server = $server ORDER BY ALL
"""
_SCHEMA = pa.schema([("server", pa.string()), ("node", pa.string()), ("value", pa.string())])


def group_nodes(
    connection: duckdb.DuckDBPyConnection,
    told: Iterable[tuple[str, Sequence[NodeBook]]],
    rule: GroupRule | None = None,
) -> None:
    """Make `node_groups` (server, node, value) in the connection, where a column groups nodes.

    `told`: the books about nodes of each server. `node_work` is in the connection.
    """
    rule = rule or GroupRule()
    parts = [_SCHEMA.empty_table()]
    for server, books in told:
        work = answer(connection, _WORK, {"server": server})
        found = [
            values
            for book in books
            for values in _columns(connection, book, rule)
            if _goes_with(work, values, rule)
        ]
        if found:
            # Of several the coarsest: what is within a group need not be told.
            best = min(found, key=lambda values: len(set(values.values())))
            rows = {"server": [server] * len(best), "node": list(best), "value": [*best.values()]}
            parts.append(pa.table(rows, schema=_SCHEMA))
    connection.register("node_groups_found", pa.concat_tables(parts))
    connection.execute("CREATE OR REPLACE TEMP TABLE node_groups AS FROM node_groups_found")


def _columns(
    connection: duckdb.DuckDBPyConnection, found: NodeBook, rule: GroupRule
) -> Iterable[dict[str, str]]:
    """The values by node of each column that may group them."""
    if found.node is None:
        return
    used = {found.ip, found.node, found.job}
    for number, column in enumerate(found.book.columns[: found.book.own_columns]):
        if number in used or column.is_time or column.is_ip:
            continue
        if not 2 <= len(column.distinct) <= rule.most_groups:
            continue
        asked = {
            "node": found.node + 1, "column": number + 1, "sheets": list(found.book.sheet_ids),
        }  # fmt: skip
        rows = answer(connection, _SINGLE, asked).to_pylist()
        values = {row["node"]: row["value"] for row in rows if row["is_single"]}
        count = len(set(values.values()))
        if len(values) >= rule.least_single * len(rows) and 2 <= count <= rule.most_groups:
            yield values


def _goes_with(work: pa.Table, values: dict[str, str], rule: GroupRule) -> bool:
    """Whether nearly all nodes are in groups that are missing at some work of their days."""
    if not work.num_rows:
        return False
    nodes, names = coded(work["node"])
    units, _ = coded(work["unit"])
    groups = sorted(set(values.values()))
    number = {value: n for n, value in enumerate(groups)}
    group = np.array([number[values[name]] if name in values else -1 for name in names])
    first, last = (
        work[name].to_numpy(zero_copy_only=False).astype("datetime64[D]").astype(np.int64)
        for name in ("first_day", "last_day")
    )
    came = _extremes(np.minimum, nodes, first, len(names))
    left = _extremes(np.maximum, nodes, last, len(names))
    begins = _extremes(np.minimum, units, first, units.max() + 1)
    ends = _extremes(np.maximum, units, last, units.max() + 1)
    has = group[nodes] >= 0
    cells = (units[has], group[nodes][has])
    there = coo_array((np.ones(int(has.sum())), cells), shape=(len(begins), len(groups))).toarray()
    # Nodes of each group that were about in the days of each unit.
    about = np.stack(
        [
            np.searchsorted(np.sort(came[group == n]), ends, "right")
            - np.searchsorted(np.sort(left[group == n]), begins, "left")
            for n in range(len(groups))
        ],
        axis=1,
    )
    is_somewhere = missing(there, about, rule).any(axis=0)
    sizes = np.bincount(group[group >= 0], minlength=len(groups))
    return bool(sizes[is_somewhere].sum() >= rule.least_missing * sizes.sum() > 0)


def missing(
    there: "np.ndarray[Any, Any]", about: "np.ndarray[Any, Any]", rule: GroupRule
) -> "np.ndarray[Any, Any]":
    """Which groups hardly came where chance would have brought them.

    Both arrays are units by groups: those of each group that are there, and that could have been.
    """
    drawn = there.sum(axis=1, keepdims=True)
    share = about / np.maximum(about.sum(axis=1, keepdims=True), 1)
    chance = stats.binom.cdf(there, drawn, share) * there.size
    found = (there <= rule.most_present * drawn * share) & (chance < rule.least_chance)
    return np.asarray(found)


def _extremes(
    function: Any, owner: "np.ndarray[Any, Any]", days: "np.ndarray[Any, Any]", count: int
) -> "np.ndarray[Any, Any]":
    """The first (minimum) or last (maximum) day of each owner."""
    found = np.full(count, days.max() if function is np.minimum else days.min())
    function.at(found, owner, days)
    return found
