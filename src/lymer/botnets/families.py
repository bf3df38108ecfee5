"""Which variants one mailing software makes: its dialect family.

Two variants are compared by what they have in common, each voice a log-odds: how often one software
keeps this, against how often two would agree by chance. A rare thing in common says more than a
common one. What a pose brings with it (the construction of identifiers, where the software takes
care) may differ between poses; where the pose stays, or where it never mattered, it may not.
Variants that meet in one campaign of spam speak for one software.

Then whatever is nearest is joined, by the average over all pairs of two groups, until what is left
speaks more against than for. At last families are joined that bots and campaigns mix as the faces
of one software are mixed (`mixing`), where that speaks for more than their traits speak against.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import csr_array
from scipy.spatial.distance import squareform

from lymer.botnets.mixing import Mixing, weigh
from lymer.botnets.traits import Token, could_be_one
from lymer.botnets.variants import Variants

Matrix = npt.NDArray[np.float32]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FamilyRule:
    """How much each voice counts. Every default is from the lab's seeds below 100
    (docs/botnets.md).
    """

    kept: tuple[tuple[str, float], ...] = (
        ("sender", 0.97),
        ("date", 0.97),
        ("forged", 0.93),
        ("folding", 0.85),
    )
    """How often two mails of one software agree in a trait."""
    token_kept: float = 0.85
    boundary_kept: float = 0.80
    domain_kept: float = 0.80
    chance_floor: float = 0.01
    """No agreement counts as rarer than this: a case shows few kinds of software."""
    own_differs: float = 0.005
    """How often a software that makes identifiers its own way makes them in two ways."""
    own_programs: int = 5
    """Poses under which an identifier looks the same, for it to be the software's own."""
    genuine_makes: int = 3
    """Makes of mail (From and Date) in which a program's identifiers look so, to be its genuine
    ones."""
    met_once: float = 2.5
    met_often: float = 3.5
    """Log-odds for variants that meet in one campaign, in more."""
    most_compared: int = 2500
    """Variants compared each with each; rarer ones are put to the nearest family."""
    apart: float = 0.1
    """How often two kinds of software are mixed by one client, or in a campaign, as a share of how
    often the faces of one would be, on average. It may be several times as much."""
    least_mixed: int = 5
    """Mails of a family in campaigns, for its mixing to say anything."""
    most_mixed: int = 300
    """Families that are asked how they are mixed, the largest."""
    most_judged: int = 6000
    """Variants that are put into a family at all, the commonest."""


def join_variants(variants: Variants, rule: FamilyRule) -> Labels:
    """The family of each variant, numbered from 0 by its commonest variant."""
    if not variants.traits:
        return np.zeros(0, dtype=np.int64)
    # Beyond these a variant is too rare to say anything, and stays by itself.
    count = min(len(variants.traits), rule.most_judged)
    beyond = np.arange(count, len(variants.traits), dtype=np.int64)
    variants = replace(
        variants,
        traits=variants.traits[:count],
        poses=variants.poses[:count],
        company=variants.company[:count],
    )
    voices = _Voices(variants, rule)
    head = min(count, rule.most_compared)
    labels = np.zeros(count, dtype=np.int64)
    odds = voices.odds(np.arange(head), head)
    labels[:head] = _join_mixed(_agglomerate(odds), odds, variants.mixing, rule)
    if head < count:
        labels[head:] = _nearest(voices, labels[:head], head, count)
    return _renumber(np.concatenate((labels, labels.max() + 1 + beyond)))


def _agglomerate(odds: Matrix) -> Labels:
    if len(odds) == 1:
        return np.zeros(1, dtype=np.int64)
    top = float(odds.max())
    distance = top - odds.astype(np.float64)
    np.fill_diagonal(distance, 0.0)
    tree = linkage(squareform(distance, checks=False), "average")
    return np.asarray(fcluster(tree, top, "distance"), dtype=np.int64)


