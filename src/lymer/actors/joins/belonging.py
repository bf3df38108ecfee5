"""Which nodes of a server are those of a botnet that was found in the mail: a pool of them.

A botnet is of the pool that most known clients of its campaigns are of. Campaigns whose clients are
of another pool are left out, and those of whose clients the logs have far fewer than of the rest.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import compress

import duckdb
import numpy as np
import pyarrow as pa
from scipy import stats

from lymer.actors.joins.groups import GroupRule, missing
from lymer.actors.joins.sizing import CalibrationRule
from lymer.engine import answer

# Clients of the mail of campaigns that have jobs, by day.
_SEEN = """
CREATE OR REPLACE TEMP TABLE seen_clients AS
SELECT g.campaign_id, CAST(m.received_at AS DATE) AS day, m.client_ip
FROM campaign_messages g JOIN messages m ON m.message_id = g.message_id
WHERE g.campaign_id IN (SELECT campaign_id FROM found_jobs)
  AND m.received_at IS NOT NULL AND m.client_ip IS NOT NULL
GROUP BY ALL
"""

_LINKED = """
SELECT j.server, b.botnet_id, j.campaign_id
FROM (SELECT DISTINCT server, campaign_id FROM found_jobs WHERE campaign_id IS NOT NULL) j
JOIN (
    SELECT campaign_id, min(botnet_id) AS botnet_id FROM botnet_campaigns
    GROUP BY campaign_id HAVING count(*) = 1
) b ON b.campaign_id = j.campaign_id
ORDER BY ALL
"""

_TOLD = """
CREATE OR REPLACE TEMP TABLE told_clients AS
SELECT n.server, n.day, n.client_ip, p.pool, bool_and(p.is_open) AS is_open
FROM node_days n JOIN node_pools p ON p.server = n.server AND p.node = n.node
GROUP BY ALL
"""

# For each campaign and each pool that has clients of it: how many, and how many were seen in all
# on the days that the pool was logged.
_IN_POOLS = """
WITH pool_days AS (SELECT DISTINCT server, pool, day FROM told_clients),
known AS (
    SELECT t.server, s.campaign_id, t.pool, CAST(count(*) AS BIGINT) AS known
    FROM seen_clients s JOIN told_clients t ON t.day = s.day AND t.client_ip = s.client_ip
    WHERE NOT t.is_open GROUP BY ALL
),
told_at_all AS (SELECT DISTINCT server, day, client_ip FROM told_clients)
SELECT k.server, k.campaign_id, k.pool, any_value(k.known) AS own,
       CAST(count(a.client_ip) AS BIGINT) AS known, CAST(count(*) AS BIGINT) AS seen
FROM known k
JOIN pool_days d ON d.server = k.server AND d.pool = k.pool
JOIN seen_clients s ON s.campaign_id = k.campaign_id AND s.day = d.day
LEFT JOIN told_at_all a
    ON a.server = k.server AND a.day = s.day AND a.client_ip = s.client_ip
GROUP BY k.server, k.campaign_id, k.pool
ORDER BY k.server, k.campaign_id, own DESC, k.pool
"""

# Clients of the counted campaigns of each botnet: each once a day, in however many of them it was
# seen, since the log has it in all or in none. Those that the log has in other pools alone are
# bots of somebody else.
_CLIENTS = """
WITH pool_days AS (SELECT DISTINCT server, pool, day FROM told_clients),
seen AS (
    SELECT DISTINCT c.server, c.botnet_id, c.pool, s.day, s.client_ip
    FROM counted_campaigns c
    JOIN seen_clients s ON s.campaign_id = c.campaign_id
    JOIN pool_days d ON d.server = c.server AND d.pool = c.pool AND d.day = s.day
),
met AS (
    SELECT s.server, s.botnet_id, s.day, s.client_ip, bool_or(t.pool = s.pool) AS is_own
    FROM seen s LEFT JOIN told_clients t
        ON t.server = s.server AND t.day = s.day AND t.client_ip = s.client_ip
    GROUP BY ALL
)
SELECT server, botnet_id, CAST(count(*) FILTER (is_own) AS BIGINT) AS known,
       CAST(count(*) AS BIGINT) AS seen, CAST(count(DISTINCT client_ip) AS BIGINT) AS clients
