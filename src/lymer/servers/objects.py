"""Objects (names with values) into sheets: those that have much the same names make one."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from lymer.servers.listing import ListedRows, are_recipients
from lymer.servers.sheets import Reading, Sheet

# So many are looked at before sheets are made of them.
_LOOK = 1_000
_LOOK_CHARS = 8 << 20
# Two sets of names are of one sheet when so many of all their names are in both: what is not
# there yet (an end, a price) is often left out.
_ALIKE_SHARE = 0.6

Home = Sheet | ListedRows
Shape = tuple[str, ...]
Row = Mapping[str, str | None]


class Objects:
    """Objects on their way to sheets, by what they are called (empty: nothing calls them)."""

    def __init__(self, reading: Reading, form: str) -> None:
        self._reading = reading
        self._form = form
        self._waiting: list[tuple[str, int, Row]] = []
        self._chars = 0
        self._homes: dict[tuple[str, Shape], tuple[Home, Shape]] = {}
        self._sheets: list[Home] = []
        self._is_learned = False

    @property
    def most_rows(self) -> int:
        """Of one sheet."""
        return max((sheet.count for sheet in self._sheets), default=0)

    def add(self, called: str, position: int, row: Row) -> None:
        """One object."""
        if not row:
            return
        if not self._is_learned:
            self._waiting.append((called, position, row))
            self._chars += sum(len(value) for value in row.values() if value)
            if len(self._waiting) >= _LOOK or self._chars >= _LOOK_CHARS:
                self._learn()
            return
        self._put(called, position, row)

    def close(self, why: str) -> None:
        """No more of them."""
        if not self._is_learned:
            self._learn()
        for sheet in self._sheets:
            sheet.close(why)

    def _learn(self) -> None:
        """Put like shapes together, the commonest first."""
        self._is_learned = True
        counts: dict[str, Counter[Shape]] = defaultdict(Counter)
        for called, _, row in self._waiting:
            counts[called][tuple(row)] += 1
        for called, shapes in counts.items():
            unions: list[tuple[dict[str, None], list[Shape]]] = []
            for shape, _ in sorted(shapes.items(), key=lambda one: (-one[1], one[0])):
                names = set(shape)
                for union, members in unions:
                    both = len(names & union.keys())
                    if both >= _ALIKE_SHARE * len(names | union.keys()):
                        union.update(dict.fromkeys(shape))
                        members.append(shape)
                        break
                else:
                    unions.append((dict.fromkeys(shape), [shape]))
            for union, members in unions:
                some = [
                    [row.get(name) for name in union]
                    for of, _, row in self._waiting
                    if of == called and row.keys() <= union.keys()
                ]
                found = self._open(called, tuple(union), are_listed=are_recipients(some))
                if found is not None:
                    self._homes |= {(called, shape): found for shape in members}
        for called, position, row in self._waiting:
            self._put(called, position, row)
        self._waiting = []

    def _fitting(self, called: str, shape: Shape) -> tuple[Home, Shape] | None:
        """A sheet that has a column for all of it, and not many more."""
        for (other, _), (sheet, names) in self._homes.items():
            is_near = other == called and len(shape) >= _ALIKE_SHARE * len(names)
            if is_near and set(shape) <= set(names):
                return sheet, names
        return None

    def _open(
        self, called: str, names: Shape, *, are_listed: bool = False
    ) -> tuple[Home, Shape] | None:
        limits = self._reading.limits
        if len(self._sheets) >= limits.sheets:
            self._reading.note("too_many_tables")
            return None
        if len(names) > limits.columns:
            self._reading.note("too_many_columns")
            names = names[: limits.columns]
        name = called or f"objects {len(self._sheets) + 1}"
        sheet: Home = (
            ListedRows(self._reading.listing)
            if are_listed
            else Sheet(self._reading, name, self._form, list(names))
        )
        self._sheets.append(sheet)
        return sheet, names

    def _put(self, called: str, position: int, row: Row) -> None:
        shape = tuple(row)
        home = self._homes.get((called, shape)) or self._fitting(called, shape)
        home = home or self._open(called, shape)
        if home is not None:
            if len(self._homes) < self._reading.limits.sheets:
                self._homes[called, shape] = home
            sheet, names = home
            sheet.add(position, [row.get(name) for name in names])
