"""How well a template explains a mail, whatever its macro language is.

A template is not parsed. Two words that follow each other in a mail made from it stand in it in
the same order, not far apart: between them may lie macros and the alternatives not taken. So each
pair of neighbours in the mail is looked up among the pairs of near words of the template, and a
pair tells the more the fewer templates and campaigns have it.
"""

import html
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

_WORD = re.compile(r"[^\W\d_]{2,}")
# Tags of HTML by their names: angles may be the marks of macros as well.
_TAG = re.compile(
    r"</?(?:a|abbr|area|article|b|base|"
    r"basefont|big|blockquote|body|br|button|caption|center|code|col|colgroup|dd|div|dl|dt|em|font|"
    r"footer|form|h[1-6]|head|header|hr|html|i|img|input|li|link|map|meta|nobr|ol|option|p|pre|s|"
    r"section|select|small|span|strong|sub|sup|table|tbody|td|tfoot|th|thead|title|tr|tt|u|ul)"
    r"(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_UNSEEN = (("<!--", "-->"), ("<style", "</style"), ("<script", "</script"))
# Alternatives of four or five phrases of some words each lie within this reach.
_REACH = 40
_TEMPLATE_WORDS = 6_000
_MAIL_WORDS = 400

# A part of a mail of which this much is explained is told half as surely as by all there is.
_HALF = 5.0

Pair = tuple[str, str]
Parts = tuple[frozenset[Pair], frozenset[Pair]]
"""Of a mail: the pairs of its subject, and of its text."""


def mail_pairs(subject: str, text: str) -> Parts:
    """Neighbouring words of a mail."""
    return _pairs(subject), _pairs(text)


def _pairs(text: str) -> frozenset[Pair]:
    text = _repaired(text)
    words = [word.lower() for word in _WORD.findall(text)[:_MAIL_WORDS]]
    return frozenset(pairwise(words))


def _repaired(text: str) -> str:
    """Text of a false charset read anew: whole words of accented letters are Cyrillic or UTF-8."""
    accented = sum("\u00c0" <= char <= "\u00ff" for char in text)
    if accented < 8 or 3 * accented < sum(char.isalpha() for char in text):
        return text
    try:
        raw = text.encode("cp1252")
    except UnicodeEncodeError:
        raw = text.encode("latin-1", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Small letters, which are most, lie in the upper half in cp1251, in the lower in KOI8-R.
        is_upper = 2 * sum(char >= "\u00e0" for char in text) > accented
        return raw.decode("cp1251" if is_upper else "koi8-r", "replace")


def _without(text: str, opening: str, closing: str) -> str:
    """Text without what stands between two marks; an open end is left alone."""
    lower = text.lower()
    if len(lower) != len(text):
        return text
    kept = []
    at = 0
    while (start := lower.find(opening, at)) >= 0:
        end = lower.find(closing, start)
        if end < 0:
            break
        kept.append(text[at:start])
        at = end + len(closing)
    return " ".join([*kept, text[at:]])


def _template_words(text: str) -> list[str]:
    for opening, closing in _UNSEEN:
        text = _without(text, opening, closing)
    plain = html.unescape(_TAG.sub(" ", text))
    return [word.lower() for word in _WORD.findall(plain)[:_TEMPLATE_WORDS]]


class Likeness:
    """All templates of a server, ready to be asked."""

    def __init__(self, templates: Sequence[str], campaigns: Iterable[Iterable[Parts]]) -> None:
        """`campaigns`: some mails of every campaign."""
        seen: Counter[Pair] = Counter()
        self._campaign_count = 0
        wanted: set[Pair] = set()
        for mails in campaigns:
            self._campaign_count += 1
            found: set[Pair] = set().union(*(part for mail in mails for part in mail))
            seen.update(found)
            wanted |= found
        self._seen = seen
        self._holders: dict[Pair, list[int]] = defaultdict(list)
        for number, text in enumerate(templates):
            words = _template_words(text)
            pairs = {
                (word, later)
                for at, word in enumerate(words)
                for later in words[at + 1 : at + 1 + _REACH]
            }
            for pair in pairs & wanted:
                self._holders[pair].append(number)
        self._count = len(templates)
        self._weights: dict[Pair, float] = {}

    def _weight(self, pair: Pair) -> float:
        known = self._weights.get(pair)
        if known is None:
            of_templates = math.log(1 + self._count / max(1, len(self._holders.get(pair, ()))))
            of_campaigns = math.log(1 + self._campaign_count / max(1, self._seen[pair]))
            known = self._weights[pair] = min(of_templates, of_campaigns)
        return known

    def explain(self, mail: Parts) -> dict[int, float]:
        """How well each template explains a mail, 0 to 1; those that do not at all are left out.

        It is the share of the subject or of the text that is explained, whichever is more, by
        what each pair tells; and less where all of it is but a word or two.
        """
        best: dict[int, float] = {}
        for part in mail:
            total = 0.0
            weights: dict[int, float] = defaultdict(float)
            for pair in sorted(part):
                weight = self._weight(pair)
                total += weight
                for number in self._holders.get(pair, ()):
                    weights[number] += weight
            for number, weight in weights.items():
                share = weight / total * weight / (weight + _HALF)
                best[number] = max(best.get(number, 0.0), share)
        return dict(sorted(best.items()))
