"""What the joins need of the observed mail: some texts of every campaign, and all of its times."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from lymer.actors.joins.likeness import Parts, mail_pairs
from lymer.engine import answer

# Mails whose text is looked at: of every campaign so many, and so many in all.
_OF_CAMPAIGN = 80
_IN_ALL = 100_000

_TIMES = """
SELECT g.campaign_id, list(m.received_at ORDER BY m.received_at, m.message_id) AS times
FROM campaign_messages g JOIN messages m ON m.message_id = g.message_id
WHERE m.received_at IS NOT NULL
GROUP BY g.campaign_id ORDER BY g.campaign_id
"""

_TEXTS = """
SELECT campaign_id, received_at, subject, text
FROM (
    SELECT g.campaign_id, m.message_id, m.received_at, left(m.subject, 400) AS subject,
           left(m.text, 6000) AS text,
           row_number() OVER (PARTITION BY g.campaign_id ORDER BY m.received_at, m.message_id) - 1
               AS place,
           count(*) OVER (PARTITION BY g.campaign_id) AS total
    FROM campaign_messages g JOIN messages m ON m.message_id = g.message_id
    WHERE m.received_at IS NOT NULL
)
WHERE place * $most // total <> (place - 1) * $most // total OR place = 0
ORDER BY campaign_id, place
"""


@dataclass
class Mails:
    """A campaign as the traps saw it."""

    campaign_id: str
    times: list[datetime]
    """Of all its mails, in order."""
    samples: list[tuple[datetime, Parts]] = field(default_factory=list)
    """Some mails, evenly over its time."""


def load_mails(connection: duckdb.DuckDBPyConnection) -> list[Mails]:
    """All campaigns, by id."""
    found = {
        row["campaign_id"]: Mails(row["campaign_id"], row["times"])
        for row in answer(connection, _TIMES).to_pylist()
    }
    most = max(5, min(_OF_CAMPAIGN, _IN_ALL // max(1, len(found))))
    rows = answer(connection, _TEXTS, {"most": most})
    known: dict[tuple[str, str], Parts] = {}
    for batch in rows.to_batches(max_chunksize=2_000):
        for row in batch.to_pylist():
            key = (row["subject"] or "", row["text"] or "")
            if key not in known:
                known[key] = mail_pairs(*key)
            found[row["campaign_id"]].samples.append((row["received_at"], known[key]))
    return list(found.values())


def trap_addresses(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Recipients of the mail of campaigns: address to the mails of each campaign."""
    rows = answer(
        connection,
        """
        SELECT address, campaign_id, CAST(count(*) AS BIGINT) AS mails
        FROM (
            SELECT g.campaign_id, lower(unnest(m.recipients)) AS address
            FROM campaign_messages g JOIN messages m ON m.message_id = g.message_id
        )
        WHERE address LIKE '%@%' GROUP BY ALL ORDER BY ALL
        """,
    ).to_pydict()
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for address, campaign, count in zip(
        rows["address"], rows["campaign_id"], rows["mails"], strict=True
    ):
        found[address][campaign] = count
    return dict(found)
