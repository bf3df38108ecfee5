"""The steps of the room, in their order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

from lymer.botnets.census import take_census
from lymer.botnets.controllers import find_controllers, find_steered
from lymer.botnets.describe import compare_to, describe_family
from lymer.botnets.families import FamilyRule, Labels, join_variants
from lymer.botnets.names import keep_ids, short_hash, spoken
from lymer.botnets.overrule import Found, Overrule, overrule
from lymer.botnets.pools import LinkingRule, Pool, find_pools
from lymer.botnets.resightings import compare
from lymer.botnets.sightings import EngineSightings, SightingRule, gather_sightings
from lymer.botnets.tables import (
    BOTNET_CAMPAIGNS,
    BOTNETS,
    BOTS,
    CONTROLLERS,
    DIALECT_TRAITS,
    DIALECTS,
    LIVE_DAYS,
    POPULATIONS,
    STEERED,
    VOLUMES,
)
from lymer.botnets.variants import Variants, gather_variants
from lymer.botnets.volume import count_seen
from lymer.engine import answer
from lymer.tables import Table


@dataclass(frozen=True)
class BotnetRule:
    """The rules of the steps that find botnets."""

    families: FamilyRule = field(default_factory=FamilyRule)
    sightings: SightingRule = field(default_factory=SightingRule)
    linking: LinkingRule = field(default_factory=LinkingRule)


def find_botnets(
    connection: duckdb.DuckDBPyConnection,
    rule: BotnetRule | None = None,
    *,
    overrules: Sequence[Overrule] = (),
) -> dict[Table, pa.Table]:
    """All tables of the room, from what `connection` shows; temporary tables are left in it.

    The tables of the room as they were before, where `connection` shows them, lend their ids.
    """
    rule = rule or BotnetRule()
    variants = gather_variants(connection)
    labels = join_variants(variants, rule.families)
    dialects, traits = _name_families(connection, variants, labels)
    counted = []
    for engine in gather_sightings(connection, rule.sightings):
        counted += _of_engine(engine, rule.linking)
    found = overrule(counted, overrules)
    _name_botnets(connection, found, dialects)
    links = _tabulate_links(connection, found)
    bots = answer(connection, _BOTS).cast(BOTS.schema)
    # The steps to come read what was found now, not what the case held before.
    connection.register("fresh_links", links)
    connection.register("fresh_bots", bots)
    connection.execute("CREATE OR REPLACE TEMP TABLE botnet_campaigns AS FROM fresh_links")
    connection.execute("CREATE OR REPLACE TEMP TABLE bots AS FROM fresh_bots")
    census = take_census(connection)
    connection.register("populations_found", census.populations)
    controllers = find_controllers(connection)
    return {
        DIALECTS: dialects,
        DIALECT_TRAITS: traits,
        BOTNETS: answer(connection, _BOTNETS).cast(BOTNETS.schema),
        BOTNET_CAMPAIGNS: links,
        BOTS: bots,
        POPULATIONS: census.populations,
        LIVE_DAYS: census.live_days,
        VOLUMES: count_seen(connection),
        CONTROLLERS: controllers,
        STEERED: find_steered(connection, controllers),
    }


def _name_families(
    connection: duckdb.DuckDBPyConnection, variants: Variants, labels: Labels
) -> tuple[pa.Table, pa.Table]:
    """DIALECTS and DIALECT_TRAITS; leaves `families` (variant_id, family) in the connection."""
    names = list(variants.of_dialect)
    family = [int(labels[variants.of_dialect[name]]) for name in names]
    connection.register(
        "families_found",
        pa.table(
            {"variant_id": pa.array(names, pa.string()), "family": pa.array(family, pa.int64())}
        ),
    )
    connection.execute("CREATE OR REPLACE TEMP TABLE families AS FROM families_found")
    # The commonest variant stands first in its family, so it is the one that names it.
    first = {int(label): row for row, label in reversed(list(enumerate(labels.tolist())))}
    count = len(first)
    former = answer(
        connection,
        """
        SELECT n.family, o.dialect_id, CAST(count(*) AS BIGINT) AS variants
        FROM families n JOIN dialect_traits o ON o.variant_id = n.variant_id
        GROUP BY n.family, o.dialect_id
        """,
    )
    ids = keep_ids(
        ["d-" + short_hash(repr(variants.traits[first[label]])) for label in range(count)],
        list(zip(*former.to_pydict().values(), strict=True)),
    )
    sizes = np.bincount(labels, weights=variants.message_count, minlength=count)
    members = np.bincount(np.array(family, dtype=np.int64), minlength=count)
    dialects = DIALECTS.batch(
        (
            ids[label],
            spoken(ids[label]),
            describe_family(variants, labels, label),
            int(sizes[label]),
            int(members[label]),
            None,
        )
        for label in range(count)
    )
    traits = DIALECT_TRAITS.batch(
        (
            name,
            ids[label],
            compare_to(variants.traits[first[label]], variants.traits[variants.of_dialect[name]]),
        )
        for name, label in zip(names, family, strict=True)
    )
    return pa.Table.from_batches([dialects]), pa.Table.from_batches([traits])


def _of_engine(engine: EngineSightings, rule: LinkingRule) -> list[Found]:
    """The botnets of one engine, and what is left."""
    pools = find_pools(compare(engine.sightings), rule)
    found = [_found(engine, pool) for pool in pools]
    linked = {piece for pool in pools for piece in pool.pieces}
    rest = [name for piece, name in enumerate(engine.campaigns) if piece not in linked]
    if rest:
        found.append(Found(engine.family, rest, {}, False, False, False, {}))
    return found


def _found(engine: EngineSightings, pool: Pool) -> Found:
    return Found(
        engine.family,
        [engine.campaigns[piece] for piece in pool.pieces],
        {engine.campaigns[piece]: link for piece, link in pool.links.items()},
        True,
        pool.is_apart,
        len(pool.pieces) == len(engine.campaigns),
        {},
    )


def _name_botnets(
    connection: duckdb.DuckDBPyConnection, found: list[Found], dialects: pa.Table
) -> None:
    """Leave `found_botnets` and `found_campaigns` in the connection."""
    ids = dialects["dialect_id"].to_pylist()
    spoken_names = dialects["name"].to_pylist()
    connection.register(
        "found_campaigns",
        pa.table(
            {
                "number": pa.array(
                    [number for number, one in enumerate(found) for _ in one.campaigns], pa.int64()
                ),
                "family": pa.array(
                    [one.family for one in found for _ in one.campaigns], pa.int64()
                ),
                "campaign_id": pa.array(
                    [name for one in found for name in one.campaigns], pa.string()
                ),
            }
        ),
    )
    former = answer(
        connection,
        """
        SELECT n.number, o.botnet_id, CAST(count(*) AS BIGINT) AS campaigns
        FROM found_campaigns n
        JOIN botnet_campaigns o ON o.campaign_id = n.campaign_id
        JOIN botnets b ON b.botnet_id = o.botnet_id
        JOIN families f ON f.family = n.family
        JOIN dialect_traits t ON t.variant_id = f.variant_id AND t.dialect_id = b.dialect_id
        GROUP BY n.number, o.botnet_id
        """,
    )
    kept = [
        row for row in zip(*former.to_pydict().values(), strict=True) if found[row[0]].is_separable
    ]
    names = keep_ids(
        [
            "b-" + short_hash(ids[one.family] + (min(one.campaigns) if one.is_separable else ""))
            for one in found
        ],
        kept,
    )
    connection.register(
        "found_botnets",
        pa.table(
            {
                "number": pa.array(range(len(found)), pa.int64()),
                "botnet_id": pa.array(names, pa.string()),
                "name": pa.array(
                    [
                        f"{spoken_names[one.family]} "
                        + (name[2:6] if one.is_separable else "(not separable)")
                        for one, name in zip(found, names, strict=True)
                    ],
                    pa.string(),
                ),
                "dialect_id": pa.array([ids[one.family] for one in found], pa.string()),
                "is_separable": pa.array([one.is_separable for one in found], pa.bool_()),
                "why": pa.array([_why(one) for one in found], pa.string()),
            }
        ),
    )


def _why(one: Found) -> str:
    said = [f"{campaign} {how}" for campaign, how in sorted(one.decided.items())]
    return "; ".join([_why_counted(one), *said])


def _why_counted(one: Found) -> str:
    if not one.is_separable:
        return (
            f"one engine, botnets not separable at this sampling: {len(one.campaigns)} campaigns "
            "share too few clients with each other or with the engine's botnets to say more"
        )
    if len(one.campaigns) == 1:
        alone = "the engine's only campaign" if one.is_only else "one campaign of the engine"
        return f"{alone}: none other has its clients, and of one pool some would have come again"
    shared = sorted(link.shared for link in one.links.values())
    if not shared:
        return f"{len(one.campaigns)} campaigns that were linked by the analyst"
    middle = shared[len(shared) // 2]
    others = (
        "the engine has no other campaign"
        if one.is_only
        else "the engine's others would have shown its clients, and did not"
        if one.is_apart
        else "others of the engine may belong to it: too little was seen to tell"
    )
    return (
        f"{len(one.campaigns)} campaigns share clients beyond chance, each of them {shared[0]} to "
        f"{shared[-1]} with the rest (median {middle}); {others}"
    )


def _tabulate_links(connection: duckdb.DuckDBPyConnection, found: list[Found]) -> pa.Table:
    names = answer(connection, "SELECT botnet_id FROM found_botnets ORDER BY number")
    rows = []
    ids = names["botnet_id"].to_pylist()
    homes: dict[str, dict[str, int]] = {}
    for one, name in zip(found, ids, strict=True):
        for campaign in one.campaigns if one.is_separable else ():
            homes.setdefault(campaign, {})[name] = one.family
    for one, name in zip(found, ids, strict=True):
        for campaign in one.campaigns if one.is_separable else ():
            others = {other: of for other, of in homes[campaign].items() if other != name}
            also = _also_of([other for other, of in others.items() if of == one.family])
            also += _parts_of([other for other, of in others.items() if of != one.family])
            link = one.links.get(campaign)
            rows.append(
                (name, campaign, None, None, (one.decided.get(campaign) or _why(one)) + also)
                if link is None
                else (
                    name,
                    campaign,
                    link.score,
                    link.p_value,
                    f"shares {link.shared} of {link.clients} clients with the botnet's other "
                    f"campaigns; separate pools would share {link.by_chance:.2g}" + also,
                )
            )
    return pa.Table.from_batches([BOTNET_CAMPAIGNS.batch(rows)])


def _also_of(others: list[str]) -> str:
    """What is said of a campaign that other botnets of the engine sent too."""
    if not others:
        return ""
    return (
        f"; clients of {', '.join(others)} sent it too: one customer of several botnets, or "
        "several campaigns taken for one"
    )


def _parts_of(others: list[str]) -> str:
    """What is said of a campaign of which other engines sent a part."""
    return f"; what another engine sent of it is of {', '.join(others)}" if others else ""


# Clients of a campaign with two botnets belong to the one with whose other campaigns they were
# seen; of those seen nowhere else nobody can tell.
_BOTS = """
WITH mails AS (
    SELECT f.number, b.botnet_id, m.campaign_id, m.client_ip, m.received_at, m.message_id,
           count(*) OVER (PARTITION BY f.family, m.message_id) AS homes
    FROM found_campaigns f
    JOIN found_botnets b ON b.number = f.number AND b.is_separable
    JOIN bot_mail m ON m.campaign_id = f.campaign_id AND m.family = f.family
),
sure AS (
    SELECT DISTINCT botnet_id, client_ip FROM mails WHERE homes = 1
)
SELECT m.botnet_id, m.client_ip, min(m.received_at) AS first_seen_at,
       max(m.received_at) AS last_seen_at, CAST(count(*) AS BIGINT) AS message_count
