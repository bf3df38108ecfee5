"""Which members of a campaign its templates are learned from, and what is needed of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lymer.campaigns.templates.values import Person
from lymer.campaigns.templates.words import MOST_CHARACTERS

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

_TEXTS = f"""
SELECT l.campaign_id, l.message_id, m.received_at, left(m.text, {MOST_CHARACTERS}) AS text,
       m.subject, m.from_name, m.recipients, f.traits, p.media_type, p.picture_hash
FROM learned l
JOIN messages m ON m.message_id = l.message_id
LEFT JOIN fingerprints f ON f.message_id = l.message_id
LEFT JOIN (
    SELECT message_id, min(media_type) AS media_type, min(picture_hash) AS picture_hash
    FROM attachments WHERE picture_hash IS NOT NULL GROUP BY message_id
) p ON p.message_id = l.message_id
ORDER BY l.campaign_id, m.received_at NULLS LAST, l.message_id
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
    connection: duckdb.DuckDBPyConnection,
    *,
    least: int,
    testable: int,
    most: int,
    only: Collection[str] | None,
) -> Iterator[pa.RecordBatch]:
    """What is learned from, of campaigns of `least` messages and more: at most `most` of each.

    Of all campaigns, or of those whose ids are `only`.

    A batch holds whole campaigns. Of a campaign of `testable` messages and more, some are kept
    back. Leaves the temporary table `made`: the members that were made from a template.
    """
    connection.execute(_MADE)
    ids = None if only is None else sorted(only)
    wanted = {"least": least, "testable": testable, "most": most, "only": ids}
    connection.execute(_SAMPLE, wanted)
    waiting: list[pa.RecordBatch] = []
    for batch in connection.sql(_TEXTS).to_arrow_reader(_BATCH_MESSAGES):
        last = _last_campaign(batch)
        # The last campaign of a batch may go on in the next one.
        if last:
            yield pa.concat_batches([*waiting, batch.slice(0, last)])
            waiting = []
        waiting.append(batch.slice(last))
    if waiting:
        yield pa.concat_batches(waiting)


def _last_campaign(batch: pa.RecordBatch) -> int:
    """The row where the last campaign of a batch begins."""
    campaigns = batch.column("campaign_id")
    return int(pc.index(campaigns, campaigns[-1]).as_py())


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