def _join_mixed(labels: Labels, odds: Matrix, mixing: Mixing, rule: FamilyRule) -> Labels:
    """Join families whose traits speak against it less than their bots and campaigns speak for it.

    `labels` and `odds` are of the variants that were compared each with each.
    """
    names, places = np.unique(labels, return_inverse=True)
    member = csr_array((np.ones(len(labels)), (np.arange(len(labels)), places)))
    sums = member.T @ (member.T @ odds).T
    sizes = np.bincount(places).astype(np.float64)
    group = np.full(1 + max(len(labels) - 1, *mixing.variant.tolist(), 0), -1, dtype=np.int64)
    mailed = np.bincount(mixing.variant, weights=mixing.mails, minlength=len(group))
    weight = np.bincount(places, weights=mailed[: len(labels)], minlength=len(names))
    weighed = np.argsort(-weight, kind="stable")[: rule.most_mixed]
    is_weighed = np.zeros(len(names), dtype=np.bool_)
    is_weighed[weighed[weight[weighed] >= rule.least_mixed]] = True
    while True:
        group[: len(labels)] = np.where(is_weighed[places], places, -1)
        found = weigh(mixing, group, rule.apart)
        said = sums[found.one, found.other] / (sizes[found.one] * sizes[found.other])
        total = said + found.by_clients + np.minimum(found.by_campaigns, rule.met_often)
        if not len(total) or total.max() <= 0:
            return np.asarray(names[places], dtype=np.int64)
        best = int(total.argmax())
        one, other = int(found.one[best]), int(found.other[best])
        sums[one] += sums[other]
        sums[:, one] += sums[:, other]
        sizes[one] += sizes[other]
        is_weighed[other] = False
        places[places == other] = one


def _nearest(voices: "_Voices", labels: Labels, head: int, count: int) -> Labels:
    """Families for the variants from `head` on; what is near none is a family by itself."""
    names, places = np.unique(labels, return_inverse=True)
    member = csr_array(
        (np.ones(head, dtype=np.float32), (np.arange(head), places)), shape=(head, len(names))
    )
    sizes = np.asarray(member.sum(axis=0)).ravel()
    found = np.zeros(count - head, dtype=np.int64)
    for start in range(head, count, 512):
        block = np.arange(start, min(count, start + 512))
        mean = (voices.odds(block, head) @ member) / sizes
        best = mean.argmax(axis=1)
        is_near = mean[np.arange(len(block)), best] > 0
        found[block - head] = np.where(is_near, names[best], names.max() + 1 + block)
    return found


def _renumber(labels: Labels) -> Labels:
    """Numbers in the order of first appearance, which is that of the commonest variant."""
    _, first, places = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[places]


class _Voices:
    """What speaks for and against two variants being of one software, as log-odds."""

    def __init__(self, variants: Variants, rule: FamilyRule) -> None:
        self._variants, self._rule = variants, rule
        traits = variants.traits
        makes = [(t.sender, t.date, t.forged, t.folding) for t in traits]
        self._prior = -float(np.log(max(3.0, len(set(makes)) / 3)))
        self._tables: list[tuple[Labels, Matrix]] = []
        for name, kept in rule.kept:
            values = [getattr(t, name) for t in traits]
            self._tables.append(_table(values, values, makes, kept, _both_equal, rule))
        self._tokens = [
            self._construction([t.token for t in traits], makes, rule.token_kept),
            self._construction([t.boundary for t in traits], makes, rule.boundary_kept),
        ]
        # Whose domain it claims says something of one construction only.
        whole = [(t.token, t.domain) for t in traits]
        domains = [t.domain for t in traits]
        self._tables.append(_table(whole, domains, makes, rule.domain_kept, _same_domain, rule))

    def odds(self, rows: Labels, head: int) -> Matrix:
        """Log-odds of the variants `rows` (k,) with the first `head` ones: (k, head)."""
        columns = np.arange(head)
        total = np.full((len(rows), head), self._prior, dtype=np.float32)
        for codes, table in self._tables:
            total += table[np.ix_(codes[rows], codes[columns])]
        poses = self._variants.poses.astype(bool).astype(np.float32)
        one_pose = (poses[rows] @ poses[columns].T).toarray() > 0
        for construction in self._tokens:
            total += construction.odds(rows, columns, one_pose)
        met = (self._variants.company[rows] @ self._variants.company[columns].T).toarray()
        total += np.where(met > 1, self._rule.met_often, 0.0)
        total += np.where(met == 1, self._rule.met_once, 0.0)
        return total

    def _construction(
        self, tokens: Sequence[Token | str], makes: Sequence[Hashable], kept: float
    ) -> "_Construction":
        rule, poses = self._rule, self._variants.poses.tocoo()
        traits = self._variants.traits
        frames = [_frame(token) for token in tokens]
        codes, table = _table(tokens, frames, makes, kept, _one_construction, rule)
        by_make: dict[Hashable, set[int]] = {}
        by_program: dict[tuple[int, Hashable], set[Hashable]] = {}
        for row, program in zip(poses.coords[0].tolist(), poses.coords[1].tolist(), strict=True):
            make = (traits[row].sender, traits[row].date)
            by_make.setdefault((make, traits[row].forged, frames[row]), set()).add(program)
            by_program.setdefault((program, frames[row]), set()).add(make)
        is_own = np.array(
            [
                len(by_make.get(((t.sender, t.date), t.forged, frame), ())) >= rule.own_programs
                for t, frame in zip(traits, frames, strict=True)
            ]
        )
        is_genuine = np.zeros(len(traits), dtype=bool)
        for row, program in zip(poses.coords[0].tolist(), poses.coords[1].tolist(), strict=True):
            is_genuine[row] |= len(by_program[program, frames[row]]) >= rule.genuine_makes
        return _Construction(codes, table, is_own, is_genuine, kept, rule.own_differs)


