"""Rows of cells, as spreadsheets have them, into a sheet; the row of names is found."""

from collections.abc import Sequence

from lymer.servers.delimited import is_header
from lymer.servers.listing import ListedRows, are_recipients
from lymer.servers.sheets import Reading, Sheet

# So many rows are looked at before the columns are known; a title may stand above their names.
_LOOK = 400
_LOOK_CHARS = 8 << 20
_TITLES = 10
# A row that names the columns names most of them.
_NAMED_SHARE = 0.6


class Grid:
    """Rows of one table on their way out."""

    def __init__(self, reading: Reading, name: str, form: str) -> None:
        self.count = 0
        self._reading = reading
        self._name = name
        self._form = form
        self._waiting: list[tuple[int, Sequence[str | None]]] = []
        self._chars = 0
        self._sheet: Sheet | ListedRows | None = None
        self._width = 0
        self._position = 0

    def add(self, values: Sequence[str | None]) -> bool:
        """The next row; false when there is no more room."""
        self._position += 1
        if len(values) > self._reading.limits.columns:
            self._reading.note("too_many_columns")
            values = values[: self._reading.limits.columns]
        if not any(values):
            return True
        self.count += 1
        if self._sheet is None:
            self._waiting.append((self._position, values))
            self._chars += sum(len(value) for value in values if value)
            if len(self._waiting) >= _LOOK or self._chars >= _LOOK_CHARS:
                self._learn()
            return True
        return self._put(self._sheet, self._position, values)

    def close(self, why: str) -> None:
        """No more rows."""
        if self._waiting:
            self._learn()
        if self._sheet is not None:
            self._sheet.close(why)

    def _learn(self) -> None:
        rows = self._waiting
        self._waiting = []
        self._width = max(_filled(values) for _, values in rows)
        at = self._header([values for _, values in rows])
        names = [f"c{n}" for n in range(1, self._width + 1)]
        if at is not None:
            names = [
                (value or "").strip() or name
                for value, name in zip(_padded(rows[at][1], self._width), names, strict=True)
            ]
            for position, values in rows[:at]:
                for value in values:
                    self._reading.entities.scan(value or "", position, self._name[:80])
            rows = rows[at + 1 :]
        self._sheet = (
            ListedRows(self._reading.listing)
            if are_recipients([_padded(values, self._width) for _, values in rows])
            else Sheet(self._reading, self._name, self._form, names)
        )
        for position, values in rows:
            self._put(self._sheet, position, values)

    def _header(self, rows: list[Sequence[str | None]]) -> int | None:
        """Which of the first rows names the columns."""
        for at, row in enumerate(rows[: min(_TITLES, len(rows) - 1)]):
            named = [n for n, value in enumerate(row) if value]
            if len(named) < max(2, _NAMED_SHARE * self._width):
                continue
            first = [(row[n] or "").strip() for n in named]
            body = [[_at(other, n) for n in named] for other in rows[at + 1 :]]
            return at if is_header(first, body) else None
        return None

    def _put(self, sheet: Sheet | ListedRows, position: int, values: Sequence[str | None]) -> bool:
        return sheet.add(position, _padded(values, self._width))


def _filled(values: Sequence[str | None]) -> int:
    return max((n for n, value in enumerate(values, start=1) if value), default=0)


def _padded(values: Sequence[str | None], width: int) -> list[str | None]:
    return [value or None for value in (*values, *[None] * width)][:width]


def _at(row: Sequence[str | None], place: int) -> str:
    return (row[place] or "") if place < len(row) else ""
