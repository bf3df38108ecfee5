"""The report as PDF (PDF/A-2a for archives, PDF/UA-1 for those who hear it), by typst."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import typst

from lymer.reports.document import Block, Document, Section
from lymer.reports.fonts import Setting, choose
from lymer.reports.harmless import escape
from lymer.reports.typeset import EPOCH, typeset

_STANDARDS = ("a-2a", "ua-1")


def to_pdf(document: Document) -> bytes:
    """The document as PDF: the same bytes for the same document and fonts."""
    data = _plain(document)
    setting = choose("".join(_strings(data)))
    moment = _moment(document.as_of)
    try:
        return _compile(_printable(data, setting), setting, moment)
    except typst.TypstError:
        # A font has the glyphs but not their joining: only what needs none is shown.
        simple = replace(setting, lacking=frozenset(filter(_is_joined, "".join(_strings(data)))))
        return _compile(_printable(data, simple), simple, moment)


def _is_joined(character: str) -> bool:
    """Beyond Latin, Greek and Cyrillic, punctuation and the signs that this software writes."""
    at = ord(character)
    return 0x300 <= at < 0x370 or (at >= 0x530 and not 0x2010 <= at < 0x2070)


def _plain(document: Document) -> dict[str, Any]:
    return asdict(document) | {
        "cover": _block(document.cover),
        "sections": [_section(section) for section in document.sections],
        "note": "",
    }


def _section(section: Section) -> dict[str, Any]:
    return {
        "title": section.title,
        "blocks": [_block(block) for block in section.blocks],
        "sections": [_section(part) for part in section.sections],
    }


def _block(block: Block) -> dict[str, Any]:
    return {"block": type(block).__name__, **asdict(block)}


def _strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return (
        [text for item in value for text in _strings(item)]
        if isinstance(value, list | tuple)
        else []
    )


def _printable(data: dict[str, Any], setting: Setting) -> dict[str, Any]:
    """What no font can show is written as its code point, and the cover says so."""
    if not setting.lacking:
        return data
    table = {ord(character): escape(character) for character in setting.lacking}

    def spell(value: Any) -> Any:
        if isinstance(value, str):
            return value.translate(table)
        if isinstance(value, dict):
            return {key: spell(item) for key, item in value.items()}
        return [spell(item) for item in value] if isinstance(value, list | tuple) else value

    spelt: dict[str, Any] = spell(data)
    spelt["note"] = (
        f"{len(table):,} characters of scripts for which no font was found are written as their "
        "code points, as in \\u{4e2d}. With fonts for them (the Noto families have all scripts) "
        "the report shows them."
    )
    return spelt


def _compile(data: dict[str, Any], setting: Setting, moment: datetime) -> bytes:
    files_read = {
        "main.typ": (files("lymer.reports") / "report.typ").read_bytes(),
        "data.json": json.dumps(data).encode(),
    }
    return typeset(files_read, setting.fonts, _STANDARDS, moment)


def _moment(as_of: str) -> datetime:
    try:
        return datetime.strptime(as_of, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return EPOCH