FROM mails m
JOIN sure s ON s.botnet_id = m.botnet_id AND s.client_ip = m.client_ip
GROUP BY m.botnet_id, m.client_ip
ORDER BY m.botnet_id, m.client_ip
"""

_BOTNETS = """
SELECT b.botnet_id, b.name, b.dialect_id, b.is_separable,
       CAST(count(DISTINCT f.campaign_id) AS BIGINT) AS campaign_count,
       CAST(count(DISTINCT m.message_id) AS BIGINT) AS message_count,
       CAST(count(DISTINCT m.client_ip) AS BIGINT) AS footprint,
       min(m.received_at) AS first_seen_at, max(m.received_at) AS last_seen_at,
       any_value(p.live_low) AS live_low, any_value(p.live) AS live,
       any_value(p.live_high) AS live_high,
       any_value(p.window_start_at) AS window_start_at,
       any_value(p.window_end_at) AS window_end_at,
       b.why
FROM found_botnets b
JOIN found_campaigns f ON f.number = b.number
JOIN bot_mail m ON m.campaign_id = f.campaign_id AND m.family = f.family
LEFT JOIN bots x ON x.botnet_id = b.botnet_id AND x.client_ip = m.client_ip
LEFT JOIN populations_found p ON p.botnet_id = b.botnet_id
WHERE x.client_ip IS NOT NULL OR NOT b.is_separable
GROUP BY b.botnet_id, b.name, b.dialect_id, b.is_separable, b.why
ORDER BY message_count DESC, b.botnet_id
"""
