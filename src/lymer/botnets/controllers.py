"""Which endpoints steer a botnet: those that its bots share beyond chance, and others do not.

The unit is a host on a day, since addresses change hands. A host is a bot of the botnet when the
traps had mail from its address on that day, or within a week of it and the host delivers mail
itself on the day that was watched. Three things are asked of every endpoint that such a bot
turned to, each against the hosts of the same network (/16, or /32 of IPv6):

- do hosts that deliver mail themselves (bots of whatever botnet) visit it beyond their share?
- among these, do the bots of this botnet visit it beyond theirs?
- is it polled as evenly as few endpoints of the network are?

The three are independent where nothing steers, so their p-values are joined by Fisher's method
and then corrected for the number of endpoints asked about (Bonferroni). Updaters and clocks pass
the third only: what hosts without mail visit as well is discounted by how many do.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import stats

from lymer.botnets.tables import CONTROLLERS, STEERED
from lymer.engine import answer

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ControllerRule:
    """When an endpoint is a controller. Defaults: docs/census.md, "Controllers"."""

    mail_hosts: int = 5
    """Mail hosts that a host turns to on a day to be one that delivers mail itself: a PC hands
    its mail to one or two."""
    near_days: int = 7
    """A trap's sighting counts for a watched day at most so many days away."""
    most_p_value: float = 0.1
    """Corrected; beyond it an endpoint is not listed."""
    steering_p_value: float = 0.01
    """Corrected; up to it whoever polls the endpoint is taken for steered."""
    company: int = 3
    """Hosts that turn to an endpoint, for it to be asked about without a bot of a known botnet."""
    listed: int = 20
    """Endpoints listed for a botnet, at most."""


# What bots do is not what steers them: SMTP, submission (RFC 8314).
_MAIL_PORTS = "(25, 465, 587)"
# So many flows before their rhythm says anything: four intervals.
_RHYTHM_FLOWS = 5

_HOSTS = f"""
CREATE OR REPLACE TEMP TABLE flow_hosts AS
SELECT source_ip, day,
       CASE WHEN contains(source_ip, ':')
            THEN regexp_extract(source_ip, '^([0-9a-f]*:[0-9a-f]*)', 1)
            ELSE regexp_extract(source_ip, '^([0-9]+[.][0-9]+)', 1) END AS network,
       count(DISTINCT ip) FILTER (port IN {_MAIL_PORTS}) >= $mail_hosts AS is_mailer
FROM contacts
GROUP BY source_ip, day
"""

_SEEDS = """
CREATE OR REPLACE TEMP TABLE flow_seeds AS
SELECT s.botnet_id, h.source_ip, h.day, h.network, list(DISTINCT s.campaign_id) AS campaigns
FROM flow_hosts h
JOIN (
    SELECT DISTINCT b.botnet_id, b.client_ip, CAST(m.received_at AS DATE) AS day, c.campaign_id
    FROM bots b
    JOIN botnet_campaigns c ON c.botnet_id = b.botnet_id
    JOIN campaign_messages g ON g.campaign_id = c.campaign_id
    JOIN messages m ON m.message_id = g.message_id AND m.client_ip = b.client_ip
) s ON s.client_ip = h.source_ip
WHERE s.day = h.day OR (h.is_mailer AND abs(s.day - h.day) <= $near_days)
GROUP BY s.botnet_id, h.source_ip, h.day, h.network
"""

# Networks without a bot, or a host that may be one, are no background.
_NETWORKS = """(
    SELECT network FROM flow_seeds UNION SELECT network FROM flow_hosts WHERE is_mailer
)"""

# By endpoint: who of the networks that bots live in visits it, and how evenly.
_VISITED = f"""
CREATE OR REPLACE TEMP TABLE flow_visits AS
SELECT c.ip, c.port, c.source_ip, c.day,
       h.is_mailer OR s.source_ip IS NOT NULL AS is_bot,
       sum(c.flow_count) AS flows,
       max(CASE WHEN c.flow_count >= {_RHYTHM_FLOWS} AND c.interval_seconds > 0
                THEN c.interval_spread_seconds / c.interval_seconds END) AS unevenness,
       max(c.interval_seconds) AS interval_seconds, max(c.size_bytes) AS size_bytes
FROM contacts c
JOIN flow_hosts h ON h.source_ip = c.source_ip AND h.day = c.day
LEFT JOIN (SELECT DISTINCT source_ip, day FROM flow_seeds) s
       ON s.source_ip = c.source_ip AND s.day = c.day
WHERE h.network IN {_NETWORKS}
  AND c.port IS NOT NULL AND c.port NOT IN {_MAIL_PORTS}
GROUP BY c.ip, c.port, c.source_ip, c.day, h.is_mailer, s.source_ip
"""

