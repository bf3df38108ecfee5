"""How large a botnet is by a server's own logs, and whether the census of mail alone agrees.

A log names the nodes that reported on a day: not all that were live. The mail that traps saw on
the same day is a second, independent look at the same bots, so the two are capture and recapture
(Lincoln 1930, Petersen 1896): the share of the seen clients that the log has is the share of all
live bots that it has.

A botnet is the pool of nodes (`belonging.py`) that most of its campaigns' clients are of, under
whatever job these are logged. Where several botnets of the case are of one pool, nothing tells how
many of its nodes are of which: each has from as many as its own clients to all of them. One
campaign is counted by its own jobs, since who works at one need not work at another.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from lymer.actors.joins.belonging import Belonging, link_campaigns, place_botnets
from lymer.actors.joins.groups import GroupRule
from lymer.actors.joins.sizing import CalibrationRule, Changes, Size, size_of
from lymer.actors.joins.tables import CALIBRATIONS
from lymer.engine import answer

# The logs of a campaign's own jobs, and of a pool or a part of it, under one name each. A part is
# the nodes that are a botnet's: those of one group, or without groups those whose pool is told. A
# wide one is all that may be: all but those of strange groups.
_GROUPS = """
CREATE OR REPLACE TEMP TABLE log_groups AS
SELECT n.server, 'campaign ' || j.campaign_id AS named, n.day, n.node, n.is_named, n.client_ip
FROM node_days n
JOIN found_jobs j ON j.server = n.server AND j.job_id = n.job_id
WHERE j.campaign_id IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT n.server, q.named, n.day, n.node, n.is_named, n.client_ip
FROM node_days n
JOIN node_pools p ON p.server = n.server AND p.node = n.node
LEFT JOIN node_groups g ON g.server = n.server AND g.node = n.node
JOIN pool_parts q ON q.server = p.server AND q.pool = p.pool
WHERE q.is_wide AND (g.value IS NULL OR NOT list_contains(q.strange, g.value))
   OR NOT q.is_wide AND CASE WHEN q.value IS NULL THEN NOT p.is_open ELSE g.value = q.value END
GROUP BY ALL
UNION ALL
SELECT n.server, 'all', n.day, n.node, n.is_named, n.client_ip
FROM node_days n WHERE n.job_id IS NOT NULL
GROUP BY ALL
"""

_LOGS = """
WITH live AS (
    SELECT server, named, day, count(DISTINCT node) AS nodes
    FROM log_groups GROUP BY server, named, day
),
stays AS (
    SELECT a.server, a.named, a.node, a.day, bool_or(a.client_ip = b.client_ip) AS kept
    FROM log_groups a
    JOIN log_groups b
      ON b.server = a.server AND b.named = a.named AND b.node = a.node AND b.day = a.day - 1
    WHERE a.is_named GROUP BY a.server, a.named, a.node, a.day
),
moved AS (
    SELECT server, named, CAST(count(*) AS BIGINT) AS stayed,
           CAST(count(*) FILTER (NOT kept) AS BIGINT) AS moved
    FROM stays GROUP BY server, named
)
SELECT g.server, g.named, min(g.day) AS first_day, max(g.day) AS last_day,
       CAST(count(DISTINCT g.day) AS BIGINT) AS days,
       CAST(count(DISTINCT g.node) AS BIGINT) AS nodes,
       any_value(l.logged) AS logged,
       coalesce(any_value(m.stayed), 0) AS stayed, coalesce(any_value(m.moved), 0) AS moved
FROM log_groups g
JOIN (SELECT server, named, avg(nodes) AS logged FROM live GROUP BY server, named) l
  ON l.server = g.server AND l.named = g.named
LEFT JOIN moved m ON m.server = g.server AND m.named = g.named
GROUP BY g.server, g.named
"""

# Of the clients of a campaign on the days of its logs: those in them, and those in others alone.
_KNOWN = """
WITH days AS (SELECT DISTINCT server, named, day FROM log_groups WHERE named LIKE 'campaign %'),
own AS (SELECT DISTINCT server, named, day, client_ip FROM log_groups),
whole AS (SELECT DISTINCT server, day, client_ip FROM log_groups WHERE named = 'all')
SELECT d.server, s.campaign_id, CAST(count(*) AS BIGINT) AS seen,
       CAST(count(DISTINCT s.client_ip) AS BIGINT) AS clients,
       CAST(count(o.client_ip) AS BIGINT) AS known,
       CAST(count(*) FILTER (o.client_ip IS NULL AND w.client_ip IS NOT NULL) AS BIGINT)
           AS elsewhere
