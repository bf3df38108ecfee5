"""Which campaigns of one engine come from one pool of bots, which do not, and where it is open.

Groups of campaigns are joined, the strongest first, by a log-likelihood ratio: one pool against two
pools that share a few machines. What speaks for one pool is clients in common; what speaks against
is clients that one pool would have shown again and did not. Both count for the groups as wholes, so
one customer of two botnets, or PCs that carry two bots, do not join what the rest keeps apart.

Then a campaign that many clients tie to another group as well belongs to both. Groups that neither
share clients nor would have, at this sampling, stay open: nothing is claimed of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lymer.botnets.blocks import blocks
from lymer.botnets.resightings import Floats, Ints, Resightings

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class LinkingRule:
    """Defaults are from the lab's seeds below 100 (docs/botnets.md)."""

    shared_machines: float = 0.02
    """Meetings between two separate pools, as a share of those within one, on average: PCs with
    two infections. It may be several times as much."""
    reused_addresses: float = 1e-6
    """Chance that two clients of separate pools have one address: it changed hands, or many PCs
    are behind it. A hundred access providers have millions of addresses."""
    least_chance: float = 0.002
    """Clients in common that chance gives any two groups, however small."""
    least_shared: int = 2
    """Clients in common without which nothing is joined: one is no pattern."""
    loyalty: float = 0.3
    """How much rarer clients meet where each campaign has its own part of the pool."""
    least_met: float = 0.15
    """Of the clients that one pool would have shown, those it does at the least, where campaigns
    also lie far apart in time."""
    join: float = 3.0
    """Log-likelihood ratio from which two groups are one."""
    apart: float = 3.0
    """Clients in common that one pool would have shown, for their absence to part two groups."""
    bridged: float = 1.0
    """The same for two campaigns that a third one is tied to: then that one has two pools."""
    second_share: float = 0.15
    """Of a campaign's clients seen elsewhere, those in another group, to belong there too."""
    least_alone: int = 10
    """Clients of a campaign that is a botnet by itself."""
    significance: float = 0.05
    """Of a link, after Benjamini and Hochberg (1995) over all pairs that were tested."""


@dataclass(frozen=True)
class Link:
    """What ties a piece to the others of its pool."""

    shared: int
    """Its clients that others of the pool have too."""
    by_chance: float
    """As many as separate pools would share."""
    score: float
    """Log-likelihood ratio."""
    p_value: float
    """Of as many by chance, corrected for all pairs of piece and pool."""


@dataclass(frozen=True)
class Pool:
    """Pieces of campaigns that one pool of bots sent."""

    pieces: list[int]
    links: dict[int, Link]
    """By piece; empty for a pool of one piece."""
    is_apart: bool
    """Told apart from all other pieces of the engine by clients that did not come again; where it
    is not, others may be of this pool too."""


def find_pools(seen: Resightings, rule: LinkingRule) -> list[Pool]:
    """The pools of one engine, in the order of their first pieces. Open pieces are in none."""
    if not len(seen.met):
        return []
    pieces, groups = _Groups(seen, rule), _Groups(seen, rule)
    bridges = pieces.bridges()
    groups.join_all(~bridges)
    groups.join_all(groups.is_loose(bridges))
    joined = [set(members) for _, members in sorted(groups.members.items())]
    parts = [
        part
        for members in _with_second_pools(pieces.clients, joined, bridges, rule)
        for part in _whole_parts(members, pieces.shared)
    ]
    pools = [
        Pool(sorted(links), links, pieces.stands_apart(sorted(links)))
        for links in _significant(pieces, parts, rule)
        if links
    ]
    in_some = {piece for pool in pools for piece in pool.pieces}
    for piece, own in enumerate(pieces.clients):
        is_one = piece not in in_some and not bridges[piece] and len(own) >= rule.least_alone
        if is_one and pieces.stands_apart([piece]):
            pools.append(Pool([piece], {}, True))
    return sorted(pools, key=lambda pool: pool.pieces)


