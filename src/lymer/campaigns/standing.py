"""The campaigns as they stand in a snapshot, ready to be compared with by the same voices."""

from dataclasses import dataclass

import duckdb
import numpy as np

from lymer.campaigns.communities import GroupingRule, Numbers, needed_odds
from lymer.campaigns.facts import Facts, gather
from lymer.campaigns.groups import Groups, Reals, days_between
from lymer.campaigns.odds import weigh
from lymer.campaigns.shapes import collapse
from lymer.campaigns.voices import VOICES, listen
from lymer.campaigns.weights import BETWEEN_GROUPS, BETWEEN_SHAPES
from lymer.engine import answer

# A shape is where most of its messages are; a decision may have split some of them off.
_PLACED = """
SELECT shape, campaign_id FROM (
    SELECT s.shape, c.campaign_id,
           row_number() OVER (
               PARTITION BY s.shape ORDER BY count(*) DESC, c.campaign_id NULLS LAST) AS place
    FROM shape_messages s LEFT JOIN campaign_messages c ON c.message_id = s.message_id
    GROUP BY s.shape, c.campaign_id
) WHERE place = 1 ORDER BY shape
"""


@dataclass(frozen=True)
class Voice:
    """What one voice says of two groups, and what that adds to the log-odds."""

    name: str
    said: float
    weight: float

    @property
    def adds(self) -> float:
        return self.said * self.weight


@dataclass(frozen=True)
class Comparison:
    """Two groups held against each other."""

    with_campaign: str | None
    with_message: str
    """A message of the other group."""
    odds: float | None
    """Log-odds that both are of one template; None where two at once rule it out."""
    needed: float
    """What it takes to be joined by this alone."""
    days_apart: float
    bias: float
    voices: tuple[Voice, ...]
    """All that say something, the loudest first."""


@dataclass(frozen=True)
class Standing:
    """The shapes of a snapshot and the campaigns that they are in."""

    facts: Facts
    labels: Numbers
    """The group of each shape: first the campaigns, in the order of `campaigns`, then the rest."""
    campaigns: list[str]
    first_ids: list[str]
    """A message of each shape."""
    rule: GroupingRule

    def apart(self, shape: int) -> tuple[Numbers, int]:
        """Labels with `shape` by itself, and its label then."""
        if (self.labels == self.labels[shape]).sum() == 1:
            return self.labels, int(self.labels[shape])
        labels = self.labels.copy()
        labels[shape] = labels.max() + 1
        return labels, int(labels[shape])

    def campaign_of(self, label: int) -> str | None:
        return self.campaigns[label] if label < len(self.campaigns) else None

    def compare_texts(self, alone: Groups, one: int, other: int) -> Comparison:
        """Two shapes held against each other, each by itself."""
        pair = np.array([[one, other]])
        return self._compare(alone, pair, BETWEEN_SHAPES, self.rule.sure)

    def compare_groups(self, groups: Groups, one: int, other: int) -> Comparison:
        """Two groups held against each other, as wholes."""
        pair = np.array([[one, other]])
        needed = float(needed_odds(groups, pair, self.rule)[0])
        return self._compare(groups, pair, BETWEEN_GROUPS, needed)

    def _compare(self, groups: Groups, pair: Numbers, weights: Reals, needed: float) -> Comparison:
        said = listen(self.facts, groups, pair)[0]
        odds = float(weigh(self.facts, groups, pair, weights)[0])
        voices = [
            Voice(name, float(value), float(weight))
            for name, value, weight in zip(VOICES, said, weights[1:], strict=True)
            if value and weight
        ]
        voices.sort(key=lambda voice: -abs(voice.adds))
        shape = int(groups.members.order[groups.members.start[pair[0, 1]]])
        return Comparison(
            self.campaign_of(int(self.labels[shape])),
            self.first_ids[shape],
            odds if np.isfinite(odds) else None,
            needed,
            float(max(0.0, days_between(groups, pair)[0])),
            float(weights[0]),
            tuple(voices),
        )


def stand(connection: duckdb.DuckDBPyConnection, rule: GroupingRule) -> Standing:
    """What stands in the snapshot of `connection`; temporary tables are left in it."""
    collapse(connection, gap_seconds=rule.rest_days * 86400)
    placed = answer(connection, _PLACED)["campaign_id"].to_pylist()
    campaigns = sorted({campaign for campaign in placed if campaign is not None})
    number = {campaign: at for at, campaign in enumerate(campaigns)}
    singles = iter(range(len(campaigns), len(campaigns) + len(placed)))
    labels = [number[c] if c is not None else next(singles) for c in placed]
    first = answer(connection, "SELECT first_id FROM shapes ORDER BY shape")["first_id"]
    return Standing(
        gather(connection), np.array(labels, dtype=np.int64), campaigns, first.to_pylist(), rule
    )
