"""How large a botnet is by a server's own logs, and whether the census of mail alone agrees.

A log names the nodes that reported on a day: not all that were live. The mail that traps saw on
the same day is a second, independent look at the same bots, so the two are capture and recapture
(Lincoln 1930, Petersen 1896): the share of the seen clients that the log has is the share of all
live bots that it has.

A botnet is the pool of nodes (`pools.py`) that most of its campaigns' clients are of, under
whatever job these are logged. One campaign is counted by its own jobs, since who works at one need
not work at another.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from scipy import stats

from lymer.actors.joins.tables import CALIBRATIONS
from lymer.engine import answer


@dataclass(frozen=True)
class CalibrationRule:
    """When logs are corrected by mail. Checked on mixed worlds of the lab, seeds 1 and 3 to 10
    (docs/servers.md); what comes of it is `calibrations` in docs/accuracy.md."""

    least_known: int = 5
    """Seen clients that the logs have: with fewer the share is anybody's guess, and so is which
    nodes are of a botnet."""
    least_stayed: int = 10
    """Nodes that reported on two days in a row, for a share of changed addresses."""
    least_chance: float = 0.001
    """Chance that the logs have so few of a campaign's clients when they have as many as of the
    other campaigns of its botnet: with less the campaign, or a part of it, is of machines that are
    not in the logs."""
    most_elsewhere: float = 0.1
    """Share of the seen clients that the server logs on that day under other jobs alone. With more
    the log of these jobs is no even sample of their bots, and is a lower bound."""
    missed_of_changes: float = 0.375
    most_missed: float = 0.5
    """Of the changes of an address in a day, those that show a client whose node the log has, under
    another address. Half of the changes fall into the hours that a bot is on (docs/census.md):
    then a client that was seen once is missed in half of the cases, one seen often always."""


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

# For each campaign and each pool that has clients of it: how many, and how many were seen in all
# on the days that the pool was logged.
_IN_POOLS = """
WITH told AS (
    SELECT n.server, n.day, n.client_ip, p.pool
    FROM node_days n JOIN node_pools p ON p.server = n.server AND p.node = n.node
    GROUP BY ALL
),
pool_days AS (SELECT DISTINCT server, pool, day FROM told),
known AS (
    SELECT t.server, s.campaign_id, t.pool, CAST(count(*) AS BIGINT) AS known
    FROM seen_clients s JOIN told t ON t.day = s.day AND t.client_ip = s.client_ip
    GROUP BY ALL
),
told_at_all AS (SELECT DISTINCT server, day, client_ip FROM told)
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

# The logs of a campaign's own jobs, and of a botnet's pool, under one name each.
_GROUPS = """
CREATE OR REPLACE TEMP TABLE log_groups AS
SELECT n.server, 'campaign ' || j.campaign_id AS named, n.day, n.node, n.is_named, n.client_ip
FROM node_days n
JOIN found_jobs j ON j.server = n.server AND j.job_id = n.job_id
WHERE j.campaign_id IS NOT NULL
GROUP BY ALL
UNION ALL
SELECT n.server, 'pool ' || p.pool, n.day, n.node, n.is_named, n.client_ip
FROM node_days n JOIN node_pools p ON p.server = n.server AND p.node = n.node
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

_CENSUS = """
SELECT botnet_id, live_low, live, live_high, change_share, window_start_at, window_end_at
FROM populations
"""


@dataclass(frozen=True)
class Size:
    """Live bots on a day, as logs and mail together tell it."""

    logged: float
    """Nodes in the logs on a day, the mean."""
    seen: int
    known: int
    low: float
    live: float | None
    high: float | None


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

    def changed(self, rule: CalibrationRule) -> float | None:
        """Of named nodes that reported on two days in a row, those under no address of the day
        before; None: too few did."""
        return self.moved / self.stayed if self.stayed >= rule.least_stayed else None


@dataclass(frozen=True)
class _Share:
    """Of a campaign's clients on the days of a pool, those that the logs have."""

    campaign_id: str
    pool: int
    known: int
    seen: int


@dataclass
class _Botnet:
    """The campaigns of a botnet by what the logs say of their clients."""

    pool: int
    counted: list[_Share] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    """Campaigns whose clients are of other pools."""
    unlogged: list[str] = field(default_factory=list)
    """Campaigns of whose clients the logs lack too many."""