def _with_second_pools(
    clients: list[set[int]], joined: list[set[int]], bridges: Bools, rule: LinkingRule
) -> list[set[int]]:
    """Pools, each with the pieces that clients tie to it beside another one."""
    home = {piece: number for number, members in enumerate(joined) for piece in members}
    of_pool = [set().union(*(clients[piece] for piece in members)) for members in joined]
    found = [set(members) for members in joined]
    for piece, own in home.items():
        is_alone = len(joined[own]) == 1
        rest: set[int] = set().union(*(clients[p] for p in joined[own] if p != piece))
        others = [number for number in range(len(joined)) if number != own]
        elsewhere = clients[piece] & rest.union(*(of_pool[number] for number in others))
        for number in others:
            members = joined[number]
            # What is tied to a piece by itself is so in a bridge only; and a bridge is no pool.
            if len(members) == 1 and not (is_alone and bridges[piece] and not bridges[[*members]]):
                continue
            shared = len(clients[piece] & of_pool[number])
            if shared >= max(rule.least_shared, rule.second_share * len(elsewhere)):
                found[number].add(piece)
                if is_alone:
                    found[own].discard(piece)
    return [members for members in found if members]


def _whole_parts(members: set[int], shared: Floats) -> list[list[int]]:
    """What of a pool hangs together by more than one campaign, which may have two botnets."""
    order = sorted(members)
    if len(order) < 3:
        return [order]
    between = shared[np.ix_(order, order)]
    found = blocks([np.flatnonzero(row).tolist() for row in between])
    return [[order[place] for place in block] for block in found]


def _significant(
    pieces: "_Groups", parts: list[list[int]], rule: LinkingRule
) -> list[dict[int, Link]]:
    """The links of every part that chance does not explain."""
    clients = pieces.clients
    chances = pieces.by_chance(np.arange(len(clients)))
    raw: list[tuple[float, int, int, int, float]] = []
    for number, part in enumerate(parts):
        for piece in part if len(part) > 1 else ():
            rest = [other for other in part if other != piece]
            together = len(clients[piece] & set().union(*(clients[other] for other in rest)))
            # However many others there are, no more than the machines of two pools meet.
            most = rule.least_chance + rule.shared_machines * len(clients[piece])
            chance = min(float(chances[piece, rest].sum()), most)
            raw.append(
                (
                    float(chance_of(np.array(together), np.array(chance))),
                    number,
                    piece,
                    together,
                    chance,
                )
            )
            # Where most others lie far off in time, the nearest one says more than all.
            odds = chance_of(pieces.shared[piece, rest], chances[piece, rest]) * len(rest)
            best = int(np.argmin(odds))
            if odds[best] < raw[-1][0]:
                shared, chance = int(pieces.shared[piece, rest[best]]), chances[piece, rest[best]]
                raw[-1] = (float(odds[best]), number, piece, shared, float(chance))
    tested = len(clients) * len(parts)
    links: list[dict[int, Link]] = [{} for _ in parts]
    corrected = 1.0
    for rank, (p_value, number, piece, shared, by_chance) in zip(
        range(len(raw), 0, -1), sorted(raw, reverse=True), strict=True
    ):
        corrected = min(corrected, p_value * tested / rank)
        if corrected <= rule.significance:
            score = log_ratio(np.array(float(shared)), np.array(0.0), np.array(by_chance))
            links[number][piece] = Link(shared, by_chance, float(score), corrected)
    return [found if len(found) > 1 else {} for found in links]