FROM met WHERE is_own IS NULL OR is_own GROUP BY server, botnet_id
"""
# Of these clients, how many are of each group of nodes; and the nodes of the pools by group.
_BY_GROUP = """
SELECT c.server, c.botnet_id, g.value, CAST(count(DISTINCT (s.day, s.client_ip)) AS BIGINT) AS known
FROM counted_campaigns c
JOIN seen_clients s ON s.campaign_id = c.campaign_id
JOIN node_days n ON n.server = c.server AND n.day = s.day AND n.client_ip = s.client_ip
JOIN node_pools p ON p.server = c.server AND p.pool = c.pool AND p.node = n.node
JOIN node_groups g ON g.server = c.server AND g.node = n.node
GROUP BY ALL ORDER BY ALL
"""
_GROUPS = """
SELECT p.server, p.pool, g.value, CAST(count(*) AS BIGINT) AS nodes
FROM node_pools p JOIN node_groups g ON g.server = p.server AND g.node = p.node
GROUP BY ALL ORDER BY ALL
"""
_COUNTED = pa.schema(
    [
        ("server", pa.string()),
        ("botnet_id", pa.string()),
        ("pool", pa.int64()),
        ("campaign_id", pa.string()),
    ]
)


@dataclass(frozen=True)
class _Share:
    """Of a campaign's clients on the days of a pool, those that the logs have."""

    campaign_id: str
    pool: int
    known: int
    seen: int


@dataclass
class Belonging:
    """A found botnet by what the logs say of its campaigns' clients."""

    pool: int
    counted: list[str] = field(default_factory=list)
    """Campaigns whose clients are of the pool."""
    others: list[str] = field(default_factory=list)
    """Campaigns whose clients are of other pools."""
    unlogged: list[str] = field(default_factory=list)
    """Campaigns of whose clients the logs lack too many."""
    known: int = 0
    seen: int = 0
    """Clients of the counted campaigns on the days of the logs, and of them those that the logs
    have, each once a day."""
    clients: int = 0
    """The former, each once."""
    group: str | None = None
    """Of the groups that the server has of these nodes, the one that most of its clients are of."""
    strange: frozenset[str] = frozenset()
    """Groups that hardly any of its clients are of."""
    beside: list[str] = field(default_factory=list)
    """Other found botnets of the same nodes."""


def link_campaigns(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[str]]:
    """Server and botnet to the campaigns with jobs on it that are of this botnet alone."""
    linked: dict[tuple[str, str], list[str]] = {}
    for row in answer(connection, _LINKED).to_pylist():
        linked.setdefault((row["server"], row["botnet_id"]), []).append(row["campaign_id"])
    return linked


def place_botnets(
    connection: duckdb.DuckDBPyConnection,
    linked: dict[tuple[str, str], list[str]],
    rule: CalibrationRule,
    groups: GroupRule,
) -> dict[tuple[str, str], Belonging]:
    """Server and botnet of `linked` to its pool; those without a node that can be told are absent.

    `node_days`, `node_pools`, `node_groups` and `found_jobs` are in the connection, which shows the
    mail. Makes `seen_clients`.
    """
    for statement in (_SEEN, _TOLD):
        connection.execute(statement)
    shares: dict[tuple[str, str], _Share] = {}
    for row in answer(connection, _IN_POOLS).to_pylist():
        server, campaign = row["server"], row["campaign_id"]
        # The pool that most of its known clients are of comes first.
        found = _Share(campaign, row["pool"], row["known"], row["seen"])
        shares.setdefault((server, campaign), found)
    placed = {
        (server, botnet_id): _sort(own, rule)
        for (server, botnet_id), campaigns in sorted(linked.items())
        if (own := [shares[server, one] for one in campaigns if (server, one) in shares])
    }
    _count_clients(connection, placed)
    _tell_groups(connection, placed, groups)
    together: dict[tuple[str, int, str | None], list[str]] = {}
    for (server, botnet_id), botnet in placed.items():
        if botnet.known >= rule.least_beside:
            together.setdefault((server, botnet.pool, botnet.group), []).append(botnet_id)
    for (server, botnet_id), botnet in placed.items():
        all_there = together.get((server, botnet.pool, botnet.group), [])
        botnet.beside = [one for one in all_there if one != botnet_id]
    return placed