FROM days d
JOIN seen_clients s ON 'campaign ' || s.campaign_id = d.named AND s.day = d.day
LEFT JOIN own o ON o.server = d.server AND o.named = d.named AND o.day = d.day
    AND o.client_ip = s.client_ip
LEFT JOIN whole w ON w.server = d.server AND w.day = d.day AND w.client_ip = s.client_ip
GROUP BY d.server, s.campaign_id
"""

_FEW = "the logs know too few of the clients seen in the mail"

_PARTS = pa.schema(
    [
        ("server", pa.string()),
        ("pool", pa.int64()),
        ("named", pa.string()),
        ("is_wide", pa.bool_()),
        ("value", pa.string()),
        ("strange", pa.list_(pa.string())),
    ]
)

_CENSUS = """
SELECT botnet_id, live_low, live, live_high, change_share, window_start_at, window_end_at
FROM populations
"""


@dataclass(frozen=True)
class _Log:
    """What the logs of a campaign's jobs, or of a pool, say."""

    first_day: date
    last_day: date
    days: int
    nodes: int
    logged: float
    stayed: int
    moved: int

    def changes(self, rule: CalibrationRule) -> Changes | None:
        """Of named nodes that reported on two days in a row, those under no address of the day
        before; None: too few did."""
        if self.stayed < rule.least_stayed:
            return None
        return Changes.counted(self.moved, self.stayed)


def calibrate(
    connection: duckdb.DuckDBPyConnection,
    rule: CalibrationRule | None = None,
    groups: GroupRule | None = None,
) -> pa.Table:
    """CALIBRATIONS of every campaign with logged jobs, and of every botnet of such campaigns.

    `node_days`, `node_pools` and `found_jobs` are in the connection, which shows the mail and its
    botnets.
    """
    rule = rule or CalibrationRule()
    linked = link_campaigns(connection)
    placed = place_botnets(connection, linked, rule, groups or GroupRule())
    _name_parts(connection, placed)
    connection.execute(_GROUPS)
    logs = {
        (row.pop("server"), row.pop("named")): _Log(**row)
        for row in answer(connection, _LOGS).to_pylist()
    }
    known = {
        (row["server"], row["campaign_id"]): row for row in answer(connection, _KNOWN).to_pylist()
    }
    botnet_of = {
        (server, campaign): botnet
        for (server, botnet), campaigns in linked.items()
        for campaign in campaigns
    }
    census = {row["botnet_id"]: row for row in answer(connection, _CENSUS).to_pylist()}
    rows = []
    for (server, named), log in sorted(logs.items()):
        campaign_id = named.removeprefix("campaign ")
        if campaign_id == named:
            continue
        found = known.get(
            (server, campaign_id), {"seen": 0, "clients": 0, "known": 0, "elsewhere": 0}
        )
        botnet_id = botnet_of.get((server, campaign_id))
        mail = census.get(botnet_id or "", {})
        changes = _changes(log, logs[server, "all"], mail, rule)
        size = size_of(log.logged, found["known"], found["seen"], found["clients"], changes, rule)
        told = _told(log, size)
        because = _FEW if size.live is None else None
        if found["elsewhere"]:
            told.append(f"{found['elsewhere']} more are logged under other jobs alone")
        if found["elsewhere"] > rule.most_elsewhere * size.seen:
            size = replace(size, low=size.logged, live=None, high=None)
            because = because or "its bots are logged under other jobs too"
        rows.append(_row(server, botnet_id, campaign_id, log, size, mail, told, because, rule))
    for (server, botnet_id), botnet in placed.items():
        # Fewer name no pool.
        if botnet.known < rule.least_known:
            continue
        certain, possible = _parts_of(botnet)
        log, wide = logs[server, certain], logs[server, possible]
        mail = census.get(botnet_id, {})
        changes = _changes(log, logs[server, "all"], mail, rule)
        size, most = (
            size_of(nodes, botnet.known, botnet.seen, botnet.clients, changes, rule)
            for nodes in (log.logged, wide.logged)
        )
        size = replace(size, high=most.high)
        told = _told(log, size)
        for names, why in (
            (botnet.others, "whose nodes are others: perhaps another botnet"),
            (botnet.unlogged, "of whose clients the logs lack too many: perhaps another's too"),
        ):
            if names:
                told.append(f"left out are {_some(names)}, {why}")
        because = None
        if wide.logged > log.logged * (1 + rule.most_elsewhere):
            because = "some of the server's nodes may be of this botnet or of another"
            # Whom the logs lack may be of the others.
            size = replace(size, low=log.logged, live=None)
            others = (
                "work only at jobs that several botnets had"
                if botnet.group is None
                else "are of other groups by the server's own table"
            )
            told.append(
                f"{wide.nodes - log.nodes} more nodes may be of it and {others}: the low end is "
                "without them, the high end with all"
            )
        elif botnet.group is not None and botnet.strange:
            told.append(
                f"of its nodes those in the server's own group {botnet.group!r} are counted"
            )
        if botnet.beside:
            because = "the server's nodes serve more than one botnet of this case"
            size = replace(size, low=botnet.known / log.days, live=None)
            told.append(
                f"the nodes are also those of {_some(botnet.beside)}: how many are of which is not "
                "told, so the low end is its own clients, the high end all nodes"
            )
        rows.append(_row(server, botnet_id, None, log, size, mail, told, because, rule))
    return pa.Table.from_batches([CALIBRATIONS.batch(rows)])


