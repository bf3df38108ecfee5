"""Key-value stores written out a key a line: `job:4101:owner=...`, each name a row and a field.

The middle of a key names a row, what is before it the table, what is after it the column.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lymer.servers.limits import ReadingLimits

_KEY = re.compile(r"\s*\"?(?P<key>[^\s=\"]{3,200})\"?(?:\s*=\s*|\s+)(?P<value>\S.*)")
_NAME = re.compile(r"[^\W\d][\w-]{0,60}")
_MARKS = ":/|."
# A store is no settings file: its tables repeat their columns from row to row.
_LEAST_SHARE = 0.6


@dataclass(frozen=True)
class Cell:
    """One line of a store."""

    table: str
    row: str
    column: str
    value: str


@dataclass
class Group:
    """A table of a store: its rows by name, in the order of their first lines."""

    columns: list[str] = field(default_factory=list)
    rows: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    first: dict[str, int] = field(default_factory=dict)
    """The line where a row begins, from 1."""


def read_cell(line: str) -> Cell | None:
    """The line as a cell, if its key has three parts."""
    found = _KEY.match(line)
    if found is None:
        return None
    for mark in _MARKS:
        table, _, rest = found["key"].partition(mark)
        row, _, column = rest.rpartition(mark)
        if not row or not _NAME.fullmatch(table) or not _NAME.fullmatch(column):
            continue
        # Settings have dots in their names too; there rows are not numbered.
        if mark == "." and not row.isdigit():
            continue
        return Cell(table, row, column, found["value"].strip().strip("\"'"))
    return None


def tells_keys(lines: Sequence[str]) -> int:
    """How many of `lines` are cells of tables with two rows and columns or more; 0: no store."""
    columns: dict[tuple[str, str], set[str]] = defaultdict(set)
    cells = [cell for line in lines if (cell := read_cell(line)) is not None]
    for cell in cells:
        columns[cell.table, cell.column].add(cell.row)
    shared: dict[str, int] = defaultdict(int)
    for (table, _), rows in columns.items():
        shared[table] += len(rows) > 1
    count = sum(shared[cell.table] > 1 for cell in cells)
    return count if count >= _LEAST_SHARE * len(lines) else 0


def group_cells(
    lines: Iterable[tuple[int, str]], limits: ReadingLimits, others: list[tuple[int, str]]
) -> tuple[dict[str, Group], bool]:
    """Tables by name, and whether all of it was held; lines that are no cells go to `others`."""
    groups: dict[str, Group] = {}
    left = limits.keyed_cells
    for number, line in lines:
        cell = read_cell(line)
        if cell is None:
            if len(others) < limits.columns:
                others.append((number, line))
            continue
        if left <= 0 or (cell.table not in groups and len(groups) >= limits.sheets):
            return groups, False
        left -= 1
        group = groups.setdefault(cell.table, Group())
        if cell.column not in group.columns:
            if len(group.columns) >= limits.columns - 1:
                continue
            group.columns.append(cell.column)
        group.first.setdefault(cell.row, number)
        group.rows[cell.row].setdefault(cell.column, cell.value)
    return groups, True
