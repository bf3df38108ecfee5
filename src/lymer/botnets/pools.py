"""Which campaigns of one engine come from one pool of bots, which do not, and where it is open.

Groups of campaigns are joined, the strongest first, by a log-likelihood ratio: one pool against two
pools that share a few machines. What speaks for one pool is clients in common; what speaks against
is clients that one pool would have shown again and did not. Both count for the groups as wholes, so
one customer of two botnets, or PCs that carry two bots, do not join what the rest keeps apart.

Then a campaign that many clients tie to another group as well belongs to both. Groups that neither
share clients nor would have, at this sampling, stay open: nothing is claimed of them.
"""

from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
import numpy.typing as npt

from lymer.botnets.blocks import blocks
from lymer.botnets.resightings import Floats, Ints, Resightings

Bools = npt.NDArray[np.bool_]

# Groups that are compared with one at a time.
_BLOCK = 256
# Pieces, of all sizes, by which it is told how many can show a link with a pool.
_ASKED = 1000


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
    """Of a link, after Benjamini and Hochberg (1995) over all pairs that can show one."""
    can_show: float = 1.0
    """Clients in common that one pool might show, for a pair of campaign and pool to be a test.
    What sizes and times rule out beforehand tells nothing of chance (Bourgon, Gentleman and Huber
    2010), and most pairs of small campaigns are of this kind."""


@dataclass(frozen=True)
class Link:
    """What ties a piece to the others of its pool."""

    clients: int
    """All clients of the piece."""
    shared: int
    """Its clients that others of the pool have too."""
    by_chance: float
    """As many as separate pools would share."""
    score: float
    """Log-likelihood ratio."""
    p_value: float
    """Of as many by chance, corrected for all pairs of piece and pool that can show a link."""


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
    if not len(seen.history):
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


def _whole_parts(members: set[int], shared: list[dict[int, float]]) -> list[list[int]]:
    """What of a pool hangs together by more than one campaign, which may have two botnets."""
    order = sorted(members)
    if len(order) < 3:
        return [order]
    place = {piece: at for at, piece in enumerate(order)}
    found = blocks([sorted(place[o] for o in shared[piece] if o in place) for piece in order])
    return [[order[place] for place in block] for block in found]


