"""What kind of mailing a campaign is, with the reasons in numbers.

Whoever mails from hosts of his own gives them names under the domain that he signs with or shows;
a bot has the name that its provider gave the line, and shows somebody else's. Own hosts of one
steady sender are lawful bulk; own hosts under many names, crowded into few networks, are snowshoe;
scattered lines with borrowed names are a botnet (some engines borrow the name of the line itself).
Names of hosts that belong to somebody else than the many who write from there (hacked web hosts,
rented relays, stolen webmail) prove nothing, and neither do a few mails of one host: unknown.
"""

import duckdb
import pyarrow as pa

from lymer.campaigns.tables import CAMPAIGNS
from lymer.engine import answer

# What a list passed on came from the list's host, not from the sender's. The name in HELO is the
# client's own word; only the reverse name, that the receiver looked up, is somebody's.
_FACTS = """
WITH told AS (
    SELECT
        c.campaign_id, m.received_at, m.client_ip, m.from_address, m.carriage,
        regexp_extract(m.client_ip, '^(\\d+\\.\\d+\\.\\d+)\\.|^([0-9a-f]+:[0-9a-f]*:[0-9a-f]*)',
                       0) AS net,
        split_part(m.from_address, '@', 2) AS home,
        lower(coalesce(m.reverse_name, '')) AS host,
        m.list_id, m.dkim_domains, c.certainty
    FROM membership c JOIN messages m ON m.message_id = c.message_id
),
judged AS (
    SELECT *,
        home <> '' AND (host = home OR ends_with(host, '.' || home)) AS is_own,
        list_any_value(list_filter(dkim_domains, lambda d: d = home OR ends_with(home, '.' || d)))
            IS NOT NULL AS is_signed,
        carriage = 'direct' OR host = home OR ends_with(host, '.' || home) AS is_first_hand
    FROM told
)
SELECT
    campaign_id,
    min(received_at) AS first_seen_at,
    max(received_at) AS last_seen_at,
    CAST(count(*) AS BIGINT) AS message_count,
    CAST(count(DISTINCT client_ip) AS BIGINT) AS client_count,
    count(DISTINCT client_ip) FILTER (is_first_hand) AS host_count,
    count(DISTINCT net) FILTER (is_first_hand) AS net_count,
    count(DISTINCT from_address) AS sender_count,
    count(DISTINCT home) FILTER (is_own) AS home_count,
    -- A relay service signs for each customer, under a name within its own domain.
    count(DISTINCT regexp_extract(home, '[^.]+\\.[^.]+$')) FILTER (is_own OR is_signed)
        AS owner_count,
    count(*) FILTER (is_first_hand) AS first_hand,
    avg(CASE WHEN is_own THEN 1.0 ELSE 0.0 END) FILTER (is_first_hand) AS own_share,
    avg(CASE WHEN is_signed THEN 1.0 ELSE 0.0 END) AS signed_share,
    avg(CASE WHEN list_id IS NOT NULL THEN 1.0 ELSE 0.0 END) AS list_share,
    round(avg(certainty), 4) AS confidence
FROM judged
GROUP BY campaign_id
"""

_NAMES = """
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
"""

# Chosen on lab seeds 1 to 4 (docs/campaigns.md). Who is in twenty networks is scattered, however
# many of the hosts share one.
_KINDS = """
SELECT *,
    CASE
        WHEN is_own_hosts AND home_count >= 4 AND home_count * 2 >= host_count
            AND net_count * 2 <= host_count THEN 'snowshoe'
        WHEN signed_share >= 0.5 AND owner_count >= 4 AND owner_count * 2 >= host_count
            AND net_count * 2 <= host_count THEN 'snowshoe'
        WHEN (is_own_hosts OR signed_share >= 0.5) AND is_steady THEN 'bulk'
        WHEN signed_share >= 0.5 THEN 'unknown'
        WHEN is_own_hosts AND host_count < 6 THEN 'unknown'
        WHEN list_share >= 0.5 AND host_count <= 3 THEN 'bulk'
        WHEN is_steady AND net_count = 1 AND first_hand >= 3 THEN 'bulk'
        WHEN host_count >= 2 AND (net_count * 3 > host_count * 2 OR net_count >= 20)
            AND (host_count >= 10 OR host_count * 8 >= first_hand) THEN 'botnet'
        ELSE 'unknown'
    END AS kind
FROM (
    SELECT *, coalesce(own_share, 0) >= 0.5 AS is_own_hosts,
           sender_count <= greatest(2, message_count // 20) AS is_steady
    FROM facts
)
"""

_CAMPAIGNS = f"""
WITH facts AS ({_FACTS}), names AS ({_NAMES}), kinds AS ({_KINDS})
SELECT
    k.campaign_id,
    coalesce(left(regexp_replace(trim(n.subject), '[[:cntrl:]]+', ' ', 'g'), 60), k.campaign_id)
        AS name,
    k.kind,
    k.first_seen_at,
    k.last_seen_at,
    k.message_count,
    k.client_count,
    k.confidence,
    CASE k.kind
        WHEN 'bulk' THEN 'a steady sender with hosts, signature or list of its own: '
        WHEN 'snowshoe' THEN 'own hosts under many domains, crowded into few networks: '
        WHEN 'botnet' THEN 'scattered hosts and no steady sender: '
        ELSE 'neither scattered bots nor one steady sender: '
    END
        || k.message_count || ' messages from ' || k.client_count || ' clients ('
        || k.host_count || ' first hand, in ' || k.net_count || ' networks of 256), '
        || k.sender_count || ' senders; '
        || CAST(round(100 * coalesce(k.own_share, 0)) AS INTEGER)
        || ' % from hosts named under the sender''s domain (' || k.home_count || ' domains), '
        || CAST(round(100 * k.signed_share) AS INTEGER) || ' % signed by it, '
        || CAST(round(100 * k.list_share) AS INTEGER) || ' % with a list id' AS why,
    'open' AS status,
    CAST(NULL AS VARCHAR) AS decided
FROM kinds k LEFT JOIN names n ON n.campaign_id = k.campaign_id
ORDER BY k.message_count DESC, k.campaign_id
"""


def describe_campaigns(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The campaigns table, of all campaigns in `membership` (GROUPED_MESSAGES)."""
    return answer(connection, _CAMPAIGNS).cast(CAMPAIGNS.schema)
