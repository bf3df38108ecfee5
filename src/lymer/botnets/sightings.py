"""Who sent what when, of what bots may have sent: the clients of campaigns, engine by engine.

A campaign is taken apart by engines, since bots run one. Left out are hosts that are servers by
all that is seen of them: mail hosts, list servers, forwarders, hacked web hosts, snowshoe ranges.
"""

import re
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lymer.botnets.resightings import SLOT_SECONDS, Sightings
from lymer.engine import answer

_NUMBERS = re.compile(r"\d+")

_NAMED = """
SELECT client_ip, lower(reverse_name) AS reverse_name,
       CAST(count(*) AS BIGINT) AS message_count
FROM messages
WHERE client_ip IS NOT NULL AND lower(helo) = lower(reverse_name)
GROUP BY client_ip, lower(reverse_name)
"""

_SERVERS = """
CREATE OR REPLACE TEMP TABLE servers AS
SELECT client_ip, 'names itself by a reverse name of its own' AS why
FROM (
    -- Not every receiver writes down a reverse name.
    SELECT m.client_ip, CAST(count(m.reverse_name) AS BIGINT) AS named_count
    FROM messages m WHERE m.client_ip IS NOT NULL GROUP BY m.client_ip
) a JOIN static_named s USING (client_ip)
WHERE 2 * s.message_count > a.named_count
UNION
SELECT ip, 'relays for the trap' FROM relays WHERE ip IS NOT NULL
UNION
SELECT m.client_ip, 'passes on the mail of many engines'
FROM messages m
JOIN fingerprints f ON f.message_id = m.message_id
JOIN families d ON d.variant_id = f.dialect_id
WHERE m.client_ip IS NOT NULL
GROUP BY m.client_ip HAVING count(DISTINCT d.family) >= $many
"""

# Neighbours by the dozen are rented ranges (snowshoe), whatever their names: in a week, a campaign
# shows few bots among 64 addresses of an access provider. Hosts that name themselves stay where
# they are, so those of the whole pile count, at any time.
_RANGES = """
CREATE OR REPLACE TEMP TABLE ranged AS
WITH networks AS (
    SELECT client_ip,
           CASE WHEN client_ip LIKE '%.%.%.%'
                THEN regexp_extract(client_ip, '^(.*)[.]', 1) || '/'
                     || coalesce(TRY_CAST(split_part(client_ip, '.', 4) AS INTEGER) // 64, 0)
                ELSE client_ip END AS network
    FROM (SELECT DISTINCT client_ip FROM messages WHERE client_ip IS NOT NULL)
),
named AS (
    SELECT n.network, count(*) AS hosts
    FROM networks n JOIN servers s ON s.client_ip = n.client_ip
    WHERE s.why = 'names itself by a reverse name of its own'
    GROUP BY n.network
),
seen AS (
    SELECT c.campaign_id, n.network, count(DISTINCT m.client_ip) AS clients
    FROM campaign_messages c
    JOIN messages m ON m.message_id = c.message_id
    JOIN networks n ON n.client_ip = m.client_ip
    WHERE m.client_ip NOT IN (SELECT client_ip FROM servers)
    GROUP BY c.campaign_id, floor(epoch(m.received_at) / 604800), n.network
)
SELECT s.campaign_id
FROM seen s LEFT JOIN named n ON n.network = s.network
GROUP BY s.campaign_id
HAVING 2 * sum(CASE WHEN s.clients + coalesce(n.hosts, 0) >= $neighbours
                    THEN s.clients ELSE 0 END) > sum(s.clients)
"""

_SENT = """
CREATE OR REPLACE TEMP TABLE bot_mail AS
SELECT c.campaign_id, d.family, m.client_ip, m.received_at, m.message_id
FROM campaign_messages c
JOIN campaigns k ON k.campaign_id = c.campaign_id
JOIN messages m ON m.message_id = c.message_id
JOIN fingerprints f ON f.message_id = c.message_id
JOIN families d ON d.variant_id = f.dialect_id
WHERE k.kind NOT IN ('bulk', 'snowshoe') AND m.carriage = 'direct'
  AND m.client_ip IS NOT NULL AND m.received_at IS NOT NULL
  AND m.client_ip NOT IN (SELECT client_ip FROM servers)
  AND c.campaign_id NOT IN (SELECT campaign_id FROM ranged)
"""

_PIECES = """
CREATE OR REPLACE TEMP TABLE pieces AS
SELECT b.family, b.campaign_id,
       CAST(count(*) AS BIGINT) AS message_count,
       CAST(count(DISTINCT b.client_ip) AS BIGINT) AS client_count,
       CAST(row_number() OVER (
           PARTITION BY b.family ORDER BY count(*) DESC, b.campaign_id
       ) - 1 AS BIGINT) AS piece
FROM bot_mail b
JOIN (
    SELECT c.campaign_id, CAST(count(*) AS BIGINT) AS whole
    FROM campaign_messages c GROUP BY c.campaign_id
) w ON w.campaign_id = b.campaign_id
GROUP BY b.family, b.campaign_id, w.whole
HAVING count(*) >= 2 AND count(*) >= $least_share * w.whole
   AND (count(DISTINCT b.client_ip) > $few_clients OR count(*) <= count(DISTINCT b.client_ip) + 1)
"""

