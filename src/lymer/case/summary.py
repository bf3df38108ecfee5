"""What a case holds, for people."""

import re
from dataclasses import dataclass
from datetime import datetime

from lymer.case.case import Case
from lymer.engine import answer

_SCHEME = re.compile(r"^(h)tt(ps?:)", re.IGNORECASE)


def defang(url: str) -> str:
    """A link that no program will open: hxxp, and dots in brackets."""
    return _SCHEME.sub(r"\1xx\2", url).replace(".", "[.]").replace("@", "[@]")


@dataclass(frozen=True)
class CampaignLine:
    """One campaign in the summary."""

    campaign_id: str
    name: str
    kind: str
    message_count: int
    client_count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    domains: tuple[str, ...]


@dataclass(frozen=True)
class Summary:
    """The numbers of a case."""

    evidence_count: int
    message_count: int
    origin_count: int
    client_count: int
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    defects: tuple[tuple[str, int], ...]
    evidence_defects: tuple[tuple[str, int], ...]
    relay_count: int
    sensors: tuple[str, ...]
    """Header fields in which a sensor notes who connected."""
    campaign_count: int
    dismissed_count: int
    """Of the campaigns, those that the analyst dismissed; `campaigns` leaves them out."""
    operation_count: int
    single_count: int
    campaigns: tuple[CampaignLine, ...]


_TOTALS = """
SELECT
    (SELECT count(*) FROM evidence WHERE kind <> 'folder') AS evidence_count,
    (SELECT count(*) FROM messages) AS message_count,
    (SELECT count(*) FROM origins) AS origin_count,
    (SELECT count(DISTINCT client_ip) FROM messages) AS client_count,
    (SELECT min(received_at) FROM messages) AS first_seen_at,
    (SELECT max(received_at) FROM messages) AS last_seen_at,
    (SELECT count(*) FROM relays) AS relay_count,
    (SELECT coalesce(list(name ORDER BY name), []) FROM sensors) AS sensors,
    (SELECT count(*) FROM campaigns) AS campaign_count,
    (SELECT count(*) FROM campaigns WHERE status = 'dismissed') AS dismissed_count,
    (SELECT count(*) FROM operations) AS operation_count,
    (SELECT count(*) FROM messages) - (SELECT count(*) FROM campaign_messages) AS single_count
"""

_DEFECTS = """
SELECT defect, CAST(count(*) AS BIGINT) AS messages
FROM (SELECT unnest(defects) AS defect FROM {table})
GROUP BY defect ORDER BY messages DESC, defect
"""

_LARGEST = """
WITH largest AS (
    SELECT * FROM campaigns WHERE status <> 'dismissed'
    ORDER BY message_count DESC, campaign_id LIMIT $count
),
domains AS (
    SELECT campaign_id, list(domain ORDER BY messages DESC, domain)[1:3] AS domains
    FROM (
        SELECT c.campaign_id, l.domain, count(DISTINCT l.message_id) AS messages
        FROM largest g
        JOIN campaign_messages c ON c.campaign_id = g.campaign_id
        JOIN links l ON l.message_id = c.message_id
        WHERE l.domain IS NOT NULL
        GROUP BY c.campaign_id, l.domain
    )
    GROUP BY campaign_id
)
SELECT g.campaign_id, g.name, g.kind, g.message_count, g.client_count,
       g.first_seen_at, g.last_seen_at, coalesce(d.domains, []) AS domains
FROM largest g LEFT JOIN domains d ON d.campaign_id = g.campaign_id
ORDER BY g.message_count DESC, g.campaign_id
"""


def summarize(case: Case, *, campaigns: int = 15) -> Summary:
    """The totals of `case` and its largest `campaigns`."""
    with case.connect() as connection:
        totals = answer(connection, _TOTALS).to_pylist()[0]
        defects, refused = (
            [tuple(row.values()) for row in answer(connection, query).to_pylist()]
            for query in (_DEFECTS.format(table="messages"), _DEFECTS.format(table="evidence"))
        )
        largest = answer(connection, _LARGEST, {"count": campaigns})
    return Summary(
        defects=tuple(defects),
        evidence_defects=tuple(refused),
        campaigns=tuple(
            CampaignLine(**(row | {"domains": tuple(row["domains"])}))
            for row in largest.to_pylist()
        ),
        **(totals | {"sensors": tuple(totals["sensors"])}),
    )
