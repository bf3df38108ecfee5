"""Operations as tables: names that last, and for each campaign what joins it to another."""

from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from lymer.campaigns.identity import name_groups
from lymer.campaigns.kept import Kept, Numbers, gather_kept
from lymer.campaigns.operations import (
    SHARED,
    OperationRule,
    Profiles,
    common,
    join_campaigns,
    profile,
    weigh,
)
from lymer.campaigns.tables import OPERATION_CAMPAIGNS, OPERATIONS
from lymer.engine import answer

# Campaigns of an operation that each other one is held against, the largest.
_PARTNERS = 24
_TOLD = 3
_TOLD_OF_KIND = 2
# Steadiness times rarity under which a thing goes without saying.
_TOLD_WORTH = 0.1
# A thing in fewer of the messages is not what an operation is called by.
_NAMING_SHARE = 0.3

_LEAST = """
SELECT g.number, min(m.message_id) AS least
FROM joined g JOIN membership m ON m.campaign_id = g.campaign_id
GROUP BY g.number ORDER BY g.number
"""

_FORMER = """
SELECT g.number, o.operation_id, CAST(count(*) AS BIGINT) AS messages
FROM joined g
JOIN membership m ON m.campaign_id = g.campaign_id
JOIN campaign_messages f ON f.message_id = m.message_id
JOIN operation_campaigns o ON o.campaign_id = f.campaign_id
GROUP BY g.number, o.operation_id
"""

_SEEN = """
SELECT g.number, min(t.received_at) AS first_seen_at, max(t.received_at) AS last_seen_at,
       CAST(count(*) AS BIGINT) AS message_count
FROM joined g
JOIN membership m ON m.campaign_id = g.campaign_id
JOIN messages t ON t.message_id = m.message_id
GROUP BY g.number ORDER BY g.number
"""


def find_operations(
    connection: duckdb.DuckDBPyConnection, rule: OperationRule
) -> dict[str, pa.Table]:
    """Both tables, of the campaigns in `membership` (campaign_id, message_id)."""
    kept = gather_kept(connection)
    labels = join_campaigns(kept, rule)
    size = np.bincount(labels, minlength=1)
    groups = [np.flatnonzero(labels == label) for label in np.flatnonzero(size > 1).tolist()]
    if not groups:
        return {
            table.name: pa.Table.from_batches([table.empty()])
            for table in (OPERATIONS, OPERATION_CAMPAIGNS)
        }
    connection.register("joined", _joined(kept, groups))
    least = answer(connection, _LEAST)["least"].to_pylist()
    former = list(zip(*answer(connection, _FORMER).to_pydict().values(), strict=True))
    names, _ = name_groups(least, former, prefix="o-")
    seen = answer(connection, _SEEN).to_pylist()
    teller = _Teller(kept, labels, rule)
    operations, campaigns = [], []
    for name, members, row in zip(names, groups, seen, strict=True):
        title, why = teller.of_operation(members)
        operations.append(
            (
                name, title, len(members), row["message_count"],
                row["first_seen_at"], row["last_seen_at"], why,
            )
        )  # fmt: skip
        campaigns += [
            (name, kept.campaigns[member], round(score, 2), why)
            for member, score, why in teller.of_campaigns(members)
        ]
    operations.sort(key=lambda row: (-row[3], row[0]))
    campaigns.sort()
    return {
        OPERATIONS.name: pa.Table.from_batches([OPERATIONS.batch(operations)]),
        OPERATION_CAMPAIGNS.name: pa.Table.from_batches([OPERATION_CAMPAIGNS.batch(campaigns)]),
    }


def _joined(kept: Kept, groups: list[Numbers]) -> pa.Table:
    rows = [(number, kept.campaigns[i]) for number, group in enumerate(groups) for i in group]
    return pa.table(
        {
            "number": pa.array([row[0] for row in rows], pa.int64()),
            "campaign_id": pa.array([row[1] for row in rows], pa.string()),
        }
    )