def _significant(
    pieces: "_Groups", parts: list[list[int]], rule: LinkingRule
) -> list[dict[int, Link]]:
    """The links of every part that chance does not explain."""
    clients = pieces.clients
    raw: list[tuple[float, int, int, int, float]] = []
    tested = 0
    # The largest come first, so that every so manieth stands for those of its size.
    step = -(-len(clients) // _ASKED)
    for number, part in enumerate(parts):
        others = np.setdiff1d(np.arange(0, len(clients), step), part)
        can_show = pieces.most_common(part, others) >= rule.can_show
        tested += step * int(can_show.sum()) + (len(part) if len(part) > 1 else 0)
        for piece in part if len(part) > 1 else ():
            rest = [other for other in part if other != piece]
            together = len(clients[piece] & set().union(*(clients[other] for other in rest)))
            # However many others there are, no more than the machines of two pools meet.
            most = rule.least_chance + rule.shared_machines * len(clients[piece])
            chances = pieces.by_chance(np.array([piece]), np.array(rest))[0]
            chance = min(float(chances.sum()), most)
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
            each = np.array([pieces.shared[piece].get(other, 0.0) for other in rest])
            odds = chance_of(each, chances) * len(rest)
            best = int(np.argmin(odds))
            if odds[best] < raw[-1][0]:
                shared, chance = int(each[best]), float(chances[best])
                raw[-1] = (float(odds[best]), number, piece, shared, chance)
    links: list[dict[int, Link]] = [{} for _ in parts]
    corrected = 1.0
    for rank, (p_value, number, piece, shared, by_chance) in zip(
        range(len(raw), 0, -1), sorted(raw, reverse=True), strict=True
    ):
        corrected = min(corrected, p_value * tested / rank)
        if corrected <= rule.significance:
            score = log_ratio(np.array(float(shared)), np.array(0.0), np.array(by_chance))
            links[number][piece] = Link(
                len(clients[piece]), shared, by_chance, float(score), corrected
            )
    return [found if len(found) > 1 else {} for found in links]


class _Groups:
    """Groups of pieces while they are joined. A group goes by the number of one of its pieces.

    What two groups share is kept where they share anything, and all else counted when it is asked
    for: most campaigns of a big engine have no client in common.
    """

    def __init__(self, seen: Resightings, rule: LinkingRule) -> None:
        count = len(seen.history)
        self._seen, self._rule = seen, rule
        self._history, self._met_within = seen.history.copy(), seen.met_within.copy()
        self._met: list[dict[int, Floats]] = [{} for _ in range(count)]
        for (one, other), met in seen.met.items():
            self._met[one][other] = self._met[other][one] = met
        # Of a piece with itself, each pair once, and none of a sighting with itself.
        self._possible_within = np.zeros_like(self._met_within)
        for piece in range(count):
            self._possible_within[piece] = self._possible(np.array([piece]), np.array([piece]))[0]
        self._possible_within[:, 0] -= (self._history**2).sum(axis=1)
        self._possible_within /= 2
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
        self.shared = [self._shared_with(piece) for piece in range(count)]
        """Clients in common with each other group that has any."""
        # Pairs that a group needs to have for its own rate to be believed: as many as give one
        # meeting at the rate of the engine.
        self._needed = (self._possible_within.sum(axis=0) + 1) / (
            self._met_within.sum(axis=0) + 0.5
        )
        self._odds = [self._odds_of(piece) for piece in range(count)]

    def bridges(self) -> Bools:
        """Pieces tied to two others that are plainly apart: they have clients of two pools."""
        tied = [
            {other for other, odds in of_piece.items() if odds >= self._rule.join}
            for of_piece in self._odds
        ]
        apart: list[set[int]] = []
        for piece, near in enumerate(tied):
            asked = np.array(
                sorted(set().union(*(tied[o] for o in near)) - {piece}), dtype=np.int64
            )
            apart.append(set(asked[self._is_apart(piece, asked)].tolist()))
        return np.array(
            [any(not apart[other].isdisjoint(near) for other in near) for near in tied],
            dtype=np.bool_,
        )

    def is_loose(self, bridges: Bools) -> Bools:
        """The bridges that are tied to no group of the others."""
        return np.array(
            [
                is_bridge
                and not any(
                    odds >= self._rule.join and not bridges[other]
                    for other, odds in self._odds[piece].items()
                )
                for piece, is_bridge in enumerate(bridges.tolist())
            ],
            dtype=np.bool_,
        )

    def stands_apart(self, pieces: list[int]) -> bool:
        """Whether these pieces, as one pool, are plainly apart from every other one."""
        around, met, possible = self._as_one(pieces)
        rate = met / possible
        clients: set[int] = set().union(*(self.clients[piece] for piece in pieces))
        shared = np.zeros(len(self.clients))
        for client in clients:
            for other in self._groups_of[client]:
                shared[other] += 1
        everyone = np.setdiff1d(np.arange(len(self.clients)), pieces)
        # Most do not stand apart, and a few others show it.
        for start in range(0, len(everyone), _BLOCK):
            others = everyone[start : start + _BLOCK]
            least = np.minimum(rate, self._rates(others, 0))
            pairs = (self._history[others] @ around.T * least).sum(axis=1) / self._seen.repeats
            room = np.maximum(np.minimum(len(clients), self._sizes[others]), 1)
            expected = room * -np.expm1(-pairs / room) * self._rule.loyalty
            by_chance = self.by_chance(np.array(pieces), others).sum(axis=0)
            allowed = np.maximum(by_chance, expected / 10)
            if not ((expected >= self._rule.apart) & (shared[others] <= allowed)).all():
                return False
        return True

    def most_common(self, pieces: list[int], others: Ints) -> Floats:
        """Clients that the others may have in common with these pieces as one pool, at the most."""
        around, met, possible = self._as_one(pieces)
        rate = _falling((met + 1) / possible)
        size = len(set().union(*(self.clients[piece] for piece in pieces)))
        least = np.minimum(rate, self._rates(others, 1))
        pairs = (self._history[others] @ around.T * least).sum(axis=1) / self._seen.repeats
        room = np.maximum(np.minimum(size, self._sizes[others]), 1)
        return np.asarray(room * -np.expm1(-pairs / room))

    def _as_one(self, pieces: list[int]) -> tuple[Floats, Floats, Floats]:
        """Of pieces as one pool: sightings around each time, pairs that met, and could have."""
        inside = set(pieces)
        met = self._met_within[pieces].sum(axis=0)
        for piece in pieces:
            met = met + sum(m for other, m in self._met[piece].items() if other in inside) / 2
        whole = self._history[pieces].sum(axis=0, keepdims=True)
        around = self._seen.around(whole)[:, 0]
        possible = around @ whole[0]
        possible[0] -= (self._history[pieces] ** 2).sum()
        return around, met, possible / 2 + self._needed

    def join_all(self, which: Bools) -> None:
        """Among the groups `which`, join the strongest pair until none is strong enough."""
        waiting = [
            (-odds, one, other)
            for one, of_group in enumerate(self._odds)
            for other, odds in of_group.items()
            if one < other and which[one] and which[other] and odds >= self._rule.join
        ]
        heapify(waiting)
        while waiting:
            odds, one, other = heappop(waiting)
            # A pair may have been weighed anew since.
            if self._odds[one].get(other) != -odds:
                continue
            self._join(one, other)
            for near, found in self._odds[one].items():
                if which[near] and found >= self._rule.join:
                    heappush(waiting, (-found, min(one, near), max(one, near)))

    def expected(self, rows: Ints, columns: Ints) -> Floats:
        """Clients in common of the groups `rows` with `columns`, at least, were they one pool."""
        # A rate goes towards 0 where little was seen: then nothing is expected, nothing missed.
        return self._common(rows, columns, 0)

    def by_chance(self, rows: Ints, columns: Ints) -> Floats:
        """Clients in common of the groups `rows` with `columns`, were they separate pools."""
        # Towards the engine's rate where little was seen: what may be is not held to be little.
        # Machines of both pools are a share of the smaller one, so they meet at a share of the
        # rate of the larger.
        most = self._common(rows, columns, 1)
        reused = self._sizes[rows][:, None] * self._sizes[columns] * self._rule.reused_addresses
        return np.asarray(self._rule.least_chance + reused + self._rule.shared_machines * most)

    def _rates(self, groups: Ints, more: int) -> Floats:
        """Meetings per pair within groups, by lag, with `more` meetings than were seen."""
        possible = self._possible_within[groups] + self._needed
        rates = (self._met_within[groups] + more) / possible
        return _falling(rates) if more else np.asarray(rates)

    def _possible(self, rows: Ints, columns: Ints) -> Floats:
        """Pairs of sightings between groups, by lag: (rows, columns, LAG_COUNT)."""
        around = self._seen.around(self._history[rows])
        return np.asarray(np.moveaxis(around @ self._history[columns].T, 0, 2))

    def _common(self, rows: Ints, columns: Ints, more: int) -> Floats:
        """Distinct clients in common where sightings meet at the lower of two groups' rates."""
        rates = np.minimum(self._rates(rows, more)[:, None, :], self._rates(columns, more))
        pairs = (self._possible(rows, columns) * rates).sum(axis=2) / self._seen.repeats
        # No more clients can be shared than the smaller group has.
        room = np.maximum(np.minimum(self._sizes[rows][:, None], self._sizes[columns]), 1)
        return np.asarray(room * -np.expm1(-pairs / room))

    def _is_apart(self, piece: int, others: Ints) -> Bools:
        """Whether a piece would share clients with others, and does not."""
        row = np.array([piece])
        expected = self.expected(row, others)[0] * self._rule.loyalty
        allowed = np.maximum(self.by_chance(row, others)[0], 0.1 * expected)
        shared = np.array([self.shared[piece].get(other, 0.0) for other in others.tolist()])
        return np.asarray((expected >= self._rule.bridged) & (shared <= allowed))

    def _odds_of(self, group: int) -> dict[int, float]:
        """By the other group, where enough clients are shared."""
        near = {o: n for o, n in self.shared[group].items() if n >= self._rule.least_shared}
        if not near:
            return {}
        row, others = np.array([group]), np.array(list(near))
        expected = self.expected(row, others)[0] * self._rule.least_met
        chance = self.by_chance(row, others)[0]
        odds = log_ratio(np.array(list(near.values())), expected, chance)
        return dict(zip(near, odds.tolist(), strict=True))

    def _join(self, one: int, other: int) -> None:
        self.members[one] += self.members.pop(other)
        self._met_within[one] += self._met_within[other] + self._met[one].get(other, 0.0)
        between = self._possible(np.array([one]), np.array([other]))[0, 0]
        self._possible_within[one] += self._possible_within[other] + between
        self._history[one] += self._history[other]
        for near, met in self._met[other].items():
            del self._met[near][other]
            if near != one:
                self._met[one][near] = self._met[near][one] = self._met[one].get(near, 0.0) + met
        for client in self.clients[other]:
            self._groups_of[client].discard(other)
            self._groups_of[client].add(one)
        self.clients[one] |= self.clients[other]
        self._sizes[one] = len(self.clients[one])
        self.clients[other], self._met[other] = set(), {}
        for near in {*self.shared[one], *self.shared[other]}:
            for gone in (one, other):
                self.shared[near].pop(gone, None)
                self._odds[near].pop(gone, None)
        self.shared[one], self.shared[other] = self._shared_with(one), {}
        self._odds[one], self._odds[other] = {}, {}
        for near, shared in self.shared[one].items():
            self.shared[near][one] = shared
        for near, odds in self._odds_of(one).items():
            self._odds[one][near] = self._odds[near][one] = odds

    def _shared_with(self, group: int) -> dict[int, float]:
        """Clients in common of a group with every other one that has any."""
        shared: dict[int, float] = {}
        for client in self.clients[group]:
            for other in self._groups_of[client]:
                shared[other] = shared.get(other, 0.0) + 1
        shared.pop(group, None)
        return dict(sorted(shared.items()))


def _falling(rates: Floats) -> Floats:
    """Rates by lag as high as they may be: meetings get no more frequent as time goes by.

    So a campaign of a few days bounds how often its clients come again after weeks. Below a day it
    bounds nothing: a PC that is on for some hours comes again a day later, not half a day later.
    """
    fallen = rates.copy()
    fallen[..., 1:] = np.minimum.accumulate(rates[..., 1:], axis=-1)
    return fallen


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
