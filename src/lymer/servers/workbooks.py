"""Spreadsheets, by the parts of them that hold cells: nothing of them is run or calculated.

Office Open XML (ISO/IEC 29500-1, 18) and OpenDocument (ISO/IEC 26300, 9). What a cell shows is
what was stored of it when it was last saved. The zip is read by the evidence room, within its
bounds; cells that only refer to a text elsewhere are counted by what comes out.
"""

import codecs
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO

from lymer.evidence import Limits, open_archive
from lymer.servers.expat import parse_xml
from lymer.servers.grids import Grid
from lymer.servers.sheets import Reading

_CHUNK_BYTES = 1 << 20
# Characters that come out for each byte of the file, once so many came out at all.
_RATIO = 200
_FREE_CHARS = 64 << 20
_SHARED_TEXTS = 2_000_000
_SHARED_CHARS = 64 << 20
# A row that is said to come again so often does so only in a hostile file.
_REPEATS = 1_000
_CELL = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# ISO/IEC 29500-1, 18.8.30: the numbers of the formats of dates and times.
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_QUOTED = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.|\*.")
_EPOCH, _EPOCH_1904 = datetime(1899, 12, 30, tzinfo=UTC), datetime(1904, 1, 1, tzinfo=UTC)


@dataclass
class _Workbook:
    """What the parts around the cells say."""

    names: dict[str, str] = field(default_factory=dict)
    """Relation to the name of a sheet."""
    targets: dict[str, str] = field(default_factory=dict)
    """Path of a part to its relation."""
    texts: list[str] = field(default_factory=list)
    dates: list[bool] = field(default_factory=list)
    """For each style, whether it shows a date."""
    epoch: datetime = _EPOCH
    sheets: int = 0


def read_workbook(reading: Reading) -> None:
    """The sheets of a spreadsheet."""
    artifact = reading.artifact
    artifact.kind, artifact.media = "table", "spreadsheet"
    with tempfile.TemporaryFile(dir=reading.scratch) as file:
        size = 0
        while data := reading.tape.read(_CHUNK_BYTES):
            size += len(data)
            if size > reading.limits.database_bytes:
                reading.note("database_too_large")
                return
            file.write(data)
        _Cells(reading, file, size).read()


class _Cells:
    def __init__(self, reading: Reading, file: IO[bytes], size: int) -> None:
        self._reading = reading
        self._file = file
        self._left = max(_FREE_CHARS, _RATIO * size)
        self._book = _Workbook()
        self._others: list[str] = []

    def read(self) -> None:
        book, artifact = self._book, self._reading.artifact
        for name, pieces in self._parts(report=True):
            if name == "xl/workbook.xml":
                self._parse(pieces, _Names(book))
            elif name == "xl/_rels/workbook.xml.rels":
                self._parse(pieces, _Relations(book))
            elif name == "xl/styles.xml":
                self._parse(pieces, _Styles(book))
            elif name == "xl/sharedStrings.xml":
                self._parse(pieces, _Texts(book, self._reading))
            elif name == "content.xml":
                self._parse(pieces, _OpenDocument(self))
            elif not (_SHEET.fullmatch(name) or name.endswith((".xml", ".rels", "mimetype"))):
                self._others.append(name)
        for name, pieces in self._parts(report=False):
            if _SHEET.fullmatch(name):
                relation = book.targets.get(name, "")
                sheet = _OfficeSheet(self, book, book.names.get(relation) or name)
                self._parse(pieces, sheet)
                sheet.close()
        told = f"; not read: {', '.join(self._others[:5])}" if self._others else ""
        artifact.why = f"a spreadsheet of {book.sheets} sheets with rows{told}"
        if not book.sheets:
            self._reading.note("no_rows")

    def _parts(self, *, report: bool) -> Iterator[tuple[str, Iterator[str]]]:
        """The members of the zip, as text."""
        tape = self._reading.tape
        with open_archive("zip", "workbook", tape, self._file, None, Limits()) as archive:
            for member in archive.members():
                if member.stream is None:
                    if report:
                        self._reading.note(member.refused or "refused")
                    continue
                yield member.name, _decoded(member.stream.read)
                if member.stream.fault:
                    self._reading.note(member.stream.fault)
            for defect in archive.defects():
                self._reading.note(defect)

    def _parse(self, pieces: Iterator[str], part: "_Part") -> None:
        fault = parse_xml(
            pieces, self._reading.limits, on_start=part.start, on_end=part.end, on_text=part.text
        )
        if fault is not None:
            self._reading.note(fault)

    def grid(self, name: str) -> Grid:
        """A sheet that begins."""
        return Grid(self._reading, name, "spreadsheet")

    def put(self, grid: Grid, values: list[str | None]) -> bool:
        """A row of it, while there is room."""
        self._left -= sum(len(value) for value in values if value)
        if self._left < 0:
            self._reading.note("bomb_refused")
            return False
        return grid.add(values)

    def done(self, grid: Grid) -> None:
        """No more rows of it."""
        self._book.sheets += grid.count > 0
        grid.close("a sheet of a spreadsheet")

    @property
    def cell_chars(self) -> int:
        """Of a longer cell only this much is kept."""
        return self._reading.limits.cell_chars

    @property
    def columns(self) -> int:
        """Of a wider row only this much is kept."""
        return self._reading.limits.columns

    def note(self, defect: str) -> None:
        """A defect of the spreadsheet."""
        self._reading.note(defect)


