"""How large a botnet is by a server's own logs, and whether the census of mail alone agrees.

A log names the nodes that reported on a day: not all that were live. The mail that traps saw on
the same day is a second, independent look at the same bots, so the two are capture and recapture
(Lincoln 1930, Petersen 1896): the share of the seen clients that the log has is the share of all
live bots that it has. Of one campaign's jobs by themselves, since who works at one job need not
work at another.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
from scipy import stats

from lymer.actors.joins.tables import CALIBRATIONS
from lymer.engine import answer


@dataclass(frozen=True)
class CalibrationRule:
    """When logs are corrected by mail. By judgement, not by a benchmark; what comes of it is
    `calibrations` in docs/accuracy.md."""

    least_known: int = 5
    """Seen clients that the logs have: with fewer the share is anybody's guess."""
    least_stayed: int = 10
    """Nodes that reported on two days in a row, for a share of changed addresses."""
    least_common: float = 0.1
    """Of the nodes of the smaller of two campaigns, or of its seen clients, those that the other's
    jobs have: with less, two campaigns linked to one botnet are of two pools by the logs. PCs with
    two infections are a few in a hundred."""
    most_elsewhere: float = 0.1
    """Share of the seen clients that the server logs on that day under other jobs alone. With more
    the log of these jobs is no even sample of their bots, and is a lower bound."""
    missed_of_changes: float = 0.375
    most_missed: float = 0.5
    """Of the changes of an address in a day, those that show a client whose node the log has, under
    another address. Half of the changes fall into the hours that a bot is on (docs/census.md):
    then a client that was seen once is missed in half of the cases, one seen often always."""


_LOGGED = """
SELECT n.server, j.campaign_id, CAST(n.seen_at AS DATE) AS day,
       coalesce(n.node_id, n.client_ip) AS node, n.node_id IS NOT NULL AS is_named, n.client_ip
FROM daily_nodes n
JOIN found_jobs j ON j.server = n.server AND j.job_id = n.job_id
WHERE j.campaign_id IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""

_SEEN = """
SELECT g.campaign_id, CAST(m.received_at AS DATE) AS day, m.client_ip
FROM campaign_messages g JOIN messages m ON m.message_id = g.message_id
WHERE g.campaign_id IN (SELECT DISTINCT campaign_id FROM found_jobs)
  AND m.received_at IS NOT NULL AND m.client_ip IS NOT NULL
