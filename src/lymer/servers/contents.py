"""Text of each kind of content into rows, texts, addresses and entities."""

import re
from collections.abc import Callable, Iterable

from lymer.servers.classify import Verdict
from lymer.servers.decoding import decoded
from lymer.servers.delimited import delimited_rows, json_line, json_rows, split
from lymer.servers.dumps import dump_rows
from lymer.servers.keyed import group_cells
from lymer.servers.markup import read_xml
from lymer.servers.objects import Objects
from lymer.servers.patterns import cut
from lymer.servers.sheets import Reading, Sheet
from lymer.servers.tables import TEXTS
from lymer.servers.values import ADDRESS

# Read whole: as objects it takes thirty times as much.
_JSON_CHARS = 16 << 20
# A machine with more accounts of its own is none.
_SYSTEM_ACCOUNTS = 100_000


def _read_text(reading: Reading, charset: str, _: Verdict) -> None:
    text = reading.beginning(charset, reading.limits.text_chars)
    if not text.strip():
        return
    reading.take(TEXTS, [(reading.artifact.artifact_id, "", text)])
    for number, line in enumerate(text.splitlines(), start=1):
        reading.entities.scan_line(line[: reading.limits.line_chars], number)


def _read_fields(reading: Reading, charset: str, verdict: Verdict) -> None:
    """Names and values: a sheet of one row, and its text."""
    text = reading.beginning(charset, reading.limits.text_chars)
    reading.take(TEXTS, [(reading.artifact.artifact_id, "", text)])
    values: dict[str, str | None] = {}
    for number, whole in enumerate(text.splitlines(), start=1):
        line = whole[: reading.limits.line_chars].strip()
        reading.entities.scan_line(line, number)
        found = re.match(r"([A-Za-z_][\w .-]{0,40}?)\s*(?:[:=]\s*|\s+)(\S.*)", line)
        if found and len(values) < reading.limits.columns:
            values.setdefault(found[1], found[2].strip("\"';"))
    if values:
        reading.sheet("fields", "fields", list(values), [(1, list(values.values()))], verdict.why)


def _read_keyed(reading: Reading, charset: str, verdict: Verdict) -> None:
    others: list[tuple[int, str]] = []
    numbered = enumerate(reading.lines(charset), start=1)
    groups, is_whole = group_cells(numbered, reading.limits, others)
    if not is_whole:
        reading.note("too_many_rows")
    for number, line in others:
        reading.entities.scan_line(line, number)
    for name, group in groups.items():
        rows = (
            (group.first[key], [key, *(cells.get(column) for column in group.columns)])
            for key, cells in group.rows.items()
        )
        reading.sheet(name, "fields", ["key", *group.columns], rows, verdict.why)


def _read_accounts(reading: Reading, charset: str, verdict: Verdict) -> None:
    rows: list[tuple[int, list[str | None]]] = []
    for number, line in enumerate(reading.lines(charset), start=1):
        if len(rows) >= _SYSTEM_ACCOUNTS:
            reading.note("too_many_rows")
            break
        fields = split(line, ":")
        if line.strip() and not line.startswith("#"):
            rows.append((number, [one or None for one in fields]))
            reading.artifact.handles.add(fields[0])
            reading.entities.add("handle", fields[0], number, "account")
    width = max((len(row) for _, row in rows), default=0)
    rows = [(number, row + [None] * (width - len(row))) for number, row in rows]
    names = [f"c{n}" for n in range(1, width + 1)]
    reading.sheet("accounts", "delimited", names, rows, verdict.why)


def _read_list(reading: Reading, charset: str, _: Verdict) -> None:
    """Addresses, once each as a hash."""
    for line in reading.lines(charset):
        for address in ADDRESS.findall(line)[:1]:
            reading.listing.add(address)
        if reading.listing.count >= reading.limits.list_addresses:
            reading.note("list_cut")
            break
    reading.listing.close()
    reading.artifact.why += f"; {reading.listing.count:,} addresses in all"


def _read_delimited(reading: Reading, charset: str, verdict: Verdict) -> None:
    shape = verdict.delimited
    assert shape is not None
    rows = delimited_rows(reading.lines(charset), shape)
    name = "named columns" if shape.has_header else f"{len(shape.columns)} columns"
    reading.sheet(name, "delimited", list(shape.columns), rows, verdict.why)


def _read_lines(reading: Reading, charset: str, verdict: Verdict) -> None:
    """A log: one sheet for every line format, filled at once."""
    sheets = {
        one.shape: Sheet(reading, one.name, "lines", list(one.columns)) for one in verdict.formats
    }
    others = 0
    for number, line in enumerate(reading.lines(charset), start=1):
        found = cut(line)
        sheet = sheets.get(found.shape)
        if sheet is not None:
            sheet.add(number, list(found.values))
        elif line.strip():
            others += 1
            reading.entities.scan_line(line, number)
    for sheet in sheets.values():
        sheet.close(f"a line format of a log; {others} lines have none of its formats")


def _read_json(reading: Reading, charset: str, verdict: Verdict) -> None:
    text = reading.beginning(charset, _JSON_CHARS).lstrip("\ufeff")
    found = json_rows(text)
    if found is None:
        reading.artifact.kind, reading.artifact.why = (
            "notes",
            "text that begins as JSON and is none",
        )
        reading.take(TEXTS, [(reading.artifact.artifact_id, "", text[: reading.limits.text_chars])])
        return
    _objects(reading, enumerate(found, start=1), verdict)


def _read_json_lines(reading: Reading, charset: str, verdict: Verdict) -> None:
    found = ((n, json_line(line)) for n, line in enumerate(reading.lines(charset), start=1))
    _objects(reading, ((n, row) for n, row in found if row is not None), verdict)


def _objects(
    reading: Reading, rows: Iterable[tuple[int, dict[str, str | None]]], verdict: Verdict
) -> None:
    objects = Objects(reading, "json")
    for number, row in rows:
        objects.add("", number, row)
    objects.close(verdict.why)


def _read_dump(reading: Reading, charset: str, verdict: Verdict) -> None:
    sheets: dict[tuple[str, int], Sheet] = {}
    pieces = decoded(reading.tape, charset)
    for row in dump_rows(pieces, reading.limits, reading.artifact.defects):
        width = len(row.values)
        sheet = sheets.get((row.table, width))
        if sheet is None:
            if len(sheets) >= reading.limits.sheets:
                reading.note("too_many_tables")
                continue
            columns = row.columns
            if columns is None or len(columns) != width:
                columns = [f"c{n}" for n in range(1, width + 1)]
            sheet = sheets[row.table, width] = Sheet(reading, row.table, "dump", columns)
        sheet.add(sheet.count + 1, row.values)
    for sheet in sheets.values():
        sheet.close(verdict.why)


READERS: dict[str, Callable[[Reading, str, Verdict], None]] = {
    "text": _read_text,
    "fields": _read_fields,
    "accounts": _read_accounts,
    "list": _read_list,
    "delimited": _read_delimited,
    "lines": _read_lines,
    "keyed": _read_keyed,
    "xml": read_xml,
    "json": _read_json,
    "json lines": _read_json_lines,
    "dump": _read_dump,
}
"""By `Verdict.reader`; each is given the charset."""
