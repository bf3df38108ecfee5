"""Delimited text (CSV, tab, pipe ...) and JSON, without knowing which columns there are."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lymer.servers.values import ADDRESS, HOST, parse_count, parse_ip, parse_money, parse_time

_DELIMITERS = "\t|;,:"
_LOOK = 400
# So many of the lines must have the same number of fields.
_AGREE_SHARE = 0.97
# And so many of the fields must be one value each, not a piece of a sentence.
_ATOMIC_SHARE = 0.75


@dataclass(frozen=True)
class Delimited:
    """How a table is written."""

    delimiter: str
    columns: tuple[str, ...]
    has_header: bool


def learn_delimited(lines: Sequence[str]) -> Delimited | None:
    """How `lines` are delimited, or None where they are not."""
    shown = [line for line in lines[:_LOOK] if line.strip() and not line.startswith("#")]
    if len(shown) < 2:
        return None
    for delimiter in _DELIMITERS:
        rows = [split(line, delimiter) for line in shown]
        width = Counter(map(len, rows)).most_common(1)[0][0]
        least = 3 if delimiter in ",:" else 2
        fitting = [row for row in rows if len(row) == width]
        if width < least or len(fitting) < _AGREE_SHARE * len(rows):
            continue
        body = fitting[1:] or fitting
        atoms = [_is_atom(field) for row in body for field in row]
        by_column = [sum(_is_atom(row[n]) for row in body) >= 0.5 * len(body) for n in range(width)]
        if sum(atoms) < _ATOMIC_SHARE * len(atoms) or sum(by_column) < 0.6 * width:
            continue
        has_header = is_header(fitting[0], body)
        columns = _names(fitting[0]) if has_header else [f"c{n}" for n in range(1, width + 1)]
        return Delimited(delimiter, tuple(columns), has_header)
    return None


def split(line: str, delimiter: str) -> list[str]:
    """The fields of a line."""
    if '"' not in line:
        return [field.strip() for field in line.split(delimiter)]
    try:
        [fields] = csv.reader(io.StringIO(line), delimiter=delimiter, skipinitialspace=True)
    except (csv.Error, ValueError):
        return line.split(delimiter)
    return fields


def _is_atom(field: str) -> bool:
    """One value: a word or two, a number, a time."""
    return len(field.split()) <= 2 or parse_time(field) is not None


def _kind(field: str) -> str:
    if not field:
        return ""
    if parse_ip(field):
        return "ip"
    if parse_count(field) is not None:
        return "count"
    if parse_money(field) is not None:
        return "money"
    if parse_time(field) is not None:
        return "time"
    if ADDRESS.fullmatch(field):
        return "address"
    return "host" if HOST.fullmatch(field) else "text"


def is_header(first: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Words over columns of something else; each but once in its column."""
    if not all(first) or len(set(first)) < len(first):
        return False
    if any(_kind(name) not in ("text",) for name in first):
        return False
    if any(
        sum(_kind(row[n]) not in ("text", "") for row in body) > 0.5 * len(body)
        for n in range(len(first))
    ):
        return True
    return len(body) >= 5 and all(
        first[n] not in {row[n] for row in body} for n in range(len(first))
    ) and all(len(name.split()) == 1 for name in first)  # fmt: skip


def _names(first: Sequence[str]) -> list[str]:
    return [name.strip().lstrip("\ufeff") or f"c{n}" for n, name in enumerate(first, start=1)]


def delimited_rows(
    lines: Iterable[str], shape: Delimited
) -> Iterator[tuple[int, list[str | None]]]:
    """Rows with their line number; those of another width are padded or left out."""
    width = len(shape.columns)
    is_first = shape.has_header
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if is_first:
            is_first = False
            continue
        row = split(line, shape.delimiter)
        if abs(len(row) - width) > width // 2:
            continue
        yield number, [field or None for field in (row + [""] * width)[:width]]


def json_rows(text: str) -> list[dict[str, str | None]] | None:
    """The objects of a JSON text: a list of them, or one, or lists within one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    rows: list[dict[str, str | None]] = []
    _collect(found, rows, 0)
    return rows or None


def json_line(line: str) -> dict[str, str | None] | None:
    """The object on one line, flat."""
    if not line.startswith("{"):
        return None
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return _flat(found) if isinstance(found, dict) else None


def _collect(found: object, rows: list[dict[str, str | None]], depth: int) -> None:
    if depth > 4:
        return
    if isinstance(found, list):
        rows.extend(_flat(item) for item in found if isinstance(item, dict))
    elif isinstance(found, dict):
        inner = [value for value in found.values() if isinstance(value, list | dict)]
        if inner:
            for value in inner:
                _collect(value, rows, depth + 1)
        if not inner or not rows:
            rows.append(_flat(found))


def _flat(item: dict[str, object]) -> dict[str, str | None]:
    row: dict[str, str | None] = {}
    for key, value in item.items():
        value = _plain(value)
        if isinstance(value, dict):
            for inner, deep in value.items():
                row[f"{key}.{inner}"] = _written(_plain(deep))
        else:
            row[str(key)] = _written(value)
    return row


def _plain(value: object) -> object:
    """A value that a document store wrote with its type: `{"$date": ...}`."""
    if isinstance(value, dict) and len(value) == 1:
        [(kind, inner)] = value.items()
        if str(kind).startswith("$"):
            return inner
    return value


def _written(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (ValueError, RecursionError):
        return None