_ENDPOINTS = """
CREATE OR REPLACE TEMP TABLE flow_endpoints AS
SELECT *, cume_dist() OVER (ORDER BY coalesce(unevenness, 1e9)) AS evenness_share
FROM (
    SELECT ip, port, count(*) AS visitors, count(*) FILTER (is_bot) AS bots,
           median(unevenness) AS unevenness, median(interval_seconds) AS interval_seconds,
           median(size_bytes) AS size_bytes
    FROM flow_visits GROUP BY ip, port
)
"""

# Endpoints of each botnet, and of bots that belong to none that is known: hosts that deliver mail.
_ASKED = """
WITH asked AS (
    SELECT s.botnet_id, v.ip, v.port, count(*) AS seeds, any_value(k.seeds) AS all_seeds,
           len(list_distinct(flatten(list(s.campaigns)))) AS campaigns
    FROM flow_seeds s
    JOIN flow_visits v ON v.source_ip = s.source_ip AND v.day = s.day
    JOIN (SELECT botnet_id, count(*) AS seeds FROM flow_seeds GROUP BY botnet_id) k
         ON k.botnet_id = s.botnet_id
    GROUP BY s.botnet_id, v.ip, v.port
)
SELECT a.botnet_id, e.ip, e.port, e.visitors, e.bots, e.evenness_share,
       coalesce(e.unevenness, CAST('nan' AS DOUBLE)) AS unevenness,
       coalesce(e.interval_seconds, CAST('nan' AS DOUBLE)) AS interval_seconds,
       coalesce(e.size_bytes, CAST('nan' AS DOUBLE)) AS size_bytes,
       coalesce(a.seeds, 0) AS seeds, coalesce(a.all_seeds, 0) AS all_seeds,
       coalesce(a.campaigns, 0) AS campaigns
FROM flow_endpoints e
LEFT JOIN asked a ON a.ip = e.ip AND a.port = e.port
WHERE a.botnet_id IS NOT NULL OR e.visitors >= $company
ORDER BY a.botnet_id NULLS LAST, e.ip, e.port
"""

_SIZES = f"""
SELECT count(*), count(*) FILTER (h.is_mailer OR s.source_ip IS NOT NULL),
       (SELECT count(*) FROM flow_endpoints)
FROM flow_hosts h
LEFT JOIN (SELECT DISTINCT source_ip, day FROM flow_seeds) s
       ON s.source_ip = h.source_ip AND s.day = h.day
WHERE h.network IN {_NETWORKS}
"""


def find_controllers(
    connection: duckdb.DuckDBPyConnection, rule: ControllerRule | None = None
) -> pa.Table:
    """The likely controllers of every botnet with a bot in the flows, best first, and of bots that
    no known botnet has.

    `connection` shows contacts, bots, botnet_campaigns, campaign_messages and messages;
    temporary tables are left in it.
    """
    rule = rule or ControllerRule()
    connection.execute(_HOSTS, {"mail_hosts": rule.mail_hosts})
    connection.execute(_SEEDS, {"near_days": rule.near_days})
    for step in (_VISITED, _ENDPOINTS):
        connection.execute(step)
    [(hosts, bots, endpoints)] = connection.execute(_SIZES).fetchall()
    asked = answer(connection, _ASKED, {"company": rule.company})
    if not asked.num_rows:
        return pa.Table.from_batches([CONTROLLERS.empty()])
    columns = {name: asked[name].to_numpy() for name in asked.column_names}
    by_mail, by_seeds, by_rhythm, p_value = _judge(columns, hosts, bots)
    others = columns["visitors"] - columns["bots"]
    room = max(hosts - bots, 1)
    # Nobody else's endpoint keeps its whole score, everybody's loses it.
    discount = np.log((room + 1) / (others + 1)) / np.log(room + 1)
    rows = []
    for botnet_id in dict.fromkeys(asked["botnet_id"].to_pylist()):
        mine = np.flatnonzero(columns["botnet_id"] == botnet_id)
        # Nobody has seen these hosts mail a trap: it takes more to call them bots.
        most = rule.steering_p_value if botnet_id is None else rule.most_p_value
        corrected = np.minimum(p_value[mine] * len(mine), 1.0)
        score = -np.log10(np.maximum(p_value[mine], 1e-300)) * discount[mine]
        order = np.lexsort((corrected, -score))
        for place in order[: rule.listed]:
            at = int(mine[place])
            # What others visit too must be significant after its discount as well.
            if max(corrected[place], 10 ** -score[place] * len(mine)) > most:
                continue
            rows.append(
                (
                    columns["ip"][at],
                    int(columns["port"][at]),
                    botnet_id,
                    float(score[place]),
                    float(corrected[place]),
                    _why(
                        {name: values[at] for name, values in columns.items()},
                        (hosts, bots, endpoints, len(mine)),
                        (by_mail[at], by_seeds[at], by_rhythm[at]),
                    ),
                )
            )
    return pa.Table.from_batches([CONTROLLERS.batch(rows)])


