"""Which members of a campaign its templates are learned from, and what is needed of them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from lymer.campaigns.templates.values import Person

# A campaign that came direct has a few copies by lists and forwarders, who append their own text:
# only what came as most of it did is learned from.
# Members are kept back for the test: a fifth, and two at least; of a few, none.
# Evenly over time: the k-th of n is learned from where floor(k * wanted / n) steps.
_MADE = """
CREATE OR REPLACE TEMP TABLE made AS
SELECT campaign_id, message_id, received_at
FROM (
    SELECT c.campaign_id, c.message_id, m.received_at,
           m.carriage = 'list' AS is_list,
           avg(CASE WHEN m.carriage = 'list' THEN 1.0 ELSE 0.0 END)
               OVER (PARTITION BY c.campaign_id) AS list_share
    FROM campaign_messages c JOIN messages m ON m.message_id = c.message_id
)
WHERE is_list = (list_share > 0.5)
"""

_SAMPLE = """
CREATE OR REPLACE TEMP TABLE learned AS
SELECT campaign_id, message_id
FROM (
    SELECT campaign_id, message_id,
           row_number() OVER (
               PARTITION BY campaign_id ORDER BY received_at NULLS LAST, message_id
           ) AS place,
           count(*) OVER (PARTITION BY campaign_id) AS total
    FROM made
    WHERE $only IS NULL OR list_contains($only, campaign_id)
)
WHERE total >= $least
  AND (total < $testable
       OR CAST(floor(place * least($most, total - greatest(2, total // 5)) / total) AS BIGINT)
        > CAST(floor((place - 1) * least($most, total - greatest(2, total // 5)) / total)
               AS BIGINT))
"""


@dataclass(frozen=True, slots=True)
class Member:
    """One message that a template is learned from."""

    message_id: str
    received_at: datetime | None
    text: str
    subject: str
    person: Person
    traits: tuple[str, ...]
    picture: tuple[str, str] | None
    """Media type and perceptual hash of its first picture."""


def choose_members(
    connection: duckdb.DuckDBPyConnection,
    *,
    least: int,
    testable: int,
    most: int,
    only: Collection[str] | None,
) -> None:
    """Choose what is learned from, of campaigns of `least` messages and more: `most` of each.

    Of all campaigns, or of those whose ids are `only`. Of a campaign of `testable` messages and
    more, some are kept back. Leaves two temporary tables: `made`, the members that were made from
    a template, and `learned`, those of them that are learned from.
    """
    connection.execute(_MADE)
    ids = None if only is None else sorted(only)
    wanted = {"least": least, "testable": testable, "most": most, "only": ids}
    connection.execute(_SAMPLE, wanted)


def members_of(batch: pa.RecordBatch) -> dict[str, list[Member]]:
    """The members in a batch, by campaign."""
    found: dict[str, list[Member]] = defaultdict(list)
    for row in batch.to_pylist():
        recipients = tuple(address.lower() for address in row["recipients"] or ())
        picture = (row["media_type"] or "", row["picture_hash"]) if row["picture_hash"] else None
        found[row["campaign_id"]].append(
            Member(
                message_id=row["message_id"],
                received_at=row["received_at"],
                text=row["text"] or "",
                subject=row["subject"] or "",
                person=Person(recipients, row["from_name"] or ""),
                traits=tuple((row["traits"] or "").split("; ")),
                picture=picture,
            )
        )
    return found