def calibrate(
    connection: duckdb.DuckDBPyConnection, rule: CalibrationRule | None = None
) -> pa.Table:
    """CALIBRATIONS of every campaign with logged jobs, and of every botnet of such campaigns.

    `node_days`, `node_pools` and `found_jobs` are in the connection, which shows the mail and its
    botnets.
    """
    rule = rule or CalibrationRule()
    connection.execute(_SEEN)
    connection.execute(_GROUPS)
    logs = {
        (row.pop("server"), row.pop("named")): _Log(**row)
        for row in answer(connection, _LOGS).to_pylist()
    }
    known = {
        (row["server"], row["campaign_id"]): row for row in answer(connection, _KNOWN).to_pylist()
    }
    linked: dict[tuple[str, str], list[str]] = {}
    for row in answer(connection, _LINKED).to_pylist():
        linked.setdefault((row["server"], row["botnet_id"]), []).append(row["campaign_id"])
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
        found = known.get((server, campaign_id), {"seen": 0, "known": 0, "elsewhere": 0})
        botnet_id = botnet_of.get((server, campaign_id))
        mail = census.get(botnet_id or "", {})
        changes = _changes(log, logs[server, "all"], mail, rule)
        size = size_of(log.logged, found["known"], found["seen"], changes, rule)
        told = _told(log, size)
        if found["elsewhere"]:
            told.append(f"{found['elsewhere']} more are logged under other jobs alone")
        if found["elsewhere"] > rule.most_elsewhere * size.seen:
            size = Size(size.logged, size.seen, size.known, size.logged, None, None)
        rows.append(_row(server, botnet_id, campaign_id, log, size, mail, told, rule))
    shares = _shares(connection)
    for (server, botnet_id), campaigns in sorted(linked.items()):
        botnet = _sort((shares[server, one] for one in campaigns if (server, one) in shares), rule)
        if botnet is None:
            continue
        log = logs[server, f"pool {botnet.pool}"]
        mail = census.get(botnet_id, {})
        size = size_of(
            log.logged, sum(one.known for one in botnet.counted),
            sum(one.seen for one in botnet.counted),
            _changes(log, logs[server, "all"], mail, rule), rule,
        )  # fmt: skip
        told = _told(log, size)
        for names, why in (
            (botnet.others, "whose nodes are others: perhaps another botnet"),
            (botnet.unlogged, "of whose clients the logs lack too many: perhaps another's too"),
        ):
            if names:
                more = f" and {len(names) - 3} more" if len(names) > 3 else ""
                told.append(f"left out are {', '.join(names[:3])}{more}, {why}")
        rows.append(_row(server, botnet_id, None, log, size, mail, told, rule))
    return pa.Table.from_batches([CALIBRATIONS.batch(rows)])


def _shares(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], _Share]:
    """By server and campaign: the pool that most of its known clients are of."""
    shares: dict[tuple[str, str], _Share] = {}
    for row in answer(connection, _IN_POOLS).to_pylist():
        server, campaign = row["server"], row["campaign_id"]
        found = _Share(campaign, row["pool"], row["known"], row["seen"])
        shares.setdefault((server, campaign), found)
    return shares


def _sort(campaigns: Iterable[_Share], rule: CalibrationRule) -> _Botnet | None:
    """The campaigns of a botnet by their nodes; None: the logs have too few of its clients to say
    which nodes are of it."""
    told = list(campaigns)
    known: dict[int, int] = {}
    for one in told:
        known[one.pool] = known.get(one.pool, 0) + one.known
    if max(known.values(), default=0) < rule.least_known:
        return None
    botnet = _Botnet(max(known, key=lambda pool: (known[pool], -pool)))
    botnet.others = [one.campaign_id for one in told if one.pool != botnet.pool]
    # From the campaign that the logs know best: what falls off from the rest is left out.
    own = [one for one in told if one.pool == botnet.pool]
    for one in sorted(own, key=lambda one: (-_sure(one), one.campaign_id)):
        have = sum(before.known for before in botnet.counted)
        seen = sum(before.seen for before in botnet.counted)
        if have and stats.binom.cdf(one.known, one.seen, have / seen) < rule.least_chance:
            botnet.unlogged.append(one.campaign_id)
        else:
            botnet.counted.append(one)
    return botnet


def _sure(one: _Share) -> float:
    """Low end of the share that the logs have, so that a few clients do not come first."""
    return float(stats.beta.ppf(0.025, one.known, one.seen - one.known + 1))


def size_of(logged: float, known: int, seen: int, changes: float, rule: CalibrationRule) -> Size:
    """Live bots on a day from the nodes logged on a day and the share of seen clients they have.

    `changes`: the share of bots whose address changes from one day to the next.
    """
    if known < rule.least_known:
        # The logs are a lower bound, whatever they lack.
        return Size(logged, seen, known, logged, None, None)
    # Clopper and Pearson 1934.
    low, high = stats.binomtest(known, seen).proportion_ci(0.95, "exact")
    most = min(1.0, high * (1 + rule.most_missed * changes))
    middle = min(1.0, known / seen * (1 + rule.missed_of_changes * changes))
    return Size(logged, seen, known, logged / most, logged / middle, logged / low)


def _changes(log: _Log, whole: _Log, mail: dict[str, Any], rule: CalibrationRule) -> float:
    """Changes of address in a day: where the logs are too short, what the server's others show,
    or the mail."""
    shown = (log.changed(rule), whole.changed(rule), mail.get("change_share"))
    return next((one for one in shown if one is not None), 0.0)


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
    rule: CalibrationRule,
) -> tuple[Any, ...]:
    why = _why(log, size, mail, told, rule)
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
    return (
        server, botnet_id, campaign_id, log.first_day, log.last_day, log.nodes, size.logged,
        size.seen, size.known, size.low, size.live, size.high, log.changed(rule),
        mail.get("live_low"), mail.get("live"), mail.get("live_high"), mail.get("change_share"),
        why,
    )  # fmt: skip


def _agree(size: Size, mail: dict[str, Any]) -> bool:
    """Whether the interval by logs and the one by the census have a number in common, if there
    are two."""
    low, high = mail.get("live_low"), mail.get("live_high")
    if low is None or size.high is None:
        return True
    return bool(size.high >= low and (high is None or size.low <= high))


def _why(
    log: _Log, size: Size, mail: dict[str, Any], told: list[str], rule: CalibrationRule
) -> str:
    if size.live is None and size.known >= rule.least_known:
        told.append("so the nodes logged on a day are a lower bound")
    elif size.live is None:
        told.append(f"fewer than {rule.least_known}: the nodes logged on a day are a lower bound")
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