def _judge(
    columns: Mapping[str, npt.NDArray[Any]], hosts: int, bots: int
) -> tuple[Reals, Reals, Reals, Reals]:
    """The three p-values of every endpoint asked about, and all of them joined."""
    visitors, among = columns["visitors"], columns["bots"]
    seeds, all_seeds = columns["seeds"], columns["all_seeds"]
    by_mail = stats.hypergeom.sf(among - 1, hosts, bots, visitors)
    by_seeds = stats.hypergeom.sf(seeds - 1, bots, all_seeds, among)
    is_even = ~np.isnan(columns["unevenness"].astype(np.float64))
    by_rhythm = np.where(is_even, columns["evenness_share"].astype(np.float64), 1.0)
    parts = np.clip([by_mail, by_seeds, by_rhythm], 1e-300, 1.0)
    joined = stats.chi2.sf(-2 * np.log(parts).sum(axis=0), 2 * len(parts))
    return by_mail, by_seeds, by_rhythm, joined


def _why(
    row: Mapping[str, Any], sizes: tuple[int, int, int, int], parts: tuple[float, float, float]
) -> str:
    hosts, bots, endpoints, asked = sizes
    by_mail, by_seeds, by_rhythm = parts
    words = [
        f"{row['seeds']} of {row['all_seeds']} host-days of this botnet's bots turn to it"
        if row["all_seeds"]
        else "no bot of a known botnet turns to it",
        f"{row['bots']} of {bots} that deliver mail themselves and {row['visitors'] - row['bots']} "
        f"of {hosts - bots} others do (p {by_mail:.2g}, for this botnet among them {by_seeds:.2g})",
    ]
    if row["campaigns"] == 1:
        words.append(
            "they are known from one campaign alone: if that had a second botnet, this may be its"
        )
    if by_rhythm < 1:
        words.append(
            f"every {row['interval_seconds']:.0f} s with a spread of "
            f"{100 * row['unevenness']:.0f} %, {row['size_bytes']:.0f} bytes each time "
            f"(as even as {100 * by_rhythm:.2g} % of {endpoints} endpoints)"
        )
    words.append(f"corrected for {asked} endpoints")
    return "; ".join(words)


_STEERED = f"""
SELECT c.botnet_id, c.ip, c.port, v.source_ip AS client_ip, v.day,
       CAST(v.flows AS BIGINT) AS flow_count,
       EXISTS (SELECT 1 FROM bots b
               WHERE b.botnet_id = c.botnet_id AND b.client_ip = v.source_ip) AS is_known,
       concat(CAST(v.flows AS BIGINT), ' flows to ', c.ip, ' port ', c.port,
              CASE WHEN v.unevenness IS NOT NULL
                   THEN concat(', every ', CAST(round(v.interval_seconds) AS BIGINT),
                               ' s with a spread of ', CAST(round(100 * v.unevenness) AS BIGINT),
                               ' %') ELSE '' END,
              CASE WHEN v.is_bot THEN '; delivers mail itself'
                   ELSE '; no mail seen from it' END) AS why
FROM found_controllers c
JOIN flow_visits v ON v.ip = c.ip AND v.port = c.port
WHERE c.p_value <= $most AND v.flows >= {_RHYTHM_FLOWS}
ORDER BY c.botnet_id, c.ip, c.port, client_ip, v.day
"""


def find_steered(
    connection: duckdb.DuckDBPyConnection,
    controllers: pa.Table,
    rule: ControllerRule | None = None,
) -> pa.Table:
    """The other way: hosts that keep in touch with a controller, after `find_controllers`."""
    rule = rule or ControllerRule()
    connection.register("found_controllers", controllers)
    try:
        found = answer(connection, _STEERED, {"most": rule.steering_p_value})
    finally:
        connection.unregister("found_controllers")
    return found.select(STEERED.schema.names).cast(STEERED.schema)
