"""What sent some campaigns and what steers it, in a few numbers for the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from lymer.actors.books import Job
from lymer.engine import answer


@dataclass(frozen=True)
class MachineryRule:
    """When an endpoint steers the campaigns' bots though no botnet could be told."""

    least_hosts: int = 2
    """Of its hosts that sent the mail, or worked at the orders by a server's log."""
    least_share: float = 0.5
    """Of all its hosts. True controllers had all or nearly all of theirs, others none
    (`case-2007` seed 7, `mixed` seeds 5 and 8)."""


@dataclass(frozen=True)
class BotnetSize:
    """One botnet of the campaigns."""

    botnet_id: str
    name: str
    footprint: int
    low: float | None
    live: float | None
    high: float | None
    why: str


@dataclass(frozen=True)
class LoggedSize:
    """The machines behind the campaigns by a server's logs, corrected by the mail."""

    server: str
    subject: str
    """The botnet, or the campaign where that is in none."""
    low: float
    live: float | None
    high: float
    open_because: str | None
    """Why there is no best number."""
    known: int
    seen: int
    reference: str


@dataclass(frozen=True)
class Endpoint:
    """What is likely to steer the campaigns' bots."""

    ip: str
    port: int
    why: str

    def __str__(self) -> str:
        return f"[{self.ip}]:{self.port}" if ":" in self.ip else f"{self.ip}:{self.port}"


@dataclass(frozen=True)
class Machinery:
    """All of it."""

    botnets: tuple[BotnetSize, ...]
    engine: str | None
    engine_ids: tuple[str, ...]
    client_count: int
    controllers: tuple[Endpoint, ...]
    """The best first."""
    has_flows: bool
    servers: tuple[str, ...]
    """Captured servers that took the orders and know its bots."""
    workers: tuple[tuple[str, int], ...]
    """Server, and nodes that worked at the orders by its own logs."""
    nodes: tuple[tuple[str, float], ...]
    """Server, and live nodes of whatever order on a day by its own logs."""
    logged: tuple[LoggedSize, ...]
    """Where logs and mail together tell the size."""
    accepted: tuple[float, float | None] | None
    """Mails accepted, low and high, where a captured list fixes the scale."""


_BOTNETS = """
SELECT DISTINCT b.botnet_id, b.name, b.footprint, b.live_low AS low, b.live, b.live_high AS high,
       b.why, b.message_count
FROM botnet_campaigns l JOIN botnets b ON b.botnet_id = l.botnet_id
WHERE l.campaign_id IN (SELECT unnest($campaigns)) AND b.is_separable
ORDER BY b.message_count DESC, b.botnet_id
"""

_ENGINES = """
SELECT d.dialect_id, d.name, count(*) AS mails
FROM campaign_messages c
JOIN fingerprints f ON f.message_id = c.message_id
JOIN dialect_traits t ON t.variant_id = f.dialect_id
JOIN dialects d ON d.dialect_id = t.dialect_id
WHERE c.campaign_id IN (SELECT unnest($campaigns))
GROUP BY d.dialect_id, d.name ORDER BY mails DESC, d.dialect_id LIMIT 1
"""

_CLIENTS = """
SELECT count(DISTINCT m.client_ip) AS clients
FROM campaign_messages c JOIN messages m ON m.message_id = c.message_id
WHERE c.campaign_id IN (SELECT unnest($campaigns))
"""

# A controller of their botnet; or, where no botnet could be told, one to which mostly hosts turn
# that mailed the campaigns or worked at their orders.
_CONTROLLERS = """
WITH own AS (
    SELECT m.client_ip FROM campaign_messages c JOIN messages m ON m.message_id = c.message_id
    WHERE c.campaign_id IN (SELECT unnest($campaigns))
    UNION
    SELECT client_ip FROM nodes WHERE server || '/' || job_id IN (SELECT unnest($jobs))
),
kept AS (
    SELECT s.ip, s.port, count(DISTINCT s.client_ip) AS hosts,
           count(DISTINCT o.client_ip) AS own_hosts
    FROM steered s LEFT JOIN own o ON o.client_ip = s.client_ip
    GROUP BY s.ip, s.port
)
SELECT c.ip, c.port, max(c.score) AS score,
       bool_or(c.botnet_id IN (SELECT unnest($botnets))) AS is_theirs,
       coalesce(any_value(k.hosts), 0) AS hosts, coalesce(any_value(k.own_hosts), 0) AS own_hosts
FROM controllers c LEFT JOIN kept k ON k.ip = c.ip AND k.port = c.port
GROUP BY c.ip, c.port
HAVING coalesce(is_theirs, false) OR (own_hosts >= $least AND own_hosts >= $share * hosts)
ORDER BY own_hosts DESC, score DESC, c.ip, c.port LIMIT 4
"""

