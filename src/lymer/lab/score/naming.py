"""Which true botnet a found botnet stands for: the one that sent most of its mail.

Its mail is that of its campaigns, from the addresses that it lists: a campaign may run on two
botnets, and then only the addresses tell them apart. Without a list of bots, all of that mail.
"""

from lymer.lab.score.both import Both, NotInCase

_NAMED = """
SELECT found_botnet, botnet_id
FROM (
    SELECT b.botnet_id AS found_botnet, p.botnet_id,
           row_number() OVER (
               PARTITION BY b.botnet_id ORDER BY count(*) DESC, p.botnet_id
           ) AS place
    FROM (SELECT DISTINCT botnet_id, campaign_id FROM found_botnet_campaigns) b
    JOIN placed p ON p.found_id = b.campaign_id
    {listed}
    WHERE p.botnet_id IS NOT NULL
    GROUP BY b.botnet_id, p.botnet_id
) WHERE place = 1
"""

_LISTED = """
    JOIN (SELECT DISTINCT botnet_id, client_ip FROM found_bots) x
      ON x.botnet_id = b.botnet_id AND x.client_ip = p.client_ip
"""


def true_names(both: Both) -> dict[str, str]:
    """The true botnet of each found one that has mail of one."""
    both.place()
    listed = _LISTED
    try:
        both.need("bots", ("botnet_id", "client_ip"))
    except NotInCase:
        listed = ""
    sql = _NAMED.format(listed=listed)
    rows = both.ask(sql, botnet_campaigns=("botnet_id", "campaign_id")).to_pylist()
    return {row["found_botnet"]: row["botnet_id"] for row in rows}
