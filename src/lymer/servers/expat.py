"""XML without what makes it dangerous: no entity is declared, none is fetched, and a clock runs.

Billion laughs, quadratic blow-up and external entities (OWASP, XML External Entity Prevention)
all need a declaration of an entity: the first one ends the reading.
"""

import re
import time
from collections.abc import Callable, Iterable
from xml.parsers import expat

from lymer.servers.limits import ReadingLimits

_DECLARED = re.compile(r"""<\?xml[^>]{0,80}encoding\s*=\s*["']([A-Za-z0-9._-]{1,30})["']""")
# Charsets of one byte a character, and UTF-8: what a declaration is believed of.
_BELIEVED = re.compile(r"(?i)utf-?8|windows-12\d\d|cp12\d\d|iso-8859-\d{1,2}|koi8-[ru]|us-ascii")
# Expat looks at a piece of markup anew with all of a piece of text: this bounds what that costs.
_MARKUP_CHARS = 8 << 20


class RefusedError(Exception):
    """The document wants what is never done; `defect` says what."""

    def __init__(self, defect: str) -> None:
        super().__init__(defect)
        self.defect = defect


def declared_charset(head: str, guessed: str) -> str:
    """The charset that an XML declaration names, if it can be believed."""
    found = _DECLARED.match(head.lstrip("\ufeff \r\n\t"))
    if (
        found
        and _BELIEVED.fullmatch(found[1])
        and guessed in ("utf-8", "cp1252", "cp1251", "koi8-r")
    ):
        return found[1]
    return guessed


def parse_xml(
    pieces: Iterable[str],
    limits: ReadingLimits,
    *,
    on_start: Callable[[str, dict[str, str]], None],
    on_end: Callable[[str], None],
    on_text: Callable[[str], None],
) -> str | None:
    """Hand over the elements of a document, names without their prefix; a defect, or None.

    What came before the defect has been handed over.
    """
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse(*_: object) -> None:
        raise RefusedError("xml_entities_refused")

    def start(name: str, given: dict[str, str]) -> None:
        on_start(name.rpartition(":")[2], given)

    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: on_end(name.rpartition(":")[2])
    parser.CharacterDataHandler = on_text
    deadline = time.monotonic() + limits.database_seconds
    given = 0
    try:
        for piece in pieces:
            parser.Parse(piece.replace("\0", ""), False)
            given += len(piece.encode("utf-8", "replace"))
            if given - max(parser.CurrentByteIndex, 0) > _MARKUP_CHARS:
                return "xml_markup_too_long"
            if time.monotonic() > deadline:
                return "xml_too_slow"
        parser.Parse("", True)
    except RefusedError as error:
        return error.defect
    except (expat.ExpatError, ValueError):
        return "xml_damaged"
    return None
