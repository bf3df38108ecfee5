"""Whom a campaign's mail praises or sells: a name read from content, and no more than that.

A name stands out when most mails of the campaign carry it, it is always written with a capital,
and other mail does not use the word. A given name before it makes it a person's or a firm's full
name. A name that stands once at the foot of the mail is a signature or a footer and counts less.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import duckdb

from lymer.actors.names import capital_runs, is_determiner, may_lead, may_stand_out
from lymer.engine import answer

_Key = TypeVar("_Key", str, tuple[str, ...])

# A run of words this long is a headline, not a name.
_LONGEST_NAME = 3
_LONGEST_LINE = 2_000
_MOST_LINES = 200


@dataclass(frozen=True)
class PromotedRule:
    """When a word of a campaign's mail is taken for the name that it promotes."""

    campaigns: int = 400
    """The largest ones are looked at: a second of work for a hundred."""
    sample: int = 60
    """Mails of each: an error of a share of some 6 % is far from any threshold here."""
    least_mails: int = 8
    """In fewer, a noun of a headline passes for a name: of 67 names in the SpamAssassin spam, 59
    came of campaigns of 3 to 7 mails, and most were such nouns."""
    least_share: float = 0.4
    """Of the mails that name it. Brands lie at 0.5 and more where synonyms rotate, names of chaff
    below 0.2 (`mixed`, seeds 3, 5, 8)."""
    most_elsewhere: float = 0.1
    """Of the other campaigns that use the word: one brand may be split over several campaigns,
    while a common word is in most of its language."""
    least_capital: float = 0.9
    """Share of its uses with a capital, in all mail looked at."""
    least_inner: float = 0.1
    """Share of the mails where the word stands within a sentence: the first word of any has a
    capital, and in a headline all have."""
    most_articled: float = 0.5
    """Of the mails that use it, those with an article or the like right before it: `the offer`,
    `Ihr Vorteil`. Brands have it in under 0.2, nouns nearly always (`mixed` 51 to 57, `case-2007`
    51 to 53)."""
    least_leading: float = 0.7
    """Of the uses of a given name with a word after it, those before another name: `Get` and
    `Avec` stand before all sorts of words. Where it ends a greeting or a signature it says
    nothing: given names stand alone there."""
    least_full: float = 0.8
    """Of the mails that use the word, those that write the full name: who praises a person names
    him once in every mail, while a brand follows now this word and now that."""
    foot_weight: float = 0.25
    """What a name counts that stands once, in the last lines."""


@dataclass(frozen=True)
class Promoted:
    """A name that campaigns promote, on paper."""

    name: str
    """As most mails write it."""
    words: tuple[str, ...]
    """Folded to lower case; the last one is the word that stands out."""
    campaigns: dict[str, "Praise"] = field(hash=False)
    """By campaign_id."""

    @property
    def is_full_name(self) -> bool:
        """Of two words or more: a person's or an organisation's, rather than a brand's."""
        return len(self.words) > 1


@dataclass(frozen=True)
class Praise:
    """How one campaign names it."""

    share: float
    """Of the mails looked at."""
    mails: int
    """Looked at."""
    subject_share: float
    message_id: str
    """One that shows it."""


