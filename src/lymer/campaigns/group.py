"""The steps of grouping, in their order."""

from collections import defaultdict
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from lymer.campaigns.communities import components, cut_chains
from lymer.campaigns.hubs import Hubs, find_hubs
from lymer.campaigns.identity import name_groups
from lymer.campaigns.kinds import describe_campaigns
from lymer.campaigns.neighbours import Neighbours, find_neighbours
from lymer.campaigns.shapes import collapse
from lymer.campaigns.tables import CAMPAIGN_MESSAGES, CAMPAIGNS, LINEAGE
from lymer.engine import answer


@dataclass(frozen=True)
class GroupingRule:
    """What counts as like. Chosen on lab seeds below 100 (docs/accuracy.md)."""

    band_rows: int = 4
    least_agreement: float = 0.6
    most_shapes: int = 400
    gap_days: float = 7.0
    least_link: float = 0.35
    resolution: float = 0.2


# How much each kind of selector says by itself: what a sender cannot easily share or fake.
_STRENGTH = {
    "wallet": 1.0,
    "phone": 1.0,
    "picture": 0.9,
    "attachment": 0.9,
    "mailbox": 0.8,
    "host": 0.8,
    "ticker": 0.7,
    "domain": 0.7,
}


@dataclass(frozen=True)
class Grouping:
    """The campaigns of a snapshot, as tables by name."""

    tables: dict[str, pa.Table]


def group(connection: duckdb.DuckDBPyConnection, rule: GroupingRule) -> Grouping:
    """Group all messages that `connection` shows; temporary tables are left in it."""
    count = collapse(connection)
    neighbours = _text_neighbours(connection, rule)
    texts = components(count, neighbours.pairs)
    hubs = find_hubs(connection, most_shapes=rule.most_shapes, gap_seconds=rule.gap_days * 86400)
    labels = _link_texts(count, texts, hubs, connection, rule)
    whys = _reasons(connection, neighbours, hubs, labels, count)
    return Grouping(_tabulate(connection, labels, whys))


def _text_neighbours(connection: duckdb.DuckDBPyConnection, rule: GroupingRule) -> Neighbours:
    found = answer(
        connection, "SELECT shape, sketch FROM shapes WHERE sketch IS NOT NULL ORDER BY shape"
    )
    sketches = found["sketch"].combine_chunks()
    size = 64
    matrix = (
        np.frombuffer(b"".join(sketches.to_pylist()), dtype="<u4").reshape(-1, size)
        if len(sketches)
        else np.zeros((0, size), np.uint32)
    )
    shapes = found["shape"].to_numpy().astype(np.int64)
    return find_neighbours(matrix, shapes, rows=rule.band_rows, least=rule.least_agreement)


def _link_texts(
    count: int,
    texts: npt.NDArray[np.int64],
    hubs: Hubs,
    connection: duckdb.DuckDBPyConnection,
    rule: GroupingRule,
) -> npt.NDArray[np.int64]:
    """A campaign label for each shape: text groups joined over hubs, chains cut."""
    text_count = int(texts.max(initial=-1)) + 1
    if not len(hubs.hub):
        return texts
    sizes = np.zeros(count, dtype=np.int64)
    rows = answer(connection, "SELECT shape, message_count FROM shapes")
    sizes[rows["shape"].to_numpy()] = rows["message_count"].to_numpy()
    text_sizes = np.bincount(texts, weights=sizes, minlength=text_count)
    # One spoke between a text group and a hub, however many shapes it comes from.
    keys = texts[hubs.shape] * len(hubs.names) + hubs.hub
    unique, inverse = np.unique(keys, return_inverse=True)
    carried = np.bincount(inverse, weights=hubs.message_count)
    text, hub = unique // len(hubs.names), unique % len(hubs.names)
    degree = np.bincount(hub, minlength=len(hubs.names))
    strength = np.array([_STRENGTH[kind] for kind, _ in hubs.names])
    rarity = 1.0 - np.log1p(degree) / np.log1p(max(text_count, 2))
    share = carried / text_sizes[text]
    weights = strength[hub] * rarity[hub] * np.minimum(share, 1.0)
    kept = (weights >= rule.least_link) & (degree[hub] >= 2)
    pairs = np.stack((text[kept], text_count + hub[kept]), axis=1)
    labels = cut_chains(
        text_count + len(hubs.names), pairs, weights[kept], resolution=rule.resolution
    )
    return labels[texts]