class _Groups:
    """Groups of pieces while they are joined. A group goes by the number of one of its pieces."""

    def __init__(self, seen: Resightings, rule: LinkingRule) -> None:
        count = len(seen.met)
        self._rule, self._repeats = rule, seen.repeats
        self._met, self._possible = seen.met.copy(), seen.possible.copy()
        self._sums = (self._met, self._possible)
        self.members = {piece: [piece] for piece in range(count)}
        table = seen.clients
        self.clients: list[set[int]] = [
            set(table.indices[start:end].tolist())
            for start, end in zip(table.indptr[:-1], table.indptr[1:], strict=True)
        ]
        self._groups_of: dict[int, set[int]] = {}
        for piece, clients_of_piece in enumerate(self.clients):
            for client in clients_of_piece:
                self._groups_of.setdefault(client, set()).add(piece)
        self._sizes = np.array([len(own) for own in self.clients], dtype=np.float64)
        self.shared = np.stack([self._shared_with(piece) for piece in range(count)])
        own = np.arange(count)
        # Pairs that a group needs to have for its own rate to be believed: as many as give one
        # meeting at the rate of the engine.
        self._needed = (seen.possible[own, own].sum(axis=0) + 1) / (
            seen.met[own, own].sum(axis=0) + 0.5
        )
        self._is_alive = np.ones(count, dtype=np.bool_)
        self._odds = self._odds_of(own)

    def bridges(self) -> Bools:
        """Pieces tied to two others that are plainly apart: they have clients of two pools."""
        rows = np.arange(len(self._odds))
        tied = self._odds >= self._rule.join
        apart = self.is_apart(rows, self._rule.bridged)
        return np.array(
            [bool(apart[np.ix_(tied[piece], tied[piece])].any()) for piece in rows], dtype=np.bool_
        )

    def is_loose(self, bridges: Bools) -> Bools:
        """The bridges that are tied to no group of the others."""
        firm = self._is_alive & ~bridges
        tied = (self._odds[:, firm] >= self._rule.join).any(axis=1)
        return bridges & ~tied

    def is_apart(self, rows: Ints, least: float) -> Bools:
        """Whether the groups `rows` would share `least` clients with others, and do not."""
        expected = self.expected(rows) * self._rule.loyalty
        allowed = np.maximum(self.by_chance(rows), 0.1 * expected)
        apart = (expected >= least) & (self.shared[rows] <= allowed)
        apart[np.arange(len(rows)), rows] = False
        return apart

    def stands_apart(self, pieces: list[int]) -> bool:
        """Whether these pieces, as one pool, are plainly apart from every other one."""
        own = np.arange(len(self._met))
        others = np.setdiff1d(own, pieces)
        within = np.ix_(pieces, pieces)
        upper = np.triu(np.ones((len(pieces), len(pieces))))[:, :, None]
        met, possible = ((sums[within] * upper).sum(axis=(0, 1)) for sums in self._sums)
        rates = self._met[own, own] / (self._possible[own, own] + self._needed)
        least = np.minimum(met / (possible + self._needed), rates[others])
        pairs = (self._possible[pieces][:, others].sum(axis=0) * least).sum(axis=1) / self._repeats
        clients: set[int] = set().union(*(self.clients[piece] for piece in pieces))
        room = np.maximum(np.minimum(len(clients), self._sizes[others]), 1)
        expected = room * -np.expm1(-pairs / room) * self._rule.loyalty
        shared = np.array([len(clients & self.clients[other]) for other in others])
        allowed = np.maximum(self.by_chance(np.array(pieces))[:, others].sum(axis=0), expected / 10)
        return bool(((expected >= self._rule.apart) & (shared <= allowed)).all())

    def join_all(self, which: Bools) -> None:
        """Among the groups `which`, join the strongest pair until none is strong enough."""
        barred = np.where(which, 0.0, -np.inf)
        odds = self._odds + barred + barred[:, None]
        # The best of each row is kept, so that a join looks at rows that it changes only.
        best = odds.argmax(axis=1)
        most = odds[np.arange(len(odds)), best]
        while len(most) and most.max() >= self._rule.join:
            one, other = sorted((int(most.argmax()), int(best[most.argmax()])))
            self._join(one, other)
            for group in (one, other):
                odds[group] = odds[:, group] = self._odds[group] + barred + barred[group]
            changed = np.flatnonzero((best == one) | (best == other) | (odds[:, one] > most))
            for row in np.union1d(changed, (one, other)).tolist():
                best[row] = odds[row].argmax()
                most[row] = odds[row, best[row]]

    def expected(self, rows: Ints) -> Floats:
        """Clients in common of the groups `rows` with all others, at least, were they one pool."""
        own = np.arange(len(self._met))
        # A rate goes towards 0 where little was seen: then nothing is expected, nothing missed.
        rates = self._met[own, own] / (self._possible[own, own] + self._needed)
        return self._common(rows, np.minimum(rates[rows][:, None, :], rates[None, :, :]))

    def by_chance(self, rows: Ints) -> Floats:
        """Clients in common of the groups `rows` with all others, were they separate pools."""
        own = np.arange(len(self._met))
        # Towards the engine's rate where little was seen: what may be is not held to be little.
        # Machines of both pools are a share of the smaller one, so they meet at a share of the
        # rate of the larger.
        rates = (self._met[own, own] + 1) / (self._possible[own, own] + self._needed)
        most = self._common(rows, np.minimum(rates[rows][:, None, :], rates[None, :, :]))
        reused = self._sizes[rows][:, None] * self._sizes[None, :] * self._rule.reused_addresses
        return np.asarray(self._rule.least_chance + reused + self._rule.shared_machines * most)

    def _common(self, rows: Ints, rates: Floats) -> Floats:
        """Distinct clients in common where sightings of groups meet at these rates by lag."""
        pairs = (self._possible[rows] * rates).sum(axis=2) / self._repeats
        # No more clients can be shared than the smaller group has.
        room = np.maximum(np.minimum(self._sizes[rows][:, None], self._sizes[None, :]), 1)
        return np.asarray(room * -np.expm1(-pairs / room))

    def _odds_of(self, rows: Ints) -> Floats:
        shared = self.shared[rows]
        expected = self.expected(rows) * self._rule.least_met
        odds = log_ratio(shared, expected, self.by_chance(rows))
        odds[(shared < self._rule.least_shared) | ~self._is_alive] = -np.inf
        return odds

    def _join(self, one: int, other: int) -> None:
        self.members[one] += self.members.pop(other)
        between = self._met[one, other].copy(), self._possible[one, other].copy()
        for sums, within in zip(self._sums, between, strict=True):
            sums[one] += sums[other]
            sums[:, one] += sums[:, other]
            # Own pairs of both, and those between them, which now stand there twice over.
            sums[one, one] -= within
        for client in self.clients[other]:
            self._groups_of[client].discard(other)
            self._groups_of[client].add(one)
        self.clients[one] |= self.clients[other]
        self.clients[other] = set()
        self._sizes[one], self._sizes[other] = len(self.clients[one]), 0
        self._is_alive[other] = False
        self.shared[one] = self.shared[:, one] = self._shared_with(one)
        self.shared[other] = self.shared[:, other] = 0
        self._odds[other] = self._odds[:, other] = -np.inf
        self._odds[one] = self._odds[:, one] = self._odds_of(np.array([one]))[0]

    def _shared_with(self, group: int) -> Floats:
        """Clients in common of a group with every other one, (n,)."""
        shared = np.zeros(len(self._sizes))
        for client in self.clients[group]:
            for other in self._groups_of[client]:
                shared[other] += 1
        shared[group] = 0
        return shared


def log_ratio(shared: Floats, expected: Floats, by_chance: Floats) -> Floats:
    """Log-likelihood ratio of one pool against two, from clients in common.

    Rates are known roughly only: how many machines two pools share (exponential around
    `by_chance`), and how alike the campaigns of one pool use it (gamma of shape 2). Then counts are
    negative binomial. One pool shows what was expected of it, or more, where campaigns meet more
    often than their own rates say.
    """
    mean = np.maximum(np.maximum(expected, shared), 1e-9)
    one_pool = np.log1p(shared) + 2 * np.log(2 / (2 + mean)) + shared * np.log(mean / (2 + mean))
    two_pools = -np.log1p(by_chance) + shared * np.log(by_chance / (1 + by_chance))
    return np.asarray(one_pool - two_pools)


def chance_of(shared: Floats, by_chance: Floats) -> Floats:
    """Chance that two separate pools share so many clients or more."""
    return np.asarray((by_chance / (1 + by_chance)) ** shared)