_ROWS = """
SELECT p.family, p.piece, b.client_ip, CAST(floor(epoch(b.received_at) / $slot) AS BIGINT) AS slot
FROM bot_mail b JOIN pieces p ON p.family = b.family AND p.campaign_id = b.campaign_id
WHERE p.piece < $most_campaigns
ORDER BY p.family, p.piece, b.client_ip, slot
"""


@dataclass(frozen=True)
class SightingRule:
    """What counts as a bot's mail."""

    many_families: int = 4
    """Dialect families from one address that make it a forwarder: a PC with two infections has
    two."""
    neighbours: int = 5
    """Clients among 64 addresses in a week, with those that name themselves at any time, that make
    them a range of one sender."""
    most_campaigns: int = 20_000
    """Campaigns of one engine that are compared, the largest; the others are not told apart."""
    always_compared: int = 1200
    """So many are, however many clients they share."""
    most_meetings: int = 4_000_000
    """Clients in common over all pairs of campaigns, beyond which no more are compared: time and
    memory go by it (docs/botnets.md)."""
    few_clients: int = 5
    """Clients from which a lawful sender, a shop, a list writes all of its mail."""
    least_share: float = 0.1
    """Of a campaign's messages, those of one engine, to be a part of it and not a mistake."""


@dataclass(frozen=True)
class EngineSightings:
    """The clients of one engine's campaigns."""

    family: int
    campaigns: list[str]
    """campaign_id of each piece, and of those that are too many to be compared."""
    message_count: list[int]
    sightings: Sightings
    clients: list[str]
    """Addresses, by the numbers in `sightings`."""


def gather_sightings(
    connection: duckdb.DuckDBPyConnection, rule: SightingRule
) -> list[EngineSightings]:
    """Engine by engine; needs the table `families` (variant_id, family). Leaves `servers`,
    `bot_mail` and `pieces` in the connection.
    """
    named = answer(connection, _NAMED).to_pydict()
    is_static = [
        not spells_address(name, ip)
        for name, ip in zip(named["reverse_name"], named["client_ip"], strict=True)
    ]
    static = pa.table(
        {
            "client_ip": pa.array(named["client_ip"], pa.string()).filter(
                pa.array(is_static, pa.bool_())
            ),
            "message_count": pa.array(named["message_count"], pa.int64()).filter(
                pa.array(is_static, pa.bool_())
            ),
        }
    )
    connection.register("static_named", static)
    connection.execute(_SERVERS, {"many": rule.many_families})
    connection.execute(_RANGES, {"neighbours": rule.neighbours})
    connection.execute(_SENT)
    connection.execute(
        _PIECES,
        {"least_share": rule.least_share, "few_clients": rule.few_clients},
    )
    pieces = answer(connection, "SELECT * FROM pieces ORDER BY family, piece").to_pylist()
    rows = answer(connection, _ROWS, {"slot": SLOT_SECONDS, "most_campaigns": rule.most_campaigns})
    family = rows["family"].to_numpy()
    engines = []
    for number in np.unique(family).tolist():
        start, end = np.searchsorted(family, [number, number + 1]).tolist()
        part = rows.slice(start, end - start)
        coded = part["client_ip"].combine_chunks().dictionary_encode()
        own = [row for row in pieces if row["family"] == number]
        piece = part["piece"].to_numpy().astype(np.int64)
        client = np.asarray(coded.indices, dtype=np.int64)
        count = _comparable(piece, client, rule)
        is_compared = piece < count
        engines.append(
            EngineSightings(
                family=number,
                campaigns=[row["campaign_id"] for row in own],
                message_count=[row["message_count"] for row in own],
                sightings=Sightings(
                    piece=piece[is_compared],
                    client=client[is_compared],
                    slot=part["slot"].to_numpy().astype(np.int64)[is_compared],
                    count=count,
                ),
                clients=coded.dictionary.to_pylist(),
            )
        )
    return engines


def _comparable(
    piece: npt.NDArray[np.int64], client: npt.NDArray[np.int64], rule: SightingRule
) -> int:
    """How many campaigns of an engine can be compared, from the largest on; of sightings."""
    members = np.unique(np.stack((client, piece), axis=1), axis=0)
    # With how many larger campaigns a campaign shares a client, over all of its clients.
    earlier = np.arange(len(members)) - np.searchsorted(members[:, 0], members[:, 0])
    meetings = np.cumsum(np.bincount(members[:, 1], weights=earlier))
    most = int(np.searchsorted(meetings, rule.most_meetings, side="right"))
    return max(min(rule.always_compared, len(meetings)), most)


def spells_address(name: str, ip: str) -> bool:
    """Whether a reverse name is made from the address, as access providers make them."""
    octets = ip.split(".")
    if len(octets) != 4:
        return False
    numbers = [part.lstrip("0") or "0" for part in _NUMBERS.findall(name)]
    if sum(octet in numbers for octet in octets) >= 3:
        return True
    digits = "".join(octet.zfill(3) for octet in octets)
    in_hex = "".join(f"{int(octet):02x}" for octet in octets)
    return digits in name or in_hex in name.lower()
