"""What kind of mailing a campaign is, with the reasons in numbers."""

import duckdb
import pyarrow as pa

from lymer.campaigns.tables import CAMPAIGNS
from lymer.engine import answer

_CAMPAIGNS = """
WITH facts AS (
    SELECT
        c.campaign_id,
        min(m.received_at) AS first_seen_at,
        max(m.received_at) AS last_seen_at,
        CAST(count(*) AS BIGINT) AS message_count,
        CAST(count(DISTINCT m.client_ip) AS BIGINT) AS client_count,
        count(DISTINCT regexp_extract(m.client_ip, '^(\\d+\\.\\d+\\.\\d+)\\.', 1)) AS net_count,
        count(DISTINCT m.from_address) AS sender_count,
        avg(CASE WHEN m.carriage = 'list' THEN 1.0 ELSE 0.0 END) AS list_share,
        avg(CASE WHEN len(m.dkim_domains) > 0 THEN 1.0 ELSE 0.0 END) AS signed_share,
        round(avg(c.certainty), 4) AS confidence
    FROM membership c JOIN messages m ON m.message_id = c.message_id
    GROUP BY c.campaign_id
),
subjects AS (
    SELECT campaign_id, subject
    FROM (
        SELECT c.campaign_id, m.subject,
               row_number() OVER (
                   PARTITION BY c.campaign_id ORDER BY count(*) DESC, m.subject
               ) AS place
        FROM membership c JOIN messages m ON m.message_id = c.message_id
        WHERE trim(coalesce(m.subject, '')) <> ''
        GROUP BY c.campaign_id, m.subject
    )
    WHERE place = 1
),
judged AS (
    SELECT f.*, s.subject,
        CASE
            WHEN list_share >= 0.5 THEN 'bulk'
            WHEN signed_share >= 0.5 AND sender_count <= 3 THEN 'bulk'
            WHEN client_count <= 3 AND message_count >= 5 AND sender_count <= 3 THEN 'bulk'
            WHEN client_count >= 5 AND net_count * 3 <= client_count THEN 'snowshoe'
            WHEN client_count >= 5 AND net_count * 3 > 2 * client_count THEN 'botnet'
            ELSE 'unknown'
        END AS kind
    FROM facts f LEFT JOIN subjects s ON s.campaign_id = f.campaign_id
)
SELECT
    campaign_id,
    coalesce(left(regexp_replace(trim(subject), '[[:cntrl:]]+', ' ', 'g'), 60), campaign_id)
        AS name,
    kind,
    first_seen_at,
    last_seen_at,
    message_count,
    client_count,
    confidence,
    message_count || ' messages from ' || client_count || ' clients in ' || net_count
        || ' networks of 256, ' || sender_count || ' senders, '
        || CAST(round(100 * list_share) AS INTEGER) || ' % with list headers, '
        || CAST(round(100 * signed_share) AS INTEGER) || ' % with a DKIM signature' AS why,
    'open' AS status,
    CAST(NULL AS VARCHAR) AS decided
FROM judged
ORDER BY message_count DESC, campaign_id
"""


def describe_campaigns(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The campaigns table; needs `membership` (campaign_id, message_id, why) and `messages`."""
    return answer(connection, _CAMPAIGNS).cast(CAMPAIGNS.schema)
