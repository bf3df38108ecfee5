"""Sentences and whole pitches, drawn as template trees.

A pitch of a campaign draws its own alternatives for every word class, so two campaigns of one
theme share single words but hardly ever a run of five.
"""

import re
from collections.abc import Callable

from lymer.lab.draws import Draw
from lymer.lab.listed import listed
from lymer.lab.names import Names
from lymer.lab.texts.lexicon import THEMES, Language
from lymer.lab.texts.template import Choice, Node, Seq

_FIELD = re.compile(r"\{(\w+)\}")


class Speaker:
    """Draws sentences about one thing in one language."""

    def __init__(
        self, draw: Draw, names: Names, language: Language, theme: str, brand: str
    ) -> None:
        self._draw = draw
        self._names = names
        self.language = language
        self.brand = brand
        nouns = language.words.get("noun") or THEMES[theme]
        # A few nouns of the campaign's own, so that a theme is not one vocabulary.
        own = tuple(names.fresh() for _ in range(4)) if language.code == "en" else ()
        self._nouns = (*draw.some(nouns, 12), *own)

    def _word(self, field: str) -> str:
        name = field.lower()
        draw = self._draw
        if name == "brand":
            return self.brand
        if name == "noun":
            word = draw.pick(self._nouns)
        elif name == "a":
            adjective = draw.pick(self.language.words["adj"])
            word = f"{'an' if adjective[0] in 'aeiou' else 'a'} {adjective}"
        else:
            word = draw.pick(self.language.words[name])
        return word[0].upper() + word[1:] if field[0].isupper() else word

    def plain(self, pattern: str) -> str:
        """The pattern with one word in every field."""
        return _FIELD.sub(lambda match: self._word(match[1]), pattern)

    def sentence(self) -> str:
        """One plain sentence."""
        return self.plain(self._draw.pick(self.language.patterns))

    def paragraph(self, low: int, high: int) -> str:
        return " ".join(self.sentence() for _ in range(self._draw.whole(low, high)))

    def rotating(self, pattern: str, synonyms: int, share: float) -> Node:
        """The pattern with `synonyms` alternatives in a `share` of its fields."""
        parts: list[Node] = []
        at = 0
        for match in _FIELD.finditer(pattern):
            parts.append(pattern[at : match.start()])
            if match[1].lower() != "brand" and self._draw.chance(share):
                words = sorted({self._word(match[1]) for _ in range(synonyms)})
                self._draw.random.shuffle(words)
                parts.append(Choice(tuple(words)) if len(words) > 1 else words[0])
            else:
                parts.append(self._word(match[1]))
            at = match.end()
        parts.append(pattern[at:])
        return Seq(tuple(parts))

    def sentence_node(self, synonyms: int, share: float) -> Node:
        pattern = self._draw.pick(self.language.patterns)
        if synonyms < 2:
            return self.plain(pattern)
        return self.rotating(pattern, synonyms, share)

    def subject(self) -> str:
        return self.plain(self._draw.pick(self.language.subjects)).rstrip(".")


def news_pool(draw: Draw, names: Names, count: int) -> list[str]:
    """Sentences that read like wire news: invented people and places, dates, phone numbers."""
    said = listed("said told reporters|announced|denied|warned|confirmed|repeated|admitted")
    bodies = listed("council ministry court union committee police harbour board railway museum")
    acts = listed(
        "opened an inquiry|closed the bridge|raised the fee|postponed the vote|sold the building|"
        "signed the contract|lost the appeal|found the boat|cut the budget|met the miners"
    )
    days = listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday")

    def person() -> str:
        first, last = names.person()
        return f"{first} {last}"

    def word() -> str:
        return draw.pick(names.words)

    forms: tuple[Callable[[], str], ...] = (
        lambda: (
            f"{draw.pick(names.places)} {draw.pick(bodies)} {draw.pick(acts)} on "
            f"{draw.pick(days)}, {person()} {draw.pick(said)}."
        ),
        lambda: (
            f'"The {word()} {draw.pick(acts)}," {person()} {draw.pick(said)} in '
            f"{draw.pick(names.places)}."
        ),
        lambda: (
            f"Call {draw.whole(2, 9)}0{draw.whole(0, 9)}-555-01{draw.whole(0, 99):02d} for "
            f"the {word()} {word()} in {draw.pick(names.places)}."
        ),
        lambda: (
            f"The {word()} of {draw.pick(names.places)} {draw.pick(acts)} after "
            f"{draw.whole(2, 90)} {word()} {word()}."
        ),
        lambda: (
            f"{person()}, {draw.whole(19, 88)}, {draw.pick(acts)} near "
            f"{draw.pick(names.places)} {word()}."
        ),
        lambda: f"{word().capitalize()} {word()} {word()} {draw.pick(days)} {word()} {word()}.",
    )
    return [draw.pick(forms)() for _ in range(count)]