def _sort(campaigns: Iterable[_Share], rule: CalibrationRule) -> Belonging:
    """The campaigns of a botnet by their nodes."""
    told = list(campaigns)
    known: dict[int, int] = {}
    for one in told:
        known[one.pool] = known.get(one.pool, 0) + one.known
    botnet = Belonging(max(known, key=lambda pool: (known[pool], -pool)))
    botnet.others = [one.campaign_id for one in told if one.pool != botnet.pool]
    # From the campaign that the logs know best: what falls off from the rest is left out.
    own = [one for one in told if one.pool == botnet.pool]
    have = seen = 0
    for one in sorted(own, key=lambda one: (-_sure(one), one.campaign_id)):
        if have and stats.binom.cdf(one.known, one.seen, have / seen) < rule.least_chance:
            botnet.unlogged.append(one.campaign_id)
            continue
        botnet.counted.append(one.campaign_id)
        have += one.known
        seen += one.seen
    return botnet


def _sure(one: _Share) -> float:
    """Low end of the share that the logs have, so that a few clients do not come first."""
    return float(stats.beta.ppf(0.025, one.known, one.seen - one.known + 1))


def _count_clients(
    connection: duckdb.DuckDBPyConnection, placed: dict[tuple[str, str], Belonging]
) -> None:
    rows = [
        {"server": server, "botnet_id": botnet_id, "pool": botnet.pool, "campaign_id": campaign_id}
        for (server, botnet_id), botnet in placed.items()
        for campaign_id in botnet.counted
    ]
    connection.register("counted_found", pa.Table.from_pylist(rows, schema=_COUNTED))
    connection.execute("CREATE OR REPLACE TEMP TABLE counted_campaigns AS FROM counted_found")
    for row in answer(connection, _CLIENTS).to_pylist():
        botnet = placed[row["server"], row["botnet_id"]]
        botnet.known, botnet.seen, botnet.clients = row["known"], row["seen"], row["clients"]


def _tell_groups(
    connection: duckdb.DuckDBPyConnection,
    placed: dict[tuple[str, str], Belonging],
    rule: GroupRule,
) -> None:
    """Of the groups of nodes in each botnet's pool, those that it is of and those that it is not.

    A group that has many nodes of the pool and hardly a client of the botnet is somebody else's.
    """
    nodes: dict[tuple[str, int], dict[str, int]] = {}
    for row in answer(connection, _GROUPS).to_pylist():
        nodes.setdefault((row["server"], row["pool"]), {})[row["value"]] = row["nodes"]
    known: dict[tuple[str, str], dict[str, int]] = {}
    for row in answer(connection, _BY_GROUP).to_pylist():
        known.setdefault((row["server"], row["botnet_id"]), {})[row["value"]] = row["known"]
    for (server, botnet_id), own in known.items():
        botnet = placed[server, botnet_id]
        groups = nodes[server, botnet.pool]
        there = np.array([[own.get(value, 0) for value in groups]])
        about = np.array([list(groups.values())])
        is_strange = missing(there, about, rule)[0].tolist()
        botnet.group = max(own, key=lambda value: (own[value], value))
        botnet.strange = frozenset(compress(groups, is_strange))
