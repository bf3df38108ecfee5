"""Step 11, too: is a machine that the captured log names found to be the client of its mail?

Judged are pairs of a bot and an address: the log has the bot under it, and within a day the traps
had mail of that bot from it.
"""

from lymer.lab.score.both import Both, NotInCase
from lymer.lab.score.finding import Findings, share
from lymer.lab.score.naming import true_names

BEST = {"nodes_joined": 1.0, "nodes_wrong": 0.0}

_COLUMNS = ("node_id", "client_ip", "botnet_id", "job_ids")

_MET = """
CREATE TEMP TABLE met AS
SELECT r.node_id, r.client_ip, any_value(r.botnet_id) AS botnet_id,
       list(DISTINCT r.job_id) AS job_ids
FROM true_node_reports r
LEFT JOIN sent s ON s.bot_id = r.bot_id AND s.client_ip = r.client_ip
    AND s.received_at BETWEEN r.reported_at - INTERVAL 1 DAY AND r.reported_at + INTERVAL 1 DAY
GROUP BY r.node_id, r.client_ip HAVING count(s.bot_id) > 0
"""

_JOINED = """
SELECT count(*) AS met,
       count(*) FILTER (
           len(f.job_ids) > 0 AND list_has_all(m.job_ids, f.job_ids)
           AND (f.botnet_id IS NULL OR n.botnet_id = m.botnet_id)
       ) AS joined
FROM met m
LEFT JOIN (
    SELECT node_id, client_ip, any_value(botnet_id) AS botnet_id, any_value(job_ids) AS job_ids
    FROM found_node_clients GROUP BY node_id, client_ip
) f ON f.node_id = m.node_id AND f.client_ip = m.client_ip
LEFT JOIN names n ON n.found_botnet = f.botnet_id
"""

_WRONG = """
SELECT count(*) AS found, count(*) FILTER (s.bot_id IS NULL) AS wrong
FROM (SELECT DISTINCT node_id, client_ip FROM found_node_clients) f
LEFT JOIN (SELECT DISTINCT node_id, bot_id FROM true_node_reports) r ON r.node_id = f.node_id
LEFT JOIN (SELECT DISTINCT bot_id, client_ip FROM sent WHERE bot_id IS NOT NULL) s
    ON s.bot_id = r.bot_id AND s.client_ip = f.client_ip
"""


def measure(both: Both) -> Findings:
    """Over the bots of the captured node log whose mail reached the traps."""
    nothing = "no node of a captured log sent mail to the traps"
    if not both.row("SELECT count(*) AS lines FROM true_node_reports")["lines"]:
        return dict.fromkeys(BEST, share(0, 0, nothing))
    both.need("node_clients", _COLUMNS)
    both.name("names", _names(both))
    both.run(_MET)
    joined, wrong = both.row(_JOINED), both.row(_WRONG)
    return {
        "nodes_joined": share(joined["joined"], joined["met"], nothing),
        "nodes_wrong": share(wrong["wrong"], wrong["found"], "no node joined to a client"),
    }


def _names(both: Both) -> dict[str, str]:
    try:
        return true_names(both)
    except NotInCase:
        return {}
