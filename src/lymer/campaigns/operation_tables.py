"""Operations as tables: names that last, and for each campaign what joins it to another."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import pyarrow as pa

from lymer.campaigns.identity import name_groups
from lymer.campaigns.kept import Kept, Numbers, Reals, gather_kept
from lymer.campaigns.operations import (
    SHARED,
    OperationRule,
    Profiles,
    common,
    join_campaigns,
    profile,
    weigh,
    weigh_with_rest,
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
    told = teller.of_campaigns(groups)
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
            for member, (score, why) in ((m, told[m]) for m in members.tolist())
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

    def of_campaigns(self, groups: Sequence[Numbers]) -> dict[int, tuple[float, str]]:
        """For each member of `groups`: the log-odds of its strongest link, and what that is."""
        pairs = np.concatenate([self._partners(members) for members in groups])
        odds = weigh(self._profiles, pairs)
        # The strongest of each member, the first of equals.
        order = np.lexsort((np.arange(len(pairs)), -odds, pairs[:, 0]))
        strongest = order[np.unique(pairs[order, 0], return_index=True)[1]]
        enough = odds[strongest] > self._rule.least
        told = self._links(pairs[strongest[enough]], odds[strongest[enough]])
        for members in groups:
            if not all(member in told for member in members.tolist()):
                told = self._as_a_whole(members) | told
        return told

    def _partners(self, members: Numbers) -> Numbers:
        """Each of an operation's members with those that it is held against: (n, 2)."""
        largest = members[np.argsort(-self._kept.sizes[members], kind="stable")[:_PARTNERS]]
        one, other = np.repeat(members, len(largest)), np.tile(largest, len(members))
        pairs: Numbers = np.stack((one, other), axis=1)[one != other]
        return pairs

    def _links(self, pairs: Numbers, odds: Reals) -> dict[int, tuple[float, str]]:
        """What both campaigns of each pair have, by the first of the two."""
        parts: list[list[tuple[float, str]]] = [[] for _ in pairs]
        for name in SHARED:
            both = common(self._profiles, name, pairs[:, 0], pairs[:, 1])
            row = np.repeat(np.arange(len(pairs)), np.diff(both.indptr))
            order = np.lexsort((both.indices, -both.data, row))
            order = order[both.data[order] >= _TOLD_WORTH]
            # The first of each row in this order.
            begin = np.searchsorted(row[order], row[order], side="left")
            order = order[np.arange(len(order)) - begin < _TOLD_OF_KIND]
            if not len(order):
                continue
            row, index, worth = row[order], both.indices[order], both.data[order]
            shares = self._profiles.shares[name]
            ones, others = (shares[pairs[row, side], index].tolist() for side in (0, 1))
            things = self._kept.things[name]
            for place, one, other, at, value in zip(
                row.tolist(), ones, others, index.tolist(), worth.tolist(), strict=True
            ):
                text = f"{things.kinds[at]} {things.values[at]} in {one:.0%} and {other:.0%}"
                parts[place].append((value, f"{text} of their messages"))
        told = {}
        for (one, other), odd, found in zip(pairs.tolist(), odds.tolist(), parts, strict=True):
            found.sort(key=lambda part: (-part[0], part[1]))
            why = ", ".join(text for _, text in found[:_TOLD]) or "like words"
            told[one] = odd, f"{odd:+.1f} with {self._kept.campaigns[other]}: {why}"
        return told

    def _as_a_whole(self, members: Numbers) -> dict[int, tuple[float, str]]:
        """The link of each to all others together, where no single one is enough."""
        odds = weigh_with_rest(self._profiles, members)
        return {
            member: (odd, f"{odd:+.1f} with the other {len(members) - 1} campaigns as a whole")
            for member, odd in zip(members.tolist(), odds.tolist(), strict=True)
        }
