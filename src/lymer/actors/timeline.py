"""What happened when, by whoever stamped it: mail, orders, payments, visits, nodes."""

import duckdb
import pyarrow as pa

from lymer.actors.tables import TIMELINE
from lymer.engine import answer

_EVENTS = """
WITH open_campaigns AS (SELECT * FROM campaigns WHERE status <> 'dismissed'),
events AS (
    SELECT first_seen_at AS happened_at, 'mail' AS kind,
           'first mail of ' || campaign_id || coalesce(': ' || name, '') AS what,
           'campaigns' AS table_name, campaign_id AS row_key
    FROM open_campaigns
    UNION ALL
    SELECT last_seen_at, 'mail', 'last mail of ' || campaign_id || coalesce(': ' || name, ''),
           'campaigns', campaign_id
    FROM open_campaigns
    UNION ALL
    SELECT started_at, 'order',
           'order ' || job_id || ' of ' || coalesce(account, 'nobody named') || ' begins'
               || coalesce(': ' || title, ''), 'jobs', server || '/' || job_id
    FROM jobs
    UNION ALL
    SELECT ended_at, 'order',
           'order ' || job_id || ' of ' || coalesce(account, 'nobody named') || ' ends'
               || coalesce(': ' || title, ''), 'jobs', server || '/' || job_id
    FROM jobs
    UNION ALL
    SELECT paid_at, 'payment',
           coalesce(account, 'nobody named') || ' pays '
               || coalesce(printf('%.2f', amount), 'a sum not known')
               || CASE WHEN note IS NULL OR note = '' THEN '' ELSE ' (' || note || ')' END,
           'payments', sheet_id || '/' || position
    FROM payments
    UNION ALL
    SELECT first_seen_at, 'account', account || ' is first seen on ' || server, 'accounts',
           server || '/' || account
    FROM accounts
    UNION ALL
    SELECT last_seen_at, 'account', account || ' is last seen on ' || server, 'accounts',
           server || '/' || account
    FROM accounts
    UNION ALL
    SELECT CAST(day AS TIMESTAMPTZ), 'nodes',
           live_nodes || ' nodes under ' || addresses || ' addresses report to ' || server,
           'node_counts', server || '/' || day
    FROM node_counts
)
SELECT DISTINCT happened_at, kind, what, table_name, row_key FROM events
WHERE happened_at IS NOT NULL
ORDER BY happened_at, kind, table_name, row_key, what
"""


def tabulate_timeline(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """TIMELINE, the earliest first. What has no time is not in it."""
    return answer(connection, _EVENTS).cast(TIMELINE.schema)
