"""Flow files into a gathering of contacts, chunk by chunk."""

import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv

from lymer.evidence import OpenFile
from lymer.flows.chunks import Counts, line_chunks
from lymer.flows.contacts import Contacts
from lymer.flows.formats import MAPPED, Form, recognise, zeek

_HEAD_BYTES = 64 << 10
_TEXT = pa.string()
# How Zeek, nfdump and Argus write nothing.
_NOTHING = ["", "-", "(empty)"]


@dataclass
class Reading:
    """What was read of one file: a row of CAPTURES, but for the ids. Times in Unix seconds."""

    form: str | None = None
    flow_count: int = 0
    refused_count: int = 0
    first_at: float | None = None
    last_at: float | None = None

    def add(self, lines: int, flows: int, first_at: float | None, last_at: float | None) -> None:
        """Note that of some lines so many were flows, between these times."""
        self.flow_count += flows
        self.refused_count += lines - flows
        if first_at is not None and (self.first_at is None or first_at < self.first_at):
            self.first_at = first_at
        if last_at is not None and (self.last_at is None or last_at > self.last_at):
            self.last_at = last_at


def read_flows(
    opened: OpenFile,
    contacts: Contacts,
    mapping: Mapping[str, str] | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Reading:
    """Read one file into `contacts`; what is wrong with it is added to its defects.

    `mapping` is for CSV of other makes (header name, lower case, to a name of MAPPED).
    `progress` is called with the number of bytes of each chunk.
    """
    reading = Reading()
    counts = Counts()
    form = recognise(opened.tape.peek(_HEAD_BYTES)[:_HEAD_BYTES], mapping)
    if form is None:
        opened.defects.append("not_flows")
        return reading
    reading.form = form.name
    splitter = _Splitter(form)
    for chunk in line_chunks(opened.tape, counts):
        for written, part in splitter.parts(_as_utf8(chunk)):
            table, refused = _parse(written, part)
            taken = contacts.add(table, is_one_way=written.is_one_way)
            reading.add(table.num_rows + refused, taken.flow_count, taken.first_at, taken.last_at)
        progress(len(chunk))
    reading.refused_count += counts.too_long
    if counts.too_long:
        opened.defects.append("line_too_long")
    if reading.refused_count:
        opened.defects.append("bad_lines")
    if not reading.flow_count:
        opened.defects.append("no_flows")
    return reading


def _as_utf8(chunk: bytes) -> bytes:
    """Bytes that are no UTF-8 become U+FFFD: no address, number or time has any."""
    return chunk if chunk.isascii() else chunk.decode("utf-8", "replace").encode()


class _Splitter:
    """Takes lines out that are no flows: comments, headers (files may be joined), summaries."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._is_summary = False
        # nfdump ends with a table of its own; a header begins the flows of the next file.
        header = re.escape(form.delimiter.join(form.columns)) if form.columns else "(?!)"
        self._mark = re.compile(
            rb"^(?:\xef\xbb\xbf)?(#[^\n]*|Summary\r?|" + header.encode() + rb"\r?)(?:\n|\Z)",
            re.MULTILINE,
        )

    def parts(self, chunk: bytes) -> Iterator[tuple[Form, bytes]]:
        """The stretches of `chunk` between such lines, and how each is written."""
        start = 0
        for found in self._mark.finditer(chunk):
            if found.start() > start and not self._is_summary:
                yield self._form, chunk[start : found.start()]
            start = found.end()
            line = found[1]
            if line.startswith(b"#fields"):
                self._form = zeek(line.decode())
            elif not line.startswith(b"#"):
                self._is_summary = line.startswith(b"Summary")
        if start < len(chunk) and not self._is_summary:
            yield self._form, chunk[start:]


def _parse(form: Form, part: bytes) -> tuple[pa.Table, int]:
    """Columns of MAPPED as text, and the number of lines that are torn."""
    if not form.columns:
        return _parse_json(form, part)
    for quote in ('"', False) if form.delimiter != "\t" else (False,):
        refused = 0

        def refuse(_: Any) -> str:
            nonlocal refused
            refused += 1
            return "skip"

        try:
            read = arrow_csv.read_csv(
                io.BytesIO(part),
                arrow_csv.ReadOptions(
                    column_names=[f"c{n}" for n in range(len(form.columns))],
                    block_size=len(part) + 1,
                    use_threads=False,
                ),
                arrow_csv.ParseOptions(
                    delimiter=form.delimiter, quote_char=quote, invalid_row_handler=refuse
                ),
                arrow_csv.ConvertOptions(
                    column_types={f"c{n}": _TEXT for n in range(len(form.columns))},
                    strings_can_be_null=True,
                    null_values=_NOTHING,
                ),
            )
        except pa.ArrowInvalid:
            # An open quote swallows lines: read them as they stand.
            continue
        columns: dict[str, pa.ChunkedArray] = {}
        for number, column in enumerate(form.columns):
            name = form.field_of(column)
            if name is not None:
                columns.setdefault(name, read.column(number))
        return _complete(columns, read.num_rows), refused
    return _complete({}, 0), part.count(b"\n") or 1


def _parse_json(form: Form, part: bytes) -> tuple[pa.Table, int]:
    rows: list[dict[str, str | None]] = []
    refused = 0
    for line in part.split(b"\n"):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, dict):
            refused += 1
            continue
        rows.append({name: _text(values.get(key)) for key, name in form.mapping.items()})
    columns = {name: pa.array([row[name] for row in rows], _TEXT) for name in form.mapping.values()}
    return _complete(columns, len(rows)), refused


def _text(value: object) -> str | None:
    if isinstance(value, str):
        # A lone half of a surrogate pair is no text.
        return value.encode("utf-8", "replace").decode()
    return str(value) if isinstance(value, (int, float)) else None


def _complete(columns: Mapping[str, Any], rows: int) -> pa.Table:
    return pa.table({name: columns.get(name, pa.nulls(rows, _TEXT)) for name in MAPPED})