@dataclass
class _Uses:
    """How the mails of one campaign use words."""

    mails: int = 0
    capital: Counter[str] = field(default_factory=Counter)
    """Mails that write the word with a capital."""
    times: Counter[str] = field(default_factory=Counter)
    any_case: Counter[str] = field(default_factory=Counter)
    subject: Counter[str] = field(default_factory=Counter)
    foot: Counter[str] = field(default_factory=Counter)
    """Mails where it stands in the last lines only, once."""
    inner: Counter[str] = field(default_factory=Counter)
    """Mails that write it with a capital where no sentence begins."""
    leading: Counter[str] = field(default_factory=Counter)
    """Mails where another word with a capital follows it."""
    articled: Counter[str] = field(default_factory=Counter)
    """Mails where an article or the like stands before it."""
    lone: Counter[str] = field(default_factory=Counter)
    """Mails where a word without a capital follows it."""
    runs: Counter[tuple[str, ...]] = field(default_factory=Counter)
    written: dict[tuple[str, ...], Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    shown: dict[str, str] = field(default_factory=dict)
    """The first mail that has the word."""


# Mails of one skeleton have the same words but for what is masked: one of them is read.
_MAILS = """
WITH largest AS (
    SELECT campaign_id, message_count FROM campaigns
    WHERE status <> 'dismissed' AND kind <> 'bulk' AND message_count >= $least
    ORDER BY message_count DESC, campaign_id LIMIT $campaigns
),
numbered AS (
    SELECT c.campaign_id, c.message_id,
           row_number() OVER (PARTITION BY c.campaign_id ORDER BY c.message_id) AS place
    FROM campaign_messages c JOIN largest g ON g.campaign_id = c.campaign_id
)
SELECT r.campaign_id, r.message_id, r.mails, coalesce(m.subject, '') AS subject,
       coalesce(m.from_name, '') AS from_name, coalesce(m.text, '') AS text
FROM (
    SELECT n.campaign_id, min(n.message_id) AS message_id, CAST(count(*) AS BIGINT) AS mails
    FROM numbered n
    JOIN messages m ON m.message_id = n.message_id
    LEFT JOIN fingerprints f ON f.message_id = n.message_id
    WHERE n.place <= $sample AND m.carriage NOT IN ('bounce', 'report')
    GROUP BY n.campaign_id, coalesce(f.skeleton, n.message_id), f.subject_skeleton, m.from_name
) r
JOIN messages m ON m.message_id = r.message_id
ORDER BY r.campaign_id, r.message_id
"""

_OPERATIONS = "SELECT campaign_id, operation_id FROM operation_campaigns"


def find_promoted(connection: duckdb.DuckDBPyConnection, rule: PromotedRule) -> list[Promoted]:
    """The names that the case's campaigns promote, the one with the most campaigns first.

    A campaign promotes one name or none: None stands out in it where several do.
    """
    mails = answer(
        connection,
        _MAILS,
        {"least": rule.least_mails, "campaigns": rule.campaigns, "sample": rule.sample},
    )
    uses: dict[str, _Uses] = defaultdict(_Uses)
    for row in mails.to_pylist():
        _count(uses[row["campaign_id"]], row)
    operations = dict(zip(*answer(connection, _OPERATIONS).to_pydict().values(), strict=True))
    common = _Common(uses, operations)
    found: dict[tuple[str, ...], dict[str, Praise]] = defaultdict(dict)
    for campaign, used in uses.items():
        words = _best(campaign, used, common, rule)
        if words is not None:
            found[words][campaign] = _praise(used, words)
    return _join(found, uses)


@dataclass(frozen=True)
class _Line:
    """How one line uses words, all in lower case but the values of `runs`."""

    capital: tuple[str, ...]
    low: tuple[str, ...]
    inner: tuple[str, ...]
    leading: tuple[str, ...]
    lone: tuple[str, ...]
    articled: tuple[str, ...]
    runs: dict[tuple[str, ...], str]


# The lines of a template come again in mail after mail of a campaign.
@lru_cache(maxsize=2_048)
def _read_line(line: str) -> _Line:
    capital: list[str] = []
    low: list[str] = []
    inner: list[str] = []
    leading: list[str] = []
    lone: list[str] = []
    articled: list[str] = []
    runs: dict[tuple[str, ...], str] = {}
    for run, before, is_followed, is_headline in capital_runs(line):
        low += before
        words = [word.casefold() for word in run]
        capital += words
        if not is_headline:
            inner += words if before else words[1:]
        leading += words[:-1]
        if before and is_determiner(before[-1]):
            articled += words[:1]
        if is_followed:
            lone += words[-1:]
        for part in _parts(run):
            runs[tuple(word.casefold() for word in part)] = " ".join(part)
    return _Line(
        tuple(capital), tuple(low), tuple(inner), tuple(leading), tuple(lone),
        tuple(articled), runs,
    )  # fmt: skip


def _count(used: _Uses, row: dict[str, Any]) -> None:
    """Add what a row says, which stands for as many mails as `mails` tells."""
    mails: int = row["mails"]
    used.mails += mails
    lines = row["text"].splitlines()[:_MOST_LINES]
    filled = [line for line in lines if line.strip()]
    # From here on a name that stands once is a signature or a footer.
    foot = 2 + max(1, len(filled) * 3 // 4) if len(filled) > 2 else _MOST_LINES + 2
    capital: Counter[str] = Counter()
    low: set[str] = set()
    inner: set[str] = set()
    leading: set[str] = set()
    lone: set[str] = set()
    articled: set[str] = set()
    late: set[str] = set()
    runs: dict[tuple[str, ...], str] = {}
    for number, line in enumerate([row["subject"], row["from_name"], *filled]):
        told = _read_line(line[:_LONGEST_LINE])
        # Senders write names as they like: that `dora` is one there says nothing.
        if number != 1:
            low.update(told.low)
        if not told.capital:
            continue
        capital.update(told.capital)
        inner.update(told.inner)
        leading.update(told.leading)
        lone.update(told.lone)
        articled.update(told.articled)
        runs.update(told.runs)
        if number == 0:
            _add(used.subject, set(told.capital), mails)
        if number >= foot:
            late.update(told.capital)
    for word, times in capital.items():
        used.times[word] += mails * times
        used.shown.setdefault(word, row["message_id"])
    _add(used.capital, capital, mails)
    _add(used.foot, (word for word in late if capital[word] == 1), mails)
    _add(used.any_case, low | capital.keys(), mails)
    _add(used.inner, inner, mails)
    _add(used.leading, leading, mails)
    _add(used.lone, lone, mails)
    _add(used.articled, articled, mails)
    _add(used.runs, runs, mails)
    for words, text in runs.items():
        used.written[words][text] += mails


def _add(counts: Counter[_Key], seen: Iterable[_Key], mails: int) -> None:
    for key in seen:
        counts[key] += mails


def _parts(run: Sequence[str]) -> Iterator[Sequence[str]]:
    for length in range(1, _LONGEST_NAME + 1):
        for at in range(len(run) - length + 1):
            yield run[at : at + length]


class _Common:
    """How all campaigns together use words."""

    def __init__(self, uses: dict[str, _Uses], operations: dict[str, str]) -> None:
        self._operations = operations
        self._groups: dict[str, set[str]] = defaultdict(set)
        self._capital: Counter[str] = Counter()
        self._any_case: Counter[str] = Counter()
        self._leading: Counter[str] = Counter()
        self._lone: Counter[str] = Counter()
        for campaign, used in uses.items():
            self._capital.update(used.capital)
            self._leading.update(used.leading)
            self._lone.update(used.lone)
            self._any_case.update(used.any_case)
            for word, mails in used.any_case.items():
                if mails >= 0.1 * used.mails:
                    self._groups[word].add(self._group(campaign))
        self._group_count = len({self._group(campaign) for campaign in uses})

    def _group(self, campaign: str) -> str:
        return self._operations.get(campaign, campaign)

    def elsewhere(self, word: str, campaign: str) -> int:
        """Other operations, or campaigns of none, whose mail uses it."""
        return len(self._groups[word] - {self._group(campaign)})

    def is_rare(self, word: str, campaign: str, rule: PromotedRule) -> bool:
        """Whether few others use it."""
        return self.elsewhere(word, campaign) <= max(1, rule.most_elsewhere * self._group_count)

    def capital_share(self, word: str) -> float:
        """Of the mails that use it, those that write it with a capital."""
        return self._capital[word] / max(1, self._any_case[word])

    def leading_share(self, word: str) -> float:
        """Of the mails where a word follows it, those where that has a capital too."""
        return self._leading[word] / max(1, self._leading[word] + self._lone[word])


def _best(
    campaign: str, used: _Uses, common: _Common, rule: PromotedRule
) -> tuple[str, ...] | None:
    """The words of the name that stands out most, in the order of writing."""
    ranked = []
    for word, mails in used.capital.items():
        share = mails / used.mails
        if (
            mails < 2
            or share < rule.least_share
            or used.inner[word] < rule.least_inner * mails
            or not _is_named(word, campaign, common, rule)
        ):
            continue
        full = _full_name(word, used, common, rule)
        if len(full) == 1 and used.articled[word] >= rule.most_articled * mails:
            continue
        weight = (used.times[word] / mails) * share * (1 + used.subject[word] / used.mails)
        weight *= 2 if len(full) > 1 else 1
        weight *= rule.foot_weight if used.foot[word] > mails / 2 else 1
        ranked.append((weight, full))
    if not ranked:
        return None
    return max(ranked, key=lambda entry: (entry[0], entry[1]))[1]


def _is_named(word: str, campaign: str, common: _Common, rule: PromotedRule) -> bool:
    """Whether all mail writes it as a name, and few others use it."""
    return (
        len(word) > 2
        and may_stand_out(word)
        and common.capital_share(word) >= rule.least_capital
        and common.is_rare(word, campaign, rule)
    )


def _full_name(word: str, used: _Uses, common: _Common, rule: PromotedRule) -> tuple[str, ...]:
    """The run around `word` that about as many mails have, if there is one."""
    whole = [
        (mails, run)
        for run, mails in used.runs.items()
        if len(run) > 1
        and word in run
        and mails >= rule.least_full * used.capital[word]
        and all(common.capital_share(part) >= rule.least_capital for part in run)
        and all(common.leading_share(part) >= rule.least_leading for part in run[:-1])
        and may_lead(run[0])
        and word == run[-1]
    ]
    if not whole:
        return (word,)
    most = max(mails for mails, _ in whole)
    # Of runs in the same mails the longest is the name, and its parts are parts of it.
    return max(
        (run for mails, run in whole if mails >= 0.9 * most), key=lambda run: (len(run), run)
    )


def _praise(used: _Uses, words: tuple[str, ...]) -> Praise:
    word = max(words, key=lambda w: used.times[w])
    return Praise(
        share=used.capital[word] / used.mails,
        mails=used.mails,
        subject_share=used.subject[word] / used.mails,
        message_id=used.shown[word],
    )


def _join(
    found: dict[tuple[str, ...], dict[str, Praise]], uses: dict[str, _Uses]
) -> list[Promoted]:
    """One name for what is a full name here and one word of it there."""
    full = [words for words in found if len(words) > 1]
    merged: dict[tuple[str, ...], dict[str, Praise]] = defaultdict(dict)
    for words, praises in sorted(found.items()):
        homes = [other for other in full if len(words) == 1 and words[0] in other]
        merged[homes[0] if len(homes) == 1 else words].update(praises)
    promoted = [
        Promoted(_written(words, praises, uses), words, dict(sorted(praises.items())))
        for words, praises in merged.items()
    ]
    return sorted(promoted, key=lambda p: (-len(p.campaigns), p.words))


def _written(words: tuple[str, ...], campaigns: Iterable[str], uses: dict[str, _Uses]) -> str:
    """As most mails write it."""
    forms: Counter[str] = Counter()
    for campaign in campaigns:
        forms.update(uses[campaign].written.get(words, {}))
    if not forms:
        return " ".join(word.title() for word in words)
    return min(forms, key=lambda form: (-forms[form], form))