@dataclass(frozen=True)
class _Construction:
    """How identifiers are built: the voice of Message-ID or boundary."""

    codes: Labels
    table: Matrix
    is_own: npt.NDArray[np.bool_]
    """It looks the same under many poses."""
    is_genuine: npt.NDArray[np.bool_]
    """It looks as the claimed program's does elsewhere."""
    kept: float
    own_differs: float

    def odds(self, rows: Labels, columns: Labels, one_pose: npt.NDArray[np.bool_]) -> Matrix:
        said = self.table[np.ix_(self.codes[rows], self.codes[columns])]
        differs = said < 0
        follows = self.is_genuine[rows][:, None] & self.is_genuine[columns][None, :] & ~one_pose
        own = one_pose | self.is_own[rows][:, None] | self.is_own[columns][None, :]
        # A pose that brings its own construction takes the blame for the difference.
        excused = float(-np.log(1 - self.kept))
        blamed = float(np.log(self.own_differs / (1 - self.kept)))
        more = np.where(follows, excused, np.where(own, blamed, 0.0))
        return np.asarray(said + np.where(differs, more, 0.0), dtype=np.float32)


def _frame(token: Token | str) -> Hashable:
    """What of a construction does not hang on chance."""
    return token if isinstance(token, str) else (token.frame, token.separators, len(token.kinds))


def _table(
    values: Sequence[Hashable],
    counted: Sequence[Hashable],
    makes: Sequence[Hashable],
    kept: float,
    agree: "Callable[[Hashable, Hashable], bool | None]",
    rule: FamilyRule,
) -> tuple[Labels, Matrix]:
    """Codes of `values`, and the log-odds of every two of them.

    How common a value is, is counted in makes of mail, by `counted` (the value or what stands for
    it), so that one big mailing does not make its own traits common.
    """
    having: dict[Hashable, set[Hashable]] = {}
    for value, make in zip(counted, makes, strict=True):
        having.setdefault(value, set()).add(make)
    total = sum(len(group) for group in having.values()) + 0.5 * len(having) + 1
    share = {value: (len(group) + 0.5) / total for value, group in having.items()}
    by_chance = sum(part * part for part in share.values())
    places: dict[Hashable, int] = {}
    for value in values:
        places.setdefault(value, len(places))
    stands_for = dict(zip(values, counted, strict=True))
    table = np.zeros((len(places), len(places)), dtype=np.float32)
    if agree is _both_equal:
        # Each value agrees with itself alone, so nothing needs to be asked pair by pair.
        told = np.array([bool(value) for value in places])
        table[np.ix_(told, told)] = np.log((1 - kept) / (1 - by_chance))
        for value, place in places.items():
            if value:
                common = max(share[stands_for[value]], rule.chance_floor)
                table[place, place] = np.log(kept / common)
        return np.array([places[value] for value in values], dtype=np.int64), table
    for one, i in places.items():
        for other, j in places.items():
            same = agree(one, other)
            if same is None:
                continue
            if same:
                common = max(share[stands_for[one]], share[stands_for[other]], rule.chance_floor)
                table[i, j] = np.log(kept / common)
            else:
                table[i, j] = np.log((1 - kept) / (1 - by_chance))
    return np.array([places[value] for value in values], dtype=np.int64), table


def _both_equal(one: Hashable, other: Hashable) -> bool | None:
    return one == other if one and other else None


def _one_construction(one: Hashable, other: Hashable) -> bool | None:
    if not one or not other:
        return None
    assert isinstance(one, Token | str)
    assert isinstance(other, Token | str)
    return could_be_one(one, other)


def _same_domain(one: Hashable, other: Hashable) -> bool | None:
    assert isinstance(one, tuple)
    assert isinstance(other, tuple)
    return one[1] == other[1] if could_be_one(one[0], other[0]) else None
