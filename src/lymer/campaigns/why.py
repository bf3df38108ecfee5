"""Why a message is where it is, and why two are together or not: every voice with its weight."""

from dataclasses import dataclass

import duckdb
import numpy as np

from lymer.campaigns.communities import GroupingRule, Numbers
from lymer.campaigns.groups import Groups, Reals, days_between, gather_groups
from lymer.campaigns.odds import weigh
from lymer.campaigns.standing import Comparison, Standing, stand
from lymer.campaigns.weights import BETWEEN_GROUPS, BETWEEN_SHAPES
from lymer.engine import answer

# Texts of one campaign that a message is held against, those nearest to it in their order.
_NEAREST_OF = 2000


@dataclass(frozen=True)
class MessageWhy:
    """Why one message is in its campaign, or in none."""

    message_id: str
    campaign_id: str | None
    why: str | None
    """As the table campaign_messages has it."""
    carriage: str
    """A report or bounce is an envelope around other mail, and is not grouped."""
    same_text_count: int
    """Messages with the same text, itself included."""
    nearest: Comparison | None
    """Its strongest link within its campaign, text to text."""
    as_a_whole: Comparison | None
    """Held against the rest of its campaign."""
    second: Comparison | None
    """Held against the best of all other campaigns."""


@dataclass(frozen=True)
class PairWhy:
    """Why two messages are together, or not."""

    one: MessageWhy
    other: MessageWhy
    is_same_text: bool
    are_together: bool
    texts: Comparison | None
    """The two texts, held against each other."""
    groups: Comparison | None
    """The groups that they are in, where these are not the same."""


class _Asked:
    """One snapshot, and what is asked of it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rule: GroupingRule) -> None:
        self._connection = connection
        self.standing: Standing = stand(connection, rule)
        count = self.standing.facts.count
        self.alone = gather_groups(self.standing.facts, np.arange(count), rule.voices)

    def shape_of(self, message_id: str) -> int | None:
        found = answer(
            self._connection,
            "SELECT shape FROM shape_messages WHERE message_id = $id",
            {"id": message_id},
        )["shape"].to_pylist()
        return int(found[0]) if found else None

    def message(self, message_id: str) -> MessageWhy:
        row = answer(
            self._connection,
            """
            SELECT m.carriage, c.campaign_id, c.why
            FROM messages m LEFT JOIN campaign_messages c ON c.message_id = m.message_id
            WHERE m.message_id = $id
            """,
            {"id": message_id},
        ).to_pylist()[0]
        shape = self.shape_of(message_id)
        nearest = whole = second = None
        count = 1
        if shape is not None:
            count = int(self.standing.facts.message_count[shape])
            nearest = self._nearest(shape)
            whole, second = self._groups(shape)
        return MessageWhy(
            message_id, row["campaign_id"], row["why"], row["carriage"], count,
            nearest, whole, second,
        )  # fmt: skip

    def _nearest(self, shape: int) -> Comparison | None:
        standing = self.standing
        others = np.flatnonzero(standing.labels == standing.labels[shape])
        others = others[others != shape]
        if not len(others):
            return None
        best = int(np.argmax(self._odds(self.alone, shape, others[:_NEAREST_OF], BETWEEN_SHAPES)))
        return standing.compare_texts(self.alone, shape, int(others[best]))

    def _groups(self, shape: int) -> tuple[Comparison | None, Comparison | None]:
        """The shape against the rest of its own campaign, and against the best of the others."""
        standing = self.standing
        labels, own = standing.apart(shape)
        groups = gather_groups(standing.facts, labels, standing.rule.voices)
        home = int(standing.labels[shape])
        whole = None
        if home != own:
            whole = standing.compare_groups(groups, own, home)
        others = np.setdiff1d(np.arange(len(standing.campaigns)), [home])
        if not len(others):
            return whole, None
        odds = self._odds(groups, own, others, BETWEEN_GROUPS)
        pairs = np.stack((np.full(len(others), own), others), axis=1)
        # Campaigns that ended long before are another wave: looked at only where nothing else is.
        at_once = days_between(groups, pairs) <= standing.rule.gap_days
        if at_once.any():
            odds = np.where(at_once, odds, -np.inf)
        return whole, standing.compare_groups(groups, own, int(others[np.argmax(odds)]))

    def _odds(self, groups: Groups, one: int, others: Numbers, weights: Reals) -> Reals:
        pairs = np.stack((np.full(len(others), one), others), axis=1)
        return weigh(self.standing.facts, groups, pairs, weights)


def why_message(
    connection: duckdb.DuckDBPyConnection, rule: GroupingRule, message_id: str
) -> MessageWhy:
    """Why the message (its whole id) is where it is."""
    return _Asked(connection, rule).message(message_id)


def why_pair(
    connection: duckdb.DuckDBPyConnection, rule: GroupingRule, one: str, other: str
) -> PairWhy:
    """Why two messages (their whole ids) are together, or not."""
    asked = _Asked(connection, rule)
    standing = asked.standing
    ones = asked.message(one), asked.message(other)
    shapes = asked.shape_of(one), asked.shape_of(other)
    texts = groups = None
    if shapes[0] is not None and shapes[1] is not None and shapes[0] != shapes[1]:
        texts = standing.compare_texts(asked.alone, shapes[0], shapes[1])
        labels = [int(standing.labels[shape]) for shape in shapes]
        if labels[0] != labels[1]:
            both = gather_groups(standing.facts, standing.labels, rule.voices)
            groups = standing.compare_groups(both, labels[0], labels[1])
    campaign = ones[0].campaign_id
    return PairWhy(
        *ones,
        shapes[0] is not None and shapes[0] == shapes[1],
        campaign is not None and campaign == ones[1].campaign_id,
        texts,
        groups,
    )
