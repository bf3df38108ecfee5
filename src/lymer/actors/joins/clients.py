"""Which client of the mail is which node of a server: the machine behind an address on a day.

An address by itself says little, since it passes from one machine to the next. So a node is taken
for a client only where the log has it under that address within a day of the client's mail, and of
several nodes there those that worked at a job of that very campaign.
"""

import duckdb
import pyarrow as pa

from lymer.actors.joins.tables import NODE_CLIENTS
from lymer.engine import answer

# Times of servers are local: a day either way. Days, not times, keep a busy address from being
# paired with itself at every time of the log.
_MET = """
WITH nodes AS (
    SELECT n.server, n.node_id, n.client_ip, CAST(n.seen_at AS DATE) AS day, n.job_id,
           j.campaign_id
    FROM found_nodes n
    LEFT JOIN found_jobs j ON j.server = n.server AND j.job_id = n.job_id
    WHERE n.node_id IS NOT NULL AND n.seen_at IS NOT NULL
    GROUP BY ALL
),
mail AS (
    SELECT g.campaign_id, m.client_ip, CAST(m.received_at AS DATE) AS day,
           min(m.received_at) AS first_mail_at, max(m.received_at) AS last_mail_at,
           CAST(count(*) AS BIGINT) AS mails
    FROM campaign_messages g JOIN messages m ON m.message_id = g.message_id
    WHERE m.received_at IS NOT NULL
      AND m.client_ip IN (SELECT client_ip FROM nodes)
    GROUP BY ALL
),
near AS (
    SELECT n.server, n.node_id, n.client_ip, n.job_id, m.campaign_id, m.day AS mail_day,
           coalesce(n.campaign_id = m.campaign_id, false) AS at_it,
           abs(n.day - m.day) AS days_off, m.first_mail_at, m.last_mail_at, m.mails
    FROM mail m JOIN nodes n
      ON n.client_ip = m.client_ip AND n.day IN (m.day - 1, m.day, m.day + 1)
),
kept AS (
    SELECT * FROM near
    QUALIFY rank() OVER (
        PARTITION BY server, client_ip, campaign_id, mail_day ORDER BY at_it DESC, days_off
    ) = 1
),
counted AS (
    SELECT *, CAST(count(DISTINCT node_id) OVER (
               PARTITION BY server, client_ip, campaign_id, mail_day) AS BIGINT) AS nodes_there
    FROM kept
),
-- A node may have reported of several jobs on that day.
once AS (
    SELECT server, node_id, client_ip, campaign_id, mail_day, bool_or(at_it) AS at_it,
           max(nodes_there) AS nodes_there, min(first_mail_at) AS first_mail_at,
           max(last_mail_at) AS last_mail_at, max(mails) AS mails
    FROM counted GROUP BY server, node_id, client_ip, campaign_id, mail_day
),
worked AS (
    SELECT server, node_id, client_ip,
           list(DISTINCT job_id ORDER BY job_id) FILTER (job_id IS NOT NULL) AS job_ids
    FROM near SEMI JOIN kept USING (server, node_id, client_ip)
    GROUP BY server, node_id, client_ip
),
listed AS (
    SELECT o.server, o.node_id, o.client_ip, p.pool, min(b.botnet_id) AS botnet_id,
           CAST(sum(o.mails) AS BIGINT) AS mails
    FROM once o
    JOIN botnet_campaigns g ON g.campaign_id = o.campaign_id
    JOIN bots b ON b.botnet_id = g.botnet_id AND b.client_ip = o.client_ip
    LEFT JOIN node_pools p ON p.server = o.server AND p.node = o.node_id AND NOT p.is_open
    GROUP BY o.server, o.node_id, o.client_ip, p.pool HAVING count(DISTINCT b.botnet_id) = 1
),
pooled AS (
    SELECT *, sum(mails) OVER (PARTITION BY server, botnet_id, pool) AS of_pool FROM listed
),
-- Of the pools of nodes that one botnet's campaigns have, the botnet is the one with most mail.
owned AS (
    SELECT server, node_id, client_ip, botnet_id FROM pooled
    QUALIFY pool IS NULL OR pool = first_value(pool) OVER (
        PARTITION BY server, botnet_id ORDER BY of_pool DESC, pool NULLS LAST
    )
)
SELECT o.server, o.node_id, o.client_ip, any_value(w.botnet_id) AS botnet_id,
       list(DISTINCT o.campaign_id ORDER BY o.campaign_id) AS campaign_ids,
       coalesce(any_value(k.job_ids), []) AS job_ids,
       min(o.first_mail_at) AS first_mail_at, max(o.last_mail_at) AS last_mail_at,
       CAST(sum(o.mails) AS BIGINT) AS message_count, max(o.nodes_there) AS nodes_there,
       CAST(coalesce(sum(o.mails) FILTER (o.at_it), 0) AS BIGINT) AS explained
FROM once o
LEFT JOIN owned w USING (server, node_id, client_ip)
LEFT JOIN worked k USING (server, node_id, client_ip)
GROUP BY o.server, o.node_id, o.client_ip
ORDER BY o.server, o.node_id, o.client_ip
"""


def meet_clients(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """NODE_CLIENTS; `found_nodes`, `node_pools` and `found_jobs` are in the connection, which
    shows the mail and its botnets."""
    rows = []
    for row in answer(connection, _MET).to_pylist():
        told = [
            "the log has the node under this address within a day of its mail",
            f"{row['explained']} of {row['message_count']} mails are of its jobs' campaigns",
        ]
        if row["nodes_there"] > 1:
            told.append(f"{row['nodes_there']} nodes were behind the address: one of them")
        rows.append((*list(row.values())[:-1], "; ".join(told)))
    return pa.Table.from_batches([NODE_CLIENTS.batch(rows)])
