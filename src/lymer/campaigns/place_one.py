"""Put one new message into the campaigns that stand, in milliseconds and without a full run.

The message is a group of one that the same voices hold against the campaigns near it, with the same
weights and the same threshold. What a full run would do beyond that it does not: form a campaign of
one-off mails, or let the newcomer bring two campaigns together.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
from scipy.sparse import csr_array, vstack

from lymer.campaigns.communities import GroupingRule, Numbers, is_one_wave, needed_odds
from lymer.campaigns.facts import CODED, GROUPS, UNSHARED, describe_shapes, split_traits
from lymer.campaigns.groups import Groups, Reals, gather_groups
from lymer.campaigns.members import Members
from lymer.campaigns.names import OWN_KINDS, Names, rareness
from lymer.campaigns.odds import surely, weigh
from lymer.campaigns.profiles import Single, Spread
from lymer.campaigns.said import Said
from lymer.campaigns.standing import stand
from lymer.campaigns.voices import VOICES, listen
from lymer.campaigns.weights import BETWEEN_GROUPS, BETWEEN_SHAPES
from lymer.engine import answer
from lymer.features import steady_traits

# Shapes that are looked at more closely: of each way to be near, so many.
_NEAR = 64
# So few campaigns are all held against the message.
_ALL = 200
_DAY = 86400.0
_NAMED = 3


@dataclass(frozen=True)
class NewShape:
    """What the grouping knows of one message, as its tables have it."""

    row: Mapping[str, Any]
    """skeleton, sketch (bytes), word_count, subject_skeleton, dialect_id, traits, link_form,
    picture_hash, charset, from_address, list_id, layout, carriage."""
    received_at: float | None
    """Unix seconds."""
    selectors: Sequence[tuple[str, str]]
    """Kind and value."""

    @property
    def layout(self) -> tuple[str, str, str]:
        """MIME tree, lines without their numbers, tags: as `describe_shapes` has them."""
        parts = [*str(self.row["layout"]).split("|"), "", ""]
        return parts[0], re.sub("[0-9]+", "", parts[1]), parts[2]


@dataclass(frozen=True)
class Placement:
    """Where a message belongs."""

    campaign_id: str | None
    odds: float | None
    """Log-odds of its best link, to a text or to a whole campaign."""
    why: str


@dataclass(frozen=True)
class _Meeting:
    """A profile with the newcomer as its last group."""

    base: Single | Spread
    extra: Reals
    """What each group shares with the newcomer that only it had so far."""

    def overlap(self, left: Numbers, right: Numbers) -> Reals:
        return self.base.overlap(left, right) + self.extra[left]

    def has(self, groups: Numbers) -> "np.ndarray[Any, np.dtype[np.bool_]]":
        return self.base.has(groups)


@dataclass(frozen=True)
class _Best:
    """The nearest group, or shape, and what every voice adds."""

    group: int
    odds: float
    needed: float
    is_sure: bool
    """Of a single text: near enough, with something to show for it, to belong to the same."""
    adds: Reals


class Placer:
    """An index of one snapshot."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, rule: GroupingRule) -> None:
        self._standing = stand(connection, rule)
        facts = self._standing.facts
        self._count = facts.count
        self._groups = gather_groups(facts, self._standing.labels, rule.voices)
        self._alone = gather_groups(facts, np.arange(facts.count), rule.voices)
        # One more place at the end of whatever is looked up by shape, for the newcomer.
        self._facts = replace(
            facts,
            sketches=np.vstack((facts.sketches, np.zeros((1, facts.sketches.shape[1]), np.uint32))),
            has_text=np.append(facts.has_text, False),
            pictures=np.append(facts.pictures, np.uint64(0)),
        )
        rows = describe_shapes(connection)
        self._codes: dict[str, dict[str | None, int]] = {
            name: dict(zip(rows[column].to_pylist(), facts.codes[name].tolist(), strict=True))
            for name, column in CODED.items()
        }
        traits = [split_traits(text) for text in rows["traits"].to_pylist()]
        for name in traits[0] if traits else ():
            self._codes[name] = dict(
                zip((told[name] for told in traits), facts.codes[name].tolist(), strict=True)
            )
        chosen = facts.selectors
        self._numbers: dict[tuple[str, str | None], int] = {
            (kind, value): number
            for number, (kind, value) in enumerate(zip(chosen.kinds, chosen.values, strict=True))
        }
        self._holders = csr_array(
            (np.ones(len(chosen.shape)), (chosen.number, chosen.shape)),
            shape=(len(chosen.kinds), max(1, facts.count)),
        )
        lonely = answer(
            connection,
            "SELECT u.kind, u.value, u.shape FROM used u "
            "ANTI JOIN shared s ON s.kind = u.kind AND s.value = u.value",
        ).to_pydict()
        self._lonely = {
            (kind, value): int(shape) for kind, value, shape in zip(*lonely.values(), strict=True)
        }
        keys = answer(connection, "SELECT shape_key, shape FROM shapes ORDER BY shape").to_pydict()
        self._keys: dict[str, list[int]] = {}
        for key, shape in zip(*keys.values(), strict=True):
            self._keys.setdefault(key, []).append(int(shape))

    def place(self, new: NewShape) -> Placement:
        """The campaign that `new` belongs to, or none, and why."""
        if new.row["carriage"] in ("report", "bounce"):
            return Placement(None, None, "an envelope around somebody else's mail")
        if not self._count:
            return Placement(None, None, "the case holds nothing to be near to")
        same = self._same_text(new)
        if same is not None:
            count = int(self._facts.message_count[same])
            campaign = self._standing.campaign_of(int(self._standing.labels[same]))
            return Placement(campaign, None, f"same text as {count} others")
        codes = self._code(new)
        self._seat(new)
        shapes = self._near(new, codes)
        if not len(shapes):
            return Placement(None, None, "nothing in the case is near it")
        campaigns = len(self._standing.campaigns)
        labels = self._standing.labels
        text = self._best(self._alone, shapes, new, codes, BETWEEN_SHAPES)
        if text.is_sure and labels[text.group] < campaigns:
            return self._placed(int(labels[text.group]), text, "its nearest text")
        groups = np.unique(labels[shapes]) if campaigns > _ALL else np.arange(campaigns)
        groups = groups[groups < campaigns]
        if not len(groups):
            return Placement(None, None, "only one-off mail is near it")
        whole = self._best(self._groups, groups, new, codes, BETWEEN_GROUPS)
        if whole.odds > whole.needed:
            return self._placed(whole.group, whole, "the campaign as a whole")
        if not np.isfinite(whole.odds):
            return Placement(None, None, "no campaign of its time is near it")
        return Placement(
            None,
            whole.odds,
            f"{whole.odds:+.1f} with {self._standing.campaigns[whole.group]}, the best, where "
            f"{whole.needed:+.1f} is needed",
        )

    def _same_text(self, new: NewShape) -> int | None:
        row = new.row
        layout = row["layout"]
        if row["skeleton"] is not None:
            made = layout + row["traits"].split(";")[0]
            key = row["skeleton"] + hashlib.md5(made.encode(), usedforsecurity=False).hexdigest()
        elif row["subject_skeleton"] is not None:
            made = layout + row["dialect_id"] + (row["link_form"] or "")
            key = (
                row["subject_skeleton"]
                + hashlib.md5(made.encode(), usedforsecurity=False).hexdigest()
            )
        else:
            return None
        gap = self._standing.rule.rest_days * _DAY
        for shape in self._keys.get(key, ()):
            first, last = self._facts.first_at[shape], self._facts.last_at[shape]
            at = new.received_at
            if at is None or np.isnan(first) or first - gap <= at <= last + gap:
                return shape
        return None

    def _code(self, new: NewShape) -> dict[str, int]:
        """What the newcomer has, in the codes of the snapshot; -2 for what nobody had, -1 for none.

        Also a value that nobody had is one: it speaks against whoever has another.
        """
        mime, lines, tags = new.layout
        traits = steady_traits(new.row["traits"])
        row: dict[str, Any] = {
            **new.row, **split_traits(traits),
            "traits": traits,
            "mime": mime,
            "lines": lines,
            "tags": tags,
        }  # fmt: skip
        found = {}
        for name, known in self._codes.items():
            value = row[CODED.get(name, name)]
            found[name] = known.get(value, -2) if value else -1
        return found

    def _seat(self, new: NewShape) -> None:
        facts, last = self._facts, self._count
        sketch = new.row["sketch"]
        facts.has_text[last] = sketch is not None
        if sketch is not None:
            facts.sketches[last] = np.frombuffer(sketch, dtype="<u4")
        picture = new.row["picture_hash"]
        facts.pictures[last] = int(picture, 16) if picture else 0

    def _near(self, new: NewShape, codes: Mapping[str, int]) -> Numbers:
        """Shapes that are near in some way, and not of another wave."""
        facts, count = self._facts, self._count
        found: list[Numbers] = []
        if facts.has_text[count]:
            like = (facts.sketches[:count] == facts.sketches[count]).sum(axis=1)
            like *= facts.has_text[:count]
            found.append(np.argsort(-like, kind="stable")[:_NEAR])
        for kind, value in new.selectors:
            number = self._numbers.get((kind, value))
            if number is not None:
                begin, end = self._holders.indptr[number : number + 2]
                found.append(self._holders.indices[begin:end][:_NEAR].astype(np.int64))
            elif (kind, value) in self._lonely:
                found.append(np.array([self._lonely[kind, value]]))
        if facts.pictures[count]:
            far = np.bitwise_count(facts.pictures[:count] ^ facts.pictures[count])
            found.append(np.flatnonzero((far <= 6) & (facts.pictures[:count] != 0))[:_NEAR])
        same = facts.codes["subject"] == codes["subject"]
        found.append(np.flatnonzero(same & (facts.codes["subject"] >= 0))[:_NEAR])
        layout = np.ones(count, dtype=bool)
        for name in ("tags", "lines", "mime"):
            layout &= facts.codes[name] == codes[name]
        found.append(np.flatnonzero(layout)[:_NEAR])
        return np.unique(np.concatenate(found)).astype(np.int64)

    def _best(
        self,
        groups: Groups,
        chosen: Numbers,
        new: NewShape,
        codes: Mapping[str, int],
        weights: Reals,
    ) -> _Best:
        """The best of `chosen` for the newcomer."""
        met = self._meet(groups, chosen, new, codes)
        pairs = np.stack((np.arange(len(chosen)), np.full(len(chosen), len(chosen))), axis=1)
        odds = weigh(self._facts, met, pairs, weights)
        odds[~is_one_wave(met, pairs, self._standing.rule)] = -np.inf
        best = int(np.argmax(odds))
        pair, rule = pairs[best : best + 1], self._standing.rule
        return _Best(
            int(chosen[best]),
            float(odds[best]),
            float(needed_odds(met, pair, rule)[0]),
            bool(surely(self._facts, met, pair, odds[best : best + 1], rule.sure)[0]),
            listen(self._facts, met, pair)[0] * weights[1:],
        )

    def _meet(
        self, groups: Groups, chosen: Numbers, new: NewShape, codes: Mapping[str, int]
    ) -> Groups:
        """`chosen` of `groups`, and the newcomer behind them as a group of one."""
        profiles: dict[str, Any] = {}
        for name, profile in groups.profiles.items():
            if name in GROUPS:
                assert isinstance(profile, Spread)
                profiles[name] = self._selected(name, profile, groups, chosen, new)
            elif isinstance(profile, Single):
                profiles[name] = Single(
                    np.append(profile.codes[chosen], np.int32(_known(codes[name])))
                )
            else:
                profiles[name] = Spread(_below(profile.shares[chosen], _known(codes[name])))
        at = np.nan if new.received_at is None else new.received_at
        _, lines, tags = new.layout
        parts = [len(re.findall(r"\S+", lines)), len(re.findall(r"[a-z]+", tags))]
        members, said = groups.members, groups.said
        return Groups(
            groups.rule,
            Members(
                np.append(members.order, self._count),
                np.append(members.start[chosen], len(members.order)),
                np.append(members.size[chosen], 1),
            ),
            profiles,
            np.append(groups.texts[chosen], float(new.row["sketch"] is not None)),
            np.append(groups.cohesion[chosen], 0.0),
            np.append(groups.picture_cohesion[chosen], 0.0),
            np.append(groups.words[chosen], np.log2(1.0 + new.row["word_count"])),
            np.vstack((groups.richness[chosen], np.array(parts, dtype=np.float64))),
            np.append(groups.first_at[chosen], np.inf if np.isnan(at) else at),
            np.append(groups.last_at[chosen], -np.inf if np.isnan(at) else at),
            self._name(groups, chosen, new),
            Said(
                np.append(said.number[chosen], -1),
                said.keys,
                np.append(said.recurring[chosen], 0.0),
            ),
            np.append(groups.mails[chosen], 1),
        )

    def _name(self, groups: Groups, chosen: Numbers, new: NewShape) -> Names:
        """The names of `chosen` and of the newcomer, with those that one shape alone had so far."""
        base = groups.names
        own = sorted({pair for pair in new.selectors if pair[0] in OWN_KINDS})
        known = np.array([self._numbers[p] for p in own if p in self._numbers], dtype=np.int64)
        holders = [self._lonely[p] for p in own if p in self._lonely]
        homes = self._standing.labels[holders] if groups is self._groups else np.array(holders)
        table = base.counts[chosen].tocoo()
        width = base.counts.shape[1]
        added = np.arange(width, width + len(holders))
        few = base.size[chosen] * base.rule.least_named <= 1.0
        having, which = np.nonzero((chosen[:, None] == homes[None, :]) & few[:, None])
        mine = np.concatenate((known, added))
        rows = (table.coords[0], having, np.full(len(mine), len(chosen)))
        columns = (table.coords[1], added[which], mine)
        counts = np.concatenate((table.data, np.ones(len(having) + len(mine))))
        spread = np.append(base.spread, np.full(len(holders), 2.0))
        spread[known] += 1.0
        telling = rareness(spread[mine] - 1.0, base.total + 1, base.rule)
        return Names(
            csr_array(
                (counts, (np.concatenate(rows), np.concatenate(columns))),
                shape=(len(chosen) + 1, len(spread)),
            ),
            np.append(base.size[chosen], 1),
            spread,
            base.total + 1,
            np.append(base.strongest[chosen], telling.max(initial=0.0)),
            base.rule,
        )

    def _selected(
        self, name: str, profile: Spread, groups: Groups, chosen: Numbers, new: NewShape
    ) -> _Meeting:
        """A profile of selectors; what one shape alone had until now is shared from now on."""
        width = profile.shares.shape[1]
        row = np.zeros(width)
        extra = np.zeros(len(chosen) + 1)
        rarity = self._facts.selectors.rarity
        for kind, value in new.selectors:
            if kind not in GROUPS[name]:
                continue
            number = self._numbers.get((kind, value))
            if number is not None:
                row[number] = rarity[number] ** 0.25
                continue
            blank = self._numbers.get((kind, None))
            if blank is not None:
                row[blank] = UNSHARED**0.25
            holder = self._lonely.get((kind, value))
            if holder is not None:
                home = int(self._standing.labels[holder]) if groups is self._groups else holder
                extra[:-1] += (chosen == home) * np.sqrt(1.0 / groups.size[home])
        return _Meeting(Spread(_under(profile.shares[chosen], row)), extra)

    def _placed(self, label: int, best: _Best, what: str) -> Placement:
        order = np.argsort(-best.adds, kind="stable")[:_NAMED].tolist()
        loud = ", ".join(VOICES[voice] for voice in order if best.adds[voice] > 0)
        return Placement(
            self._standing.campaigns[label], best.odds, f"{best.odds:+.1f} with {what}: {loud}"
        )


def _known(code: int) -> int:
    """A code that no group has stands for what nobody had; the largest that fits in 32 bits."""
    return code if code != -2 else 2**31 - 1


def _below(rows: csr_array, code: int) -> csr_array:
    """`rows` with one more that has nothing but `code`."""
    width = rows.shape[1]
    if code < 0:
        return csr_array(vstack((rows, csr_array((1, width))), format="csr"))
    if code >= width:
        # Nobody has it: a column of its own.
        code, width = width, width + 1
        rows = csr_array((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], width))
    last = csr_array((np.ones(1), (np.zeros(1, np.int64), np.array([code]))), shape=(1, width))
    return csr_array(vstack((rows, last), format="csr"))


def _under(rows: csr_array, row: Reals) -> csr_array:
    return csr_array(vstack((rows, csr_array(row[None, :])), format="csr"))