GROUP BY ALL ORDER BY ALL
"""

_BOTNETS = """
SELECT campaign_id, botnet_id FROM botnet_campaigns
QUALIFY count(*) OVER (PARTITION BY campaign_id) = 1
ORDER BY campaign_id
"""

_CENSUS = """
SELECT botnet_id, live_low, live, live_high, change_share, window_start_at, window_end_at
FROM populations
"""

Days = dict[date, dict[str, set[str]]]
"""By day, the addresses of each node."""


@dataclass
class _Log:
    """What the logs of some jobs say, and what the traps saw of their mail."""

    days: Days = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))
    named: set[str] = field(default_factory=set)
    seen: dict[date, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, other: "_Log") -> None:
        """Take in the days of another."""
        for day, nodes in other.days.items():
            for node, addresses in nodes.items():
                self.days[day][node] |= addresses
        self.named |= other.named
        for day, clients in other.seen.items():
            self.seen[day] |= clients


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


def calibrate(
    connection: duckdb.DuckDBPyConnection, rule: CalibrationRule | None = None
) -> pa.Table:
    """CALIBRATIONS of every campaign with logged jobs, and of every botnet of such campaigns.

    `daily_nodes` and `found_jobs` are in the connection, which shows the mail and its botnets.
    """
    rule = rule or CalibrationRule()
    logs: dict[tuple[str, str], _Log] = defaultdict(_Log)
    for row in answer(connection, _LOGGED).to_pylist():
        log = logs[row["server"], row["campaign_id"]]
        log.days[row["day"]][row["node"]].add(row["client_ip"])
        if row["is_named"]:
            log.named.add(row["node"])
    seen: dict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in answer(connection, _SEEN).to_pylist() if logs else []:
        seen[row["campaign_id"]][row["day"]].add(row["client_ip"])
    for (_, campaign_id), log in logs.items():
        for day, clients in seen[campaign_id].items():
            if day in log.days:
                log.seen[day] |= clients
    botnets = {
        row["campaign_id"]: row["botnet_id"] for row in answer(connection, _BOTNETS).to_pylist()
    }
    census = {row["botnet_id"]: row for row in answer(connection, _CENSUS).to_pylist()}
    of_server: dict[str, _Log] = defaultdict(_Log)
    for (server, _), log in logs.items():
        of_server[server].add(log)
    usual = {server: changed_share(log.days, log.named, rule) for server, log in of_server.items()}
    linked: dict[tuple[str, str], dict[str, _Log]] = defaultdict(dict)
    rows = []
    for (server, campaign_id), log in sorted(logs.items()):
        botnet_id = botnets.get(campaign_id)
        everything = (of_server[server], usual[server])
        rows.append(_row(server, botnet_id, campaign_id, log, census, *everything, rule))
        if botnet_id is not None:
            linked[server, botnet_id][campaign_id] = log
    for (server, botnet_id), campaigns in sorted(linked.items()):
        pools = pools_of(campaigns, rule)
        whole = _Log()
        for campaign_id in pools[0]:
            whole.add(campaigns[campaign_id])
        everything = (of_server[server], usual[server])
        rows.append(_row(server, botnet_id, None, whole, census, *everything, rule, pools[1:]))
    return pa.Table.from_batches([CALIBRATIONS.batch(rows)])


def pools_of(campaigns: dict[str, _Log], rule: CalibrationRule) -> list[list[str]]:
    """The campaigns of a botnet by whether their jobs have nodes in common, most mail first.

    A node may be logged under one of its jobs only: then it is the clients of one campaign's mail
    that are among the nodes of another.
    """
    names = sorted(campaigns)
    label = {name: name for name in names}
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            if label[one] != label[other] and _have_common(campaigns[one], campaigns[other], rule):
                old, new = label[other], label[one]
                label = {name: new if had == old else had for name, had in label.items()}
    found: dict[str, list[str]] = defaultdict(list)
    for name in names:
        found[label[name]].append(name)

    def mail(pool: list[str]) -> int:
        return sum(len(clients) for name in pool for clients in campaigns[name].seen.values())

    return sorted(found.values(), key=lambda pool: (-mail(pool), pool))


def _have_common(one: _Log, other: _Log, rule: CalibrationRule) -> bool:
    nodes, others = (set[str]().union(*log.days.values()) for log in (one, other))
    if len(nodes & others) >= rule.least_common * min(len(nodes), len(others)):
        return True
    for mailed, logged in ((one, other), (other, one)):
        seen = sum(map(len, mailed.seen.values()))
        known = sum(
            len(clients & _addresses(logged.days[day].values()))
            for day, clients in mailed.seen.items()
            if day in logged.days
        )
        if known >= max(2, rule.least_common * seen):
            return True
    return False


def size_of(days: Days, seen: dict[date, set[str]], changes: float, rule: CalibrationRule) -> Size:
    """Live bots on a day from the nodes of each day and the clients seen on the same days.

    `changes`: the share of bots whose address changes from one day to the next.
    """
    logged = sum(map(len, days.values())) / len(days)
    addresses = {day: _addresses(nodes.values()) for day, nodes in days.items()}
    total = sum(len(clients) for clients in seen.values())
    known = sum(len(clients & addresses[day]) for day, clients in seen.items())
    if known < rule.least_known:
        # The logs are a lower bound, whatever they lack.
        return Size(logged, total, known, logged, None, None)
    # Clopper and Pearson 1934.
    low, high = stats.binomtest(known, total).proportion_ci(0.95, "exact")
    most = min(1.0, high * (1 + rule.most_missed * changes))
    middle = min(1.0, known / total * (1 + rule.missed_of_changes * changes))
    return Size(logged, total, known, logged / most, logged / middle, logged / low)


def changed_share(days: Days, named: Collection[str], rule: CalibrationRule) -> float | None:
    """Of named nodes that reported on two days in a row, those under no address of the day before.

    None: too few did.
    """
    stayed = moved = 0
    for day, nodes in days.items():
        before = next((days[one] for one in days if (day - one).days == 1), None)
        for node in (before or {}).keys() & nodes.keys() & set(named):
            stayed += 1
            moved += nodes[node].isdisjoint((before or {})[node])
    return moved / stayed if stayed >= rule.least_stayed else None


def _addresses(nodes: Iterable[set[str]]) -> set[str]:
    return set[str]().union(*nodes)


def _row(
    server: str,
    botnet_id: str | None,
    campaign_id: str | None,
    log: _Log,
    census: dict[str, dict[str, Any]],
    whole: _Log,
    usual: float | None,
    rule: CalibrationRule,
    apart: Sequence[Sequence[str]] = (),
) -> tuple[Any, ...]:
    changed = changed_share(log.days, log.named, rule)
    mail = census.get(botnet_id or "", {})
    # Where the logs are too short, what the server's others show, or the mail.
    changes = next(
        (one for one in (changed, usual, mail.get("change_share")) if one is not None), 0
    )
    size = size_of(log.days, log.seen, changes, rule)
    elsewhere = sum(
        len(clients & _addresses(whole.days[day].values()) - _addresses(log.days[day].values()))
        for day, clients in log.seen.items()
    )
    if elsewhere > rule.most_elsewhere * size.seen:
        size = Size(size.logged, size.seen, size.known, size.logged, None, None)
    nodes = {node for nodes in log.days.values() for node in nodes}
    return (
        server, botnet_id, campaign_id, min(log.days), max(log.days),
        len(nodes), size.logged, size.seen, size.known, size.low, size.live, size.high, changed,
        mail.get("live_low"), mail.get("live"), mail.get("live_high"), mail.get("change_share"),
        _why(log, size, elsewhere, mail, apart, rule),
    )  # fmt: skip


def _why(
    log: _Log,
    size: Size,
    elsewhere: int,
    mail: dict[str, Any],
    apart: Sequence[Sequence[str]],
    rule: CalibrationRule,
) -> str:
    told = [
        f"logs of {len(log.days)} day{'s' * (len(log.days) > 1)}",
        f"they have {size.known} of the {size.seen} clients that the traps saw on these days",
    ]
    for pool in apart:
        shown = ", ".join(pool[:3]) + (f" and {len(pool) - 3} more" if len(pool) > 3 else "")
        told.append(f"left out are {shown}, whose nodes are others: perhaps another botnet")
    if elsewhere:
        told.append(f"{elsewhere} more are logged under other jobs alone")
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
        fits = size.high >= low and (high is None or size.low <= high)
        told.append("the two agree" if fits else "the two do not agree")
        if max(log.days) < start or min(log.days) >= end:
            told.append("but they are of other days")
    return "; ".join(told)
