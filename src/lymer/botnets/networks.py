"""In which networks and countries the clients of a case are, and so the bots of its botnets."""

import duckdb
import pyarrow as pa

from lymer.botnets.network_data import NetworkData
from lymer.botnets.tables import BOTNET_NETWORKS, CLIENT_NETWORKS
from lymer.engine import answer
from lymer.tables import Table

_CLIENTS = """
SELECT DISTINCT client_ip FROM messages WHERE client_ip IS NOT NULL ORDER BY client_ip
"""
_KEPT = f"""
SELECT {", ".join(CLIENT_NETWORKS.schema.names)} FROM client_networks ORDER BY client_ip
"""
_BY_BOTNET = """
SELECT botnet_id, country, asn, network_name, bots,
       bots / sum(bots) OVER (PARTITION BY botnet_id) AS share
FROM (
    SELECT b.botnet_id, n.country, n.asn, n.network_name,
           CAST(count(*) AS BIGINT) AS bots
    FROM bots b LEFT JOIN client_networks_now n ON n.client_ip = b.client_ip
    GROUP BY b.botnet_id, n.country, n.asn, n.network_name
)
ORDER BY botnet_id, bots DESC, country NULLS LAST, asn NULLS LAST, network_name NULLS LAST
"""


def place_clients(
    connection: duckdb.DuckDBPyConnection, data: NetworkData | None
) -> dict[Table, pa.Table]:
    """CLIENT_NETWORKS for every client of the case, BOTNET_NETWORKS for the bots of `bots`.

    Without `data` what the case knows of its clients stays as it is. Both are empty where
    nothing is known of any.
    """
    if data is None:
        placed = answer(connection, _KEPT).cast(CLIENT_NETWORKS.schema)
    else:
        placed = data.look_up(answer(connection, _CLIENTS)["client_ip"].to_pylist())
    found = BOTNET_NETWORKS.schema.empty_table()
    if placed.num_rows:
        connection.register("client_networks_now", placed)
        found = answer(connection, _BY_BOTNET).cast(BOTNET_NETWORKS.schema)
    return {CLIENT_NETWORKS: placed, BOTNET_NETWORKS: found}