def _parts_of(botnet: Belonging) -> tuple[str, str]:
    """Names for the nodes that are a botnet's, and for all that may be."""
    strange = sorted(botnet.strange)
    return (
        f"pool {botnet.pool} {botnet.group!r}",
        f"pool {botnet.pool} without {strange!r}",
    )


def _name_parts(
    connection: duckdb.DuckDBPyConnection, placed: dict[tuple[str, str], Belonging]
) -> None:
    """Make `pool_parts`: each part that some botnet has, once."""
    parts: dict[tuple[str, str], dict[str, Any]] = {}
    for (server, _), botnet in placed.items():
        for named, is_wide in zip(_parts_of(botnet), (False, True), strict=True):
            parts[server, named] = {
                "server": server, "pool": botnet.pool, "named": named, "is_wide": is_wide,
                "value": botnet.group, "strange": sorted(botnet.strange),
            }  # fmt: skip
    found = pa.Table.from_pylist(list(parts.values()), schema=_PARTS)
    connection.register("pool_parts_found", found)
    connection.execute("CREATE OR REPLACE TEMP TABLE pool_parts AS FROM pool_parts_found")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _changes(log: _Log, whole: _Log, mail: dict[str, Any], rule: CalibrationRule) -> Changes:
    """Changes of address in a day: where the logs are too short, what the server's others show,
    or the mail."""
    by_mail = mail.get("change_share") or 0.0
    return log.changes(rule) or whole.changes(rule) or Changes(by_mail, by_mail)


def _told(log: _Log, size: Size) -> list[str]:
    return [
        f"logs of {log.days} day{'s' * (log.days > 1)}",
        f"they have {size.known} of the {size.seen} clients that the traps saw on these days",
    ]


def _row(
    server: str,
    botnet_id: str | None,
    campaign_id: str | None,
    log: _Log,
    size: Size,
    mail: dict[str, Any],
    told: list[str],
    because: str | None,
    rule: CalibrationRule,
) -> tuple[Any, ...]:
    """`because`: why there is no best number, if there is none."""
    why = _why(log, size, mail, told)
    changes = log.changes(rule)
    if campaign_id is None and not _agree(size, mail):
        # One of them counts other machines: which, neither tells.
        high = mail["live_high"]
        size = replace(
            size,
            low=min(size.low, mail["live_low"]),
            live=None,
            high=None if high is None or size.high is None else max(size.high, high),
        )
        why += "; no best number is given, and the ends span both"
        because = because or "the logs and the census of the mail disagree"
    return (
        server, botnet_id, campaign_id, log.first_day, log.last_day, log.nodes, size.logged,
        size.seen, size.known, size.low, size.live, size.high, changes and changes.share,
        mail.get("live_low"), mail.get("live"), mail.get("live_high"), mail.get("change_share"),
        because, why,
    )  # fmt: skip


def _agree(size: Size, mail: dict[str, Any]) -> bool:
    """Whether the interval by logs and the one by the census have a number in common, if there
    are two."""
    low, high = mail.get("live_low"), mail.get("live_high")
    if low is None or size.high is None:
        return True
    return bool(size.high >= low and (high is None or size.low <= high))


def _why(log: _Log, size: Size, mail: dict[str, Any], told: list[str]) -> str:
    if size.high is None:
        told.append("so the nodes logged on a day are a lower bound")
    low, high = mail.get("live_low"), mail.get("live_high")
    if low is None:
        return "; ".join([*told, "mail alone gave no census to compare"])
    ends = f"{low:,.0f} to {high:,.0f}" if high is not None else f"{low:,.0f} or more"
    start, end = mail["window_start_at"].date(), mail["window_end_at"].date()
    told.append(f"the census of {start} to {end} says {ends}")
    if size.high is not None:
        told.append("the two agree" if _agree(size, mail) else "the two do not agree")
        if log.last_day < start or log.first_day >= end:
            told.append("but they are of other days")
    return "; ".join(told)
