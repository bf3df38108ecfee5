"""Every pattern tried on every message of the case: its own, others' and lawful mail."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import re2

from lymer.campaigns.templates.words import normalize

# Bounces, reports and list copies carry somebody else's mail: a hit on one blames nobody.
_TEXTS = """
SELECT m.message_id, m.text, c.campaign_id, g.kind,
       m.carriage IN ('bounce', 'report', 'list') AS is_carried, d.message_id IS NOT NULL AS is_made
FROM messages m
LEFT JOIN campaign_messages c ON c.message_id = m.message_id
LEFT JOIN campaigns g ON g.campaign_id = c.campaign_id
LEFT JOIN made d ON d.message_id = m.message_id
WHERE m.text IS NOT NULL AND m.text <> ''
"""

_BATCH_MESSAGES = 10_000
# A member that lacks most of a version's fixed words was not made from it.
_LIKE_SHARE = 0.5
# Of a text's distinct words, so many are the template's own fixed ones: it was made from it.
_STRAY_SHARE = 0.25


@dataclass
class Trial:
    """One pattern and what it matched."""

    template_id: str
    campaign_id: str
    pattern: str
    fixed_words: frozenset[str]
    learned_from: frozenset[str]
    is_block: bool
    """Whether it is no more than one run of words in free text."""
    held_out: int = 0
    """Members that it was not learned from and that are of its version."""
    held_out_matched: int = 0
    other_hits: int = 0
    """Hits in other campaigns that are not lawful bulk mail."""
    ham_hits: int = 0
    """Hits in lawful bulk mail of others, and in mail of no campaign that is no stray."""
    stray_hits: int = 0
    """Hits in mail of no campaign that consists of the fixed text for a good part: members that
    grouping missed."""
    is_loose: bool = False
    """Whether one of the other hits has next to nothing of the fixed text: a footer of providers
    and scanners, as it stands under lawful mail."""
    _search: "re2._Regexp" = field(init=False, repr=False)

    def __post_init__(self) -> None:
        options = re2.Options()
        options.log_errors = False
        self._search = re2.compile(self.pattern, options)

    def matches(self, text: str, words: frozenset[str]) -> bool:
        """Whether the pattern finds itself in a normalised text, whose words are given."""
        return self.fixed_words <= words and self._search.search(text) is not None


def judge(connection: duckdb.DuckDBPyConnection, trials: Sequence[Trial]) -> None:
    """Try all `trials` on all messages, in one walk; each counts its hits.

    Needs the table `made` of `learning_batches`.
    """
    # A pattern is tried only on texts that have its fixed words; one of them finds it.
    commonness = Counter(word for trial in trials for word in trial.fixed_words)
    by_word: dict[str, list[Trial]] = defaultdict(list)
    always: list[Trial] = []
    by_campaign: dict[str, list[Trial]] = defaultdict(list)
    learned: set[str] = set()
    for trial in trials:
        by_campaign[trial.campaign_id].append(trial)
        learned |= trial.learned_from
        if trial.fixed_words:
            cue = min(trial.fixed_words, key=lambda w: (commonness[w], -len(w), w))
            by_word[cue].append(trial)
        else:
            always.append(trial)
    cues = by_word.keys()
    reader = connection.sql(_TEXTS).to_arrow_reader(_BATCH_MESSAGES)
    for batch in reader:
        for message_id, raw, campaign_id, kind, is_carried, is_made in zip(
            *(column.to_pylist() for column in batch.columns), strict=True
        ):
            text = normalize(raw)
            words = frozenset(text.split(" "))
            tried = [*always, *(t for cue in cues & words for t in by_word[cue])]
            hits = [trial for trial in tried if trial.matches(text, words)]
            for trial in hits:
                if trial.campaign_id == campaign_id or is_carried:
                    continue
                share = len(trial.fixed_words) / len(words)
                is_like = share >= _STRAY_SHARE and not trial.is_block
                if campaign_id is None and is_like:
                    trial.stray_hits += 1
                elif campaign_id is None or kind == "bulk":
                    trial.ham_hits += 1
                    trial.is_loose |= not is_like
                else:
                    trial.other_hits += 1
            if is_made and message_id not in learned and campaign_id in by_campaign:
                _note_held_out(by_campaign[campaign_id], hits, words)


def _note_held_out(own: Sequence[Trial], hits: Sequence[Trial], words: frozenset[str]) -> None:
    """Count a kept-back member for the version it is of: one that matches, else the likest."""
    matching = [trial for trial in own if trial in hits]
    if matching:
        matching[0].held_out += 1
        matching[0].held_out_matched += 1
        return
    likest = max(own, key=lambda trial: _likeness(trial, words))
    if _likeness(likest, words) >= _LIKE_SHARE:
        likest.held_out += 1


def _likeness(trial: Trial, words: frozenset[str]) -> float:
    if not trial.fixed_words:
        return 0.0
    return len(trial.fixed_words & words) / len(trial.fixed_words)