_WORKERS = """
SELECT server, count(DISTINCT coalesce(node_id, client_ip)) AS nodes
FROM nodes WHERE server || '/' || job_id IN (SELECT unnest($jobs))
GROUP BY server ORDER BY server
"""

_KNOWING = """
SELECT DISTINCT n.server
FROM nodes n
JOIN (SELECT DISTINCT m.client_ip FROM campaign_messages c
      JOIN messages m ON m.message_id = c.message_id
      WHERE c.campaign_id IN (SELECT unnest($campaigns))) s ON s.client_ip = n.client_ip
WHERE n.server IN (SELECT unnest($servers))
ORDER BY n.server
"""

_NODES = """
SELECT server, median(live_nodes) AS nodes FROM node_counts
WHERE server IN (SELECT unnest($servers))
  AND (day BETWEEN CAST($first AS DATE) AND CAST($last AS DATE) OR NOT $dated)
GROUP BY server ORDER BY server
"""

# Of a campaign that is in a botnet, the botnet's row says more.
_LOGGED = """
SELECT server, coalesce('botnet ' || botnet_id, 'campaign ' || campaign_id) AS subject,
       live_low AS low, live, live_high AS high, open_because, known_clients AS known,
       seen_clients AS seen,
       server || '/' || coalesce(botnet_id, '') || '/' || coalesce(campaign_id, '') AS reference
FROM calibrations
WHERE live_high IS NOT NULL
  AND (campaign_id IS NULL AND botnet_id IN (SELECT unnest($botnets))
       OR botnet_id IS NULL AND campaign_id IN (SELECT unnest($campaigns)))
ORDER BY logged_nodes DESC, server, subject
"""

_ACCEPTED = """
SELECT sum(low) AS low, CASE WHEN count(high) = count(*) THEN sum(high) END AS high,
       count(*) AS campaigns
FROM volumes WHERE stage = 'accepted' AND campaign_id IN (SELECT unnest($campaigns))
"""


def read_machinery(
    connection: duckdb.DuckDBPyConnection,
    campaigns: Sequence[str],
    jobs: Sequence[Job],
    rule: MachineryRule,
) -> Machinery:
    """What the botnets room and the joins say of `campaigns` and their orders."""
    asked = {"campaigns": list(campaigns)}
    found = answer(connection, _BOTNETS, asked).drop_columns(["message_count"]).to_pylist()
    botnets = tuple(BotnetSize(**row) for row in found)
    engines = answer(connection, _ENGINES, asked).to_pylist()
    servers = sorted({job.server for job in jobs})
    keys = [job.key for job in jobs]
    controllers = answer(
        connection,
        _CONTROLLERS,
        asked
        | {
            "jobs": keys,
            "botnets": [botnet.botnet_id for botnet in botnets],
            "least": rule.least_hosts,
            "share": rule.least_share,
        },
    ).to_pylist()
    accepted = answer(connection, _ACCEPTED, asked).to_pylist()[0]
    return Machinery(
        botnets=botnets,
        engine=engines[0]["name"] if engines else None,
        engine_ids=tuple(row["dialect_id"] for row in engines),
        client_count=answer(connection, _CLIENTS, asked)["clients"].to_pylist()[0],
        controllers=tuple(
            Endpoint(row["ip"], row["port"], _why_steered(row)) for row in controllers
        ),
        has_flows=answer(connection, "SELECT 1 FROM contacts LIMIT 1").num_rows > 0,
        servers=tuple(
            answer(connection, _KNOWING, asked | {"servers": servers})["server"].to_pylist()
        ),
        workers=tuple(
            (row["server"], row["nodes"])
            for row in answer(connection, _WORKERS, {"jobs": keys}).to_pylist()
        ),
        nodes=_count_nodes(connection, servers, jobs),
        logged=tuple(
            LoggedSize(**row)
            for row in answer(
                connection,
                _LOGGED,
                asked | {"botnets": [botnet.botnet_id for botnet in botnets]},
            ).to_pylist()
        ),
        accepted=(accepted["low"], accepted["high"]) if accepted["low"] is not None else None,
    )


def _why_steered(row: dict[str, Any]) -> str:
    if row["own_hosts"]:
        return (
            f"{row['own_hosts']} of {row['hosts']} hosts that keep in touch with it sent this mail"
        )
    return "bots of the same botnet turn to it"


def _count_nodes(
    connection: duckdb.DuckDBPyConnection, servers: Sequence[str], jobs: Sequence[Job]
) -> tuple[tuple[str, float], ...]:
    """Live nodes on a day of the orders; on any day where the logs do not reach there."""
    first = min((job.started_at for job in jobs if job.started_at), default=None)
    last = max((job.ended_at for job in jobs if job.ended_at), default=None)
    for dated in (True, False):
        rows = answer(
            connection,
            _NODES,
            {"servers": list(servers), "first": first, "last": last, "dated": dated},
        ).to_pylist()
        if rows:
            return tuple((row["server"], row["nodes"]) for row in rows)
    return ()
