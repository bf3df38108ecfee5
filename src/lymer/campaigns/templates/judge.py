"""Every pattern tried on every message of the case: its own, others' and lawful mail."""

from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, fields, replace
from functools import cached_property

import pyarrow as pa

from lymer.campaigns.templates.parts import PartedTexts
from lymer.campaigns.templates.searches import build
from lymer.campaigns.templates.words import words_of
from lymer.engine import Engine

# A member that lacks most of a version's fixed words was not made from it.
_LIKE_SHARE = 0.5
# Of a text's distinct words, so many are the template's own: it was made from it.
_STRAY_SHARE = 0.25


@dataclass(frozen=True)
class Trial:
    """A pattern to try."""

    template_id: str
    campaign_id: str
    pattern: str
    fixed_words: frozenset[str]
    listed_words: frozenset[str]
    """Words of the sentences that its texts draw from."""
    is_block: bool
    """Whether it is no more than one run of words in free text."""

    def sharing(self, known: dict[str, str]) -> "Trial":
        """The same, with the words that others have too once in memory and on the way."""
        fixed, listed = (
            frozenset(known.setdefault(word, word) for word in words)
            for words in (self.fixed_words, self.listed_words)
        )
        return replace(self, fixed_words=fixed, listed_words=listed)


@dataclass
class Hits:
    """What a pattern matched."""

    held_out: int = 0
    """Members that it was not learned from and that are of its version."""
    held_out_matched: int = 0
    other: int = 0
    """In other campaigns that are not lawful bulk mail."""
    ham: int = 0
    """In lawful bulk mail of others, and in mail of no campaign that is no stray."""
    stray: int = 0
    """In mail of no campaign that consists of the template's own words for a good part: members
    that grouping missed."""
    loose: int = 0
    """Those of `ham` that have next to nothing of the template's own words: a footer of providers
    and scanners, as it stands under lawful mail."""
    unbuilt: int = 0
    """Whether there is no search for the pattern: a number over 0."""

    def add(self, other: "Hits") -> None:
        """Add the numbers of `other` to these."""
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def judge(
    texts: PartedTexts, engine: Engine, trials: Sequence[Trial], learned: Set[str]
) -> dict[str, Hits]:
    """Try all `trials` on all messages, in one walk: what each hit, by template id.

    `learned` are the ids of the messages that they were learned from.
    """
    found = {trial.template_id: Hits() for trial in trials}
    for results in engine.map(_Try(tuple(trials)), texts.tried(learned), rescue=_try_nothing):
        for result in results:
            for template_id, hits in result.items():
                found[template_id].add(hits)
    return found


def _try_nothing(_: pa.RecordBatch) -> dict[str, Hits]:
    """For a message that kills or hangs whoever searches it."""
    return {}


@dataclass(frozen=True)
class _Try:
    """A batch of texts in, what the patterns hit in it out."""

    trials: tuple[Trial, ...]

    @cached_property
    def _by_cue(self) -> dict[str, list[Trial]]:
        """The trials by one of their fixed words: a text without it need not be searched."""
        commonness = Counter(word for trial in self.trials for word in trial.fixed_words)
        found: dict[str, list[Trial]] = defaultdict(list)
        for trial in self.trials:
            cue = min(trial.fixed_words, key=lambda w: (commonness[w], -len(w), w), default="")
            found[cue].append(trial)
        return dict(found)

    @cached_property
    def _by_campaign(self) -> dict[str, list[Trial]]:
        found: dict[str, list[Trial]] = defaultdict(list)
        for trial in self.trials:
            found[trial.campaign_id].append(trial)
        return dict(found)

    def __call__(self, batch: pa.RecordBatch) -> dict[str, Hits]:
        found: dict[str, Hits] = defaultdict(Hits)
        cues = self._by_cue.keys()
        campaign = None
        for raw, campaign_id, is_bulk, is_carried, is_kept_back in zip(
            *(column.to_pylist() for column in batch.columns), strict=True
        ):
            found_words = words_of(raw)
            text, words = " ".join(found_words), frozenset(found_words)
            if not words:
                continue
            for cue in [*(cues & words), *({""} & cues)]:
                for trial in self._by_cue[cue]:
                    is_own = trial.campaign_id == campaign_id
                    if is_own or is_carried or not _matches(trial, text, words):
                        continue
                    _note_foreign(found[trial.template_id], trial, words, campaign_id, is_bulk)
            own = self._by_campaign.get(campaign_id, ())
            if campaign_id != campaign:
                campaign = campaign_id
                # Each pattern is built once in the walk, even with nothing to try it on.
                for trial in own:
                    found[trial.template_id].unbuilt += build(trial.pattern) is None
            if own and is_kept_back:
                _note_kept_back(found, own, text, words)
        return dict(found)


def _note_foreign(
    hits: Hits, trial: Trial, words: frozenset[str], campaign_id: str | None, is_bulk: bool | None
) -> None:
    """Count a hit in mail that is not of the trial's campaign."""
    own = len(trial.fixed_words | trial.listed_words & words)
    is_like = own / len(words) >= _STRAY_SHARE and not trial.is_block
    if campaign_id is None and is_like:
        hits.stray += 1
    elif campaign_id is None or is_bulk:
        hits.ham += 1
        hits.loose += not is_like
    else:
        hits.other += 1


def _note_kept_back(
    found: dict[str, Hits], own: Sequence[Trial], text: str, words: frozenset[str]
) -> None:
    """Count a kept-back member for the version it is of: one that matches, else the likest."""
    for trial in own:
        if _matches(trial, text, words):
            found[trial.template_id].held_out += 1
            found[trial.template_id].held_out_matched += 1
            return
    likest = max(own, key=lambda trial: _likeness(trial, words))
    if _likeness(likest, words) >= _LIKE_SHARE:
        found[likest.template_id].held_out += 1


def _likeness(trial: Trial, words: frozenset[str]) -> float:
    if not trial.fixed_words:
        return 0.0
    return len(trial.fixed_words & words) / len(trial.fixed_words)


def _matches(trial: Trial, text: str, words: frozenset[str]) -> bool:
    """Whether the pattern finds itself in a normalised text, whose words are given."""
    search = build(trial.pattern) if trial.fixed_words <= words else None
    return search is not None and search.search(text) is not None
