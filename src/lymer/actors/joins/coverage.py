"""What share of the observed a server explains: said for every botnet, and for all campaigns."""

import duckdb

from lymer.engine import answer

_BOTS = """
WITH span AS (
    SELECT min(seen_at) - INTERVAL 1 DAY AS start_at, max(seen_at) + INTERVAL 1 DAY AS end_at
    FROM found_nodes WHERE server = $server
),
known AS (SELECT DISTINCT client_ip FROM found_nodes WHERE server = $server)
SELECT b.botnet_id,
       CAST(count(*) FILTER (k.client_ip IS NOT NULL) AS BIGINT) AS covered,
       CAST(count(*) AS BIGINT) AS total
FROM bots b CROSS JOIN span s
LEFT JOIN known k ON k.client_ip = b.client_ip
WHERE s.start_at IS NULL OR (b.last_seen_at >= s.start_at AND b.first_seen_at <= s.end_at)
GROUP BY b.botnet_id HAVING covered > 0 ORDER BY covered DESC, b.botnet_id
"""

_CAMPAIGNS = """
SELECT b.botnet_id,
       CAST(count(DISTINCT b.campaign_id) FILTER (j.campaign_id IS NOT NULL) AS BIGINT) AS covered,
       CAST(count(DISTINCT b.campaign_id) AS BIGINT) AS total
FROM botnet_campaigns b
LEFT JOIN (SELECT DISTINCT campaign_id FROM found_jobs WHERE server = $server) j
    ON j.campaign_id = b.campaign_id
GROUP BY b.botnet_id HAVING covered > 0 ORDER BY covered DESC, b.botnet_id
"""

_ALL = """
SELECT CAST(count(*) FILTER (j.campaign_id IS NOT NULL) AS BIGINT) AS campaigns,
       CAST(count(*) AS BIGINT) AS all_campaigns,
       CAST(coalesce(sum(c.message_count) FILTER (j.campaign_id IS NOT NULL), 0) AS BIGINT)
           AS messages,
       CAST(coalesce(sum(c.message_count), 0) AS BIGINT) AS all_messages
FROM campaigns c
LEFT JOIN (SELECT DISTINCT campaign_id FROM found_jobs WHERE server = $server) j
    ON j.campaign_id = c.campaign_id
WHERE c.kind <> 'bulk'
"""

_JOBS = """
SELECT CAST(count(campaign_id) AS BIGINT) AS joined, CAST(count(*) AS BIGINT) AS total
FROM found_jobs WHERE server = $server
"""


def cover(connection: duckdb.DuckDBPyConnection, server: str) -> list[tuple[object, ...]]:
    """Rows of COVERAGE; `found_nodes` and `found_jobs` are in the connection."""
    given = {"server": server}
    rows: list[tuple[object, ...]] = []

    def add(subject: str, covered: int, total: int, why: str) -> None:
        rows.append((server, subject, covered, total, covered / total if total else None, why))

    [jobs] = answer(connection, _JOBS, given).to_pylist()
    add(
        "jobs", jobs["joined"], jobs["total"],
        "jobs joined to a campaign; of the others no mail came here, or it cannot be told",
    )  # fmt: skip
    [every] = answer(connection, _ALL, given).to_pylist()
    rest = "lawful bulk mail aside; the rest was ordered elsewhere, or is not in the books"
    add("campaigns", every["campaigns"], every["all_campaigns"], f"campaigns with a job; {rest}")
    add("messages", every["messages"], every["all_messages"], f"mails of these campaigns; {rest}")
    for row in answer(connection, _CAMPAIGNS, given).to_pylist():
        add(
            f"campaigns of botnet {row['botnet_id']}", row["covered"], row["total"],
            "campaigns of the botnet with a job",
        )  # fmt: skip
    for row in answer(connection, _BOTS, given).to_pylist():
        add(
            f"bots of botnet {row['botnet_id']}", row["covered"], row["total"],
            "clients seen in the time of the node logs, that are among the nodes' addresses",
        )  # fmt: skip
    return rows