def _reasons(
    connection: duckdb.DuckDBPyConnection,
    neighbours: Neighbours,
    hubs: Hubs,
    labels: npt.NDArray[np.int64],
    count: int,
) -> list[str]:
    """For each shape, what holds it in its group."""
    rows = answer(connection, "SELECT message_count FROM shapes ORDER BY shape")[
        "message_count"
    ].to_numpy()
    best = np.zeros(count)
    for side in (0, 1):
        np.maximum.at(best, neighbours.pairs[:, side], neighbours.agreement)
    shared: dict[int, list[str]] = defaultdict(list)
    company: dict[tuple[int, int], int] = defaultdict(int)
    for hub, shape in zip(hubs.hub.tolist(), hubs.shape.tolist(), strict=True):
        company[hub, int(labels[shape])] += 1
    for hub, shape in zip(hubs.hub.tolist(), hubs.shape.tolist(), strict=True):
        others = company[hub, int(labels[shape])] - 1
        if others and len(shared[shape]) < 3:
            kind, value = hubs.names[hub]
            shared[shape].append(f"{kind} {value} also in {others} other texts")
    reasons = []
    for shape in range(count):
        parts = []
        if rows[shape] > 1:
            parts.append(f"same text as {int(rows[shape]) - 1} others")
        if best[shape]:
            parts.append(f"text {best[shape]:.0%} like its nearest")
        parts += shared.get(shape, [])
        reasons.append("; ".join(parts))
    return reasons


def _tabulate(
    connection: duckdb.DuckDBPyConnection, labels: npt.NDArray[np.int64], whys: list[str]
) -> dict[str, pa.Table]:
    assigned = pa.table(
        {
            "shape": pa.array(np.arange(len(labels))),
            "label": pa.array(labels),
            "why": pa.array(whys, pa.string()),
        }
    )
    connection.register("assigned", assigned)
    # Groups of one message are one-off mail: in no campaign.
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE grouped AS
        SELECT label, CAST(row_number() OVER (ORDER BY least) - 1 AS BIGINT) AS number, least
        FROM (
            SELECT a.label, min(s.message_id) AS least
            FROM assigned a JOIN shape_messages s ON s.shape = a.shape
            GROUP BY a.label HAVING count(*) > 1
        )
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE members AS
        SELECT g.number, s.message_id, a.why
        FROM assigned a
        JOIN grouped g ON g.label = a.label
        JOIN shape_messages s ON s.shape = a.shape
        """
    )
    least = answer(connection, "SELECT least FROM grouped ORDER BY number")["least"].to_pylist()
    overlaps = answer(
        connection,
        """
        SELECT n.number, o.campaign_id, CAST(count(*) AS BIGINT) AS messages
        FROM members n JOIN campaign_messages o ON o.message_id = n.message_id
        GROUP BY n.number, o.campaign_id
        """,
    )
    names, lineage = name_groups(least, list(zip(*overlaps.to_pydict().values(), strict=True)))
    connection.register(
        "named",
        pa.table(
            {
                "number": pa.array(range(len(names)), pa.int64()),
                "campaign_id": pa.array(names, pa.string()),
            }
        ),
    )
    membership = answer(
        connection,
        """
        SELECT n.campaign_id, m.message_id, m.why
        FROM members m JOIN named n ON n.number = m.number
        ORDER BY n.campaign_id, m.message_id
        """,
    )
    connection.register("membership", membership)
    return {
        CAMPAIGN_MESSAGES.name: membership.cast(CAMPAIGN_MESSAGES.schema),
        CAMPAIGNS.name: describe_campaigns(connection),
        LINEAGE.name: pa.Table.from_batches([LINEAGE.batch(lineage)]),
    }