class _Part:
    """Handlers of one part's elements: these do nothing."""

    def start(self, name: str, given: dict[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """It ends."""

    def text(self, text: str) -> None:
        """Characters in it."""


class _Names(_Part):
    def __init__(self, book: _Workbook) -> None:
        self._book = book

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "sheet":
            relation = next((v for k, v in given.items() if k.endswith(":id")), "")
            self._book.names[relation] = given.get("name", "")[:200]
        elif name == "workbookPr" and given.get("date1904") in ("1", "true"):
            self._book.epoch = _EPOCH_1904


class _Relations(_Part):
    def __init__(self, book: _Workbook) -> None:
        self._book = book

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "Relationship":
            target = given.get("Target", "").lstrip("/")
            target = target if target.startswith("xl/") else f"xl/{target}"
            self._book.targets[target] = given.get("Id", "")


class _Styles(_Part):
    def __init__(self, book: _Workbook) -> None:
        self._book = book
        self._own: dict[str, bool] = {}
        self._is_cells = False

    def start(self, name: str, given: dict[str, str]) -> None:
        number = given.get("numFmtId", "")
        if name == "numFmt":
            code = _QUOTED.sub("", given.get("formatCode", "")[:200]).lower()
            self._own[number] = any(letter in code for letter in "ymdhs")
        elif name == "cellXfs":
            self._is_cells = True
        elif name == "xf" and self._is_cells and len(self._book.dates) < 1 << 16:
            known = number.isdecimal() and int(number[:9]) in _DATE_FORMATS
            self._book.dates.append(self._own.get(number, known))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._is_cells = False


class _Texts(_Part):
    """Texts that cells refer to by number."""

    def __init__(self, book: _Workbook, reading: Reading) -> None:
        self._book = book
        self._reading = reading
        self._parts: list[str] = []
        self._chars = self._total = 0
        self._is_text = self._is_reading_aid = False

    def start(self, name: str, _: dict[str, str]) -> None:
        if name == "si":
            self._parts, self._chars = [], 0
        elif name == "rPh":
            self._is_reading_aid = True
        elif name == "t":
            self._is_text = not self._is_reading_aid

    def text(self, text: str) -> None:
        if self._is_text and self._chars < self._reading.limits.cell_chars:
            self._parts.append(text)
            self._chars += len(text)

    def end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_reading_aid = False
        elif name == "si":
            self._total += self._chars
            if self._total > _SHARED_CHARS or len(self._book.texts) >= _SHARED_TEXTS:
                self._reading.note("text_cut")
                return
            self._book.texts.append("".join(self._parts)[: self._reading.limits.cell_chars])


class _OfficeSheet(_Part):
    """The rows of a worksheet."""

    def __init__(self, cells: _Cells, book: _Workbook, name: str) -> None:
        self._cells = cells
        self._book = book
        self._grid = cells.grid(name)
        self._row: list[str | None] = []
        self._at = 0
        self._kind = ""
        self._style = 0
        self._parts: list[str] = []
        self._chars = 0
        self._is_value = False
        self._is_full = False

    def start(self, name: str, given: dict[str, str]) -> None:
        if name == "row":
            self._row, self._at = [], 0
        elif name == "c":
            found = _CELL.fullmatch(given.get("r", ""))
            if found:
                self._at = _column(found[1])
            self._kind = given.get("t", "n")
            style = given.get("s", "")
            self._style = int(style) if style.isdecimal() and len(style) < 7 else 0
            self._parts, self._chars = [], 0
        elif name in ("v", "t"):
            self._is_value = True

    def text(self, text: str) -> None:
        if self._is_value and self._chars < self._cells.cell_chars:
            self._parts.append(text)
            self._chars += len(text)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._is_value = False
        elif name == "c":
            value = self._value("".join(self._parts)[: self._cells.cell_chars])
            if self._at >= self._cells.columns:
                self._cells.note("too_many_columns")
            elif value:
                self._row += [None] * (self._at + 1 - len(self._row))
                self._row[self._at] = value
            self._at += 1
        elif name == "row" and not self._is_full:
            self._is_full = not self._cells.put(self._grid, self._row)

    def _value(self, text: str) -> str | None:
        if self._kind == "s":
            number = int(text) if text.isdecimal() and len(text) < 10 else -1
            return self._book.texts[number] if 0 <= number < len(self._book.texts) else None
        if self._kind in ("n", "") and text:
            return self._number(text)
        return text or None

    def _number(self, text: str) -> str:
        try:
            value = float(text)
        except ValueError:
            return text
        is_date = self._style < len(self._book.dates) and self._book.dates[self._style]
        if is_date and 1 <= value < 100_000:
            at = self._book.epoch + timedelta(seconds=round(value * 86_400))
            return f"{at:%Y-%m-%d %H:%M:%S}"
        # More digits than fifteen are noise of the notation in twos.
        return f"{value:.15g}" if "e" not in f"{value:.15g}" else text

    def close(self) -> None:
        """No more of it."""
        self._cells.done(self._grid)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


class _OpenDocument(_Part):
    """The tables of an OpenDocument spreadsheet."""

    def __init__(self, cells: _Cells) -> None:
        self._cells = cells
        self._grid: Grid | None = None
        self._row: list[str | None] = []
        self._repeats = self._cell_repeats = 1
        self._stored: str | None = None
        self._parts: list[str] = []
        self._chars = 0
        self._is_cell = self._is_note = self._is_full = False

    def start(self, name: str, given: dict[str, str]) -> None:
        plain = {key.rpartition(":")[2]: value for key, value in given.items()}
        if name == "table":
            self._grid, self._is_full = self._cells.grid(plain.get("name", "")[:200]), False
        elif name == "table-row":
            self._row, self._repeats = [], _repeats(plain.get("number-rows-repeated"))
        elif name in ("table-cell", "covered-table-cell"):
            self._is_cell, self._parts, self._chars = True, [], 0
            self._cell_repeats = _repeats(plain.get("number-columns-repeated"))
            date = plain.get("date-value")
            self._stored = date.replace("T", " ") if date else plain.get("value")
        elif name == "annotation":
            self._is_note = True
        elif name == "p" and self._parts:
            self._parts.append("\n")

    def text(self, text: str) -> None:
        if self._is_cell and not self._is_note and self._chars < self._cells.cell_chars:
            self._parts.append(text)
            self._chars += len(text)

    def end(self, name: str) -> None:
        if name == "annotation":
            self._is_note = False
        elif name in ("table-cell", "covered-table-cell"):
            self._is_cell = False
            value = self._stored or "".join(self._parts).strip()
            room = self._cells.columns - len(self._row)
            if value and self._cell_repeats > room:
                self._cells.note("too_many_columns")
            self._row += [value[: self._cells.cell_chars] or None] * min(self._cell_repeats, room)
        elif name == "table-row" and self._grid is not None:
            if any(self._row) and self._repeats > _REPEATS:
                self._cells.note("repeats_cut")
            for _ in range(min(self._repeats, _REPEATS) if any(self._row) else 1):
                if not self._is_full:
                    self._is_full = not self._cells.put(self._grid, self._row)
        elif name == "table" and self._grid is not None:
            self._cells.done(self._grid)
            self._grid = None


def _repeats(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 10 else 1


def _decoded(read: Callable[[int], bytes]) -> Iterator[str]:
    """Parts are in UTF-8, or in UTF-16 with a mark."""
    decoder = None
    while data := read(_CHUNK_BYTES):
        if decoder is None:
            wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8-sig")("replace")
        yield decoder.decode(data)
