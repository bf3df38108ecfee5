"""Which true botnet a found botnet stands for: the one that sent most of its campaigns' mail."""

from lymer.lab.score.both import Both

_NAMED = """
SELECT found_botnet, botnet_id
FROM (
    SELECT b.botnet_id AS found_botnet, p.botnet_id,
           row_number() OVER (
               PARTITION BY b.botnet_id ORDER BY count(*) DESC, p.botnet_id
           ) AS place
    FROM (SELECT DISTINCT botnet_id, campaign_id FROM found_botnet_campaigns) b
    JOIN placed p ON p.found_id = b.campaign_id
    WHERE p.botnet_id IS NOT NULL
    GROUP BY b.botnet_id, p.botnet_id
) WHERE place = 1
"""


def true_names(both: Both) -> dict[str, str]:
    """The true botnet of each found one that has mail of one."""
    both.place()
    rows = both.ask(_NAMED, botnet_campaigns=("botnet_id", "campaign_id")).to_pylist()
    return {row["found_botnet"]: row["botnet_id"] for row in rows}