@dataclass(frozen=True)
class _Thing:
    """Something that several campaigns have."""

    kind: str
    value: str
    holders: int
    share: float
    """Mean over its holders."""

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class _Teller:
    """Says why, from the profiles of campaigns; how rare a thing is, all operations tell."""

    def __init__(self, kept: Kept, labels: Numbers, rule: OperationRule) -> None:
        self._kept = kept
        self._labels = labels
        self._rule = rule
        alone = profile(kept, np.arange(kept.count, dtype=np.int64))
        self._profiles: Profiles = replace(alone, rarity=profile(kept, labels).rarity)

    def of_operation(self, members: Numbers) -> tuple[str, str]:
        """A name, and what the campaigns share."""
        things = self._things(members)
        told = [
            f"{thing} in {thing.holders} of {len(members)} campaigns ({thing.share:.0%} of their "
            "messages)"
            for thing in things[:_TOLD]
        ]
        title = next(
            (thing.value for thing in things if thing.share >= _NAMING_SHARE),
            self._kept.campaigns[members[np.argmax(self._kept.sizes[members])]],
        )
        return title, "; ".join(told) or "many small things in common"

    def _things(self, members: Numbers) -> list[_Thing]:
        """What at least two of `members` have and few others do, the most telling first."""
        found: list[tuple[float, _Thing]] = []
        for name in SHARED:
            shares = self._profiles.shares[name][members]
            holders = np.bincount(shares.indices, minlength=shares.shape[1])
            total = np.asarray(shares.sum(axis=0)).ravel()
            worth = total * self._profiles.rarity[name] * (holders > 1)
            for index in np.argsort(-worth, kind="stable")[:_TOLD].tolist():
                if worth[index] > _TOLD_WORTH:
                    things = self._kept.things[name]
                    thing = _Thing(
                        things.kinds[index],
                        things.values[index],
                        int(holders[index]),
                        float(total[index] / holders[index]),
                    )
                    found.append((float(worth[index]), thing))
        return [thing for _, thing in sorted(found, key=lambda f: (-f[0], str(f[1])))]

    def of_campaigns(self, members: Numbers) -> list[tuple[int, float, str]]:
        """For each member: itself, the log-odds of its strongest link, and what that is."""
        largest = members[np.argsort(-self._kept.sizes[members], kind="stable")[:_PARTNERS]]
        told = []
        for member in members.tolist():
            partners = largest[largest != member]
            pairs = np.stack((np.full(len(partners), member), partners), axis=1)
            odds = weigh(self._profiles, pairs)
            best = int(np.argmax(odds))
            if odds[best] > self._rule.least:
                partner = int(partners[best])
                told.append((member, float(odds[best]), self._link(member, partner, odds[best])))
            else:
                told.append(self._as_a_whole(member, members))
        return told

    def _link(self, one: int, other: int, odds: float) -> str:
        left, right = np.array([one]), np.array([other])
        parts: list[tuple[float, str]] = []
        for name in SHARED:
            row = common(self._profiles, name, left, right)
            things = self._kept.things[name]
            order = np.argsort(-row.data, kind="stable")[:_TOLD_OF_KIND]
            for index, worth in zip(row.indices[order].tolist(), row.data[order], strict=True):
                if worth < _TOLD_WORTH:
                    continue
                shares = [self._profiles.shares[name][[i], [index]][0] for i in (one, other)]
                parts.append(
                    (
                        float(worth),
                        f"{things.kinds[index]} {things.values[index]} in {shares[0]:.0%} and "
                        f"{shares[1]:.0%} of their messages",
                    )
                )
        parts.sort(key=lambda part: (-part[0], part[1]))
        told = ", ".join(text for _, text in parts[:_TOLD]) or "like words"
        return f"{odds:+.1f} with {self._kept.campaigns[other]}: {told}"

    def _as_a_whole(self, member: int, members: Numbers) -> tuple[int, float, str]:
        """The link of one to all others together, where no single one is enough."""
        labels = self._labels.copy()
        labels[member] = labels.max() + 1
        rest = labels[members[members != member][0]]
        pair = np.array([[rest, labels[member]]])
        odds = float(weigh(profile(self._kept, labels), pair)[0])
        return member, odds, f"{odds:+.1f} with the other {len(members) - 1} campaigns as a whole"
