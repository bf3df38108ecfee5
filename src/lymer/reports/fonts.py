"""Which characters can be set, and with which fonts.

Typst carries fonts for Latin, Greek and Cyrillic: a report that needs no more is the same to the
byte on every machine. For other scripts the fonts of the system are taken (in Debian, the packages
fonts-noto-core and fonts-noto-cjk). What no font has is written as its code point, and said.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import typst

from lymer.reports.typeset import typeset

# A probe takes about a millisecond; what is not proven printable within these is escaped.
_PROBES = 600
_PROBE = b"""#set text(font: "Libertinus Serif")
#let words = json("words.json")
#set document(title: "probe")
#for word in words { text(word); text(font: "DejaVu Sans Mono", word); text(weight: "bold", word) }
"""


@dataclass(frozen=True)
class Setting:
    """The fonts to set a text with, and the characters that none of them has."""

    fonts: typst.Fonts
    lacking: frozenset[str]


def choose(text: str) -> Setting:
    """The fonts for `text`: typst's own where they do, the system's beside them where not."""
    characters = sorted(set(text) - set(map(chr, range(127))))
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    beyond = _lacking(characters, own)
    if not beyond:
        return Setting(own, frozenset())
    every = typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)
    lacking = _lacking(beyond, every)
    return Setting(every if len(lacking) < len(beyond) else own, frozenset(lacking))


def _lacking(characters: Sequence[str], fonts: typst.Fonts) -> list[str]:
    """Those that `fonts` cannot show, by halving what fails, Unicode's blocks kept together."""
    lacking: list[str] = []
    left = _PROBES
    groups = [list(characters)]
    while groups:
        group = groups.pop()
        if not group:
            continue
        left -= 1
        if left > 0 and _shows(group, fonts):
            continue
        if len(group) == 1 or left <= 0:
            lacking += group
            continue
        groups += _parts(group)
    return sorted(lacking)


def _parts(group: Sequence[str]) -> list[list[str]]:
    blocks: dict[int, list[str]] = {}
    for character in group:
        blocks.setdefault(ord(character) >> 8, []).append(character)
    if len(blocks) > 1:
        return list(blocks.values())
    middle = len(group) // 2
    return [list(group[:middle]), list(group[middle:])]


def _shows(group: Sequence[str], fonts: typst.Fonts) -> bool:
    # PDF/A refuses a text of which a glyph is missing: the one place where typst tells.
    files = {"main.typ": _PROBE, "words.json": _words(group)}
    try:
        typeset(files, fonts, ["a-2u"])
    except typst.TypstError:
        return False
    return True


def _words(group: Sequence[str]) -> bytes:
    return json.dumps([f"a{character}" for character in group]).encode()
