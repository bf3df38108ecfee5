"""From voices to groups: what surely belongs together first, then group by group.

A single link never joins two groups of many: groups are compared as wholes, each step joins only
those that are each other's best, and the log-odds must rise with how little there is to see. So
chains do not form, and one-off mail stays alone (average linkage; Sokal and Michener 1958).
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lymer.campaigns.facts import Facts
from lymer.campaigns.groups import Groups, days_between, gather_groups
from lymer.campaigns.odds import came_by_another, surely, weigh
from lymer.campaigns.places import meet
from lymer.campaigns.voice_rule import VoiceRule

Numbers = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_ROUNDS = 30


@dataclass(frozen=True)
class GroupingRule:
    """What counts as alike. Chosen on lab seeds below 100 (docs/accuracy.md)."""

    gap_days: float = 14.0
    """A pause after which the same thing counts as another wave."""
    rest_days: float = 7.0
    due: float = 20.0
    """So does a pause of more than `rest_days` in which `due` mails and more would have come if it
    were none, at the rate of both sides. On lab seeds below 50 some 2 to 9 are due in such pauses
    of one campaign, 89 and more between two (docs/campaigns.md)."""
    sure: float = 5.0
    """Log-odds at which two single shapes are joined at once, when they have something to show
    for it: 1 error in 10,000 there."""
    possible: float = -5.0
    """Log-odds below which two shapes are no reason to compare their groups."""
    least: float = 0.0
    least_alone: float = 1.0
    """Groups are joined over `least`, plus `least_alone` less the more members they have."""
    voices: VoiceRule = field(default_factory=VoiceRule)


def is_one_wave(groups: Groups, pairs: Numbers, rule: GroupingRule) -> npt.NDArray[np.bool_]:
    """Whether no pause parts two groups that would make two waves of the same thing."""
    gap = days_between(groups, pairs)
    left, right = pairs[:, 0], pairs[:, 1]
    lasting = groups.lasting_days[left] + groups.lasting_days[right]
    count = groups.mails[left] + groups.mails[right] - 2
    due = gap * count / np.maximum(lasting, 1.0)
    return (gap <= rule.gap_days) & ((gap <= rule.rest_days) | (due < rule.due))


def components(node_count: int, pairs: Numbers) -> Numbers:
    """Connected components of an undirected graph: a label for each of `node_count` nodes."""
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(node_count, node_count))
    _, labels = connected_components(graph, directed=False)
    return np.asarray(labels, dtype=np.int64)


@dataclass(frozen=True)
class Links:
    """Pairs of shapes that were compared, (n, 2), and the log-odds of each, (n,)."""

    pairs: Numbers
    odds: Reals


def link_shapes(facts: Facts, rule: GroupingRule, weights: Reals) -> tuple[Numbers, Links]:
    """Join what surely belongs together; returns labels and the possible links between them.

    Shapes that are joined already are not compared again: of a large campaign each shape costs
    a few comparisons, not one at every place.
    """
    labels = np.arange(facts.count)
    alone = gather_groups(facts, labels, rule.voices)
    kept: list[Numbers] = []
    odds: list[Reals] = []
    for pairs in meet(facts):
        open_pairs = np.sort(pairs[labels[pairs[:, 0]] != labels[pairs[:, 1]]], axis=1)
        open_pairs = np.unique(open_pairs, axis=0)
        open_pairs = open_pairs[is_one_wave(alone, open_pairs, rule)]
        if not len(open_pairs):
            continue
        weight = weigh(facts, alone, open_pairs, weights)
        possible = weight > rule.possible
        kept.append(open_pairs[possible])
        odds.append(weight[possible])
        # Of what comes back after a rest, only the wholes tell whether it is the same.
        sure = surely(facts, alone, open_pairs, weight, rule.sure)
        sure &= days_between(alone, open_pairs) <= rule.rest_days
        sure = open_pairs[sure & ~came_by_another(alone, open_pairs)]
        if len(sure):
            labels = components(int(labels.max()) + 1, labels[sure])[labels]
    if not kept:
        return labels, Links(np.zeros((0, 2), np.int64), np.zeros(0))
    pairs, where = np.unique(np.concatenate(kept), axis=0, return_index=True)
    return labels, Links(pairs, np.concatenate(odds)[where])


def join_groups(
    facts: Facts, labels: Numbers, links: Links, rule: GroupingRule, weights: Reals
) -> Numbers:
    """Join groups step by step until none is left that should be: labels."""
    for _ in range(_ROUNDS):
        joined = join_once(facts, labels, links, rule, weights)
        if joined is None:
            break
        labels = joined
    return labels


def join_once(
    facts: Facts, labels: Numbers, links: Links, rule: GroupingRule, weights: Reals
) -> Numbers | None:
    """Join the groups that are each other's best; None when no two should be joined."""
    edges = neighbours(labels, links)
    groups = gather_groups(facts, labels, rule.voices)
    edges = edges[is_one_wave(groups, edges, rule)]
    odds = weigh(facts, groups, edges, weights)
    good = odds > needed_odds(groups, edges, rule)
    edges, odds = edges[good], odds[good]
    if not len(edges):
        return None
    best = np.full(len(groups.size), -np.inf)
    for side in (0, 1):
        np.maximum.at(best, edges[:, side], odds)
    mutual = edges[(odds >= best[edges[:, 0]]) & (odds >= best[edges[:, 1]])]
    return components(len(groups.size), mutual)[labels]


def neighbours(labels: Numbers, links: Links) -> Numbers:
    """Pairs of groups between which there is a possible link: (n, 2)."""
    edges = np.sort(labels[links.pairs], axis=1)
    edges = edges[edges[:, 0] != edges[:, 1]]
    return np.unique(edges, axis=0)


def needed_odds(groups: Groups, edges: Numbers, rule: GroupingRule) -> Reals:
    """The log-odds over which each pair of groups is joined."""
    smaller = np.minimum(groups.size[edges[:, 0]], groups.size[edges[:, 1]])
    needed: Reals = rule.least + rule.least_alone / np.log2(1.0 + smaller)
    return needed
