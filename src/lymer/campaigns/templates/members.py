"""Which members of a campaign its templates are learned from, and what is needed of them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from lymer.campaigns.templates.values import Person
from lymer.engine import answer

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
SELECT campaign_id, message_id,
       dense_rank() OVER (ORDER BY campaign_id) AS number
FROM (
    SELECT campaign_id, message_id,
           row_number() OVER (
               PARTITION BY campaign_id ORDER BY received_at NULLS LAST, message_id
           ) AS place,
           count(*) OVER (PARTITION BY campaign_id) AS total
    FROM made
)
WHERE total >= $least
  AND (total < $testable
       OR CAST(floor(place * least($most, total - greatest(2, total // 5)) / total) AS BIGINT)
        > CAST(floor((place - 1) * least($most, total - greatest(2, total // 5)) / total)
               AS BIGINT))
"""

_SIZES = """
SELECT number, CAST(count(*) AS BIGINT) AS messages FROM learned GROUP BY number ORDER BY number
"""

_TEXTS = """
SELECT l.campaign_id, l.message_id, m.received_at, m.text, m.subject, m.from_name, m.recipients,
       f.traits, p.media_type, p.picture_hash
FROM learned l
JOIN messages m ON m.message_id = l.message_id
LEFT JOIN fingerprints f ON f.message_id = l.message_id
LEFT JOIN (
    SELECT message_id, min(media_type) AS media_type, min(picture_hash) AS picture_hash
    FROM attachments WHERE picture_hash IS NOT NULL GROUP BY message_id
) p ON p.message_id = l.message_id
WHERE l.number BETWEEN $low AND $high
ORDER BY l.number, m.received_at NULLS LAST, l.message_id
"""

# What a worker takes at a time.
_BATCH_MESSAGES = 2_000


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


def learning_batches(
    connection: duckdb.DuckDBPyConnection, *, least: int, testable: int, most: int
) -> Iterator[pa.RecordBatch]:
    """What is learned from, of campaigns of `least` messages and more: at most `most` of each.

    A batch holds whole campaigns. Of a campaign of `testable` messages and more, some are kept
    back. Leaves the temporary table `made`: the members that were made from a template.
    """
    connection.execute(_MADE)
    connection.execute(_SAMPLE, {"least": least, "testable": testable, "most": most})
    low, waiting = 1, 0
    sizes = answer(connection, _SIZES)
    for number, size in zip(*(sizes[n].to_pylist() for n in sizes.column_names), strict=True):
        waiting += size
        if waiting >= _BATCH_MESSAGES or number == sizes.num_rows:
            texts = answer(connection, _TEXTS, {"low": low, "high": number})
            yield from texts.combine_chunks().to_batches()
            low, waiting = number + 1, 0


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
